"""Two workers, two people, two clicks: every mail goes once, every person is asked once."""

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlmodel import select

from hub.app import create_app
from hub.mails import Letter
from hub.outbox import claim, post
from hub.tables import Mail
from supplychain.tables import Invitation
from tests.inviting.conftest import Chain
from tests.make import person


def test_two_workers_never_claim_the_same_mail(either_hub) -> None:
    with either_hub.db.work() as session:
        for number in range(40):
            post(session, f"m/{number}", f"a{number}@firm.example", "ko", Letter("s", "t"))

    def work(_: int) -> list[str]:
        found = []
        while (mail := claim(either_hub)) is not None:
            found.append(mail.key)
        return found

    with ThreadPoolExecutor(4) as pool:
        claimed = [key for keys in pool.map(work, range(4)) for key in keys]
    assert len(claimed) == len(set(claimed)) == 40


def test_two_people_who_invite_at_once(either_hub) -> None:
    chain = Chain(either_hub)
    chain.supplies("다솜정밀", "한빛자동차(주)")
    app = create_app(either_hub)
    app.config["WTF_CSRF_ENABLED"] = False
    start = threading.Barrier(4)

    def click(_: int) -> int:
        from hub.accounts import seal_of

        user = person(either_hub, ("supply_manager", chain.firm("한빛자동차(주)")))
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = user.handle, True
            session["seal"] = seal_of(user)
        start.wait(30)
        body = {"guest": "다솜정밀", "email": "park@dasom.example"}
        return client.post("/api/v1/invitations", json=body).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(click, range(4)))
    assert answers == [200, 200, 200, 201]
    with either_hub.db.reading() as session:
        assert len(session.exec(select(Invitation)).all()) == 1
        assert len(session.exec(select(Mail)).all()) == 1


def test_a_reminder_clicked_twice_is_one_mail(either_hub) -> None:
    from datetime import timedelta

    from hub import inviting
    from supplychain.invitation_errors import WrittenLately
    from supplychain.services.invitations import Guest

    chain = Chain(either_hub)
    firm = chain.supplies("다솜정밀", "한빛자동차(주)")
    sending = chain.sending("한빛자동차(주)")
    with either_hub.db.work() as session:
        guest = Guest("park@dasom.example")
        number = inviting.invite(session, sending, firm, guest).invitation.id
    with either_hub.db.work() as session:
        session.get_one(Invitation, number).sent_at -= timedelta(hours=25)
    start = threading.Barrier(3)

    def click(_: int) -> bool:
        start.wait(30)
        try:
            with either_hub.db.work() as session:
                inviting.remind(session, sending, number)
        except WrittenLately:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(click, range(3))) == [False, False, True]
    with either_hub.db.reading() as session:
        assert len(session.exec(select(Mail).where(Mail.state == "waiting")).all()) == 1


def test_states_are_counted_alike_by_both_databases(either_hub) -> None:
    from hub import inviting
    from hub.invitation_lines import lines, named, standing
    from supplychain.services.invitations import Guest
    from supplychain.tables import now

    chain = Chain(either_hub)
    sending = chain.sending("한빛자동차(주)")
    for number in range(3):
        firm = chain.supplies(f"협력{number}", "한빛자동차(주)")
        with either_hub.db.work() as session:
            inviting.invite(session, sending, firm, Guest(f"a{number}@firm.example"))
    with either_hub.db.work() as session:
        mail = session.exec(select(Mail)).first()
        mail.state, mail.problem = "failed", "550"
    with either_hub.db.reading() as session:
        by = sending.by.firm_id
        assert standing(session, by, now()) == {"undelivered": 1, "silent": 2}
        found = named(session, by, lines(session, by))
        assert [line.came_to for line in found] == ["undelivered", "silent", "silent"]
        assert {line.name for line in found} == {"협력0", "협력1", "협력2"}
