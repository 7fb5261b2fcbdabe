"""A card to go on from: what a model file and a few rows tell, and empty places for the rest.

Pure. A draft is no Card yet: the gate says what is still missing, field by field.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sharing.card import Card, Origin, Said

_TEXTS = [
    name
    for name, told in Card.model_fields.items()
    if told.annotation is Said and told.is_required()
]


def drafted(
    told: Mapping[str, Any],
    columns: Sequence[Mapping[str, Any]],
    outputs: Sequence[str],
    rows: np.ndarray,
    results: np.ndarray,
) -> dict[str, Any]:
    """`told` with all that it lacks: as far as rows tell it, else empty.

    Ranges are those of the rows, made a little wider: a proposal, which a person has to judge.

    >>> rows, results = np.array([[1.0], [3.0]]), np.array([[0.5], [0.7]])
    >>> made = drafted({}, [{"name": "a"}], ["y"], rows, results)
    >>> made["schema"]["inputs"][0]["low"], made["schema"]["outputs"][0]["name"], made["title"]
    (0.8, 'y', {'ko': '', 'en': ''})
    """
    empty = {"ko": "", "en": ""}
    card: dict[str, Any] = {"slug": "", "version": "1.0.0", **{t: dict(empty) for t in _TEXTS}}
    card |= {"process": "", "metrics": [], "competences": [], "licence": ""}
    card["origin"] = dict.fromkeys(Origin.model_fields, "")
    card |= told
    if "schema" not in card:  # begun here, for a person to go on with
        card["schema"] = {
            "inputs": [{**_column(str(c["name"]), rows[:, i]), **c} for i, c in enumerate(columns)],
            "outputs": [_column(name, results[:, i]) for i, name in enumerate(outputs)],
        }
    return card


def plain_name(text: str) -> str:
    """A column's heading as a name: small letters, digits and underscores.

    >>> plain_name("Air temperature [K]"), plain_name("2nd value"), plain_name("온도")
    ('air_temperature_k', 'c_2nd_value', 'c')
    """
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:58]
    return name if name[:1].isalpha() else f"c_{name}".rstrip("_")


def _column(name: str, values: np.ndarray) -> dict[str, Any]:
    known = values[~np.isnan(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    room = (high - low or abs(high) or 1.0) * 0.1
    return {
        "name": name,
        "unit": "",
        "low": float(f"{low - room:.3g}"),
        "high": float(f"{high + room:.3g}"),
        "missing_allowed": bool(np.isnan(values).any()),
        "ko": "",
        "en": "",
    }
