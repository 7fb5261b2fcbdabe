"""Measures how smoothly the map of 10,000 firms and 30,000 links is moved in a real browser.

    .venv/bin/python -m tests.bench.map_frames [FIRMS LINKS]

The chain of tests/bench/map_chain.py in a hub of its own, a real web server, headless Chromium
without a graphics card: all is drawn by the processor (SwiftShader), the worst that a reader can
have. The map is dragged by the mouse, then zoomed by the wheel, five seconds each. Times are those
between animation frames, the processor time of all of Chromium by each of them (which other work on
the machine does not change), and how long the first drawing takes from the click. Where a drawing
takes long, the page moves the picture that it has, and draws anew when the map rests.
"""

import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page, sync_playwright
from waitress.server import create_server

from hub.accounts import create_user, grant
from hub.app import create_app
from hub.demo.stage import free_ports
from hub.migrations import upgrade
from hub.sample.people import PASSWORD
from hub.served import served
from hub.settings import Settings
from hub.wiring import Hub, wire
from tests.bench.map_chain import chain
from tests.journeys.conftest import CHROMIUM, FLAGS

SECONDS = 5
_EMAIL = "bench@lead.example"
_FRAMES = """() => {
    window.frames_ = [];
    window.counting = true;
    window.camera_ = JSON.stringify(document.getElementById("chain").map.scene.view);
    let last = performance.now();
    const next = (now) => {
        frames_.push(now - last);
        last = now;
        if (counting) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
}"""


def fill(hub: Hub, firms: int, links: int) -> None:
    """The chain, and somebody who may look at it."""
    with hub.db.work() as session:
        made = chain(firms, links)
        made.put(session)
        user = create_user(session, _EMAIL, "측정", PASSWORD)
        grant(session, user, "supply_manager", made.lead)


def opened(page: Page, url: str) -> float:
    """Sign in, open the map; seconds until it is drawn."""
    page.goto(f"{url}/sign-in")
    page.fill("input[name=email]", _EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{url}/")
    began = time.perf_counter()
    page.goto(f"{url}/supply")
    page.locator("#chain[data-ready]").wait_for()
    # A pixel that is read back is one that is drawn.
    page.evaluate(
        "() => { const gl = document.getElementById('chain').map.scene.renderer.getWebGLContext();"
        " gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)); }"
    )
    return time.perf_counter() - began


def processor() -> float:
    """Seconds of a processor that what this process started has used so far."""
    parents, used = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        parents[int(folder.name)] = int(fields[1])
        used[int(folder.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    family = {os.getpid()}
    while more := {each for each, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(used[each] for each in family - {os.getpid()})


def frames(page: Page, how: str) -> tuple[list[float], float]:
    """Milliseconds of each frame while the map is moved, and processor seconds."""
    box: Any = page.locator("#chain").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.evaluate(_FRAMES)
    before = processor()
    began, step = time.perf_counter(), 0
    if how == "drag":
        page.mouse.down()
    while time.perf_counter() - began < SECONDS:
        step += 1
        if how == "drag":
            page.mouse.move(x + step * 7 % 240 - 120, y + step * 5 % 160 - 80)
        else:
            page.keyboard.down("Control")
            page.mouse.wheel(0, -120 if step // 8 % 2 else 120)
            page.keyboard.up("Control")
    if how == "drag":
        page.mouse.up()
    times: list[float] = page.evaluate("() => { counting = false; return frames_; }")
    moved = "camera_ !== JSON.stringify(document.getElementById('chain').map.scene.view)"
    assert page.evaluate(moved), f"{how} did not move the map"
    return times[1:], processor() - before


def measure(url: str) -> None:
    """Print the table."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(300_000)
        first = opened(page, url)
        page.wait_for_load_state("networkidle")
        print(f"first drawing: {first:.1f} s from the click\n")
        print("| move | frames | median, ms | p95, ms | longest, ms | processor by frame, ms |")
        print("|---|---|---|---|---|---|")
        for how in ("drag", "wheel"):
            found, used = frames(page, how)
            times = sorted(found)
            p95 = times[int(len(times) * 0.95)]
            told = f"| {how} | {len(times)} | {median(times):.0f} | {p95:.0f} | {times[-1]:.0f} |"
            print(f"{told} {1000 * used / len(times):.0f} |")
        browser.close()


def main() -> None:
    """Measure in a folder that goes away."""
    firms, links = (
        int(each) for each in (sys.argv[1:3] if len(sys.argv) > 2 else (10_000, 30_000))
    )
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        settings = Settings(data=Path(folder), port=port)
        upgrade(settings.database)
        hub = wire(settings)
        try:
            fill(hub, firms, links)
            print(f"Python {platform.python_version()}, {firms:,} firms, {links:,} links")
            with served(create_server(create_app(hub), host="127.0.0.1", port=port, threads=4)):
                measure(f"http://127.0.0.1:{port}")
        finally:
            hub.close()


if __name__ == "__main__":
    main()
