"""From a scikit-learn model to a bundle, as one would do it in a notebook.

    python infra/sample/publish_from_notebook.py BUNDLE
    hub models check BUNDLE
    hub models publish BUNDLE --firm FIRM

The rows are shots of a simulated moulding machine (infra/sample/shots.csv); put your own there.
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier

from sharing.bundle import as_fed, bundle_from_sklearn, telling
from sharing.card import Card

HERE = Path(__file__).parent
FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else "bundle")

# 1. Your rows. Rounded to 32 bits before training, so that every plant computes the same.
with (HERE / "shots.csv").open(encoding="utf-8") as file:
    table = list(csv.DictReader(file))
card = json.loads((HERE / "model" / "card.json").read_text(encoding="utf-8"))
columns = [column["name"] for column in card["schema"]["inputs"]]
rows = as_fed([[row[name] for name in columns] for row in table])
defect = np.array([int(float(row["defect"])) for row in table])

# 2. Your model, trained on two thirds; the rest judges it.
cut = len(rows) * 2 // 3
model = GradientBoostingClassifier(n_estimators=60, random_state=0).fit(rows[:cut], defect[:cut])
chance = model.predict_proba(rows[cut:])[:, 1]

# 3. Its card: what it is for, what it needs, what it promises. The schema names each column with
#    its unit and range; the figures are those that you found.
caught = chance[defect[cut:] == 1] >= 0.3
recall = round(float(caught.mean()), 3) if len(caught) else 0.0
card |= {"slug": "my-first-model", "version": "1.0.0"}
card["metrics"] = [
    {"name": "recall", "value": recall, "ko": "재현율(기준값 0.3)", "en": "Recall at 0.3"}
]

# 4. The bundle: model, card, test rows with the model's own results, and from which figure to warn.
chosen = rows[cut:][telling(chance)]
warns = {"thresholds": {"probability_defect": 0.3}}
bundle_from_sklearn(model, Card.model_validate(card), chosen, FOLDER, calibration=warns)
print(f"{FOLDER}: {', '.join(sorted(path.name for path in FOLDER.iterdir()))}")
