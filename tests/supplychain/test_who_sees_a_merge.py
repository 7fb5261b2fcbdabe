"""Whatever two lead firms name, answer and split: neither reads a name that is not its own word.

A stateful test (hypothesis) of what supplychain.services.concerned promises.
"""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, col, select

from hub.db import Database
from supplychain.errors import FirmNotFound
from supplychain.merge_errors import BothSpeak
from supplychain.services.concerned import components
from supplychain.services.descriptions import described
from supplychain.services.likenesses import (
    decide,
    join_noted,
    merges_of,
    questions,
    say_one,
    split_apart,
)
from supplychain.services.looking import join_exact
from supplychain.services.merging import members, root_of, roots
from supplychain.services.numbers import further_numbers, tell_numbers
from supplychain.services.pairs import compared, joined
from supplychain.tables import Description, Firm, Likeness, Merge, now

LEIS = ("5493001KJTIIGC8Y1R12", "213800D1EI4B9WTWWD28")
leads, firms = st.integers(0, 1), st.integers(0, 4)


class TwoLeads(RuleBasedStateMachine):
    """Each lead firm calls each firm by a name that nobody else uses for it."""

    file: Path

    @initialize(
        one=st.sets(firms, min_size=3), other=st.sets(firms, min_size=2), numbered=st.sets(firms)
    )
    def begin(self, one: set[int], other: set[int], numbered: set[int]) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="sight-")
        copied = Path(self.folder.name) / "hub.sqlite"
        shutil.copyfile(self.file, copied)
        self.db = Database(f"sqlite:///{copied}")
        with self.db.work() as session:
            rows = [Firm(name=f"대표{n}", joined_at=now()) for n in range(2)]
            rows += [Firm(name=f"처음 들은 이름 {n}") for n in range(5)]
            session.add_all(rows)
            session.flush()
            ids = [row.id for row in rows]
        self.leads, self.firms = ids[:2], ids[2:]
        for lead, named in enumerate((one, other)):
            for firm in sorted(named):
                self.tell(lead, firm)
        with self.db.work() as session:
            for firm in sorted(numbered & one):
                told = {"lei": LEIS[firm % 2]}
                tell_numbers(session, self.leads[0], self.firms[firm], told, "u")

    @rule(lead=leads, firm=firms)
    def tell(self, lead: int, firm: int) -> None:
        with self.db.work() as session:
            by, number = self.leads[lead], self.firms[firm]
            root, name = root_of(session, number), f"이름 {by}-{number}"
            # Whom it names anew where they were one before, it never saw as two: the list of
            # merges tells it, and it may split them.
            if members(session, [root])[root] & named_by(session, by):
                return
            session.add(Description(firm_id=root, told_firm_id=number, by_id=by, name=name))

    @rule(lead=leads, firm=firms, code=st.sampled_from(LEIS))
    def number(self, lead: int, firm: int, code: str) -> None:
        with self.db.work() as session:
            with suppress(FirmNotFound):
                tell_numbers(session, self.leads[lead], self.firms[firm], {"lei": code}, "u")
            join_exact(session, self.leads[lead])

    @rule(lead=leads, data=st.data())
    def one_firm(self, lead: int, data: st.DataObject) -> None:
        with self.db.work() as session:
            mine = sorted(named_by(session, self.leads[lead]))
            some = st.lists(st.sampled_from(mine), min_size=2, max_size=3, unique=True)
            try:
                say_one(session, self.leads[lead], data.draw(some), actor="u")
            except BothSpeak:
                session.rollback()

    @rule(lead=leads, answer=st.sampled_from(("same", "different", "later")), data=st.data())
    def answer(self, lead: int, answer: str, data: st.DataObject) -> None:
        with self.db.work() as session:
            asked = session.exec(questions(self.leads[lead])).all()
            if not asked:
                return
            row = data.draw(st.sampled_from(asked))
            try:
                decide(session, self.leads[lead], [row.id], answer, actor="u")
            except BothSpeak:
                session.rollback()

    @rule(lead=leads, data=st.data())
    def split(self, lead: int, data: st.DataObject) -> None:
        with self.db.work() as session:
            made = [m.id for m in merges_of(session, self.leads[lead]) if m.split_at is None]
            if made:
                split_apart(session, self.leads[lead], data.draw(st.sampled_from(made)), "u")

    @rule(firm=firms)
    def join(self, firm: int) -> None:
        with self.db.work() as session:
            row = session.get_one(Firm, root_of(session, self.firms[firm]))
            row.joined_at, row.name = row.joined_at or now(), f"우리 이름 {row.id}"

    @rule()
    def work(self) -> None:
        with self.db.work() as session:
            join_noted(session)

    @invariant()
    def nobody_reads_what_it_did_not_say(self) -> None:
        if not hasattr(self, "db"):
            return
        with self.db.reading() as session:
            for by in self.leads:
                self.reads_its_own_words(session, by)
                self.keeps_apart_what_it_named_apart(session, by)

    def reads_its_own_words(self, session: Session, by: int) -> None:
        mine = named_by(session, by)
        known = {root_of(session, number) for number in mine}
        own = {f"이름 {by}-{number}" for number in mine}
        assert {each.name for each in described(session, by, known).values()} <= own
        rows = session.exec(questions(by)).all()
        for pair in compared(session, by, rows):
            assert {side.facts.name for side in pair.sides} <= own
            assert {each.name for side in pair.sides for each in side.mentions} <= own
        for each in joined(session, by, merges_of(session, by)):
            assert set(each.names) | ({each.into} if each.into else set()) <= own
        told = select(Description.lei).where(Description.by_id == by)
        codes = {code for code in session.exec(told) if code}
        for numbers in further_numbers(session, by, known).values():
            assert {numbers["lei"]} <= codes if numbers.get("lei") else True

    def keeps_apart_what_it_named_apart(self, session: Session, by: int) -> None:
        """Two that it named are one only by its own yes, or by one number that it told of both."""
        mine = named_by(session, by)
        yes = select(Likeness.low_id, Likeness.high_id).where(
            Likeness.for_id == by, Likeness.state == "same"
        )
        agreed = [tuple(pair) for pair in session.exec(yes)]
        by_number = set(session.exec(select(Merge.id).where(col(Merge.by_id).is_(None))))
        for root, numbers in members(session, set(roots(session).values())).items():
            together = numbers & mine
            one = [group for group in components(agreed) if together <= group]
            assert len(together) < 2 or one or by_number, (root, together)

    def teardown(self) -> None:
        if hasattr(self, "db"):
            self.db.close()
            self.folder.cleanup()


def named_by(session: Session, by: int) -> set[int]:
    told = select(Description.told_firm_id).where(
        Description.by_id == by, col(Description.ended).is_(None)
    )
    return set(session.exec(told))


@pytest.mark.timeout(600)
def test_whatever_two_leads_do_each_reads_its_own_words(migrated) -> None:
    run_state_machine_as_test(
        type("Machine", (TwoLeads,), {"file": migrated}),
        settings=settings(
            max_examples=40,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
