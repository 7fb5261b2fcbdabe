"""Files of the watched folder: which are looked at, where they go, what they are called there."""

import os
import re
from itertools import count
from pathlib import Path

from sharing.agent.home import file_name

OURS = ("out", "done", "failed")
TABLES = (".csv", ".tsv", ".txt")
SHEETS = (".xls", ".xlsx", ".xlsm", ".xlsb", ".ods")
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)")
_LONGEST = 180  # bytes of a name, so that .part and (2) find room


def folder_of(model: str) -> str:
    """The folder for a model's files.

    >>> folder_of("injection-quality"), folder_of("out")
    ('injection-quality', '%out')
    """
    name = file_name(model)
    return f"%{name}" if name.casefold() in OURS else name


def mark_of(file: Path) -> list[int] | None:
    """Size and time of a file; None if it is gone. Raises OSError where it is held."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return [found.st_size, found.st_mtime_ns]


def files_in(folder: Path) -> list[Path]:
    """Tables and spreadsheets; half-written downloads have other endings."""
    found = [
        Path(entry.path)
        for entry in os.scandir(folder)
        if entry.is_file(follow_symlinks=False)
        and not entry.name.startswith((".", "~$"))
        and entry.name == entry.name.encode("utf-8", "ignore").decode()
    ]
    return sorted(file for file in found if file.suffix.lower() in (*TABLES, *SHEETS))


def made(folder: Path) -> None:
    """Make the folders for what comes out."""
    for part in OURS:
        (folder / part).mkdir(parents=True, exist_ok=True)


def free_name(file: Path, taken: set[str]) -> str:
    """A name that neither a result nor an original has: yesterday's file of this name stays."""
    stem, ending = safe_name(file.stem), file.suffix
    for number in count(1):
        name = f"{stem}{ending}" if number == 1 else f"{stem} ({number}){ending}"
        there = [file.parent / part / name for part in OURS]
        there.append(file.parent / "failed" / f"{name}.txt")
        if name not in taken and not any(each.exists() for each in there):
            return name
    raise AssertionError


def safe_name(stem: str) -> str:
    """The same name, as every system takes it.

    >>> safe_name("생산 실적"), safe_name("con"), safe_name("a:b. ")
    ('생산 실적', '_con', 'a_b')
    """
    taken = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", stem).rstrip(". ")
    taken = taken.encode("utf-8", "replace")[:_LONGEST].decode("utf-8", "ignore") or "_"
    return f"_{taken}" if _RESERVED.match(taken) else taken
