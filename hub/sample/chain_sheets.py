"""The sample chain as the sheets that a lead firm would really send, faults and all.

Titles above the table, legal forms in every spelling, numbers with and without dashes, one file
in CP949, and in each sheet a few rows that are wrong, to show what happens to them.
"""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Font
from sqlmodel import Session, select

from hub.accounts import record
from hub.sample.chain import LEAD_NAME, Chain, SampleFirm, SampleLink, make_chain
from sharing.store import Store
from supplychain.identify import dashed
from supplychain.matching import name_key
from supplychain.reading import read_sheet
from supplychain.services.sheets import note_sheet, take_in
from supplychain.tables import Firm, Sheet
from supplychain.taxonomy import LEVELS, PROCESSES, REGIONS

_ABOUT = ["협력사명", "사업자등록번호", "소재지", "주요공정", "종업원수", "스마트공장 수준"]
_BUYER = ["납품처", "납품처 사업자등록번호"]
_DELIVERY = ["품목", "거래비중(%)"]
_MADE = dt.datetime(2026, 11, 2, 9, 0)  # noqa: DTZ001 - a spreadsheet's dates have no zone
MORE = "more_suppliers.xlsx"


class SampleSheet(NamedTuple):
    """A file of the sample: its name, what Korean speakers call it, title, header and rows."""

    file: str
    name: str
    title: str
    header: list[str]
    rows: list[list[object]]

    def content(self) -> bytes:
        """The file's bytes."""
        return _csv(self) if self.file.endswith(".csv") else _xlsx(self)


def sample_sheets(chain: Chain | None = None) -> list[SampleSheet]:
    """The three sheets that the sample begins with, and the one to upload by hand."""
    chain = chain or make_chain()
    by_tier = {
        tier: [link for link in chain.links if _listed_in(link) == tier] for tier in (1, 2, 3)
    }
    full = _ABOUT + _BUYER + _DELIVERY
    second, third = _rows(by_tier[2]), _rows(by_tier[3])
    for rows in (second, third):
        _respell(rows)
    first = [row[:6] + row[8:] for row in _rows(by_tier[1])]
    return [
        SampleSheet(
            "tier1_suppliers.xlsx",
            "1차 협력사.xlsx",
            "2026년 1차 협력사 현황",
            _ABOUT + _DELIVERY,
            _with_bad(first, {7: (1, _slip)}),
        ),
        SampleSheet(
            "tier2_suppliers.csv",
            "2차 협력사.csv",
            "",
            full,
            _with_bad(
                second, {12: (0, _blank), 47: (9, _say_about), 80: (1, _slip), 95: (3, _other)}
            ),
        ),
        SampleSheet(
            "tier3_suppliers.xlsx",
            "3차 협력사.xlsx",
            "3차 협력사 (2차 협력사 제출분 취합)",
            full,
            _with_bad(
                third, {20: (9, _too_much), 101: (1, _short), 180: (4, _negative), 230: (0, _blank)}
            ),
        ),
        SampleSheet(MORE, "추가 협력사.xlsx", "2026년 11월 추가 협력사", full, _more(chain)),
    ]


