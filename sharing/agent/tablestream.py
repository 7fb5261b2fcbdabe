"""A CSV of any length, read a piece at a time: memory stays as it is, however long the file."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from sharing.agent.errors import (
    ColumnTwice,
    FileEmpty,
    FileNotReadable,
    FileNotText,
    FileTooLarge,
)

MOST_BYTES = 2**30
_BLOCK = 2**20
_ENCODINGS = ("utf-8-sig", "cp949")
Row = list[str]


class Table(NamedTuple):
    """An opened file: the names of its columns, what divides its cells, and its rows to come."""

    header: list[str]
    delimiter: str
    rows: Iterator[Row]

    def pieces(self, size: int) -> Iterator[list[Row]]:
        """The rows that hold anything, `size` at a time. Raises FileNotReadable."""
        filled = (row for row in self.rows if any(cell.strip() for cell in row))
        while piece := list(islice(filled, size)):
            yield piece


@contextmanager
def opened(file: Path, most_bytes: int = MOST_BYTES) -> Iterator[Table]:
    """The table in a file.

    Raises FileTooLarge, FileNotText, FileNotReadable, FileEmpty, and OSError where another program
    holds the file.
    """
    size = file.stat().st_size
    if size > most_bytes:
        raise FileTooLarge(
            file=file.name, megabytes=-(-size // 2**20), most=max(1, most_bytes // 2**20)
        )
    with file.open(encoding=_encoding(file), newline="") as text:
        first = next((line for line in _lines(text) if line.strip()), "")
        delimiter = max(",;\t", key=first.count)
        rows = _readable(csv.reader(_again(first, text), delimiter=delimiter), file.name)
        header = [name.strip() for name in next(rows, [])]
        if not any(header):
            raise FileEmpty(file=file.name)
        yield Table(header, delimiter, rows)


def places(table: Table, wanted: Sequence[str], file: str) -> list[int] | None:
    """Where the wanted columns stand; None if one is missing. Raises ColumnTwice.

    >>> places(Table(["b", "x", "a"], ",", iter(())), ["a", "b"], "f.csv")
    [2, 0]
    """
    counts = Counter(table.header)
    for name in wanted:
        if counts[name] > 1:
            raise ColumnTwice(file=file, column=name)
    if not all(counts[name] for name in wanted):
        return None
    return [table.header.index(name) for name in wanted]


def _encoding(file: Path) -> str:
    for encoding in _ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with file.open("rb") as content:
                while block := content.read(_BLOCK):
                    if b"\0" in block:
                        raise FileNotText(file=file.name)
                    decoder.decode(block)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise FileNotReadable(file=file.name, why="UTF-8 / CP949")


def _lines(text: Any) -> Iterator[str]:
    # A first "line" without an end would be the whole file.
    while line := text.readline(_BLOCK):
        yield line


def _again(first: str, text: Any) -> Iterator[str]:
    yield first
    yield from _lines(text)


def _readable(rows: Iterator[Row], file: str) -> Iterator[Row]:
    try:
        yield from rows
    except (csv.Error, UnicodeDecodeError) as error:
        raise FileNotReadable(file=file, why=error) from error
