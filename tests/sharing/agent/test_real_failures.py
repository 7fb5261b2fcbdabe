"""Real input: machine failures (AI4I 2020), from training to a vendor's agent and back."""

import csv
import json
import logging
import math

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split

from hub.distributed import tick_rollouts
from hub.publishing import publish_bundle
from hub.sample.model import CARD
from sharing.bundle import as_fed, bundle_from_sklearn
from sharing.card import Card
from sharing.package import Packer
from sharing.services import agents, deliveries, models, rollouts
from supplychain.tables import Link, now
from tests.make import firm, site
from tests.sharing.agent.conftest import ended

log = logging.getLogger(__name__)
pytestmark = pytest.mark.parts

# The five columns of failure modes are the answer in disguise; none of them is fed.
COLUMNS = {
    "grade": ("Type", "1", "제품 등급", "Product grade"),
    "air_temperature": ("Air temperature [K]", "K", "공기 온도", "Air temperature"),
    "process_temperature": ("Process temperature [K]", "K", "공정 온도", "Process temperature"),
    "speed": ("Rotational speed [rpm]", "rpm", "회전 속도", "Rotational speed"),
    "torque": ("Torque [Nm]", "Nm", "토크", "Torque"),
    "wear": ("Tool wear [min]", "min", "공구 마모", "Tool wear"),
}
GRADES = {"L": 0.0, "M": 1.0, "H": 2.0}


@pytest.fixture
def failures(shared):
    """(rows, failed) of the real data."""
    file = shared / "data" / "ai4i2020" / "ai4i2020.csv"
    if not file.is_file():
        pytest.skip(f"no {file}")
    with file.open(encoding="utf-8-sig", newline="") as content:
        told = list(csv.DictReader(content))
    names = [name for name, *_ in COLUMNS.values()]
    rows = [[float(GRADES.get(row[name], row[name])) for name in names] for row in told]
    return as_fed(rows), np.array([int(row["Machine failure"]) for row in told])


def card_of(rows: np.ndarray) -> Card:
    """The sample's card, told of another machine."""
    card = json.loads(CARD.read_text(encoding="utf-8"))
    inputs = [
        {
            "name": name,
            "unit": unit,
            "low": math.floor(rows[:, at].min()),
            "high": math.ceil(rows[:, at].max()),
            "ko": ko,
            "en": en,
        }
        for at, (name, (_, unit, ko, en)) in enumerate(COLUMNS.items())
    ]
    outputs = [{"name": "probability_failure", "unit": "1", "ko": "고장 확률", "en": "Failure"}]
    return Card.model_validate(
        {
            **card,
            "slug": "machine-failure",
            "process": "machining",
            "metrics": [],
            "schema": {"inputs": inputs, "outputs": outputs},
        }
    )


def rolled_out(hub, files) -> tuple[int, str]:
    """A vendor of tier 2 that took the model: its site, and a code for its PC."""
    lead, first, vendor = (firm(hub, name) for name in ("주관기업", "1차 협력사", "2차 협력사"))
    place = site(hub, vendor, process="machining")
    with hub.db.work() as session:
        session.add_all([Link(supplier_id=first, buyer_id=lead)])
        session.add_all([Link(supplier_id=vendor, buyer_id=first)])
    publish_bundle(hub, files, lead, "publisher")
    with hub.db.work() as session:
        version = models.version_of(session, "machine-failure")
        rollout = rollouts.create(session, version, lead, "publisher")
        rollouts.start(session, rollout, now())
        (delivery,) = rollouts.deliveries_of(session, rollout)
        assert delivery.site_id == place
        deliveries.accept(session, delivery, "owner", now())
        code, _ = agents.make_code(session, place, "owner", now())
    packer = Packer(hub.settings.data)
    tick_rollouts(hub, lambda orders: map(packer.pack, orders))
    return place, code


def test_real_failures_are_foretold_at_the_vendor(hub, address, agent, failures, tmp_path):
    rows, failed = failures
    learnt, held, y_learnt, y_held = train_test_split(
        rows, failed, test_size=0.25, stratify=failed, random_state=0
    )
    # Average precision in five folds of the learnt part .81; other settings come out between .71
    # and .80 on this hold-out, which has 85 failures: it moves by some .05 with the split.
    model = GradientBoostingClassifier(
        n_estimators=200,
        max_depth=6,
        learning_rate=0.05,
        subsample=0.7,
        min_samples_leaf=5,
        random_state=0,
    ).fit(learnt, y_learnt)
    folder = bundle_from_sklearn(model, card_of(rows), held[:40], tmp_path / "bundle")
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    place, code = rolled_out(hub, files)

    ended(agent("enrol", address, "--code", code))
    assert "machine-failure 1.0.0" in ended(agent("once"))
    file = tmp_path / "shifts.csv"
    with file.open("w", newline="", encoding="utf-8") as content:
        writer = csv.writer(content)
        writer.writerow([*COLUMNS, "failed"])
        writer.writerows(
            [*map(repr, map(float, row)), int(y)] for row, y in zip(held, y_held, strict=True)
        )
    told = json.loads(ended(agent("predict", str(file), "--json")))
    chances = np.array(told["figures"]["probability_failure"])
    ours = model.predict_proba(held)[:, 1]
    difference = float(np.abs(chances - ours).max())
    precision = average_precision_score(y_held, chances)
    log.info(
        "rows %d, largest difference to scikit-learn %.2g, average precision %.3f",
        len(held),
        difference,
        precision,
    )
    assert difference <= 1e-5
    assert precision >= 0.80
    judged = json.loads(ended(agent("evaluate", str(file), "--label", "failed", "--json")))
    assert judged["average_precision"] == pytest.approx(precision, abs=1e-3)
    ended(agent("once"))
    with hub.db.reading() as session:
        runs = deliveries.runs_at(session, place, 1)
        assert (runs.health, runs.predictions) == ("ok", 2 * len(held))
