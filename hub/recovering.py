"""After a database was put back: what the signed lists of the plants know, it learns again.

`hub db restore` does it at once; the worker looks whenever it starts.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

from hub.accounts import record
from hub.jobs import Reconciler
from hub.wiring import Hub
from sharing.errors import SharingError
from sharing.manifest import targets_of, version_of
from sharing.services import recovered
from sharing.services.recovered import Found
from sharing.signing import MetadataFolder
from supplychain.tables import now

log = logging.getLogger(__name__)


def recover(hub: Hub) -> list[Found]:
    """Write down again what signed lists name and the database has forgotten."""
    found = []
    for site, folder in _lists(hub.signing.folder / "director"):
        try:
            current = MetadataFolder(folder).current()
            listed = targets_of(current) if current is not None else {}
        except (SharingError, OSError):
            log.exception("the signed list of site %s cannot be read", site)
            continue
        if current is not None:
            with hub.db.work() as session:
                some = recovered.recover(session, site, listed, version_of(current), now())
                for one in some:
                    what = f"rollouts.list-{one.what}"
                    name = f"{one.model} {one.version}"
                    record(session, "hub", what, f"delivery {one.delivery}", version=name)
            found += some
    return found


def _lists(folder: Path) -> Iterator[tuple[int, Path]]:
    numbers = sorted(int(path.name) for path in folder.glob("*") if path.name.isdecimal())
    yield from ((number, folder / str(number)) for number in numbers)


class _Once:
    """Taken one time by a worker, when it begins."""

    def __init__(self) -> None:
        self._done: set[Path] = set()

    def __call__(self, hub: Hub) -> bool:
        """Whether anything had been forgotten."""
        data = hub.settings.data.resolve()
        if data in self._done:
            return False
        found = recover(hub)
        self._done.add(data)
        for one in found:
            log.warning("delivery %s (%s %s) was %s from the signed list of its plant",
                        one.delivery, one.model, one.version, one.what)  # fmt: skip
        return bool(found)


RECONCILERS = (Reconciler("lists that know more than the database", _Once()),)
