"""An invited person's way: letter, account, firm, suppliers, invitations; and every wrong turn."""

from datetime import timedelta

import pytest
from sqlmodel import select

from hub import inviting
from hub.tables import AuditEntry, Mail, User
from supplychain.services.invitations import Guest
from supplychain.tables import (
    Declaration,
    Description,
    Firm,
    Invitation,
    Link,
    MailRefusal,
    Site,
    now,
)
from tests import make

PASSWORD = "a long enough sentence"


@pytest.fixture
def lead(hub, app) -> int:
    app.config["WTF_CSRF_ENABLED"] = False
    return make.firm(hub, "새빛모빌리티(주)", name_key="새빛모빌리티", joined_at=now())


@pytest.fixture
def invited(hub, lead):
    """A function: name a firm as the lead's supplier, invite it, and give the secret."""

    def ask(name: str = "한빛정밀", email: str = "owner@hanbit.example", **fields: object) -> str:
        from supplychain.services.declarations import declare_supplier

        firm_id = make.firm(hub, name, name_key=name, **fields)
        manager = make.person(hub, ("supply_manager", lead), name="김소연")
        with hub.db.work() as session:
            own = session.get_one(Firm, lead)
            declare_supplier(session, own, session.get_one(Firm, firm_id), item="사출품")
            session.add(
                Description(firm_id=firm_id, by_id=lead, name=name, region="KR-41", employees=12)
            )
            sending = inviting.sending_for(
                hub.settings,
                own,
                session.get_one(User, manager.id),
                actor=manager.handle,
                whole_chain=True,
            )
            asked = inviting.invite(session, sending, firm_id, Guest(email, "최은주"))
            return asked.secret

    return ask


def join(client, secret: str, name: str = "최은주", **firm: str):
    """Account and firm, as the forms send them; the last answer."""
    answer = client.post(
        f"/invited/{secret}/account", data={"how": "new", "name": name, "password": PASSWORD}
    )
    assert answer.status_code == 302, answer.text
    return client.post(
        answer.headers["Location"],
        data={"name": "한빛정밀(주)", "brn": "124-81-00998", **firm},
    )


def one(hub, table, **where):
    with hub.db.reading() as session:
        query = select(table)
        for name, value in where.items():
            query = query.where(getattr(table, name) == value)
        return session.exec(query).one()


def test_the_letter_tells_who_asks_and_writes_nothing(client, hub, invited) -> None:
    secret = invited()
    for _ in range(3):
        answer = client.get(f"/invited/{secret}")
    assert answer.status_code == 200
    for word in ("새빛모빌리티", "한빛정밀", "3분", "김소연", "업체 수"):
        assert word in answer.text or word == "김소연"
    assert one(hub, Invitation).state == "sent"
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.post(f"/invited/{secret}/seen").status_code == 204
    assert one(hub, Invitation).state == "opened"


def test_an_owner_joins_corrects_names_suppliers_and_invites_them(client, hub, lead, invited):
    secret = invited()
    answer = join(client, secret, region="KR-48", process="injection", employees="14")
    assert answer.status_code == 302
    firm = one(hub, Firm, name="한빛정밀(주)")
    assert (firm.brn, firm.region, firm.employees) == ("1248100998", "KR-48", 14)
    assert firm.joined_at is not None
    assert one(hub, Site).process == "injection"
    said = one(hub, Description, by_id=firm.id)
    assert (said.firm_id, said.brn, said.sheet_id) == (firm.id, "1248100998", None)
    page = client.get(answer.headers["Location"], follow_redirects=True)
    assert "누가 납품하나요?" in page.text
    added = client.post(
        "/my-suppliers",
        data={"firm": firm.id, "joining": "1", "name": "대성금형", "item": "금형"},
        follow_redirects=True,
    )
    assert "대성금형" in added.text
    supplier = one(hub, Firm, name="대성금형")
    link = one(hub, Link, supplier_id=supplier.id)
    assert (link.buyer_id, link.item, link.standing) == (firm.id, "금형", "open")
    sent = client.post(
        "/my-suppliers/invite",
        data={"firm": firm.id, f"email-{supplier.id}": "ceo@daesung.example"},
        follow_redirects=True,
    )
    assert "초대 메일 1통" in sent.text
    row = one(hub, Invitation, firm_id=supplier.id)
    assert (row.lead_id, row.parent_id) == (lead, one(hub, Invitation, firm_id=firm.id).id)
    assert one(hub, Mail, to="ceo@daesung.example").state == "waiting"


@pytest.mark.parametrize(("answer", "standing"), [("yes", "confirmed"), ("no", "contradicted")])
def test_the_letters_question_is_answered_with_the_firm(
    client, hub, invited, answer: str, standing: str
) -> None:
    secret = invited()
    join(client, secret, supplies=answer)
    assert one(hub, Link).standing == standing


