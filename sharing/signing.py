"""The signed repositories in a folder: who writes them, in which order, one writer at a time.

    image/                 N.root.json, N.snapshot.json, N.targets.json, timestamp.json,
                           N.publisher-<firm id>.json
    director/<site id>/    the same for each site

A reader may come at any moment: numbered files never change, and `timestamp.json`, which names
the newest of them, is put in place last. Writers in several processes take turns by a file lock.
"""

import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sharing import key_image, manifest
from sharing.errors import FileNotStored, NameRefused, OrderOvertaken, SharingError
from sharing.key_folder import KeyFolder
from sharing.key_image import Landed, Publisher, Wanted, landed, role_name
from sharing.manifest import Current, Signers, Target

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: one hub process writes, and takes no turns
    fcntl = None  # type: ignore[assignment]

_FILE = re.compile(r"(\d{1,9}\.(root|snapshot|targets|publisher-\d{1,12})|timestamp)\.json")
_REMEMBERED = 200  # deliveries of a site that were taken back; a worker is late by seconds


def keys_in(folder: Path) -> KeyFolder:
    """The hub's signing keys, made at first need; at first one online key signs every role."""
    keys = KeyFolder(folder)
    keys.of("root")
    return keys


class MetadataFolder:
    """One repository on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> Current | None:
        """The newest metadata, or None where nothing was begun."""
        try:
            timestamp = (self.folder / "timestamp.json").read_bytes()
        except FileNotFoundError:
            return None
        snapshot = (self.folder / manifest.newest_snapshot(timestamp)).read_bytes()
        names = manifest.newest_targets(snapshot)
        listed = {name: (self.folder / file).read_bytes() for name, file in names.items()}
        targets = listed.pop("targets")
        return Current(self.roots()[-1].read_bytes(), targets, snapshot, timestamp, listed)

    def roots(self) -> list[Path]:
        """Every root, oldest first: a client walks from the one that it knows to the last."""
        return sorted(self.folder.glob("*.root.json"), key=lambda p: int(p.name.split(".")[0]))

    def write(self, current: Current) -> None:
        """Put the files in place, the timestamp last; numbered files that are there stay."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, data in manifest.files_of(current).items():
            place = self.folder / name
            if name != "timestamp.json" and place.exists() and place.read_bytes() == data:
                continue
            _put(data, self.folder / f".{name}.{secrets.token_hex(4)}", place)


def _put(data: bytes, part: Path, place: Path) -> None:
    # On the disk before it has its name: after a power cut a file is whole or not there, and a
    # full disk leaves nothing behind.
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


def _keep_order(folder: Path, delivery: int, *, back: bool) -> None:
    # Asked in turn, and written down before the list is: a delivery goes one way only, so whoever
    # still says the other thing was overtaken. What was left by a crash is ordered again.
    place = folder / ".taken-back"
    try:
        taken = json.loads(place.read_bytes())
    except (FileNotFoundError, ValueError):
        taken = []
    if delivery in taken:
        if not back:
            raise OrderOvertaken(delivery=delivery)
    elif back:
        later = json.dumps([*taken, delivery][-_REMEMBERED:]).encode()
        _put(later, folder / f".taken-back.{secrets.token_hex(4)}", place)


