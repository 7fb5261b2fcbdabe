"""Publishing a bundle as one act: gate, rows, signature. Used by pages, API and commands alike.

The rows are committed first and signed then; a worker signs what a crash left unsigned.
"""

from collections.abc import Mapping

from hub.accounts import record
from hub.wiring import Hub
from sharing.faults import Fault
from sharing.manifest import Target
from sharing.services import models
from sharing.services.models import Visibility
from sharing.tables import Version


def publish_bundle(
    hub: Hub,
    files: Mapping[str, bytes],
    firm_id: int,
    by: str,
    *,
    visibility: Visibility = "chain",
    found: list[Fault] | None = None,
) -> Version:
    """The published version. Raises BundleRefused with every fault, and what `publish` raises."""
    passed = models.examined(files, found)
    with hub.db.work() as session:
        version = models.publish(session, hub.store, passed, firm_id, by, visibility)
        name = f"{passed.card.slug} {version.number}"
        record(session, by, "version.published", name, digest=version.digest)
        session.flush()
        session.expunge(version)
    sign_image(hub)
    return version


def sign_image(hub: Hub) -> int:
    """Let the image repository name exactly what is published; the number of the statement."""

    def published() -> list[Target]:
        with hub.db.reading() as session:
            return models.image_targets(session)

    return hub.signing.list_files(published)
