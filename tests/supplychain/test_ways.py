"""Ways to the lead firm against networkx; neighbourhoods against its ego graphs."""

from itertools import pairwise

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from supplychain.tiers import delivering, diamonds, serving, tiers_from, tiers_seen
from supplychain.ways import around, shortest_ways

_links = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=60)


def chain(links):
    links = sorted({(s, b) for s, b in [*links, (1, 0)] if s != b})
    buyers = {}
    for supplier, buyer in links:
        buyers.setdefault(supplier, []).append(buyer)
    return links, tiers_from(0, links), buyers


@given(_links, st.integers(0, 14), st.integers(1, 30))
def test_all_shortest_ways_and_no_others(links, firm, most) -> None:
    links, tier, buyers = chain(links)
    found = shortest_ways(tier, buyers, firm, most)
    graph = nx.DiGraph(links)
    if firm not in tier:
        assert found == (0, 0, [])
        return
    every = sorted(nx.all_shortest_paths(graph, firm, 0)) if firm else [[0]]
    assert found.total == len(every)
    assert found.some == every[:most]
    assert found.steps == tier[firm] == len(every[0]) - 1


def test_more_ways_than_anybody_could_list() -> None:
    layers, wide = 40, 3
    links = [(1 + at, 0) for at in range(wide)]
    for layer in range(1, layers):
        links += [
            (1 + layer * wide + one, 1 + (layer - 1) * wide + other)
            for one in range(wide)
            for other in range(wide)
        ]
    links, tier, buyers = chain(links)
    found = shortest_ways(tier, buyers, max(tier), most=5)
    assert (found.total, found.steps, len(found.some)) == (wide ** (layers - 1), layers, 5)
    assert all(pair in set(links) for way in found.some for pair in pairwise(way))


@given(_links, st.integers(0, 14), st.integers(1, 4))
def test_a_neighbourhood_is_what_networkx_finds_without_directions(links, firm, steps) -> None:
    links, _, _ = chain(links)
    supplier, buyer = np.array(links).T
    found = around(supplier, buyer, firm, steps, most=1000)
    graph = nx.Graph(links)
    graph.add_node(firm)
    near = nx.single_source_shortest_path_length(graph, firm, cutoff=steps)
    assert dict(zip(found.firms, found.steps, strict=True)) == near
    assert found.steps == sorted(found.steps)
    assert not found.more
    few = around(supplier, buyer, firm, steps, most=2)
    assert few.firms == found.firms[:2]
    assert few.more == (len(near) > 2)


@given(_links)
def test_arrays_say_what_dictionaries_say(links) -> None:
    links, tier, _ = chain(links)
    some = [(s, b) for s, b in links if s in tier and b in tier]
    supplier, buyer = np.array(some).T
    own, theirs = (np.array([tier[firm] for firm in ends.tolist()]) for ends in (supplier, buyer))
    assert delivering(supplier, own, theirs) == tiers_seen(tier, some)
    assert serving(supplier, own, theirs) == diamonds(tier, some)
