"""Publish and withdraw versions of shared models."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from sharing.agent.bundle import KNOWN
from sharing.card import Card, card_from, gaps
from sharing.errors import (
    BundleRefused,
    LicenceForbids,
    ModelNotFound,
    ModelOfAnotherFirm,
    ReasonMissing,
    VersionNotFound,
    VersionTaken,
    VersionWithdrawn,
)
from sharing.faults import Fault, few
from sharing.gate import Examined, examine
from sharing.golden import golden_from, spread
from sharing.graph import opset_of
from sharing.licence import forbids_business
from sharing.release_tables import Measured
from sharing.store import Store, Stored
from sharing.tables import SharedModel, Version, VersionFile
from supplychain.taxonomy import PROCESSES

Visibility = Literal["private", "chain", "public"]


@dataclass(frozen=True)
class Passed:
    """A bundle that passed the gate; nothing else can be published."""

    card: Card
    files: Mapping[str, bytes]
    figures: Mapping[str, float] = field(default_factory=dict)


def looked_into(
    files: Mapping[str, bytes], found: list[Fault] | None = None, *, shared: bool = True
) -> tuple[Examined, Card | None]:
    """What the gate finds in a bundle, passed or not; takes seconds, so it needs no session.

    `found` are faults that were met on the way (in the archive); `shared`: with others than the
    firm itself, so that its licence has to allow business.
    """
    seen = examine(files, shared=shared)
    faults = [*(found or []), *seen.faults]
    card, _ = card_from(files.get("card.json", b"{}"))
    if card is not None and card.process not in PROCESSES:
        faults.append(Fault("process_unknown", {"found": card.process}))
    return Examined(few(faults), seen.figures, seen.reached), card


def examined(
    files: Mapping[str, bytes], found: list[Fault] | None = None, *, shared: bool = True
) -> Passed:
    """A bundle that may be published. Raises BundleRefused with all its faults."""
    seen, card = looked_into(files, found, shared=shared)
    if seen.faults or card is None:
        raise BundleRefused(seen.faults, seen.checks)
    kept = {name: files[name] for name in KNOWN if name in files}
    return Passed(card, kept, seen.figures)


def publish(
    session: Session,
    store: Store,
    passed: Passed,
    firm_id: int,
    by: str,
    visibility: Visibility = "chain",
) -> Version:
    """A new version of the firm's model, which is made at its first version.

    `visibility` is that of a new model; one that is there keeps its own (see `show_to`). The same
    bundle again gives the version that is there. Raises ModelOfAnotherFirm, VersionTaken (other
    contents under the same number), VersionWithdrawn, BundleRefused (a licence that is not for
    those who see the model).
    """
    card = passed.card
    stored = {name: store.put(data) for name, data in passed.files.items()}
    digest = _digest({name: each.sha256 for name, each in stored.items()})
    model = _model_for(session, card, firm_id, by, visibility)
    wrong = gaps(card, shared=model.visibility != "private")
    if wrong:
        raise BundleRefused(wrong)
    version = _numbered(session, model, card.version)
    if version is not None:
        return _same(version, digest, card)
    try:
        with session.begin_nested():
            version = _new_version(session, model, passed, digest, stored, by)
    except IntegrityError:  # somebody else published that number at the same moment
        found = _numbered(session, model, card.version)
        if found is None:
            raise
        return _same(found, digest, card)
    _say_of(session, model, card)
    return version


def withdraw(version: Version, reason: str, at: datetime) -> bool:
    """No new site gets the version; where it runs, it goes on. Whether that changed anything.

    Raises ReasonMissing: those who run it are told why.
    """
    if version.state == "withdrawn":
        return False
    said = " ".join(reason.split())[:300]
    if not said:
        raise ReasonMissing
    version.state, version.withdrawn_at = "withdrawn", at
    version.withdrawn_reason = said
    return True


def show_to(session: Session, model: SharedModel, visibility: Visibility) -> bool:
    """Who may see a model from now on; whether that changed anything.

    Raises LicenceForbids where a version's licence is not for others.
    """
    if model.visibility == visibility:
        return False
    if visibility != "private":
        for version in versions_of(session, model):
            _may_be_shared(model, version)
    model.visibility = visibility
    return True


def figures_of(session: Session, version: Version) -> dict[str, Any]:
    """What the gate measured of a version; nothing for one of earlier days.

    `p50_ms`, `p99_ms`, `load_ms`, `memory_mb`; `rows`: column → five quantiles of its test rows;
    `calibration` as in its file.
    """
    row = session.get(Measured, version.id)
    return dict(row.figures) if row is not None else {}


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


def any_of_firm(session: Session, firm_id: int, slugs: Collection[str]) -> bool:
    """Whether one of these models is the firm's."""
    wanted = select(SharedModel.id).where(
        SharedModel.firm_id == firm_id, col(SharedModel.slug).in_(slugs)
    )
    return session.exec(wanted.limit(1)).first() is not None


