"""Who may see which firm by name, against a plain reading of the rule; what counts give away."""

from collections import Counter
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from supplychain.visibility import FEWEST, Known, Outline, counted, seen_by

FIRMS = range(1, 8)
ASKER = 1


@st.composite
def networks(draw):
    """Links with who says so, and the firms that opened themselves to firm 1."""
    ends = st.tuples(st.sampled_from(FIRMS), st.sampled_from(FIRMS))
    pairs = draw(st.lists(ends, max_size=14))
    said = st.frozensets(st.sampled_from(FIRMS), min_size=1, max_size=3)
    links = [Known(n, s, b, draw(said)) for n, (s, b) in enumerate(pairs)]
    return links, draw(st.frozensets(st.sampled_from(FIRMS[1:])))


def ways(links, opened, firm):
    """Every way from a firm to the asker, link by link, that open firms alone form.

    The last one is said by the supplier itself, every other one by one of its ends.
    """
    found, unfinished = [], [[link] for link in links if link.supplier == firm != link.buyer]
    while unfinished:
        way = unfinished.pop()
        if way[-1].buyer == ASKER:
            found.append(way)
            continue
        visited = {link.supplier for link in way}
        unfinished += [
            [*way, link]
            for link in links
            if link.supplier == way[-1].buyer != link.buyer and link.buyer not in visited
        ]
    return [
        way
        for way in found
        if all(link.supplier in opened for link in way)
        and all(link.held_by & {link.supplier, link.buyer} for link in way[:-1])
        and way[-1].supplier in way[-1].held_by
    ]


@given(networks())
def test_a_name_shows_where_the_rule_says_so_and_nowhere_else(network) -> None:
    links, opened = network
    seen = seen_by(ASKER, links, opened)
    for link in links:
        real = link.supplier != link.buyer
        partner = ASKER in (link.supplier, link.buyer)
        open_way = (
            link.supplier in opened
            and bool(link.held_by & {link.supplier, link.buyer})
            and bool(ways(links, opened, link.buyer))
        )
        may = real and (partner or ASKER in link.held_by or open_way)
        assert (link.link in seen.links) == may, link
    named = {e for x in links if x.link in seen.links for e in (x.supplier, x.buyer)}
    assert seen.firms == named | {ASKER}


@given(networks())
def test_what_is_closed_again_shows_no_more_than_if_it_had_never_been_opened(network) -> None:
    links, opened = network
    for firm in opened:
        assert seen_by(ASKER, links, opened - {firm}).firms <= seen_by(ASKER, links, opened).firms
    assert seen_by(ASKER, links).links.keys() <= seen_by(ASKER, links, opened).links.keys()


outlines = st.lists(
    st.builds(
        Outline,
        st.integers(1, 3),
        st.sampled_from(["KR-41", "KR-48", ""]),
        st.sampled_from(["C22", "C29", ""]),
    ),
    max_size=25,
)


@given(outlines)
def test_groups_are_disjoint_and_sum_up_to_the_tier(hidden) -> None:
    tiers = Counter(outline.tier for outline in hidden)
    for tier, firms in tiers.items():
        groups = [group for group in counted(hidden) if group.outline.tier == tier]
        if firms < FEWEST:
            assert groups == [(Outline(tier, None, None), None)]
        else:
            assert sum(group.firms for group in groups) == firms
    assert {group.outline.tier for group in counted(hidden)} == set(tiers)


@given(outlines)
def test_no_sum_or_difference_of_what_is_told_counts_one_or_two_firms(hidden) -> None:
    """Groups are disjoint: whatever a reader adds and takes away is a sum of whole groups."""
    told = [group.firms for group in counted(hidden) if group.firms is not None]
    for size in range(1, min(4, len(told)) + 1):
        assert all(sum(some) >= FEWEST for some in combinations(told, size))
    exact = {(g.outline.tier, g.outline.region, g.outline.sector): g.firms for g in counted(hidden)}
    for outline, firms in Counter(hidden).items():
        if firms < FEWEST:
            assert tuple(outline) not in exact, "a cell of one or two firms stands alone"


@given(outlines, st.data())
def test_firms_of_small_groups_may_change_places_and_nobody_sees_it(hidden, data) -> None:
    """In a tier that is told as one group, no region and no industry of a firm shows."""
    whole = {g.outline.tier for g in counted(hidden) if g.outline.region is None}
    single = {t for t in whole if sum(g.outline.tier == t for g in counted(hidden)) == 1}
    small = [
        index
        for index, outline in enumerate(hidden)
        if outline.tier in single and Counter(hidden)[outline] < FEWEST
    ]
    if not small:
        return
    order = data.draw(st.permutations(small))
    shuffled = list(hidden)
    for here, there in zip(small, order, strict=True):
        shuffled[here] = hidden[there]
    assert counted(shuffled) == counted(hidden)


def test_an_open_way_needs_everybody_on_it() -> None:
    by = frozenset
    chain = [Known(n, n + 1, n, by({n + 1})) for n in range(1, 5)]
    assert sorted(seen_by(1, chain, {2, 3, 4, 5}).firms) == [1, 2, 3, 4, 5]
    assert sorted(seen_by(1, chain, {2, 3, 5}).firms) == [1, 2, 3]
    assert sorted(seen_by(1, chain, {3, 4, 5}).firms) == [1, 2]


def test_what_a_third_firm_put_down_about_open_firms_is_not_theirs_to_show() -> None:
    own = Known(1, 2, 1, frozenset({2}))
    others = Known(2, 3, 2, frozenset({9}))
    assert sorted(seen_by(1, [own, others], {2, 3}).firms) == [1, 2]
    said_too = others._replace(held_by=frozenset({9, 3}))
    assert sorted(seen_by(1, [own, said_too], {2, 3}).firms) == [1, 2, 3]