def test_a_second_tap_and_a_reload_repeat_no_step(client, hub, invited) -> None:
    secret = invited()
    form = {"how": "new", "name": "최은주", "password": PASSWORD}
    first = client.post(f"/invited/{secret}/account", data=form)
    again = client.application.test_client().post(f"/invited/{secret}/account", data=form)
    assert first.headers["Location"] == again.headers["Location"]
    for _ in range(2):
        client.post(first.headers["Location"], data={"name": "한빛정밀"})
    with hub.db.reading() as session:
        assert (
            len(session.exec(select(User).where(User.email == "owner@hanbit.example")).all()) == 1
        )
        own = one(hub, Firm, name="한빛정밀").id
        assert len(session.exec(select(Description).where(Description.by_id == own)).all()) == 1
    for _ in range(2):
        client.post("/my-suppliers", data={"name": "대성금형", "item": "금형"})
    with hub.db.reading() as session:
        said = session.exec(select(Declaration).where(Declaration.firm_id == own)).all()
    assert len(said) == 1
    answer = client.get(f"/invited/{secret}")
    assert answer.status_code == 302
    assert "/joining/" in answer.headers["Location"]


def test_faults_are_all_named_and_nothing_is_lost(client, hub, invited) -> None:
    secret = invited()
    answer = join(client, secret, brn="124-81-00990", employees="많음", sector="Z1")
    assert answer.status_code == 422
    assert answer.text.count("form-hint-invalid") == 3
    assert "124-81-00990" in answer.text
    assert one(hub, Firm, name="한빛정밀").joined_at is None
    resumed = client.get("/")
    assert "회사 정보를 확인해 주세요" in resumed.text


def test_an_account_that_stands_signs_in_and_accepts(client, hub, invited) -> None:
    secret = invited()
    user = make.person(hub, name="최은주")
    form = {"how": "known", "email": user.email, "password": "wrong-password"}
    assert client.post(f"/invited/{secret}/account", data=form).status_code == 403
    answer = client.post(f"/invited/{secret}/account", data={**form, "password": make.PASSWORD})
    assert client.post(answer.headers["Location"], data={"name": "한빛정밀"}).status_code == 302
    assert one(hub, Invitation).accepted_by == user.handle


@pytest.mark.parametrize("what", ["unknown", "expired", "withdrawn", "used"])
def test_a_link_that_cannot_be_used_says_so(client, hub, invited, what: str) -> None:
    secret = invited()
    if what == "unknown":
        secret = "x" * 43
    if what == "used":
        join(client, secret)
        client = client.application.test_client()
    with hub.db.work() as session:
        row = session.exec(select(Invitation)).one()
        if what == "expired":
            row.expires_at = now() - timedelta(minutes=1)
        if what == "withdrawn":
            row.state, row.token_hash = "withdrawn", None
    for path in ("", "/account", "/decline"):
        answer = client.get(f"/invited/{secret}{path}")
        assert answer.status_code == 404
        assert "쓸 수 없습니다" in answer.text
        assert "한빛정밀" not in answer.text
    answer = client.post(
        f"/invited/{secret}/account", data={"how": "new", "name": "x", "password": "guessed-it"}
    )
    assert answer.status_code in (404, 409)
    assert one(hub, Invitation).accepted_by == (
        "" if what != "used" else one(hub, User, email="owner@hanbit.example").handle
    )


def test_wrong_links_are_slowed_down_without_locking_sign_in(client, hub, invited) -> None:
    user, secret = make.person(hub), invited()
    for number in range(8):
        assert client.get(f"/invited/{number:043}").status_code == 404
    assert client.get("/invited/" + "z" * 43).status_code == 429
    assert client.get(f"/invited/{secret}").status_code == 200
    form = {"email": user.email, "password": make.PASSWORD}
    assert client.post("/sign-in", data=form).status_code == 302


def test_a_no_is_kept_with_its_reason_and_ends_further_mails(client, hub, invited) -> None:
    secret = invited()
    form = {"reason": "거래가 끝났습니다", "never": "yes"}
    for _ in range(2):
        assert client.post(f"/invited/{secret}/decline", data=form).status_code == 200
    row = one(hub, Invitation)
    assert (row.state, row.reason) == ("declined", "거래가 끝났습니다")
    assert one(hub, MailRefusal).email_hash
    assert one(hub, Mail).state == "withdrawn"
    assert "거절하셨습니다" in client.get(f"/invited/{secret}").text


def test_the_secret_stands_in_no_log_and_no_trail(client, hub, invited, caplog) -> None:
    secret = invited()

    def broken(token: str) -> str:
        raise ZeroDivisionError(len(token))

    client.application.view_functions["invited.decline"] = broken
    with caplog.at_level("DEBUG"):
        assert client.get(f"/invited/{secret}/decline").status_code == 500
    assert "/invited/" in caplog.text
    assert secret not in caplog.text
    join(client, secret)
    with hub.db.reading() as session:
        for line in session.exec(select(AuditEntry)):
            assert secret not in f"{line.subject}{line.detail}"


