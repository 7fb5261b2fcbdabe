"""The texts of mails: whole in both languages, and nothing that people type changes their shape."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hub.mails
from hub.inviting import Sending, letter_for
from hub.mail_message import message_of
from hub.mails import GAPS
from hub.settings import Settings
from hub.tables import Mail
from supplychain.addresses import address
from supplychain.invitation_errors import AddressInvalid, NoteRefused
from supplychain.inviting import note_of
from supplychain.services.invitations import Inviter
from supplychain.tables import Invitation

TEXTS = sorted(Path(hub.mails.__file__).parent.glob("*.txt"))
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
HOME = "https://hub.hanbit.example"
HEADERS = {
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version",
    "Content-Type", "Content-Language",
}  # fmt: skip
words = st.text(max_size=60)


@pytest.mark.parametrize(
    "file",
    [file for file in TEXTS if file.name.startswith(("invitation", "reminder"))],
    ids=lambda file: file.name,
)
def test_every_text_has_its_gaps_and_no_others(file) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.startswith("Subject: ")
    assert set(re.findall(r"\$([a-z]+)", text)) == set(GAPS)
    assert "http" not in text
    assert not re.search(r"\$(note|link)\b.*\S", text.replace("$note\n", "").replace("$link\n", ""))


def test_both_languages_have_the_same_gaps() -> None:
    for kind in {file.name.partition(".")[0] for file in TEXTS}:
        korean, english = (
            set(
                re.findall(
                    r"\$([a-z_]+)", (TEXTS[0].parent / f"{kind}.{locale}.txt").read_text("utf-8")
                )
            )
            for locale in ("ko", "en")
        )
        assert korean == english, kind


def test_both_languages_have_the_same_headings() -> None:
    for kind in ("invitation", "reminder"):
        counts = {
            f.read_text(encoding="utf-8").count("■ ") for f in TEXTS if f.name.startswith(kind)
        }
        assert len(counts) == 1


def written(firm="다솜정밀", contact="박정수", note="", person="김소연", inviter="한빛자동차(주)"):
    row = Invitation(
        id=7, by_id=1, firm_id=2, lead_id=1, email="park@dasom.example", contact=contact,
        note=note_of(note), expires_at=AT,
    )  # fmt: skip
    settings = Settings(public_url=HOME)
    sending = Sending(Inviter(1, "u"), inviter, person, "so@hanbit.example", settings)
    said = letter_for(sending, row, firm, "s3cret")
    mail = Mail(
        key="invitation/7/1", to=row.email, reply_to=sending.email, locale="ko",
        subject=said.subject, text=said.text, created_at=AT,
    )  # fmt: skip
    raw = message_of(mail, "hub@hanbit.example", HOME).as_bytes()
    return message_from_bytes(raw, policy=policy.default)


@given(firm=words, contact=words, person=words, inviter=words)
def test_no_name_adds_a_header_or_a_link(firm, contact, person, inviter) -> None:
    message = written(firm=firm, contact=contact, person=person, inviter=inviter)
    assert set(message.keys()) <= HEADERS
    assert [a.addr_spec for a in message["To"].addresses] == ["park@dasom.example"]
    html = message.get_body(("html",)).get_content()
    assert re.findall(r'href="([^"]*)"', html) == [f"{HOME}/invited/s3cret"]
    assert re.findall(r"<(script|img|iframe|style|link)\b", html, re.IGNORECASE) == []


@given(note=st.text(max_size=300))
def test_no_note_adds_a_link_or_a_heading(note) -> None:
    try:
        message = written(note=note)
    except NoteRefused:
        assert "://" in note.lower() or "www." in note.lower()
        return
    html = message.get_body(("html",)).get_content()
    assert html.count("href=") == 1
    assert html.count("<h2") == 6
    assert html.count("<img") == 0


def test_a_note_with_markup_stays_text() -> None:
    html = written(note="<b>급합니다</b> & {firm} $link").get_body(("html",)).get_content()
    assert "&gt; &lt;b&gt;급합니다&lt;/b&gt; &amp; {firm} $link" in html


@given(st.text(max_size=80))
def test_addresses_are_ascii_and_one_or_refused(text) -> None:
    try:
        found = address(text)
    except AddressInvalid:
        return
    assert found.isascii()
    assert found.count("@") == 1
    assert not set(found) & set(' \r\n\t,;<>"()')
    assert address(found) == found
