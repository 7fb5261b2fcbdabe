"""Signed statements in the form of The Update Framework (spec 1.0.34, consistent snapshots).

Two repositories say what a site installs, and it installs only what both agree on:
*image* lists every published file, each firm's in a delegated role (sharing.key_image);
*director*, one for each site, assigns versions to that site and carries its id inside. Everything
here turns bytes and a change into new bytes; what is written where, and by whom, is the business
of sharing.signing. A role is signed by the keys that the root names for it, as far as they are at
hand: what has none at hand stays as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import (
    Key,
    Metadata,
    MetaFile,
    Role,
    Root,
    Signed,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)  # fmt: skip

from sharing.errors import MetadataRefused
from sharing.key_errors import KeyElsewhere

# How long each role is good for, and how much of that may be left when it is signed anew.
LASTS: Mapping[str, timedelta] = {
    "root": timedelta(days=365),
    "targets": timedelta(days=180),
    "snapshot": timedelta(days=30),
    "timestamp": timedelta(days=7),
}
_RENEW_AT = 0.5

_S = TypeVar("_S", bound=Signed)


class Signers(Protocol):
    """The private keys that are at hand."""

    def of(self, role: str) -> CryptoSigner:
        """Who signs this role in a repository that is begun now."""

    def by_id(self, keyid: str) -> CryptoSigner | None:
        """The signer of a public key, if it is at hand."""


@dataclass(frozen=True)
class Keys:
    """The signer of each role. The roles may share one, or be split, role by role."""

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

    def by_id(self, keyid: str) -> CryptoSigner | None:
        """The signer of a public key, if it is one of these."""
        own = (self.root, self.targets, self.snapshot, self.timestamp)
        return next((each for each in own if each.public_key.keyid == keyid), None)


@dataclass(frozen=True)
class Current:
    """The newest metadata of a repository, as bytes; `roles` are the delegated ones, by name."""

    root: bytes
    targets: bytes
    snapshot: bytes
    timestamp: bytes
    roles: Mapping[str, bytes] = field(default_factory=dict)


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


def begin(keys: Signers, at: datetime) -> Current:
    """A new repository that names nothing yet.

    >>> from datetime import UTC
    >>> new = begin(Keys.one(signer_from(new_key())), datetime(2026, 11, 23, tzinfo=UTC))
    >>> targets_of(new)
    {}
    >>> sorted(files_of(new))
    ['1.root.json', '1.snapshot.json', '1.targets.json', 'timestamp.json']
    """
    root = Root(expires=until("root", at), consistent_snapshot=True)
    for role in LASTS:
        key: Key = keys.of(role).public_key
        root.add_key(key, role)
    bodies: dict[str, Signed] = {
        "root": root,
        "targets": Targets(expires=until("targets", at)),
        "snapshot": Snapshot(expires=until("snapshot", at)),
        "timestamp": Timestamp(expires=until("timestamp", at)),
    }
    ready = {name: signed(body, root.roles[name], keys) for name, body in bodies.items()}
    return Current(ready["root"], ready["targets"], ready["snapshot"], ready["timestamp"])


def with_targets(
    current: Current, targets: Iterable[Target], keys: Signers, at: datetime
) -> Current:
    """The repository naming exactly these files, one version on. Raises MetadataRefused."""
    body = read(current.targets, Targets, "targets")
    body.targets = {target.path: target_file(target) for target in targets}
    return _onwards(current, body, keys, at)


def renewed(current: Current, keys: Signers, at: datetime) -> Current:
    """The repository with every role signed anew whose time is half over; the same if none is.

    What has no key at hand stays as it is.

    >>> from datetime import UTC
    >>> start, keys = datetime(2026, 11, 23, tzinfo=UTC), Keys.one(signer_from(new_key()))
    >>> first = begin(keys, start)
    >>> renewed(first, keys, start + timedelta(days=1)) is first
    True
    >>> sorted(files_of(renewed(first, keys, start + timedelta(days=20))))
    ['1.root.json', '1.targets.json', '2.snapshot.json', 'timestamp.json']
    """
    root = read(current.root, Root, "root")
    due = {role for role in LASTS if _due(role, current, at) and held(root.roles[role], keys)}
    if "root" in due:
        later = signed(_next(root, "root", at), root.roles["root"], keys)
        current = changed(current, root=later)
    if "targets" in due:
        return _onwards(current, read(current.targets, Targets, "targets"), keys, at)
    if "snapshot" in due:
        return with_snapshot(current, keys, at)
    if "timestamp" in due:
        timestamp = _next(read(current.timestamp, Timestamp, "timestamp"), "timestamp", at)
        return changed(current, timestamp=signed(timestamp, root.roles["timestamp"], keys))
    return current


def targets_of(current: Current) -> dict[str, Target]:
    """What a repository names, by path: itself, and by delegation as far as that reaches."""
    body = read(current.targets, Targets, "targets")
    found = dict(body.targets)
    for name, role in (body.delegations.roles or {}).items() if body.delegations else ():
        if name in current.roles:
            listed = read(current.roles[name], Targets, name).targets
            found |= {path: each for path, each in listed.items() if role.is_delegated_path(path)}
    return {
        path: Target(path, file.hashes["sha256"], file.length, file.custom)
        for path, file in found.items()
    }


def version_of(current: Current) -> int:
    """The number of the statement about targets; it only ever grows."""
    return read(current.targets, Targets, "targets").version


def snapshot_of(current: Current) -> int:
    """The number of the newest snapshot: it grows with every change, also of a delegated role."""
    return read(current.snapshot, Snapshot, "snapshot").version


def files_of(current: Current) -> dict[str, bytes]:
    """File name → bytes, as a client asks for them; the timestamp comes last."""
    named = {
        "root": current.root,
        "targets": current.targets,
        **current.roles,
        "snapshot": current.snapshot,
    }
    numbered = {
        f"{metadata_in(data, name).signed.version}.{name}.json": data
        for name, data in named.items()
    }
    return {**numbered, "timestamp.json": current.timestamp}


def newest_snapshot(timestamp: bytes) -> str:
    """The file name of the newest snapshot."""
    return f"{read(timestamp, Timestamp, 'timestamp').snapshot_meta.version}.snapshot.json"


def newest_targets(snapshot: bytes) -> dict[str, str]:
    """Role → file name, of targets and of every delegated role."""
    meta = read(snapshot, Snapshot, "snapshot").meta
    return {name.removesuffix(".json"): f"{file.version}.{name}" for name, file in meta.items()}


def with_snapshot(current: Current, keys: Signers, at: datetime) -> Current:
    """Snapshot and timestamp that name the metadata as it is here, each one version on."""
    root = read(current.root, Root, "root")
    snapshot = read(current.snapshot, Snapshot, "snapshot")
    named = {"targets": current.targets, **current.roles}
    snapshot.meta |= {
        f"{name}.json": MetaFile(read(data, Targets, name).version) for name, data in named.items()
    }
    later = signed(_next(snapshot, "snapshot", at), root.roles["snapshot"], keys)
    timestamp = read(current.timestamp, Timestamp, "timestamp")
    timestamp.snapshot_meta = MetaFile(snapshot.version)
    last = signed(_next(timestamp, "timestamp", at), root.roles["timestamp"], keys)
    return changed(current, snapshot=later, timestamp=last)


def held(role: Role, keys: Signers) -> bool:
    """Whether enough of a role's keys are at hand to sign it."""
    return len(_signers(role, keys)) >= role.threshold


