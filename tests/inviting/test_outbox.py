"""Mails over a real mail server: taken, refused, put off, cut off, sent once."""

import logging
from contextlib import closing
from datetime import timedelta

import pytest
from sqlmodel import select

from hub.errors import MailCutOff, MailServerAway, SettingInvalid
from hub.health import mail_up
from hub.mail_message import message_of
from hub.mails import Letter
from hub.outbox import (
    Folder,
    Sender,
    carrier_for,
    claim,
    counts,
    post,
    send_due,
    send_now,
    withdraw,
)
from hub.settings import Settings
from hub.tables import Mail
from supplychain.tables import now
from tests.fakes.mail_server import USER, MailServer, hang_up

LETTER = Letter(
    "한빛자동차(주) 거래처 확인 요청", "안녕하세요.\n\nhttp://127.0.0.1:8800/invited/s3cret"
)
QUOTED = f"{USER}:pass%20w%2Frd%3A%40%25"


def write(hub, *names: str) -> None:
    with hub.db.work() as session:
        for name in names:
            post(session, f"mail/{name}", f"{name}@firm.example", "ko", LETTER)


def sent(hub) -> int:
    with closing(carrier_for(hub)) as carrier:
        return send_due(hub, carrier)


def mail(hub, name: str) -> Mail:
    with hub.db.reading() as session:
        return session.exec(select(Mail).where(Mail.key == f"mail/{name}")).one()


def due_again(hub, **ago: float) -> None:
    with hub.db.work() as session:
        for row in session.exec(select(Mail).where(Mail.state == "waiting")):
            row.due_at = now() - timedelta(seconds=1)
            row.created_at -= timedelta(**ago)


def test_a_mail_is_put_once_for_each_key(hub) -> None:
    with hub.db.work() as session:
        assert post(session, "a", "a@firm.example", "ko", LETTER)
        assert not post(session, "a", "b@firm.example", "ko", LETTER)


def test_plain_server_takes_all_over_one_connection(by_mail) -> None:
    with MailServer() as server:
        hub = by_mail(f"smtp://127.0.0.1:{server.port}")
        write(hub, "a", "b", "c")
        assert sent(hub) == 3
        assert sent(hub) == 0
    assert server.connections == 1
    assert [envelope.rcpt_tos for envelope in server.envelopes] == [
        ["a@firm.example"], ["b@firm.example"], ["c@firm.example"],
    ]  # fmt: skip
    taken = server.taken[0]
    assert taken["Subject"] == LETTER.subject
    assert str(taken["From"]) == "상생허브 <hub@hanbit.example>"
    assert taken["Content-Language"] == "ko"
    assert "s3cret" in taken.get_body(("plain",)).get_content()
    assert 'href="http://127.0.0.1:8800/invited/s3cret"' in taken.get_body(("html",)).get_content()
    row = mail(hub, "a")
    assert (row.state, row.text, row.tries) == ("sent", "", 1)  # the secret is not kept


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the server overlooks that it has TLS
@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_encrypted_and_signed_in(by_mail, certified, scheme) -> None:
    with MailServer(tls=certified, implicit_tls=scheme == "smtps", login=True) as server:
        hub = by_mail(f"{scheme}://{QUOTED}@127.0.0.1:{server.port}")
        write(hub, "a")
        assert sent(hub) == 1
    assert len(server.taken) == 1


def test_a_certificate_that_nobody_vouches_for_gets_no_password(
    by_mail, certified, monkeypatch, tmp_path
) -> None:
    (tmp_path / "none.pem").write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with MailServer(tls=certified, login=True) as server:
        hub = by_mail(f"smtp+starttls://{QUOTED}@127.0.0.1:{server.port}")
        write(hub, "a")
        with pytest.raises(MailServerAway, match="certificate"):
            sent(hub)
    assert mail(hub, "a").state == "waiting"


def test_no_starttls_no_mail(by_mail) -> None:
    with MailServer() as server:
        hub = by_mail(f"smtp+starttls://{QUOTED}@127.0.0.1:{server.port}")
        write(hub, "a")
        with pytest.raises(MailServerAway, match="STARTTLS"):
            sent(hub)
    assert server.taken == []


def test_a_wrong_password_is_told_without_it(by_mail, certified, caplog) -> None:
    with caplog.at_level(logging.DEBUG), MailServer(tls=certified, login=True) as server:
        hub = by_mail(f"smtp+starttls://{USER}:wrong-one@127.0.0.1:{server.port}")
        write(hub, "a")
        Sender().send(hub)
    assert mail(hub, "a").problem.startswith("535")
    assert "535" in caplog.text
    told = caplog.text + mail(hub, "a").problem + repr(hub.settings) + str(mail_up(hub))
    assert "wrong-one" not in told


