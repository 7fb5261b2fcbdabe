"""The agent's folder: what lies where, and how it is written so that a power cut leaves no halves.

```
key.pem        made here, never leaves          state.sqlite   steps, outbox, counts
key.new.pem    while an enrolment is under way
hub.json       what enrolment gave              *.lock         held while it is at work
active.json    model → version that runs        agent.log
metadata/image, metadata/director               parts/         downloads under way
bundles/<model>/<version>/                      complete or absent
```
"""

import contextlib
import json
import os
import re
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from sharing.agent.errors import AgentBusy, HomeUnusable, NotEnrolled

DEFAULT = "~/.sangsaeng-agent"
_PATIENCE = 50
# Windows takes neither these names nor most punctuation in a file's name.
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")


class Enrolment(NamedTuple):
    """What the hub gave when this PC was connected."""

    url: str
    agent: str
    site: int
    site_name: str
    firm_name: str
    poll_seconds: float


class Running(NamedTuple):
    """One model that runs here, and what ran before it."""

    model: str
    version: str
    delivery: int
    since: str
    previous: str | None = None


class Home:
    """The agent's folder.

    Raises HomeUnusable where it cannot be made or written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().absolute()
        try:
            for part in (
                self.folder,
                self.parts,
                self.metadata("image"),
                self.metadata("director"),
            ):
                part.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HomeUnusable(home=self.folder, why=error.strerror or error) from error

    @property
    def key(self) -> Path:
        """The private key; readable by its owner alone."""
        return self.folder / "key.pem"

    @property
    def pending_key(self) -> Path:
        """The private key of an enrolment that waits for its answer."""
        return self.folder / "key.new.pem"

    @property
    def parts(self) -> Path:
        """Downloads under way."""
        return self.folder / "parts"

    @property
    def state(self) -> Path:
        """SQLite file of steps, outbox and counts."""
        return self.folder / "state.sqlite"

    @property
    def log(self) -> Path:
        """Log of `hub-agent run`."""
        return self.folder / "agent.log"

    def metadata(self, repository: str) -> Path:
        """Folder of one repository's trusted metadata."""
        return self.folder / "metadata" / repository

    @property
    def trusted_at(self) -> Path:
        """When this PC's clock was as signed lists were read and found in force."""
        return self.folder / "metadata" / "trusted-at"

    def root(self, repository: str) -> Path:
        """The root that enrolment gave: where trust begins."""
        return self.folder / "metadata" / f"{repository}-root.json"

    def bundle(self, model: str, version: str) -> Path:
        """Folder of an installed version: complete, or not there."""
        return self.folder / "bundles" / file_name(model) / file_name(version)

    def recipe(self, model: str, version: str, file: str) -> Path:
        """The list of chunks of an installed file, as the hub told it."""
        return self.folder / "recipes" / file_name(model) / file_name(version) / file

    def enrolment(self) -> Enrolment:
        """What the hub gave; raises NotEnrolled where it has given nothing."""
        try:
            return Enrolment(**json.loads((self.folder / "hub.json").read_text("utf-8")))
        except (FileNotFoundError, ValueError, TypeError) as error:
            raise NotEnrolled from error

    def enrolled(self, enrolment: Enrolment, roots: Mapping[str, bytes]) -> None:
        """Keep what the hub gave; hub.json last, because it says that all the rest is there."""
        for repository, root in roots.items():
            # Metadata of an earlier enrolment would be judged by the new root.
            shutil.rmtree(self.metadata(repository), ignore_errors=True)
            self.metadata(repository).mkdir(parents=True, exist_ok=True)
            replace(self.root(repository), root)
        replace(self.folder / "hub.json", as_json(enrolment._asdict()))

    def active(self) -> dict[str, Running]:
        """What runs here, by model."""
        try:
            told = json.loads((self.folder / "active.json").read_text("utf-8"))
        except FileNotFoundError:
            return {}
        return {model: Running(model=model, **entry) for model, entry in told.items()}

    def active_stamp(self) -> tuple[int, int]:
        """Changes whenever `active` may have changed; cheap enough for each request.

        Also within one beat of the clock that the system stamps files with (4 ms on Linux, more
        elsewhere): the new file was made while the old one was there, so it is another one.
        """
        try:
            found = (self.folder / "active.json").stat()
        except FileNotFoundError:
            return 0, 0
        return found.st_mtime_ns, found.st_ino

    def activate(self, running: Running) -> None:
        """Point at a version, in one step that happens or does not."""
        self._point({**self.active(), running.model: running})

    def deactivate(self, model: str) -> None:
        """Point at nothing for this model."""
        self._point({name: one for name, one in self.active().items() if name != model})

    def _point(self, active: Mapping[str, Running]) -> None:
        told = {
            model: {name: value for name, value in one._asdict().items() if name != "model"}
            for model, one in active.items()
        }
        replace(self.folder / "active.json", as_json(told))

    @contextlib.contextmanager
    def lock(self, what: str = "update") -> Iterator[None]:
        """Hold the folder for one piece of work; raises AgentBusy where another process has it.

        An SQLite transaction, because it works on every system and ends with its process.
        """
        connection = sqlite3.connect(
            self.folder / f"{what}.lock", timeout=0, isolation_level=None, check_same_thread=False
        )
        try:
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                raise AgentBusy(home=self.folder) from error
            yield
        finally:
            connection.close()


def file_name(word: str) -> str:
    """A name that every file system takes, different for different words.

    >>> file_name("injection-quality"), file_name("../etc"), file_name("con"), file_name("1.0")
    ('injection-quality', '%2E%2E%2Fetc', '%con', '1.0')
    """
    quoted = quote(word, safe="-_")
    if re.fullmatch(r"[\w-]+(\.[\w-]+)*", word, re.ASCII):
        quoted = word
    else:
        quoted = quoted.replace(".", "%2E")
    return f"%{quoted}" if _RESERVED.match(quoted) else quoted


def as_json(value: object) -> bytes:
    """JSON as the agent keeps it."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, also when the power goes."""
    half = path.with_name(f"{path.name}.new")
    with half.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _put_in_place(half, path)


def _put_in_place(half: Path, path: Path) -> None:
    # On Windows this fails for as long as another thread, or a virus scanner, reads the old file.
    for _ in range(_PATIENCE):
        try:
            half.replace(path)
        except PermissionError:
            time.sleep(0.02)
        else:
            return
    half.replace(path)


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads (where the system knows of owners)."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def read_json(path: Path) -> Any:
    """A JSON file; ValueError or OSError where it is none."""
    return json.loads(path.read_text("utf-8"))
