"""The supply manager asks which firms that it does not know could stop its line, and who stands in.

The computations are the worker's, over Ray.
"""

import re

import pytest

from tests.journeys.looks import axe, send, shots

pytestmark = pytest.mark.journey


def test_who_could_stop_us_and_who_could_stand_in(playing, someone, pictures) -> None:
    page = someone("supply@lead.example")
    page.goto(f"{playing.url}/supply/risk")
    assert axe(page) == []
    send(page, "form[action$='/compute'] button[type=submit]")
    page.get_by_text("계산하고 있습니다").or_(page.get_by_text("다시 계산하기")).first.wait_for()
    # The page comes back by itself when the worker has done both.
    page.wait_for_selector("form[action$='/compute'] >> text=다시 계산하기", timeout=240_000)
    assert page.locator(".risk-runs .state.good").count() == 2
    page.locator("#risk-drawing canvas").wait_for()
    with page.expect_navigation():
        page.get_by_role("link", name="모르는 기업 중 우리를 멈출 수 있는 곳").click()
    rows = page.locator(".risk-table tbody tr")
    assert rows.count() >= 5
    for at in range(5):
        told = rows.nth(at).inner_text()
        assert "1차 협력사 아님" in told
        assert re.search(r"[\d.]+일", told)
    assert axe(page) == []
    shots(page, "risk", pictures)
    page.locator(".risk-table tbody tr th a").first.click()
    page.get_by_role("heading", name=re.compile("달려 있는 것")).wait_for()
    assert axe(page) == []
    shots(page, "risk-firm", pictures)
    page.fill("input[name=ttr_days]", "90")
    send(page, "form[action$='/facts'] button[type=submit]")
    assert "90일 (우리 회사의 추정)" in page.locator("main").inner_text()
    page.get_by_role("link", name="누가 대신할 수 있나요?").click()
    page.wait_for_url(re.compile("/supply/what-if/alternates"))
    assert page.locator("main h1").count() == 1
