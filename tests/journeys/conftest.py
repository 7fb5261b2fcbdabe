"""A whole hub with the sample chain, and a real browser before it, for all journeys of a run."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.demo.agent import AgentProcess
from hub.demo.stage import Stage, stage
from hub.sample.load import load
from hub.sample.people import PASSWORD

CHROMIUM = next(
    filter(None, (shutil.which(n) for n in ("chromium", "chromium-browser", "google-chrome"))), None
)
# The last ones keep a headless browser from talking to its maker; plants are often offline.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
]


@pytest.fixture(scope="session")
def playing(tmp_path_factory) -> Iterator[Stage]:
    """Web, worker and JupyterHub, running, with the sample chain and its people."""
    with stage(tmp_path_factory.mktemp("stage") / "var") as here:
        load(here.hub)
        yield here


@pytest.fixture(scope="session")
def published(playing: Stage) -> None:
    """The sample's model stands at the hub, as the lab needs it; publishing it again is no harm."""
    from hub.publishing import publish_bundle
    from hub.sample.bundle import FOLDER
    from hub.sample.chain_sheets import sample_vendor_firms

    with playing.hub.db.reading() as session:
        lead = sample_vendor_firms(session)["lead"]
    files = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    publish_bundle(playing.hub, files, lead, "sample")


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium."""
    if CHROMIUM is None:
        if os.environ.get("HUB_TEST_MUST_RUN"):
            pytest.fail("no Chromium on this machine, and journeys must run")
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def someone(playing: Stage, chromium, request):
    """A function: a page of somebody of the sample, signed in through the form.

    Errors of scripts, and requests to other hosts, fail the journey.
    """
    pages, faults = [], []

    def signed_in(email: str = ""):
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="ko-KR")
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("request", lambda asked: faults.extend(elsewhere(asked.url)))
        pages.append(page)
        if email:
            page.goto(f"{playing.url}/sign-in")
            page.fill("input[name=email]", email)
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(f"{playing.url}/")
        return page

    yield signed_in
    for page in pages:
        page.context.close()
    assert faults == []


def elsewhere(address: str) -> list[str]:
    """The address, where it is not on this machine."""
    ours = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")
    return [] if address.startswith(ours) else [f"asked elsewhere: {address}"]


@pytest.fixture
def agent(tmp_path) -> Iterator[AgentProcess]:
    process = AgentProcess(tmp_path / "agent")
    yield process
    process.stop()


@pytest.fixture
def pictures(tmp_path_factory) -> Path:
    """Where journeys leave their pictures: HUB_TEST_PICTURES, else a temporary folder."""
    folder = Path(os.environ.get("HUB_TEST_PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
