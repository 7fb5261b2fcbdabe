"""The supply manager reads the map: finds a firm, follows its ways, narrows, takes it along."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select
from waitress.server import create_server

from hub.app import create_app
from hub.demo.stage import Stage, free_ports
from hub.migrations import upgrade
from hub.processes import Processes
from hub.sample.chain import LEAD_NAME
from hub.sample.load import load
from hub.served import served
from hub.settings import Settings
from hub.wiring import wire
from supplychain.scenario_question import Question
from supplychain.services.scenarios import save
from supplychain.tables import Firm
from tests.journeys.looks import axe, shots, wide

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def playing(tmp_path_factory) -> Iterator[Stage]:
    """Pages alone: nothing here needs the worker or JupyterHub, which take long to come up."""
    (port,) = free_ports(1)
    settings = Settings(data=tmp_path_factory.mktemp("map"), port=port)
    upgrade(settings.database)
    hub = wire(settings)
    try:
        load(hub)
        with served(create_server(create_app(hub), host="127.0.0.1", port=port, threads=4)):
            yield Stage(hub, Processes([], settings.data / "logs"), {})
    finally:
        hub.close()


@pytest.fixture
def drawn(playing, someone):
    """A function: the map at an address, drawn."""
    page = someone("supply@lead.example")

    def at(asked: str = "", width: int = 1280) -> Page:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{playing.url}/supply{asked}")
        page.locator("#chain[data-ready]").wait_for()
        return page

    return at


def fits(page: Page) -> int:
    """Firms that the drawing shows as fitting."""
    return int(
        page.evaluate("document.getElementById('chain').map.now.fits.reduce((a, b) => a + b)")
    )


def listed(page: Page, firms: int) -> None:
    """The table has come to say so many firms, and so does the sentence that is announced."""
    expect(page.locator(f"#firms-part[data-total='{firms}']")).to_be_attached()
    expect(page.locator("#chain-count")).to_contain_text(f"{firms:,}")


def test_a_firm_is_found_by_keyboard_and_its_ways_are_followed(drawn) -> None:
    page = drawn()
    box = page.get_by_role("combobox", name=re.compile("기업 찾기|Find a firm"))
    box.focus()
    page.keyboard.type("마루솔")
    expect(page.get_by_role("option").first).to_contain_text("마루솔")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    near = page.locator("#chain-near")
    expect(near.locator("h2")).to_contain_text("마루솔")
    assert re.search(r"[?&]firm=\d+", page.url)
    one = near.locator("[data-steps='1']")
    expect(one).to_have_attribute("aria-pressed", "true")
    marked = "document.getElementById('chain').map.now.near.firms.size"
    neighbours = page.evaluate(marked)
    near.locator("[data-steps='2']").click()
    assert page.evaluate(marked) > neighbours
    near.locator("[data-way]").click()
    expect(near.locator("[data-way]")).to_have_attribute("aria-pressed", "true")
    expect(near.locator(".near-way")).to_contain_text(LEAD_NAME)
    shared = page.url
    assert "way=1" in shared
    page.go_back()
    expect(near.locator("[data-steps='2']")).to_have_attribute("aria-pressed", "true")
    page.goto(shared)
    expect(page.locator("#chain-near h2")).to_contain_text("마루솔")
    expect(page.locator("#chain-near [data-way]")).to_have_attribute("aria-pressed", "true")
    page.locator("#chain-reset").click()
    expect(page.locator("#chain-near .chain-facts")).to_be_visible()
    assert "firm=" not in page.url


def test_drawing_and_table_say_the_same_for_every_filter(drawn) -> None:
    page = drawn()
    everybody = fits(page)
    listed(page, everybody)
    page.locator("#chain-legend [data-code=injection]").click()
    injection = fits(page)
    assert 0 < injection < everybody
    listed(page, injection)
    menu = page.locator(".pick[data-filter=tier]")
    menu.locator("summary").click()
    menu.locator("input[value='2']").check()
    both = fits(page)
    assert 0 < both < injection
    listed(page, both)
    assert "process=injection" in page.url
    assert "tier=2" in page.url
    page.reload()
    page.locator("#chain[data-ready]").wait_for()
    assert fits(page) == both
    page.go_back()
    listed(page, injection)
    page.locator("#chain-reset").click()
    listed(page, everybody)
    page.locator("#chain-lines [data-code=contradicted]").click()
    listed(page, fits(page))
    page.locator("#chain-reset").click()
    page.locator("#chain-measure").select_option("level")
    assert "by=level" in page.url
    expect(page.locator("#chain-legend [data-filter=level]").first).to_be_visible()


def test_a_number_finds_its_firm_in_drawing_and_table(playing, drawn) -> None:
    page = drawn()
    page.locator("#firms-part tbody tr th a").nth(3).click()
    name = page.locator("h1").inner_text()
    number = re.search(r"\d{3}-\d{2}-\d{5}", page.locator("main").inner_text())
    assert number
    page = drawn(f"?q={number[0]}")
    listed(page, 1)
    assert fits(page) == 1
    expect(page.locator("#firms-part")).to_contain_text(name)
    page.locator("#firms-part [data-see]").click()
    expect(page.locator("#chain-near h2")).to_contain_text(name)


def test_the_whole_map_is_kept_as_a_picture(drawn, tmp_path: Path) -> None:
    page = drawn("?tier=1")
    with page.expect_download() as coming:
        page.locator("[data-picture=png]").click()
    assert re.fullmatch(r"supply-map-\d{4}-\d\d-\d\d\.png", coming.value.suggested_filename)
    coming.value.save_as(tmp_path / "map.png")
    width, height, coloured = looks_of(page, (tmp_path / "map.png").read_bytes())
    assert width >= 1600
    assert height >= 1000
    assert coloured > 2_000, "the picture is blank"


def test_the_map_is_read_without_webgl(playing, someone) -> None:
    page = someone("supply@lead.example")
    page.add_init_script(
        "const made = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        " return kind.startsWith('webgl') ? null : made.call(this, kind, ...more); };"
    )
    page.goto(f"{playing.url}/supply")
    expect(page.locator("#chain")).to_contain_text("WebGL")
    page.locator("#chain-legend [data-code=press]").click()
    expect(page.locator("#chain-count")).not_to_have_text("")
    listed(page, fits(page))


def test_a_map_in_another_frame_finds_its_places_anew(drawn) -> None:
    page = drawn()
    page.set_viewport_size({"width": 700, "height": 900})
    page.locator("#chain").evaluate(
        """async (box) => {
            const shape = () => box.clientWidth / box.clientHeight;
            const fits = () => Math.abs(box.map.scene.where.wide - shape()) < 1e-9;
            while (!fits()) await new Promise(requestAnimationFrame);
        }"""
    )  # fmt: skip
    right = page.evaluate(
        "(() => { const { scene } = document.getElementById('chain').map;"
        " return scene.column(scene.chain.last).right - scene.box.clientWidth; })()"
    )
    assert -60 < right <= 1  # the last column ends where the frame ends


def test_who_a_scenario_hits_is_seen_on_the_map(playing, drawn, pictures: Path) -> None:
    with playing.hub.db.work() as session:
        lead = session.exec(select(Firm).where(Firm.name == LEAD_NAME)).one()
        question = Question(regions=("KR-48",), days=21)
        number = save(session, lead.id or 0, "경남 3주 정지", question, "x").id
    page = drawn(f"?scenario={number}")
    stops = page.locator("#chain-legend [data-filter=hit][data-code=stops]")
    expect(stops).to_contain_text("스스로 멈춤")
    count = int(stops.locator(".firms").inner_text())
    stops.click()
    page.wait_for_url(f"**scenario={number}**hit=stops**")
    assert fits(page) == count
    listed(page, count)
    expect(page.locator("#firms-part tbody tr").first).to_contain_text("스스로 멈춤")
    assert axe(page) == []
    shots(page, "map-scenario", pictures)


def test_the_map_on_a_screen_a_phone_and_paper(drawn, pictures: Path) -> None:
    page = drawn()
    assert axe(page) == []
    number = page.evaluate("document.getElementById('chain').map.chain.firms.id[30]")
    page.evaluate(f"document.getElementById('chain').map.choose({number}, {{move: true}})")
    expect(page.locator("#chain-near [data-steps='1']")).to_be_visible()
    assert axe(page) == []
    shots(page, "map-firm", pictures)
    page = drawn(width=390)
    assert wide(page) <= 390
    expect(page.locator("#firms-part thead")).to_have_css("position", "absolute")  # cards
    assert axe(page) == []
    page = drawn()
    page.pdf(path=pictures / "map.pdf", prefer_css_page_size=True)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#chain-print img")).to_be_visible()
    expect(page.locator(".chain-split")).to_be_hidden()


def looks_of(page: Page, png: bytes) -> list[int]:
    """Width and height of a picture, and how many of its dots are neither white, black nor grey."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return page.evaluate(  # type: ignore[no-any-return]
        """async (text) => {
            const image = new Image();
            image.src = "data:image/png;base64," + text;
            await image.decode();
            const canvas = document.createElement("canvas");
            canvas.width = image.width;
            canvas.height = image.height;
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            const dots = context.getImageData(0, 0, canvas.width, canvas.height).data;
            let coloured = 0;
            for (let at = 0; at < dots.length; at += 4) {
                const dot = [dots[at], dots[at + 1], dots[at + 2]];
                if (Math.max(...dot) - Math.min(...dot) > 60) coloured += 1;
            }
            return [canvas.width, canvas.height, coloured];
        }""",
        base64.b64encode(png).decode(),
    )
