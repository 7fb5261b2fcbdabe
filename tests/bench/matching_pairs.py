"""Labelled pairs of firms, split by firm, and how well a score tells them apart."""

import csv
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.metrics import average_precision_score

from supplychain.compared import compared
from supplychain.likeness import Coefficients, Decision, Named, candidates, likeness, refit
from supplychain.matching import name_key
from supplychain.names import read
from tests.bench.matching_firms import generated

KOREAN = Path(__file__).parents[1] / "supplychain" / "matching"
FOLDS = 5


class Labelled(NamedTuple):
    """Two firms, whether they are one, and what makes the pair easy or hard."""

    a: Named
    b: Named
    same: bool
    kind: str = ""


class Figures(NamedTuple):
    """At the threshold that was best on the training folds; average precision needs none."""

    precision: float
    recall: float
    f1: float
    average: float


def korean(name: str = "korean_pairs") -> list[Labelled]:
    """Our own set: spelling variants, and firms that only look alike. Each name is one firm."""
    ids: dict[tuple[str, str], int] = {}

    def named(row: dict[str, str], side: str) -> Named:
        name, region = row[f"name_{side}"], row[f"region_{side}"]
        return Named(ids.setdefault((name, region), len(ids)), name, "KR", region)

    with (KOREAN / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [
            Labelled(named(row, "a"), named(row, "b"), row["same"] == "1", row["kind"])
            for row in csv.DictReader(file)
        ]


def osh(shared: Path) -> list[Labelled]:
    """Plants of clothing makers from all over the world, labelled by Open Supply Hub."""
    told = json.loads((shared / "data" / "osh" / "labelled_pairs.json").read_text("utf-8"))

    def named(of: dict[str, str]) -> Named:
        return Named(int(of["id"]), of["name"], of["country"].upper(), address=of["address"])

    return [
        Labelled(*map(named, pair["__value__"]), same=label == "match", kind=label)
        for label in ("match", "distinct")
        for pair in told[label]
    ]


def folds(pairs: Sequence[Labelled], seed: int = 0) -> list[int]:
    """Which fold each pair is in: pairs that share a firm, even by way of others, share a fold."""
    root = _connected(pairs)
    sizes = Counter(root(pair.a.id) for pair in pairs)
    groups = sorted(sizes, key=str)
    random.Random(seed).shuffle(groups)
    filled, fold_of = [0] * FOLDS, {}
    for group in sorted(groups, key=lambda group: -sizes[group]):
        fold_of[group] = filled.index(min(filled))
        filled[fold_of[group]] += sizes[group]
    return [fold_of[root(pair.a.id)] for pair in pairs]


def _connected(pairs: Sequence[Labelled]) -> Callable[[object], object]:
    """By what a firm's id is known: the same for all firms that labels or one name connect."""
    parent: dict[object, object] = {}

    def root(x: object) -> object:
        while parent.setdefault(x, x) != x:
            x = parent[x]
        return x

    for pair in pairs:
        parent[root(pair.a.id)] = root(pair.b.id)
        for firm in (pair.a, pair.b):
            parent[root(firm.id)] = root(name_key(firm.name))
    return root


def lookalikes(pairs: Sequence[Labelled], most: int, seed: int = 0) -> list[Labelled]:
    """Candidates among the firms of these pairs that no label connects: taken to be different."""
    firms = {firm.id: firm for pair in pairs for firm in (pair.a, pair.b)}
    root = _connected(pairs)
    found = [
        Labelled(firms[low], firms[high], same=False, kind="lookalike")
        for low, high in candidates(list(firms.values()))
        if root(low) != root(high)
    ]
    return random.Random(seed).sample(found, min(most, len(found)))


@cache
def invented(most: int = 800, seed: int = 0) -> tuple[Labelled, ...]:
    """Pairs of invented firms that are not one: candidates, which a queue is full of, and any two.

    Without those that happen to have got one name: chance made them, nobody could tell.
    """
    firms, truth = generated(4000, seed=7)
    chance = random.Random(seed)
    near = chance.sample(candidates(firms), most)
    far = [sorted(chance.sample(range(len(firms)), 2)) for _ in range(most)]
    return tuple(
        Labelled(firms[low], firms[high], same=False, kind="invented")
        for low, high in (*near, *far)
        if (low, high) not in truth
        and "agreed" not in compared(read(firms[low]), read(firms[high]))
    )


def fitted(prior: Coefficients, sets: Sequence[Sequence[Labelled]], spread: float) -> Coefficients:
    """Coefficients from labelled pairs, twice as many lookalikes, and invented firms."""
    told = [each for pairs in sets for each in (*pairs, *lookalikes(pairs, 2 * len(pairs)))]
    told += invented()
    return refit(prior, [Decision(each.a, each.b, each.same) for each in told], spread)


def cross_validated(
    prior: Coefficients, sets: Sequence[Sequence[Labelled]], spread: float
) -> list[np.ndarray]:
    """The probability of every pair of every set by coefficients that never saw its firms."""
    splits = [folds(pairs) for pairs in sets]
    found = [np.zeros(len(pairs)) for pairs in sets]
    for fold in range(FOLDS):
        seen = [
            [pair for pair, of in zip(pairs, split, strict=True) if of != fold]
            for pairs, split in zip(sets, splits, strict=True)
        ]
        coefficients = fitted(prior, seen, spread)
        for pairs, split, chances in zip(sets, splits, found, strict=True):
            for at, pair in enumerate(pairs):
                if split[at] == fold:
                    chances[at] = likeness(pair.a, pair.b, coefficients).probability
    return found


def scored(pairs: Sequence[Labelled], score: Callable[[Named, Named], float]) -> np.ndarray:
    return np.array([score(pair.a, pair.b) for pair in pairs])


def figures(pairs: Sequence[Labelled], scores: np.ndarray) -> Figures:
    """Each fold is judged at the threshold that has the best F1 on the other folds."""
    same = np.array([pair.same for pair in pairs])
    fold = np.array(folds(pairs))
    said = np.zeros(len(pairs), dtype=bool)
    for one in range(FOLDS):
        rest = fold != one
        said[~rest] = scores[~rest] >= _best_threshold(scores[rest], same[rest])
    return measured(said, same, scores)


def measured(said: np.ndarray, same: np.ndarray, scores: np.ndarray) -> Figures:
    hits = float(np.sum(said & same))
    precision, recall = hits / max(1, said.sum()), hits / max(1, same.sum())
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return Figures(precision, recall, f1, float(average_precision_score(same, scores)))


def _best_threshold(scores: np.ndarray, same: np.ndarray) -> float:
    def f1(threshold: float) -> float:
        said = scores >= threshold
        return float(2 * np.sum(said & same) / max(1, said.sum() + same.sum()))

    return float(max(np.unique(scores), key=f1))
