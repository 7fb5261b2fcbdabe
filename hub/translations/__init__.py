"""Translations: one po file a room under ko/, merged and compiled when the result is older.

msgids are the English texts, so English needs no catalogue.
"""

import os
import tempfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from hub.errors import TranslationsDisagree, TranslationsNotWritten

FOLDER = Path(__file__).parent
LOCALE = "ko"
DOMAIN = "messages"


def compiled(folder: Path = FOLDER) -> Path:
    """The folder to look translations up in, its catalogue as new as its po files.

    Raises TranslationsDisagree where two rooms translate one text differently, and
    TranslationsNotWritten where the catalogue is stale and cannot be written.
    """
    sources = sorted((folder / LOCALE).glob("*.po"))
    target = folder / LOCALE / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if not _fresh(target, sources):
        _write(target, merged(sources))
    return folder


def merged(sources: list[Path]) -> Catalog:
    """One catalogue of all the files. Raises TranslationsDisagree."""
    whole = Catalog(locale=LOCALE)
    origin: dict[object, tuple[Path, object]] = {}
    for path in sources:
        for message in read(path):
            first, known = origin.setdefault(message.id, (path, message.string))
            if known != message.string:
                raise TranslationsDisagree(text=_key(message), first=first.name, second=path.name)
            if any(message.string if isinstance(message.string, tuple) else (message.string,)):
                whole.add(message.id, message.string)
    return whole


def read(path: Path) -> list[Message]:
    """The messages of a po file, without its header."""
    with path.open("rb") as file:
        return [message for message in read_po(file, locale=LOCALE) if message.id]


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else str(message.id[0])


def _fresh(target: Path, sources: list[Path]) -> bool:
    if not target.exists():
        return False
    # The folder's own time changes when a file comes or goes; a file's when it is edited.
    newest = max(path.stat().st_mtime_ns for path in (target.parent.parent, *sources))
    return target.stat().st_mtime_ns >= newest


def _write(target: Path, catalog: Catalog) -> None:
    data = BytesIO()
    write_mo(data, catalog)
    name = ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{DOMAIN}-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data.getvalue())
        Path(name).chmod(0o644)
        Path(name).replace(target)  # whole or not at all, whoever else writes at the same time
    except OSError as error:
        with suppress(OSError):
            if name:
                Path(name).unlink()
        raise TranslationsNotWritten(folder=target.parent, reason=error.strerror) from error
