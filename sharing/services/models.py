"""Publish and withdraw versions of shared models."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import Session, col, select

from sharing.card import Card, card_from
from sharing.errors import (
    BundleRefused,
    ModelNotFound,
    ModelOfAnotherFirm,
    VersionNotFound,
    VersionTaken,
    VersionWithdrawn,
)
from sharing.faults import Fault
from sharing.gate import FILES, check
from sharing.graph import opset_of
from sharing.manifest import Target
from sharing.store import Store
from sharing.tables import SharedModel, Version, VersionFile
from supplychain.taxonomy import PROCESSES

Visibility = Literal["private", "chain", "public"]


@dataclass(frozen=True)
class Passed:
    """A bundle that passed the gate; nothing else can be published."""

    card: Card
    files: Mapping[str, bytes]


def examined(files: Mapping[str, bytes], found: list[Fault] | None = None) -> Passed:
    """Put a bundle through the gate; takes seconds, so it needs no session.

    `found` are faults that were met on the way (in the archive). Raises BundleRefused with all.
    """
    faults = [*(found or []), *check(files)]
    card, _ = card_from(files.get("card.json", b"{}"))
    if card is not None and card.process not in PROCESSES:
        faults.append(Fault("process_unknown", {"found": card.process}))
    if faults or card is None:
        raise BundleRefused(list({str(fault): fault for fault in faults}.values()))
    return Passed(card, {name: files[name] for name in FILES})


def publish(
    session: Session,
    store: Store,
    passed: Passed,
    firm_id: int,
    by: str,
    visibility: Visibility = "chain",
) -> Version:
    """A new version of the firm's model, which is made at its first version.

    The same bundle again gives the version that is there. Raises ModelOfAnotherFirm,
    VersionTaken (other contents under the same number), VersionWithdrawn.
    """
    card = passed.card
    stored = {name: store.put(data) for name, data in passed.files.items()}
    digest = _digest({name: each.sha256 for name, each in stored.items()})
    model = _model_for(session, card, firm_id, by, visibility)
    version = session.exec(
        select(Version).where(Version.model_id == model.id, Version.number == card.version)
    ).first()
    if version is not None:
        return _same(version, digest, card)
    version = Version(
        model_id=model.id or 0,
        number=card.version,
        card=card.document(),
        digest=digest,
        length=sum(each.length for each in stored.values()),
        opset=opset_of(passed.files["model.onnx"]),
        published_by=by,
    )
    session.add(version)
    session.flush()
    for name, each in stored.items():
        session.add(
            VersionFile(
                version_id=version.id or 0, path=name, sha256=each.sha256, length=each.length
            )
        )
    session.flush()
    return version


def withdraw(version: Version, reason: str, at: datetime) -> None:
    """No new site gets the version; where it runs, it goes on. Twice is as good as once."""
    if version.state != "withdrawn":
        version.state, version.withdrawn_at = "withdrawn", at
        version.withdrawn_reason = reason[:300]


def model_named(session: Session, slug: str) -> SharedModel:
    """Raises ModelNotFound."""
    model = session.exec(select(SharedModel).where(SharedModel.slug == slug)).first()
    if model is None:
        raise ModelNotFound(model=slug[:60])
    return model


def version_of(session: Session, slug: str, number: str = "") -> Version:
    """A version, the newest published one where no number is given.

    Raises ModelNotFound, VersionNotFound.
    """
    versions = versions_of(session, model_named(session, slug))
    wanted = (
        [v for v in versions if v.number == number]
        if number
        else [v for v in versions if v.state == "published"]
    )
    if not wanted:
        raise VersionNotFound(model=slug, version=number[:20] or "–")
    return wanted[0]


def versions_of(session: Session, model: SharedModel) -> list[Version]:
    """All versions, the highest number first."""
    rows = session.exec(select(Version).where(Version.model_id == model.id))
    return sorted(rows, key=lambda v: [int(part) for part in v.number.split(".")], reverse=True)


def files_of(session: Session, version: Version) -> list[VersionFile]:
    """The files of a version by name."""
    rows = select(VersionFile).where(VersionFile.version_id == version.id)
    return list(session.exec(rows.order_by(VersionFile.path)))


def file_named(session: Session, slug: str, number: str, path: str) -> VersionFile:
    """One file of a version, also of one that was withdrawn: a site may have to go back to it.

    Raises VersionNotFound.
    """
    row = session.exec(
        select(VersionFile)
        .join(Version, col(Version.id) == VersionFile.version_id)
        .join(SharedModel, col(SharedModel.id) == Version.model_id)
        .where(
            SharedModel.slug == slug,
            Version.number == number,
            VersionFile.path == path,
        )
    ).first()
    if row is None:
        raise VersionNotFound(model=slug[:60], version=number[:20])
    return row


def image_targets(session: Session) -> list[Target]:
    """Every file of every published version: what the image repository has to name."""
    rows = session.exec(
        select(SharedModel.slug, Version.number, VersionFile)
        .join(Version, col(Version.model_id) == SharedModel.id)
        .join(VersionFile, col(VersionFile.version_id) == Version.id)
        .where(Version.state == "published")
    )
    return [
        Target(f"{slug}/{number}/{file.path}", file.sha256, file.length)
        for slug, number, file in rows
    ]


def _model_for(
    session: Session, card: Card, firm_id: int, by: str, visibility: Visibility
) -> SharedModel:
    model = session.exec(select(SharedModel).where(SharedModel.slug == card.slug)).first()
    if model is None:
        model = SharedModel(slug=card.slug, firm_id=firm_id, created_by=by)
        model.visibility = visibility
        session.add(model)
    if model.firm_id != firm_id:
        raise ModelOfAnotherFirm(model=card.slug)
    model.title, model.process = card.title.model_dump(), card.process
    session.flush()
    return model


def _same(version: Version, digest: str, card: Card) -> Version:
    if version.digest != digest:
        raise VersionTaken(model=card.slug, version=card.version)
    if version.state == "withdrawn":
        raise VersionWithdrawn(model=card.slug, version=card.version)
    return version


def _digest(files: Mapping[str, str]) -> str:
    text = "".join(f"{digest} {name}\n" for name, digest in sorted(files.items()))
    return hashlib.sha256(text.encode()).hexdigest()
