"""What the worker does for owners: mails of new offers, standing answers, agreements that ended.

Each step looks at the database for what is still to be done, so that a crash between two of them
costs nothing: the next look finds it again, and every effect has a key of its own.
"""

from datetime import timedelta
from functools import partial
from time import monotonic
from weakref import WeakKeyDictionary

from sqlalchemy import String, cast, literal
from sqlmodel import Session, col, exists, select

from hub.accounts import record
from hub.jobs import Every, Reconciler
from hub.mails import letter, one_line
from hub.operators import keep_told
from hub.outbox import post
from hub.settings import Settings
from hub.tables import Mail, Membership, User
from hub.wiring import Hub
from sharing.consent_tables import StandingUse, TimeSlot
from sharing.manifest import Target
from sharing.rollout import ON_THE_WAY
from sharing.services import agreements, owners, standing
from sharing.services.plant import coming_of
from sharing.tables import Delivery
from supplychain.tables import Firm, Site, now

_AT_ONCE = 200
_LATELY = timedelta(days=2)  # offers of before are not written about any more
# An assignment may be under way with the slot of before; for so long it is looked at again.
_STILL = timedelta(minutes=5)
_AGAIN_SECONDS = 300.0


def for_owners(hub: Hub) -> bool:
    """One look at all of it; whether anything was done."""
    done = [step(hub) for step in (write_offers, take_standing, remove_ended, sign_slots)]
    return any(done)


def write_offers(hub: Hub) -> bool:
    """A mail to the owners of a plant for each new offer."""
    with hub.db.work() as session:
        key = literal("offer/") + cast(col(Delivery.id), String) + literal("/1")
        rows = session.exec(
            select(Delivery)
            .join(Site, col(Site.id) == Delivery.site_id)
            .where(
                Delivery.state == "offered",
                Delivery.changed_at > now() - _LATELY,
                ~exists().where(col(Mail.key) == key),
                exists().where(
                    col(Membership.firm_id) == col(Site.firm_id),
                    col(Membership.role) == "vendor",
                    col(Membership.user_id) == col(User.id),
                    col(User.active),
                ),
            )
            .order_by(col(Delivery.id))
            .limit(_AT_ONCE)
        ).all()
        for delivery in rows:
            _write(session, hub.settings, delivery, "offer", f"offer/{delivery.id}")
        return bool(rows)


def take_standing(hub: Hub) -> bool:
    """Offers that a standing answer covers are accepted; their owners hear of each."""
    with hub.db.work() as session:
        used = standing.take(session, now(), _judged(hub))
        for use in used:
            _told(session, hub.settings, use)
        return bool(used)


# Offers that a standing answer does not cover, by hub; looked at again after a while, for what a
# plant runs may be told late.
_left: WeakKeyDictionary[Hub, tuple[float, set[tuple[int, int, str]]]] = WeakKeyDictionary()


def _judged(hub: Hub) -> set[tuple[int, int, str]]:
    until, judged = _left.get(hub, (0.0, set()))
    if until < monotonic():
        judged = set()
        _left[hub] = monotonic() + _AGAIN_SECONDS, judged
    return judged


def _told(session: Session, settings: Settings, use: StandingUse) -> None:
    delivery = session.get_one(Delivery, use.delivery_id)
    by = f"standing:{use.consent_id}"
    record(session, by, "standing.used", f"delivery {delivery.id}", consent=use.consent_id)
    _write(session, settings, delivery, "offer-taken", f"standing/{use.id}")


def _write(session: Session, settings: Settings, delivery: Delivery, kind: str, key: str) -> None:
    coming = coming_of(session, delivery)
    owners_here = session.exec(
        select(User)
        .join(Membership, col(Membership.user_id) == User.id)
        .where(
            Membership.firm_id == coming.site.firm_id,
            Membership.role == "vendor",
            col(User.active),
        )
        .distinct()
        .order_by(col(User.id))
    ).all()
    firm = session.get_one(Firm, coming.site.firm_id)
    for number, user in enumerate(owners_here, start=1):
        locale = "en" if user.locale == "en" else "ko"
        title = coming.model.title.get(locale) or coming.model.slug
        until = delivery.deadline
        gaps = {
            "provider": one_line(coming.provider.name),
            "firm": one_line(firm.name),
            "site": one_line(coming.site.name),
            "model": one_line(title),
            "version": coming.version.number,
            "until": until.date().isoformat() if until else "–",
            "link": f"{settings.url}/plant/offers/{delivery.id}",
            "standing": f"{settings.url}/plant/standing",
        }
        post(session, f"{key}/{number}", user.email, locale, letter(kind, locale, gaps))


def remove_ended(hub: Hub) -> bool:
    """Take models from the plants of firms whose agreement ended: newer signed lists, without."""
    with hub.db.reading() as session:
        todo = agreements.not_removed(session)
    for number, model, sites in todo:
        for site in sites:
            if any(path.startswith(f"{model}/") for path in hub.signing.assigned(site)):
                hub.signing.assign(site, model, [])
        with hub.db.work() as session:
            agreements.removed(session, number, now())
    return bool(todo)


def sign_slots(hub: Hub) -> bool:
    """What is on its way to a plant learns of the time slot that its owner has set since."""
    with hub.db.reading() as session:
        todo = _unsigned(session)
    for site, slot, under_way in todo:
        if under_way:
            hub.signing.tell_anew(site, partial(_with, slot=slot, under_way=under_way))
        with hub.db.work() as session:
            row = owners.slot_row(session, site)
            if row is not None and row.slot == slot:
                row.signed_at = now()
    return False


def _unsigned(session: Session) -> list[tuple[int, dict[str, object] | None, set[int]]]:
    rows = session.exec(select(TimeSlot).where(TimeSlot.set_at > now() - _LATELY)).all()
    due = [row for row in rows if row.signed_at is None or row.signed_at < row.set_at + _STILL]
    return [
        (
            row.site_id,
            row.slot,
            {
                number or 0
                for number in session.exec(
                    select(Delivery.id).where(
                        Delivery.site_id == row.site_id, col(Delivery.state).in_(ON_THE_WAY)
                    )
                )
            },
        )
        for row in due
    ]


def _with(target: Target, slot: dict[str, object] | None, under_way: set[int]) -> Target:
    custom = dict(target.custom or {})
    if custom.get("delivery") not in under_way or custom.get("action") != "install":
        return target
    custom.pop("slot", None)
    if slot:
        custom["slot"] = slot
    return Target(target.path, target.sha256, target.length, custom)


RECONCILERS = (
    Reconciler("owners' answers", Every(2, for_owners)),
    Reconciler("certified people", Every(60, keep_told)),
)