def signed(body: Signed, role: Role, keys: Signers) -> bytes:
    """A statement with the signatures that its role asks for. Raises KeyElsewhere."""
    if not held(role, keys):
        raise KeyElsewhere(role=body.type)
    metadata: Metadata[Any] = Metadata(body)
    for signer in _signers(role, keys):
        metadata.sign(signer, append=True)
    return metadata.to_bytes()


def until(role: str, at: datetime) -> datetime:
    """When what is signed now runs out."""
    return (at + LASTS[role]).replace(microsecond=0)


def target_file(target: Target) -> TargetFile:
    """A file as a statement names it."""
    extra = {"custom": dict(target.custom)} if target.custom else None
    return TargetFile(target.length, {"sha256": target.sha256}, target.path, extra)


def metadata_in(data: bytes, name: str) -> Metadata[Any]:
    """A statement with its signatures. Raises MetadataRefused."""
    try:
        return Metadata.from_bytes(data)
    except RepositoryError as error:
        raise MetadataRefused(name=name, reason=str(error)) from error


def read(data: bytes, kind: type[_S], name: str) -> _S:
    """What a statement of that kind says. Raises MetadataRefused."""
    body = metadata_in(data, name).signed
    if not isinstance(body, kind):
        raise MetadataRefused(name=name, reason=f"it is {body.type} metadata")
    return body


def changed(current: Current, **changes: Any) -> Current:
    """The repository with other bytes in some places."""
    return Current(**{**vars(current), **changes})


def rekeyed(current: Current, keys: Signers, at: datetime) -> Current:
    """The repository with the newest key at hand for every role; the same if it has it already.

    The new root is signed by the old key and by the new one, so that clients follow.
    """
    root = read(current.root, Root, "root")
    before = root.roles["root"]
    fresh: Key = keys.of("root").public_key
    if all(role.keyids == [fresh.keyid] for role in root.roles.values()):
        return current
    old = Role(list(before.keyids), before.threshold)
    for name, role in root.roles.items():
        for keyid in list(role.keyids):
            root.revoke_key(keyid, name)
        root.add_key(fresh, name)
    root = _next(root, "root", at)
    if not held(old, keys):
        raise KeyElsewhere(role="root")
    both = Role([*old.keyids, fresh.keyid], 1)
    current = changed(current, root=signed(root, both, keys))
    return _onwards(current, read(current.targets, Targets, "targets"), keys, at)


def _onwards(current: Current, targets: Targets, keys: Signers, at: datetime) -> Current:
    # targets → snapshot → timestamp, each naming the version of the one before it
    root = read(current.root, Root, "root")
    later = signed(_next(targets, "targets", at), root.roles["targets"], keys)
    return with_snapshot(changed(current, targets=later), keys, at)


def _signers(role: Role, keys: Signers) -> list[CryptoSigner]:
    return [signer for keyid in role.keyids if (signer := keys.by_id(keyid)) is not None]


def _next(body: _S, role: str, at: datetime) -> _S:
    body.version += 1
    body.expires = until(role, at)
    return body


def _due(role: str, current: Current, at: datetime) -> bool:
    return near_its_end(metadata_in(getattr(current, role), role).signed.expires, role, at)


def near_its_end(expires: datetime, role: str, at: datetime) -> bool:
    """Whether half of a role's time is over."""
    return expires - at <= LASTS[role] * _RENEW_AT
