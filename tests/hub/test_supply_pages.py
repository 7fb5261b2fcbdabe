"""The supply manager's pages: upload, look, take in; the map; nobody else's sheets."""

import gzip
import io
import re
import shutil
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from sqlmodel import func, select

from hub.sample.chain_sheets import MORE, load_chain, sample_sheets
from hub.settings import Settings
from hub.wiring import Hub, wire
from supplychain.finding import CHOKES
from supplychain.services.network import tier_map
from supplychain.services.weak_points import weak_points
from supplychain.tables import Firm, Link, Sheet
from tests import make
from tests.stores import damage


@pytest.fixture(scope="module")
def loaded(tmp_path_factory, migrated) -> tuple[Path, dict[str, int]]:
    """A data folder with the sample chain, made once; each test gets a copy."""
    folder = tmp_path_factory.mktemp("chain")
    shutil.copyfile(migrated, folder / "hub.sqlite")
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


def test_the_map_and_its_table_say_the_same(manager, chain) -> None:
    drawn = manager.get("/supply/map.json").json
    firms = drawn["firms"]
    assert {len(firms[name]) for name in firms.keys() - {"also"}} == {1 + 24 + 90 + 240}
    assert (firms["id"][0], firms["tier"][0], set(firms["tier"])) == (
        chain["lead"],
        0,
        {0, 1, 2, 3},
    )
    assert drawn == manager.get("/supply/map.json").json
    for measure in drawn["titles"]:
        words = drawn["words"][measure]
        looks = [(each["color"], each["shape"]) for each in words]
        assert len(set(looks)) == len(looks), measure
        counts = Counter(firms[measure])
        assert [counts[place] for place in range(len(words))] == [w["firms"] for w in words]
    ends = {*drawn["links"]["supplier"], *drawn["links"]["buyer"]}
    assert ends <= set(range(len(firms["id"])))
    assert len(drawn["links"]["standing"]) == len(drawn["links"]["buyer"])
    text = manager.get("/supply?tier=2&process=injection").text
    assert "모두 16건" in text
    assert manager.get("/supply?q=없는이름").status_code == 200


def test_the_map_is_packed_and_not_sent_twice(manager) -> None:
    plain = manager.get("/supply/map.json")
    packed = manager.get("/supply/map.json", headers={"Accept-Encoding": "gzip"})
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (
        None,
        "gzip",
    )
    assert gzip.decompress(packed.data) == plain.data
    again = manager.get("/supply/map.json", headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = manager.get("/supply/map.json", headers={"If-None-Match": 'W/"other"'})
    assert other.data == plain.data
    page = manager.get("/supply", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in page.headers  # its forms hold a secret


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
    damage(hub.store, sheet.sha256)
    with hub.db.work() as session:  # somebody writes: what only reads has no need of their place
        session.exec(select(Sheet).limit(1)).all()
        answer = manager.get(page)
    assert answer.status_code == 200
    assert "more.csv" in answer.text


def test_firms_are_found_the_same_on_the_page_in_the_api_and_in_files(manager, chain) -> None:
    def everywhere(asked: str) -> list[set[str]]:
        api = {f["name"] for f in manager.get(f"/api/v1/firms?limit=1000&{asked}").json["firms"]}
        file = manager.get(f"/api/v1/exports/firms/csv?{asked}").text.splitlines()[1:]
        page = manager.get(f"/supply?{asked}").text
        assert f'data-total="{len(api)}"' in page
        return [api, {line.split(",")[0].strip('"') for line in file}]

    some = manager.get("/api/v1/firms?limit=1000&tier=2&process=injection").json["firms"]
    assert {firm["process"] for firm in some} == {"injection"}
    assert all(2 in firm["also"] for firm in some)
    for asked in (
        "q=hanbit", "q=한빛", "tier=2&process=injection", "region=KR-41&region=KR-48", "level=3",
        "standing=contradicted", "marks=circle", "q=없는이름", "employees=10&sector=-",
        "chokepoints=1&chokepoints=2",
    ):  # fmt: skip
        api, file = everywhere(asked)
        assert api == file, asked
    assert everywhere("q=hanbit")[0] >= {"한빛모빌리티(주)"}
    refused = manager.get("/api/v1/firms?region=Atlantis")
    assert refused.status_code == 422
    assert "Atlantis" in refused.text


def test_ways_to_the_lead_firm_and_what_flows_on_them(hub, manager, chain) -> None:
    third = next(
        firm for firm in manager.get("/api/v1/firms?limit=1000").json["firms"] if firm["tier"] == 3
    )["id"]
    said = manager.get(f"/supply/path.json?firm={third}").json
    assert said == manager.get(f"/api/v1/firms/{third}/ways").json
    assert said["steps"] == 3
    assert len(said["paths"]) == min(10, said["ways"])
    pairs = {(link["supplier"], link["buyer"]) for link in said["links"]}
    for way in said["paths"]:
        assert (way[0], way[-1], len(way)) == (third, chain["lead"], 4)
        assert set(pairwise(way)) <= pairs
    assert all(link["items"] for link in said["links"])
    near = manager.get(f"/supply/firms/{third}/around.json?steps=3").json
    assert near == manager.get(f"/api/v1/firms/{third}/around?steps=3").json
    assert near["firms"][0] == third
    assert chain["lead"] in near["firms"]
    for nothing in (987_654_321, "x"):
        assert manager.get(f"/supply/path.json?firm={nothing}").status_code == 404
    assert manager.get("/supply/firms/987654321/around.json").status_code == 404


def test_chokepoints_colour_the_map_by_how_many_firms_they_cut_off(hub, manager, chain) -> None:
    drawn = manager.get("/supply/map.json").json
    words = [each["code"] for each in drawn["words"]["chokepoints"]]
    coded = {
        firm: int(words[at])
        for firm, at in zip(drawn["firms"]["id"], drawn["firms"]["chokepoints"], strict=True)
    }
    with hub.db.reading() as session:
        weak = weak_points(session, chain["lead"])
        seen = tier_map(session, chain["lead"])
    assert {firm: point.cut_off for firm, point in weak.points.items()} == {
        firm: place.behind for firm, place in seen.places.items() if firm != chain["lead"]
    }
    assert max(coded.values()) > 0
    for firm, point in weak.points.items():
        assert coded[firm] == max(low for low, _ in CHOKES if low <= point.cut_off)
    narrow = manager.get("/api/v1/firms?limit=1000&chokepoints=1&chokepoints=2&chokepoints=10").json
    assert {firm["id"] for firm in narrow["firms"]} == {
        firm for firm, point in weak.points.items() if point.cut_off
    }
    assert manager.get("/api/v1/firms?chokepoints=7").status_code == 422


def test_circles_are_named(manager) -> None:
    drawn = manager.get("/supply/map.json").json
    said = manager.get("/api/v1/circles?limit=1").json
    page = manager.get("/supply/circles").text
    assert len(said["circles"]) == min(1, len(drawn["circles"]))
    for circle in manager.get("/api/v1/circles").json["circles"]:
        assert len(circle["firms"]) > 1
        assert circle["names"][0] in page
