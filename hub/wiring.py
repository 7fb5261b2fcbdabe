"""Puts the parts together once per process, and takes them apart again."""

import os
import secrets
from pathlib import Path

from hub.data_folder import usable
from hub.db import Database
from hub.settings import Settings
from sharing.signing import Signing, keys_in
from sharing.store import Store
from supplychain.tables import now


class Hub:
    """The parts that pages, API, commands and worker share."""

    def __init__(self, settings: Settings, db: Database, store: Store, signing: Signing) -> None:
        self.settings = settings
        self.db = db
        self.store = store
        self.signing = signing

    @property
    def keys(self) -> Path:
        """Folder of the hub's own keys, readable by its user alone."""
        return self.settings.data / "keys"

    def close(self) -> None:
        """Give back what was opened."""
        self.db.close()


def wire(settings: Settings) -> Hub:
    """Open database, store and keys. Closes what it opened where a later part fails."""
    # Flask takes what is not absolute to lie beside its own code.
    data = usable(settings.data).resolve()
    keys = data / "keys"
    keys.mkdir(parents=True, exist_ok=True)
    keys.chmod(0o700)
    db = Database(settings.database)
    try:
        db.reach()
        signing = Signing(data / "tuf", keys_in(keys), now)
        return Hub(settings, db, Store(data / "store"), signing)
    except BaseException:
        db.close()
        raise


def secret(keys: Path, name: str) -> str:
    """A random secret of 32 bytes that is made at first need and kept in the folder of keys.

    Several processes may ask at once: the one that creates the file first decides.
    """
    path = keys / name
    fresh = keys / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
    if not path.exists():
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        try:
            # A link, not a rename: it fails where another process was first.
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii").strip()
