"""CSV files as plants have them: UTF-8 or CP949, comma, semicolon or tab, a header."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sharing.agent.errors import FileEmpty, FileNotReadable, FileNotText

MOST_BYTES = 64 * 1024 * 1024


def columns_of(file: Path) -> dict[str, list[str]]:
    """The columns by name; raises FileNotReadable, FileNotText, FileEmpty."""
    text = _text(file)
    reader = csv.reader(io.StringIO(text), _dialect(text))
    try:
        header = [name.strip() for name in next(reader)]
        rows = [row for row in reader if any(cell.strip() for cell in row)]
    except StopIteration as error:
        raise FileEmpty(file=file.name) from error
    except csv.Error as error:
        raise FileNotReadable(file=file.name, why=error) from error
    if not rows:
        raise FileEmpty(file=file.name)
    width = len(header)
    return {
        name: [(row + [""] * width)[at] for row in rows] for at, name in enumerate(header) if name
    }


def write_columns(columns: dict[str, Sequence[Any]], place: Any) -> None:
    """Write columns of one length as CSV."""
    writer = csv.writer(place, lineterminator="\n")
    writer.writerow(columns)
    rows: Iterable[tuple[Any, ...]] = zip(*columns.values(), strict=True)
    writer.writerows(rows)


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise FileNotReadable(file=file.name, why=f"> {MOST_BYTES // 2**20} MB")
        content = file.read_bytes()
    except OSError as error:
        raise FileNotReadable(file=file.name, why=error.strerror or error) from error
    if b"\0" in content:
        raise FileNotText(file=file.name)
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileNotReadable(file=file.name, why="UTF-8 / CP949")


def _dialect(text: str) -> Any:
    first = text.splitlines()[0] if text.strip() else ""
    counts = {mark: first.count(mark) for mark in ",;\t"}

    class Dialect(csv.excel):
        delimiter = max(counts, key=lambda mark: counts[mark])

    return Dialect
