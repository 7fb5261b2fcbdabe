"""A content-addressed store: a file is found by its SHA-256, and is what its name says.

Two levels of folders, files written beside and renamed into place, so a reader never meets half a
file and two writers of the same content do each other no harm. Knows no database.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from sharing.errors import FileNotStored, StoreDamaged

_CHUNK = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Stored(NamedTuple):
    """Digest (SHA-256, hexadecimal) and length in bytes of a stored file."""

    sha256: str
    length: int


class Store:
    """Files in a folder, by digest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._incoming = folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def ping(self) -> None:
        """Raise OSError where nothing could be written here."""
        probe = self._incoming / f"ping-{secrets.token_hex(4)}"
        probe.write_bytes(b"")
        probe.unlink()

    def path(self, digest: str) -> Path:
        """Where the file with that digest is. Raises FileNotStored (also for what is no digest)."""
        place = self._place(digest)
        if not place.is_file():
            raise FileNotStored(digest=digest)
        return place

    def holds(self, digest: str) -> bool:
        """Whether the file is here."""
        return self._place(digest).is_file()

    def put(self, data: bytes) -> Stored:
        """Keep these bytes."""
        return self.put_chunks(iter((data,)))

    def put_file(self, path: Path) -> Stored:
        """Keep a copy of a file, read piece by piece."""
        with path.open("rb") as file:
            return self.put_chunks(iter(lambda: file.read(_CHUNK), b""))

    def put_chunks(self, chunks: Iterator[bytes]) -> Stored:
        """Keep what arrives piece by piece; nothing is left behind where the source fails."""
        part = self._incoming / secrets.token_hex(8)
        digest, length = hashlib.sha256(), 0
        try:
            with part.open("xb") as file:
                for chunk in chunks:
                    digest.update(chunk)
                    length += file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            place = self._place(digest.hexdigest())
            place.parent.mkdir(parents=True, exist_ok=True)
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
        return Stored(digest.hexdigest(), length)

    def read(self, digest: str) -> bytes:
        """The whole file, checked. Raises FileNotStored, StoreDamaged."""
        return b"".join(self.chunks(digest))

    def chunks(self, digest: str) -> Iterator[bytes]:
        """The file piece by piece; StoreDamaged at its end where it is not what it was."""
        seen = hashlib.sha256()
        with self.open(digest) as file:
            while chunk := file.read(_CHUNK):
                seen.update(chunk)
                yield chunk
        if seen.hexdigest() != digest:
            raise StoreDamaged(digest=digest)

    def open(self, digest: str) -> BinaryIO:
        """The file for reading from any place in it; unchecked, so the reader has to check."""
        return self.path(digest).open("rb")

    def _place(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise FileNotStored(digest=digest[:64])
        return self.folder / digest[:2] / digest[2:4] / digest
