"""The sample's model: tells from one shot's data how likely the moulded part is defective.

Trained on a simulated plant (labs.plants), written to infra/sample/model. Run it again with

    python -m hub.sample.model
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import average_precision_score, precision_score, recall_score

from hub.sample.bundle import FOLDER
from labs.plants import FEATURES, injection_moulding
from sharing.bundle import as_fed, bundle_from_sklearn
from sharing.card import Card

CARD = Path(__file__).with_name("card.json")
THRESHOLD = 0.3
# Machines that the model learns from, and others on which it is judged. Labs use other seeds.
LEARNT, JUDGED = range(9100, 9124), range(9200, 9208)
# Rows to try `hub-agent predict` and `evaluate` with, of yet another machine.
SHOTS, _TRIED = FOLDER.parent / "shots.csv", 9302


def make(folder: Path = FOLDER) -> dict[str, float]:
    """Train, judge on machines that were not seen, and write the bundle; the figures found."""
    learnt, judged = _machines(LEARNT), _machines(JUDGED)
    model = GradientBoostingClassifier(
        n_estimators=160, max_depth=3, learning_rate=0.1, subsample=0.7, random_state=11
    ).fit(as_fed(learnt[[*FEATURES]]), learnt["defect"])
    rows = as_fed(judged[[*FEATURES]])
    chance = model.predict_proba(rows)[:, 1]
    found = {
        "average_precision": float(average_precision_score(judged["defect"], chance)),
        "precision": float(precision_score(judged["defect"], chance >= THRESHOLD)),
        "recall": float(recall_score(judged["defect"], chance >= THRESHOLD)),
        "defect_rate": float(judged["defect"].mean()),
    }
    bundle_from_sklearn(model, card_with(found), _telling(rows, chance), folder)
    return found


def write_shots(file: Path = SHOTS) -> None:
    """600 shots of a machine that the model has not seen, as its controller would log them.

    Chosen so that the model does on them about as well as its card says.
    """
    injection_moulding(seed=_TRIED, shots=600).to_csv(file, index=False)


def card_with(found: dict[str, float]) -> Card:
    """The card as written by hand, with the figures as found."""
    card: dict[str, Any] = json.loads(CARD.read_text(encoding="utf-8"))
    for metric in card["metrics"]:
        metric["value"] = round(found[metric["name"]], 3)
    return Card.model_validate(card)


def _machines(seeds: range) -> pd.DataFrame:
    return pd.concat([injection_moulding(seed=seed) for seed in seeds], ignore_index=True)


def _telling(rows: np.ndarray, chance: np.ndarray) -> np.ndarray:
    # forty rows spread evenly from the surest good shot to the surest bad one
    order = np.argsort(chance, kind="stable")
    chosen: np.ndarray = rows[order[np.linspace(0, len(order) - 1, 40).astype(int)]]
    return chosen


if __name__ == "__main__":
    write_shots()
    print(json.dumps(make(), indent=1))  # noqa: T201
