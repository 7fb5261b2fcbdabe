"""Whose word counts, over random firms: what no combination of yeses may bring about. Pure."""

from hypothesis import given
from hypothesis import strategies as st

from supplychain.visibility import Known, ear, seen_by

firms = st.integers(1, 7)
states = st.dictionaries(firms, st.sampled_from(["new", "suspended"]), max_size=5)
yeses = st.frozensets(st.tuples(firms, firms), max_size=12)
links = st.lists(
    st.builds(
        Known,
        st.integers(1, 30),
        firms,
        firms,
        st.frozensets(firms, min_size=1, max_size=3),
    ),
    max_size=12,
    unique_by=lambda link: link.link,
)


@given(states, yeses, links, st.frozensets(firms), st.frozensets(firms), firms)
def test_a_new_firm_sees_no_link_but_by_its_own_word_and_those_that_said_yes(
    state, yes, chain, named, opened, asker
) -> None:
    hearing = ear(asker, state, yes, named)
    seen = seen_by(asker, chain, opened, hearing)
    by = {link.link: link.held_by for link in chain}
    for number in seen.links:
        speakers = {asker} | {each for each in by[number] if hearing.hears(each)}
        assert by[number] & speakers
        if state.get(asker) == "new":
            assert by[number] & ({asker} | {who for firm, who in yes if firm == asker})
        if state.get(asker) == "suspended":
            assert asker in by[number]


@given(states, yeses, links, st.frozensets(firms), st.frozensets(firms), firms, firms)
def test_a_yes_between_two_others_shows_nothing_more(
    state, yes, chain, named, opened, asker, other
) -> None:
    """However many vouch for each other: the asker's sight follows from its own yeses alone."""
    between_others = {(firm, by) for firm, by in yes if asker not in (firm, by)} | {(other, 99)}
    before = seen_by(asker, chain, opened, ear(asker, state, yes - between_others, named))
    after = seen_by(asker, chain, opened, ear(asker, state, yes | between_others, named))
    assert before == after


@given(states, yeses, links, st.frozensets(firms), st.frozensets(firms), firms)
def test_an_ear_never_adds_to_what_is_seen(state, yes, chain, named, opened, asker) -> None:
    everything = seen_by(asker, chain, opened)
    heard = seen_by(asker, chain, opened, ear(asker, state, yes, named))
    assert heard.links.keys() <= everything.links.keys()
    assert heard.firms <= everything.firms


@given(yeses, links, st.frozensets(firms), st.frozensets(firms), firms)
def test_where_all_are_confirmed_nothing_changes(yes, chain, named, opened, asker) -> None:
    hearing = ear(asker, {}, yes, named)
    assert hearing.hears_all
    some = [link for link in chain if link.held_by]
    assert seen_by(asker, some, opened, hearing) == seen_by(asker, some, opened)
