"""Technology-data agreements: who agreed to which text when, refused, ended, agreed to again."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from sharing import rollout as rules
from sharing import terms as texts
from sharing.consent_errors import AgreementNotFound, AgreementOver
from sharing.consent_tables import AgreementEvent
from sharing.services.deliveries import alone_with, move
from sharing.tables import Agreement, Delivery, Rollout, SharedModel, Version
from sharing.terms import Part, Words
from supplychain.services.descriptions import described
from supplychain.tables import Firm, Site

REASON_TEXTS = {"ended": "The agreement about this model was ended."}
ENDED = REASON_TEXTS["ended"]


class Told(NamedTuple):
    """An agreement as its page shows it to one of its sides."""

    agreement: Agreement
    model: SharedModel
    provider: str
    receiver: str
    events: list[AgreementEvent]

    @property
    def state(self) -> str:
        """In one word: offered, in_force, refused, ended."""
        return state_of(self.agreement)


def state_of(agreement: Agreement) -> str:
    """How an agreement stands: offered, in_force, refused, ended."""
    if agreement.ended_at is not None:
        return "ended"
    if agreement.refused_at is not None:
        return "refused"
    return "in_force" if agreement.accepted_at is not None else "offered"


def agreements_of(firms: Collection[int]) -> SelectOfScalar[Agreement]:
    """The agreements in which one of these firms is a side, the newest first."""
    sides = or_(
        col(Agreement.receiver_firm_id).in_(firms), col(Agreement.provider_firm_id).in_(firms)
    )
    return select(Agreement).where(sides).order_by(col(Agreement.id).desc())


def agreement_of(session: Session, number: int, firms: Collection[int]) -> Agreement:
    """One of them. Raises AgreementNotFound."""
    row = session.exec(agreements_of(firms).where(Agreement.id == number)).first()
    if row is None:
        raise AgreementNotFound(agreement=number)
    return row


def told(session: Session, row: Agreement, viewer: int) -> Told:
    """An agreement with its parties and its history, as the firm `viewer` may read it."""
    events = session.exec(
        select(AgreementEvent)
        .where(AgreementEvent.agreement_id == row.id)
        .order_by(col(AgreementEvent.id))
    )
    return Told(
        row,
        session.get_one(SharedModel, row.model_id),
        session.get_one(Firm, row.provider_firm_id).name,
        receiver_name(session, row, viewer),
        list(events),
    )


def receiver_name(session: Session, row: Agreement, viewer: int) -> str:
    """What the receiver is called to one of the two: its own word once it has agreed.

    Before that the provider reads what it may read of the firm anyhow.
    """
    if viewer == row.receiver_firm_id or row.accepted_at is not None:
        return session.get_one(Firm, row.receiver_firm_id).name
    found = described(session, viewer, [row.receiver_firm_id]).get(row.receiver_firm_id)
    return found.name if found is not None and found.name else "–"


def parts_of(session: Session, row: Agreement, viewer: int) -> list[Part]:
    """Its text, clause by clause, as the firm `viewer` may read it."""
    model = session.get_one(SharedModel, row.model_id)
    title = Words(model.title.get("ko") or model.slug, model.title.get("en") or model.slug)
    provider = session.get_one(Firm, row.provider_firm_id).name
    return texts.parts(row.terms, provider, receiver_name(session, row, viewer), title)


def accepted(session: Session, row: Agreement, by: str, at: datetime) -> None:
    """Keep who agreed to which text; also where the receiver had refused or ended it before.

    Raises AgreementOver where the provider has ended it.
    """
    if row.ended_at is not None and row.ended_side == "provider":
        raise AgreementOver
    again = row.ended_at is not None or row.refused_at is not None
    if row.accepted_at is None or again:
        row.accepted_by, row.accepted_at = by, at
    row.refused_at = row.ended_at = row.removed_at = None
    row.ended_by = row.ended_side = row.ended_reason = ""
    known = session.exec(
        select(AgreementEvent.id).where(
            AgreementEvent.agreement_id == row.id, AgreementEvent.what == "accepted"
        )
    ).first()
    if known is None or again:
        text = texts.as_text(row.terms, parts_of(session, row, row.receiver_firm_id))
        _note(session, row, row.receiver_firm_id, "accepted", by, at, text=text)


def reopened(session: Session, row: Agreement, side: str, by: str, at: datetime) -> None:
    """The side that ended it takes that back; the receiver is asked anew with the next offer.

    Raises AgreementOver where the other side ended it.
    """
    refusal = row.ended_at is None and row.refused_at is not None and side == "receiver"
    if not refusal and (row.ended_at is None or row.ended_side != side):
        raise AgreementOver
    firm = row.provider_firm_id if side == "provider" else row.receiver_firm_id
    row.ended_at = row.removed_at = row.refused_at = row.accepted_at = None
    row.ended_by = row.ended_side = row.ended_reason = row.accepted_by = ""
    _note(session, row, firm, "reopened", by, at)


def refused(session: Session, row: Agreement, by: str, at: datetime, note: str = "") -> None:
    """The receiver wants no more offers of this model. Nothing that runs is touched."""
    if row.refused_at is None and row.accepted_at is None:
        row.refused_at = at
        _note(session, row, row.receiver_firm_id, "refused", by, at, note)


def end(session: Session, row: Agreement, side: str, by: str, at: datetime, note: str = "") -> None:
    """Either side leaves. Raises AgreementOver.

    Offers about the model are closed, what is on its way is taken back, and what runs is to be
    removed (`not_removed`); no rollout offers it to that firm again until it agrees anew.
    """
    if row.ended_at is not None or row.accepted_at is None:
        raise AgreementOver
    row.ended_at, row.ended_by, row.ended_side = at, by, side
    row.ended_reason, row.removed_at = note[:300], None
    firm = row.provider_firm_id if side == "provider" else row.receiver_firm_id
    _note(session, row, firm, "ended", by, at, note)
    for delivery, rollout in _touched(session, row):
        _close(session, delivery, rules.plan_from(rollout.plan), by, at)
    session.flush()


def _close(session: Session, delivery: Delivery, plan: rules.Plan, by: str, at: datetime) -> None:
    if delivery.state in ("offered", "accepted"):
        move(session, delivery, "declined", at, by=by, reason=ENDED)
        delivery.deadline = None
    elif delivery.state in rules.ON_THE_WAY:
        move(session, delivery, "failed", at, by=by, reason=ENDED)
        delivery.deadline = None
    elif delivery.state in rules.SUCCEEDED:
        # it runs until the PC reaches the hub; nothing older comes back in its place
        delivery.action, delivery.previous_version_id = "withdraw", None
        delivery.deadline = plan.heard_by(at)


def _touched(session: Session, row: Agreement) -> list[tuple[Delivery, Rollout]]:
    open_states = ("offered", "accepted", *rules.ON_THE_WAY, *rules.SUCCEEDED)
    found = (
        select(Delivery, Rollout)
        .join(Rollout, col(Rollout.id) == Delivery.rollout_id)
        .join(Version, col(Version.id) == Delivery.version_id)
        .join(Site, col(Site.id) == Delivery.site_id)
        .where(
            Version.model_id == row.model_id,
            Site.firm_id == row.receiver_firm_id,
            col(Delivery.state).in_(open_states),
        )
        .order_by(col(Rollout.id), col(Delivery.id))
    )
    # The worker may serve them, and PCs may report, at this moment: first the rollouts in order,
    # then the deliveries as those have left them.
    for number in sorted({rollout.id or 0 for _, rollout in session.exec(found)}):
        alone_with(session, session.get_one(Rollout, number))
    left = found.with_for_update(of=Delivery).execution_options(populate_existing=True)
    return [(delivery, rollout) for delivery, rollout in session.exec(left)]


def not_removed(session: Session) -> list[tuple[int, str, list[int]]]:
    """(agreement, model's name, sites) of every agreement that ended and whose model may be there.

    Left out are firms that agreed to the same model under another text.
    """
    rows = session.exec(
        select(Agreement)
        .where(col(Agreement.ended_at).is_not(None), col(Agreement.removed_at).is_(None))
        .order_by(col(Agreement.id))
        .limit(100)
    ).all()
    return [
        (
            row.id or 0,
            session.get_one(SharedModel, row.model_id).slug,
            [] if _agreed_otherwise(session, row) else _sites(session, row.receiver_firm_id),
        )
        for row in rows
    ]


def removed(session: Session, number: int, at: datetime) -> None:
    """The sites' signed lists name the model no more."""
    row = session.get_one(Agreement, number)
    if row.ended_at is not None:
        row.removed_at = at


def _agreed_otherwise(session: Session, row: Agreement) -> bool:
    other = select(Agreement.id).where(
        Agreement.model_id == row.model_id,
        Agreement.receiver_firm_id == row.receiver_firm_id,
        Agreement.id != row.id,
        col(Agreement.accepted_at) > row.ended_at,
        col(Agreement.ended_at).is_(None),
    )
    return session.exec(other).first() is not None


def _sites(session: Session, firm_id: int) -> list[int]:
    rows = session.exec(select(Site.id).where(Site.firm_id == firm_id).order_by(col(Site.id)))
    return [number or 0 for number in rows]


def _note(
    session: Session,
    row: Agreement,
    firm_id: int,
    what: str,
    by: str,
    at: datetime,
    note: str = "",
    text: str = "",
) -> None:
    session.add(
        AgreementEvent(
            agreement_id=row.id or 0,
            firm_id=firm_id,
            what=what,
            by=by,
            at=at,
            terms=row.terms,
            note=note[:300],
            text=text,
        )
    )
    session.flush()
