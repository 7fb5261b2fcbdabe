"""Strategies: tables as people type them, files of every format, and files that were damaged."""

import io
import zipfile

import openpyxl
from hypothesis import strategies as st
from openpyxl.utils.exceptions import IllegalCharacterError

from supplychain.synonyms import WORDS
from tests.sheets import as_csv, as_ods, as_xls

# Ten entities, each of ten of the one before: a gigabyte, for whoever unfolds them.
_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    + "]><x>&a8;</x>"
)
_ODD = st.sampled_from(
    [
        "", " ", "=1+1", "@SUM(A1)", "＝HYPERLINK(1)", "-", "'", '"', "\t", "a\nb", "#REF!", "NaN",
        "1e308", "١٢٣", "½", "𝟙𝟚", "0.3", "30%", "１２３－４５－６７８９１", "124-81-00998", "소계",
        "합계", "※ 주석", "\ufeff가", "\u202e뒤집힘", "가" * 300,
        "😀", "ﬃ", "İ", "ß", "㈜", "(주)", "Co., Ltd.",
    ]
)  # fmt: skip
_WRITTEN = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12)
_CELLS = st.one_of(
    _ODD,
    st.sampled_from(["가온정밀(주)", "나래모듈", "KR", "경기도 화성시", "사출", "12", "25명", "5"]),
    _WRITTEN,
    _WRITTEN,
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
)
_HEADINGS = st.one_of(st.sampled_from(sorted(WORDS)), _ODD, _WRITTEN)
ROWS = st.builds(
    lambda above, header, body: [*above, header, *body],
    st.lists(st.lists(_CELLS, max_size=3), max_size=3),
    st.builds(
        lambda some, name, others: [*some, *name, *others],
        st.lists(_HEADINGS, max_size=4),
        st.sampled_from([["협력사명"], ["업체명", "사업자번호"], ["Supplier", "Share"], []]),
        st.lists(_HEADINGS, max_size=4),
    ),
    st.lists(st.lists(_CELLS, min_size=1, max_size=9), min_size=1, max_size=12),
)
# What hardly anybody types, and programs do.
_RARE = st.sampled_from(["x" * 12_000, "\x00", "\x01\x1f", "\x7f", "\ufffe"])


def _xlsx(rows) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("협력사")
    for row in rows:
        cells = []
        for cell in row:
            try:
                cells.append(openpyxl.cell.cell.WriteOnlyCell(page, cell))
            except IllegalCharacterError:
                cells.append("?")
        page.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _xls(rows) -> bytes:
    def fits(cell):
        return cell[:30_000] if isinstance(cell, str) else cell

    return as_xls([[fits(cell) for cell in row] for row in rows])


def _ods(rows) -> bytes:
    def fits(cell):
        if not isinstance(cell, str):
            return cell
        return "".join(letter for letter in cell if letter >= " " and letter < "\ud800")

    return as_ods([[fits(cell) for cell in row] for row in rows])


@st.composite
def texts(draw) -> bytes:
    """CSV as all kinds of programs write it; some of it cannot be written in that encoding."""
    rows = draw(ROWS)
    delimiter, end = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    encoding = draw(
        st.sampled_from(["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "latin-1"])
    )
    if draw(st.integers(0, 9)) == 0:
        rows = [*rows, [draw(_RARE)]]
    text = as_csv(rows, delimiter, "utf-8", end).decode("utf-8", "replace")
    return text.encode(encoding, "replace")


@st.composite
def workbooks(draw) -> bytes:
    """A sound workbook of some format."""
    return draw(st.sampled_from([_xlsx, _xls, _ods]))(draw(ROWS))


@st.composite
def damaged(draw, files) -> bytes:
    """A file that was cut off, overwritten, mixed with another, or sent twice over."""
    content = bytearray(draw(files))
    for _ in range(draw(st.integers(1, 4))):
        # A workbook's length depends on the second in which it was made; what is drawn must not.
        at = draw(st.integers(0, 1 << 20)) % (len(content) or 1)
        how = draw(st.sampled_from(["cut", "flip", "insert", "drop", "twice", "swap"]))
        if how == "cut":
            content = content[:at]
        elif how == "flip" and content:
            content[at] ^= draw(st.integers(1, 255))
        elif how == "insert":
            content[at:at] = draw(st.binary(min_size=1, max_size=40))
        elif how == "drop":
            del content[at : at + draw(st.integers(1, 200))]
        elif how == "twice":
            content += content[: 1 << 16]
        elif how == "swap":
            other = draw(files)
            content[at : at + len(other) // 2] = other[len(other) // 2 :]
    return bytes(content)


@st.composite
def rebuilt(draw) -> bytes:
    """An archive whose parts were changed and packed again: only the inside is broken."""
    content = draw(st.sampled_from([_xlsx, _ods]))(draw(ROWS))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        chosen = draw(st.sampled_from(names))
        how = draw(
            st.sampled_from(["drop", "empty", "nest", "bomb", "cut", "style", "far", "text"])
        )
        for name in names:
            part = old.read(name)
            if name == chosen or (how in {"style", "far", "text"} and "sheet1" in name):
                part = _changed(draw, how, part, content)
            if part is not None:
                new.writestr(name, part)
    return out.getvalue()


def _changed(draw, how: str, part: bytes, whole: bytes) -> bytes | None:
    if how == "drop":
        return None
    if how == "style":
        return part.replace(b"<c ", b'<c s="999999999999" ')
    if how == "far":
        return part.replace(b'r="A1"', b'r="XFD1048576"').replace(b'r="1"', b'r="99999999999"')
    if how == "text":
        return part.replace(b"<v>", b"<v>" + draw(st.binary(max_size=20)))
    return {"empty": b"", "nest": whole, "bomb": _BOMB.encode()}.get(
        how, part[: draw(st.integers(0, 1 << 20)) % (len(part) or 1)]
    )
