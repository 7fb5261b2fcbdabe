"""Alerts over random chains: none reaches a firm twice, none is lost, none leaks, all end."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from supplychain import alerting
from supplychain.alert_errors import (
    AlertNotAsked,
    AlertNotFound,
    AlertNotYours,
    AlertOver,
    AlertTooFar,
)
from supplychain.alerting import Course, Stand
from supplychain.tiers import tiers_from

FIRMS = st.integers(0, 9)
CHAINS = st.sets(st.tuples(FIRMS, FIRMS), max_size=30)  # (who passes, to whom), circles and all
ASKED = st.frozensets(st.integers(1, 4), max_size=2)


def onward(chain, firm):
    return {to for by, to in chain if by == firm and to != firm}


def known_tiers(chain):
    """The hub's own tiers behind firm 0; it alone where it trades with nobody."""
    links = {(to, by) for by, to in chain if by != to}
    return tiers_from(0, links) if any(0 in link for link in links) else {0: 0}


def ball(chain, reach):
    """Every firm within so many steps of firm 0, by the hub's own tiers."""
    tiers = known_tiers(chain)
    return {firm for firm, tier in tiers.items() if firm and (reach is None or tier <= reach)}


@given(CHAINS, ASKED)
def test_by_itself_it_reaches_every_firm_within_reach_once_and_at_its_own_tier(chain, asked):
    course = Course(0, asked=asked, by_itself=True)
    course = alerting.passed_on(course, 0, onward(chain, 0))
    course = alerting.gone_on(course, lambda firm: onward(chain, firm))
    assert course.reached == ball(chain, course.reach)
    known = known_tiers(chain)
    assert all(tier == known[firm] for firm, tier in course.tiers().items())
    assert alerting.gone_on(course, lambda firm: onward(chain, firm)) == course


@given(CHAINS, ASKED, st.randoms(use_true_random=False))
def test_by_hand_in_any_order_none_is_lost(chain, asked, random):
    course = alerting.passed_on(Course(0, asked=asked), 0, onward(chain, 0))
    for _ in range(40):  # until nothing moves
        before = course
        order = sorted(course.reached)
        random.shuffle(order)
        for firm in order:
            if course.goes_on_from(course.tiers()[firm]):
                course = alerting.passed_on(course, firm, onward(chain, firm))
        if course == before:
            break
    assert course == before, "it never ended"
    # A step back to where it came from is no step; the nearest way never needs one.
    assert course.reached == ball(chain, course.reach)


@given(CHAINS, st.frozensets(FIRMS), FIRMS, st.data())
def test_a_firm_sees_no_name_that_it_may_not_know(chain, nameable, viewer, data):
    course = alerting.passed_on(Course(0, by_itself=True), 0, onward(chain, 0))
    course = alerting.gone_on(course, lambda firm: onward(chain, firm))
    words = st.sampled_from(alerting.CAME_TO)
    stands = {firm: Stand(data.draw(words)) for firm in sorted(course.reached | {0})}
    own = onward(course.passed, viewer)
    for tier in alerting.seen_from(course, viewer, nameable, stands):
        assert set(tier.named) <= nameable | own
        assert tier.hidden == 0 or tier.hidden >= alerting.FEWEST
        assert sum(tier.came.values()) == tier.firms
        if tier.few:
            assert tier.came == Counter(stands[firm].came_to for firm in tier.named)
    if viewer not in course.reached | {0}:
        assert alerting.seen_from(course, viewer, nameable, stands) == []


@given(CHAINS, st.frozensets(FIRMS))
def test_what_is_hidden_may_be_any_firm_and_the_view_stays_the_same(chain, nameable):
    """Renaming the hidden firms changes nothing that the raiser sees."""
    course = alerting.passed_on(Course(0, by_itself=True), 0, onward(chain, 0))
    course = alerting.gone_on(course, lambda firm: onward(chain, firm))
    keep = nameable | onward(chain, 0) | {0}
    other = {firm: firm if firm in keep else 1000 - firm for firm in range(10)}
    turned = Course(
        0, by_itself=True, passed=frozenset((other[a], other[b]) for a, b in course.passed)
    )
    at = datetime(2026, 11, 24, tzinfo=UTC)
    stands = {firm: Stand("acknowledged" if firm % 2 else "sent", at) for firm in range(10)}
    turned_stands = {other[firm]: stand for firm, stand in stands.items()}
    assert alerting.seen_from(course, 0, nameable, stands) == alerting.seen_from(
        turned, 0, nameable, turned_stands
    )


