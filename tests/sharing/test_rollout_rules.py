"""The pure rules of a rollout, for whatever comes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sharing import rollout as rules
from sharing.audience import Audience, Candidate, misfits_of, sifted
from sharing.rollout import Plan

STATES = st.sampled_from(rules.DELIVERY_STATES)
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_every_move_leads_to_a_state_that_is_known():
    assert set(rules.DELIVERY_MOVES) == set(rules.DELIVERY_STATES)
    for state, to in rules.DELIVERY_MOVES.items():
        assert to <= set(rules.DELIVERY_STATES)
        assert state not in to
    for moves in rules.ROLLOUT_MOVES.values():
        assert {*moves, *moves.values()} <= set(rules.ROLLOUT_STATES)


def test_every_rollout_can_come_to_an_end():
    ends = {"finished", "stopped", "rolled_back"}
    for state in rules.ROLLOUT_STATES:
        seen, look = set(), [state]
        while look:
            at = look.pop()
            if at not in seen:
                seen.add(at)
                look += [m[at] for m in rules.ROLLOUT_MOVES.values() if at in m]
        assert seen & ends


@given(STATES, st.lists(st.sampled_from([*rules.REPORTED, "nonsense", ""])))
def test_reports_in_any_order_never_reach_a_forbidden_state(state, reports):
    for reported in reports:
        after = rules.after_report(state, reported)
        if after is not None:
            assert rules.may_move(state, after)
            state = after


@given(st.lists(STATES, max_size=40), st.integers(1, 10), st.floats(0, 1), st.integers(0, 5))
def test_a_wave_with_somebody_under_way_goes_on_unless_errors_stop_it(
    states, sample, share, forgiven
):
    plan = Plan(min_sample=sample, error_share=share, forgiven=forgiven)
    found = rules.verdict(plan, states)
    ended = [s for s in states if s in (*rules.SUCCEEDED, *rules.FAILED)]
    if found == "error":
        assert any(s in rules.FAILED for s in states)
    if any(s in rules.WAITING for s in states):
        assert found in ("wait", "error")
    if found == "wait":
        assert len(ended) < len(states)


def test_the_error_check_comes_first_and_needs_its_sample():
    assert rules.verdict(Plan(min_sample=3), ["failed", "offered"]) == "wait"
    assert rules.verdict(Plan(min_sample=2), ["failed", "active", "offered"]) == "error"
    assert rules.verdict(Plan(min_sample=5), ["failed", "active"]) == "error"
    assert rules.verdict(Plan(min_sample=1, error_share=0.5), ["failed", "active"]) == "finished"
    assert rules.verdict(Plan(min_sample=1, forgiven=1), ["failed", "active"]) == "finished"


def test_success_may_have_to_soak():
    plan = Plan(soak_minutes=30)
    assert rules.verdict(plan, ["active"], timedelta(minutes=29)) == "wait"
    assert rules.verdict(plan, ["active"], timedelta(minutes=30)) == "finished"


def test_a_part_may_be_enough_for_the_next_wave():
    assert rules.verdict(Plan(success_share=0.5), ["active", "prepared"]) == "finished"


@given(STATES, st.integers(-5, 5))
def test_whoever_is_overdue_moves_to_where_it_may(state, hours):
    late = rules.overdue(state, NOW + timedelta(hours=hours), NOW)
    assert late is None or (hours <= 0 and rules.may_move(state, late[0]))
    assert rules.overdue(state, None, NOW) is None


def test_silence_is_an_error_only_of_who_took_the_version():
    assert rules.overdue("offered", NOW, NOW) == ("declined", rules.NO_ANSWER)
    assert rules.overdue("probing", NOW, NOW) == ("failed", rules.SILENT)
    assert rules.overdue("accepted", NOW, NOW) is None
    assert rules.after_report("failed", "active") == "active"


@given(st.lists(st.integers(), max_size=60), st.lists(st.floats(0.01, 1), min_size=1, max_size=6))
def test_sharing_out_loses_nobody(items, shares):
    waves = rules.shared_out(items, shares)
    assert [item for wave in waves for item in wave] == items
    assert all(waves)


def site(**how) -> Candidate:
    return Candidate(**{"site_id": 1, "firm_id": 1, "firm": "A", "site": "B", "tier": 2,
                        "process": "injection", **how})  # fmt: skip


def test_every_reason_is_told():
    audience = Audience(tiers=(2,), process="injection", regions=("KR-41",), least_level=2)
    worst = site(tier=3, process="press", region="KR-11", running="1.0.0", on_its_way=True)
    assert misfits_of(audience, "1.0.0", worst) == (
        "tier", "process", "region", "level", "runs_it", "on_its_way",
    )  # fmt: skip
    assert misfits_of(audience, "1.0.0", site(tier=None)) == ("not_in_chain", "region", "level")
    assert misfits_of(Audience(process="injection"), "2.0.0", site(process="")) == ("no_process",)
    assert misfits_of(Audience(), "2.0.0", site(running="1.0.0")) == ()


def test_nearest_tiers_come_first():
    found = sifted(Audience(), "1", [site(tier=3, firm="x"), site(tier=2, firm="z"), site(tier=0)])
    assert [s.tier for s in found.fits] == [2, 3]
    assert [why for _, why in found.misfits] == [("own",)]
