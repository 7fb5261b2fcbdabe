"""Everyone's own plant: seeds that a learner cannot guess. Pure.

A seed is derived with the hub's secret, so that the data can be made again at any time without
being stored, and neither the plant's truth nor a hold-out can be computed inside a notebook.
"""

import hmac
from hashlib import sha256


def seed_for(secret: bytes, lab: str, learner: str, purpose: str = "plant") -> int:
    """A seed of 63 bits for one person's lab and one purpose (HMAC-SHA256, RFC 2104).

    >>> seed_for(b"s", "first-look", "u-1") == seed_for(b"s", "first-look", "u-1")
    True
    >>> seed_for(b"s", "first-look", "u-1") == seed_for(b"s", "first-look", "u-2")
    False
    """
    message = f"{lab}\x1f{learner}\x1f{purpose}".encode()
    return int.from_bytes(hmac.new(secret, message, sha256).digest()[:8], "big") >> 1
