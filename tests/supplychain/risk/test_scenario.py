"""What travels through the chain when firms stop: against the plain formula, and its laws."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.risk.alone import each_alone
from supplychain.risk.scenario import NEVER, Stop, needs, replaced_after, run
from tests.supplychain.risk.slow_scenario import slow

SIZE, HORIZON = 6, 25
half_days = st.integers(0, 12).map(lambda n: n / 2)


@st.composite
def chains(draw):
    """Any links between six firms, circles too: (supplier, buyer, item, share, essential)."""
    pairs = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1), st.integers(0, 2))
    keys = draw(
        st.lists(pairs.filter(lambda key: key[0] != key[1]), min_size=1, max_size=12, unique=True)
    )
    told = draw(st.lists(st.integers(1, 10), min_size=len(keys), max_size=len(keys)))
    total = {}
    for (_, buyer, item), share in zip(keys, told, strict=True):
        total[buyer, item] = total.get((buyer, item), 0) + share
    full = draw(st.booleans())
    links = [
        (supplier, buyer, item, share / (total[buyer, item] * (1 if full else 2)))
        for (supplier, buyer, item), share in zip(keys, told, strict=True)
    ]
    stock = {key: draw(half_days) for key in sorted(total)}
    line = {key: draw(st.booleans()) for key in sorted(total)}
    finished = draw(st.lists(half_days, min_size=SIZE, max_size=SIZE))
    return links, stock, line, finished


def made(links, stock, line, finished):
    supplier, buyer, item, share = (np.array(each) for each in zip(*links, strict=True))
    keys = list(zip(buyer.tolist(), item.tolist(), strict=True))
    return needs(
        SIZE,
        (supplier, buyer, item),
        share.astype(float),
        np.array([stock[key] for key in keys]),
        finished=np.array(finished),
        stops=np.array([line[key] for key in keys]),
    )


some_stops = st.lists(
    st.builds(
        Stop,
        st.sets(st.integers(0, SIZE - 1), min_size=1, max_size=3).map(
            lambda firms: tuple(sorted(firms))
        ),
        st.integers(1, 8),
        st.integers(0, 12),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=2,
)


@given(chains(), some_stops, st.sampled_from([None, 3.0]))
def test_it_says_what_the_plain_formula_says(chain, stops, limit) -> None:
    links, stock, line, finished = chain
    items = {}
    for buyer, _item in stock:
        items[buyer] = items.get(buyer, 0) + 1
    weights = {key: 1 / items[key[0]] for key in stock if not line[key]}
    plain = slow(SIZE, links, stock, finished, stops, HORIZON, weights, limit)
    net = made(*chain)
    limits = None if limit is None else replaced_after(net, stops, "everybody", limit)
    found = run(net, stops, HORIZON, limits)
    assert found.shortage == pytest.approx(np.array(plain), abs=1e-9)


@given(chains(), some_stops)
def test_no_stop_no_harm_and_nobody_misses_more_than_the_days_that_passed(chain, stops) -> None:
    net = made(*chain)
    quiet = run(net, [], HORIZON)
    assert (quiet.first == NEVER).all()
    assert not quiet.shortage.any()
    course = run(net, stops, HORIZON)
    grown = np.diff(course.shortage, axis=0)
    assert grown.min() >= -1e-12
    assert grown.max() <= 1 + 1e-9
    assert (1 - course.level).sum(0) == pytest.approx(course.lost, abs=1e-9)


@given(chains(), some_stops, st.integers(1, 5), st.integers(0, SIZE - 1), half_days)
def test_more_of_a_stop_never_hurts_less_and_more_stock_never_more(
    chain, stops, more, also, days
) -> None:
    net = made(*chain)
    course = run(net, stops, HORIZON)
    longer = [replace(stop, days=stop.days + more) for stop in stops]
    wider = [*stops, Stop((also,), 2, more)]
    richer = made(chain[0], {key: kept + days for key, kept in chain[1].items()}, *chain[2:])
    for worse in (run(net, longer, HORIZON), run(net, wider, HORIZON)):
        assert (worse.shortage >= course.shortage - 1e-9).all()
        hit = course.first > 0
        assert (worse.first[hit] > 0).all()
        assert (worse.first[hit] <= course.first[hit]).all()
    assert (run(richer, stops, HORIZON).shortage <= course.shortage + 1e-9).all()


@given(chains(), some_stops)
def test_production_never_uses_more_than_stock_and_what_came(chain, stops) -> None:
    """Conservation: what has been made until a day needed no more of an item than there was."""
    net = made(*chain)
    course = run(net, stops, HORIZON)
    days = np.arange(HORIZON + 1)[:, None]
    for item in np.flatnonzero(net.stops):
        links = np.flatnonzero(net.item == item)
        short = np.maximum(
            course.shortage[:, net.supplier[links]] - net.finished[net.supplier[links]], 0
        )
        came = days[1:, 0] - (short @ net.share[links])[:-1]
        used = days[1:, 0] - course.shortage[1:, net.buyer[item]]
        assert (used <= came + net.stock[item] + 1e-9).all()


@given(st.integers(1, 20), st.integers(0, 6), st.integers(1, 6), st.integers(1, 5))
def test_a_row_of_firms_has_a_closed_form(days, stock, length, first) -> None:
    """Each step takes a day for the way, and the stock; stock takes its days off the stop."""
    size = length + 1
    net = needs(
        size,
        (np.arange(length), np.arange(1, size), np.zeros(length, int)),
        np.ones(length),
        np.full(length, float(stock)),
    )
    course = run(net, [Stop((0,), first, days)], horizon=80)
    for step in range(size):
        missed = max(0, days - step * stock)
        assert course.lost[step] == missed
        assert course.first[step] == (first + step * (1 + stock) if missed else NEVER)
        assert course.days_hit[step] == missed
        assert course.recovered[step] == (first + step + days if missed else NEVER)
    assert course.through().tolist() == [
        step - 1 if step and days > step * stock else NEVER for step in range(size)
    ]


def test_others_cover_their_share_and_may_take_over_after_some_days() -> None:
    net = needs(
        3, (np.array([1, 2]), np.array([0, 0]), np.array([0, 0])), np.array([0.7, 0.3]), np.zeros(2)
    )
    stops = [Stop((1,), days=10)]
    assert run(net, stops, 20).level[:, 0].min() == pytest.approx(0.3)
    for who, lost in (("nobody", 7.0), ("several", 2.8), ("everybody", 2.8)):
        course = run(net, stops, 20, replaced_after(net, stops, who, 4.0))
        assert course.lost[0] == pytest.approx(lost)
    both = [Stop((1, 2), days=10)]
    assert run(net, both, 20, replaced_after(net, both, "several", 4.0)).lost[0] == 10.0
    assert run(net, stops, 20).lacking(0) == [(0, 2, pytest.approx(7.0))]


def test_what_nobody_known_delivers_goes_on_coming() -> None:
    net = needs(2, (np.array([1]), np.array([0]), np.array([0])), np.array([0.4]), np.zeros(1))
    assert run(net, [Stop((1,), days=5)], 20).level[:, 0].min() == pytest.approx(0.6)


@given(
    chains(),
    st.integers(1, 4),
    st.integers(0, 9),
    st.integers(0, 3),
    st.sampled_from(["nobody", "several", "everybody"]),
)
def test_each_alone_is_what_a_scenario_of_one_is(chain, first, days, ramp, who) -> None:
    net = made(*chain)
    stop = Stop((), first, days, ramp)
    found = each_alone(net, np.arange(1, SIZE), 0, stop, HORIZON, (who, 2.0))
    for firm in range(1, SIZE):
        one = replace(stop, firms=(firm,))
        course = run(net, [one], HORIZON, replaced_after(net, [one], who, 2.0))
        assert found.lost[firm - 1] == pytest.approx(course.lost[0], abs=1e-9)
        assert found.first[firm - 1] == course.first[0]


def test_a_chain_without_links_is_no_fault() -> None:
    nothing = np.empty(0, int)
    net = needs(2, (nothing, nothing, nothing), np.empty(0), np.empty(0))
    assert run(net, [Stop((0,), days=3)], 10).lost.tolist() == [3.0, 0.0]
