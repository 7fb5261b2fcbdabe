"""Header row → which column holds what: by its words, or by a mapping that a person wrote. Pure.

A layout names columns, never positions, so that a column that moves is still found. One row may
declare several links (maker → trader → lead firm); each is written as one entry of `links`.
"""

import re
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from supplychain.cells import plain
from supplychain.errors import ColumnsMissing, ColumnUnknown, MappingInvalid

_HEADER_WITHIN = 30
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
    given: Given | None = None


class LinkColumns(BaseModel):
    """The columns of one link; the buyer may be the lead firm itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    supplier: PartyColumns
    buyer: PartyColumns | Literal["lead"] = "lead"
    item: str | None = None
    share: str | None = None


class Layout(BaseModel):
    """Where everything stands. `empty` lists words that mean an empty cell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    links: list[LinkColumns] = Field(min_length=1)
    empty: list[str] = []

    def columns(self) -> list[str]:
        """Every column that is named, once, in order."""
        named: list[str] = []
        for link in self.links:
            parties = [link.supplier] + ([] if link.buyer == "lead" else [link.buyer])
            for party in parties:
                named += [value for key, value in party if key != "given" and value]
            named += [value for value in (link.item, link.share) if value]
        return list(dict.fromkeys(named))


_SUPPLIER = {
    "name": (
        "협력사명", "협력사", "협력업체", "협력업체명", "업체명", "업체", "회사명", "기업명",
        "상호", "상호명",
        "공급사", "공급사명", "공급업체", "공급업체명", "공급기업", "supplier",
        "suppliername", "vendor", "vendorname", "company", "companyname",
        "firm", "firmname", "name",
    ),
    "brn": (
        "사업자등록번호", "사업자번호", "협력사사업자등록번호", "협력사사업자번호", "사업자no",
        "businessregistrationnumber", "registrationnumber", "brn", "supplierbrn",
    ),
    "country": ("국가", "나라", "country", "countrycode"),
    "region": (
        "지역", "소재지", "시도", "주소", "본사주소", "region", "province", "location", "address",
    ),
    "process": ("주요공정", "공정", "공정구분", "생산공정", "process", "mainprocess"),
    "employees": (
        "종업원수", "직원수", "인원", "상시근로자수", "근로자수", "employees", "headcount",
    ),
    "level": ("스마트공장수준", "스마트공장", "수준", "smartfactorylevel", "level"),
    "sector": ("업종코드", "산업분류", "표준산업분류", "ksic", "sector", "industrycode"),
}  # fmt: skip
_BUYER = {
    "name": (
        "납품처", "납품처명", "납품처상호", "납품기업", "구매기업", "구매사", "구매처", "발주사",
        "발주처", "상위협력사", "상위협력사명", "1차협력사", "1차협력사명", "고객사", "buyer",
        "buyername", "customer", "deliversto", "suppliesto",
    ),
    "brn": (
        "납품처사업자등록번호", "납품처사업자번호", "구매기업사업자등록번호", "발주사사업자번호",
        "상위협력사사업자등록번호", "고객사사업자등록번호", "buyerbrn", "buyerregistrationnumber",
        "customerbrn",
    ),
}  # fmt: skip
_LINK = {
    "item": (
        "품목", "품명", "부품", "부품명", "납품품목", "공급품목", "item", "part", "partname",
        "product",
    ),
    "share": (
        "거래비중", "비중", "구매비중", "점유율", "물량비중", "납품비중", "share",
        "shareofpurchases",
    ),
}  # fmt: skip


FIELDS = tuple(
    f"{of}.{field}"
    for of, fields in (("supplier", _SUPPLIER), ("buyer", _BUYER), ("link", _LINK))
    for field in fields
)


def find_layout(rows: list[list[str]]) -> tuple[int, Layout]:
    """The index of the header row, and the layout that its words tell.

    The header is the row among the first ones that has most words we know, so a title above the
    table does no harm. Raises ColumnsMissing.

    >>> rows = [["2026년 현황"], ["협력사명", "사업자 등록번호", "거래비중(%)"], ["가나", "", "3"]]
    >>> index, layout = find_layout(rows)
    >>> index, layout.links[0].supplier.brn, layout.links[0].share
    (1, '사업자 등록번호', '거래비중(%)')
    """
    head = [_fields(row) for row in rows[:_HEADER_WITHIN]]
    best = max(range(len(head)), key=lambda index: len(head[index]), default=0)
    fields = head[best] if head else {}
    if "supplier.name" not in fields:
        raise ColumnsMissing(found=_listed(next((row for row in rows if any(row)), [])))
    return best, layout_of(fields)


def find_header(rows: list[list[str]], layout: Layout) -> int:
    """The index of the row that has every column of the layout; raises ColumnUnknown."""
    wanted = layout.columns()
    for index, row in enumerate(rows[:_HEADER_WITHIN]):
        if set(wanted) <= set(row):
            return index
    fullest = max(rows[:_HEADER_WITHIN], key=lambda row: len(set(row) & set(wanted)), default=[])
    missing = [name for name in wanted if name not in fullest]
    raise ColumnUnknown(column=_listed(missing), found=_listed(fullest))


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


def _fields(row: list[str]) -> dict[str, str]:
    """Field → header, for the words that we know; the first of two columns wins."""
    found: dict[str, str] = {}
    for header in row:
        field = _WORDS.get(plain(re.sub(r"[(（\[].*?[)）\]]", "", header)))
        if field:
            found.setdefault(field, header)
    return found


_WORDS = {
    word: f"{of}.{field}"
    for of, fields in (("supplier", _SUPPLIER), ("buyer", _BUYER), ("link", _LINK))
    for field, words in fields.items()
    for word in words
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
