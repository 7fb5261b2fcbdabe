"""Sheets through the API: given, looked at, taken in, asked about, taken back; by whom."""

import re

import pytest
from sqlmodel import select

from hub import sheets_job
from hub.wiring import Hub
from supplychain.tables import Link, Sheet
from tests.supplychain.sheets import HEADER, a_firm

ROWS = HEADER + "가온,124-81-00998,사출,10,한빛모빌리티,허브,10\n다솜,1,,,한빛모빌리티,축,5\n"
NEWER = HEADER + "마루,,,,한빛모빌리티,너트,10\n"


@pytest.fixture
def lead(hub: Hub) -> int:
    return a_firm(hub)


@pytest.fixture
def manager(sign_in, lead: int):
    return Caller(sign_in(("supply_manager", lead)))


class Caller:
    """A signed-in person's program."""

    def __init__(self, client) -> None:
        self.client = client
        page = client.get("/account").text
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]

    def post(self, address: str, content: str = ""):
        headers = {"X-CSRFToken": self.token}
        return self.client.post(f"/api/v1/sheets{address}", data=content.encode(), headers=headers)

    def get(self, address: str = ""):
        return self.client.get(f"/api/v1/sheets{address}")


def links(hub: Hub) -> list[bool]:
    with hub.db.reading() as session:
        return [ended is None for ended in session.exec(select(Link.ended).order_by(Link.id))]


def test_given_and_taken_in(hub: Hub, manager) -> None:
    answer = manager.post("?file=명단.csv", ROWS)
    assert (answer.status_code, answer.json["state"]) == (201, "taken")
    assert answer.json["rows"] == {"new": 1, "changed": 0, "unchanged": 0, "faulty": 1}
    assert answer.json["faults"][0]["row"] == 3
    number = answer.json["id"]
    again = manager.post("?file=명단.csv", ROWS).json
    assert (again["id"], again["rows"]["unchanged"], again["firms_new"]) == (number, 1, 0)
    assert links(hub) == [True]
    assert [row["id"] for row in manager.get().json["sheets"]] == [number]
    faults = manager.get(f"/{number}/faults").json
    assert [fault["kind"] for fault in faults["faults"]] == ["NumberNotTenDigits"]
    with manager.get(f"/{number}/file") as file:
        assert file.data.decode() == ROWS


def test_looked_at_first_then_taken_in_as_a_newer_list(hub: Hub, manager) -> None:
    first = manager.post("?file=명단_2026-10.csv", ROWS).json["id"]
    waiting = manager.post("?file=명단_2026-11.csv&take_in=false", NEWER).json
    assert (waiting["state"], links(hub)) == ("waiting", [True])
    second = waiting["id"]
    assert manager.get(f"/{second}").json["may_renew"] == first
    looked = manager.post(f"?file=명단_2026-11.csv&dry_run=true&renews={first}", NEWER).json
    assert (looked["id"], looked["links_gone"], links(hub)) == (None, 1, [True])
    asked = manager.post(f"/{second}/take-in?renews={first}")
    assert (asked.status_code, asked.json["title"]) == (422, "RenewalSweeping")
    assert asked.json["facts"] == {"file": "명단_2026-11.csv", "gone": "1", "before": "1"}
    assert manager.post(f"/{second}/take-in?renews={first}&ends=2").status_code == 422
    assert (manager.get(f"/{second}").json["state"], links(hub)) == ("waiting", [True])
    done = manager.post(f"/{second}/take-in?renews={first}&ends=1").json
    assert (done["state"], done["renews"], done["links_gone"]) == ("taken", first, 1)
    assert links(hub) == [False, True]
    gone = manager.post(f"/{second}/withdraw").json
    assert gone["state"] == "withdrawn"
    assert links(hub) == [True, False]
    assert manager.post(f"/{second}/withdraw").json["state"] == "withdrawn"
    assert manager.post(f"/{second}/take-in").json["renews"] is None, "to be chosen anew"
    assert links(hub) == [True, True]
    manager.post(f"/{second}/withdraw")
    assert manager.post("?file=명단_2026-11.csv", NEWER).json["state"] == "taken"
    assert links(hub) == [True, True]


def test_a_preview_names_what_is_new_and_gone(manager) -> None:
    first = manager.post("?file=명단.csv", ROWS).json["id"]
    second = manager.post(f"?file=명단.csv&take_in=false&renews={first}", NEWER).json["id"]
    said = manager.get(f"/{second}/preview").json
    assert [line["supplier"] for line in said["new"]] == ["마루"]
    assert said["asks_for_ends"]
    assert [(line["supplier"], line["ends"]) for line in said["gone"]] == [("가온", True)]


def test_a_long_one_tells_how_far_it_got_and_can_be_stopped(hub: Hub, manager, monkeypatch) -> None:
    monkeypatch.setattr(sheets_job, "LONG", 1)
    answer = manager.post("?file=명단.csv", ROWS)
    assert (answer.status_code, answer.json["state"]) == (202, "queued")
    number = answer.json["id"]
    assert manager.post(f"/{number}/stop").json["state"] == "waiting"
    assert manager.post(f"/{number}/take-in").status_code == 202
    assert sheets_job.work_through(hub)
    said = manager.get(f"/{number}").json
    assert (said["state"], said["rows_done"]) == ("taken", 2)
    assert manager.post(f"/{number}/stop").json["state"] == "taken"


def test_a_file_that_cannot_be_used_leaves_nothing(hub: Hub, manager) -> None:
    refused = manager.post("?file=명단.csv", "a,b\n1,2\n")
    assert (refused.status_code, refused.json["title"]) == (422, "ColumnsMissing")
    assert manager.post("?file=명단.csv", "").status_code == 422
    assert manager.post("", ROWS).status_code == 422
    with hub.db.reading() as session:
        assert session.exec(select(Sheet)).all() == []


def test_a_vendor_gives_sheets_of_its_own_and_sees_no_others(hub: Hub, sign_in, manager) -> None:
    theirs = manager.post("?file=명단.csv", ROWS).json["id"]
    vendor = Caller(sign_in(("vendor", a_firm(hub, "가온정밀"))))
    own = vendor.post("?file=납품.csv", "협력사명,품목\n라임,볼트\n").json
    assert own["rows"]["new"] == 1
    assert [row["id"] for row in vendor.get().json["sheets"]] == [own["id"]]
    for address in ("", "/preview", "/faults", "/file"):
        assert vendor.get(f"/{theirs}{address}").status_code == 404, address
    for address in ("/take-in", "/stop", "/withdraw"):
        assert vendor.post(f"/{theirs}{address}").status_code == 404
    assert vendor.post(f"?file=x.csv&renews={theirs}", NEWER).status_code == 404
