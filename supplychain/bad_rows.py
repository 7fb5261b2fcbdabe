"""The rows that could not be taken in, as a sheet to mend and send again. Pure.

Beside each column with a fault stands one with the reason. Headings that begin with a warning
sign (supplychain.headings.REASON) are passed over when the sheet comes back.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from supplychain.headings import REASON, Heading
from supplychain.sheet import Table

Reasons = Mapping[int, Mapping[str, list[str]]]


@dataclass(frozen=True)
class BadRows:
    """Header and rows for supplychain.export; `marked` are the columns of reasons."""

    header: list[str]
    rows: Callable[[], Iterator[list[str]]]
    marked: list[int]


def bad_rows(table: Table, heading: Heading, reasons: Reasons, words: tuple[str, str]) -> BadRows:
    """The rows that have reasons, by their number and column; `words` for "row" and "reason".

    >>> table = Table([["Name", "Share"], ["Acme", "x"], ["Bolt", "3"]], 3, "csv")
    >>> heading = Heading(0, 1, ["Name", "Share"], [["Name"], ["Share"]])
    >>> bad = bad_rows(table, heading, {2: {"Share": ["No number."]}}, ("row", "why"))
    >>> bad.header, list(bad.rows())
    (['⚠ row', 'Name', 'Share', '⚠ why: Share'], [['2', 'Acme', 'x', 'No number.']])
    """
    named = {column for columns in reasons.values() for column in columns}
    places: list[tuple[int, str]] = []  # (column of the table, "" or the name to give reasons for)
    header, marked = [f"{REASON} {words[0]}"], [0]
    for place, name in enumerate(heading.names):
        if not name:
            continue
        places.append((place, ""))
        header.append(name)
        if name in named:
            places.append((place, name))
            marked.append(len(header))
            header.append(f"{REASON} {words[1]}: {name}")

    def rows() -> Iterator[list[str]]:
        for number, values in enumerate(table.rows, start=1):
            if number in reasons:
                yield [str(number), *_cells(values, places, reasons[number])]

    return BadRows(header, rows, marked)


def _cells(
    values: list[str], places: Iterable[tuple[int, str]], why: Mapping[str, list[str]]
) -> Iterator[str]:
    for place, name in places:
        if name:
            yield " ".join(why.get(name, ()))
        else:
            yield values[place] if place < len(values) else ""
