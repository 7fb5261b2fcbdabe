"""A cascade in the middle of its way: who joined, who is silent, who said no, who came too late.

Made by the services that the pages use, then dated back. None of its mails leaves the hub, but
one: where no mail server is set, a silent firm's invitation lies in the outbox's folder, to be
tried out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from hub import inviting
from hub.accounts import record
from hub.sample.chain import Chain, SampleFirm, make_chain
from hub.settings import Settings
from hub.tables import Mail, Membership, User
from supplychain.by_hand import ToldFirm, ToldSupplier
from supplychain.services import invitations, joining
from supplychain.services.consents import give
from supplychain.services.declarations import declare
from supplychain.services.firms import id_of
from supplychain.services.invitations import Guest
from supplychain.services.own_word import name_supplier, say_of_itself
from supplychain.services.vouching import came_in
from supplychain.tables import Firm, Invitation, Link, now

TRIED = "new@supplier.example"  # whose mail is left for the outbox
_HIDDEN = (("동녘안료", "마스터배치"), ("서리나래화학", "난연제"), ("가람윤활", "이형제"),
           ("도래울포장", "포장재"))  # fmt: skip
_NOTE = "올해 안에 협력사 현황을 함께 확인하려고 합니다. 궁금한 점은 언제든 전화 주세요."


def load_cascade(session: Session, settings: Settings, firms: dict[str, int]) -> int:
    """Invite, join, decline, declare; how many invitations. Nothing where the lead has invited."""
    lead = session.get_one(Firm, firms["lead"])
    if session.exec(select(Invitation.id).where(Invitation.by_id == lead.id).limit(1)).first():
        return 0
    play = _Cascade(session, settings, make_chain())
    play.lead_firm(lead)
    play.first_tier(lead)
    play.further_tiers()
    play.date_back()
    count = len(session.exec(select(Invitation.id)).all())
    record(session, "sample", "suppliers.invited", str(lead.id), invitations=count)
    return count


@dataclass
class _Cascade:
    session: Session
    settings: Settings
    chain: Chain
    sent: dict[int, int] = field(default_factory=dict)  # invitation → days ago

    def lead_firm(self, lead: Firm) -> None:
        """The lead firm speaks for itself."""
        say_of_itself(self.session, lead, _facts(self.chain.lead), "sample")

    def first_tier(self, lead: Firm) -> None:
        """Most of a first round have joined; one said no, one came too late, two are silent."""
        near = self._buyer_of(self.chain.vendor(2))
        others = [firm for firm in self.chain.tier(1) if firm != near]
        for place, firm in enumerate([near, *others[:5]]):
            self.join(self.invite(lead, firm, days=16 - place), firm)
        no = self.invite(lead, others[5], days=12)
        no.reason = "내년부터 거래하지 않기로 했습니다."
        self.decline(no)
        self.expired(self.invite(lead, others[6], days=20))
        self.opened(self.invite(lead, others[7], days=5))
        self.invite(lead, others[8], days=3)
        self.invite(lead, others[9], days=0, email=TRIED)

    def further_tiers(self) -> None:
        """Tier 2 joins in part, and asks tier 3, which names firms that nobody knew of."""
        second, third = self.chain.vendor(2), self.chain.vendor(3)
        near, between = self._buyer_of(second), self._buyer_of(third)
        tier1 = self.firm(near)
        self.join(self.invite(tier1, second, days=9), second)
        suppliers = [each for each in self._suppliers_of(near) if each not in (second, between)]
        row = self.invite(tier1, suppliers[0], days=9)
        self.join(row, suppliers[0])
        came_in(self.session, row)  # the lead firm named it, too, and is asked whether it knows it
        self.decline(self.invite(tier1, suppliers[1], days=8))
        self.opened(self.invite(tier1, suppliers[2], days=8))
        if between != second:
            buyer = self._buyer_of(between)
            if self.firm(buyer).joined_at is None:
                self.join(self.invite(self.firm(self.chain.lead), buyer, days=14), buyer)
            self.join(self.invite(self.firm(buyer), between, days=10), between)
        self.join(self.invite(self.firm(between), third, days=4), third)
        owner = self.firm(third)
        for name, item in _HIDDEN:
            told = ToldSupplier(ToldFirm(name), item)
            link = name_supplier(self.session, owner, told, "sample")
            if name == _HIDDEN[0][0]:
                self._ask(owner, link.supplier_id, "hello@dongnyeok.example", 2)
        for each in (near, second):  # a way that lies open to the lead firm
            give(self.session, id_of(self.firm(each)), id_of(self.firm(self.chain.lead)), "sample")

    def invite(self, by: Firm, firm: SampleFirm, *, days: int, email: str = "") -> Invitation:
        """One firm invites another, that many days ago."""
        return self._ask(by, id_of(self.firm(firm)), email or f"ceo@{firm.brn}.example", days)

    def join(self, row: Invitation, firm: SampleFirm) -> None:
        """The firm joins, confirms its customers and names its suppliers."""
        own = self.firm(firm)
        handle = self._speaker(own) or "sample"
        joining.answer_as(self.session, row, handle)
        person = joining.Person(handle, frozenset({id_of(own)}), lambda _: False)
        joining.join(self.session, row, _facts(firm), person)
        links = self.session.exec(
            select(Link)
            .where((col(Link.supplier_id) == own.id) | (col(Link.buyer_id) == own.id))
            .where(col(Link.ended).is_(None))
            .order_by(col(Link.id))
        ).all()
        for place, link in enumerate(links):
            # A firm knows most of its deliveries as others told them, one otherwise, one not.
            other = place % 7 == 5 and link.share is not None
            share = (link.share or 0) / 2 if other else link.share
            denied = place % 11 == 8
            stance = "denied" if denied else "holds"
            declare(self.session, own, link, stance=stance, share=share, actor=handle)

    def decline(self, row: Invitation) -> None:
        """The person says no."""
        invitations.opened(self.session, row)
        invitations.decline(self.session, row)

    def opened(self, row: Invitation) -> None:
        """The person has looked at it."""
        invitations.opened(self.session, row)

    def expired(self, row: Invitation) -> None:
        """Nobody answered in time."""
        row.expires_at = now() - timedelta(days=2)

    def date_back(self) -> None:
        """As if the days had passed; mails of the sample are not sent, but for one."""
        stays = not self.settings.smtp_url.get_secret_value()
        for row in self.session.exec(select(Invitation).where(col(Invitation.id).in_(self.sent))):
            days = timedelta(days=self.sent[row.id or 0])
            row.created_at, row.sent_at = row.created_at - days, row.sent_at - days
            row.opened_at = _within(row.opened_at, days, 0.2)
            row.answered_at = _within(row.answered_at, days, 0.3)
            if row.expires_at > now():
                row.expires_at = max(row.expires_at - days, now() + timedelta(days=1))
            for mail in self.session.exec(select(Mail).where(Mail.key == f"invitation/{row.id}/1")):
                if not (stays and mail.to == TRIED):
                    mail.state, mail.text, mail.sent_at = "sent", "", row.sent_at
                    mail.created_at = row.sent_at

    def firm(self, firm: SampleFirm) -> Firm:
        """The firm's row."""
        return self.session.exec(select(Firm).where(Firm.brn == firm.brn)).one()

    def _ask(self, by: Firm, firm_id: int, email: str, days: int) -> Invitation:
        speaker = self._speaker(by)
        person = self.session.exec(select(User).where(User.handle == speaker)).first()
        whole = by.brn == self.chain.lead.brn
        sending = inviting.sending_for(
            self.settings, by, person, actor=speaker or "sample", whole_chain=whole
        )
        guest = Guest(email, note=_NOTE if whole else "")
        row = inviting.invite(self.session, sending, firm_id, guest).invitation
        self.sent[row.id or 0] = days
        return row

    def _speaker(self, firm: Firm) -> str:
        """Somebody of the sample's people who speaks for the firm."""
        query = (
            select(User.handle)
            .join(Membership, col(Membership.user_id) == User.id)
            .where(Membership.firm_id == firm.id, col(Membership.role) != "publisher")
        )
        return self.session.exec(query.order_by(col(User.id))).first() or ""

    def _buyer_of(self, firm: SampleFirm) -> SampleFirm:
        buyers: Iterable[SampleFirm] = (e.buyer for e in self.chain.links if e.supplier == firm)
        return min(buyers, key=lambda each: each.tier)

    def _suppliers_of(self, firm: SampleFirm) -> list[SampleFirm]:
        return [each.supplier for each in self.chain.links if each.buyer == firm]


def _facts(firm: SampleFirm) -> ToldFirm:
    return ToldFirm(
        firm.name, firm.brn, region=firm.region, process=firm.process, employees=firm.employees
    )


def _within(moment: datetime | None, days: timedelta, part: float) -> datetime | None:
    """Some time after the mail, but before now."""
    return None if moment is None else moment - days * (1 - part)
