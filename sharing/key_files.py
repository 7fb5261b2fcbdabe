"""Key files of people: an encrypted private key and its public half, made and read by a library.

Nothing here asks for a hub, a database or a network. A private key never comes to the hub.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from securesystemslib.signer import CryptoSigner, SSlibKey

from sharing.key_errors import KeyFileRefused

PASSPHRASE_LEAST = 8


def make(folder: Path, count: int, passphrase: str) -> list[Path]:
    """So many new pairs in a folder, `key-1.pem` with `key-1.pub` and so on; the public files.

    What is there is never overwritten: FileExistsError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(1, count + 1):
        key = Ed25519PrivateKey.generate()
        encrypted = key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
        )
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        _put(folder / f"key-{number}.pem", encrypted, 0o600)
        _put(folder / f"key-{number}.pub", public, 0o644)
        made.append(folder / f"key-{number}.pub")
    return made


def signer_in(path: Path, passphrase: str) -> CryptoSigner:
    """The signer of a private key file. Raises KeyFileRefused."""
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase.encode() or None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFileRefused(name=path.name) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileRefused(name=path.name)
    return CryptoSigner(key)


def public_key(pem: bytes, name: str = "") -> SSlibKey:
    """A public key as statements name it. Raises KeyFileRefused."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFileRefused(name=name[:80]) from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileRefused(name=name[:80])
    return SSlibKey.from_crypto(key)


def public_keys(files: Iterable[tuple[str, bytes]]) -> list[SSlibKey]:
    """Those of several files, (name, content). Raises KeyFileRefused."""
    return [public_key(content, name) for name, content in files]


def _put(path: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
