"""What journeys look at: pictures of a page in every width and language, and axe's verdict."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.conftest import ROOT

AXE = ROOT / "infra" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
# One function, not an expression to try again: the page's Content-Security-Policy forbids that.
_SETTLED = """async () => {
    const moving = () => document.getAnimations().filter((each) => each instanceof CSSTransition);
    for (let some = moving(); some.length; some = moving()) {
        await Promise.allSettled(some.map((each) => each.finished));
    }
}"""
WIDTHS = (1280, 390)
LANGUAGES = ("ko", "en")


def speak(page: Page, language: str) -> None:
    """Switch the page to a language by the button in its header."""
    if page.locator("html").get_attribute("lang") == language:
        return
    menu = page.locator(".menu-button")
    if menu.is_visible() and menu.get_attribute("aria-expanded") == "false":
        menu.click()
    with page.expect_navigation():
        page.locator(f"button[name=locale][value={language}]").click()


def send(page: Page, button: str) -> None:
    """Press a button that leads to a new page, and come back when that page is there.

    Before that the old page could still be read, or an address asked for that cancels the way.
    """
    with page.expect_navigation():
        page.locator(button).first.click()


def shots(page: Page, name: str, folder: Path) -> list[Path]:
    """Pictures of the page at hand, one for each width and language. The page comes back as it was.

    A page that is wider than its window is a fault, and said as one.
    """
    before, language = page.viewport_size, page.locator("html").get_attribute("lang") or "ko"
    address, taken = page.url, []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for each in LANGUAGES:
            speak(page, each)
            page.goto(address)
            page.wait_for_load_state("load")
            assert wide(page) <= width, f"{address} is {wide(page)} px wide at {width} px ({each})"
            taken.append(folder / f"{name}-{width}-{each}.png")
            page.screenshot(path=taken[-1], full_page=True)
    if before:
        page.set_viewport_size(before)
    speak(page, language)
    page.goto(address)
    return taken


def wide(page: Page) -> int:
    """How wide the content is, in CSS pixels."""
    return int(page.evaluate("document.documentElement.scrollWidth"))


def axe(page: Page) -> list[str]:
    """What axe finds against WCAG 2.1 A and AA: rule, weight, places.

    axe-core is a development dependency of infra/frontend, installed by `infra/setup test`.
    """
    assert AXE.exists(), "axe-core is missing: bash infra/setup test"
    # A colour half way through its transition belongs to no state of the page: only transitions
    # end by themselves, so an endless animation does not hold this up.
    page.evaluate(_SETTLED)
    # Evaluated by the browser's debugger, which the page's Content-Security-Policy does not bind.
    page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    found: dict[str, Any] = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
    )
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']} at "
        + ", ".join(" ".join(node["target"]) for node in rule["nodes"][:5])
        for rule in found["violations"]
    ]
