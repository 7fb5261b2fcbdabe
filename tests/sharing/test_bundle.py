"""From scikit-learn to a bundle and back: the same probabilities."""

import json

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from hub.publishing import publish_bundle
from hub.sample.model import CARD, JUDGED, card_with
from labs.plants import FEATURES, injection_moulding
from sharing.agent.bundle import Bundle
from sharing.bundle import as_fed
from sharing.gate import check, files_in
from tests.make import firm
from tests.sharing.ai4i import ai4i_bundle, trained
from tests.sharing.chain import SAMPLE, sample_files


def test_a_failure_model_of_real_data_gives_sklearns_probabilities(hub, shared, tmp_path):
    source = shared / "data" / "ai4i2020" / "ai4i2020.csv"
    if not source.is_file():
        pytest.skip(f"no AI4I 2020 data at {source}")
    folder = ai4i_bundle(source, tmp_path / "bundle")
    assert check(folder) == []
    made = trained(source)
    found = Bundle.open(folder).before_calibration(made.rows.tolist(), 2)
    expected = made.model.predict_proba(made.rows)
    assert np.abs(found - expected).max() < 1e-5
    assert average_precision_score(made.failed, found[:, 1]) >= 0.80
    version = publish_bundle(hub, files_in(folder), firm(hub), "publisher")
    assert (version.number, version.state) == ("1.0.0", "published")


def test_the_sample_tells_bad_shots_of_machines_it_has_not_seen():
    day = injection_moulding(seed=JUDGED[0])
    rows = as_fed(day[[*FEATURES]]).tolist()
    chance = Bundle.open(SAMPLE).before_calibration(rows, 2)[:, 1]
    assert average_precision_score(day["defect"], chance) > 0.75


def test_the_samples_card_is_the_one_that_was_written():
    packed = json.loads(sample_files()["card.json"])
    found = {metric["name"]: metric["value"] for metric in packed["metrics"]}
    assert card_with(found).document() == packed
    assert set(packed["schema"]["inputs"][0]) == {
        "name", "type", "unit", "low", "high", "missing_allowed", "ko", "en",
    }  # fmt: skip
    assert [column["name"] for column in packed["schema"]["inputs"]] == [*FEATURES]
    assert CARD.is_file()
    assert SAMPLE.is_dir()
