"""Real input: machine failures (AI4I 2020), from training to a vendor's agent and back."""

import csv
import json
import logging

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from hub.distributed import tick_rollouts
from hub.publishing import publish_bundle
from sharing.package import Packer
from sharing.services import agents, deliveries, models, rollouts
from supplychain.tables import Consent, Declaration, Link, now
from tests.make import firm, site
from tests.sharing.agent.conftest import ended
from tests.sharing.ai4i import COLUMNS, ai4i_bundle, trained

log = logging.getLogger(__name__)
pytestmark = pytest.mark.parts


def rolled_out(hub, files) -> tuple[int, str]:
    """A vendor of tier 2 that took the model: its site, and a code for its PC."""
    lead, first, vendor = (
        firm(hub, name, joined_at=now()) for name in ("주관기업", "1차 협력사", "2차 협력사")
    )
    place = site(hub, vendor, process="machining")
    with hub.db.work() as session:
        links = [Link(supplier_id=s, buyer_id=b) for s, b in ((first, lead), (vendor, first))]
        session.add_all(links)
        session.flush()
        # Both suppliers say so, and have opened themselves to the lead firm.
        for link in links:
            session.add(Declaration(link_id=link.id, firm_id=link.supplier_id))
            session.add(Consent(firm_id=link.supplier_id, to_id=lead))
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


def test_real_failures_are_foretold_at_the_vendor(hub, address, agent, shared, tmp_path):
    source = shared / "data" / "ai4i2020" / "ai4i2020.csv"
    if not source.is_file():
        pytest.skip(f"no AI4I 2020 data at {source}")
    made, folder = trained(source), ai4i_bundle(source, tmp_path / "bundle")
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    place, code = rolled_out(hub, files)

    ended(agent("enrol", address, "--code", code))
    assert "machine-failure 1.0.0" in ended(agent("once"))
    file = tmp_path / "shifts.csv"
    with file.open("w", newline="", encoding="utf-8") as content:
        writer = csv.writer(content)
        writer.writerow([*(name for name, *_ in COLUMNS), "failed"])
        writer.writerows(
            [*map(repr, map(float, row)), int(y)]
            for row, y in zip(made.rows, made.failed, strict=True)
        )
    told = json.loads(ended(agent("predict", str(file), "--json")))
    chances = np.array(told["figures"]["probability_failure"])
    ours = made.model.predict_proba(made.rows)[:, 1]
    difference = float(np.abs(chances - ours).max())
    precision = average_precision_score(made.failed, chances)
    log.info(
        "rows %d, largest difference to scikit-learn %.2g, average precision %.3f",
        len(made.rows),
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
        assert (runs.health, runs.predictions) == ("ok", 2 * len(made.rows))
