"""The supply manager asks what stops the line, keeps the question, and looks who could stand in."""

import pytest

from tests.journeys.looks import axe, send, shots

pytestmark = pytest.mark.journey


def test_from_a_firm_that_could_stop_us_to_who_could_stand_in(playing, someone, pictures) -> None:
    page = someone("supply@lead.example")
    page.goto(f"{playing.url}/supply/what-if/alone?days=60&least=7&who=strangers")
    assert axe(page) == []
    assert page.locator("main tbody tr").count() >= 5
    shots(page, "what-if-alone", pictures)
    with page.expect_navigation():
        page.locator("main tbody tr a[href*='firm=']").first.click()
    page.locator("#what-if-chart canvas").first.wait_for()
    page.locator("#what-if-map[data-drawn]").wait_for()
    assert page.locator("#what-if-headline").inner_text().strip()
    assert axe(page) == []
    shots(page, "what-if", pictures)
    page.fill("form[action$='/saved'] input[name=name]", "멈춤 하나")
    send(page, "form[action$='/saved'] button[type=submit]")
    assert "멈춤 하나" in page.locator("h1").inner_text()
    assert axe(page) == []
    with page.expect_navigation():
        page.locator("main a[href*='/alternates']").last.click()
    assert page.locator("main tbody tr").count() >= 1
    assert axe(page) == []
    shots(page, "what-if-alternates", pictures)


def test_a_firm_is_found_by_name_and_two_scenarios_stand_side_by_side(
    playing, someone, pictures
) -> None:
    page = someone("supply@lead.example")
    for name, days in (("짧게", "10"), ("길게", "40")):
        page.goto(f"{playing.url}/supply/what-if")
        page.locator("#what-if-find").press_sequentially("다이캐스트")
        page.locator("#what-if-found input").first.check()
        page.fill("input[name=days]", days)
        send(page, "#question button[type=submit]")
        page.fill("form[action$='/saved'] input[name=name]", name)
        send(page, "form[action$='/saved'] button[type=submit]")
    page.goto(f"{playing.url}/supply/what-if/saved")
    for box in page.locator("main input[name=scenario]").all()[:2]:
        box.check()
    assert axe(page) == []
    shots(page, "what-if-saved", pictures)
    for box in page.locator("main input[name=scenario]").all()[:2]:
        box.check()
    send(page, "main form[action*='/compare'] button[type=submit]")
    page.locator("#what-if-compare canvas").first.wait_for()
    assert axe(page) == []
    shots(page, "what-if-compare", pictures)
