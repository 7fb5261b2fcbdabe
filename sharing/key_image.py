"""The image repository: root and top-level targets delegate, each firm's role lists its files.

Pure: from what is published, what is wanted, and the private keys at hand, comes what is to be
published next. A statement that needs a signature from elsewhere is taken in once it bears enough
of them; until then what was before stays, whole. Nothing comes out that a client would refuse.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from securesystemslib.signer import Key
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import DelegatedRole, Delegations, Root, Signed, Targets

from sharing.errors import MetadataRefused
from sharing.key_statements import unsigned
from sharing.manifest import (
    Current,
    Signers,
    Target,
    changed,
    held,
    metadata_in,
    near_its_end,
    read,
    signed,
    target_file,
    until,
    with_snapshot,
)

# Statements that people sign last longer; they are asked to sign anew so long before the end.
SIGNED_ELSEWHERE_LASTS = timedelta(days=365)
ASK_BEFORE = timedelta(days=60)


@dataclass(frozen=True)
class Publisher:
    """How a firm's role is to be.

    Without `keys` the hub signs that it lists `targets`. With keys (by id), `signed` are the
    statements for which signatures were gathered, the newest first; until one bears enough of
    them, the hub goes on signing what it has signed, as far as that is among `targets`.
    """

    name: str
    models: tuple[str, ...]
    keys: Mapping[str, Key] | None = None
    threshold: int = 1
    targets: tuple[Target, ...] = ()
    signed: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """How the repository is to be; `roots` and `targets` are statements with what was gathered."""

    publishers: tuple[Publisher, ...] = ()
    roots: tuple[bytes, ...] = ()
    targets: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Landed:
    """What is to be published, and what has to be signed elsewhere before more can be."""

    current: Current
    missing: bytes | None = None


class _NotYet(Exception):
    """With this root the repository would not be whole."""


def landed(current: Current, wanted: Wanted, keys: Signers, at: datetime) -> Landed:
    """The next state of the repository; the same metadata where nothing can change."""
    for root in (*_next_roots(current, wanted), current.root):
        try:
            later = _under(root, current, wanted, keys, at)
        except _NotYet:
            continue
        break
    else:  # what is published is not whole: leave it, rather than make it worse
        raise MetadataRefused(name="image", reason="what is published does not verify")
    if not _named(later, current):
        later = with_snapshot(later, keys, at)
    return Landed(later, _missing(later, wanted, keys, at))


def role_name(firm_id: int) -> str:
    """The delegated role of a firm."""
    return f"publisher-{firm_id}"


def listing(targets: Iterable[Target], number: int, at: datetime) -> bytes:
    """The statement of a firm that signs elsewhere: that it publishes these files."""
    body = Targets(number, expires=_long(at))
    body.targets = {target.path: target_file(target) for target in targets}
    return unsigned(body)


def delegated(current: Current) -> dict[str, DelegatedRole]:
    """The firms' roles as they are delegated now, by name."""
    return _roles(read(current.targets, Targets, "targets"))


def expiries(current: Current) -> dict[str, datetime]:
    """When root, targets and each firm's role run out."""
    named = {"root": current.root, "targets": current.targets, **current.roles}
    inside = {"root", "targets", *delegated(current)}
    return {n: metadata_in(data, n).signed.expires for n, data in named.items() if n in inside}


def next_root(
    current: Current, changes: Mapping[str, tuple[Iterable[Key], int]], at: datetime
) -> bytes:
    """The next root, not signed yet: these roles get these keys with these thresholds."""
    root = read(current.root, Root, "root")
    root.version += 1
    root.expires = _long(at)
    for role, (keys, threshold) in changes.items():
        for keyid in list(root.roles[role].keyids):
            root.revoke_key(keyid, role)
        for key in keys:
            root.add_key(key, role)
        root.roles[role].threshold = threshold
    return unsigned(root)


def self_signed(root: bytes, current: Current, keys: Signers) -> dict[str, str]:
    """The signatures of a next root that the hub can give itself, key's id → hex."""
    metadata = metadata_in(root, "root")
    before = read(current.root, Root, "root").roles["root"].keyids
    for keyid in {*before, *metadata.signed.roles["root"].keyids}:
        signer = keys.by_id(keyid)
        if signer is not None:
            metadata.sign(signer, append=True)
    return {keyid: signature.signature for keyid, signature in metadata.signatures.items()}


