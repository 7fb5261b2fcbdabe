"""The tables of moves against the design, entry by entry; and any story over the rules alone."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from pydantic import ValidationError

from sharing import rollout as rules
from sharing.rollout import FigureGate, Part, Plan, shared_out, waves_from

NOW = datetime(2026, 11, 24, tzinfo=UTC)

# What the design says: "draft → (awaiting approval) → ready → running ⇄ paused → finished", and
# "→ stopping → stopped", "→ rolling back → rolled back".
ROLLOUT = {
    ("draft", "awaiting_approval"), ("awaiting_approval", "ready"), ("awaiting_approval", "draft"),
    ("draft", "running"), ("ready", "running"), ("running", "paused"), ("paused", "running"),
    ("running", "finished"),
    *((state, "stopping") for state in
      ("draft", "awaiting_approval", "ready", "running", "paused")),
    ("stopping", "stopped"),
    *((state, "rolling_back") for state in ("running", "paused", "finished", "stopped")),
    ("rolling_back", "rolled_back"),
}  # fmt: skip

# "scheduled → offered → accepted | declined → prepared → downloading → verifying → probing → shadow
# → active → committed", and "from any of the later ones → rolled back | failed". A site that is
# ahead of its reports is believed; one that failed may come back; a refusal may be taken back.
LATER = ("prepared", "downloading", "verifying", "probing", "shadow", "active", "committed")
DELIVERY = {
    ("scheduled", "offered"), ("offered", "accepted"), ("offered", "declined"),
    ("declined", "accepted"), ("accepted", "declined"), ("accepted", "prepared"),
    *((state, "failed") for state in ("scheduled", "offered", "accepted", *LATER)),
    *((state, "rolled_back") for state in (*LATER, "failed")),
    *((a, b) for a in LATER[:5] for b in LATER[1:] if a != b),
    *(("failed", state) for state in LATER[1:]),
    ("active", "committed"),
}  # fmt: skip


def test_a_rollout_moves_as_designed_and_no_other_way():
    edges = {(a, b) for moves in rules.ROLLOUT_MOVES.values() for a, b in moves.items()}
    assert edges == ROLLOUT
    assert {state for edge in edges for state in edge} == set(rules.ROLLOUT_STATES)


def test_a_delivery_moves_as_designed_and_no_other_way():
    edges = {(a, b) for a, to in rules.DELIVERY_MOVES.items() for b in to}
    assert edges == DELIVERY
    assert set(rules.DELIVERY_MOVES) == set(rules.DELIVERY_STATES)


def test_every_action_in_every_state():
    for asked in product(rules.ROLLOUT_STATES, rules.ROLLOUT_MOVES, (False, True)):
        an_action_in_a_state(*asked)


def an_action_in_a_state(state, action, approval):
    after = rules.moved(state, action, approval=approval)
    offered = action in rules.actions_in(state, approval=approval)
    assert offered == (after is not None and action in rules.ACTIONS)
    if after is None:
        return
    assert (state, after) in ROLLOUT
    if action in rules.ACTIONS and action != "refuse":
        assert after in rules.DONE[action]
        assert rules.moved(after, action, approval=approval) is None  # once is enough


def test_every_report_in_every_state():
    told = [*rules.DELIVERY_STATES, "nonsense"]
    for asked in product(rules.DELIVERY_STATES, told, ("install", "rollback", "withdraw")):
        a_report_in_a_state(*asked)


def a_report_in_a_state(state, reported, action):
    after = rules.after_report(state, reported, action)
    assert after in (None, reported)
    if after is not None:
        assert (state, after) in DELIVERY
        assert state not in (*rules.WAITING, "declined", "rolled_back")
        assert action == "install" or after not in rules.ON_THE_WAY


@pytest.mark.parametrize("state", rules.DELIVERY_STATES)
def test_how_it_is_makes_up_for_lost_words_only_where_there_is_a_way(state):
    for action in ("install", "rollback", "withdraw"):
        for new, old in ((True, False), (False, True), (False, False)):
            found = rules.after_health(state, action, new=new, old=old)
            assert found is None or rules.after_report(state, found, action) == found


def test_without_approval_nothing_is_submitted_and_with_it_nothing_starts_unapproved():
    seen, look = set(), ["draft"]
    while look:
        state = look.pop()
        seen.add(state)
        for action in rules.actions_in(state, approval=True):
            after = rules.moved(state, action, approval=True)
            assert after != "running" or state in ("ready", "paused")
            if action != "approve" and after not in seen:
                look.append(after)
    assert seen == {"draft", "awaiting_approval", "stopping"}
    assert "submit" not in rules.actions_in("draft")


def test_every_rollout_can_come_to_an_end_by_what_the_hub_does_alone():
    alone = ("finish", "stopped", "rolled_back")
    for state in rules.AT_WORK:
        assert {rules.moved(state, action) for action in alone} & set(rules.ENDED)


COUNTS = st.dictionaries(st.sampled_from(rules.DELIVERY_STATES), st.integers(0, 30))


@given(COUNTS, st.integers(1, 12), st.floats(0, 1), st.integers(0, 5))
def test_a_share_counts_only_from_its_sample_on_and_has_to_be_passed(
    counts, sample, share, forgiven
):
    plan = Plan(min_sample=sample, error_share=share)
    good = sum(counts.get(s, 0) for s in rules.SUCCEEDED)
    bad = sum(counts.get(s, 0) for s in rules.FAILED)
    still = sum(counts.get(s, 0) for s in rules.OPEN)
    crossed = rules.too_many_failed(plan, counts, forgiven)
    if good + bad < sample and still:
        assert not crossed
    if crossed:
        assert (bad - forgiven) / (good + bad) > share
        assert rules.verdict(plan, counts, forgiven=forgiven) == "error"
    elif not still:
        assert rules.verdict(plan, counts, forgiven=forgiven) == "finished"
    assert rules.verdict(plan, list(Counter(counts).elements()), forgiven=forgiven) == (
        rules.verdict(plan, counts, forgiven=forgiven)
    )


PARTS = st.one_of(
    st.floats(0.01, 1),
    st.builds(Part, sites=st.integers(1, 30)),
    st.builds(Part, share=st.floats(0.01, 1)),
    st.just(Part()),
)


@given(st.integers(0, 200), st.lists(PARTS, min_size=1, max_size=8))
def test_every_site_is_in_exactly_one_wave_in_its_order(count, waves):
    shared = shared_out(range(count), waves)
    assert [site for wave in shared for site in wave] == list(range(count))
    assert all(shared)


@given(st.integers(1, 300), st.lists(st.integers(1, 60), min_size=1, max_size=6))
def test_waves_have_the_sizes_that_were_asked_for_and_the_rest_is_one(count, sizes):
    shared = [len(wave) for wave in shared_out(range(count), [Part(sites=n) for n in sizes])]
    whole = []
    for size in sizes:
        if sum(whole) < count:
            whole.append(min(size, count - sum(whole)))
    assert shared == [*whole, *([count - sum(whole)] if sum(whole) < count else [])]


@given(st.lists(PARTS.filter(lambda part: isinstance(part, Part)), min_size=1, max_size=6))
def test_what_is_written_of_waves_is_read_again(parts):
    rounded = [Part(sites=part.sites, share=round(part.share, 3)) for part in parts]
    text = ", ".join(map(str, rounded))
    again = waves_from(text)
    assert [str(part) for part in again] == [str(part) for part in rounded]
    stored = Plan(waves=tuple(rounded)).model_dump(mode="json")
    assert rules.plan_from(stored).waves == tuple(rounded)


@pytest.mark.parametrize("text", ["", ",", "0", "0 %", "-3", "five", "120 %", "1,2," * 40, "5 5"])
def test_what_is_no_wave_is_refused(text):
    with pytest.raises(ValueError, match=re.escape(text.split(",")[0].strip()) or ".*"):
        waves_from(text)


def test_plans_of_before_are_read_and_nonsense_is_refused():
    old = {"error_share": 0.1, "waves": [0.5, 0.5], "forgiven": 2, "soak_minutes": 5}
    assert rules.plan_from(old).approval is False
    for bad in (
        {"waves": []}, {"waves": [0.0]}, {"waves": [{"sites": 1, "share": 0.5}]},
        {"figures": [{"figure": "scrap"}]}, {"on_error": "explode"}, {"waves": [2.5]},
        {"figures": [{"figure": ""}]},
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            rules.plan_from(bad)


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.none())
)


@given(st.dictionaries(st.sampled_from(["health", "drift", "scrap", "kpi"]), VALUES))
def test_whatever_a_site_tells_a_gate_reads_it(figures):
    for gate in (
        FigureGate(figure="health"), FigureGate(figure="drift"),
        FigureGate(figure="drift", at_most=0.3), FigureGate(figure="scrap", at_least=1),
        FigureGate(figure="flagged_share", at_most=0.1),
    ):  # fmt: skip
        assert gate.is_bad(figures) in (None, True, False)
        assert rules.figure_crossed(gate, [figures] * 3) in (True, False)


def test_a_figures_gate_waits_for_its_sample():
    gate = FigureGate(figure="health", min_sample=3, share=0.5)
    bad, well = {"health": "broken"}, {"health": "ok"}
    assert not rules.figure_crossed(gate, [bad, bad])
    assert rules.figure_crossed(gate, [bad, bad], complete=True)
    assert not rules.figure_crossed(gate, [bad, {}], complete=True)
    assert rules.figure_crossed(gate, [bad, bad, well])
    assert not rules.figure_crossed(gate, [bad, bad, well], forgiven=1)
    assert FigureGate(figure="flagged_share", at_most=0.1).is_bad({"flagged": 2, "predictions": 10})


class OnPaper(RuleBasedStateMachine):
    """A wave after the other over the rules alone: no database, thousands of steps a second."""

    @initialize(
        plan=st.builds(
            Plan,
            min_sample=st.integers(1, 4),
            error_share=st.sampled_from([0.0, 0.2, 0.5, 1.0]),
            success_share=st.sampled_from([0.3, 1.0]),
            waves=st.lists(PARTS, min_size=1, max_size=4).map(tuple),
            on_error=st.sampled_from(["pause", "rollback"]),
        ),
        sites=st.integers(1, 12),
    )
    def begin(self, plan, sites):
        self.plan, self.at, self.state = plan, NOW, "running"
        self.waves = shared_out(range(sites), plan.waves)
        self.open, self.forgiven = 0, 0
        self.sites = dict.fromkeys(range(sites), "scheduled")
        self.deadlines: dict[int, datetime] = {}
        self.paths = {site: ["scheduled"] for site in self.sites}
        self.offer()

    def offer(self):
        for site in self.waves[self.open]:
            self.move(site, "offered", self.plan.answer_by(self.at))

    def move(self, site, state, deadline=None):
        assert rules.may_move(self.sites[site], state)
        self.sites[site] = state
        self.paths[site].append(state)
        self.deadlines.pop(site, None)
        if deadline:
            self.deadlines[site] = deadline

    @rule(site=st.integers(0, 11), yes=st.booleans())
    def answers(self, site, yes):
        to = "accepted" if yes else "declined"
        if site in self.sites and rules.may_move(self.sites[site], to):
            self.move(site, to)

    @rule(site=st.integers(0, 11), reported=st.sampled_from(rules.REPORTED))
    def reports(self, site, reported):
        if site not in self.sites:
            return
        after = rules.after_report(self.sites[site], reported)
        if after is not None:
            hears = after in rules.ON_THE_WAY
            self.move(site, after, self.plan.heard_by(self.at) if hears else None)

    @rule(hours=st.integers(1, 24 * 20))
    def time_passes(self, hours):
        self.at += timedelta(hours=hours)

    @rule()
    def a_person_goes_on(self):
        if self.state == "paused":
            self.state = "running"
            self.forgiven = sum(self.sites[s] in rules.FAILED for s in self.waves[self.open])

    @rule()
    def the_hub_ticks(self):
        if self.state != "running":
            return
        for site, state in self.sites.items():
            late = rules.overdue(state, self.deadlines.get(site), self.at)
            if late is not None:
                self.move(site, late[0])
        for site, state in self.sites.items():
            if state == "accepted":
                self.move(site, "prepared", self.plan.heard_by(self.at))
        wave = [self.sites[site] for site in self.waves[self.open]]
        found = rules.verdict(self.plan, wave, forgiven=self.forgiven)
        if found == "error":
            action, _ = rules.error_reason(self.plan, by_figures=False)
            self.state = rules.moved(self.state, action)
        elif found == "finished" and self.open + 1 < len(self.waves):
            self.open, self.forgiven = self.open + 1, 0
            self.offer()
        elif found == "finished" and not any(s in rules.OPEN for s in self.sites.values()):
            self.state = "finished"

    @invariant()
    def nothing_forbidden(self):
        for site, path in getattr(self, "paths", {}).items():
            assert path[-1] == self.sites[site]
            assert all((a, b) in DELIVERY for a, b in pairwise(path))
            if set(path) & {*rules.ON_THE_WAY, *rules.SUCCEEDED}:
                assert "accepted" in path

    @invariant()
    def later_waves_wait(self):
        for wave in getattr(self, "waves", [])[getattr(self, "open", 0) + 1 :]:
            assert {self.sites[site] for site in wave} == {"scheduled"}

    def teardown(self):
        if not hasattr(self, "sites"):
            return
        for _ in range(100):
            if self.state in (*rules.ENDED, "rolling_back"):
                return
            self.a_person_goes_on()
            self.the_hub_ticks()
            self.at += timedelta(days=15)
        raise AssertionError(self.sites)


def test_any_story_on_paper_keeps_the_rules():
    run_state_machine_as_test(
        OnPaper,
        settings=settings(
            max_examples=150,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
