"""A model on its way: published, offered, accepted, fetched by a real agent, answering."""

import re

import pytest

from hub.demo.play import golden_figures
from tests.conftest import ROOT
from tests.journeys.looks import axe, send, shots

pytestmark = pytest.mark.journey
BUNDLE = ROOT / "infra" / "sample" / "model"
FILES = ("model.onnx", "card.json", "golden.json")


def test_from_the_publisher_to_a_prediction_at_the_plant(playing, someone, agent, pictures) -> None:
    publisher = someone("models@lead.example")
    publisher.goto(f"{playing.url}/models/publish")
    publisher.locator("details.more summary").click()
    for name in FILES:
        publisher.set_input_files(f"input[name='{name}']", BUNDLE / name)
    send(publisher, "form[action$='/models/publish'] button[type=submit]")
    publisher.wait_for_url("**/models/injection-quality/1.0.0")
    assert axe(publisher) == []
    shots(publisher, "version", pictures)

    publisher.goto(f"{playing.url}/rollouts/new/injection-quality/1.0.0")
    assert axe(publisher) == []
    shots(publisher, "audience", pictures)
    # usually five plants come first; here all of them do
    publisher.locator("details.more:has(select[name=pace]) summary").click()
    publisher.select_option("select[name=pace]", "all")
    send(publisher, "form.audience button[type=submit]")
    publisher.wait_for_url(re.compile(r"/rollouts/\d+"))
    board = publisher
    assert board.locator("a.square[data-state=offered]").count() > 20

    vendor = someone("vendor@tier2.example")
    vendor.goto(f"{playing.url}/plant/models")
    send(vendor, "a[href*='/plant/offers/']")
    vendor.wait_for_url("**/plant/offers/*")
    assert axe(vendor) == []
    shots(vendor, "offer", pictures)
    vendor.locator("input[name=agree]").check()
    send(vendor, "form[action$=accept] button[type=submit]")
    vendor.wait_for_url("**/plant/pcs")
    # The board moves by itself: nobody reloads it.
    board.locator("a.square:not([data-state=offered])").first.wait_for()

    send(vendor, "form[action$='/plant/pcs/connect'] button[type=submit]")
    code = vendor.locator("p.code").inner_text().strip()
    assert axe(vendor) == []
    agent.command("enrol", playing.url, "--code", code)
    agent.start()
    board.locator("a.square[data-state=active], a.square[data-state=committed]").first.wait_for(
        timeout=300_000
    )
    assert axe(board) == []
    shots(board, "board", pictures)

    found = golden_figures(agent)
    assert found["rows"] == 40
    assert found["largest_difference"] <= found["tolerance"]

    vendor.goto(f"{playing.url}/plant/models")
    assert axe(vendor) == []
    shots(vendor, "plant", pictures)


def test_a_wrong_code_is_refused_in_words(playing, agent) -> None:
    from hub.errors import AnswerUnexpected

    with pytest.raises(AnswerUnexpected, match="code"):
        agent.command("enrol", playing.url, "--code", "AAAA-AAAA")


def test_a_pickle_that_calls_itself_onnx_is_refused_with_every_reason(playing, someone) -> None:
    import pickle

    page = someone("models@lead.example")
    page.goto(f"{playing.url}/models/publish")
    page.locator("details.more summary").click()
    page.set_input_files(
        "input[name='model.onnx']",
        {
            "name": "model.onnx",
            "mimeType": "application/octet-stream",
            "buffer": pickle.dumps({"a": 1}),
        },
    )
    page.locator("form.upload button[type=submit]").first.click()
    page.locator(".checklist").wait_for()
    assert page.locator(".checklist ul.faults li").count() >= 3
    assert "피클" in page.locator("[data-check=format] ul.faults").inner_text()
    # What was chosen is still there.
    assert page.locator("input[name='model.onnx']").evaluate("i => i.files[0].name") == "model.onnx"