def verifies(delegator: Root | Targets, role: str, data: bytes) -> bool:
    """Whether enough different keys of a role have signed these bytes."""
    metadata = metadata_in(data, role)
    try:
        delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
    except (RepositoryError, ValueError):
        return False
    return True


def _named(later: Current, current: Current) -> bool:
    # nothing new, and nothing left half by a crash between a root and what follows it
    if (later.root, later.targets, later.roles) != (current.root, current.targets, current.roles):
        return False
    root = read(later.root, Root, "root")
    ends = {"snapshot": later.snapshot, "timestamp": later.timestamp}
    return all(verifies(root, name, data) for name, data in ends.items())


def held_by(current: Current, keys: Signers) -> set[str]:
    """Ids of the keys at hand that the repository names, in its root or in a delegation."""
    root, body = read(current.root, Root, "root"), read(current.targets, Targets, "targets")
    named = {keyid for role in root.roles.values() for keyid in role.keyids}
    named |= {keyid for role in _roles(body).values() for keyid in role.keyids}
    return {keyid for keyid in named if keys.by_id(keyid) is not None}


def _next_roots(current: Current, wanted: Wanted) -> list[bytes]:
    # spec 5.3: exactly one version on, signed by enough keys of the old root and of the new one
    before = read(current.root, Root, "root")
    found = []
    for data in wanted.roots:
        body = read(data, Root, "root")
        one_on = body.version == before.version + 1
        if one_on and verifies(before, "root", data) and verifies(body, "root", data):
            found.append(data)
    return found


def _under(
    root_data: bytes, current: Current, wanted: Wanted, keys: Signers, at: datetime
) -> Current:
    root = read(root_data, Root, "root")
    before = read(current.targets, Targets, "targets")
    aim = _aim(current, wanted, keys)
    targets = current.targets
    elsewhere = not held(root.roles["targets"], keys)
    if elsewhere or _differs(before, aim) or not verifies(root, "targets", targets):
        targets = _targets(root, current, aim, wanted, keys, at)
    body = read(targets, Targets, "targets")
    roles = dict(current.roles)
    by_name = {each.name: each for each in wanted.publishers}
    for name, role in _roles(body).items():
        roles[name] = _role(name, body, role, current, by_name.get(name), keys, at)
    return changed(current, root=root_data, targets=targets, roles=roles)


def _targets(
    root: Root, current: Current, aim: Delegations, wanted: Wanted, keys: Signers, at: datetime
) -> bytes:
    before = read(current.targets, Targets, "targets")
    if held(root.roles["targets"], keys):
        body = Targets(before.version + 1, expires=until("targets", at), delegations=aim)
        return signed(body, root.roles["targets"], keys)
    for data in wanted.targets:
        body = read(data, Targets, "targets")
        fits = body.version > before.version and not _differs(body, aim)
        if fits and verifies(root, "targets", data):
            return data
    if not verifies(root, "targets", current.targets):
        raise _NotYet
    return current.targets


def _role(
    name: str,
    delegator: Targets,
    role: DelegatedRole,
    current: Current,
    publisher: Publisher | None,
    keys: Signers,
    at: datetime,
) -> bytes:
    now = current.roles.get(name)
    number = read(now, Targets, name).version if now else 0
    if publisher and held(role, keys):
        return _by_the_hub(name, delegator, role, now, publisher, keys, at)
    for data in publisher.signed if publisher else ():
        if read(data, Targets, name).version > number and verifies(delegator, name, data):
            return data
    if now is None or not verifies(delegator, name, now):
        raise _NotYet
    return now


def _by_the_hub(
    name: str,
    delegator: Targets,
    role: DelegatedRole,
    now: bytes | None,
    publisher: Publisher,
    keys: Signers,
    at: datetime,
) -> bytes:
    files = {target.path: target_file(target) for target in publisher.targets}
    body = read(now, Targets, name) if now else Targets(expires=at)
    if publisher.keys is not None:
        files = {path: file for path, file in files.items() if path in body.targets}
    fresh = not near_its_end(body.expires, "targets", at)
    if now and fresh and body.targets == files and verifies(delegator, name, now):
        return now
    body.version += 1 if now else 0
    body.expires = until("targets", at)
    body.targets = files
    return signed(body, role, keys)


