"""Keeps the store small and honest: what no row names goes, what is damaged is named."""

from collections.abc import Iterator

from sqlmodel import Session, select

from hub.jobs import Every, Reconciler
from hub.wiring import Hub
from sharing.errors import FileNotStored, StoreDamaged
from sharing.store import Swept
from sharing.tables import VersionFile
from supplychain.tables import Sheet, now


def named(session: Session) -> set[str]:
    """Digests of every file that the database names: models and sheets."""
    return {*session.exec(select(VersionFile.sha256)), *session.exec(select(Sheet.sha256))}


def sweep(hub: Hub) -> Swept:
    """Take away what nobody names. A file that is on its way is younger than a day."""
    at = now()
    with hub.db.reading() as session:
        wanted = named(session)
    return hub.store.sweep(wanted, at)


def unsound(hub: Hub) -> Iterator[str]:
    """Digests of named files that are not there, or not what they were; reads every byte."""
    with hub.db.reading() as session:
        wanted = sorted(named(session))
    for digest in wanted:
        try:
            for _ in hub.store.chunks(digest):
                pass
        except (FileNotStored, StoreDamaged):
            yield digest


def _swept(hub: Hub) -> bool:
    return any(sweep(hub))


RECONCILERS = (Reconciler("store", Every(6 * 3600, _swept)),)
