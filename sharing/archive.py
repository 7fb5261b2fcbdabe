"""Reads an uploaded ZIP archive into the files of a bundle, whatever the archive tries."""

import io
import lzma
import struct
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import BinaryIO

from sharing.faults import Fault
from sharing.gate import LARGEST

_MOST_ENTRIES = 50
# Whatever zipfile and the decompressors below it raise at bytes that are not what they say.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
_LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


def files_from_zip(archive: BinaryIO | bytes) -> tuple[dict[str, bytes], list[Fault]]:
    """The files of a bundle and what could not be taken. One folder around them is ignored.

    Nothing is written anywhere; an entry is read up to the size that its name may have.

    >>> files_from_zip(b"no zip")[1][0].code
    'archive_unreadable'
    """
    source = io.BytesIO(archive) if isinstance(archive, bytes) else archive
    try:
        with zipfile.ZipFile(source) as opened:
            return _read(opened)
    except _DAMAGED:
        return {}, [Fault("archive_unreadable")]


def _read(opened: zipfile.ZipFile) -> tuple[dict[str, bytes], list[Fault]]:
    files: dict[str, bytes] = {}
    faults = []
    for entry in opened.infolist()[:_MOST_ENTRIES]:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if entry.is_dir() or any(part in _LITTER for part in path.parts):
            continue
        if path.is_absolute() or ".." in path.parts or len(path.parts) > 2 or path.name in files:
            faults.append(Fault("archive_entry", {"file": entry.filename[:80]}))
            continue
        if path.name not in LARGEST:
            faults.append(Fault("file_unknown", {"file": path.name[:80]}))
            continue
        with opened.open(entry) as file:
            # one byte more than allowed, so that the gate sees that it is too much
            files[path.name] = file.read(LARGEST[path.name] + 1)
    return files, faults
