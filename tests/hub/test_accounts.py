import pytest
from sqlmodel import select

from hub import access
from hub.accounts import check_password, create_user, grant, note_failure, record, throttle
from hub.errors import (
    AddressTaken,
    PasswordWeak,
    RoleNeedsFirm,
    RoleUnknown,
    SignInRefused,
    TooManyTries,
)
from hub.tables import AuditEntry, Membership, User
from hub.tokens import make_token, person_of
from tests.make import PASSWORD, firm


def test_a_person_signs_in_with_any_case_of_the_address(hub) -> None:
    with hub.db.work() as session:
        made = create_user(session, " Kim@Example.com ", "김", PASSWORD)
        assert check_password(session, "kim@example.COM", PASSWORD) is made
        assert PASSWORD not in made.password_hash


@pytest.mark.parametrize("email", ["kim@example.com", "nobody@example.com"])
def test_wrong_and_unknown_are_refused_alike(hub, email: str) -> None:
    with hub.db.work() as session:
        create_user(session, "kim@example.com", "김", PASSWORD)
        with pytest.raises(SignInRefused):
            check_password(session, email, "not the password")


def test_a_disabled_account_is_refused_and_unknown_to_access(hub) -> None:
    with hub.db.work() as session:
        made = create_user(session, "kim@example.com", "김", PASSWORD)
        made.active = False
        with pytest.raises(SignInRefused):
            check_password(session, "kim@example.com", PASSWORD)
        assert access.person(session, made.handle) is None


def test_one_address_one_account_and_no_short_passwords(hub) -> None:
    with hub.db.work() as session:
        create_user(session, "kim@example.com", "김", PASSWORD)
        with pytest.raises(AddressTaken):
            create_user(session, "KIM@example.com", "김", PASSWORD)
        with pytest.raises(PasswordWeak):
            create_user(session, "lee@example.com", "이", "short")


def test_a_role_given_twice_is_there_once_and_firm_roles_need_a_firm(hub) -> None:
    firm_id = firm(hub)
    with hub.db.work() as session:
        made = create_user(session, "kim@example.com", "김", PASSWORD)
        grant(session, made, "vendor", firm_id)
        grant(session, made, "vendor", firm_id)
        assert len(session.exec(select(Membership)).all()) == 1
        with pytest.raises(RoleNeedsFirm):
            grant(session, made, "vendor")
        with pytest.raises(RoleUnknown, match="supply_manager"):
            grant(session, made, "emperor")
        who = access.person(session, made.handle)
    assert who is not None
    assert who.has("vendor", firm_id)
    assert not who.has("vendor", firm_id + 1)
    assert who.firms("vendor") == {firm_id}
    assert who.firms("publisher") == set()


def test_guessing_is_slowed_down_by_account_and_by_address(hub) -> None:
    with hub.db.work() as session:
        for _ in range(7):
            note_failure(session, "kim@example.com", "10.0.0.1")
        throttle(session, "kim@example.com", "10.0.0.9")
        note_failure(session, "kim@example.com", "10.0.0.2")
        with pytest.raises(TooManyTries):
            throttle(session, "KIM@example.com", "10.0.0.9")
        throttle(session, "lee@example.com", "10.0.0.9")


def test_a_token_acts_as_its_person_until_it_expires(hub) -> None:
    with hub.db.work() as session:
        made = create_user(session, "kim@example.com", "김", PASSWORD)
        good, late = make_token(session, made, "script", 1), make_token(session, made, "old", -1)
        session.flush()
        found = person_of(session, good)
        assert found is not None
        assert found.handle == made.handle
        assert person_of(session, late) is None
        assert person_of(session, "sgh_made-up") is None


@pytest.mark.parametrize("change", ["UPDATE auditentry SET actor = 'x'", "DELETE FROM auditentry"])
def test_the_audit_trail_cannot_be_rewritten(either_hub, change: str) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    with either_hub.db.work() as session:
        record(session, "u-1", "firm changed", "firm 1", field="name")
    with pytest.raises(DBAPIError, match="append-only"), either_hub.db.work() as session:
        session.connection().execute(text(change))
    with either_hub.db.reading() as session:
        assert session.exec(select(AuditEntry)).one().detail == {"field": "name"}


def test_people_have_handles_that_tell_nothing(hub) -> None:
    with hub.db.work() as session:
        made = create_user(session, "kim@example.com", "김", PASSWORD)
        assert made.handle.startswith("u-")
        assert "kim" not in made.handle
        assert session.exec(select(User)).one().handle == made.handle
