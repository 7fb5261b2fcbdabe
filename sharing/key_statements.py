"""A statement that waits: its bytes, its signatures, and what it says, for who signs it.

Needs no network and no hub: on the machine where a key lies, this is all that runs. The file that
travels is metadata of The Update Framework; beside it, outside of what is signed, stands what is
published now, so that the signer sees what changes.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import CryptoSigner, Key, Signature
from tuf.api.metadata import Metadata, Root, Signed, Targets

from sharing.errors import MetadataRefused
from sharing.key_errors import OtherBytes
from sharing.manifest import metadata_in

_BEFORE = "published_before"


@dataclass(frozen=True)
class File:
    """A file that a statement names."""

    path: str
    sha256: str
    length: int


@dataclass(frozen=True)
class Told:
    """What a statement says, and what it changes; `digest` is of exactly what is signed.

    `keys` and `models` by role: of root the top-level roles, of targets the firms'.
    """

    kind: str
    number: int
    expires: datetime
    digest: str
    before: int
    files: tuple[File, ...]
    added: tuple[File, ...]
    removed: tuple[File, ...]
    keys: Mapping[str, tuple[int, tuple[str, ...]]]
    keys_before: Mapping[str, tuple[int, tuple[str, ...]]]
    models: Mapping[str, tuple[str, ...]]


def unsigned(body: Signed) -> bytes:
    """A statement without signatures."""
    metadata: Metadata[Any] = Metadata(body)
    return metadata.to_bytes()


def to_sign(statement: bytes, before: bytes | None) -> bytes:
    """The file that travels to who signs: the statement, and beside it what is published now."""
    document = json.loads(statement)
    document[_BEFORE] = json.loads(before) if before else None
    return json.dumps(document, indent=1, sort_keys=True).encode()


def before_in(file: bytes) -> bytes | None:
    """What is published now, as the file says that was made to be signed."""
    found = metadata_in(file, "statement").unrecognized_fields.get(_BEFORE)
    return json.dumps(found).encode() if isinstance(found, dict) else None


def told(file: bytes, *, compared: bool = True) -> Told:
    """What a file that is to be signed says, `compared` with what it says is published now.

    Raises MetadataRefused.
    """
    metadata = metadata_in(file, "statement")
    before = before_in(file) if compared else None
    old = metadata_in(before, "published_before").signed if before else None
    body = metadata.signed
    if not isinstance(body, Root | Targets) or (old is not None and old.type != body.type):
        raise MetadataRefused(name="statement", reason=f"it is {body.type} metadata")
    now, then = _files(body), _files(old)
    return Told(
        kind=body.type,
        number=body.version,
        expires=body.expires,
        digest=hashlib.sha256(metadata.signed_bytes).hexdigest(),
        before=old.version if old is not None else 0,
        files=tuple(now),
        added=tuple(each for each in now if each not in then),
        removed=tuple(each for each in then if each not in now),
        keys=_keys(body),
        keys_before=_keys(old),
        models=_models(body),
    )


def signed_by(file: bytes, signer: CryptoSigner) -> bytes:
    """The statement with this signature beside those that it bears already."""
    metadata = metadata_in(file, "statement")
    metadata.unrecognized_fields.pop(_BEFORE, None)
    metadata.sign(signer, append=True)
    return metadata.to_bytes()


def is_signed_by(data: bytes, key: Key) -> bool:
    """Whether a statement bears a signature of this key that holds."""
    metadata = metadata_in(data, "statement")
    return key.keyid in fitting(metadata.signed_bytes, metadata.signatures, [key])


def digest_of(statement: bytes) -> str:
    """SHA-256 of exactly what is signed."""
    return hashlib.sha256(metadata_in(statement, "statement").signed_bytes).hexdigest()


def signatures_in(upload: bytes, statement: bytes) -> dict[str, Signature]:
    """The signatures in a file that came back. Raises OtherBytes, MetadataRefused."""
    came, ours = metadata_in(upload, "upload"), metadata_in(statement, "statement")
    if came.signed_bytes != ours.signed_bytes:
        raise OtherBytes
    return dict(came.signatures)


def fitting(
    payload: bytes, signatures: Mapping[str, Signature], keys: Iterable[Key]
) -> dict[str, Signature]:
    """Those of the signatures that hold, by key; a key counts once, whatever its name."""
    found: dict[str, Signature] = {}
    for key in keys:
        signature = signatures.get(key.keyid)
        if signature is None:
            continue
        try:
            key.verify_signature(signature, payload)
        except UnverifiedSignatureError:
            continue
        found[key.keyid] = signature
    return found


def with_signatures(statement: bytes, signatures: Mapping[str, str]) -> bytes:
    """The statement with these signatures (key's id → signature in hex)."""
    metadata = metadata_in(statement, "statement")
    metadata.signatures = {name: Signature(name, text) for name, text in signatures.items()}
    return metadata.to_bytes()


def _files(body: Signed | None) -> list[File]:
    if not isinstance(body, Targets):
        return []
    rows = (File(path, f.hashes.get("sha256", ""), f.length) for path, f in body.targets.items())
    return sorted(rows, key=lambda each: each.path)


def _keys(body: Signed | None) -> dict[str, tuple[int, tuple[str, ...]]]:
    if isinstance(body, Root):
        return {name: (r.threshold, tuple(sorted(r.keyids))) for name, r in body.roles.items()}
    if isinstance(body, Targets) and body.delegations is not None:
        roles = (body.delegations.roles or {}).items()
        return {name: (role.threshold, tuple(sorted(role.keyids))) for name, role in roles}
    return {}


def _models(body: Signed) -> dict[str, tuple[str, ...]]:
    if not isinstance(body, Targets) or body.delegations is None:
        return {}
    roles = (body.delegations.roles or {}).items()
    return {name: tuple(p.split("/")[0] for p in role.paths or ()) for name, role in roles}
