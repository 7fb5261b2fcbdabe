"""Maps of any kind, for tests of the files that carry them."""

from hypothesis import strategies as st

from supplychain.chart import Chart, ChartFirm, ChartGroup, ChartLink

# Whatever a spreadsheet may hold, without the controls that no XML file can.
_LETTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
_WORDS = st.text(_LETTERS, max_size=40)
_NAMES = st.text(_LETTERS, min_size=1, max_size=100)
_CODES = st.sampled_from(["", "KR-48", "injection", "C29", "금속 가공"])


@st.composite
def charts(draw) -> Chart:
    """A lead firm, firms behind it, deliveries among all of them, and groups without a name."""
    numbers = sorted(draw(st.sets(st.integers(1, 2**31 - 1), min_size=1, max_size=8)))
    lead = draw(st.sampled_from(numbers))
    firms = tuple(draw(_firm(number, lead)) for number in numbers)
    ends = st.tuples(st.sampled_from(numbers), st.sampled_from(numbers))
    pairs = draw(st.lists(ends.filter(lambda pair: pair[0] != pair[1]), max_size=12))
    if len(numbers) == 1:
        pairs = []
    links = tuple(draw(_link(place + 1, pair)) for place, pair in enumerate(pairs))
    return Chart(lead, firms, links, tuple(draw(st.lists(_GROUPS, max_size=4))))


def _firm(number: int, lead: int):
    tiers = st.integers(1, 9)
    return st.builds(
        ChartFirm,
        number=st.just(number),
        name=_NAMES,
        brn=st.sampled_from(["", "1248100998"]),
        tier=st.just(0) if number == lead else tiers,
        also=st.lists(tiers, max_size=3, unique=True).map(sorted).map(tuple),
        country=st.sampled_from(["", "KR", "VN"]),
        region=_CODES,
        sector=_WORDS,
        process=_CODES,
        employees=st.none() | st.integers(0, 2**31 - 1),
        level=st.none() | st.integers(0, 5),
        own_word=st.booleans(),
    )


def _link(number: int, pair: tuple[int, int]):
    return st.builds(
        ChartLink,
        number=st.just(number),
        supplier=st.just(pair[0]),
        buyer=st.just(pair[1]),
        item=_WORDS,
        share=st.none() | st.floats(0, 100),
        standing=st.sampled_from(["open", "confirmed", "contradicted"]),
        since=st.dates().map(str),
    )


_GROUPS = st.builds(
    ChartGroup,
    tier=st.integers(1, 9),
    region=st.sampled_from([None, "", "KR-11"]),
    sector=st.sampled_from([None, "", "C29"]),
    firms=st.none() | st.integers(3, 10**6),
)
