"""A content-addressed store: a file is found by its SHA-256, and is what its name says.

A file is kept as chunks that are cut by content (sharing.recipe), each once, however many files
share it; `files/…` holds each file's list of chunks, written when all of them are there. Whatever
is handed out was checked, chunk by chunk, and never lies in memory as a whole. Knows no database.
"""

import hashlib
import mmap
import os
import re
import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path
from threading import Lock
from time import time
from typing import NamedTuple

from fastcdc import fastcdc

from sharing.blobs import Blobs, Bucket, Folder, Kept
from sharing.errors import FileNotStored, StoreDamaged
from sharing.recipe import LEAST, MOST, USUAL, Chunk, read, written

_PIECE = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")
# A chunk that nobody needs stays this long: whoever is just putting a file that holds it has long
# ended by then. Half of it: a chunk that old is written anew, so that no sweep takes it meanwhile.
GRACE = timedelta(days=1)
# So long a file that was put together for sending is used; then it is put together, and checked,
# anew. Half a day: what rots on a disk is met within it, and what nobody asks for takes no room.
READY_SECONDS = 12 * 3600.0


class Stored(NamedTuple):
    """Digest (SHA-256, hexadecimal) and length in bytes of a stored file."""

    sha256: str
    length: int


class Swept(NamedTuple):
    """What a sweep took away: files, chunks."""

    files: int
    chunks: int


