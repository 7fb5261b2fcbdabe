"""A standing answer never takes more than was allowed: properties over all offers."""

from hypothesis import given
from hypothesis import strategies as st

from sharing.standing import Consent, Offered, covers, step_of

part = st.integers(0, 12)
numbers = st.builds("{}.{}.{}".format, part, part, part)
odd = numbers | st.sampled_from(["", "1.0", "1.0.0-rc.1", "v1.0.0", "01.0.0", "1.0.0.0", "１.0.0"])
terms = st.sampled_from(["t-1", "t-2"])
consents = st.builds(
    Consent,
    publisher_firm_id=st.integers(1, 2),
    model_id=st.none() | st.integers(1, 2),
    upto=st.sampled_from(["patch", "minor", "major", ""]),
    terms=terms,
    withdrawn=st.booleans(),
)
offers = st.builds(
    Offered,
    publisher_firm_id=st.integers(1, 2),
    model_id=st.integers(1, 2),
    number=odd,
    terms=terms,
    runs=st.none() | odd,
    agreed=st.none() | terms,
)


@given(consents, offers)
def test_what_is_taken_is_a_fix_of_what_runs_under_what_was_agreed(consent, offer):
    if not covers(consent, offer):
        return
    assert not consent.withdrawn
    assert consent.publisher_firm_id == offer.publisher_firm_id
    assert consent.model_id in (None, offer.model_id)
    assert offer.terms == offer.agreed == consent.terms
    old, new = ([int(each) for each in text.split(".")] for text in (offer.runs, offer.number))
    assert new > old
    assert new[0] == old[0]
    assert new[1] == old[1] or (consent.upto == "minor" and old[0] > 0)


@given(consents, offers)
def test_a_wider_word_takes_at_least_as_much(consent, offer):
    wide = Consent(consent.publisher_firm_id, None, "minor", consent.terms, consent.withdrawn)
    assert not covers(consent, offer) or covers(wide, offer)


@given(odd, odd)
def test_a_step_is_not_made_both_ways(one, other):
    there, back = step_of(one, other), step_of(other, one)
    if there in ("patch", "minor", "major"):
        assert back == "older"
    assert (there == "unclear") == (back == "unclear")


def test_fixes_are_taken_and_nothing_else():
    def taken(number, *, upto="patch", runs="1.2.3", agreed="t"):
        return covers(
            Consent(1, None, upto, "t"), Offered(1, 5, number, "t", runs=runs, agreed=agreed)
        )

    assert taken("1.2.4")
    assert not taken("1.3.0")
    assert taken("1.3.0", upto="minor")
    assert not taken("2.0.0", upto="minor")
    assert not taken("1.2.2")
    assert not taken("1.2.4", runs=None)  # it never ran here: that is no fix
    assert not taken("1.2.4", agreed=None)  # ended, or never agreed
    assert not taken("0.3.0", runs="0.2.0", upto="minor")
