"""The sample's model can be had from the page that publishes it, and passes the gate."""

import os
import subprocess
import sys

import pytest

from hub.cli import main
from hub.sample.bundle import FOLDER, zipped
from hub.sample.chain import make_chain
from hub.sample.model import SHOTS, write_shots
from hub.wiring import Hub
from sharing.archive import files_from_zip
from sharing.services.models import examined
from supplychain.tables import Firm
from tests import make


def test_a_publisher_of_the_sample_downloads_it_and_it_passes(hub: Hub, sign_in) -> None:
    lead = make.firm(hub)
    with hub.db.work() as session:
        session.get_one(Firm, lead).brn = make_chain().lead.brn
    publisher = sign_in(("publisher", lead))
    assert 'href="/models/sample"' in publisher.get("/models/publish").text
    assert 'data-megabytes="100"' in publisher.get("/models/publish").text
    answer = publisher.get("/models/sample")
    assert "injection-quality.zip" in answer.headers["Content-Disposition"]
    files, found = files_from_zip(answer.data)
    assert examined(files, found).card.slug == "injection-quality"
    assert zipped() == answer.data


def test_another_firm_is_not_shown_it(hub: Hub, sign_in) -> None:
    stranger = sign_in(("publisher", make.firm(hub, "다른자동차(주)")))
    assert "/models/sample" not in stranger.get("/models/publish").text
    assert stranger.get("/models/sample").status_code == 404


def test_the_rows_to_try_it_with_are_of_the_simulated_plant(tmp_path) -> None:
    write_shots(tmp_path / "shots.csv")
    assert (tmp_path / "shots.csv").read_bytes() == SHOTS.read_bytes()


def test_a_check_that_finds_faults_says_so_to_a_script_too(tmp_path) -> None:
    """Through the program itself: its exit code is what a script goes by."""

    def checked(folder) -> int:
        asked = [sys.executable, "-m", "hub", "models", "check", str(folder)]
        where = {**os.environ, "HUB_DATA": str(tmp_path / "data")}
        return subprocess.run(asked, env=where, capture_output=True, check=False).returncode

    (tmp_path / "empty").mkdir()
    assert checked(tmp_path / "empty") == 2
    assert checked(FOLDER) == 0


def test_a_refused_bundle_is_told_with_what_to_do(
    tmp_path, data_folder, hub, monkeypatch, capsys
) -> None:
    """As the program tells it, in the operator's language."""
    lead = make.firm(hub)
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(
        sys, "argv", ["hub", "models", "publish", str(tmp_path / "empty"), "--firm", str(lead)]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "묶음에 model.onnx 파일이 없습니다" in said
    assert "→" in said
