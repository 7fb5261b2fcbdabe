"""Signed statements in the form of The Update Framework (spec 1.0.34, consistent snapshots).

Two repositories say what a site installs, and it installs only what both agree on:
*image* lists every published file; *director*, one for each site, assigns versions to that site
and carries its id inside. Everything here turns bytes and a change into new bytes; what is
written where, and by whom, is the business of sharing.signing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import (
    Key,
    Metadata,
    MetaFile,
    Root,
    Signed,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)  # fmt: skip

from sharing.errors import MetadataRefused

# How long each role is good for, and how much of that may be left when it is signed anew.
LASTS: Mapping[str, timedelta] = {
    "root": timedelta(days=365),
    "targets": timedelta(days=180),
    "snapshot": timedelta(days=30),
    "timestamp": timedelta(days=7),
}
_RENEW_AT = 0.5

_S = TypeVar("_S", bound=Signed)


@dataclass(frozen=True)
class Keys:
    """The signer of each role. The roles may share one, or be split later, role by role."""

    root: CryptoSigner
    targets: CryptoSigner
    snapshot: CryptoSigner
    timestamp: CryptoSigner

    @classmethod
    def one(cls, signer: CryptoSigner) -> "Keys":
        """The same key for every role."""
        return cls(signer, signer, signer, signer)

    def of(self, role: str) -> CryptoSigner:
        """The signer of a role."""
        signer: CryptoSigner = getattr(self, role)
        return signer


@dataclass(frozen=True)
class Current:
    """The newest metadata of a repository, as bytes."""

    root: bytes
    targets: bytes
    snapshot: bytes
    timestamp: bytes


@dataclass(frozen=True)
class Target:
    """A file that a statement names: `<model>/<version>/<file>`; `custom` is signed with it."""

    path: str
    sha256: str
    length: int
    custom: Mapping[str, Any] | None = None


def new_key() -> bytes:
    """A fresh Ed25519 private key (PEM, PKCS#8)."""
    pem: bytes = CryptoSigner.generate_ed25519().private_bytes
    return pem


def signer_from(pem: bytes) -> CryptoSigner:
    """The signer of a private key. Raises ValueError for what is none."""
    return CryptoSigner(load_pem_private_key(pem, None))


def begin(keys: Keys, at: datetime) -> Current:
    """A new repository that names nothing yet.

    >>> from datetime import UTC
    >>> new = begin(Keys.one(signer_from(new_key())), datetime(2026, 11, 23, tzinfo=UTC))
    >>> targets_of(new)
    {}
    >>> sorted(files_of(new))
    ['1.root.json', '1.snapshot.json', '1.targets.json', 'timestamp.json']
    """
    root = Root(expires=_until("root", at), consistent_snapshot=True)
    for role in LASTS:
        key: Key = keys.of(role).public_key
        root.add_key(key, role)
    targets = Targets(expires=_until("targets", at))
    snapshot = Snapshot(expires=_until("snapshot", at))
    timestamp = Timestamp(expires=_until("timestamp", at))
    return Current(
        _signed(root, keys.root), _signed(targets, keys.targets),
        _signed(snapshot, keys.snapshot), _signed(timestamp, keys.timestamp),
    )  # fmt: skip


def with_targets(current: Current, targets: Iterable[Target], keys: Keys, at: datetime) -> Current:
    """The repository naming exactly these files, one version on. Raises MetadataRefused."""
    body = _read(current.targets, Targets, "targets")
    body.targets = {target.path: _target_file(target) for target in targets}
    return _onwards(current, body, keys, at)


def renewed(current: Current, keys: Keys, at: datetime) -> Current:
    """The repository with every role signed anew whose time is half over; the same if none is.

    >>> from datetime import UTC
    >>> start, keys = datetime(2026, 11, 23, tzinfo=UTC), Keys.one(signer_from(new_key()))
    >>> first = begin(keys, start)
    >>> renewed(first, keys, start + timedelta(days=1)) is first
    True
    >>> sorted(files_of(renewed(first, keys, start + timedelta(days=20))))
    ['1.root.json', '1.targets.json', '2.snapshot.json', 'timestamp.json']
    """
    due = {role for role in LASTS if _due(role, current, at)}
    if "root" in due:
        root = _read(current.root, Root, "root")
        current = _replace(current, root=_signed(_next(root, "root", at), keys.root))
    if "targets" in due:
        return _onwards(current, _read(current.targets, Targets, "targets"), keys, at)
    if "snapshot" in due:
        return _with_snapshot(current, _read(current.snapshot, Snapshot, "snapshot"), keys, at)
    if "timestamp" in due:
        timestamp = _read(current.timestamp, Timestamp, "timestamp")
        signed = _signed(_next(timestamp, "timestamp", at), keys.timestamp)
        return _replace(current, timestamp=signed)
    return current


def targets_of(current: Current) -> dict[str, Target]:
    """What a repository names, by path."""
    return {
        path: Target(path, file.hashes["sha256"], file.length, file.custom)
        for path, file in _read(current.targets, Targets, "targets").targets.items()
    }


def version_of(current: Current) -> int:
    """The number of the statement about targets; it only ever grows."""
    return _read(current.targets, Targets, "targets").version


def files_of(current: Current) -> dict[str, bytes]:
    """File name → bytes, as a client asks for them; the timestamp comes last."""
    root = _read(current.root, Root, "root").version
    targets = _read(current.targets, Targets, "targets").version
    snapshot = _read(current.snapshot, Snapshot, "snapshot").version
    return {
        f"{root}.root.json": current.root,
        f"{targets}.targets.json": current.targets,
        f"{snapshot}.snapshot.json": current.snapshot,
        "timestamp.json": current.timestamp,
    }


def names_in(timestamp: bytes, snapshot: bytes | None = None) -> str:
    """The file name of the newest snapshot, or, with the snapshot, of the newest targets."""
    if snapshot is None:
        meta = _read(timestamp, Timestamp, "timestamp").snapshot_meta
        return f"{meta.version}.snapshot.json"
    return f"{_read(snapshot, Snapshot, 'snapshot').meta['targets.json'].version}.targets.json"


def _onwards(current: Current, targets: Targets, keys: Keys, at: datetime) -> Current:
    # targets → snapshot → timestamp, each naming the version of the one before it
    signed = _signed(_next(targets, "targets", at), keys.targets)
    snapshot = _read(current.snapshot, Snapshot, "snapshot")
    snapshot.meta["targets.json"] = MetaFile(targets.version)
    return _with_snapshot(_replace(current, targets=signed), snapshot, keys, at)


def _with_snapshot(current: Current, snapshot: Snapshot, keys: Keys, at: datetime) -> Current:
    signed = _signed(_next(snapshot, "snapshot", at), keys.snapshot)
    timestamp = _read(current.timestamp, Timestamp, "timestamp")
    timestamp.snapshot_meta = MetaFile(snapshot.version)
    return _replace(
        current,
        snapshot=signed,
        timestamp=_signed(_next(timestamp, "timestamp", at), keys.timestamp),
    )


def _next(body: _S, role: str, at: datetime) -> _S:
    body.version += 1
    body.expires = _until(role, at)
    return body


def _due(role: str, current: Current, at: datetime) -> bool:
    expires = _metadata(getattr(current, role), role).signed.expires
    return bool(expires - at <= LASTS[role] * _RENEW_AT)


def _until(role: str, at: datetime) -> datetime:
    return (at + LASTS[role]).replace(microsecond=0)


def _target_file(target: Target) -> TargetFile:
    extra = {"custom": dict(target.custom)} if target.custom else None
    return TargetFile(target.length, {"sha256": target.sha256}, target.path, extra)


def _signed(body: Signed, signer: CryptoSigner) -> bytes:
    metadata: Metadata[Any] = Metadata(body)
    metadata.sign(signer)
    return metadata.to_bytes()


def _metadata(data: bytes, name: str) -> Metadata[Any]:
    try:
        return Metadata.from_bytes(data)
    except RepositoryError as error:
        raise MetadataRefused(name=name, reason=str(error)) from error


def _read(data: bytes, kind: type[_S], name: str) -> _S:
    body = _metadata(data, name).signed
    if not isinstance(body, kind):
        raise MetadataRefused(name=name, reason=f"it is {body.type} metadata")
    return body


def _replace(current: Current, **changes: bytes) -> Current:
    return Current(**{**vars(current), **changes})
