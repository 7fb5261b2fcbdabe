"""The data folder of a hub: it is there, it can be written, and one `hub up` at a time has it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.errors import DataFolderUnusable, HubRunning

LOCK = "hub.lock"


def usable(folder: Path) -> Path:
    """The folder, made where it was missing. Raises DataFolderUnusable where it cannot be written.

    >>> usable(Path("/dev/null/var"))
    Traceback (most recent call last):
    hub.errors.DataFolderUnusable: The data folder /dev/null/var cannot be used (...). ...
    """
    try:
        # Other accounts of the machine have no business here. An older folder stays as it is.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DataFolderUnusable(folder=str(folder.absolute()), reason=reason) from error


@contextmanager
def alone_in(folder: Path, address: str) -> Iterator[None]:
    """Keep the folder for this process while the block runs; `address` tells others where it is.

    The lock goes with the process, however that ends. Raises HubRunning where another has it.
    """
    if os.name != "posix":  # JupyterHub, and with it `hub up`, is at home on POSIX alone
        yield
        return
    import fcntl  # noqa: PLC0415 - POSIX alone has it

    with (folder / LOCK).open("a+", encoding="utf-8") as lock:
        lock.seek(0)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            there = lock.read(200).strip()
            raise HubRunning(folder=str(folder.absolute()), address=there) from error
        lock.truncate(0)
        lock.write(address)
        lock.flush()
        yield
