"""Folders and processes that a local Ray leaves when its worker is killed, cleared by the next one.

Whoever starts a Ray locks a file in its folder. The kernel lets go of the lock when that process
ends, however it ends; a folder whose lock can be had is nobody's any more. The folder's name is
random, and stands in the command lines of the processes that belong to it.
"""

import contextlib
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)

_PREFIX, _LOCK = "hub-ray-", "owner.lock"


def new_folder() -> tuple[Path, IO[bytes] | None]:
    """A folder for a Ray of this process, and the open lock that says it is ours."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_where()))
    return folder, _locked(folder)


def clear() -> int:
    """End and remove what dead workers of this account left; how many folders those were."""
    gone = 0
    for folder in Path(_where()).glob(f"{_PREFIX}*"):
        # without the file it is another program's, or one that is just coming up
        lock = _locked(folder) if (folder / _LOCK).exists() and _ours(folder) else None
        if lock is not None:
            with lock:
                _end(folder)
                shutil.rmtree(folder, ignore_errors=True)
            log.warning("cleared away what a worker that is gone left in %s", folder)
            gone += 1
    return gone


def _where() -> str:
    # The path of a Unix socket may have 107 characters, and Ray puts 79 of its own below this.
    usual = tempfile.gettempdir()
    fits = len(usual) <= 28 or os.name == "nt"
    return usual if fits else "/tmp"  # noqa: S108


def _ours(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return os.name == "posix" and folder.stat().st_uid == os.getuid()
    return False


def _locked(folder: Path) -> IO[bytes] | None:
    """The folder's lock, open and held; None where another process has it, or none can be had."""
    try:
        import fcntl  # noqa: PLC0415 - POSIX alone has it
    except ImportError:
        return None
    try:
        lock = (folder / _LOCK).open("ab")
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def _end(folder: Path) -> None:
    for number in _processes_of(folder):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(number, signal.SIGKILL)


def _processes_of(folder: Path) -> Iterator[int]:
    # Ray's own daemons carry the folder in their arguments; its workers end with them.
    mark = f"{folder}/".encode()
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int(place.name) != os.getpid() and mark in (place / "cmdline").read_bytes():
                yield int(place.name)
