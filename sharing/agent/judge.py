"""How well predictions met what really happened. Pure: numbers in, numbers out."""

from collections.abc import Mapping, Sequence
from typing import Any

from sharing.agent.errors import LabelMissing


def labels_of(columns: Mapping[str, Sequence[str]], name: str, file: str) -> list[bool]:
    """The column of what really happened; raises LabelMissing where it is not 0 and 1.

    >>> labels_of({"defect": ["0", "1.0"]}, "defect", "a.csv")
    [False, True]
    """
    meanings = {"0": False, "1": True, "0.0": False, "1.0": True}
    try:
        return [meanings[value.strip()] for value in columns[name]]
    except KeyError as error:
        raise LabelMissing(file=file, column=name) from error


def judged(labels: Sequence[bool], scores: Sequence[float], threshold: float) -> dict[str, Any]:
    """Counts at a threshold, and average precision.

    >>> judged([True, False, True, False], [0.9, 0.8, 0.7, 0.1], 0.75)
    {'rows': 4, 'positive': 2, 'threshold': 0.75, 'caught': 1, 'missed': 1, 'false': 1,
     'average_precision': 0.8333}
    """
    positive = sum(labels)
    pairs = list(zip(labels, scores, strict=True))
    caught = sum(label and score >= threshold for label, score in pairs)
    return {
        "rows": len(labels),
        "positive": positive,
        "threshold": threshold,
        "caught": caught,
        "missed": positive - caught,
        "false": sum(not label and score >= threshold for label, score in pairs),
        "average_precision": round(average_precision(labels, scores), 4),
    }


def average_precision(labels: Sequence[bool], scores: Sequence[float]) -> float:
    """Mean of the precisions at each hit, best score first: sum of (Rₙ - Rₙ₋₁) Pₙ.

    Rows of one score count together, as in scikit-learn's `average_precision_score`; 0 where
    nothing ever happened.

    >>> average_precision([False, True], [0.5, 0.5])
    0.5
    """
    positive = sum(labels)
    if not positive:
        return 0.0
    ranked = sorted(zip(scores, labels, strict=True), reverse=True)
    total, hits, fresh = 0.0, 0, 0
    for seen, (score, label) in enumerate(ranked, start=1):
        fresh += label
        if seen == len(ranked) or ranked[seen][0] != score:
            hits += fresh
            total += fresh / positive * hits / seen
            fresh = 0
    return total
