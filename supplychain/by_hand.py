"""A firm as a person tells it in a form: values, or what is wrong with each of them. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from supplychain import cells
from supplychain.addresses import address
from supplychain.errors import CountryUnknown, SupplyChainError
from supplychain.identify import industry_code, registration_number

T = TypeVar("T")
ITEM_LIMIT = 200


@dataclass(frozen=True)
class ToldFirm:
    """What was told of a firm. Empty: not told."""

    name: str
    brn: str | None = None
    country: str = "KR"
    region: str = ""
    process: str = ""
    employees: int | None = None
    sector: str = ""
    sector_revision: int | None = None
    email: str = ""
    contact: str = ""


@dataclass(frozen=True)
class ToldSupplier:
    """A supplier, what it delivers, and the part of the buyer's purchases of it in per cent."""

    firm: ToldFirm
    item: str = ""
    share: float | None = None


Faults = dict[str, SupplyChainError]


def read_firm(values: Mapping[str, str]) -> tuple[ToldFirm, Faults]:
    """A firm from the fields of a form, and every fault by its field.

    >>> told, faults = read_firm({"name": " 한빛 정밀", "brn": "124-81-00990", "employees": "12명"})
    >>> told.name, told.employees, {field: str(fault) for field, fault in faults.items()}
    ('한빛 정밀', 12, {'brn': 'The check digit is wrong: the number would have to end in 8. Check the digits.'})
    """  # noqa: E501 - one line is what the example prints
    form = _Form(values)
    nothing: tuple[str, int | None] = ("", None)
    sector, revision = form.read("sector", industry_code, nothing)
    told = ToldFirm(
        name=form.read("name", cells.name, "", always=True),
        brn=form.read("brn", registration_number, None),
        country=form.read("country", _country, "KR"),
        region=form.read("region", cells.region, ""),
        process=form.read("process", cells.process, ""),
        employees=form.read("employees", cells.count, None),
        sector=sector,
        sector_revision=revision,
        email=form.read("email", address, ""),
        contact=" ".join(values.get("contact", "").split())[:100],
    )
    return told, form.faults


def read_supplier(values: Mapping[str, str]) -> tuple[ToldSupplier, Faults]:
    """A supplier from the fields of a form, and every fault by its field."""
    firm, faults = read_firm(values)
    form = _Form(values)
    share = form.read("share", cells.share, None)
    item = " ".join(values.get("item", "").split())[:ITEM_LIMIT]
    return ToldSupplier(firm, item, share), faults | form.faults


class _Form:
    """Reads one field after the other, and goes on after a fault."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.faults: Faults = {}

    def read(self, field: str, reader: Callable[[str], T], empty: T, *, always: bool = False) -> T:
        text = self.values.get(field, "").strip()
        if not text and not always:
            return empty
        try:
            return reader(text)
        except SupplyChainError as error:
            self.faults[field] = error
            return empty


def _country(text: str) -> str:
    code = text.upper()
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise CountryUnknown
    return code