def test_an_address_that_does_not_exist_fails_at_once(by_mail) -> None:
    with MailServer() as server:
        server.answers["a@firm.example"] = ["550 5.1.1 User unknown"]
        hub = by_mail(f"smtp://127.0.0.1:{server.port}")
        write(hub, "a", "b")
        assert sent(hub) == 1
        due_again(hub)
        assert sent(hub) == 0
    assert (mail(hub, "a").state, mail(hub, "a").problem) == ("failed", "550 5.1.1 User unknown")
    assert mail(hub, "b").state == "sent"


def test_a_grey_list_is_tried_again(by_mail) -> None:
    with MailServer() as server:
        server.answers["a@firm.example"] = ["451 4.7.1 Greylisted", "450 4.2.0 Not yet"]
        hub = by_mail(f"smtp://127.0.0.1:{server.port}")
        write(hub, "a")
        for pause in (1, 5):
            assert sent(hub) == 0
            row = mail(hub, "a")
            assert row.state == "waiting"
            assert row.problem[:3] in ("451", "450")
            assert timedelta(minutes=pause - 1) < row.due_at - now() <= timedelta(minutes=pause)
            due_again(hub)
            assert mail_up(hub).up  # put off by its receiver: nothing of ours is late
        assert sent(hub) == 1
    assert mail(hub, "a").tries == 3


def test_what_waits_for_days_is_given_up_with_the_last_reason(by_mail) -> None:
    with MailServer() as server:
        server.answers["a@firm.example"] = ["452 4.2.2 Mailbox full"]
        hub = by_mail(f"smtp://127.0.0.1:{server.port}")
        write(hub, "a")
        due_again(hub, days=6)
        assert sent(hub) == 0
    assert (mail(hub, "a").state, mail(hub, "a").problem) == ("failed", "452 4.2.2 Mailbox full")


def test_content_that_is_refused_fails(by_mail) -> None:
    with MailServer() as server:
        server.after_data = ["554 5.7.1 Looks like spam"]
        hub = by_mail(f"smtp://127.0.0.1:{server.port}")
        write(hub, "a")
        assert sent(hub) == 0
    assert mail(hub, "a").state == "failed"


def test_a_server_that_hangs_up_in_the_middle(by_mail) -> None:
    """Nobody knows whether it had the mail: it is the same mail the second time."""
    with MailServer() as server:
        server.after_data = [hang_up]
        hub = by_mail(f"smtp://127.0.0.1:{server.port}")
        write(hub, "a", "b")
        first = message_of(mail(hub, "a"), hub.settings.sender, hub.settings.url)
        with pytest.raises(MailCutOff):
            sent(hub)
        assert mail(hub, "a").due_at > now()  # the others go first
        assert mail(hub, "b").tries == 0  # no mail pays for another's connection
        due_again(hub)
        assert sent(hub) == 2
    by_address = {str(taken["To"]): taken for taken in server.taken}
    assert by_address["a@firm.example"]["Message-ID"] == first["Message-ID"]
    assert by_address["a@firm.example"]["Date"] == first["Date"]


def test_a_crash_between_sending_and_noting_sends_the_same_mail_again(by_mail) -> None:
    with MailServer() as server:
        hub = by_mail(f"smtp://127.0.0.1:{server.port}")
        write(hub, "a")
        taken = claim(hub)
        with closing(carrier_for(hub)) as carrier:
            carrier.carry(message_of(taken, hub.settings.sender, hub.settings.url), "a")
        assert sent(hub) == 0  # claimed: for ten minutes nobody else's
        due_again(hub)
        assert sent(hub) == 1
    assert len({message["Message-ID"] for message in server.taken}) == 1
    assert mail(hub, "a").state == "sent"


def test_a_late_note_of_an_old_claim_changes_nothing(by_mail) -> None:
    from hub.outbox import _note

    hub = by_mail("smtp://127.0.0.1:1")
    write(hub, "a")
    old = claim(hub)
    due_again(hub)
    claim(hub)
    _note(hub, old, "failed", "late")
    assert mail(hub, "a").state == "waiting"


def test_no_server_at_all_keeps_mails_waiting(by_mail, caplog) -> None:
    hub = by_mail("smtp://127.0.0.1:1")
    write(hub, "a")
    sender = Sender()
    sender.send(hub)
    assert "mails wait" in caplog.text
    assert not sender.tick(hub)  # not at once again
    row = mail(hub, "a")
    assert (row.state, row.tries) == ("waiting", 0)  # it was not even tried
    assert row.due_at <= now()
    assert row.problem
    with hub.db.work() as session:
        assert send_now(session, row.id)
    assert mail(hub, "a").due_at <= now()


