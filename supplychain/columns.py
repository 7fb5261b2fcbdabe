"""Which column holds what: a layout, as it was guessed, chosen by hand or written down. Pure.

A layout names columns, never positions, so that a column that moves is still found. One row may
declare several links (maker → trader → lead firm); each is written as one entry of `links`.
How a layout is guessed: supplychain.guessing; where the names of columns come from:
supplychain.headings.
"""

from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from supplychain.errors import ColumnsMissing, MappingInvalid

_SHOWN = 12


class Given(BaseModel):
    """What does not stand in the sheet, and holds for every row."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    country: str = Field("", max_length=2)
    region: str = ""
    process: str = ""


class PartyColumns(BaseModel):
    """The columns that describe one firm. `given` fills in for columns that are not there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    brn: str | None = None
    country: str | None = None
    region: str | None = None
    process: str | None = None
    employees: str | None = None
    level: str | None = None
    sector: str | None = None
    lei: str | None = None
    duns: str | None = None
    corporate: str | None = None
    contact: str | None = None
    email: str | None = None
    given: Given | None = None


class LinkColumns(BaseModel):
    """The columns of one link; the buyer may be the lead firm itself.

    `share_as` says whether a bare 0.3 is 0.3 per cent or the fraction that is 30 per cent. Where
    nobody has said it and the values leave it open, shares are left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    supplier: PartyColumns
    buyer: PartyColumns | Literal["lead"] = "lead"
    item: str | None = None
    share: str | None = None
    share_as: Literal["percent", "fraction"] | None = None


class Layout(BaseModel):
    """Where everything stands. `empty` lists words that mean an empty cell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    links: list[LinkColumns] = Field(min_length=1)
    empty: list[str] = []

    @property
    def plain(self) -> bool:
        """Whether it is one that a page can show: one link, and nothing given."""
        link = self.links[0]
        parties = [link.supplier] + ([] if link.buyer == "lead" else [link.buyer])
        return len(self.links) == 1 and not self.empty and all(not each.given for each in parties)

    def renamed(self, names: dict[str, str]) -> "Layout":
        """The same for columns that are called otherwise."""

        def party(columns: PartyColumns) -> PartyColumns:
            told = {key: value for key, value in columns if key != "given" and value}
            return columns.model_copy(
                update={key: names.get(value, value) for key, value in told.items()}
            )

        links = [
            link.model_copy(
                update={
                    "supplier": party(link.supplier),
                    "buyer": "lead" if link.buyer == "lead" else party(link.buyer),
                    "item": names.get(link.item or "", link.item),
                    "share": names.get(link.share or "", link.share),
                }
            )
            for link in self.links
        ]
        return self.model_copy(update={"links": links})

    def columns(self) -> list[str]:
        """Every column that is named, once, in order."""
        named: list[str] = []
        for link in self.links:
            parties = [link.supplier] + ([] if link.buyer == "lead" else [link.buyer])
            for party in parties:
                named += [value for key, value in party if key != "given" and value]
            named += [value for value in (link.item, link.share) if value]
        return list(dict.fromkeys(named))


_PARTY = tuple(name for name in PartyColumns.model_fields if name != "given")
FIELDS = (
    *(f"supplier.{name}" for name in _PARTY),
    "buyer.name",
    "buyer.brn",
    "link.item",
    "link.share",
)


def read_mapping(text: str) -> Layout:
    """The layout that a mapping file (YAML or JSON) asks for; raises MappingInvalid.

    >>> layout = read_mapping("links: [{supplier: {name: Maker}, buyer: {name: Vendor}}]")
    >>> layout.columns()
    ['Maker', 'Vendor']
    """
    try:
        return Layout.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise MappingInvalid(faults=" ".join(str(error).split())) from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
        )
        raise MappingInvalid(faults=faults) from error


def fields_of(layout: Layout) -> dict[str, str]:
    """Field → column of a layout's first link, the way `layout_of` takes it.

    >>> fields_of(layout_of({"supplier.name": "A", "link.item": "B", "buyer.brn": ""}))
    {'supplier.name': 'A', 'link.item': 'B'}
    """
    link = layout.links[0]
    parties = {"supplier": link.supplier} | ({} if link.buyer == "lead" else {"buyer": link.buyer})
    found = {
        f"{of}.{name}": value
        for of, party in parties.items()
        for name, value in party
        if value and name != "given"
    }
    return found | {
        f"link.{name}": value
        for name, value in (("item", link.item), ("share", link.share))
        if value
    }


def layout_of(fields: dict[str, str]) -> Layout:
    """A layout of one link from field → column; raises ColumnsMissing without a supplier's name."""
    fields = {field: column for field, column in fields.items() if column}
    if "supplier.name" not in fields:
        raise ColumnsMissing(found=_listed(list(fields.values())))

    def of(prefix: str) -> dict[str, str]:
        return {
            name.removeprefix(prefix): header
            for name, header in fields.items()
            if name.startswith(prefix)
        }

    buyer = of("buyer.")
    return Layout(
        links=[
            LinkColumns(
                supplier=PartyColumns(**of("supplier.")),
                buyer=PartyColumns(**buyer) if "name" in buyer else "lead",
                **of("link."),
            )
        ]
    )


def _listed(names: list[str]) -> str:
    shown = [name[:40] for name in names if name]
    return ", ".join(shown[:_SHOWN]) + (" …" if len(shown) > _SHOWN else "") or "–"
