"""A file as a list of chunks: which of them are lacking, and where they lie. Pure; for agents, too.

Chunks are cut by content (FastCDC: Xia et al., USENIX ATC 2016), so that two versions of a model
share every chunk in which they do not differ. A recipe is no promise: whoever puts a file together
checks each chunk by its digest and the whole by the digest that was signed.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

LEAST, USUAL, MOST = 16 * 1024, 64 * 1024, 256 * 1024  # bytes of a chunk
_LINE = re.compile(r"([0-9a-f]{64}) ([1-9][0-9]{0,6})")
_LINE_BYTES = 72


class RecipeInvalid(ValueError):
    """What was read is no recipe of a file of that length."""


class Chunk(NamedTuple):
    """Digest (SHA-256, hexadecimal), length in bytes, and where in the file it begins."""

    sha256: str
    length: int
    start: int

    @property
    def stop(self) -> int:
        """Where the next one begins."""
        return self.start + self.length


def written(chunks: Iterable[Chunk]) -> bytes:
    """A recipe as text: a line of digest and length for each chunk, in order."""
    return b"".join(f"{chunk.sha256} {chunk.length}\n".encode() for chunk in chunks)


def read(text: bytes, length: int) -> list[Chunk]:
    """The chunks of a file of that length. Raises RecipeInvalid.

    >>> two = [Chunk("ab" * 32, 5, 0), Chunk("cd" * 32, 7, 5)]
    >>> read(written(two), 12) == two
    True
    >>> read(b"", 0)
    []
    """
    chunks, start = [], 0
    for line in text.decode("ascii", "replace").splitlines():
        found = _LINE.fullmatch(line)
        if found is None or int(found[2]) > MOST:
            raise RecipeInvalid
        chunks.append(Chunk(found[1], int(found[2]), start))
        start += int(found[2])
    if start != length:
        raise RecipeInvalid
    return chunks


def longest(length: int) -> int:
    """How long the recipe of a file of that length can be, in bytes.

    >>> longest(16 * 1024), longest(16 * 1024 + 1)
    (144, 144)
    """
    return (length // LEAST + 1) * _LINE_BYTES


def spans(chunks: Iterable[Chunk], here: Collection[str]) -> Iterator[tuple[int, int]]:
    """What to ask for: from and up to which byte, neighbours in one go. `here` are digests.

    >>> a, b, c = Chunk("a", 10, 0), Chunk("b", 20, 10), Chunk("c", 5, 30)
    >>> list(spans([a, b, c], {"b"})), list(spans([a, b, c], ()))
    ([(0, 10), (30, 35)], [(0, 35)])
    """
    begin = end = 0
    for chunk in chunks:
        if chunk.sha256 in here:
            continue
        if end != chunk.start:
            if end > begin:
                yield begin, end
            begin = chunk.start
        end = chunk.stop
    if end > begin:
        yield begin, end
