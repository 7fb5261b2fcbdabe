"""Puts the parts together once per process, and takes them apart again."""

import secrets
from pathlib import Path

from hub.data_folder import usable
from hub.db import Database
from hub.settings import Settings
from sharing.keyfile import kept
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
        store = Store.at(data / "store", settings.store_url, settings.store_endpoint)
        return Hub(settings, db, store, signing)
    except BaseException:
        db.close()
        raise


def secret(keys: Path, name: str) -> str:
    """A random secret of 32 bytes, made at first need and kept in the folder of keys."""
    made = kept(keys / name, lambda: secrets.token_hex(32).encode())
    return made.decode("ascii").strip()
