"""The key that signs certificates: made at first need, in a file that only the hub can read."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from courses.certificates import Issuer, public_jwk
from sharing.keyfile import kept

NAME = "상생허브 Sangsaeng Hub"
_FILE = "badge.pem"


def issuer_at(url: str, keys: Path) -> Issuer:
    """The hub at `url` as an issuer, with its key from the folder `keys`."""
    return Issuer(url=url, name=NAME, key=_key(keys / _FILE))


def trusted_keys(keys: Path) -> dict[str, Ed25519PublicKey]:
    """The public keys whose certificates count, by thumbprint.

    Besides the key in use that is every `badge-*.pem`: keys of earlier years, kept so that what
    they signed can still be checked.
    """
    public = [_key(keys / _FILE).public_key()]
    public += [_key(path).public_key() for path in sorted(keys.glob("badge-*.pem"))]
    return {public_jwk(key)["kid"]: key for key in public}


def _key(path: Path) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(kept(path, _fresh), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(path)
    return key


def _fresh() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
