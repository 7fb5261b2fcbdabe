"""A supply manager with firms written in two ways: answered by key, taken back, split again."""

import pytest
from sqlmodel import select

from hub.likeness_job import look_over
from hub.tables import User
from supplychain.services.merging import roots
from tests import make
from tests.journeys.looks import axe, send, shots

pytestmark = pytest.mark.journey
SHEET = """협력사명,사업자등록번호,지역,공정,납품처,품목
(주)한빛정밀,124-81-00998,경기,가공,먼빛중공업,샤프트
"Hanvit Jungmil Co., Ltd.",,경기,가공,먼빛중공업,부싱
다솜금형,,인천,금형,(주)한빛정밀,사출 금형
다솜금형(주) 인천,,인천,금형,"Hanvit Jungmil Co., Ltd.",프레스 금형
"""


@pytest.fixture
def page(playing, someone):
    """A supply manager of a firm of its own, whose first sheet is taken in."""
    lead = make.firm(playing.hub, "먼빛중공업", name_key="먼빛중공업")
    user = make.person(playing.hub, ("supply_manager", lead), name="이확인")
    with playing.hub.db.reading() as session:
        email = session.exec(select(User.email).where(User.handle == user.handle)).one()
    page = someone()
    page.goto(f"{playing.url}/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", make.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{playing.url}/")
    csrf = page.locator("input[name=csrf_token]").first.input_value()
    sent = page.request.post(
        f"{playing.url}/api/v1/sheets?file=names.csv",
        data=SHEET.encode(),
        headers={"X-CSRFToken": csrf, "Content-Type": "text/csv"},
    )
    assert sent.status in (201, 202), sent.text()
    while look_over(playing.hub):
        pass
    return page


def test_one_key_answers_and_one_takes_it_back(playing, page, pictures) -> None:
    hub = playing.hub
    with hub.db.reading() as session:
        before = roots(session)
    page.goto(f"{playing.url}/")
    assert "같은 기업으로 보이는" in page.locator("main").inner_text()
    page.goto(f"{playing.url}/supply/same")
    asked = page.locator(".pair").count()
    assert asked >= 1
    assert axe(page) == []
    shots(page, "same-firm", pictures)
    for key in ("y", "u", "y"):
        with page.expect_navigation():
            page.keyboard.press(key)
    assert axe(page) == []
    shots(page, "same-firm-answered", pictures)
    with hub.db.reading() as session:
        assert len(roots(session)) == len(before) + 1
    page.goto(f"{playing.url}/supply/same/merges")
    assert axe(page) == []
    shots(page, "same-firm-merges", pictures)
    page.locator("form[action$='/split'] button").first.click()
    send(page, "dialog button.primary")
    with hub.db.reading() as session:
        assert roots(session) == before
    page.goto(f"{playing.url}/supply/same")
    assert page.locator(".pair").count() < asked


def test_further_numbers_say_what_is_wrong_beside_the_field(playing, page, pictures) -> None:
    page.goto(f"{playing.url}/supply")
    page.locator("main table a[href*='/supply/firms/']", has_text="다솜금형").first.click()
    page.locator("a[href*='/supply/same/numbers/']").click()
    page.fill("input[name=lei]", "5493001KJTIIGC8Y1R13")
    send(page, "main form button[type=submit]")
    assert "끝 두 자리가 12" in page.locator("main").inner_text()
    assert axe(page) == []
    shots(page, "further-numbers", pictures)
