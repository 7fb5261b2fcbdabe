"""Which of many firms are worth comparing: those whose names share rare pieces. Pure.

A name becomes pieces: how its distinctive word sounds, by itself and with its region; the same
with its trade, and with each letter left out (two words one slip apart share one of these); of a
longer word each four letters in a row. A piece that few firms share says much (inverse document
frequency), one that very many share says nothing and is left out. The nearest firms of each are
then a sparse matrix times its transpose, in blocks of rows, so that memory stays bounded.
"""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from scipy import sparse

from supplychain.names import Named, Pair, Read, Reading, read

_MOST = 12  # nearest firms that are looked at for each firm
_LEAST = 0.05  # cosine below which names have nothing to do with each other
_COMMON = 1000  # a piece of more firms than this says nothing
_SURE, _SURELY = "=#@/", 4  # pieces that say enough by themselves, and how much more they weigh
_WORK = 2_000_000  # pieces met at a time: a block of rows takes some 100 MB at most
_WORD = 9  # letters, up to which a word is taken as one; a longer one in fours
_SHORT = 6  # letters of a word that, with a slip, says something only together with its trade
_GRAM = 4


def near_pairs(reads: Sequence[Read], of: Collection[int] | None = None) -> list[tuple[int, int]]:
    """Pairs of positions, each once and in order; `of`: only those with one of these firms."""
    index = Index(reads)
    rows = np.array(
        [at for at, one in enumerate(reads) if of is None or one.firm.id in of], dtype=np.int64
    )
    found = [index.pairs(some) for some in index.blocks(rows)]
    if not found:
        return []
    low, high = np.concatenate(found, axis=1)
    both = np.unique(np.minimum(low, high) * len(reads) + np.maximum(low, high))
    return [(int(low), int(high)) for low, high in zip(*np.divmod(both, len(reads)), strict=True)]


def candidates(firms: Sequence[Named], of: Collection[int] | None = None) -> list[Pair]:
    """Pairs that may be one firm, each once, in order of ids.

    `of`: only pairs with one of these firms, as those that a sheet has just brought.

    >>> candidates([Named(7, "한빛정밀"), Named(4, "Hanvit Jungmil"), Named(5, "대성산업")])
    [Pair(low=4, high=7)]
    """
    pairs = near_pairs([read(firm) for firm in firms], of)
    ids = [firm.id for firm in firms]
    return sorted(Pair(*sorted((ids[a], ids[b]))) for a, b in pairs)


class Index:
    """Firms as rows of weighted pieces."""

    def __init__(self, reads: Sequence[Read]) -> None:
        self._columns: dict[str, int] = {}
        counts = [self._numbered(one) for one in reads]
        ends = np.cumsum([0, *map(len, counts)])
        columns = np.fromiter((c for each in counts for c in each), dtype=np.int32, count=ends[-1])
        shared = np.bincount(columns, minlength=len(self._columns))
        self._weights = np.log(1 + len(reads) / np.maximum(shared, 1)).astype(np.float32)
        self._weights[shared > _COMMON] = 0
        self._sure = np.array([_SURELY if piece[0] in _SURE else 1 for piece in self._columns])
        weights = self._weights[columns]
        lengths = np.sqrt(np.bincount(np.repeat(np.arange(len(reads)), np.diff(ends)), weights**2))
        data = weights * self._sure[columns] / np.repeat(np.maximum(lengths, 1e-9), np.diff(ends))
        shape = (len(reads), len(self._columns))
        self._matrix = sparse.csr_array((data.astype(np.float32), columns, ends), shape=shape)
        self._matrix.eliminate_zeros()
        self._transposed = self._matrix.T.tocsr()

    def _numbered(self, one: Read) -> list[int]:
        columns = self._columns
        return [columns.setdefault(piece, len(columns)) for piece in pieces(one)]

    def nearest(self, one: Read) -> Iterator[int]:
        """Positions of the nearest firms; the one asked for need not be among the indexed ones."""
        columns = sorted(self._columns[each] for each in pieces(one) if each in self._columns)
        weights = self._weights[columns]
        data = weights * self._sure[columns] / (float(np.linalg.norm(weights)) or 1.0)
        row = sparse.csr_array((data, columns, [0, len(columns)]), shape=(1, len(self._weights)))
        product = (row @ self._transposed).tocoo()
        order = np.lexsort((product.col, -product.data))[: _MOST + 1]
        return (int(product.col[at]) for at in order if product.data[at] >= _LEAST)

    def blocks(self, rows: np.ndarray) -> Iterator[np.ndarray]:
        """Rows in blocks whose products are about equally large, whatever the firms share."""
        shared = np.diff(self._transposed.indptr)
        met = np.concatenate(([0], np.cumsum(shared[self._matrix.indices])))
        ends = self._matrix.indptr
        block = np.cumsum((met[ends[1:]] - met[ends[:-1]])[rows]) // _WORK
        yield from np.split(rows, np.flatnonzero(np.diff(block)) + 1) if len(rows) else ()

    def pairs(self, rows: np.ndarray) -> np.ndarray:
        """Two rows of positions: each firm with the nearest others."""
        product = (self._matrix[rows] @ self._transposed).tocoo()
        ones, others, nearness = rows[product.row], product.col, product.data
        kept = (nearness >= _LEAST) & (ones != others)
        ones, others, nearness = ones[kept], others[kept], nearness[kept]
        order = np.lexsort((others, -nearness, ones))
        ones, others = ones[order], others[order]
        rank = np.arange(len(ones)) - np.searchsorted(ones, ones)
        return np.stack((ones, others))[:, rank < _MOST]


def pieces(one: Read) -> list[str]:
    """What an index knows of a firm, each piece once."""
    found = [
        piece for reading in one.readings if reading for piece in _of_name(reading, one.firm.region)
    ]
    found.append(f"={one.key}")
    if one.firm.brn:
        found.append(f"#{one.firm.brn}")
    if phone := "".join(filter(str.isdecimal, one.firm.phone)):
        found.append(f"@{phone[-8:]}")
    if address := "".join(filter(str.isalnum, one.firm.address.casefold())):
        found.append(f"/{address}")
    return list(dict.fromkeys(found))


def _of_name(reading: Reading, region: str) -> Iterator[str]:
    meanings = [meaning for trade in reading.trades for meaning in sorted(trade)]
    for sound in reading.sounds:
        yield f"^{sound}"
        if region:
            yield f"{sound}|{region}"
        slips = [sound[:at] + sound[at + 1 :] for at in range(len(sound))]
        words = [sound, *slips] if len(sound) <= _WORD else [sound]
        yield from (f"{word}|{meaning}" for word in words for meaning in meanings)
        if not meanings or len(sound) > _SHORT:
            yield from (f"^{slip}" for slip in slips)
        if len(sound) > _WORD - 2:
            framed = f"<{sound}>"
            for at in range(len(framed) - _GRAM + 1):
                yield framed[at : at + _GRAM]
