"""Where a chain breaks: golden cases, a plain reference, and what is refused by name."""

import json

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supplychain.errors import FirmNotInNetwork
from supplychain.risk.case_file import case_of, sets_of
from supplychain.risk.chokepoints import chokepoints
from supplychain.risk.errors import (
    CaseInvalid,
    EssentialityInvalid,
    FirmUnknown,
    LinkTwice,
    LinkWithItself,
    NetworkEmpty,
    NetworkInvalid,
    WeightInvalid,
)
from supplychain.risk.esri import esri, esri_at, shares
from supplychain.risk.files import read_essentiality, read_links, read_network
from supplychain.risk.levels import incoherence, levels
from supplychain.risk.network import network
from supplychain.risk.survival import lost_margin, survive, time_to_survive
from tests.bench.risk_network import scale_free
from tests.supplychain.risk.dense import esri_dense


def random_network(seed: int, firms: int, links: int, sectors: int):
    draw = np.random.default_rng(seed)
    pairs = {tuple(pair) for pair in draw.integers(0, firms, (links, 2)).tolist()}
    told = [(f"f{a}", f"f{b}", float(draw.lognormal(0, 1.5))) for a, b in pairs if a != b]
    return network(told, {f"f{n}": f"s{draw.integers(sectors)}" for n in range(firms)})


# --- levels


def graph_cases(shared):
    return json.loads((shared / "data/golden/graph_cases.json").read_text())["cases"]


def test_levels_and_incoherence_of_the_golden_cases(shared):
    for case in graph_cases(shared):
        net = network([(a, b, 1.0) for a, b in case["edges"]])
        found = levels(net)
        assert dict(zip(net.firms, found.round(6).tolist(), strict=True)) == case["h"]
        assert incoherence(net, found) == pytest.approx(case["F0"], abs=1e-6)


@given(st.integers(0, 10_000))
@settings(max_examples=30)
def test_levels_solve_their_equation(seed):
    net = random_network(seed, 12, 20, 3)
    found = levels(net)
    size = len(net.firms)
    flow = np.zeros((size, size))
    flow[net.supplier, net.buyer] = net.weight
    left = (np.diag(net.bought + net.sold) - flow - flow.T) @ found
    assert left == pytest.approx(net.bought - net.sold, abs=1e-6 * net.weight.max())
    assert found.min() == 0


# --- chokepoints


def test_chokepoints_see_hidden_diamonds():
    links = [("n", "a"), ("n", "b"), ("a", "oem"), ("b", "oem"), ("deep", "n")]
    assert [(each.firm, each.behind) for each in chokepoints("oem", links)] == [("n", ("deep",))]
    with pytest.raises(FirmNotInNetwork):
        chokepoints("nobody", links)


@given(st.integers(0, 10_000))
@settings(max_examples=40)
def test_a_chokepoint_cuts_off_exactly_those_behind_it(seed):
    net = random_network(seed, 14, 24, 2)
    links = list(zip(net.supplier.tolist(), net.buyer.tolist(), strict=True))
    lead = net.buyer.tolist()[0]
    points = {each.firm: set(each.behind) for each in chokepoints(lead, links)}
    whole = nx.DiGraph((buyer, supplier) for supplier, buyer in links)
    reached = nx.descendants(whole, lead)
    for firm in reached:
        without = whole.copy()
        without.remove_node(firm)
        cut = reached - {firm} - nx.descendants(without, lead)
        assert points.get(firm, set()) == cut


# --- ESRI


@pytest.mark.parametrize("seed", range(4))
def test_esri_is_the_papers(seed):
    net = random_network(seed, 60, 260, 6)
    kinds = np.random.default_rng(seed).integers(0, 3, (len(net.sectors),) * 2)
    told = {
        (net.sectors[a], net.sectors[b]): int(kinds[a, b])
        for a in range(len(kinds))
        for b in range(len(kinds))
    }
    found = esri_at(shares(net, told), np.arange(len(net.firms)))
    plain = [esri_dense(net, kinds, failed) for failed in range(len(net.firms))]
    assert found == pytest.approx(plain, abs=1e-9)


def test_a_scenario_does_not_depend_on_its_neighbours_in_a_batch():
    net = random_network(9, 80, 300, 5)
    told = shares(net)
    together = esri_at(told, np.arange(len(net.firms)))
    alone = [esri_at(told, np.array([number]))[0] for number in range(len(net.firms))]
    assert together.tolist() == alone


def test_a_sector_that_is_dead_has_nobody_to_stand_in():
    net = network([("only", "user", 1.0), ("user", "shop", 9.0)])
    assert esri(net, firms=["only"])["only"] == pytest.approx(1.0)
    with pytest.raises(FirmUnknown):
        esri(net, firms=["other"])
    with pytest.raises(EssentialityInvalid):
        esri(net, {("a", "b"): 3})


