"""A new file out of pieces: what an older version here already holds is not fetched again.

The list of chunks comes unsigned. It only says where to look: each chunk that is taken from disk
or from the hub is checked by its digest, and the whole file by the signed one afterwards.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from sharing.recipe import Chunk, spans

Fetch = Callable[[int, int], Iterator[bytes]]  # from which byte, up to which


class Donor(NamedTuple):
    """A file of this PC and the chunks that it is made of."""

    file: Path
    chunks: Sequence[Chunk]


def assemble(part: Path, chunks: Sequence[Chunk], donors: Iterable[Donor], fetch: Fetch) -> None:
    """Fill `part` with these chunks, and fetch no more of them than is lacking.

    What an earlier try has written stays. Raises what `fetch` raises; every whole chunk that came
    before is kept.
    """
    part.touch()
    with part.open("r+b") as file:
        lacking = [chunk for chunk in chunks if not _holds(file, chunk)]
        _copy(file, lacking, donors)
        here = {chunk.sha256 for chunk in lacking if _holds(file, chunk)}
        for start, stop in spans(lacking, here):
            file.seek(start)
            for data in fetch(start, stop):
                file.write(data)


def _copy(file: BinaryIO, lacking: Iterable[Chunk], donors: Iterable[Donor]) -> None:
    places: dict[str, list[Chunk]] = {}
    for chunk in lacking:
        places.setdefault(chunk.sha256, []).append(chunk)
    for donor in donors:
        if not places or not donor.file.is_file():
            continue
        with donor.file.open("rb") as source:
            for chunk in donor.chunks:
                if chunk.sha256 in places and _holds(source, chunk):
                    data = _at(source, chunk)
                    for place in places.pop(chunk.sha256):
                        file.seek(place.start)
                        file.write(data)


def _at(file: BinaryIO, chunk: Chunk) -> bytes:
    file.seek(chunk.start)
    return file.read(chunk.length)


def _holds(file: BinaryIO, chunk: Chunk) -> bool:
    return hashlib.sha256(_at(file, chunk)).hexdigest() == chunk.sha256
