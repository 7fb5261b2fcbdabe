"""From a scikit-learn model to a bundle, as one would do it in a notebook.

    python infra/sample/publish_from_notebook.py BUNDLE
    hub models check BUNDLE
    hub models publish BUNDLE --firm FIRM

The rows are shots of simulated moulding machines (labs.plants); put your own there.
"""

import json
import sys
from pathlib import Path

import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier

from labs.plants import injection_moulding
from sharing.bundle import as_fed, bundle_from_sklearn, telling
from sharing.card import Card

HERE = Path(__file__).parent
FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else "bundle")

card = json.loads((HERE / "model" / "card.json").read_text(encoding="utf-8"))
columns = [column["name"] for column in card["schema"]["inputs"]]


# 1. Your rows. Rounded to 32 bits before training, so that every plant computes the same.
def shots_of(machines: range) -> tuple:
    """Inputs in the schema's order, and whether each part was bad."""
    table = pd.concat([injection_moulding(seed=machine) for machine in machines])
    return as_fed(table[columns]), table["defect"].to_numpy()


# 2. Your model. Machines that it has not seen judge it, as the plants that get it will.
rows, defect = shots_of(range(9000, 9008))
model = GradientBoostingClassifier(n_estimators=60, random_state=0).fit(rows, defect)
judging, bad = shots_of(range(9020, 9023))
chance = model.predict_proba(judging)[:, 1]

# 3. Its card: what it is for, what it needs, what it promises. The schema names each column with
#    its unit and range; the figures are those that you found.
recall = round(float((chance[bad == 1] >= 0.3).mean()), 3)
card |= {"slug": "my-first-model", "version": "1.0.0"}
card["metrics"] = [
    {"name": "recall", "value": recall, "ko": "재현율(기준값 0.3)", "en": "Recall at 0.3"}
]

# 4. The bundle: model, card, test rows with the model's own results, and from which figure to warn.
chosen = judging[telling(chance)]
warns = {"thresholds": {"probability_defect": 0.3}}
bundle_from_sklearn(model, Card.model_validate(card), chosen, FOLDER, calibration=warns)
print(f"{FOLDER}: {', '.join(sorted(path.name for path in FOLDER.iterdir()))}")
