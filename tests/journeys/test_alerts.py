"""An alert on its way down a chain of four firms, as each of them meets it, and back to its end."""

import email
import re
import time
from email import policy

import pytest
from sqlmodel import select

from hub.tables import User
from tests import make
from tests.inviting.conftest import Chain
from tests.journeys.looks import axe, send, shots

pytestmark = [pytest.mark.journey, pytest.mark.timeout(240)]

LEAD, NEAR, FAR = "달무리중공업(주)", "새벽별정밀", "물안개금속"
ENDS = [f"해오름공업{n}" for n in range(1, 5)]
ADDRESS = "han@haeoreum.example"
TEXT = "도금조 화재로 라인이 섰습니다. 귀사 납품에 영향이 있는지 알려 주세요."


@pytest.fixture
def chain(playing):
    """달무리 ← 새벽별 ← 물안개 ← four that have not joined; nobody has opened itself further."""
    made = Chain(playing.hub)
    made.firm(LEAD)
    made.supplies(NEAR, LEAD)
    made.supplies(FAR, NEAR)
    for place, end in enumerate(ENDS):
        made.supplies(end, FAR, email=ADDRESS if place == 0 else "")
    made.join(LEAD, NEAR, FAR)
    return made


@pytest.fixture
def person(playing, chain, someone):
    """A function: a page of somebody who speaks for that firm, signed in."""

    def signed_in(firm: str, role: str = "vendor"):
        user = make.person(playing.hub, (role, chain.firm(firm)), name=f"{firm[:3]} 담당")
        with playing.hub.db.reading() as session:
            address = session.exec(select(User.email).where(User.handle == user.handle)).one()
        page = someone()
        page.goto(f"{playing.url}/sign-in")
        page.fill("input[name=email]", address)
        page.fill("input[name=password]", make.PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"{playing.url}/")
        return page

    return signed_in


def link_for(playing, address: str) -> str:
    """The link in the newest mail to that address, once the worker has put it into its folder."""
    folder, until = playing.hub.settings.data / "outbox", time.monotonic() + 60
    while time.monotonic() < until:
        for file in sorted(folder.glob("*.eml"), reverse=True):
            found = email.message_from_bytes(file.read_bytes(), policy=policy.default)
            if address in str(found["To"]):
                told = found.get_body(("plain",)).get_content()
                assert LEAD not in told
                return re.search(r"https?://\S+/alerted/\S+", told)[0]
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address}")


def opened(page, playing) -> str:
    """Follow the alert that the home page asks for; what its page says."""
    page.goto(f"{playing.url}/")
    send(page, "main a[href*='/alerts/']")
    return page.locator("main").inner_text()


def test_from_the_lead_firm_to_a_firm_without_an_account_and_back(
    playing, chain, person, pictures
) -> None:
    manager = person(LEAD, "supply_manager")
    manager.goto(f"{playing.url}/supply/firms/{chain.firm(NEAR)}")
    send(manager, "main a[href*='/alerts/new']")
    assert manager.locator("input[name=to]:checked").count() == 1
    assert axe(manager) == []
    manager.fill("textarea[name=text]", TEXT)
    manager.check("input[name=tiers][value='2']")
    manager.check("input[name=tiers][value='3']")
    send(manager, "main form button.primary")
    number = manager.url.rpartition("/")[2].partition("?")[0]

    near = person(NEAR)
    assert LEAD in opened(near, playing)
    assert axe(near) == []
    shots(near, "alert-to-pass", pictures)
    send(near, "main form[action$='/pass'] button[type=submit]")

    far = person(FAR)
    told = opened(far, playing)
    assert (NEAR in told, LEAD in told) == (True, False)
    far.check("input[name=delivers][value=partly]")
    far.fill("textarea[name=note]", "재고로 사흘은 됩니다.")
    send(far, "main form[action$='/answer'] button[type=submit]")
    send(far, "main form[action$='/pass'] button[type=submit]")

    letter = manager.context.browser.new_page(viewport={"width": 390, "height": 844})
    letter.goto(link_for(playing, ADDRESS))
    assert axe(letter) == []
    shots(letter, "alert-letter", pictures)
    letter.check("input[name=delivers][value=no]")
    letter.check("input[name=cause]")
    send(letter, "main form[action$='/answer'] button[type=submit]")
    assert axe(letter) == []

    manager.goto(f"{playing.url}/alerts/{number}")
    told = manager.locator("main").inner_text()
    assert NEAR in told
    assert not [name for name in (FAR, *ENDS) if name in told]
    assert "이름을 볼 수 없는 기업" in told  # whom it comes from
    manager.locator("details.same-as-table summary").click()
    rows = manager.locator("details.same-as-table tbody tr").all_inner_texts()
    assert [row.split()[0] for row in rows] == ["1차", "2차", "3차"]
    assert axe(manager) == []
    shots(manager, "alert-reach", pictures)

    letter.fill("textarea[name=outcome]", "도금조를 고쳐 다시 납품합니다.")
    letter.locator("main form[action$='/over'] button").click()
    send(letter, "dialog button.primary")
    letter.close()
    for page in (manager, far):
        page.goto(f"{playing.url}/alerts/{number}")
        assert "다시 납품합니다" in page.locator("main").inner_text()
