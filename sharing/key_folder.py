"""The hub's own private keys, in its folder; read again as soon as a file there is another.

`online.pem` signs what no person signs. While it is being replaced, `online.next.pem` is there,
too: what is begun or delegated anew gets the new key, what still names the old one is signed by it.
"""

from pathlib import Path

from securesystemslib.signer import CryptoSigner

from sharing import manifest
from sharing.keyfile import kept

ONLINE, NEXT = "online.pem", "online.next.pem"


class KeyFolder:
    """Signers by the keys that are in the folder now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, tuple[tuple[int, int], CryptoSigner]] = {}

    def of(self, role: str) -> CryptoSigner:  # noqa: ARG002 - one key for every role
        """Who signs in a repository that is begun now: the newest key."""
        newest = self._signer(NEXT)
        if newest is None:
            kept(self.folder / ONLINE, manifest.new_key)
            newest = self._signer(ONLINE)
        if newest is None:  # it was taken away in this moment
            raise FileNotFoundError(self.folder / ONLINE)
        return newest

    def by_id(self, keyid: str) -> CryptoSigner | None:
        """The signer of a public key, if it is here."""
        for name in (ONLINE, NEXT):
            signer = self._signer(name)
            if signer is not None and signer.public_key.keyid == keyid:
                return signer
        return None

    def begin_next(self) -> CryptoSigner:
        """The key that is to come in place of the present one, made at first need."""
        kept(self.folder / NEXT, manifest.new_key)
        return self.of("root")

    def finish_next(self) -> None:
        """The new key is the only one; the old one is gone for good. Twice is as good as once."""
        if (self.folder / NEXT).exists():
            (self.folder / NEXT).replace(self.folder / ONLINE)

    def _signer(self, name: str) -> CryptoSigner | None:
        path = self.folder / name
        try:
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_ino)
            if name not in self._read or self._read[name][0] != stamp:
                self._read[name] = (stamp, manifest.signer_from(path.read_bytes()))
        except FileNotFoundError:
            self._read.pop(name, None)
            return None
        return self._read[name][1]
