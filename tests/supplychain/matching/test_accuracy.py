"""Ours against plain rapidfuzz, on pairs whose firms it never saw. Margins as measured, less some.

Average precision, measured by `python -m tests.bench.matching well`: README's table "Matching".
"""

from pathlib import Path

import numpy as np
import pytest

from supplychain.coefficients import EXPECTED, SPREAD
from supplychain.likeness import ASK, SHIPPED, candidates, likeness
from tests.bench.matching import best
from tests.bench.matching_firms import generated
from tests.bench.matching_pairs import (
    Labelled,
    cross_validated,
    figures,
    fitted,
    folds,
    korean,
    lookalikes,
    measured,
    osh,
    scored,
)


@pytest.fixture
def plants(shared: Path) -> list[Labelled]:
    if not (shared / "data" / "osh" / "labelled_pairs.json").is_file():
        pytest.skip(f"no labelled pairs of Open Supply Hub in {shared}")
    return osh(shared)


def test_our_korean_pairs_are_enough_and_none_is_told_twice() -> None:
    pairs = korean()
    assert len(pairs) >= 300
    for some in (pairs, korean("korean_unseen")):
        assert len({frozenset((pair.a[1:], pair.b[1:])) for pair in some}) == len(some)


def test_no_firm_is_on_both_sides_of_a_fold() -> None:
    pairs = korean()
    split = folds(pairs)
    sides: dict[str, set[int]] = {}
    for pair, fold in zip(pairs, split, strict=True):
        for firm in (pair.a, pair.b):
            sides.setdefault(firm.name, set()).add(fold)
    assert all(len(of) == 1 for of in sides.values())
    assert min(np.bincount(split)) > len(pairs) / 7


def test_lookalikes_are_no_labelled_pairs() -> None:
    pairs = korean()
    labelled = {frozenset((pair.a.id, pair.b.id)) for pair in pairs}
    found = lookalikes(pairs, 200)
    assert len(found) == 200
    assert not labelled & {frozenset((pair.a.id, pair.b.id)) for pair in found}


def test_korean_names_never_fitted_are_told_apart_better_than_by_rapidfuzz() -> None:
    pairs = korean("korean_unseen")
    same = np.array([pair.same for pair in pairs])
    chances = scored(pairs, lambda a, b: likeness(a, b).probability)
    ours = measured(chances >= ASK, same, chances)
    plain = figures(pairs, best(pairs)[1])
    assert ours.average > plain.average + 0.3
    assert ours.precision > 0.9
    assert ours.recall > 0.75


def test_plants_all_over_the_world_are_told_apart_better_than_by_rapidfuzz(
    plants: list[Labelled],
) -> None:
    _, chances = cross_validated(EXPECTED, [korean(), plants], SPREAD)
    ours, plain = figures(plants, chances), figures(plants, best(plants)[1])
    assert ours.average > plain.average + 0.1
    assert ours.f1 > plain.f1


def test_the_shipped_coefficients_are_what_the_pairs_give(plants: list[Labelled]) -> None:
    found = fitted(EXPECTED, [korean(), plants], SPREAD)
    assert found.intercept == pytest.approx(SHIPPED.intercept, abs=0.02)
    assert dict(found.weights) == pytest.approx(dict(SHIPPED.weights), abs=0.02)


def test_pairs_of_one_firm_are_found_among_many_others() -> None:
    crowd, truth = generated(3000)
    hidden = {firm: -at for at, firm in enumerate({f for p in korean() for f in (p.a, p.b)}, 1)}
    firms = [*crowd, *(firm._replace(id=number) for firm, number in hidden.items())]
    found = set(candidates(firms))
    same = [sorted((hidden[pair.a], hidden[pair.b])) for pair in korean() if pair.same]
    assert sum(tuple(pair) in found for pair in same) / len(same) > 0.93
    assert sum(pair in found for pair in truth) / len(truth) > 0.93
