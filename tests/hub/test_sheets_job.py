"""Sheets on their way in: long ones by the worker, and everything counted once whoever comes."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import func, select

from hub import sheets_job
from hub.tables import AuditEntry
from hub.wiring import Hub
from supplychain.services.sheets import ask_to_stop, why_failed
from supplychain.tables import Declaration, Description, Firm, Link, Sheet, SheetFault, Site
from tests.conftest import ROOT
from tests.stores import lose
from tests.supplychain.sheets import a_firm, give, take_back

ROWS = "".join(f"가온{n},,사출,{n},한빛모빌리티,부품{n},10\n" for n in range(40))
MORE = "".join(f"가온{n},,사출,{n},한빛모빌리티,부품{n},20\n" for n in range(20, 60))


@pytest.fixture
def long_ones(monkeypatch):
    """Ten rows are many."""
    monkeypatch.setattr(sheets_job, "LONG", 10)


def sheet_of(hub: Hub, number: int) -> Sheet:
    with hub.db.reading() as session:
        row = session.get_one(Sheet, number)
        session.expunge(row)
        return row


def counts(hub: Hub) -> dict[str, int]:
    with hub.db.reading() as session:
        return {
            table.__name__: session.exec(select(func.count()).select_from(table)).one()
            for table in (Firm, Site, Link, Declaration, Description, SheetFault)
        }


def taken_in(hub: Hub) -> int:
    with hub.db.reading() as session:
        trail = select(func.count()).select_from(AuditEntry)
        return session.exec(trail.where(AuditEntry.action == "sheet.taken-in")).one()


def at_once(*work) -> list[object]:
    """Do all of it at the same moment."""
    gate = threading.Barrier(len(work))

    def do(one):
        gate.wait()
        return one()

    with ThreadPoolExecutor(len(work)) as pool:
        return [each.result(60) for each in [pool.submit(do, one) for one in work]]


def test_a_short_sheet_is_taken_in_at_once(hub: Hub) -> None:
    sheet, _ = give(hub, a_firm(hub), ROWS)
    assert sheets_job.give_in(hub, sheet, "tester") == "taken"
    assert sheets_job.give_in(hub, sheet, "tester") == "taken"
    assert taken_in(hub) == 1
    assert counts(hub)["Link"] == 40
    assert not sheets_job.work_through(hub)


def test_a_long_sheet_waits_for_the_worker(hub: Hub, long_ones) -> None:
    sheet, _ = give(hub, a_firm(hub), ROWS)
    assert sheets_job.give_in(hub, sheet, "tester") == "queued"
    assert counts(hub)["Link"] == 0
    assert sheets_job.work_through(hub)
    row = sheet_of(hub, sheet)
    assert (row.state, row.step, row.rows_done, row.rows_new) == ("taken", "", 40, 40)
    assert row.problem is None
    assert not sheets_job.work_through(hub)


def test_a_worker_that_was_killed_leaves_its_sheet_to_the_next(hub: Hub, long_ones) -> None:
    sheet, _ = give(hub, a_firm(hub), ROWS)
    sheets_job.give_in(hub, sheet, "tester")
    assert sheets_job._claimed(hub).id == sheet  # and then it was killed
    assert sheet_of(hub, sheet).state == "taking"
    assert sheets_job.work_through(hub)
    assert sheet_of(hub, sheet).state == "taken"
    assert counts(hub)["Link"] == 40


def test_a_sheet_that_kills_every_worker_is_given_up(hub: Hub, long_ones) -> None:
    lead = a_firm(hub)
    sheet, _ = give(hub, lead, ROWS)
    other, _ = give(hub, lead, MORE)
    for each in (sheet, other):
        sheets_job.give_in(hub, each, "tester")
    for _ in range(3):
        assert sheets_job._claimed(hub).id == sheet
    while sheets_job.work_through(hub):
        pass
    assert type(why_failed(sheet_of(hub, sheet))).__name__ == "SheetInterrupted"
    assert sheet_of(hub, other).state == "taken", "the next one has its turn"
    again, _ = give(hub, lead, ROWS)
    assert (again, sheet_of(hub, sheet).state) == (sheet, "waiting")


def test_a_file_that_is_gone_is_said_so(hub: Hub, long_ones) -> None:
    sheet, _ = give(hub, a_firm(hub), ROWS)
    sheets_job.give_in(hub, sheet, "tester")
    lose(hub.store, sheet_of(hub, sheet).sha256)
    sheets_job.work_through(hub)
    assert "Upload it again" in str(why_failed(sheet_of(hub, sheet)))


def test_a_stop_before_anything_is_written(hub: Hub, long_ones, monkeypatch) -> None:
    sheet, _ = give(hub, a_firm(hub), ROWS)
    sheets_job.give_in(hub, sheet, "tester")

    def stop() -> bool:
        with hub.db.work() as session:
            return ask_to_stop(session, session.get_one(Sheet, sheet))

    assert stop()
    assert not sheets_job.work_through(hub)
    sheets_job.give_in(hub, sheet, "tester")
    compare = sheets_job.compare
    monkeypatch.setattr(sheets_job, "compare", lambda *args: (stop(), compare(*args))[1])
    assert sheets_job.work_through(hub)
    assert (sheet_of(hub, sheet).state, counts(hub)["Link"]) == ("waiting", 0)
    monkeypatch.undo()
    assert sheets_job.give_in(hub, sheet, "tester") in ("queued", "taken")


def test_columns_chosen_anew_while_it_was_compared_count(hub: Hub) -> None:
    sheet, reading = give(hub, a_firm(hub), ROWS)
    seen = sheet_of(hub, sheet)
    with hub.db.work() as session:
        row = session.get_one(Sheet, sheet)
        row.layout = {"links": [{"supplier": {"name": "납품처"}}]}
        session.add(row)
    assert sheets_job.take_now(hub, seen, reading, "tester") is None
    assert counts(hub)["Link"] == 0


@pytest.mark.parts
def test_a_double_click_counts_once(either_hub: Hub) -> None:
    hub = either_hub
    sheet, _ = give(hub, a_firm(hub), ROWS)
    once = counts_of_one(hub, sheet)
    take_back(hub, sheet)
    give(hub, sheet_of(hub, sheet).lead_id, ROWS)
    click = lambda: sheets_job.give_in(hub, sheet, "tester")  # noqa: E731
    assert at_once(click, click, click) == ["taken"] * 3
    assert counts(hub) == once
    assert taken_in(hub) == 2


def counts_of_one(hub: Hub, sheet: int) -> dict[str, int]:
    sheets_job.give_in(hub, sheet, "tester")
    return counts(hub)


@pytest.mark.parts
def test_two_who_upload_the_same_file_at_once(either_hub: Hub) -> None:
    hub = either_hub
    lead = a_firm(hub)

    def upload() -> tuple[int, str]:
        sheet, _ = give(hub, lead, ROWS)
        return sheet, sheets_job.give_in(hub, sheet, "tester")

    answers = at_once(upload, upload, upload)
    assert len(set(answers)) == 1
    assert answers[0][1] == "taken"
    assert counts(hub)["Link"] == counts(hub)["Declaration"] == 40
    assert taken_in(hub) == 1


@pytest.mark.parts
def test_two_sheets_at_once_name_each_firm_once(either_hub: Hub) -> None:
    hub = either_hub
    leads = [a_firm(hub), a_firm(hub, "다른자동차")]

    def upload(lead: int, rows: str):
        return lambda: sheets_job.give_in(hub, give(hub, lead, rows)[0], "tester")

    work = [upload(leads[0], ROWS), upload(leads[1], MORE), upload(leads[0], MORE)]
    assert at_once(*work) == ["taken"] * 3
    found = counts(hub)
    assert (found["Firm"], found["Link"], found["Site"]) == (62, 60, 60)
    assert found["Declaration"] == 120
    with hub.db.reading() as session:
        brand = select(Firm.name).where(Firm.name.startswith("가온"))
        assert len(set(session.exec(brand))) == 60


@pytest.mark.parts
def test_worker_and_page_at_the_same_sheet(either_hub: Hub, long_ones) -> None:
    hub = either_hub
    sheet, reading = give(hub, a_firm(hub), ROWS)
    sheets_job.give_in(hub, sheet, "tester")
    seen = sheet_of(hub, sheet)
    by_hand = ("waiting", "queued", "taking")
    at_once(
        lambda: sheets_job.work_through(hub),
        lambda: sheets_job.take_now(hub, seen, reading, "tester", None, by_hand),
    )
    assert sheet_of(hub, sheet).state == "taken"
    assert counts(hub)["Declaration"] == 40
    assert taken_in(hub) == 1


_KILLED = """
import os, signal, sys
from hub import sheets_job
from hub.settings import Settings
from hub.wiring import wire
from supplychain.services import writing

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(writing.Writer, sys.argv[1], killed)
sheets_job.work_through(wire(Settings.from_environment()))
"""


@pytest.mark.parts
@pytest.mark.parametrize("moment", ["_firms", "_descriptions"])
def test_a_worker_killed_while_it_writes_leaves_nothing_half(
    either_hub: Hub, long_ones, moment: str
) -> None:
    hub = either_hub
    sheet, _ = give(hub, a_firm(hub), ROWS)
    sheets_job.give_in(hub, sheet, "tester")
    before = counts(hub)
    environment = {**os.environ, "HUB_DATA": str(hub.settings.data)}
    if hub.settings.database_url:
        environment["HUB_DATABASE_URL"] = hub.settings.database_url
    worker = [sys.executable, "-c", _KILLED, moment]
    done = subprocess.run(worker, env=environment, cwd=ROOT, check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL
    assert counts(hub) == before
    assert sheet_of(hub, sheet).state == "taking"
    assert sheets_job.work_through(hub)
    assert sheet_of(hub, sheet).state == "taken"
    assert counts(hub)["Link"] == counts(hub)["Description"] == 40
