"""Kept spreadsheets, opened again for each step of an upload; the last few stay at hand.

A file lies in the store under its digest, so what was read of it once stays true.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from io import BytesIO
from threading import Lock
from typing import Generic, TypeVar

from hub.wiring import Hub
from supplychain.columns import Layout
from supplychain.reading import Draft, Reading, open_sheet
from supplychain.sheet import Limits
from supplychain.tables import Sheet

T = TypeVar("T")
_AT_HAND = 4
_LARGE = 150_000  # rows; a sheet with more is read anew


class _Recent(Generic[T]):
    """The last few of something that takes long to make, where it is worth its memory."""

    def __init__(self, worth: Callable[[T], bool]) -> None:
        self._worth = worth
        self._known: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The one of that key, made where it is not at hand."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        made = make()
        if self._worth(made):
            with self._lock:
                self._known[key] = made
                while len(self._known) > _AT_HAND:
                    self._known.popitem(last=False)
        return made


_drafts: _Recent[Draft] = _Recent(lambda draft: draft.table.length <= _LARGE)


def limits_of(hub: Hub) -> Limits:
    """How large a sheet may be here."""
    return Limits(megabytes=hub.settings.max_upload_mb)


def keep(hub: Hub, content: bytes, file: str, tab: str = "") -> tuple[str, Draft]:
    """Open a file that somebody sends and keep it; its digest. Raises SheetRefused: not kept."""
    draft = open_sheet(BytesIO(content), file, tab, limits_of(hub))
    sha256 = hub.store.put(content).sha256
    for asked in {tab, draft.table.tab}:
        _drafts.get(_key(hub, sha256, file, asked), lambda: draft)
    return sha256, draft


def draft_of(hub: Hub, sha256: str, file: str, tab: str) -> Draft:
    """A kept file, opened; raises SheetRefused and FileNotStored."""

    def make() -> Draft:
        with hub.store.local(sha256) as place, place.open("rb") as source:
            return open_sheet(source, file, tab, limits_of(hub))

    return _drafts.get(_key(hub, sha256, file, tab), make)


def _key(hub: Hub, sha256: str, file: str, tab: str) -> Hashable:
    return str(hub.settings.data), sha256, file, tab


def reading_of(hub: Hub, sheet: Sheet) -> Reading:
    """A sheet, read by the layout that was chosen for it, or guessed; raises SheetRefused."""
    draft = draft_of(hub, sheet.sha256, sheet.file_name, sheet.tab)
    return draft.read(None if sheet.layout is None else Layout.model_validate(sheet.layout))
