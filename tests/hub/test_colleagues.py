"""Colleagues by name: asked in, come in, removed; how a lead firm begins; an account closed."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import select

from hub import access, colleagues, lead_firms, leaving
from hub.accounts import grant
from hub.errors import LastAdministrator, LastSpeaker, LeadFirmHasPeople
from hub.tables import ColleagueInvitation, Mail, Membership, User
from supplychain.errors import CheckDigitWrong
from supplychain.invitation_errors import WrittenLately
from supplychain.tables import Firm, now
from tests import make

NEW = {"how": "new", "name": "이나래", "password": "a-long-password"}


@pytest.fixture
def lead(hub) -> int:
    return make.firm(hub, "한빛모빌리티(주)", joined_at=now())


@pytest.fixture
def manager(lead, sign_in):
    return sign_in(("supply_manager", lead), name="김소연")


def press(client, address: str, **fields: object):
    page = client.get("/account/close" if client.get("/account").status_code == 200 else "/sign-in")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    return client.post(address, data={**fields, "csrf_token": token})


def link(hub, email: str = "narae@hanbit.example") -> str:
    """Where the newest mail to that address leads."""
    with hub.db.reading() as session:
        mails = session.exec(select(Mail).where(Mail.to == email).order_by(Mail.id)).all()
        return re.search(r"(/colleague/\S+)", mails[-1].text)[1]


def roles(hub, handle: str) -> list[tuple[str, int | None]]:
    with hub.db.reading() as session:
        user = session.exec(select(User).where(User.handle == handle)).one()
        held = session.exec(select(Membership).where(Membership.user_id == user.id))
        return [(row.role, row.firm_id) for row in held]


def test_a_colleague_is_asked_in_comes_in_and_is_removed(hub, app, lead, manager) -> None:
    asked = press(manager, "/colleagues", email="Narae@Hanbit.example", name="이나래", locale="ko")
    assert asked.status_code == 302
    page = manager.get("/colleagues").text
    assert "narae@hanbit.example" in page
    stranger = app.test_client()
    letter = stranger.get(link(hub)).text
    assert "김소연" in letter
    assert "한빛모빌리티(주)" in letter
    address = link(hub)
    came = press(stranger, address, **NEW)
    assert (came.status_code, came.location) == (302, "/")
    again = press(app.test_client(), address, **NEW)
    assert again.status_code == 404, "one person, once"
    with hub.db.reading() as session:
        user = session.exec(select(User).where(User.email == "narae@hanbit.example")).one()
        handle = user.handle
    assert roles(hub, handle) == [("supply_manager", lead)]
    assert stranger.get("/supply/sheets").status_code == 200
    assert press(manager, "/colleagues/remove", person=handle).status_code == 302
    assert stranger.get("/supply/sheets").status_code == 403
    assert roles(hub, handle) == []


def test_the_last_one_stays(hub, lead, manager) -> None:
    with pytest.raises(LastSpeaker), hub.db.work() as session:
        colleagues.remove(session, session.get_one(Firm, lead), manager.handle, "tester")
    make.person(hub, ("vendor", lead))
    assert press(manager, "/colleagues/remove", person=manager.handle).location == "/"
    assert manager.get("/colleagues").status_code == 403


def test_nobody_is_asked_twice_a_day_and_a_new_link_ends_the_old_one(hub, app, lead, manager):
    press(manager, "/colleagues", email="narae@hanbit.example")
    old = link(hub)
    twice = press(manager, "/colleagues", email="narae@hanbit.example")
    assert twice.status_code == 422
    with hub.db.work() as session:
        row = session.exec(select(ColleagueInvitation)).one()
        row.sent_at -= timedelta(days=2)
    press(manager, "/colleagues", email="narae@hanbit.example")
    assert link(hub) != old
    assert app.test_client().get(old).status_code == 404
    assert app.test_client().get(link(hub)).status_code == 200


@pytest.mark.parametrize("how", ["taken back", "over", "unknown"])
def test_links_that_open_no_more(hub, app, manager, how) -> None:
    press(manager, "/colleagues", email="narae@hanbit.example")
    address = link(hub)
    with hub.db.work() as session:
        row = session.exec(select(ColleagueInvitation)).one()
        number = row.id
        if how == "over":
            row.expires_at = now() - timedelta(seconds=1)
    if how == "taken back":
        press(manager, "/colleagues/take-back", invitation=number)
    if how == "unknown":
        address = address[:-3] + "xyz"
    client = app.test_client()
    assert client.get(address).status_code == 404
    assert press(client, address, **NEW).status_code == 404
    with hub.db.reading() as session:
        assert session.exec(select(User).where(User.email == "narae@hanbit.example")).all() == []


def test_an_account_that_stands_comes_in_by_its_password(hub, app, lead, manager) -> None:
    user = make.person(hub)
    press(manager, "/colleagues", email=user.email)
    client = app.test_client()
    address = link(hub, user.email)
    assert 'value="known"' in client.get(address).text
    wrong = press(client, address, how="known", email=user.email, password="not the right one")
    assert wrong.status_code == 403
    right = press(client, address, how="known", email=user.email, password=make.PASSWORD)
    assert right.status_code == 302
    assert roles(hub, user.handle) == [("supply_manager", lead)]


def test_colleagues_through_the_api(hub, lead, manager) -> None:
    page = manager.get("/account").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    told = {"email": "narae@hanbit.example", "name": "이나래"}
    head = {"X-CSRFToken": token}
    answer = manager.post("/api/v1/colleagues", json=told, headers=head)
    assert answer.status_code == 201
    assert [each["name"] for each in answer.json["people"]] == ["김소연"]
    (invited,) = answer.json["invited"]
    back = manager.post(f"/api/v1/colleagues/take-back?invitation={invited['id']}", headers=head)
    assert back.json["invited"] == []
    last = manager.post(f"/api/v1/colleagues/remove?person={manager.handle}", headers=head)
    assert (last.status_code, last.json["title"]) == (422, "LastSpeaker")
    assert len(manager.get("/api/v1/colleagues").json["people"]) == 1


def test_of_other_firms_nothing_is_seen_or_done(hub, lead, manager, sign_in) -> None:
    press(manager, "/colleagues", email="narae@hanbit.example")
    other = sign_in(("vendor", make.firm(hub, "다른정공")))
    assert "narae" not in other.get("/colleagues").text
    assert other.get(f"/colleagues?firm={lead}").status_code == 404
    assert press(other, "/colleagues/take-back", invitation=1).status_code == 404
    assert press(other, "/colleagues/remove", person=manager.handle).status_code == 404
    assert roles(hub, manager.handle) == [("supply_manager", lead)]


def test_a_lead_firm_begins_with_a_link(hub, app, sign_in) -> None:
    admin = sign_in(("administrator", None))
    told = {"name": "새차(주)", "brn": "124-81-00998", "email": "first@newcar.example"}
    wrong = press(admin, "/admin/lead-firms", **told | {"brn": "124-81-00999"})
    assert wrong.status_code == 422
    assert press(admin, "/admin/lead-firms", **told).status_code == 302
    assert "first@newcar.example" in admin.get("/admin/lead-firms").text
    client = app.test_client()
    came = press(client, link(hub, "first@newcar.example"), **NEW)
    assert came.location.startswith("/my-firm?firm="), "its data are confirmed first"
    assert client.get("/supply/sheets").status_code == 200
    again = press(admin, "/admin/lead-firms", **told | {"email": "second@newcar.example"})
    assert again.status_code == 422
    assert "이나래" in again.text


def test_a_lead_firm_sent_twice_is_one(hub) -> None:
    told = lead_firms.Beginning("새차(주)", "", "first@newcar.example", "", "en")
    with hub.db.work() as session:
        firm, _row = lead_firms.make(session, hub.settings, told, None, "tester")
        assert (firm.name, firm.brn) == ("새차(주)", None)
    with pytest.raises(WrittenLately), hub.db.work() as session:
        lead_firms.make(session, hub.settings, told, None, "tester")
    with hub.db.reading() as session:
        assert len(session.exec(select(Firm)).all()) == 1


def test_what_keeps_a_lead_firm_from_being_made(hub, lead, manager) -> None:
    with hub.db.work() as session:
        session.get_one(Firm, lead).brn = "1248100998"
    taken = lead_firms.Beginning("다른 이름", "124-81-00998", "x@newcar.example", "", "ko")
    with pytest.raises(LeadFirmHasPeople, match="김소연"), hub.db.work() as session:
        lead_firms.make(session, hub.settings, taken, None, "tester")
    mistyped = lead_firms.Beginning("새차", "124-81-00999", "x@newcar.example", "", "ko")
    with pytest.raises(CheckDigitWrong), hub.db.work() as session:
        lead_firms.make(session, hub.settings, mistyped, None, "tester")


def test_an_account_is_closed_for_good(hub, lead, manager, sign_in) -> None:
    other = sign_in(("vendor", lead), name="이나래")
    with hub.db.reading() as session:
        email = session.exec(select(User.email).where(User.handle == other.handle)).one()
    assert press(other, "/account/close", password="not the right one").status_code == 403
    assert press(other, "/account/close", password=make.PASSWORD).status_code == 302
    assert other.get("/account").status_code == 302, "signed out"
    with hub.db.reading() as session:
        user = session.exec(select(User).where(User.handle == other.handle)).one()
        assert (user.name, user.active) == ("", False)
        assert email not in user.email
    assert roles(hub, other.handle) == []
    assert "이나래" not in manager.get("/colleagues").text
    assert press(manager, "/account/close", password=make.PASSWORD).status_code == 422
    assert roles(hub, manager.handle) == [("supply_manager", lead)]


def test_an_address_of_who_left_stands_nowhere(hub, lead, manager, sign_in) -> None:
    press(manager, "/colleagues", email="narae@hanbit.example")
    other = sign_in(("vendor", lead), name="이나래")
    with hub.db.work() as session:
        user = session.exec(select(User).where(User.handle == other.handle)).one()
        email = user.email
        session.add(Mail(key="t1", to=email, reply_to=email, subject="s", text="t", state="sent"))
        session.add(Mail(key="t2", to=email, subject="s", text="t"))
        asked = session.exec(select(ColleagueInvitation)).one()
        asked.accepted_by, asked.state = user.handle, "accepted"
    assert press(other, "/account/close", password=make.PASSWORD).status_code == 302
    with hub.db.reading() as session:
        mails = session.exec(select(Mail)).all()
        assert email not in {address for mail in mails for address in (mail.to, mail.reply_to)}
        assert "t2" not in {mail.key for mail in mails}
        assert session.exec(select(ColleagueInvitation)).all() == []


def test_the_last_administrator_stays(hub) -> None:
    user = make.person(hub, ("administrator", None))
    with pytest.raises(LastAdministrator), hub.db.work() as session:
        leaving.close(session, session.get_one(User, user.id))
    second = make.person(hub)
    with hub.db.work() as session:
        grant(session, session.get_one(User, second.id), "administrator")
        leaving.close(session, session.get_one(User, user.id))


def test_who_is_removed_has_left_no_way_back(hub, app, lead, manager, sign_in) -> None:
    other = sign_in(("vendor", lead))
    press(other, "/colleagues", email="other-self@hanbit.example")
    press(manager, "/colleagues", email="narae@hanbit.example")
    way_back = link(hub, "other-self@hanbit.example")
    press(manager, "/colleagues/remove", person=other.handle)
    back = press(app.test_client(), way_back, **NEW)
    assert back.status_code == 404
    assert app.test_client().get(link(hub)).status_code == 200, "what others sent stands"


def test_a_firm_with_somebody_asked_in_is_not_merged_away(hub) -> None:
    """Else its first supply manager would come in at the firm that it was found to be."""
    told = lead_firms.Beginning("새차(주)", "", "first@newcar.example", "", "en")
    with hub.db.work() as session:
        firm, row = lead_firms.make(session, hub.settings, told, None, "tester")
        assert firm.id in access.with_people(session)
        colleagues.take_back(session, firm, row.id, "tester")
        assert firm.id not in access.with_people(session)


@pytest.mark.parametrize("role", ["administrator", "vendor"])
def test_of_the_last_two_who_leave_at_once_one_stays(either_hub, role) -> None:
    firm = None if role == "administrator" else make.firm(either_hub, "한빛", joined_at=now())
    people = [make.person(either_hub, (role, firm)) for _ in range(2)]
    start = threading.Barrier(2)

    def leave(user: User) -> bool:
        start.wait(30)
        try:
            with either_hub.db.work() as session:
                leaving.close(session, session.get_one(User, user.id))
        except (LastAdministrator, LastSpeaker):
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, people)) == [False, True]
