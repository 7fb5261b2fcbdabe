"""Withdrawing a version and choosing who sees a model: rows and a line in the audit trail.

Used by pages, API and commands alike. Like services, it never commits; who calls it signs the
list of what is published afterwards (hub.publishing.sign_image).
"""

from sqlmodel import Session

from hub.accounts import record
from sharing.services import models
from sharing.services.models import Visibility
from sharing.tables import SharedModel, Version
from supplychain.tables import now


def withdraw(session: Session, model: SharedModel, version: Version, by: str, reason: str) -> None:
    """Offer a version to nobody any more. Twice is as good as once. Raises ReasonMissing."""
    if models.withdraw(version, reason, now()):
        name = f"{model.slug} {version.number}"
        record(session, by, "version.withdrawn", name, reason=version.withdrawn_reason)


def show_to(session: Session, model: SharedModel, by: str, visibility: Visibility) -> None:
    """Who may see a model from now on. Raises LicenceForbids."""
    if models.show_to(session, model, visibility):
        record(session, by, "model.shown", model.slug, to=visibility)
