"""Two that do the same at the same moment: one of them writes, the other finds it there."""

import io
import threading
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import func, select

from hub.accounts import create_user, grant
from hub.app import create_app
from hub.db import already_there
from hub.tables import Membership, User
from supplychain.errors import SheetNotFound
from supplychain.matching import name_key
from supplychain.reading import read_sheet
from supplychain.rows import ReadFirm
from supplychain.services.firms import add_firm
from supplychain.services.sheets import discard, note_sheet, take_in
from supplychain.tables import Firm, Sheet, now
from tests import make


def test_a_late_request_is_looked_at_again_with_its_file(hub) -> None:
    app = create_app(hub)
    app.config["WTF_CSRF_ENABLED"] = False
    app.extensions["read"] = []

    def late():
        from flask import request

        app.extensions["read"].append(request.files["sheet"].stream.read())
        with hub.db.reading() as session:
            there = session.exec(select(Firm).where(Firm.brn == "1248100998")).first()
        if there is not None:
            return f"there as {there.name}"
        make.firm(hub, "the other one", brn="1248100998")
        make.firm(hub, "this one", brn="1248100998")
        return "unreachable"

    # Any endpoint that strangers may call.
    app.view_functions["certificates.verify_pasted"] = late
    answer = app.test_client().post("/verify", data={"sheet": (io.BytesIO(b"rows"), "a.csv")})
    assert answer.text == "there as the other one"
    assert app.extensions["read"] == [b"rows", b"rows"]


def test_another_broken_rule_is_not_taken_for_that(either_hub) -> None:
    with pytest.raises(IntegrityError) as nobodys, either_hub.db.work() as session:
        session.add(Membership(user_id=99, role="trainee"))
    assert not already_there(nobodys.value)
    make.firm(either_hub, brn="1248100998")
    with pytest.raises(IntegrityError) as twice:
        make.firm(either_hub, brn="1248100998")
    assert already_there(twice.value)


@pytest.fixture
def on_postgres(request, settings):
    from hub.wiring import wire

    url = request.getfixturevalue("prepared_postgres")
    hub = wire(settings.model_copy(update={"database_url": url}))
    yield hub
    hub.close()


def while_it_writes(hub, first, then) -> None:
    """Do `then` in another thread while `first` has written and not yet committed."""
    second = threading.Thread(target=lambda: _in_its_own(hub, then))
    with hub.db.work() as session:
        first(session)
        second.start()
        second.join(0.3)
        assert second.is_alive(), "it did not wait"
    second.join(120)
    assert not second.is_alive()


def _in_its_own(hub, then) -> None:
    with hub.db.work() as session:
        then(session)


@pytest.mark.parts
def test_of_two_that_wait_for_each_other_one_is_asked_again(on_postgres) -> None:
    app = create_app(on_postgres)
    app.config["WTF_CSRF_ENABLED"] = False
    firms = [make.firm(on_postgres, name) for name in ("가", "나")]
    both, tries = threading.Barrier(2, timeout=60), []

    def crossing():
        from flask import request

        order = firms if request.form["way"] == "there" else firms[::-1]
        tries.append(request.form["way"])
        with on_postgres.db.work() as session:
            for at, number in enumerate(order):
                session.exec(select(Firm).where(Firm.id == number).with_for_update()).one()
                if at == 0 and len(tries) <= 2:
                    both.wait()
        return "done"

    app.view_functions["certificates.verify_pasted"] = crossing
    said: list[str] = []

    def send(way: str) -> None:
        said.append(app.test_client().post("/verify", data={"way": way}).text)

    others = [threading.Thread(target=send, args=(way,)) for way in ("there", "back")]
    for each in others:
        each.start()
    for each in others:
        each.join(120)
    assert said == ["done", "done"]
    assert len(tries) == 3


@pytest.mark.parts
def test_a_sheet_that_two_discard_at_once_is_gone_once(on_postgres) -> None:
    with on_postgres.db.work() as session:
        told = ReadFirm(name="한빛모빌리티(주)", key=name_key("한빛모빌리티(주)"))
        lead, content = add_firm(session, told), "협력사명\n다솜테크\n".encode()
        reading = read_sheet(io.BytesIO(content), "a.csv")
        named = {"file_name": "a.csv", "actor": "tester"}
        number = note_sheet(session, lead, content, reading, **named).id

    found = []

    def throw_away(session) -> None:
        try:
            discard(session, session.get_one(Sheet, number))
        except SheetNotFound:
            found.append("gone")

    while_it_writes(on_postgres, throw_away, throw_away)
    with on_postgres.db.reading() as session:
        assert session.get(Sheet, number) is None
    assert found == ["gone"]


@pytest.mark.parts
def test_a_role_without_a_firm_is_given_once(on_postgres) -> None:
    with on_postgres.db.work() as session:
        number = create_user(session, "kim@example.com", "김", make.PASSWORD).id

    def give(session) -> None:
        grant(session, session.get_one(User, number), "trainee")

    while_it_writes(on_postgres, give, give)
    with on_postgres.db.reading() as session:
        assert session.exec(select(func.count()).select_from(Membership)).one() == 1


@pytest.mark.parts
def test_two_sheets_that_name_a_new_firm_make_it_once(on_postgres) -> None:
    with on_postgres.db.work() as session:
        told = ReadFirm(name="한빛모빌리티(주)", key=name_key("한빛모빌리티(주)"))
        lead = add_firm(session, told).id

    def taking(file: str):
        content = f"협력사명,품목\n다솜테크,{file}\n".encode()
        reading = read_sheet(io.BytesIO(content), file)

        def take(session) -> None:
            firm = session.get_one(Firm, lead)
            sheet = note_sheet(session, firm, content, reading, file_name=file, actor="tester")
            take_in(session, sheet, reading)

        return take

    while_it_writes(on_postgres, taking("a.csv"), taking("b.csv"))
    with on_postgres.db.reading() as session:
        assert session.exec(select(func.count()).select_from(Firm)).one() == 2


@pytest.mark.parts
def test_an_owners_yes_is_not_lost_to_the_deadline_that_passes_meanwhile(on_postgres) -> None:
    from sharing.services import deliveries, rollouts, steps
    from tests.sharing.chain import chain, started

    number = started(chain(on_postgres, tier2=1))
    late = now() + timedelta(days=365)

    def rows(session):
        return rollouts.deliveries_of(session, rollouts.rollout_by_id(session, number))

    def accept(session) -> None:
        deliveries.accept(session, rows(session)[0], "owner", now())
        session.flush()

    def deadline_passes(session) -> None:
        steps.tick(session, rollouts.rollout_by_id(session, number), late)

    while_it_writes(on_postgres, accept, deadline_passes)
    with on_postgres.db.reading() as session:
        assert [row.state for row in rows(session)] == ["accepted", "declined"]
