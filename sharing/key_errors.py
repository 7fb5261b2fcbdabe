"""What can go wrong with keys and with statements that wait for signatures.

SharingError
├── KeyElsewhere (RuntimeError)
├── KeySetNotFound, StatementNotFound (LookupError)
├── KeyFileRefused, ThresholdRefused (ValueError)
├── StatementOver, OtherBytes, NoSignatureFits (ValueError)
└── VersionAwaits (ValueError)
"""

from sharing.errors import SharingError


class KeyElsewhere(SharingError, RuntimeError):
    """A role whose key the hub does not hold."""

    text = "The hub does not hold the key that signs %(role)s."


class KeySetNotFound(SharingError, LookupError):
    """The firm has registered no keys of its own."""

    text = "This firm has no keys of its own. The hub signs for it."


class StatementNotFound(SharingError, LookupError):
    """No statement has that number (or the asker may not know of it)."""

    text = "There is no statement %(statement)s here."


class KeyFileRefused(SharingError, ValueError):
    """Not a key in PEM, or not with this passphrase."""

    text = (
        "%(name)s cannot be used: a PEM file with an Ed25519 key is expected, "
        "and for a private key its passphrase."
    )


class ThresholdRefused(SharingError, ValueError):
    """Fewer keys than signatures that are asked for, or the same key twice."""

    text = (
        "%(threshold)s signatures cannot be asked of %(count)s keys. "
        "Give each key once, and at least as many keys as signatures."
    )


class StatementOver(SharingError, ValueError):
    """A statement that was published, or in whose place something newer stands."""

    text = "Statement %(statement)s waits for no signature any more. Please fetch what waits now."


class OtherBytes(SharingError, ValueError):
    """The file that was signed is not the one that waits."""

    text = "What was signed is not what waits here: not a byte may differ. Nothing was taken."


class NoSignatureFits(SharingError, ValueError):
    """Not one signature of a key that may sign here."""

    text = "No signature in this file is by a key that may sign this statement. Nothing was taken."


class VersionAwaits(SharingError, ValueError):
    """A version that is not published yet cannot be rolled out."""

    text = (
        "Version %(version)s of %(model)s waits for signatures. "
        "It can be rolled out once enough keys have signed."
    )
