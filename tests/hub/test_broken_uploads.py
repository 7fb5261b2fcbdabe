"""Broken and odd sheets through the pages: never a traceback, never half of a sheet.

Thousands: pytest tests/hub/test_broken_uploads.py --hypothesis-profile=long
"""

import io
import re
import shutil

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from sqlmodel import col, func, select

from hub.accounts import seal_of
from hub.app import create_app
from hub.settings import Settings
from hub.wiring import wire
from supplychain.tables import Declaration, Description, Sheet, SheetFault
from tests import make
from tests.supplychain.broken_files import damaged, rebuilt, texts, workbooks

_many = settings.default.max_examples if settings.default else 100
SOME = settings(
    max_examples=12 if _many <= 100 else _many // 4,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
FILES = st.one_of(texts(), texts(), damaged(texts()), workbooks(), damaged(workbooks()), rebuilt())


@pytest.fixture(scope="module")
def world(migrated, tmp_path_factory):
    """A hub, and somebody who uploads for a firm of his own."""
    folder = tmp_path_factory.mktemp("broken") / "var"
    folder.mkdir()
    shutil.copyfile(migrated, folder / "hub.sqlite")
    hub = wire(Settings(data=folder, max_upload_mb=4))
    app = create_app(hub)
    app.config["WTF_CSRF_ENABLED"] = False
    yield hub, app
    hub.close()


def signed_in(hub, app):
    lead = make.firm(hub, "한빛모빌리티(주)")
    user = make.person(hub, ("supply_manager", lead))
    client = app.test_client()
    with client.session_transaction() as session:
        session.update({"_user_id": user.handle, "_fresh": True, "seal": seal_of(user)})
    return lead, client


def plain(answer):
    assert answer.status_code in (200, 302, 422), answer.status_code
    assert b"Traceback" not in answer.data
    return answer


def choose(client, place: str) -> str:
    """Go on with the columns as they are guessed; the first one where none is the supplier."""
    text = plain(client.get(place)).text
    fields = dict(re.findall(r'name="(row|lines)" value="(\d+)"', text))
    for field, options in re.findall(
        r'<select[^>]*name="(column-\d+)">(.*?)</select>', text, re.DOTALL
    ):
        found = re.search(r'value="([^"]*)" selected', options)
        fields[field] = found[1] if found else ""
    columns = [field for field in fields if field.startswith("column-")]
    if columns and "supplier.name" not in fields.values():
        fields[columns[0]] = "supplier.name"
    answer = plain(client.post(place, data={**fields, "share_as": "percent"}))
    return answer.location or ""


def living(hub, lead: int, table) -> int:
    with hub.db.reading() as session:
        told_by = Declaration.firm_id if table is Declaration else Description.by_id
        told = select(func.count()).select_from(table).where(told_by == lead)
        return session.exec(told.where(col(table.ended).is_(None))).one()


def check(hub, lead: int, sheet_id: int) -> None:
    """All of the sheet is there, or nothing of it."""
    with hub.db.reading() as session:
        sheet = session.get(Sheet, sheet_id)
        said = session.exec(select(Declaration).where(Declaration.sheet_id == sheet_id)).all()
        refused = select(SheetFault.row).where(
            SheetFault.sheet_id == sheet_id, col(SheetFault.refuses)
        )
        bad = set(session.exec(refused))
        if sheet.state != "taken":
            assert not said
            return
        counted = sheet.rows_new + sheet.rows_changed + sheet.rows_unchanged + sheet.rows_faulty
        assert counted == sheet.rows
        assert len(bad) == sheet.rows_faulty
        assert not {each.row for each in said} & bad
        assert bool(said) == bool(sheet.links_new)


@SOME
@given(FILES, st.booleans())
def test_all_of_a_sheet_or_nothing(world, content: bytes, withdrawn: bool) -> None:
    hub, app = world
    lead, client = signed_in(hub, app)
    sent = {"sheet": (io.BytesIO(content), "명단.x"), "lead": str(lead)}
    answer = plain(client.post("/supply/sheets/new", data=sent))
    if answer.status_code == 422:
        event("refused")
        return
    place = answer.location
    number = int(re.search(r"/sheets/(\d+)", place)[1])
    if place.endswith("/columns"):
        place = choose(client, place)
    page = f"/supply/sheets/{number}"
    assert living(hub, lead, Declaration) == 0, "a preview writes nothing"
    plain(client.get(page))
    plain(client.get(f"{page}/bad-rows.xlsx")) if place else None
    plain(client.post(f"{page}/take-in"))
    plain(client.get(page))
    check(hub, lead, number)
    told = living(hub, lead, Declaration)
    plain(client.post(f"{page}/take-in"))
    assert living(hub, lead, Declaration) == told
    event("taken in" if told else "nothing to take in")
    if withdrawn:
        plain(client.post(f"{page}/withdraw"))
        assert living(hub, lead, Declaration) == living(hub, lead, Description) == 0
