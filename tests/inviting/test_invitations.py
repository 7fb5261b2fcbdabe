"""Asked, reminded, taken back, answered: whose letter, how often, and what nobody learns."""

from datetime import timedelta

import pytest
from sqlmodel import select

from hub import inviting
from hub.invitation_lines import furthest, lines, standing
from hub.tables import Mail
from supplychain.errors import FirmNotFound
from supplychain.invitation_errors import (
    AddressInvalid,
    FirmSpeaksAlready,
    InvitationAnswered,
    InvitationExpired,
    InvitationLinkUnknown,
    InvitationNotFound,
    InvitationUsed,
    InvitationWithdrawn,
    NoteRefused,
    NotInvitable,
    WritesRefused,
    WrittenEnough,
    WrittenLately,
)
from supplychain.services import invitations
from supplychain.services.cascade import cascade
from supplychain.services.guests import candidates, guest_named
from supplychain.services.invitations import Guest
from supplychain.tables import Firm, Invitation, Link, now

LEAD, FIRST = "한빛자동차(주)", "다솜정밀"
PARK = Guest("park@dasom.example", "박정수 부장", "ko", "급하지 않습니다.")


@pytest.fixture
def lead(chain):
    return chain.sending(LEAD)


def invite(chain, sending, name: str, guest: Guest = PARK):
    with chain.hub.db.work() as session:
        asked = inviting.invite(session, sending, chain.firm(name), guest)
        return asked.invitation.id, asked.secret


def mails(hub) -> list[Mail]:
    with hub.db.reading() as session:
        return list(session.exec(select(Mail).order_by(Mail.id)))


def earlier(hub, **ago: float) -> None:
    """As if the invitations had been sent a while ago."""
    with hub.db.work() as session:
        for row in session.exec(select(Invitation)):
            row.sent_at -= timedelta(**ago)
            row.expires_at -= timedelta(**ago)


def test_one_mail_whose_link_is_the_only_place_of_the_secret(chain, hub, lead) -> None:
    number, secret = invite(chain, lead, FIRST)
    [mail] = mails(hub)
    assert mail.key == f"invitation/{number}/1"
    assert (mail.to, mail.reply_to) == ("park@dasom.example", lead.email)
    assert f"/invited/{secret}" in mail.text
    for said in ("박정수 부장님", LEAD, "김소연", FIRST, "> 급하지 않습니다.", "3분", "거절"):
        assert said in mail.text
    with hub.db.reading() as session:
        row = session.get_one(Invitation, number)
        assert secret not in str(row.model_dump())
        assert invitations.invitation_by_secret(session, secret).id == number
        assert row.expires_at - now() > timedelta(days=13)
        with pytest.raises(InvitationLinkUnknown):
            invitations.invitation_by_secret(session, secret[:-1])


def test_english_letters_are_english(chain, hub, lead) -> None:
    invite(chain, lead, FIRST, Guest("park@dasom.example", "Mr Park", "en"))
    [mail] = mails(hub)
    assert mail.text.startswith("Dear Mr Park,")
    assert "three minutes" in mail.text


def test_asking_again_sends_nothing_again(chain, hub, lead) -> None:
    first, _secret = invite(chain, lead, FIRST)
    colleague = chain.sending(LEAD)
    again, secret = invite(chain, colleague, FIRST, Guest("  Park@Dasom.example "))
    assert (again, secret) == (first, None)
    assert len(mails(hub)) == 1


@pytest.mark.parametrize(
    ("name", "guest", "error"),
    [
        (FIRST, Guest("park@dasom"), AddressInvalid),
        (FIRST, Guest("a@firm.example, b@firm.example"), AddressInvalid),
        (FIRST, Guest("a@firm.example\r\nBcc: b@firm.example"), AddressInvalid),
        (FIRST, Guest("park@dasom.example", note="see http://elsewhere.example"), NoteRefused),
        ("누구도 적지 않은 회사", PARK, NotInvitable),
        (LEAD, PARK, NotInvitable),
    ],
)
def test_what_is_refused(chain, hub, lead, name, guest, error) -> None:
    with pytest.raises(error):
        invite(chain, lead, name, guest)
    assert mails(hub) == []


def test_a_vendor_invites_its_own_suppliers_alone(chain) -> None:
    """The lead's sheet says that 마루 supplies 다솜; until 다솜 says so too it is not its guest."""
    vendor = chain.sending(FIRST, whole_chain=False)
    with pytest.raises(NotInvitable):
        invite(chain, vendor, "마루금속", Guest("lee@maru.example"))
    chain.supplies("세움도금", FIRST, email="oh@seum.example")
    _number, secret = invite(chain, vendor, "세움도금", Guest("oh@seum.example"))
    assert secret


