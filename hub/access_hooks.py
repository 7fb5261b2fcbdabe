"""Who may see which rows of models in the field and of webhooks; see hub.access."""

from collections.abc import Sequence

from sqlalchemy import false, or_, true
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from hub.hook_errors import HookMessageNotFound, HookNotFound
from hub.hook_tables import Hook, HookMessage
from hub.rules import Who
from sharing.errors import ModelNotFound
from sharing.tables import SharedModel


def own_model(session: Session, who: Who, slug: str) -> SharedModel:
    """A model of one of the asker's firms; any, for an administrator. Raises ModelNotFound."""
    mine = col(SharedModel.firm_id).in_(who.firms("publisher", "supply_manager"))
    seen = or_(mine, true() if who.has("administrator") else false())
    row = session.exec(select(SharedModel).where(seen, SharedModel.slug == slug)).first()
    if row is None:
        raise ModelNotFound(model=slug[:60])
    return row


def own_hooks(who: Who) -> SelectOfScalar[Hook]:
    """The webhooks of the firms for which the asker publishes."""
    own = select(Hook).where(col(Hook.firm_id).in_(who.firms("publisher")))
    return own.order_by(col(Hook.id))


def own_hook(session: Session, who: Who, number: int, *, alone: bool = False) -> Hook:
    """One of them; `alone`: kept from others until the transaction ends. Raises HookNotFound."""
    query = own_hooks(who).where(Hook.id == number)
    row = session.exec(query.with_for_update() if alone else query).first()
    if row is None:
        raise HookNotFound(hook=number)
    return row


def hook_message(session: Session, hook: Hook, number: int) -> HookMessage:
    """A message to a webhook that the asker may see. Raises HookMessageNotFound."""
    row = session.get(HookMessage, number)
    if row is None or row.hook_id != hook.id:
        raise HookMessageNotFound(message=number)
    return row


def firms_with_hooks(session: Session, who: Who) -> Sequence[Hook]:
    """All of them at once."""
    return session.exec(own_hooks(who)).all()
