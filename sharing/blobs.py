"""Where the store keeps its pieces: a folder, or a bucket of an S3-compatible service.

Both know names of parts divided by slashes, hand out ranges, and replace a piece as a whole.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol


class Kept(NamedTuple):
    """A piece: its name, and when it was last written."""

    name: str
    at: datetime


class Blobs(Protocol):
    """What the store asks of a place."""

    def put(self, name: str, data: bytes) -> None:
        """Keep these bytes under that name, all of them or none."""

    def get(self, name: str) -> bytes | None:
        """The bytes of that name, None where there are none."""

    def at(self, name: str) -> datetime | None:
        """When they were last written, None where there are none."""

    def remove(self, name: str) -> None:
        """Take a piece away; no fault where it is not there."""

    def names(self, prefix: str) -> Iterator[Kept]:
        """All pieces whose names begin with a part, in no order."""

    def ping(self) -> None:
        """Raise OSError where nothing could be written here."""


class Folder:
    """Pieces as files, written beside and renamed into place: a reader never meets half a one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._incoming = folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def put(self, name: str, data: bytes) -> None:
        """Keep these bytes under that name, all of them or none."""
        part, place = self._incoming / secrets.token_hex(8), self.folder / name
        try:
            with part.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            place.parent.mkdir(parents=True, exist_ok=True)
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)

    def get(self, name: str) -> bytes | None:
        """The bytes of that name, None where there are none."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def at(self, name: str) -> datetime | None:
        """When they were last written, None where there are none."""
        try:
            return datetime.fromtimestamp((self.folder / name).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def remove(self, name: str) -> None:
        """Take a piece away; no fault where it is not there."""
        (self.folder / name).unlink(missing_ok=True)

    def names(self, prefix: str) -> Iterator[Kept]:
        """All pieces whose names begin with a part, in no order."""
        for path in (self.folder / prefix).rglob("*"):
            with suppress(FileNotFoundError):  # taken away meanwhile
                if path.is_file():
                    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                    yield Kept(path.relative_to(self.folder).as_posix(), at)

    def ping(self) -> None:
        """Raise OSError where nothing could be written here."""
        probe = self._incoming / f"ping-{secrets.token_hex(4)}"
        probe.write_bytes(b"")
        probe.unlink()


class Bucket:
    """Pieces as objects; key and region come from the usual AWS_… variables.

    Through obstore: one wheel without dependencies, around Apache Arrow's client for object stores.
    """

    def __init__(self, url: str, endpoint: str = "") -> None:
        # Only a hub that keeps its files in a bucket needs it.
        from obstore.store import S3Store  # noqa: PLC0415

        options: dict[str, Any] = {}
        if endpoint:
            options = {
                "endpoint": endpoint,
                "client_options": {"allow_http": endpoint.startswith("http://")},
            }
        self._store = S3Store.from_url(url, **options)

    def put(self, name: str, data: bytes) -> None:
        """Keep these bytes under that name, all of them or none."""
        self._store.put(name, data)

    def get(self, name: str) -> bytes | None:
        """The bytes of that name, None where there are none."""
        try:
            return bytes(self._store.get(name).bytes())
        except FileNotFoundError:
            return None

    def at(self, name: str) -> datetime | None:
        """When they were last written, None where there are none."""
        try:
            at: datetime = self._store.head(name)["last_modified"]
        except FileNotFoundError:
            return None
        return at

    def remove(self, name: str) -> None:
        """Take a piece away; no fault where it is not there."""
        with suppress(FileNotFoundError):
            self._store.delete(name)

    def names(self, prefix: str) -> Iterator[Kept]:
        """All pieces whose names begin with a part, in no order."""
        for some in self._store.list(prefix):
            for each in some:
                yield Kept(each["path"], each["last_modified"])

    def ping(self) -> None:
        """Raise OSError where nothing could be written here."""
        name = f"incoming/ping-{secrets.token_hex(4)}"
        try:
            self._store.put(name, b"-")
            self._store.delete(name)
        except Exception as error:  # obstore's errors have no common parent but this one
            raise OSError(str(error)) from error