class Store:
    """Files by digest. `scratch` is a folder of this machine for what is on its way."""

    def __init__(self, blobs: Blobs, scratch: Path) -> None:
        self._blobs = blobs
        self._scratch = scratch
        scratch.mkdir(parents=True, exist_ok=True)
        self._ready = scratch.parent / "ready"
        self._ready.mkdir(exist_ok=True)
        self._turn = Lock()

    @classmethod
    def at(cls, folder: Path, bucket: str = "", endpoint: str = "") -> "Store":
        """The store in that folder, or in the bucket of an address like `s3://name/part`."""
        store = cls(Bucket(bucket, endpoint) if bucket else Folder(folder), folder / "scratch")
        store._adopt(folder)
        return store

    def ping(self) -> None:
        """Raise OSError where nothing could be written here."""
        self._blobs.ping()

    def holds(self, digest: str) -> bool:
        """Whether the file is here."""
        return bool(_DIGEST.fullmatch(digest)) and self._blobs.at(_file(digest)) is not None

    def put(self, data: bytes) -> Stored:
        """Keep these bytes."""
        return self.put_chunks(iter((data,)))

    def put_file(self, path: Path) -> Stored:
        """Keep a copy of a file, read piece by piece."""
        with path.open("rb") as file:
            return self.put_chunks(iter(lambda: file.read(_PIECE), b""))

    def put_chunks(self, pieces: Iterator[bytes]) -> Stored:
        """Keep what arrives piece by piece; no file is listed where the source fails."""
        part = self._scratch / secrets.token_hex(8)
        digest, length = hashlib.sha256(), 0
        try:
            with part.open("xb") as file:
                for piece in pieces:
                    digest.update(piece)
                    length += file.write(piece)
            self._keep(part, digest.hexdigest())
        finally:
            part.unlink(missing_ok=True)
        return Stored(digest.hexdigest(), length)

    def told(self, digest: str) -> bytes:
        """The file's chunks in order, as text that sharing.recipe reads. Raises FileNotStored."""
        return self._told(digest)[1]

    def recipe(self, digest: str) -> list[Chunk]:
        """The file's chunks in order. Raises FileNotStored (also for what is no digest)."""
        length, lines = self._told(digest)
        try:
            return read(lines, int(length))
        except ValueError as error:
            raise StoreDamaged(digest=digest) from error

    def _told(self, digest: str) -> tuple[bytes, bytes]:
        text = self._blobs.get(_file(digest)) if _DIGEST.fullmatch(digest) else None
        if text is None:
            raise FileNotStored(digest=digest[:64])
        length, _, lines = text.partition(b"\n")
        return length, lines

    def read(self, digest: str) -> bytes:
        """The whole file, checked. Raises FileNotStored, StoreDamaged."""
        return b"".join(self.chunks(digest))

    def chunks(self, digest: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The file from one byte up to another, piece by piece.

        Raises FileNotStored, StoreDamaged where a chunk is not what it was.
        """
        return self.pieces(digest, self.recipe(digest), start, stop)

    def pieces(
        self, digest: str, chunks: list[Chunk], start: int, stop: int | None
    ) -> Iterator[bytes]:
        """The same, where the list of chunks is at hand."""
        end = (chunks[-1].stop if chunks else 0) if stop is None else stop
        for chunk in chunks:
            if chunk.stop <= start or chunk.start >= end:
                continue
            data = self._blobs.get(_chunk(chunk.sha256))
            if data is None or hashlib.sha256(data).hexdigest() != chunk.sha256:
                raise StoreDamaged(digest=digest)
            yield data[max(0, start - chunk.start) : end - chunk.start]

    @contextmanager
    def local(self, digest: str) -> Iterator[Path]:
        """A copy of the file on this machine, for programs that want a path; gone afterwards."""
        part = self._scratch / secrets.token_hex(8)
        try:
            with part.open("xb") as file:
                for piece in self.chunks(digest):
                    file.write(piece)
            yield part
        finally:
            part.unlink(missing_ok=True)

    def opened(self, digest: str) -> FileIO:
        """The whole file, open at its beginning: for a server that sends it to many.

        It was put together from its chunks on this machine, each checked, by whoever asked first;
        the others wait for that and then find it. Raises FileNotStored, StoreDamaged, OSError.
        """
        if not _DIGEST.fullmatch(digest):
            raise FileNotStored(digest=digest[:64])
        place = self._ready / digest
        found = _fresh(place)
        if found is not None:
            return found
        with self._turn:
            found = _fresh(place)
            if found is not None:
                return found
            self._tidy()
            with self.local(digest) as part:
                with part.open("rb+") as file:
                    os.fsync(file.fileno())  # with its name it has its content, come what may
                opened = FileIO(part)
                part.replace(place)
            return opened

    def _tidy(self) -> None:
        for old in self._ready.iterdir():
            with suppress(OSError):  # gone already, or on Windows: somebody is reading it
                if time() - old.stat().st_mtime > READY_SECONDS:
                    old.unlink()

    def sweep(self, wanted: Collection[str], at: datetime, grace: timedelta = GRACE) -> Swept:
        """Take away files that are not wanted and chunks of no file, both older than `grace`.

        Others may put files meanwhile: they write anew what is half as old, and look once more
        when they are done. A chunk that a file came to need while it was being taken away is put
        back. Raises StoreDamaged, before anything is gone, where a list of chunks is unreadable.
        """
        files = set(self._blobs.names("files/"))
        old = {kept for kept in files if at - kept.at > grace and _last(kept) not in wanted}
        candidates = [kept for kept in self._blobs.names("chunks/") if at - kept.at > grace]
        needed = self._needed(files - old)
        self._tidy()
        gone = sum(self._forget(kept.name, at, grace) for kept in old)
        taken = [kept.name for kept in candidates if _last(kept) not in needed]
        return Swept(gone, sum(self._take(name, at, grace, files - old) for name in taken))

    def _adopt(self, folder: Path) -> None:
        # Until November 2026 a file lay there as a whole. Another process may do the same.
        for old in folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            with suppress(FileNotFoundError):
                self.put_file(old)
                old.unlink()

    def _forget(self, name: str, at: datetime, grace: timedelta) -> bool:
        written_at = self._blobs.at(name)
        if written_at is None or at - written_at <= grace:
            return False  # somebody has put it again
        self._blobs.remove(name)
        return True

    def _take(self, name: str, at: datetime, grace: timedelta, known: set[Kept]) -> bool:
        written_at, data = self._blobs.at(name), self._blobs.get(name)
        if written_at is None or data is None or at - written_at <= grace:
            return False
        self._blobs.remove(name)
        if name.rsplit("/", 1)[1] in self._needed(set(self._blobs.names("files/")) - known):
            self._blobs.put(name, data)
            return False
        return True

    def _needed(self, files: Iterable[Kept]) -> set[str]:
        found: set[str] = set()
        for kept in files:
            with suppress(FileNotStored):  # swept by another
                found.update(chunk.sha256 for chunk in self.recipe(_last(kept)))
        return found

    def _keep(self, part: Path, digest: str) -> None:
        length = part.stat().st_size
        with part.open("rb") as file:
            if not length:
                self._blobs.put(_file(digest), b"0\n")
                return
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                chunks = cut(data)
                for chunk in chunks:
                    self._keep_chunk(chunk, data)
                self._blobs.put(_file(digest), f"{length}\n".encode() + written(chunks))
                for chunk in chunks:
                    # A sweep that began before the list was written may have taken one of them.
                    if self._blobs.at(_chunk(chunk.sha256)) is None:
                        self._blobs.put(_chunk(chunk.sha256), data[chunk.start : chunk.stop])

    def _keep_chunk(self, chunk: Chunk, data: mmap.mmap) -> None:
        at = self._blobs.at(_chunk(chunk.sha256))
        if at is None or datetime.now(UTC) - at > GRACE / 2:
            self._blobs.put(_chunk(chunk.sha256), data[chunk.start : chunk.stop])


def _fresh(place: Path) -> FileIO | None:
    try:
        file = FileIO(place)
    except FileNotFoundError:
        return None
    if time() - os.fstat(file.fileno()).st_mtime <= READY_SECONDS:
        return file
    file.close()
    return None


def cut(data: bytes | mmap.mmap) -> list[Chunk]:
    """The chunks of a file's content."""
    return [
        Chunk(hashlib.sha256(data[c.offset : c.offset + c.length]).hexdigest(), c.length, c.offset)
        for c in fastcdc(data, LEAST, USUAL, MOST)
    ]


def _file(digest: str) -> str:
    return f"files/{digest[:2]}/{digest}"


def _chunk(digest: str) -> str:
    return f"chunks/{digest[:2]}/{digest[2:4]}/{digest}"


def _last(kept: Kept) -> str:
    return kept.name.rsplit("/", 1)[1]
