"""Merges, splits, sheets and declarations in whatever order: nothing is lost, all goes back.

A stateful test (hypothesis): after every step the columns without `told_` follow the pointers and
links follow what is said of them; once everything is split, they are what was told.
"""

import io
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
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, col, select

from hub.db import Database
from supplychain.errors import LinkToItself
from supplychain.matching import name_key
from supplychain.merge_errors import BothSpeak, SpeaksForItself
from supplychain.reading import read_sheet
from supplychain.services.declarations import declare_supplier
from supplychain.services.merging import FOLLOWING, merge, rederive, root_of, roots, speakers, split
from supplychain.services.sheets import note_sheet, take_in, withdraw
from supplychain.standing import Statement, outcome
from supplychain.tables import Declaration, Firm, Link, Merge, Sheet, now

NAMES = ("가온", "다솜", "라온", "마루", "바론", "새결")
firm_names = st.sampled_from(NAMES)
some_rows = st.lists(
    st.tuples(firm_names, firm_names, st.sampled_from(("축", "허브")), st.integers(0, 100)),
    min_size=1,
    max_size=4,
)


class Whatever(RuleBasedStateMachine):
    """`leads` upload and declare; NAMES are merged, split, and now and then join."""

    file: Path

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="merging-")
        copied = Path(self.folder.name) / "hub.sqlite"
        shutil.copyfile(self.file, copied)
        self.db = Database(f"sqlite:///{copied}")
        self.told: dict[tuple[str, int], tuple[int, ...]] = {}
        self.sheets = 0
        with self.db.work() as session:
            leads = [Firm(name=n, name_key=name_key(n), joined_at=now()) for n in ("갑", "을")]
            firms = [Firm(name=n, name_key=name_key(n)) for n in NAMES]
            session.add_all([*leads, *firms])
            session.flush()
            self.leads = [firm.id for firm in leads]
            self.firms = {firm.name: firm.id for firm in firms}

    @rule(into=firm_names, others=st.sets(firm_names, min_size=1, max_size=3))
    def merge_some(self, into: str, others: set[str]) -> None:
        ids = {self.firms[name] for name in others} - {self.firms[into]}
        if not ids:
            return
        with self.db.work() as session:
            try:
                first = merge(session, self.firms[into], ids, by=self.leads[0], actor="u")
            except (SpeaksForItself, BothSpeak):
                session.rollback()
                return
            assert merge(session, self.firms[into], ids, by=self.leads[0], actor="u") is first

    @rule(data=st.data())
    def split_one(self, data: st.DataObject) -> None:
        with self.db.work() as session:
            living = session.exec(select(Merge.id).where(col(Merge.split_at).is_(None))).all()
            if living:
                split(session, data.draw(st.sampled_from(living)), "u")

    @rule(lead=st.integers(0, 1), rows=some_rows)
    def take_a_sheet_in(self, lead: int, rows: list[tuple[str, str, str, int]]) -> None:
        self.sheets += 1
        lines = [f"{a},{b},{item},{share}" for a, b, item, share in rows]
        text = "협력사명,납품처,품목,비중(%)\n" + "\n".join([*lines, f"다솜,갑,표{self.sheets},1"])
        content = text.encode()
        reading = read_sheet(io.BytesIO(content), "명단.csv")
        with self.db.work() as session:
            firm = session.get_one(Firm, self.leads[lead])
            sheet = note_sheet(session, firm, content, reading, file_name="명단.csv", actor="u")
            take_in(session, sheet, reading)

    @rule(data=st.data())
    def withdraw_a_sheet(self, data: st.DataObject) -> None:
        with self.db.work() as session:
            taken = session.exec(select(Sheet.id).where(Sheet.state == "taken")).all()
            if taken:
                withdraw(session, session.get_one(Sheet, data.draw(st.sampled_from(taken))), "u")

    @rule(buyer=st.integers(0, 1), supplier=firm_names, share=st.integers(0, 100))
    def declare(self, buyer: int, supplier: str, share: int) -> None:
        with self.db.work() as session:
            firm = session.get_one(Firm, self.leads[buyer])
            declare_supplier(
                session, firm, session.get_one(Firm, self.firms[supplier]), share=share
            )

    @precondition(lambda self: hasattr(self, "db"))
    @rule(name=firm_names, other=firm_names)
    def join_and_say(self, name: str, other: str) -> None:
        """Whoever the firm was found to be joins, and names a supplier of its own."""
        with self.db.work() as session:
            firm = session.get_one(Firm, root_of(session, self.firms[name]))
            if len(speakers(session, self.firms.values())) > 1:
                return  # leave some that can still be merged
            firm.joined_at = firm.joined_at or now()
            with suppress(LinkToItself):
                declare_supplier(session, firm, session.get_one(Firm, self.firms[other]))

    @invariant()
    def columns_follow_the_pointers(self) -> None:
        if not hasattr(self, "db"):
            return
        with self.db.reading() as session:
            known = roots(session)
            for table, column, told in FOLLOWING:
                for row in session.exec(select(table)):
                    named = getattr(row, told)
                    assert getattr(row, column) == known.get(named, named)
            assert not set(known) & speakers(session, self.firms.values())
            assert not set(known) & set(known.values())
            self.nothing_is_lost(session)
            self.links_follow_what_is_said(session)

    def nothing_is_lost(self, session: Session) -> None:
        """Rows stay, and what they were told of, too."""
        found = {}
        for table in {table for table, _, _ in FOLLOWING}:
            columns = [told for each, _, told in FOLLOWING if each is table]
            for row in session.exec(select(table)):
                found[table.__name__, row.id] = tuple(getattr(row, each) for each in columns)
        assert {key: found.get(key) for key in self.told} == self.told
        self.told = found

    def links_follow_what_is_said(self, session: Session) -> None:
        said: dict[int, list[Statement]] = {}
        living = select(Declaration).where(col(Declaration.ended).is_(None))
        for each in session.exec(living.order_by(Declaration.at, Declaration.id)):
            statement = Statement(each.firm_id, each.stance, each.share, each.at)
            said.setdefault(each.link_id, []).append(statement)
        for link in session.exec(select(Link)):
            came = outcome(link.supplier_id, link.buyer_id, said.get(link.id, []))
            assert (link.ended is None) == came.alive
            if came.alive:
                assert (link.standing, link.share) == (came.standing, came.share)

    def teardown(self) -> None:
        if not hasattr(self, "db"):
            return
        with self.db.work() as session:
            living = select(Merge.id).where(col(Merge.split_at).is_(None))
            for number in session.exec(living.order_by(Merge.into_id)).all():
                split(session, number, "u")
            assert roots(session) == {}
            assert rederive(session) == 0
            for table, column, told in FOLLOWING:
                for row in session.exec(select(table)):
                    assert getattr(row, column) == getattr(row, told)
            self.nothing_is_lost(session)
            self.links_follow_what_is_said(session)
        self.db.close()
        self.folder.cleanup()


@pytest.mark.timeout(600)
def test_whatever_comes_everything_goes_back(migrated) -> None:
    run_state_machine_as_test(
        type("Machine", (Whatever,), {"file": migrated}),
        settings=settings(
            max_examples=30,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
