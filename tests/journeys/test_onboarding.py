"""A cascade on the sample chain: the lead firm invites tier 2, tier 2 invites tier 3, each on a
phone, from the mail to the next invitation; and what the lead firm sees of them meanwhile.
"""

import email
import re
import time
from email import policy
from pathlib import Path

import pytest

from hub.sample.chain import LEAD_NAME, make_chain
from tests.journeys.conftest import elsewhere
from tests.journeys.hands import Hands
from tests.journeys.looks import axe, shots, speak, wide

pytestmark = [pytest.mark.journey, pytest.mark.timeout(420)]

PASSWORD = "우리공장 3번라인 사출"
SECOND = next(firm for firm in make_chain().tier(2) if "수지" in firm.name and firm.name[0] == "여")
THIRD, FOURTH = "한울이중사출", "동녘안료"
THREE_MINUTES = 180


@pytest.fixture
def phone(playing, chromium):
    """A function: a stranger's phone, 390 points wide, with fingers."""
    pages, faults = [], []

    def opened(address: str):
        context = chromium.new_context(
            viewport={"width": 390, "height": 844}, has_touch=True, locale="ko-KR"
        )
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("request", lambda asked: faults.extend(elsewhere(asked.url)))
        page.on("request", lambda asked: faults.extend(told_on(asked)))
        pages.append(page)
        page.goto(address)
        return page

    yield opened
    for page in pages:
        page.context.close()
    assert faults == []


def told_on(asked) -> list[str]:
    """A request that tells a secret link to another page."""
    came_from = asked.headers.get("referer", "")
    return [f"{asked.url} was told {came_from}"] if "/invited/" in came_from else []


def mail_to(playing, address: str):
    """The newest mail to that address, as the outbox's folder holds it."""
    folder: Path = playing.hub.settings.data / "outbox"
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for file in sorted(folder.glob("*.eml"), key=lambda f: f.stat().st_mtime, reverse=True):
            found = email.message_from_bytes(file.read_bytes(), policy=policy.default)
            if address in str(found["To"]):
                return found
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address}")


def link_in(mail) -> str:
    return re.search(r"https?://\S+/invited/\S+", mail.get_body(("plain",)).get_content())[0]


def invite(page, playing, firm: str, address: str) -> None:
    """The supply manager invites one firm."""
    page.goto(f"{playing.url}/invitations/new")
    page.fill("input[name=guest]", firm)
    page.fill("input[name=email]", address)
    page.fill("input[name=contact]", "이정훈 대표")
    page.fill("textarea[name=note]", "올해 안에 협력사 현황을 함께 확인하려고 합니다.")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state("load")


def join(hands: Hands, *, name: str = "", number: str = "") -> None:
    """From the letter to the firm's own word."""
    page = hands.page
    assert "누가 무엇을 보나요" in hands.look()
    hands.tap("시작하기")
    hands.look()
    hands.write("name", name or page.locator("input[name=name]").input_value())
    hands.write("password", PASSWORD)
    hands.tap("계정 만들고 계속하기")
    hands.look()
    if number:
        hands.write("brn", number)
        hands.tap(page.get_by_label("네", exact=True))  # the letter's question: we supply them
    hands.tap("맞습니다, 가입하기")
    page.wait_for_url("**/my-suppliers?*")


def declare_and_invite(hands: Hands, supplier: str, item: str, address: str) -> None:
    """Name one supplier and invite it."""
    hands.look()
    hands.write("name", supplier)
    hands.write("item", item)
    hands.tap("추가하기")
    assert supplier in hands.look()
    hands.tap("다음: 초대하기")
    hands.look()
    hands.page.locator("main input[type=email]:visible").first.fill(address)
    hands.letters, hands.taps = hands.letters + len(address), hands.taps + 1
    hands.tap("초대 메일 보내기")


def test_tier_two_and_three_join_on_a_phone_and_each_sees_what_it_may(
    playing, someone, phone, pictures
) -> None:
    manager = someone("supply@lead.example")
    invite(manager, playing, SECOND.name, "ceo@tier2b.example")
    assert "초대" in manager.locator("main").inner_text()

    letter = link_in(mail_to(playing, "ceo@tier2b.example"))
    page = phone(letter)
    hands = Hands(page)
    shots(page, "letter", pictures)
    shots_of_wrong_turns(page, letter, pictures)
    page.goto(letter)
    hands = Hands(page)
    join(hands, name="이정훈")
    declare_and_invite(hands, THIRD, "이중사출 하우징", "owner@hanul.example")
    second_took = hands.seconds()
    assert axe(page) == []

    third_letter = link_in(mail_to(playing, "owner@hanul.example"))
    third = phone(third_letter)
    assert SECOND.name in third.locator("h1").inner_text()
    assert LEAD_NAME not in third.locator("main").inner_text()  # the lead firm is two up
    hands = Hands(third)
    join(hands, name="박한울", number="134-81-12341")
    declare_and_invite(hands, FOURTH, "마스터배치", "hello@dongnyeok.example")
    third_took = hands.seconds()
    print(f"\ntier 2: {second_took:.0f} s, tier 3: {third_took:.0f} s by a person's measure")  # noqa: T201
    assert second_took < THREE_MINUTES
    assert third_took < THREE_MINUTES
    look_around(playing, third, pictures)


def shots_of_wrong_turns(page, letter: str, pictures) -> None:
    for name, address in (
        ("account", f"{letter}/account"),
        ("decline", f"{letter}/decline"),
        ("link-over", letter[:-4] + "xxxx"),
    ):
        page.goto(address)
        assert axe(page) == [], name
        shots(page, f"invited-{name}", pictures)


def look_around(playing, page, pictures) -> None:
    """Every page of a vendor that has just joined: clean, and no wider than the phone."""
    for name, path in (
        ("home", "/"),
        ("my-firm", "/my-firm"),
        ("my-suppliers", "/my-suppliers"),
        ("my-customers", "/my-suppliers/customers"),
        ("my-invite", "/my-suppliers/invite"),
    ):
        page.goto(f"{playing.url}{path}")
        assert axe(page) == [], name
        shots(page, f"vendor-{name}", pictures)
    speak(page, "ko")
    assert wide(page) <= 390
