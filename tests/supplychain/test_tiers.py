"""Tiers: the golden graphs, circles, firms at several tiers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.errors import FirmNotInNetwork
from supplychain.tiers import circles, diamonds, longest_tiers_from, tiers_from, tiers_seen


@pytest.fixture
def golden(shared) -> dict[str, dict]:
    text = (shared / "data" / "golden" / "graph_cases.json").read_text(encoding="utf-8")
    return {case["name"]: case for case in json.loads(text)["cases"]}


def test_golden_diamond(golden) -> None:
    case = golden["diamond"]
    tiers = tiers_from("oem", case["edges"])
    assert {firm: tier for firm, tier in tiers.items() if tier} == case["tiers_from_oem"]
    second = [firm for firm, tier in tiers.items() if tier == 2]
    assert len(diamonds(tiers, case["edges"])) / len(second) == case["diamond_ratio"]


def test_golden_circle_and_skipped_level(golden) -> None:
    case = golden["cycle inside tier 2 plus skip-level"]
    shortest = tiers_from("oem", case["edges"])
    assert {firm: tier for firm, tier in shortest.items() if tier} == case["shortest_tier"]
    longest = longest_tiers_from("oem", case["edges"])
    assert (longest["t1"], longest["t2"], longest["t2b"], longest["t3"]) == (1, 2, 2, 3)
    assert circles(case["edges"]) == [{"t2", "t2b"}]


def test_golden_three_circle(golden) -> None:
    edges = golden["3-cycle"]["edges"]
    assert tiers_from("0", edges) == {"0": 0, "2": 1, "1": 2}
    assert set(longest_tiers_from("0", edges).values()) == {0}


def test_a_lead_firm_that_no_link_mentions() -> None:
    with pytest.raises(FirmNotInNetwork) as caught:
        tiers_from("oem", [("a", "b")])
    assert isinstance(caught.value, LookupError)


def test_customers_of_the_lead_firm_are_no_suppliers() -> None:
    assert tiers_from("oem", [("a", "oem"), ("oem", "dealer")]) == {"oem": 0, "a": 1}


def test_the_lead_firm_in_a_circle_stays_at_zero() -> None:
    links = [("a", "oem"), ("oem", "a")]
    assert tiers_from("oem", links) == {"oem": 0, "a": 1}
    assert tiers_seen(tiers_from("oem", links), links) == {"a": [1]}


_links = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=40)


@given(_links)
def test_each_tier_is_one_more_than_some_buyer(links) -> None:
    links = [*links, (1, 0)]
    tiers = tiers_from(0, links)
    for firm, tier in tiers.items():
        buyers = [tiers[b] for s, b in links if s == firm and b in tiers]
        assert tier == 0 or min(buyers) + 1 == tier
