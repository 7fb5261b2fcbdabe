"""Which cells of an XLS file are in per cent. Standard library only.

A cell in per cent holds 0.3 and shows 30 %: its number format tells, and readers of values do not.
The workbook is a stream of records ([MS-XLS] 2.1.4) in a compound file ([MS-CFB]); of those few
are looked at. A file that is not as it should be has no marks: whoever reads the values judges it.
"""

import re
import struct
from collections.abc import Iterator

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA  # and above: no sector
_BUILT_IN = {9, 10}  # 0% and 0.00%
_MOST = 64 << 20
# Records: [MS-XLS] 2.3
_BOUNDSHEET, _FORMAT, _XF, _EOF = 0x85, 0x41E, 0xE0, 0x0A
_NUMBER, _RK, _MULRK, _FORMULA = 0x203, 0x27E, 0xBD, 0x06


def percent_cells(content: bytes, index: int) -> Iterator[tuple[int, int]]:
    """Row and column, counted from 0, of the cells in per cent on the tab at `index`."""
    if not content.startswith(_MAGIC):
        return
    try:
        yield from _cells(workbook_stream(content), index)
    except (struct.error, IndexError, ValueError):
        return


def workbook_stream(content: bytes) -> bytes:
    """The bytes of the stream "Workbook". Raises ValueError, IndexError or struct.error."""
    shift, mini_shift = struct.unpack_from("<HH", content, 30)
    if shift not in (9, 12) or mini_shift != 6:
        raise ValueError(shift)
    size = 1 << shift
    directory, cutoff, mini_fat = (struct.unpack_from("<I", content, at)[0] for at in (48, 56, 60))
    fat = _table(content, size, _fat_sectors(content, size))
    entries = _chain(content, size, fat, directory, _MOST)
    root, found = b"", b""
    for at in range(0, len(entries) - 127, 128):
        entry = entries[at : at + 128]
        name = entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)].decode("utf-16-le")
        root = entry if entry[66] == 5 else root
        found = entry if name in ("Workbook", "Book") and entry[66] == 2 else found
    start, length = struct.unpack_from("<II", found, 116)
    if length >= cutoff:
        return _chain(content, size, fat, start, length)
    minis = _chain(content, size, fat, *struct.unpack_from("<II", root, 116))
    links = _chain(content, size, fat, mini_fat, _MOST)
    mini = list(struct.unpack(f"<{len(links) // 4}I", links[: len(links) // 4 * 4]))
    return _follow(minis, 64, mini, start, length, first=0)


def _fat_sectors(content: bytes, size: int) -> list[int]:
    """Where the table of sectors stands: 109 numbers in the header, others in a chain."""
    sectors = list(struct.unpack_from("<109I", content, 76))
    following, count = struct.unpack_from("<II", content, 68)
    for _ in range(min(count, len(content) // size)):
        if following >= _END:
            break
        numbers = struct.unpack_from(f"<{size // 4}I", content, (following + 1) * size)
        sectors += numbers[:-1]
        following = numbers[-1]
    return [sector for sector in sectors if sector < _END]


def _table(content: bytes, size: int, sectors: list[int]) -> list[int]:
    table: list[int] = []
    for sector in sectors[: len(content) // size + 1]:
        table += struct.unpack_from(f"<{size // 4}I", content, (sector + 1) * size)
    return table


def _chain(content: bytes, size: int, fat: list[int], start: int, length: int) -> bytes:
    return _follow(content, size, fat, start, length, first=1)


def _follow(
    content: bytes, size: int, table: list[int], start: int, length: int, *, first: int
) -> bytes:
    """Sectors one after the other; a circle ends with the number of sectors that there are."""
    parts, left, sector = [], min(length, _MOST), start
    for _ in range(len(content) // size + 1):
        if left <= 0 or sector >= _END:
            break
        parts.append(content[(sector + first) * size : (sector + first + 1) * size])
        left -= size
        sector = table[sector]
    return b"".join(parts)[:length]


def _records(stream: bytes, at: int = 0) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _cells(stream: bytes, index: int) -> Iterator[tuple[int, int]]:
    tabs, percent = _styles(stream)
    for kind, body in _records(stream, tabs[index]) if percent else ():
        if kind in (_NUMBER, _RK, _FORMULA):
            row, column, style = struct.unpack_from("<HHH", body)
            if style in percent:
                yield row, column
        elif kind == _MULRK:
            row, column = struct.unpack_from("<HH", body)
            styles = [struct.unpack_from("<H", body, at)[0] for at in range(4, len(body) - 7, 6)]
            yield from ((row, column + at) for at, each in enumerate(styles) if each in percent)
        elif kind == _EOF:
            return


def _styles(stream: bytes) -> tuple[list[int], set[int]]:
    """Where each tab begins, and the numbers of the cell styles that show per cent."""
    tabs, formats, used = list[int](), set(_BUILT_IN), list[int]()
    for kind, body in _records(stream):
        if kind == _BOUNDSHEET:
            tabs.append(struct.unpack_from("<I", body)[0])
        elif kind == _FORMAT and _in_percent(body):
            formats.add(struct.unpack_from("<H", body)[0])
        elif kind == _XF:
            used.append(struct.unpack_from("<H", body, 2)[0])
        elif kind == _EOF:
            break
    return tabs, {number for number, code in enumerate(used) if code in formats}


def _in_percent(body: bytes) -> bool:
    """Whether a FORMAT record's code shows per cent; a sign in quotes is mere text."""
    count, wide = struct.unpack_from("<HB", body, 2)
    text = (
        body[5 : 5 + 2 * count].decode("utf-16-le")
        if wide & 1
        else body[5 : 5 + count].decode("latin-1")
    )
    return "%" in re.sub(r'"[^"]*"|\\.', "", text)
