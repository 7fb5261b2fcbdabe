"""The supply manager's pages: upload, look, take in; the map; nobody else's sheets."""

import io
import re
import shutil
from pathlib import Path

import pytest
from sqlmodel import func, select

from hub.migrations import upgrade
from hub.sample.chain_sheets import MORE, load_chain, sample_sheets
from hub.settings import Settings
from hub.tables import AuditEntry
from hub.wiring import Hub, wire
from supplychain.tables import Firm, Link, Sheet
from tests import make


@pytest.fixture(scope="module")
def loaded(tmp_path_factory) -> tuple[Path, dict[str, int]]:
    """A data folder with the sample chain, made once; each test gets a copy."""
    folder = tmp_path_factory.mktemp("chain")
    upgrade(Settings(data=folder).database)
    hub = wire(Settings(data=folder))
    with hub.db.work() as session:
        firms = load_chain(session, hub.store)
    hub.close()
    return folder, firms


@pytest.fixture
def settings(loaded, tmp_path) -> Settings:
    return Settings(data=shutil.copytree(loaded[0], tmp_path / "var"))


@pytest.fixture
def chain(loaded) -> dict[str, int]:
    return loaded[1]


@pytest.fixture
def manager(chain, sign_in):
    return sign_in(("supply_manager", chain["lead"]))


@pytest.fixture(scope="module")
def more() -> bytes:
    return next(sheet for sheet in sample_sheets() if sheet.file == MORE).content()


def send(client, content: bytes, name: str, **fields):
    data = {"sheet": (io.BytesIO(content), name), **fields}
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/supply/sheets/new").text)
    return client.post("/supply/sheets/new", data={**data, "csrf_token": token[1]})


def press(client, page: str, address: str, **fields):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    return client.post(address, data={**fields, "csrf_token": token[1]})


def how_many(hub: Hub) -> tuple[int, int]:
    with hub.db.reading() as session:
        return tuple(
            session.exec(select(func.count()).select_from(table)).one() for table in (Firm, Link)
        )


def test_upload_look_take_in(hub: Hub, manager, more) -> None:
    before = how_many(hub)
    answer = send(manager, more, "추가 협력사.xlsx")
    assert answer.status_code == 302
    page = answer.headers["Location"]
    text = manager.get(page).text
    assert how_many(hub) == before, "a look takes nothing in"
    for word in ("20개 행 등록하기", "961-87-17705", "검증 숫자가 맞지 않습니다", "약 30", "140"):
        assert word in text
    assert press(manager, page, f"{page}/take-in").status_code == 302
    assert how_many(hub) == (before[0] + 12, before[1] + 12)
    text = manager.get(page).text
    assert "새 기업 12곳" in text
    assert "기업 이름이 비어 있습니다." in text
    press(manager, "/supply/sheets/new", f"{page}/take-in")
    assert how_many(hub) == (before[0] + 12, before[1] + 12)
    with hub.db.reading() as session:
        actions = session.exec(select(AuditEntry.action, AuditEntry.actor)).all()
    assert actions.count(("sheet.taken-in", manager.handle)) == 1


def test_the_same_file_again_is_said_to_be_known(manager, more) -> None:
    page = send(manager, more, "추가.xlsx").headers["Location"]
    press(manager, page, f"{page}/take-in")
    again = send(manager, more, "또.xlsx")
    assert again.headers["Location"] == page
    assert "전에 등록한 파일" in manager.get(page).text


def test_columns_chosen_by_hand(manager) -> None:
    content = "협력사,갑,을\n가온,1차,허브\n".encode()
    page = send(manager, content, "명단.csv").headers["Location"]
    fields = {"supplier.name": "협력사", "link.item": "을"}
    assert press(manager, page, f"{page}/columns", **fields).status_code == 302
    assert "허브" in manager.get(page).text
    assert press(manager, page, f"{page}/columns", **{"link.item": "을"}).status_code == 422


def test_a_waiting_sheet_can_be_discarded(hub: Hub, manager, more) -> None:
    page = send(manager, more, "추가.xlsx").headers["Location"]
    press(manager, page, f"{page}/discard")
    assert manager.get(page).status_code == 404
    with hub.db.reading() as session:
        assert session.exec(select(func.count()).select_from(Sheet)).one() == 3


@pytest.mark.parametrize(
    ("content", "korean", "english"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "읽을 수 있는 표가 아닙니다", "is not a spreadsheet"),
        (b"", "내용이 없습니다", "has no rows"),
        ("단가,수량\n1,2\n".encode(), "협력사 이름이 든 열을 찾지 못했습니다", "No column with"),
    ],
    ids=["no spreadsheet", "empty", "wrong columns"],
)
def test_files_that_cannot_be_used(hub: Hub, manager, content, korean, english) -> None:
    before = how_many(hub)
    answer = send(manager, content, "a.xlsx")
    assert answer.status_code == 422
    assert korean in answer.text
    with manager.session_transaction() as session:
        session["locale"] = "en"
    assert english in send(manager, content, "a.xlsx").text
    assert how_many(hub) == before
    with hub.db.reading() as session:
        assert session.exec(select(func.count()).select_from(Sheet)).one() == 3