def write_sheets(folder: Path) -> None:
    """Write all sheets of the sample into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for sheet in sample_sheets():
        (folder / sheet.file).write_bytes(sheet.content())


def load_chain(session: Session, store: Store) -> dict[str, int]:
    """Take in the sample: the lead firm and its three sheets. Safe to repeat.

    Gives the firms that the sample's people work for: lead, tier2, tier3.
    """
    chain = make_chain()
    lead = _lead_firm(session, chain.lead)
    # By name: a workbook's bytes carry the minute in which they were made.
    known = set(session.exec(select(Sheet.file_name).where(Sheet.lead_id == lead.id)))
    for sheet in sample_sheets(chain)[:3]:
        if sheet.name in known:
            continue
        content = sheet.content()
        reading = read_sheet(io.BytesIO(content), sheet.file)
        store.put(content)
        row = note_sheet(session, lead, content, reading, file_name=sheet.name, actor="sample")
        taken = take_in(session, row, reading)
        record(session, "sample", "sheet.taken-in", sheet.name, **taken.rows)
    return sample_vendor_firms(session)


def sample_vendor_firms(session: Session) -> dict[str, int]:
    """The lead firm and the two vendors of the sample that have people: lead, tier2, tier3."""
    chain = make_chain()
    wanted = {"lead": chain.lead, "tier2": chain.vendor(2), "tier3": chain.vendor(3)}
    return {
        name: session.exec(select(Firm.id).where(Firm.brn == firm.brn)).one() or 0
        for name, firm in wanted.items()
    }


def _lead_firm(session: Session, lead: SampleFirm) -> Firm:
    firm = session.exec(select(Firm).where(Firm.brn == lead.brn)).first()
    if firm is None:
        firm = Firm(
            name=LEAD_NAME,
            name_key=name_key(LEAD_NAME),
            brn=lead.brn,
            region=lead.region,
            process=lead.process,
            employees=lead.employees,
        )
        session.add(firm)
        session.flush()
    return firm


def _listed_in(link: SampleLink) -> int:
    return 1 if link.buyer.tier == 0 else min(3, link.buyer.tier + 1)


def _rows(links: Iterable[SampleLink]) -> list[list[object]]:
    return [
        [
            link.supplier.name,
            dashed(link.supplier.brn),
            REGIONS[link.supplier.region].ko,
            PROCESSES[link.supplier.process].ko,
            link.supplier.employees,
            LEVELS[link.supplier.level].ko,
            link.buyer.name,
            dashed(link.buyer.brn),
            link.item,
            link.share,
        ]
        for link in links
    ]


def _respell(rows: list[list[object]]) -> None:
    """Write some names and numbers as other people write them: they are the same firms."""
    for place, row in enumerate(rows):
        name = str(row[0])
        bare = name.replace("(주)", "")
        if place % 11 == 3 and bare != name:
            row[0] = f"㈜{bare}"
        elif place % 17 == 5 and bare != name:
            row[0] = f"주식회사 {bare}"
        if place % 13 == 4:
            row[1] = str(row[1]).replace("-", "")
        if place % 19 == 6:
            row[7] = ""  # the buyer by name only


def _with_bad(
    rows: list[list[object]], bad: Mapping[int, tuple[int, Callable[[object], object]]]
) -> list[list[object]]:
    """Spoilt copies of some rows put between the others, so that nothing good is lost."""
    spoilt = []
    for place, row in enumerate(rows):
        spoilt.append(row)
        if place in bad:
            column, spoil = bad[place]
            column += 0 if len(row) == 10 or column < 6 else -2
            copy = list(row)
            copy[column] = spoil(copy[column])
            spoilt.append(copy)
    return spoilt


def _slip(value: object) -> object:
    text = str(value)
    return text[:-1] + str((int(text[-1]) + 3) % 10)


def _short(value: object) -> object:
    return str(value)[:-1]


def _blank(_: object) -> object:
    return ""


def _say_about(value: object) -> object:
    return f"약 {value}"


def _too_much(_: object) -> object:
    return 140


def _negative(_: object) -> object:
    return -3


def _other(_: object) -> object:
    return "기타 후가공"


def _more(chain: Chain) -> list[list[object]]:
    """New firms, a few that are known already, one share that has changed, and five bad rows."""
    known = [link for link in chain.links if link.supplier.tier == 2 and link.buyer.tier == 1][:8]
    changed = known[-1]
    again = [*known[:-1], SampleLink(changed.supplier, changed.buyer, changed.item, 45)]
    rows = _rows([*chain.extra, *again])
    bad = {1: (1, _slip), 4: (0, _blank), 7: (9, _say_about), 10: (9, _too_much), 13: (1, _short)}
    return _with_bad(rows, bad)


def _csv(sheet: SampleSheet) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([sheet.header, *sheet.rows])
    return out.getvalue().encode("cp949")


def _xlsx(sheet: SampleSheet) -> bytes:
    book = Workbook()
    book.properties.creator, book.properties.created = LEAD_NAME, _MADE
    page = book.active
    page.title = "협력사"
    page.append([sheet.title])
    page.append([])
    page.append(sheet.header)
    for row in sheet.rows:
        page.append(row)
    for cell in (page["A1"], *page[3]):
        cell.font = Font(bold=True)
    for column in "ABCDEFGHIJ":
        page.column_dimensions[column].width = 18
    page.freeze_panes = "A4"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