# --- times to survive


def golden_case(shared):
    return json.loads((shared / "data/golden/ttr_tts_case.json").read_text())


def test_times_to_survive_of_the_golden_case(shared):
    told = golden_case(shared)
    case = case_of(told)
    for expected, (down, days) in zip(told["expected"], sets_of(told, case), strict=True):
        found = survive(case, down, days)
        assert found["down"] == expected["down"]
        lasts = None if expected["TTS"] == "inf" else expected["TTS"]
        assert found["TTS"] == pytest.approx(lasts)
        assert found["lost_margin"] == pytest.approx(expected["lost_margin"])


@given(st.integers(0, 10_000), st.floats(1, 60))
@settings(max_examples=25, deadline=None)
def test_nothing_is_lost_before_the_time_to_survive(seed, days):
    draw = np.random.default_rng(seed)
    suppliers = [f"s{n}" for n in range(5)]
    case = case_of(
        {
            "products": ["V"],
            "suppliers": suppliers,
            "inputs": {"V": {"k1": suppliers[:2], "k2": suppliers[2:4]}, "s0": {"raw": ["s4"]}},
            "demand_per_day": {"V": 10},
            "capacity_per_day": {name: float(draw.uniform(4, 30)) for name in suppliers},
            "inventory": {name: float(draw.uniform(0, 50)) for name in [*suppliers, "V"]},
        }
    )
    down = [suppliers[int(draw.integers(5))]]
    lasts, lost = time_to_survive(case, down), lost_margin(case, down, days)
    assert (lost > 1e-6) == (days > lasts + 1e-6) or abs(days - lasts) < 1e-3
    assert lost_margin(case, down, days + 5) >= lost - 1e-6


def test_stock_of_a_product_that_is_a_part_too_is_used_once():
    case = case_of(
        {
            "products": ["motor", "pump"],
            "suppliers": [],
            "inputs": {"pump": {"drive": ["motor"]}},
            "demand_per_day": {"motor": 1, "pump": 1},
            "inventory": {"motor": 20},
        }
    )
    assert time_to_survive(case, ["motor"]) == pytest.approx(10)
    assert lost_margin(case, ["motor"], 15) == pytest.approx(10)


@pytest.mark.parametrize("sectors", [2, 40, 400])
def test_failures_that_reach_far_are_the_papers_too(sectors):
    net = scale_free(400, 3_000, sectors)
    found = esri_at(shares(net), np.arange(len(net.firms)))
    kinds = np.full((len(net.sectors),) * 2, 2)
    some = np.random.default_rng(3).choice(400, 25, replace=False)
    plain = [esri_dense(net, kinds, failed) for failed in some]
    assert found[some] == pytest.approx(plain, abs=1e-9)


def test_a_case_is_refused_with_everything_that_is_wrong():
    told = {
        "products": ["V"],
        "suppliers": ["A", "A"],
        "inputs": {"V": {"k": ["B"], "m": []}},
        "demand_per_day": {"Z": 3},
        "inventory": {"A": -1},
        "bom_qty": 0,
    }
    with pytest.raises(CaseInvalid) as refused:
        case_of(told)
    for word in (
        "B is neither",
        "A stands twice",
        "m is not",
        "names Z",
        "-1",
        "bom_qty",
        "V has no",
    ):
        assert word in str(refused.value)


# --- what networks are refused for


def test_networks_are_refused_by_name():
    with pytest.raises(NetworkEmpty):
        network([])
    with pytest.raises(LinkWithItself, match="a supplies itself"):
        network([("a", "a", 1.0)])
    with pytest.raises(LinkTwice):
        network([("a", "b", 1.0), ("a", "b", 2.0)])
    for weight in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(WeightInvalid):
            network([("a", "b", weight)])


def test_a_file_is_refused_with_each_line_that_is_wrong():
    lines = ["supplier,buyer,weight,supplier_sector,buyer_sector"]
    lines += ["a,a,1,,", "b,c,-2,,", "b,d,,,", "b,e,1,s1,s2", "b,f,1,s9,s2", ",c,1,,", "b,e,4,s1,"]
    with pytest.raises(NetworkInvalid) as refused:
        read_network(lines)
    for number in (2, 3, 4, 6, 7, 8):
        assert f"line {number}:" in str(refused.value)
    assert "line 5:" not in str(refused.value)
    with pytest.raises(NetworkInvalid, match="no column weight"):
        read_network(["supplier,buyer", "a,b"])
    with pytest.raises(NetworkInvalid, match="and 80 more"):
        read_links(["supplier,buyer", *["a,a"] * 100])
    with pytest.raises(NetworkInvalid, match="line 3"):
        read_essentiality(["supplier_sector,buyer_sector,value", "a,b,2", "a,c,7"])