def test_a_file_of_200_megabytes(manager) -> None:
    answer = manager.post(
        "/supply/sheets/new",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(200 << 20)},
        input_stream=io.BytesIO(b"--x\r\n"),
    )
    assert answer.status_code == 413
    assert "100 MB" in answer.text


def test_the_map_and_its_table_say_the_same(manager, chain) -> None:
    drawn = manager.get("/supply/map.json").json
    assert len(drawn["nodes"]) == 1 + 24 + 90 + 240
    assert {node["tier"] for node in drawn["nodes"]} == {0, 1, 2, 3}
    assert drawn == manager.get("/supply/map.json").json
    for measure in drawn["measures"]:
        looks = [(each["color"], each["shape"]) for each in measure["classes"]]
        assert len(set(looks)) == len(looks), measure["name"]
        assert sum(each["firms"] for each in measure["classes"]) == len(drawn["nodes"])
    text = manager.get("/supply?tier=2&process=injection").text
    assert "모두 16건" in text
    assert manager.get("/supply?q=없는이름").status_code == 200


def test_a_firm_and_its_panel(manager, chain) -> None:
    page = manager.get(f"/supply/firms/{chain['tier2']}")
    assert "한빛모빌리티(주)" in page.text
    assert "2차 협력사.csv" in page.text
    assert "<html" not in manager.get(f"/supply/firms/{chain['tier2']}/near").text
    assert manager.get("/supply/firms/999999").status_code == 404


def test_another_lead_firm_sees_none_of_it(hub: Hub, chain, manager, sign_in) -> None:
    stranger = sign_in(("supply_manager", make.firm(hub, "다른자동차(주)")))
    assert stranger.get("/supply/sheets/1").status_code == 404
    assert stranger.get(f"/supply/firms/{chain['tier2']}").status_code == 404
    assert stranger.get(f"/supply?lead={chain['lead']}").status_code == 404
    assert stranger.get("/supply/sheets/sample").status_code == 404
    assert "먼저" in stranger.get("/supply").text or stranger.get("/supply").status_code == 200
    assert sign_in(("trainee", None)).get("/supply").status_code == 403


def test_the_sample_sheet_can_be_downloaded(manager) -> None:
    answer = manager.get("/supply/sheets/sample")
    assert answer.data.startswith(b"PK")


def test_the_api(hub: Hub, manager, chain, more) -> None:
    first = manager.get("/api/v1/firms?limit=200").json
    rest = manager.get(f"/api/v1/firms?limit=200&after={first['after']}").json
    assert len(first["firms"]) + len(rest["firms"]) == 355
    assert rest["after"] is None
    assert manager.get("/api/v1/tiers").json["tiers"] == {"1": 24, "2": 90, "3": 240}
    assert len(manager.get("/api/v1/links?limit=1000").json["links"]) == 522
    before = how_many(hub)
    looked = _post(manager, "/api/v1/sheets?file=more.xlsx&dry_run=true", more)
    assert looked.status_code == 201
    assert looked.json["rows"] == {"new": 12, "changed": 1, "unchanged": 7, "faulty": 5}
    assert how_many(hub) == before
    assert _post(manager, "/api/v1/sheets?file=more.xlsx", more).json["firms_new"] == 12
    assert _post(manager, "/api/v1/sheets?file=more.xlsx", more).json["firms_new"] == 0
    refused = _post(manager, "/api/v1/sheets?file=x.xlsx", b"\x89PNG\0")
    assert (refused.status_code, refused.json["title"]) == (422, "NotASpreadsheet")


def _post(client, address: str, content: bytes):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/supply/sheets/new").text)
    return client.post(address, data=content, headers={"X-CSRFToken": token[1]})


def test_nobody_waits_while_a_sheet_is_read(hub: Hub, manager, more) -> None:
    page = send(manager, more, "more.csv").location
    with hub.db.reading() as session:
        sheet = session.exec(select(Sheet).where(Sheet.file_name == "more.csv")).one()
    hub.store.path(sheet.sha256).write_bytes(b"%PDF")
    with hub.db.work() as session:  # somebody writes: what only reads has no need of their place
        session.exec(select(Sheet).limit(1)).all()
        answer = manager.get(page)
    assert answer.status_code == 200
    assert "more.csv" in answer.text
