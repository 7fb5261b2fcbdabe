"""What is known of many firms, in a file: one firm a line. Pure: lines in, facts or faults out."""

import csv
import itertools
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from supplychain.cells import plain
from supplychain.errors import DomainError
from supplychain.faults import AtLine, Faults
from supplychain.risk.errors import (
    FactColumnsMissing,
    FactInvalid,
    FactOfNobody,
    FactsInvalid,
    FactsTooMany,
)
from supplychain.risk.facts import KINDS, LIMITS

COLUMNS = ("firm", "name", *KINDS)
_NUMBER = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")  # 3,5 is 3.5 to some, and 35 to others
_LARGEST = 20_000  # lines


class FactLine(NamedTuple):
    """A number that a line tells of a firm; `firm` as the line calls it."""

    line: int
    firm: str
    kind: str
    value: float


def read_facts(lines: Iterable[str]) -> list[FactLine]:
    """Numbers of columns ttr_days, stock_days, capacity and margin; empty cells say nothing.

    Raises FactsInvalid with every line that cannot be used.

    >>> read_facts(["firm,ttr_days,capacity", "12,56,", "Acme,,150 %"])[1]
    FactLine(line=3, firm='Acme', kind='capacity', value=150.0)
    """
    rows = iter(lines)
    first = next(rows, "").lstrip("\ufeff")
    dialect = ";" if first.count(";") > first.count(",") else "\t" if "\t" in first else ","
    reader = csv.DictReader(itertools.chain([first.lower()], rows), delimiter=dialect)
    header = [(name or "").strip() for name in reader.fieldnames or ()]
    reader.fieldnames = header
    if "firm" not in header or not set(KINDS) & set(header):
        raise _refused([AtLine(line=1, fault=FactColumnsMissing(columns=", ".join(KINDS)))])
    found: list[FactLine] = []
    faults: list[DomainError] = []
    for number, row in enumerate(reader, 2):
        if number > _LARGEST:
            raise _refused([AtLine(line=number, fault=FactsTooMany(most=_LARGEST))])
        _read(number, row, found, faults)
    if faults:
        raise _refused(faults)
    return found


def _refused(faults: Iterable[DomainError]) -> FactsInvalid:
    return FactsInvalid(faults=Faults.of(faults))


def _read(
    number: int, row: Mapping[str | None, object], found: list[FactLine], faults: list[DomainError]
) -> None:
    firm = str(row.get("firm") or "").strip()
    for kind in KINDS:
        text = str(row.get(kind) or "").strip()
        if not text:
            continue
        value = amount(text, kind)
        if value is None:
            faults.append(AtLine(line=number, fault=FactInvalid(kind=kind, value=text)))
        elif not firm:
            faults.append(AtLine(line=number, fault=FactOfNobody(kind=kind, value=text)))
        else:
            found.append(FactLine(number, firm, kind, value))


def amount(text: str, kind: str) -> float | None:
    """A number of a kind as people write it; None where it cannot be one.

    >>> amount("28일", "ttr_days"), amount("1,200,000", "margin"), amount("80", "capacity")
    (28.0, 1200000.0, None)
    """
    bare = text.strip().removesuffix("%").removesuffix("일").removesuffix("원").strip()
    if not _NUMBER.fullmatch(bare):
        return None
    value = float(bare.replace(",", ""))
    low, high = LIMITS[kind]
    return value if low <= value <= high else None


def firms_called(names: Mapping[int, tuple[str, str | None]]) -> dict[str, int | None]:
    """What firms may be called in such a file → their number; None where it means several.

    `names`: number → (name, registration number).

    >>> firms_called({7: ("Acme", "1248100998"), 8: ("Acme", None)})["acme"] is None
    True
    """
    found: dict[str, int | None] = {}
    for number, (name, brn) in names.items():
        for called in {plain(name), brn or ""} - {""}:
            found[called] = None if called in found else number
    return found | {str(number): number for number in names}
