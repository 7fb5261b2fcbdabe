"""The API of invitations: whom a firm asked to speak for itself, and what came of it."""

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field

from hub import access, inviting
from hub.accounts import record
from hub.api.answers import LARGEST, Asked, Listing, answered
from hub.invitation_lines import Line, line_of, lines, named
from hub.web.asking import hub_here, who
from hub.web.invitation_lists import filtered, overview_of
from hub.web.invitations import sending_of
from supplychain.inviting import NOTE_LIMIT, Tier
from supplychain.services.guests import Candidate, candidates, guest_named
from supplychain.services.invitations import Guest

_tag = Tag(name="invitations", description="Invitations, tier by tier")
api = APIBlueprint("invitations_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class Narrowed(Listing):
    """For which firm, and where a page begins; `state` and `q` narrow it."""

    state: str = Field("", max_length=12)
    q: str = Field("", max_length=200)


class SheetAsked(Listing):
    """Whom a sheet names; every sheet, and what was declared by hand, if none is given."""

    sheet: int | None = Field(None, ge=1, le=LARGEST)


class One(BaseModel):
    """An invitation by its number."""

    invitation_id: int = Field(ge=1, le=LARGEST)


class ToInvite(Asked):
    """Whom to ask at which of your suppliers: our number, its registration number or its name."""

    guest: str = Field(min_length=1, max_length=200)
    email: str = Field(min_length=3, max_length=254)
    contact: str = Field("", max_length=100)
    locale: str = Field("ko", pattern="^(ko|en)$")
    note: str = Field("", max_length=NOTE_LIMIT)


class SheetToInvite(Asked):
    """Everyone in a sheet, in which language, with which words of your own."""

    sheet: int | None = Field(None, ge=1, le=LARGEST)
    locale: str = Field("ko", pattern="^(ko|en)$")
    note: str = Field("", max_length=NOTE_LIMIT)


class InvitationSaid(BaseModel):
    """`came_to`: joined, opened, silent, declined, undelivered, expired or withdrawn.

    `problem`: why the mail did not arrive; `reason`: why the answer was no.
    """

    id: int
    firm: int
    name: str
    tier: int | None
    email: str
    contact: str
    came_to: str
    mail: str
    problem: str
    reason: str
    times_sent: int
    sent_at: str
    expires_at: str
    answered_at: str | None


class Invitations(BaseModel):
    """A page of invitations; `after` asks for the next one, None at the end."""

    invitations: list[InvitationSaid]
    after: int | None


class Sent(BaseModel):
    """`sent`: whether a mail is on its way; not where the person was asked before."""

    id: int
    sent: bool


class SeveralSent(BaseModel):
    """The invitations that were made."""

    invitations: list[int]


class TierSaid(BaseModel):
    """Firms of a tier; `folded`: there are a few more, too few to say what they answered."""

    tier: int
    invited: int
    opened: int
    came_to: dict[str, int]
    folded: bool


class Overview(BaseModel):
    """Firms that you invited, by what it came to, and how far down the chain it got."""

    firm: int
    invited: int
    came_to: dict[str, int]
    tiers: list[TierSaid]


class CandidateSaid(BaseModel):
    """A firm of a sheet, and what stands in the way of a mail ("ready" where nothing does)."""

    firm: int
    email: str
    contact: str
    why: str


class Candidates(BaseModel):
    """A page of them; `after` asks for the next one, None at the end."""

    candidates: list[CandidateSaid]
    after: int | None


@api.get("/invitations", responses={200: Invitations})
def listing(query: Narrowed) -> Response:
    """Invitations of your firm, in the order of their numbers."""
    with hub_here().db.reading() as session:
        by_id = query.own(session).id or 0
        wanted = {"state": query.state, "q": query.q}
        found = filtered(session, by_id, lines(session, by_id), wanted)
        ordered = sorted(found, key=lambda line: line.invitation.id or 0)
        page = [line for line in ordered if (line.invitation.id or 0) > query.after]
        said = [_said(line) for line in named(session, by_id, page[: query.limit])]
    return answered(
        Invitations(invitations=said, after=said[-1].id if len(page) > query.limit else None)
    )


@api.get("/invitations/overview", responses={200: Overview})
def overview(query: Asked) -> Response:
    """Who answered, and how far down the chain it got."""
    with hub_here().db.reading() as session:
        seen = overview_of(session, query.own(session))
        return answered(
            Overview(
                firm=seen.firm.id or 0,
                invited=seen.invited,
                came_to=dict(seen.counts),
                tiers=[_tier_said(each) for each in seen.tiers],
            )
        )


@api.get("/invitations/candidates", responses={200: Candidates})
def candidates_of(query: SheetAsked) -> Response:
    """Whom a sheet names, and who of them can be invited; in the order of the firms' numbers."""
    with hub_here().db.reading() as session:
        _firm, sending = sending_of(session, str(query.firm or ""))
        if query.sheet is not None:
            access.own_sheet(session, who(), query.sheet)
        found = candidates(session, sending.by, query.sheet)
        page = [each for each in found if each.firm_id > query.after]
        said = [_candidate_said(each) for each in page[: query.limit]]
    return answered(
        Candidates(candidates=said, after=said[-1].firm if len(page) > query.limit else None)
    )


@api.get("/invitations/<int:invitation_id>", responses={200: InvitationSaid})
def one(path: One) -> Response:
    """One invitation."""
    with hub_here().db.reading() as session:
        row = access.own_invitation(session, who(), path.invitation_id)
        [line] = named(session, row.by_id, [line_of(session, row)])
        return answered(_said(line))


@api.post("/invitations", responses={201: Sent})
def invite(body: ToInvite) -> Response:
    """Invite a firm. Doing it again sends nothing again: firm and address are the key."""
    with hub_here().db.work() as session:
        _firm, sending = sending_of(session, str(body.firm or ""))
        guest = Guest(body.email, body.contact, body.locale, body.note)
        firm_id = guest_named(session, sending.by, body.guest)
        asked = inviting.invite(session, sending, firm_id, guest)
        number, sent = asked.invitation.id or 0, asked.secret is not None
        if sent:
            record(session, who().handle, "invitation.sent", f"invitation {number}")
    return answered(Sent(id=number, sent=sent), 201 if sent else 200)


@api.post("/invitations/sheet", responses={201: SeveralSent})
def invite_sheet(body: SheetToInvite) -> Response:
    """Invite everyone in a sheet who can be; nobody is asked twice."""
    with hub_here().db.work() as session:
        firm, sending = sending_of(session, str(body.firm or ""))
        if body.sheet is not None:
            access.own_sheet(session, who(), body.sheet)
        asked = inviting.invite_sheet(
            session, sending, body.sheet, locale=body.locale, note=body.note
        )
        numbers = [each.invitation.id or 0 for each in asked]
        if numbers:
            record(
                session,
                who().handle,
                "invitation.several-sent",
                f"firm {firm.id}",
                sheet=body.sheet,
                invitations=len(numbers),
            )
    return answered(SeveralSent(invitations=numbers), 201)


@api.post("/invitations/<int:invitation_id>/remind", responses={200: Sent})
def remind(path: One) -> Response:
    """Send a new link to the same person; at most once a day."""
    with hub_here().db.work() as session:
        row = access.own_invitation(session, who(), path.invitation_id)
        _firm, sending = sending_of(session, str(row.by_id))
        inviting.remind(session, sending, path.invitation_id)
        record(session, who().handle, "invitation.reminded", f"invitation {row.id}")
    return answered(Sent(id=path.invitation_id, sent=True))


@api.post("/invitations/<int:invitation_id>/withdraw", responses={200: Sent})
def withdraw(path: One) -> Response:
    """Take an invitation back; doing it again changes nothing."""
    with hub_here().db.work() as session:
        row = access.own_invitation(session, who(), path.invitation_id)
        _firm, sending = sending_of(session, str(row.by_id))
        inviting.take_back(session, sending.by, path.invitation_id)
        record(session, who().handle, "invitation.withdrawn", f"invitation {row.id}")
    return answered(Sent(id=path.invitation_id, sent=False))


def _said(line: Line) -> InvitationSaid:
    row = line.invitation
    return InvitationSaid(
        id=row.id or 0,
        firm=row.firm_id,
        name=line.name,
        tier=line.tier or None,
        email=row.email,
        contact=row.contact,
        came_to=line.came_to,
        mail=line.mail,
        problem=line.problem,
        reason=row.reason,
        times_sent=row.times_sent,
        sent_at=row.sent_at.isoformat(),
        expires_at=row.expires_at.isoformat(),
        answered_at=row.answered_at.isoformat() if row.answered_at else None,
    )


def _tier_said(tier: Tier) -> TierSaid:
    return TierSaid(
        tier=tier.tier,
        invited=tier.invited,
        opened=tier.opened,
        came_to=dict(tier.came),
        folded=tier.folded,
    )


def _candidate_said(each: Candidate) -> CandidateSaid:
    return CandidateSaid(firm=each.firm_id, email=each.email, contact=each.contact, why=each.why)
