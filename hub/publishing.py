"""Publishing a bundle as one act: gate, rows, signature. Used by pages, API and commands alike.

The rows are committed first and signed then; a worker signs what a crash left unsigned. Where a
firm has keys of its own, or the operators hold the top-level ones elsewhere, a version awaits their
signatures; the hub brings what is signed to where agents read it, step by step, and a crash
between two steps is mended by doing them again.
"""

from collections.abc import Mapping

from sqlalchemy.exc import IntegrityError

from hub.accounts import record
from hub.wiring import Hub
from sharing.faults import Fault
from sharing.key_folder import NEXT
from sharing.key_image import Landed, Wanted
from sharing.manifest import snapshot_of, targets_of
from sharing.services import keys, models
from sharing.services.models import Passed, Visibility
from sharing.tables import SharedModel, Version
from supplychain.tables import now

_TRIES = 3


def publish_bundle(
    hub: Hub,
    files: Mapping[str, bytes],
    firm_id: int,
    by: str,
    *,
    visibility: Visibility = "chain",
    found: list[Fault] | None = None,
) -> Version:
    """The version: published, or awaiting signatures.

    Raises BundleRefused with every fault, and what `publish` raises.
    """
    return release(
        hub, models.examined(files, found, shared=visibility != "private"), firm_id, by, visibility
    )


def release(
    hub: Hub, passed: Passed, firm_id: int, by: str, visibility: Visibility = "chain"
) -> Version:
    """The same for a bundle that has passed the gate. Raises what `publish` raises."""
    current = hub.signing.image()
    with hub.db.work() as session:
        version = models.publish(session, hub.store, passed, firm_id, by, visibility)
        model = session.get_one(SharedModel, version.model_id)
        waits = model.visibility != "private" and keys.waits_for_keys(
            session, current, hub.signing.keys, firm_id
        )
        name = f"{passed.card.slug} {version.number}"
        listed = keys.is_listed(session, targets_of(current), version, model.slug)
        if waits and version.state == "published" and not listed:
            version.state = "awaiting"
        what = "version.awaiting" if version.state == "awaiting" else "version.published"
        record(session, by, what, name, digest=version.digest)
        session.flush()
        number = version.id
    sign_image(hub)
    with hub.db.reading() as session:
        version = session.get_one(Version, number)
        session.expunge(version)
    return version


def sign_image(hub: Hub) -> int:
    """Let the image repository name what is published and signed; the number of its snapshot.

    Statements that are to be signed elsewhere are made, those that were signed are published.
    """
    for tried in range(_TRIES):
        try:
            return _bring(hub)
        except IntegrityError:  # another process made the same statement at the same moment
            if tried == _TRIES - 1:
                raise
    raise AssertionError  # pragma: no cover - the loop ends above


def keys_changing(hub: Hub) -> bool:
    """Whether the hub's own key is being replaced."""
    return (hub.keys / NEXT).exists()


def _bring(hub: Hub) -> int:
    with hub.db.work() as session:
        # Rows first, then the files: what another process publishes now is in the files before it
        # is in the rows, and must not look as if it still had to be signed.
        keys.waiting(session)
        current = hub.signing.image()
        for what, name in keys.settle(session, current, now()):
            record(session, "hub", what, name)
        keys.keep_statements(session, current, hub.signing.keys, now())
    found = hub.signing.bring(lambda _: _wanted(hub))
    _note(hub, found)
    if keys_changing(hub):
        hub.signing.follow_new_key()
    return snapshot_of(found.current)


def _wanted(hub: Hub) -> Wanted:
    with hub.db.reading() as session:
        return keys.wanted(session)


def _note(hub: Hub, found: Landed) -> None:
    with hub.db.work() as session:
        if found.missing is not None:
            keys.ask_targets(session, found.missing, "hub", now())
        for what, name in keys.settle(session, found.current, now()):
            record(session, "hub", what, name)
