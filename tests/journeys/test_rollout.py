"""A publisher watches a rollout: a plant fails, it pauses, is looked into, resumed, taken back."""

import re

import pytest
from sqlmodel import col, select

from hub.sample.chain_sheets import sample_vendor_firms
from hub.steering import make_rollout, steer
from hub.tables import User
from sharing.audience import Audience
from sharing.rollout import Part, Plan
from sharing.services import deliveries, models, rollouts
from sharing.tables import Rollout
from supplychain.tables import now
from tests.journeys.looks import axe, send, shots

pytestmark = pytest.mark.journey
GOLDEN = {"code": "GoldenMismatch", "facts": {"difference": "0.2"}}


@pytest.fixture
def rollout(playing, published) -> tuple[int, list[int]]:
    """A running rollout of two waves, its first three plants accepted; their deliveries."""
    plan = Plan(waves=(Part(sites=4), Part()), min_sample=1, error_share=0.2)
    with playing.hub.db.work() as session:
        publisher = session.exec(select(User).where(User.email == "models@lead.example")).one()
        # What another journey left running has its plants, and no plant is in two at a time.
        held = col(Rollout.state).in_(("running", "paused"))
        for other in session.exec(select(Rollout).where(held)).all():
            steer(session, other, "stop", publisher.handle)
        made = make_rollout(
            session,
            models.version_of(session, "injection-quality"),
            sample_vendor_firms(session)["lead"],
            publisher.handle,
            name="사출 불량 예측 보급",
            audience=Audience(tiers=(2, 3), process="injection"),
            plan=plan,
            start=True,
        )
        some = [d.id for d in rollouts.deliveries_of(session, made) if d.state == "offered"]
        for number in some[:3]:
            deliveries.accept(session, deliveries.delivery_by_id(session, number), "o", now())
        return made.id, some


def reports(playing, number: int, state: str, figures: dict) -> None:
    with playing.hub.db.work() as session:
        row = deliveries.delivery_by_id(session, number)
        assert deliveries.apply_report(session, row, state, "It failed.", figures, now())


def test_a_failing_plant_pauses_it_and_the_publisher_decides(
    playing, someone, rollout, pictures
) -> None:
    number, some = rollout
    board = someone("models@lead.example")
    board.goto(f"{playing.url}/rollouts/{number}")
    assert board.locator("[data-wave='1'] a.square").count() == 4
    assert board.locator("[data-wave='2'] a.square").count() > 10
    # The worker prepares what was accepted; the page renews itself.
    board.locator("a.square[data-state=prepared]").nth(2).wait_for(timeout=300_000)

    first = board.locator("[data-wave='1'] a.square").first
    first.focus()
    board.keyboard.press("ArrowRight")
    board.locator("#board-said", has_text=re.compile(".{5}: .")).wait_for(state="attached")
    assert board.locator("[data-wave='1'] a.square").nth(1).get_attribute("tabindex") == "0"

    reports(playing, some[0], "active", {"health": "ok", "predictions": 7})
    reports(playing, some[1], "failed", GOLDEN)
    board.locator(".board-head [data-state=paused]").wait_for()
    assert "실패한 사업장" in board.locator(".board-head").inner_text()
    assert board.locator("[data-wave='1'] a.square[data-state=failed]").count() == 1
    assert axe(board) == []
    shots(board, "board-paused", pictures)

    send(board, "nav.ways a[href$='/failures']")
    assert "다르게 나옵니다" in board.locator("section.fail").inner_text()
    assert axe(board) == []
    shots(board, "failures", pictures)
    board.goto(f"{playing.url}/rollouts/{number}/figures")
    board.locator("#adoption-drawing canvas").wait_for()
    assert axe(board) == []
    shots(board, "figures", pictures)

    board.goto(f"{playing.url}/rollouts/{number}")
    send(board, "form[action$='/resume'] button")
    board.locator(".board-head [data-state=running]").wait_for()
    board.locator("form[action$='/rollback'] button").click()
    with board.expect_navigation():
        board.locator("dialog.ask button.primary").click()
    board.locator(".board-head [data-state=rolling_back]").wait_for()
    reports(playing, some[0], "rolled_back", {})
    board.locator(".board-head [data-state=rolled_back]").wait_for()
    send(board, f"a[href$='/deliveries/{some[0]}']")
    assert board.locator("ol.timeline li").count() >= 5
    assert axe(board) == []
    shots(board, "timeline", pictures)
