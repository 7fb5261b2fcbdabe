"""What an officer sees tells nothing of a single firm."""

from hypothesis import given
from hypothesis import strategies as st

from hub.sample.load import load
from supplychain.indicators import LEAST, TOGETHER, rows, withheld
from supplychain.services.indicators import overview

counts = st.lists(st.integers(0, 60), min_size=1, max_size=6)


@given(counts)
def test_no_small_count_is_shown_nor_follows_from_the_total(line: list[int]) -> None:
    hidden = withheld(line)
    assert not [n for i, n in enumerate(line) if i not in hidden and 0 < n < LEAST]
    large_left = [n for i, n in enumerate(line) if i not in hidden and n]
    if hidden and large_left:
        assert len(hidden) > 1
        assert sum(line[i] for i in hidden) >= LEAST


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(*[st.integers(0, 20)] * 3)))
def test_lines_keep_the_whole_and_hide_the_small(table: dict[str, tuple[int, ...]]) -> None:
    shown = rows(table)
    whole = sum(sum(line) for line in table.values())
    totals = [row.total for row in shown]
    assert not [n for n in totals if n is not None and 0 < n < LEAST]
    if None not in totals:
        assert sum(n for n in totals if n) == whole
    else:
        assert [row.name for row in shown if row.total is None] == [TOGETHER]
    for row in shown:
        assert not [n for n in row.cells if n is not None and 0 < n < LEAST]


def test_the_samples_chain_is_counted_by_tier_region_and_level(hub) -> None:
    load(hub)
    with hub.db.reading() as session:
        found = overview(session)
    # Four firms that a supplier of tier 3 has named, and that have no plant yet, are tier 4.
    assert (found.lead_firms, found.firms, found.sites, found.deepest) == (1, 358, 354, 4)
    assert [row.total for row in found.by_level][:3] == [24, 90, 240]
    assert sum(row.total or 0 for row in found.by_region) == 358


def test_an_officers_page_says_so(hub, sign_in) -> None:
    load(hub)
    page = sign_in(("officer", None)).get("/programme/").get_data(as_text=True)
    assert "358" in page
    assert "가림" in page
    assert "한빛모빌리티" not in page