class Signing:
    """The hub's two kinds of repository with the keys that sign them."""

    def __init__(self, folder: Path, keys: Signers, clock: Callable[[], datetime]) -> None:
        self.folder = folder
        self._keys = keys
        self._clock = clock

    def file(self, repository: str, name: str) -> Path:
        """Where a metadata file is: `image` or `director/<site id>`.

        Raises FileNotStored, NameRefused for whatever is no name of such a file.
        """
        if not _FILE.fullmatch(name) or not re.fullmatch(r"image|director/\d{1,12}", repository):
            raise NameRefused(name=name[:80])
        path = self.folder / repository / name
        if not path.is_file():
            raise FileNotStored(digest=name)
        return path

    def image_root(self) -> dict[str, Any]:
        """The first root of the image repository: what an agent is given to trust."""
        return self._root("image")

    def director_root(self, site_id: int) -> dict[str, Any]:
        """The first root of a site's own repository, begun here if it has none yet."""
        return self._root(f"director/{site_id}")

    def bring(self, wanted: Callable[[Current], Wanted]) -> Landed:
        """Bring the image repository to where it is wanted, as far as signatures are at hand.

        `wanted` is asked when it is our turn to write: whoever writes last knows the most.
        """
        self._begun("image")
        with self._turn("image") as folder:
            current = folder.current()
            if current is None:
                raise FileNotStored(digest="image")
            found = landed(current, wanted(current), self._keys, self._clock())
            if found.current != current:
                folder.write(found.current)
            return found

    def list_files(self, targets: Callable[[], Iterable[Target]]) -> int:
        """Let the image repository name these files and no others, all signed by the hub."""

        def one(_: Current) -> Wanted:
            files = tuple(targets())
            models = tuple({target.path.split("/")[0] for target in files})
            return Wanted((Publisher(role_name(0), models, targets=files),))

        return manifest.snapshot_of(self.bring(one).current)

    def image(self) -> Current:
        """The image repository as it is published."""
        return self._begun("image")

    @property
    def keys(self) -> Signers:
        """The private keys that are at hand."""
        return self._keys

    def listed(self) -> dict[str, Target]:
        """What the image repository names, by path."""
        return manifest.targets_of(self._begun("image"))

    def statement(self) -> int:
        """The number of the image repository's newest snapshot."""
        return manifest.snapshot_of(self._begun("image"))

    def assigned(self, site_id: int) -> dict[str, Target]:
        """What a site is to run, by path."""
        return manifest.targets_of(self._begun(f"director/{site_id}"))

    def assign(
        self,
        site_id: int,
        model: str,
        targets: Sequence[Target],
        *,
        delivery: int = 0,
        back: bool = False,
    ) -> int:
        """Let a site run these files as its version of a model; the statement's number.

        Other models of the site stay as they are; no files at all takes the model away. Saying
        the same again changes nothing. `delivery`: for which one this is said. Once it was taken
        `back`, a worker that comes late with the order to install it is refused: OrderOvertaken.
        """

        def change(before: dict[str, Target]) -> list[Target]:
            if delivery:
                _keep_order(self.folder / f"director/{site_id}", delivery, back=back)
            others = [t for path, t in before.items() if path.split("/")[0] != model]
            return [*others, *targets]

        return self._name(f"director/{site_id}", change)

    def tell_anew(self, site_id: int, told: Callable[[Target], Target]) -> int:
        """Say something else of files that a site's list names, read and written in one turn."""
        return self._name(f"director/{site_id}", lambda before: [told(t) for t in before.values()])

    def next_key(self) -> None:
        """Begin to replace the hub's own key: a new one, beside the present one."""
        if isinstance(self._keys, KeyFolder):
            self._keys.begin_next()

    def follow_new_key(self) -> bool:
        """Let every director have the hub's newest key; whether the old one is gone by now.

        It goes once the image repository does not name it any more either. Doing it again goes on
        where it was. Raises MetadataRefused, OSError where a repository is damaged.
        """
        for name in self._directors():
            with self._turn(name) as folder:
                current = folder.current()
                if current is not None:
                    later = manifest.rekeyed(current, self._keys, self._clock())
                    if later is not current:
                        folder.write(later)
        newest = self._keys.of("root").public_key.keyid
        over = key_image.held_by(self._begun("image"), self._keys) <= {newest}
        if over and isinstance(self._keys, KeyFolder):
            self._keys.finish_next()
        return over

    def _directors(self) -> list[str]:
        return [f"director/{p.name}" for p in sorted((self.folder / "director").glob("*"))]

    def renew(self) -> int:
        """Sign anew whatever nears its end, in every repository; how many were.

        One that is damaged does not keep the others from it: MetadataRefused or OSError, the first
        of them, is raised when all have been looked at.
        """
        names = ["image", *self._directors()]
        renewed, failures = 0, []
        for name in names:
            try:
                renewed += self._renew(name)
            except (SharingError, OSError) as error:
                failures.append(error)
        if failures:
            raise failures[0]
        return renewed

    def _renew(self, repository: str) -> bool:
        with self._turn(repository) as folder:
            current = folder.current()
            if current is None:
                return False
            later = manifest.renewed(current, self._keys, self._clock())
            if later is not current:
                folder.write(later)
            return later is not current

    def _name(self, repository: str, change: Callable[[dict[str, Target]], list[Target]]) -> int:
        with self._turn(repository) as folder:
            current = folder.current() or manifest.begin(self._keys, self._clock())
            before = manifest.targets_of(current)
            after = change(before)
            if {t.path: t for t in after} != before or folder.current() is None:
                current = manifest.with_targets(current, after, self._keys, self._clock())
                folder.write(current)
            return manifest.version_of(current)

    def _root(self, repository: str) -> dict[str, Any]:
        self._begun(repository)
        first = MetadataFolder(self.folder / repository).roots()[0]
        root: dict[str, Any] = json.loads(first.read_bytes())
        return root

    def _begun(self, repository: str) -> Current:
        current = MetadataFolder(self.folder / repository).current()
        if current is None:
            self._name(repository, lambda before: list(before.values()))
            current = MetadataFolder(self.folder / repository).current()
        if current is None:
            raise FileNotStored(digest=repository)
        return current

    @contextmanager
    def _turn(self, repository: str) -> Iterator[MetadataFolder]:
        folder = self.folder / repository
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("ab") as lock:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield MetadataFolder(folder)
