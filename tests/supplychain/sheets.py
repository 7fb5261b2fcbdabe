"""Sheets as tests give them: text in, what came of it out."""

import io

from hub.wiring import Hub
from supplychain.comparison import Coming
from supplychain.matching import name_key
from supplychain.reading import Reading, read_sheet
from supplychain.rows import ReadFirm
from supplychain.services.firms import add_firm
from supplychain.services.sheets import compare, note_sheet, renew, take_in, withdraw
from supplychain.tables import Firm, Sheet

HEADER = "협력사명,사업자등록번호,공정,종업원수,납품처,품목,비중\n"
NUMBER, OTHER = "124-81-00998", "101-81-09147"


def a_firm(hub: Hub, name: str = "한빛모빌리티(주)", **fields: object) -> int:
    """A firm; its id."""
    with hub.db.work() as session:
        firm = add_firm(session, ReadFirm(name=name, key=name_key(name)))
        for field, value in fields.items():
            setattr(firm, field, value)
        return firm.id


def give(
    hub: Hub, lead: int, rows: str, name: str = "명단.csv", renews: int | None = None
) -> tuple[int, Reading]:
    """A sheet that waits: its id, and what it says."""
    content = (HEADER + rows).encode()
    reading = read_sheet(io.BytesIO(content), name)
    hub.store.put(content)
    with hub.db.work() as session:
        firm = session.get_one(Firm, lead)
        sheet = note_sheet(session, firm, content, reading, file_name=name, actor="tester")
        renew(session, sheet, renews)
        return sheet.id, reading


def look(hub: Hub, sheet: int, reading: Reading) -> Coming:
    with hub.db.reading() as session:
        return compare(session, session.get_one(Sheet, sheet), reading)


def take(
    hub: Hub, lead: int, rows: str, name: str = "명단.csv", renews: int | None = None
) -> tuple[int, Coming]:
    """A sheet that was looked at and taken in: its id, and what came of it."""
    sheet, reading = give(hub, lead, rows, name, renews)
    coming = look(hub, sheet, reading)
    with hub.db.work() as session:
        return sheet, take_in(session, session.get_one(Sheet, sheet), reading, coming)


def take_back(hub: Hub, sheet: int) -> None:
    with hub.db.work() as session:
        withdraw(session, session.get_one(Sheet, sheet), "tester")