def test_the_worker_is_not_held_up(by_mail) -> None:
    with MailServer() as server:
        hub = by_mail(f"smtp://127.0.0.1:{server.port}")
        write(hub, "a")
        sender = Sender()
        assert sender.tick(hub)
        assert server.got_one.wait(30)
        sender._thread.join(30)
        assert not sender.tick(hub)
    assert mail(hub, "a").state == "sent"


def test_taken_back_before_it_went(by_mail) -> None:
    with MailServer() as server:
        hub = by_mail(f"smtp://127.0.0.1:{server.port}")
        write(hub, "a", "b")
        with hub.db.work() as session:
            withdraw(session, ["mail/a"])
        assert sent(hub) == 1
    assert (mail(hub, "a").state, mail(hub, "a").text) == ("withdrawn", "")


def test_without_a_server_mails_are_files_in_order(hub) -> None:
    write(hub, "a", "b")
    assert isinstance(carrier_for(hub), Folder)
    assert sent(hub) == 2
    folder = hub.settings.data / "outbox"
    files = sorted(folder.iterdir())
    assert [file.name.split("-", 1)[1] for file in files] == ["mail-a.eml", "mail-b.eml"]
    assert folder.stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_a_server_that_stays_away_is_given_up_after_days(by_mail) -> None:
    hub = by_mail("smtp://127.0.0.1:1")
    write(hub, "a")
    due_again(hub, days=6)
    with pytest.raises(MailServerAway):
        sent(hub)
    assert mail(hub, "a").state == "failed"


def test_a_folder_that_cannot_be_written_keeps_mails_waiting(hub) -> None:
    (hub.settings.data / "outbox").write_text("a file where the folder should be")
    write(hub, "a")
    with pytest.raises(MailServerAway):
        sent(hub)
    assert mail(hub, "a").state == "waiting"


def test_no_header_can_be_smuggled_in(hub) -> None:
    row = Mail(
        key="x", to="a@firm.example", locale="ko",
        subject="한빛\r\nBcc: everyone@firm.example\r\n\r\nbody", text="…", created_at=now(),
    )  # fmt: skip
    message = message_of(row, "hub@hanbit.example", "http://x")
    assert "Bcc" not in message
    assert b"\nBcc" not in message.as_bytes()
    row.to = "a@firm.example\r\nBcc: b@firm.example"
    with pytest.raises(ValueError, match=r"."):
        message_of(row, "hub@hanbit.example", "http://x")


def test_long_korean_subjects_survive_the_way(by_mail) -> None:
    subject = (
        "한빛모빌리티(주) 거래처 확인 요청: 아주 긴 이름의 정밀금형사출가공(주) 담당자님께 " * 2
    )
    with MailServer() as server:
        hub = by_mail(f"smtp://127.0.0.1:{server.port}")
        with hub.db.work() as session:
            post(
                session, "k", "a@firm.example", "ko", Letter(subject.strip(), "글"),
                reply_to="so.yeon@hanbit.example",
            )  # fmt: skip
        assert sent(hub) == 1
    assert server.taken[0]["Subject"] == subject.strip()
    assert str(server.taken[0]["Reply-To"]) == "so.yeon@hanbit.example"
    assert server.envelopes[0].content.isascii()


def test_health_counts_and_tells_when_mails_are_late(hub) -> None:
    write(hub, "a", "b")
    part = mail_up(hub)
    assert (part.up, part.figures) == (True, {"mails waiting": 2, "mails failed": 0})
    with hub.db.work() as session:
        for row in session.exec(select(Mail)):
            row.due_at -= timedelta(minutes=20)
    assert not mail_up(hub).up
    with hub.db.reading() as session:
        assert counts(session).late == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.firm.example",
        "smtps://",
        "smtp://user:hunter2@mail.firm.example",
        "smtps://user:hunter2@mail.firm.example:port",
        "smtps://user:hunter2@mail.firm.example/path",
    ],
)
def test_settings_that_cannot_be_used_are_named_without_the_password(url) -> None:
    with pytest.raises(SettingInvalid, match="HUB_SMTP_URL") as told:
        Settings.from_environment({"HUB_SMTP_URL": url})
    assert "hunter2" not in str(told.value)


def test_the_sender_is_found() -> None:
    def sender(**given: str) -> str:
        return Settings.model_validate(given).sender

    assert sender(mail_from="Hub@Hanbit.example") == "hub@hanbit.example"
    assert sender(smtp_url="smtps://hub%40firm.example:x@mail.firm.example") == "hub@firm.example"
    assert sender(public_url="https://hub.firm.example") == "no-reply@hub.firm.example"
    assert sender() == "no-reply@localhost"
    assert "hunter2" not in repr(Settings(smtp_url="smtps://u:hunter2@h"))
