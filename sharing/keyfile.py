"""A secret in a file: made at first need, for its owner alone, the same for every process."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """What the file holds; `make` is asked where there is none yet.

    Several processes may be here at once: the first decides, the others read what it made. After a
    power cut the file is whole or not there.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _put(path, make())
    return path.read_bytes()


def _put(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # A link, not a rename: it fails where another process was first, and theirs counts.
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)
