"""Tiers and chokepoints on arrays say what networkx says, from either database."""

import itertools
from datetime import UTC, datetime

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supplychain.errors import FirmNotInNetwork
from supplychain.risk.chokepoints import chokepoints, hidden_diamonds
from supplychain.risk.reach import behind, cuts, diamond_ratio, tiers
from supplychain.services.link_arrays import living_links
from supplychain.tables import Firm, Link
from supplychain.tiers import diamonds, tiers_from

NUMBERS = st.sampled_from([3, 5, 8, 13, 40, 41, 999, 10**6, 2**31 - 1])
LINKS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30)


def arrays(links):
    return np.array(links, np.int64).reshape(-1, 2).T


@given(LINKS)
@settings(max_examples=100, deadline=None)
def test_tiers_and_dominators_are_those_of_networkx(links):
    lead = links[0][1]
    net = behind(*arrays(links))
    graph = nx.DiGraph((buyer, supplier) for supplier, buyer in links)
    tier = tiers(net, lead)
    told = {int(n): int(t) for n, t in zip(net.numbers, tier, strict=True) if t >= 0}
    assert told == nx.single_source_shortest_path_length(graph, lead)
    found = cuts(net, lead)
    firms = net.numbers[found.order].tolist()
    above = {firm: firms[over] for firm, over in zip(firms[1:], found.over[1:], strict=True)}
    whole = nx.immediate_dominators(graph, lead)
    assert above == {firm: over for firm, over in whole.items() if firm != lead}
    pairs = [(a, b) for a, b in links if a != b]
    known = tiers_from(lead, links)
    second = [firm for firm, at in known.items() if at == 2]
    ratio = len(diamonds(known, pairs)) / len(second) if second else None
    assert diamond_ratio(net, lead) == ratio


def test_a_firm_that_no_link_mentions_has_no_tiers():
    net = behind(*arrays([(1, 2)]))
    for ask in (tiers, cuts, diamond_ratio):
        with pytest.raises(FirmNotInNetwork):
            ask(net, 7)


def test_a_long_chain_is_no_trouble():
    size = 30_000
    links = [(number + 1, number) for number in range(size)]
    found = chokepoints(0, links)
    assert len(found) == size - 1
    assert (found[0].firm, found[0].tier, found[0].count) == (1, 1, size - 1)
    assert found[-1].behind == (size,)


def test_hidden_diamonds_are_the_intersection_of_what_stands_behind():
    links = [("n", "a"), ("deep", "n"), ("b", "oem"), ("a", "oem"), ("n", "m"), ("m", "b")]
    links += [("oem", "deep"), ("c", "oem"), ("a", "c")]
    parts = {"bolts": ["a", "b"], "nuts": ["a", "c"], "pins": ["b"]}
    found = [(each.part, each.firm, each.steps) for each in hidden_diamonds("oem", links, parts)]
    assert found == [
        ("bolts", "n", 2), ("bolts", "deep", 3),
        ("nuts", "a", 1), ("nuts", "n", 2), ("nuts", "deep", 3),
    ]  # fmt: skip
    assert [each.firm for each in hidden_diamonds("oem", links, parts, within=1)] == ["a"]
    first = next(hidden_diamonds("oem", links, parts))
    assert first.reason == (
        "n stands behind every known supplier of bolts (a, b), 2 steps away at most: "
        "another supplier is no way out."
    )
    with pytest.raises(FirmNotInNetwork):
        list(hidden_diamonds("oem", links, {"bolts": ["a", "nobody"]}))


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_hidden_diamonds_of_random_networks(seed):
    draw = np.random.default_rng(seed)
    links = [tuple(pair) for pair in draw.integers(0, 12, (22, 2)).tolist()]
    buyer = links[0][1]
    graph = nx.DiGraph((b, a) for a, b in links if buyer not in (a, b))
    graph.add_nodes_from(range(12))
    firms = sorted({a for a, b in links if b == buyer} - {buyer})
    alone = [{firm} | nx.descendants(graph, firm) for firm in firms]
    whole = set.intersection(*alone) if len(firms) > 1 else set()
    found = hidden_diamonds(buyer, links, {"part": firms}, within=0)
    assert {each.firm for each in found} == whole


def test_living_links_come_alike_from_either_database(either_hub, monkeypatch):
    monkeypatch.setattr("supplychain.services.link_arrays._AT_ONCE", 7)
    with either_hub.db.reading() as session:
        assert [len(each) for each in living_links(session)] == [0, 0]
    with either_hub.db.work() as session:
        firms = [Firm(name=f"f{n}") for n in range(9)]
        session.add_all(firms)
        session.flush()
        pairs = list(itertools.permutations([firm.id for firm in firms], 2))
        for number, (one, other) in enumerate(pairs):
            ended = datetime(2026, 1, 1, tzinfo=UTC) if number % 10 == 0 else None
            told = {"told_supplier_id": one, "told_buyer_id": other}
            session.add(Link(supplier_id=one, buyer_id=other, item="pin", ended=ended, **told))
        merged = {"told_supplier_id": pairs[0][0], "told_buyer_id": pairs[0][0]}
        session.add(Link(supplier_id=pairs[0][0], buyer_id=pairs[0][0], **merged))
    with either_hub.db.reading() as session:
        suppliers, buyers = living_links(session)
    living = [pair for number, pair in enumerate(pairs) if number % 10]
    assert sorted(zip(suppliers.tolist(), buyers.tolist(), strict=True)) == sorted(living)
