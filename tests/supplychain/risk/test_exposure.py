"""Times to survive of a chain as links tell it: against what a person can work out by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supplychain.risk.errors import FactsInvalid
from supplychain.risk.exposure import Delivery, exposed_at, exposure_of, needs_of
from supplychain.risk.facts import Assumed, RiskFacts, Told
from supplychain.risk.facts_file import read_facts
from supplychain.risk.lines import stands_behind
from supplychain.risk.reach import behind

PLAIN = RiskFacts(assumed=Assumed(ttr_days=28, stock_days=5, capacity=100))


def alone(deliveries, firm, days=28.0, facts=PLAIN):
    told = exposure_of(1, needs_of(deliveries, facts), facts, [firm])
    return exposed_at(replace(told, days=(days,)), [0])[0].tolist()


def test_the_only_supplier_stops_us_when_its_goods_are_used_up():
    assert alone([Delivery(2, 1, "a", None)], 2) == pytest.approx([5, 23])


def test_each_buyer_on_the_way_has_stocks_of_its_own():
    assert alone([Delivery(2, 1, "a", 100.0), Delivery(3, 2, "b", 100.0)], 3) == pytest.approx(
        [10, 18]
    )


def test_two_suppliers_cover_their_own_parts_and_as_much_more_as_they_can():
    two = [Delivery(2, 1, "a", 60.0), Delivery(3, 1, "a", 40.0)]
    # 5 days of everything last as long as 0.6 a day is lacking.
    assert alone(two, 2)[0] == pytest.approx(5 / 0.6)
    more = RiskFacts({3: {"capacity": Told(200, "own")}}, assumed=PLAIN.assumed)
    assert alone(two, 2, facts=more)[0] == pytest.approx(5 / 0.2)
    enough = RiskFacts({3: {"capacity": Told(250, "own")}}, assumed=PLAIN.assumed)
    assert alone(two, 2, facts=enough) == [math.inf, 0]


def test_what_nobody_told_of_an_item_goes_on_coming_and_unknown_items_have_no_stand_in():
    assert alone([Delivery(2, 1, "a", 50.0)], 2)[0] == pytest.approx(5)
    both = [Delivery(2, 1, "a", 50.0), Delivery(3, 1, "b", None)]
    assert alone(both, 2) == pytest.approx([5, 11.5])  # half of each day's cars
    nameless = [Delivery(2, 1, "", None), Delivery(3, 1, "", None)]
    assert alone(nameless, 2)[0] == pytest.approx(5)


def test_a_stock_that_is_told_counts_for_its_delivery_alone():
    told = RiskFacts(stocks={(2, 1, "a"): Told(20, "asker")}, assumed=PLAIN.assumed)
    assert alone([Delivery(2, 1, "a", None)], 2, facts=told)[0] == pytest.approx(20)
    assert alone([Delivery(2, 1, "b", None)], 2, facts=told)[0] == pytest.approx(5)


def test_circles_and_firms_that_supply_the_lead_firm_and_each_other():
    ring = [Delivery(2, 1, "a", None), Delivery(3, 2, "b", None), Delivery(2, 3, "c", None)]
    for firm in (2, 3):
        lasts, lost = alone(ring, firm)
        assert 5 <= lasts <= 28
        assert lost <= 28


chains = st.lists(
    st.builds(
        Delivery,
        st.integers(2, 9),
        st.integers(1, 8),
        st.sampled_from(["", "a", "b"]),
        st.none() | st.floats(1, 100),
    ).filter(lambda each: each.supplier > each.buyer),
    min_size=1,
    max_size=20,
)


@settings(max_examples=40, deadline=None)
@given(chains, st.floats(0, 20), st.floats(0, 20))
def test_more_stock_never_shortens_what_is_survived(deliveries, less, more):
    few, many = (
        RiskFacts(assumed=Assumed(28, days, 110)) for days in sorted((round(less), round(more)))
    )
    firm = deliveries[0].supplier
    (short, lost), (long, saved) = (alone(deliveries, firm, facts=each) for each in (few, many))
    assert long >= short - 1e-6
    assert saved <= lost + 1e-6
    assert 0 <= lost <= 28 + 1e-6
    assert (lost > 1e-6) == (short < 28 - 1e-6)


@settings(max_examples=60, deadline=None)
@given(chains)
def test_who_stands_behind_what_is_what_taking_it_away_says(deliveries):
    links = sorted({(each.supplier, each.buyer) for each in deliveries})
    if not any(buyer == 1 for _, buyer in links):
        return
    net = behind(*(np.array(ends) for ends in zip(*links, strict=True)))
    direct = sorted({supplier for supplier, buyer in links if buyer == 1})
    found = stands_behind(net, 1, {"x": tuple(direct)}, within=0)
    for at, firm in enumerate(net.numbers.tolist()):
        over = {firm}
        for supplier, buyer in sorted(links, reverse=True):  # suppliers have larger numbers
            if supplier in over and buyer != 1:
                over.add(buyer)
        served = over & set(direct) if firm != 1 else set()
        assert found.suppliers[at] == len(served)
        assert (found.items.get(firm, []) == ["x"]) == (served == set(direct))


def test_a_file_of_facts_is_read_whole_or_not_at_all():
    lines = ["firm;ttr_days;stock_days;capacity", "12;56;;", "대한프레스;;1,500;150 %", ";;;"]
    assert [(each.firm, each.kind, each.value) for each in read_facts(lines)] == [
        ("12", "ttr_days", 56.0),
        ("대한프레스", "stock_days", 1500.0),
        ("대한프레스", "capacity", 150.0),
    ]
    with pytest.raises(FactsInvalid) as told:
        read_facts(["firm,ttr_days,capacity", "1,-3,90", ",5,", "2,many,", '3,"3,5",'])
    assert all(f"line {number}" in str(told.value) for number in (2, 3, 4, 5))
    with pytest.raises(FactsInvalid):
        read_facts(["supplier,buyer", "a,b"])
