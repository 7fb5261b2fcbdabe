"""Places on the map: each firm its own, in its tier's column, the same for the same chain."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.drawing import places, with_groups


@st.composite
def chains(draw):
    """Tiers of some firms, links between any of them, and tiers of groups without names."""
    tier = draw(st.lists(st.integers(0, 4), min_size=1, max_size=300))
    ends = st.integers(0, len(tier) - 1)
    links = draw(st.lists(st.tuples(ends, ends), max_size=300))
    groups = draw(st.lists(st.integers(0, 5), max_size=120))
    return np.array(tier), np.array(links, int).reshape(-1, 2), np.array(groups, int)


@given(chains())
def test_everybody_has_a_place_of_its_own_in_the_column_of_its_tier(chain) -> None:
    tier, links, groups = chain
    x, y = places(tier, *links.T)
    y, across, down = with_groups(tier, y, groups)
    firms = zip(x.tolist(), y.tolist(), strict=True)
    taken = [*firms, *zip(across.tolist(), down.tolist(), strict=True)]
    assert len(set(taken)) == len(tier) + len(groups)
    assert (abs(x - tier) < 0.35).all()
    assert (abs(across - groups) < 0.35).all()
    both = np.concatenate([y, down])
    assert ((both > 0) & (both < 1)).all()
    for number in np.intersect1d(tier, groups):  # groups stand below the firms of their column
        assert y[tier == number].max() < down[groups == number].min()


@given(chains(), st.randoms(use_true_random=False))
def test_the_order_of_links_and_double_ones_change_nothing(chain, dice) -> None:
    tier, links, _ = chain
    shuffled = [*links.tolist(), *links.tolist()[:3]]
    dice.shuffle(shuffled)
    first, again = places(tier, *links.T), places(tier, *np.array(shuffled, int).reshape(-1, 2).T)
    assert np.array_equal(first, again)


def test_firms_stand_near_those_that_they_supply() -> None:
    tier = np.array([0, 1, 1, 2, 2])
    _, y = places(tier, np.array([1, 2, 3, 4]), np.array([0, 0, 2, 1]))
    assert (y[1] < y[2]) == (y[4] < y[3])


@pytest.mark.parametrize("firms", [1, 40, 41, 300, 4_000, 60_000])
def test_a_full_column_is_a_block_that_leaves_a_gap_to_the_next(firms: int) -> None:
    tier = np.ones(firms, int)
    x, y = places(tier, np.empty(0, int), np.empty(0, int))
    assert len({*zip(x.tolist(), y.tolist(), strict=True)}) == firms
    assert x.max() - x.min() <= 0.64
    across, down = len(np.unique(x)), firms / len(np.unique(x))
    assert firms <= 40 or 0.02 < across / down < 1.5
