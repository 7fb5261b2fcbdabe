"""Who a rollout is for: properties of the sifting, one by one and all together."""

from hypothesis import given
from hypothesis import strategies as st

from sharing.audience import (
    CORES,
    MEMORY_GB,
    MISFIT_TEXTS,
    SYSTEMS,
    Audience,
    Candidate,
    Hardware,
    counted,
    covered,
    hardware_misfits,
    misfits_of,
    sifted,
)

regions = st.sampled_from(["", "KR-41", "KR-48"])
processes = st.sampled_from(["", "injection", "press"])
sectors = st.sampled_from(["", "C29110", "C22", "C24"])
pcs = st.builds(
    Hardware,
    st.none() | st.sampled_from([1.9, 3.8, 7.7, 16.0, 64.0]),
    st.none() | st.sampled_from([1, 2, 4, 16]),
    st.sampled_from(["", *SYSTEMS]),
)
audiences = st.builds(
    Audience,
    tiers=st.lists(st.integers(1, 4), max_size=3).map(tuple),
    process=processes,
    regions=st.lists(st.sampled_from(["KR-41", "KR-48"]), max_size=2).map(tuple),
    sectors=st.lists(st.sampled_from(["C29", "C22"]), max_size=2).map(tuple),
    least_level=st.integers(0, 5),
    firms=st.lists(st.integers(1, 6), max_size=3).map(tuple),
    without=st.lists(st.integers(1, 6), max_size=3).map(tuple),
    connected=st.booleans(),
    operators=st.booleans(),
    least_memory_gb=st.sampled_from(MEMORY_GB),
    least_cores=st.sampled_from(CORES),
    systems=st.lists(st.sampled_from(SYSTEMS), max_size=2).map(tuple),
    unknown_hardware=st.booleans(),
)
sites = st.builds(
    Candidate,
    site_id=st.integers(1, 999),
    firm_id=st.integers(1, 6),
    firm=st.sampled_from("abc"),
    site=st.sampled_from("xy"),
    tier=st.none() | st.integers(0, 4),
    process=processes,
    region=regions,
    level=st.integers(0, 5),
    running=st.none() | st.sampled_from(["1.0.0", "1.0.1"]),
    on_its_way=st.booleans(),
    has_agent=st.booleans(),
    sector=sectors,
    lacks=st.lists(st.sampled_from(["melt", "hold"]), max_size=2).map(tuple),
    operators=st.none() | st.booleans(),
    agreement=st.sampled_from(["", "ended", "refused"]),
    hardware=st.lists(pcs, max_size=2).map(tuple),
)


@given(audiences, st.lists(sites, max_size=12))
def test_every_site_is_on_one_side_and_every_reason_has_words(audience, found):
    parted = sifted(audience, "1.0.1", found)
    assert len(parted.fits) + len(parted.misfits) == len(found)
    for _site, why in parted.misfits:
        assert why
        assert set(why) <= set(MISFIT_TEXTS)
    tiers = [site.tier or 0 for site in parted.fits]
    assert tiers == sorted(tiers)


@given(audiences, st.lists(sites, max_size=12))
def test_reasons_are_counted_as_they_are_listed(audience, found):
    parted = sifted(audience, "1.0.1", found)
    reasons = {reason.code: reason for reason in counted(parted)}
    for code, reason in reasons.items():
        assert reason.sites == sum(code in why for _s, why in parted.misfits)
        assert reason.alone == sum(why == (code,) for _s, why in parted.misfits)
    assert sum(reason.alone for reason in reasons.values()) <= len(parted.misfits)
    assert {code for _s, why in parted.misfits for code in why} == set(reasons)


@given(audiences, sites)
def test_asking_for_less_keeps_nobody_out(audience, site):
    """What is asked beside tier and process only ever takes sites away."""
    wide = Audience(tiers=audience.tiers, process=audience.process)
    assert set(misfits_of(wide, "1.0.1", site)) <= set(misfits_of(audience, "1.0.1", site))


@given(audiences, sites)
def test_whoever_lacks_a_value_or_ended_the_agreement_never_fits(audience, site):
    why = misfits_of(audience, "1.0.1", site)
    if site.lacks or site.agreement or site.tier in (0, None):
        assert why
    if not why:
        assert site.running != "1.0.1"
        assert not audience.operators or site.operators
        assert not audience.connected or site.has_agent
        assert site.firm_id not in audience.without
        assert not audience.firms or site.firm_id in audience.firms


@given(audiences, st.lists(pcs, min_size=1, max_size=3))
def test_one_pc_that_fits_is_enough(audience, hardware):
    together = hardware_misfits(audience, hardware)
    assert (together == ()) == any(hardware_misfits(audience, [pc]) == () for pc in hardware)


def test_a_pc_that_told_nothing_is_a_state_of_its_own():
    asked = Audience(least_memory_gb=8, unknown_hardware=False)
    assert hardware_misfits(asked, [Hardware()]) == ("hardware_unknown",)
    assert hardware_misfits(Audience(least_memory_gb=8), [Hardware()]) == ()
    # what is sold as 8 GB tells of 7.7
    assert hardware_misfits(asked, [Hardware(7.7, 4, "windows")]) == ()
    assert hardware_misfits(asked, [Hardware(5.9, 4, "windows")]) == ("memory",)


grades = st.sampled_from(["understand", "apply", "create"])
competences = st.builds("{}:{}".format, st.sampled_from(["data", "models"]), grades)


@given(st.lists(competences, max_size=4), st.lists(competences, max_size=4), competences)
def test_more_certificates_never_cover_less(asked, held, one_more):
    assert not covered(asked, held) or covered(asked, [*held, one_more])
    assert covered(held, held)
    assert covered([], held)
