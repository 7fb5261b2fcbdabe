"""From a notebook to a published version by command, with the data of two real plants."""

import json

import pytest
from click.testing import CliRunner

from hub.cli.models import models as command
from tests.make import firm
from tests.sharing.ai4i import ai4i_bundle
from tests.sharing.steel import read, steel_bundle, trained

pytestmark = pytest.mark.parts


@pytest.fixture
def run(hub, monkeypatch):
    """(arguments) → what the command says, as JSON; fails where the command does."""
    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))

    def run(*arguments):
        done = CliRunner().invoke(command, [*arguments, "--json"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.output)

    return run


def data(shared, folder, name):
    source = shared / "data" / folder / name
    if not source.is_file():
        pytest.skip(f"no data at {source}")
    return source


def test_machine_failures(run, hub, shared, tmp_path):
    folder = ai4i_bundle(data(shared, "ai4i2020", "ai4i2020.csv"), tmp_path / "bundle")
    checked = run("check", str(folder))
    assert (checked["passed"], set(checked["checks"].values())) == (True, {"passed"})
    assert 0 < checked["figures"]["p50_ms"] <= checked["figures"]["p99_ms"] < 100
    number = firm(hub, "한빛모빌리티(주)")
    first = run("publish", str(folder), "--firm", str(number))
    again = run("publish", str(folder), "--firm", str(number))
    assert first == again  # the same content is the same version
    assert (first["origin"], first["versions"][0]["state"]) == ("KR", "published")
    assert len(first["versions"][0]["figures"]["rows"]) == 6


def test_the_next_quarters_energy(run, hub, shared, tmp_path):
    source = data(shared, "steel_energy_kr", "steel_industry_data.csv")
    stamps, table = read(source)
    assert (len(table), f"{stamps[-1]:%Y-%m-%d %H:%M}") == (35_040, "2019-01-01 00:00")
    made = trained(source)
    assert made.error < 4.4
    assert made.error_of_persistence > 5.3
    folder = steel_bundle(source, tmp_path / "bundle")
    assert run("check", str(folder))["passed"]
    number = firm(hub, "한빛모빌리티(주)")
    said = run("publish", str(folder), "--firm", str(number))
    figures = said["versions"][0]["figures"]
    assert figures["calibration"] == {"thresholds": {"kwh_next": 120.0}}
    assert set(said["versions"][0]["files"]) == {
        "model.onnx", "card.json", "golden.json", "calibration.json",
    }  # fmt: skip
    # The same number with another threshold is another content.
    (folder / "calibration.json").write_text('{"thresholds": {"kwh_next": 130.0}}')
    with pytest.raises(ValueError, match="never changes"):
        run("publish", str(folder), "--firm", str(number))


def test_a_model_that_controls_energy_needs_its_self_check(shared, tmp_path):
    source = data(shared, "steel_energy_kr", "steel_industry_data.csv")
    folder = steel_bundle(source, tmp_path / "bundle")
    card = json.loads((folder / "card.json").read_text())
    card["controls"] = ["energy"]
    del card["legal"]
    (folder / "card.json").write_text(json.dumps(card))
    done = CliRunner().invoke(command, ["check", str(folder), "--json"])
    assert done.exit_code == 2
    (fault,) = json.loads(done.output)["faults"]
    assert (fault["code"], fault["check"]) == ("legal_missing", "legal")
    assert fault["advice"]
