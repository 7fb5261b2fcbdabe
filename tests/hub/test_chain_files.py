"""The map as a file: the same by page, API and command, and no name that its reader may not see."""

import json

import pytest
from aas_core3 import jsonization, verification
from click.testing import CliRunner

from hub.cli.supply import supply
from supplychain.aas.files import from_aasx, from_json
from supplychain.chart import ChartGroup
from supplychain.graphml import from_graphml
from tests import make
from tests.inviting.conftest import Chain

LEAD, NEAR, FAR = "한빛자동차(주)", "다솜정밀", "마루금속"
READ = {
    "graphml": from_graphml,
    "aas": lambda content: from_json(content.decode()),
    "aasx": from_aasx,
}


@pytest.fixture
def chain(hub) -> Chain:
    """한빛 ← 다솜 ← 마루 and three more, of whom 한빛 knows none by name."""
    made = Chain(hub)
    made.firm(LEAD)
    made.supplies(NEAR, LEAD)
    for end in (FAR, "끝1공업", "끝2공업", "끝3공업"):
        made.supplies(end, NEAR)
    made.join(LEAD, NEAR)
    return made


@pytest.fixture
def client(hub, app, chain):
    from hub.accounts import seal_of

    user = make.person(hub, ("supply_manager", chain.firm(LEAD)))
    signed_in = app.test_client()
    with signed_in.session_transaction() as session:
        session["_user_id"], session["_fresh"], session["seal"] = user.handle, True, seal_of(user)
    return signed_in


@pytest.mark.parametrize("form", READ)
def test_page_api_and_command_give_the_same(
    hub, chain, client, monkeypatch, tmp_path, form
) -> None:
    page = client.get(f"/supply/chain.{form}")
    assert (page.status_code, client.get(f"/api/v1/exports/chain/{form}").status_code) == (200, 200)
    seen = READ[form](page.data)
    assert seen == READ[form](client.get(f"/api/v1/exports/chain/{form}").data)
    assert [firm.name for firm in seen.firms] == [LEAD, NEAR]
    assert seen.hidden == (ChartGroup(2, "", "", 4),)
    for secret in (FAR, "끝1공업"):
        assert secret not in page.data.decode("utf-8", "replace")
    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))
    monkeypatch.setenv("HUB_DATABASE_URL", hub.settings.database)
    file = tmp_path / f"chain.{form}"
    told = CliRunner().invoke(supply, ["export", str(file), "--lead", LEAD, "--format", form])
    assert told.exit_code == 0, told.output
    assert READ[form](file.read_bytes()) == seen


@pytest.mark.parametrize("what", ["links", "firms"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_lists_by_command(hub, chain, monkeypatch, tmp_path, form, what) -> None:
    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))
    monkeypatch.setenv("HUB_DATABASE_URL", hub.settings.database)
    file = tmp_path / f"list.{form}"
    told = CliRunner().invoke(supply, ["export", str(file), "--lead", LEAD, "--what", what])
    assert told.exit_code == 0, told.output
    content = file.read_bytes()
    assert content.startswith(b"PK") or NEAR in content.decode("utf-8-sig")


def test_an_ending_that_is_no_format_is_asked_about(tmp_path) -> None:
    told = CliRunner().invoke(supply, ["export", str(tmp_path / "chain.txt"), "--lead", LEAD])
    assert (told.exit_code, "--format" in told.output) == (2, True)


def test_a_file_that_cannot_be_written_is_told(hub, chain, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))
    monkeypatch.setenv("HUB_DATABASE_URL", hub.settings.database)
    words = ["export", str(tmp_path / "nowhere" / "chain.graphml"), "--lead", LEAD]
    told = CliRunner().invoke(supply, words)
    assert (told.exit_code, "cannot be written" in told.output) == (2, True), told.output


def test_it_validates(client) -> None:
    told = jsonization.environment_from_jsonable(json.loads(client.get("/supply/chain.aas").data))
    assert list(verification.verify(told)) == []