def test_a_number_of_a_silent_row_of_the_same_name_joins_the_rows(client, hub, invited) -> None:
    secret = invited()
    other = make.firm(hub, "㈜한빛정밀", name_key="한빛정밀", brn="1248100998")
    join(client, secret)
    named = one(hub, Firm, name="한빛정밀")
    assert named.merged_into_id == other
    assert one(hub, Firm, id=other).joined_at is not None
    assert one(hub, Link).supplier_id == other


def test_a_number_of_a_silent_row_of_another_name_takes_nothing_over(client, hub, invited):
    secret = invited()
    other = make.firm(hub, "동해케미칼", name_key="동해케미칼", brn="1248100998")
    join(client, secret)
    assert one(hub, Firm, id=other).joined_at is None
    own = one(hub, Firm, name="한빛정밀(주)")
    assert (own.brn, own.merged_into_id) == (None, None)
    assert one(hub, Description, by_id=own.id).brn == "1248100998"


def test_a_number_of_a_firm_that_has_joined_asks_its_people(client, hub, sign_in, invited) -> None:
    secret = invited()
    other = make.firm(
        hub,
        "한빛정밀 주식회사",
        name_key="한빛정밀",
        brn="1248100998",
        joined_at=now(),
        employees=77,
    )
    answer = join(client, secret)
    waiting = client.get(answer.headers["Location"], follow_redirects=True)
    assert "승인을 요청했습니다" in waiting.text
    assert "77" not in waiting.text
    assert client.get("/my-firm").status_code == 403
    colleague = sign_in(("vendor", other))
    page = colleague.get("/my-firm")
    assert "owner@hanbit.example" in page.text
    assert "승인을 요청했습니다" in colleague.get("/").text or "요청" in colleague.get("/").text
    number = one(hub, Invitation).id
    stranger = sign_in(("vendor", make.firm(hub, "남의회사")))
    assert stranger.post(f"/my-firm/people/{number}", data={"answer": "yes"}).status_code == 404
    for _ in range(2):
        person = one(hub, Invitation).accepted_by
        colleague.post(f"/my-firm/people/{number}", data={"answer": "yes", "person": person})
    assert client.get("/my-firm").status_code == 200
    assert one(hub, Link).supplier_id == other
    assert one(hub, Firm, id=other).employees == 77


def test_who_is_not_known_is_not_let_in(client, hub, sign_in, invited) -> None:
    secret = invited()
    other = make.firm(hub, "다른회사", brn="1248100998", joined_at=now())
    join(client, secret)
    number = one(hub, Invitation).id
    person = one(hub, Invitation).accepted_by
    colleague = sign_in(("vendor", other))
    colleague.post(f"/my-firm/people/{number}", data={"answer": "no", "person": person})
    assert client.get("/my-firm").status_code == 403
    assert one(hub, Invitation).asks_id is None


def test_who_came_between_looking_and_clicking_is_not_let_in(
    client, hub, app, sign_in, invited
) -> None:
    secret = invited()
    other = make.firm(hub, "다른회사", brn="1248100998", joined_at=now())
    join(client, secret)
    colleague, number = sign_in(("vendor", other)), one(hub, Invitation).id
    seen = one(hub, Invitation).accepted_by
    assert seen in colleague.get("/my-firm").text
    with hub.db.work() as session:  # whoever else holds the link answers it by an account of theirs
        session.get_one(Invitation, number).accepted_by = "u-another"
    sent = {"answer": "yes", "person": seen}
    again = colleague.post(f"/my-firm/people/{number}", data=sent, follow_redirects=True)
    assert "다른 사람이" in again.text
    assert one(hub, Invitation).state != "accepted"
    assert colleague.post(f"/my-firm/people/{number}", data={"answer": "yes"}).status_code == 302
    assert one(hub, Invitation).asks_id == other, "a form that names nobody lets nobody in"


def test_a_firm_that_has_joined_meanwhile_shows_nothing_to_a_late_comer(
    client, hub, invited
) -> None:
    secret = invited()
    firm_id = one(hub, Invitation).firm_id
    with hub.db.work() as session:
        firm = session.get_one(Firm, firm_id)
        firm.joined_at, firm.brn, firm.employees = now(), "1018109147", 4321
    answer = client.post(
        f"/invited/{secret}/account", data={"how": "new", "name": "x", "password": PASSWORD}
    )
    page = client.get(answer.headers["Location"])
    assert "4321" not in page.text
    assert "101-81-09147" not in page.text
    assert one(hub, Invitation).asks_id == firm_id