def _model_for(
    session: Session, card: Card, firm_id: int, by: str, visibility: Visibility
) -> SharedModel:
    model = session.exec(select(SharedModel).where(SharedModel.slug == card.slug)).first()
    if model is None:
        model = SharedModel(slug=card.slug, firm_id=firm_id, created_by=by, visibility=visibility)
        session.add(model)
        session.flush()
        _say_of(session, model, card)
    if model.firm_id != firm_id:
        raise ModelOfAnotherFirm(model=card.slug)
    return model


def _say_of(session: Session, model: SharedModel, card: Card) -> None:
    # what the list says of a model is what its highest version says
    others = versions_of(session, model)
    if not others or others[0].number == card.version:
        model.title, model.process = card.title.model_dump(), card.process
        model.origin = card.origin.country or ""
        session.flush()


def _numbered(session: Session, model: SharedModel, number: str) -> Version | None:
    wanted = select(Version).where(Version.model_id == model.id, Version.number == number)
    return session.exec(wanted).first()


def _new_version(
    session: Session,
    model: SharedModel,
    passed: Passed,
    digest: str,
    stored: Mapping[str, Stored],
    by: str,
) -> Version:
    version = Version(
        model_id=model.id or 0,
        number=passed.card.version,
        card=passed.card.document(),
        digest=digest,
        length=sum(each.length for each in stored.values()),
        opset=opset_of(passed.files["model.onnx"]),
        published_by=by,
    )
    session.add(version)
    session.flush()
    number = version.id or 0
    session.add_all(
        VersionFile(version_id=number, path=name, sha256=each.sha256, length=each.length)
        for name, each in stored.items()
    )
    session.add(Measured(version_id=number, figures=_told_of(passed)))
    session.flush()
    return version


def _told_of(passed: Passed) -> dict[str, Any]:
    # what a page draws of a version, so that it need not open its files
    schema = passed.card.signature
    golden, _ = golden_from(passed.files["golden.json"], schema)
    told: dict[str, Any] = dict(passed.figures)
    if golden is not None:
        told["rows"] = spread(golden, [column.name for column in schema.inputs])
        told["row_count"] = len(golden.rows)
    if "calibration.json" in passed.files:
        told["calibration"] = json.loads(passed.files["calibration.json"])
    return told


def _may_be_shared(model: SharedModel, version: Version) -> None:
    for licence in Card.model_validate(version.card).licences.values():
        if version.state != "withdrawn" and forbids_business(licence):
            raise LicenceForbids(model=model.slug, version=version.number, licence=licence)


def _same(version: Version, digest: str, card: Card) -> Version:
    if version.digest != digest:
        raise VersionTaken(model=card.slug, version=card.version)
    if version.state == "withdrawn":
        raise VersionWithdrawn(model=card.slug, version=card.version)
    return version


def _digest(files: Mapping[str, str]) -> str:
    text = "".join(f"{digest} {name}\n" for name, digest in sorted(files.items()))
    return hashlib.sha256(text.encode()).hexdigest()