def test_a_supply_manager_invites_whom_its_sheets_name(chain, lead) -> None:
    assert invite(chain, lead, "마루금속", Guest("lee@maru.example"))[1]


def test_a_reminder_is_a_new_link_once_a_day(chain, hub, lead) -> None:
    number, old = invite(chain, lead, FIRST)
    with pytest.raises(WrittenLately), hub.db.work() as session:
        inviting.remind(session, lead, number)
    earlier(hub, hours=25)
    with hub.db.work() as session:
        new = inviting.remind(session, lead, number).secret
    assert [mail.state for mail in mails(hub)] == ["withdrawn", "waiting"]  # the first had not gone
    assert "다시" in mails(hub)[1].subject
    with hub.db.reading() as session:
        with pytest.raises(InvitationLinkUnknown):
            invitations.invitation_by_secret(session, old)
        assert invitations.invitation_by_secret(session, new).times_sent == 2


def test_taken_back_and_asked_anew(chain, hub, lead) -> None:
    number, secret = invite(chain, lead, FIRST)
    for _twice in range(2):
        with hub.db.work() as session:
            inviting.take_back(session, lead.by, number)
    assert [mail.state for mail in mails(hub)] == ["withdrawn"]
    with hub.db.reading() as session, pytest.raises(InvitationLinkUnknown):
        invitations.invitation_by_secret(session, secret)
    with hub.db.work() as session, pytest.raises(InvitationWithdrawn):
        inviting.remind(session, lead, number)
    earlier(hub, hours=25)
    again, secret = invite(chain, lead, FIRST)
    assert again == number
    assert secret


def test_another_address_gets_it_instead(chain, hub, lead) -> None:
    number, _secret = invite(chain, lead, FIRST)
    with hub.db.work() as session:
        other = inviting.correct(session, lead, number, "ceo@dasom.example").invitation
        assert (other.contact, other.note) == (PARK.contact, PARK.note)
    assert [(mail.to, mail.state) for mail in mails(hub)] == [
        ("park@dasom.example", "withdrawn"), ("ceo@dasom.example", "waiting"),
    ]  # fmt: skip


def test_accepting_makes_the_firm_speak_once(chain, hub, lead) -> None:
    number, secret = invite(chain, lead, FIRST)
    with hub.db.work() as session:
        row = invitations.invitation_by_secret(session, secret)
        invitations.opened(session, row)
        for _twice in range(2):
            assert invitations.accept(session, row, "u-1").joined_at
        with pytest.raises(InvitationUsed):
            invitations.accept(session, row, "u-2")
        with pytest.raises(InvitationUsed):
            invitations.decline(session, row)
    with hub.db.work() as session, pytest.raises(InvitationAnswered):
        inviting.remind(session, lead, number)
    with hub.db.work() as session, pytest.raises(InvitationAnswered):
        inviting.take_back(session, lead.by, number)


def test_two_inviters_one_firm(chain, hub, lead) -> None:
    """The second firm's invitation cannot hand the firm to somebody else, and its mail stays."""
    chain.supplies(FIRST, "새별전자", email="other@dasom.example")
    rival = chain.sending("새별전자")
    _first, secret = invite(chain, lead, FIRST)
    second, other = invite(chain, rival, FIRST, Guest("other@dasom.example"))
    with hub.db.work() as session:
        row = invitations.invitation_by_secret(session, secret)
        invitations.accept(session, row, "u-1")
        inviting.answered(session, row)
    assert [mail.state for mail in mails(hub)] == ["withdrawn", "withdrawn"]
    with hub.db.work() as session:
        row = invitations.invitation_by_secret(session, other)
        with pytest.raises(FirmSpeaksAlready):
            invitations.accept(session, row, "u-2")
        assert invitations.accept(session, row, "u-1", speaks=True).name == FIRST
    with hub.db.work() as session, pytest.raises(InvitationAnswered):
        inviting.remind(session, rival, second)
    chain.supplies("가온테크", "새별전자")
    chain.join("가온테크")
    with pytest.raises(FirmSpeaksAlready):
        invite(chain, rival, "가온테크", Guest("x@gaon.example"))