def _aim(current: Current, wanted: Wanted, keys: Signers) -> Delegations:
    """The delegations as they should be, as far as each firm's role would verify under them."""
    before = read(current.targets, Targets, "targets")
    known, roles = dict(before.delegations.keys if before.delegations else {}), {}
    public: dict[str, Key] = {}
    for each in sorted(wanted.publishers, key=lambda one: one.name):
        signers, threshold = _keys_of(each, current, known, _roles(before), keys)
        if signers:
            paths = [f"{model}/*/*" for model in sorted(each.models)]
            roles[each.name] = DelegatedRole(
                each.name, sorted(signers), threshold, terminating=True, paths=paths
            )
            public |= signers
    return Delegations(public, roles)


def _keys_of(
    publisher: Publisher,
    current: Current,
    known: Mapping[str, Key],
    before: Mapping[str, DelegatedRole],
    keys: Signers,
) -> tuple[dict[str, Key], int]:
    key: Key = keys.of("targets").public_key
    by_the_hub = {key.keyid: key}, 1
    role = before.get(publisher.name)
    # Rows that know of no keys are older than what is published: never back to the hub's key.
    if publisher.keys is None and (role is None or held(role, keys)):
        return by_the_hub
    number = 0
    if publisher.name in current.roles:
        number = read(current.roles[publisher.name], Targets, publisher.name).version
    for data in publisher.signed:
        if read(data, Targets, publisher.name).version > number and _enough(publisher, data):
            return dict(publisher.keys or {}), publisher.threshold
    if role is None:
        return {}, 0
    if held(role, keys):
        return by_the_hub
    return {keyid: known[keyid] for keyid in role.keyids}, role.threshold


def _enough(publisher: Publisher, data: bytes) -> bool:
    keys = dict(publisher.keys or {})
    role = DelegatedRole(
        publisher.name, sorted(keys), publisher.threshold, terminating=True, paths=[]
    )
    return verifies(Targets(delegations=Delegations(keys, {role.name: role})), publisher.name, data)


def _missing(current: Current, wanted: Wanted, keys: Signers, at: datetime) -> bytes | None:
    """The statement of targets that has to be signed elsewhere and does not wait yet."""
    root = read(current.root, Root, "root")
    body = read(current.targets, Targets, "targets")
    aim = _aim(current, wanted, keys)
    coming = [read(data, Root, "root") for data in wanted.roots]
    ahead = [each for each in coming if each.version == root.version + 1]
    needed = any(not verifies(each, "targets", current.targets) for each in ahead)
    elsewhere = not held(root.roles["targets"], keys)
    late = elsewhere and body.expires - at <= ASK_BEFORE
    if not (needed or late or (elsewhere and _differs(body, aim))):
        return None
    waiting = [read(data, Targets, "targets") for data in wanted.targets]
    for each in waiting:
        fresh = each.expires - at > ASK_BEFORE
        if each.version > body.version and fresh and not _differs(each, aim):
            return None
    number = max([body.version, *(each.version for each in waiting)]) + 1
    return unsigned(Targets(number, expires=_long(at), delegations=aim))


def _differs(body: Targets, aim: Delegations) -> bool:
    return bool(body.targets) or (body.delegations or Delegations({}, {})) != aim


def _roles(body: Targets) -> dict[str, DelegatedRole]:
    return dict((body.delegations.roles or {}) if body.delegations else {})


def _long(at: datetime) -> datetime:
    return (at + SIGNED_ELSEWHERE_LASTS).replace(microsecond=0)


def keys_from(stored: Mapping[str, Any]) -> dict[str, Key]:
    """Public keys as a row keeps them."""
    return {keyid: Key.from_dict(keyid, dict(told)) for keyid, told in stored.items()}


def expires_of(statement: bytes) -> datetime:
    """When a statement runs out."""
    body: Signed = metadata_in(statement, "statement").signed
    return body.expires