class Travelling(RuleBasedStateMachine):
    """Firms do what they like, in any order, and a plain model is kept beside it."""

    @initialize(chain=CHAINS, asked=ASKED, cause=st.booleans())
    def begin(self, chain, asked, cause):
        self.chain = chain
        self.course = Course(0, asked=asked, causes={0: False} if cause else {})
        self.notices = Counter()
        self.asked_to_answer = set()
        self.move(lambda course: alerting.passed_on(course, 0, onward(chain, 0)))

    def move(self, act):
        before = self.course
        try:
            self.course = act(before)
        except AlertOver:
            assert before.state != "open"
            return
        assert before.state == "open", "something moved after the end"
        self.notices.update(self.course.reached - before.reached)
        assert before.passed <= self.course.passed
        assert before.acknowledged <= self.course.acknowledged

    @rule(firm=FIRMS, data=st.data())
    def pass_on(self, firm, data):
        to = data.draw(st.sets(FIRMS)) & onward(self.chain, firm)
        has_it = firm == 0 or firm in self.course.reached
        try:
            self.move(lambda course: alerting.passed_on(course, firm, to))
        except AlertNotFound:
            assert not has_it
        except AlertTooFar:
            assert self.course.reach is not None
            assert self.course.tiers()[firm] >= self.course.reach

    @rule(firm=FIRMS)
    def acknowledge(self, firm):
        try:
            self.move(lambda course: alerting.acknowledged(course, firm))
        except AlertNotFound:
            assert firm not in self.course.reached

    @rule(firm=FIRMS, cause=st.booleans())
    def answer(self, firm, cause):
        try:
            self.move(lambda course: alerting.answered(course, firm, cause=cause))
        except AlertNotFound:
            assert firm not in self.course.reached
        except AlertNotAsked:
            assert not cause

    @rule(firm=FIRMS)
    def resolve(self, firm):
        may = firm in self.course.who_resolves
        try:
            self.move(lambda course: alerting.resolved(course, firm))
        except (AlertNotFound, AlertNotYours):
            assert not may

    @precondition(lambda self: self.course.state == "open")
    @rule(firm=FIRMS)
    def withdraw(self, firm):
        if firm == 0:
            return  # it would end most stories at once; tested by itself
        with pytest.raises(AlertNotYours):
            alerting.withdrawn(self.course, firm)

    @invariant()
    def nobody_hears_of_it_twice(self):
        assert all(times == 1 for times in self.notices.values())
        assert set(self.notices) == self.course.reached

    @invariant()
    def it_went_along_the_chain_only(self):
        assert all(to in onward(self.chain, by) for by, to in self.course.passed)
        assert 0 not in self.course.reached
        assert all(by in self.course.reached | {0} for by, _ in self.course.passed)

    @invariant()
    def every_firm_that_has_it_has_a_tier(self):
        assert set(self.course.tiers()) == self.course.reached | {0}

    @invariant()
    def resolved_is_resolved_by_all_that_caused_it(self):
        if self.course.state == "resolved":
            assert all(self.course.causes.values())
        elif self.course.causes:
            assert not all(self.course.causes.values())


Travelling.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestTravelling = Travelling.TestCase


def test_taken_back_by_its_raiser_alone_and_for_all():
    course = alerting.passed_on(Course(1), 1, {2})
    with pytest.raises(AlertNotYours):
        alerting.withdrawn(course, 2)
    over = alerting.withdrawn(course, 1)
    assert over.state == "withdrawn"
    for act in (alerting.acknowledged, alerting.answered, alerting.resolved):
        with pytest.raises(AlertOver):
            act(over, 2 if act is not alerting.resolved else 1)


def test_a_diamond_and_a_circle_end():
    chain = {(1, 2), (1, 3), (2, 4), (3, 4), (4, 2), (4, 1)}
    course = alerting.passed_on(Course(1, by_itself=True), 1, {2, 3})
    course = alerting.gone_on(course, lambda firm: onward(chain, firm))
    assert course.passed == {(1, 2), (1, 3), (2, 4), (3, 4)}
    assert course.tiers() == {1: 0, 2: 1, 3: 1, 4: 2}


def test_a_firm_does_not_see_what_lies_before_it():
    course = Course(1, passed=frozenset({(1, 2), (1, 3), (2, 4), (2, 5), (2, 6), (4, 3)}))
    [near] = alerting.seen_from(course, 4, {4}, dict.fromkeys(range(7), Stand("sent")))
    assert near.named == (3,)  # it wrote to 3 itself, and learns nothing of 2's others