def test_whoever_named_a_firm_by_a_guessed_number_is_not_told_its_name(chain, hub, lead) -> None:
    number, _secret = invite(chain, lead, FIRST)
    with hub.db.work() as session:
        session.get_one(Firm, chain.firm(FIRST)).name = "아무도 모르는 이름"
        session.get_one(Firm, chain.firm(FIRST)).joined_at = now()
    for ask in (
        lambda: invite(chain, lead, FIRST, Guest("x@gaon.example")),
        lambda: _reminded(hub, lead, number),
    ):
        with pytest.raises(FirmSpeaksAlready) as refused:
            ask()
        assert refused.value.facts == {"firm": FIRST}


def _reminded(hub, lead, number: int) -> None:
    with hub.db.work() as session:
        inviting.remind(session, lead, number)


def test_a_no_counts_until_it_becomes_a_yes(chain, hub, lead) -> None:
    number, secret = invite(chain, lead, FIRST)
    with hub.db.work() as session:
        row = invitations.invitation_by_secret(session, secret)
        for _twice in range(2):
            invitations.decline(session, row)
            inviting.answered(session, row)
    earlier(hub, hours=25)
    with hub.db.work() as session, pytest.raises(InvitationAnswered):
        inviting.remind(session, lead, number)
    with pytest.raises(InvitationAnswered):
        invite(chain, lead, FIRST)
    with hub.db.work() as session:
        row = invitations.invitation_by_secret(session, secret)
        assert invitations.accept(session, row, "u-1").joined_at


def test_no_more_mails_holds_for_every_inviter(chain, hub, lead) -> None:
    chain.supplies(FIRST, "새별전자")
    rival = chain.sending("새별전자")
    _number, secret = invite(chain, lead, FIRST)
    with hub.db.work() as session:
        row = invitations.invitation_by_secret(session, secret)
        invitations.decline(session, row, never_again=True)
        inviting.answered(session, row)
    assert [mail.state for mail in mails(hub)] == ["withdrawn"]
    with pytest.raises(WritesRefused) as told:
        invite(chain, rival, FIRST)
    assert LEAD not in str(told.value)
    with hub.db.work() as session:
        row = invitations.invitation_by_secret(session, secret)
        invitations.accept(session, row, "u-1")
        assert not invitations.refused(session, PARK.email)


def test_expiry_follows_from_the_date(chain, hub, lead) -> None:
    number, secret = invite(chain, lead, FIRST)
    earlier(hub, days=15)
    with hub.db.work() as session:
        row = invitations.invitation_by_secret(session, secret)
        with pytest.raises(InvitationExpired):
            invitations.accept(session, row, "u-1")
        [line] = lines(session, chain.firm(LEAD))
        assert (line.came_to, row.state) == ("expired", "sent")
        assert inviting.remind(session, lead, number).secret
        assert [line.came_to for line in lines(session, chain.firm(LEAD))] == ["silent"]


def test_nobody_reaches_anothers_invitation(chain, hub, lead) -> None:
    number, _secret = invite(chain, lead, FIRST)
    rival = chain.sending("새별전자")
    for act in (inviting.remind, lambda s, x, n: inviting.take_back(s, x.by, n)):
        with hub.db.work() as session, pytest.raises(InvitationNotFound):
            act(session, rival, number)
    with hub.db.reading() as session, pytest.raises(FirmNotFound):
        guest_named(session, rival.by, FIRST)


def test_a_bounce_is_shown_to_the_inviter(chain, hub, lead) -> None:
    invite(chain, lead, FIRST)
    with hub.db.work() as session:
        mail = session.exec(select(Mail)).one()
        mail.state, mail.problem = "failed", "550 5.1.1 User unknown"
    with hub.db.reading() as session:
        [line] = lines(session, chain.firm(LEAD))
        assert (line.came_to, line.problem) == ("undelivered", "550 5.1.1 User unknown")
        assert standing(session, chain.firm(LEAD), now()) == {"undelivered": 1}


def test_everyone_in_a_sheet_once(chain, hub, lead) -> None:
    sheet = chain.sheet(LEAD)
    chain.supplies("하늘사출", LEAD, email="a@haneul.example", sheet=sheet)
    chain.supplies("바다프레스", LEAD, email="전화 주세요", sheet=sheet)
    chain.supplies("구름가공", LEAD, sheet=sheet)
    with hub.db.reading() as session:
        found = {each.firm_id: each.why for each in candidates(session, lead.by, sheet)}
    assert found == {
        chain.firm("하늘사출"): "ready",
        chain.firm("바다프레스"): "bad address",
        chain.firm("구름가공"): "no address",
    }
    for expected in (1, 0):
        with hub.db.work() as session:
            asked = inviting.invite_sheet(session, lead, sheet, locale="ko", note="부탁드립니다.")
            assert len(asked) == expected
    assert [mail.to for mail in mails(hub)] == ["a@haneul.example"]
    with hub.db.work() as session:  # every sheet: whom one would ask elsewhere, too
        assert len(inviting.invite_sheet(session, lead, None, locale="ko", note="")) == 3


def test_a_sheet_of_anothers_names_nobody(chain, hub, lead) -> None:
    sheet = chain.sheet("새별전자")
    chain.supplies("하늘사출", "새별전자", email="a@haneul.example", sheet=sheet)
    with hub.db.reading() as session:
        assert candidates(session, lead.by, sheet) == []


def test_how_far_down_it_got_without_names(chain, hub, lead) -> None:
    """Below one's own guests only numbers by tier, and none where they are few."""
    deeper = [chain.supplies(f"이차{n}", FIRST, email=f"n{n}@two.example") for n in range(4)]
    _number, secret = invite(chain, lead, FIRST)
    with hub.db.work() as session:
        row = invitations.invitation_by_secret(session, secret)
        invitations.accept(session, row, "u-1")
    vendor = chain.sending(FIRST, whole_chain=False)

    def seen():
        with hub.db.reading() as session:
            own = furthest(lines(session, chain.firm(LEAD)))
            return [
                (t.tier, t.invited, dict(t.came), t.folded)
                for t in cascade(session, chain.firm(LEAD), own, now())
            ]

    assert seen() == [(1, 1, {"joined": 1}, False)]
    for number in range(2):
        invite(chain, vendor, f"이차{number}", Guest(f"n{number}@two.example"))
    assert seen()[1] == (2, 0, {}, True)
    invite(chain, vendor, "이차2", Guest("n2@two.example"))
    assert seen()[1] == (2, 3, {"silent": 3}, False)
    with hub.db.reading() as session:
        row = session.exec(select(Invitation).where(Invitation.firm_id == deeper[0])).one()
        assert (row.lead_id, row.parent_id) == (chain.firm(LEAD), _number)
        assert session.exec(select(Link).where(Link.supplier_id == deeper[3])).one().ended is None


def test_a_firm_that_is_never_reached_stays_as_declared(chain, hub, lead) -> None:
    number, _secret = invite(chain, lead, FIRST)
    with hub.db.work() as session:
        inviting.take_back(session, lead.by, number)
        link = session.exec(select(Link).where(Link.supplier_id == chain.firm(FIRST))).one()
        assert link.ended is None
        assert session.get_one(Firm, chain.firm(FIRST)).joined_at is None


def test_several_at_once_leave_out_who_cannot_be_reminded(chain, hub, lead) -> None:
    numbers = [invite(chain, lead, FIRST)[0]]
    earlier(hub, hours=25)
    numbers.append(invite(chain, lead, "가온테크", Guest("kim@gaon.example"))[0])
    with hub.db.work() as session:
        done, reasons = inviting.several(session, lead, [*numbers, 10**6], "remind")
    assert (done, reasons) == (1, {"WrittenLately": 1, "InvitationNotFound": 1})
    with hub.db.work() as session:
        assert inviting.several(session, lead, numbers, "withdraw") == (2, {})


def test_one_person_of_two_firms_that_were_one(chain, hub, lead) -> None:
    """Asked as 다솜정밀, and again under the name that it was found to have too: one mail."""
    from supplychain.services.merging import merge

    other = chain.supplies("(주)다솜정밀공업", LEAD, email=PARK.email)
    number, _secret = invite(chain, lead, FIRST)
    with hub.db.work() as session:
        merge(session, other, [chain.firm(FIRST)], by=lead.by.firm_id, actor="u-1")
    for name in (FIRST, "(주)다솜정밀공업"):
        assert invite(chain, lead, name) == (number, None)
    with hub.db.reading() as session:
        whys = {each.firm_id: each.why for each in candidates(session, lead.by)}
    assert whys[other] == "invited"
    assert chain.firm(FIRST) not in whys


def test_nobody_writes_to_the_world(chain, hub) -> None:
    from supplychain.inviting import MOST_A_DAY

    for number in range(MOST_A_DAY + 1):
        chain.supplies(f"협력{number}", FIRST, email=f"a{number}@many.example")
    vendor = chain.sending(FIRST, whole_chain=False)
    with hub.db.work() as session, pytest.raises(WrittenEnough):
        inviting.invite_sheet(session, vendor, None, locale="ko", note="")
    assert mails(hub) == []
