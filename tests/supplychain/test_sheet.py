"""Whatever firms send is read; what cannot be is refused, with the reason."""

import io
import zipfile

import openpyxl
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from supplychain.decoding import decode
from supplychain.errors import (
    NotASpreadsheet,
    SheetEmpty,
    SheetRefused,
    SheetTooDeep,
    SheetTooLarge,
    SheetTooLong,
    TabNotFound,
    WebPageNotSheet,
)
from supplychain.sheet import MEGABYTE, Limits, Table, read_table

ROWS = [["협력사명", "사업자등록번호", "거래비중"], ["가온정밀(주)", "124-81-00998", "12.5"]]


def read(content: bytes, **how) -> Table:
    return read_table(io.BytesIO(content), "명단.x", **how)


def as_csv(rows, delimiter=",", encoding="utf-8") -> bytes:
    return "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)


def as_xlsx(rows, tab="협력사") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = tab
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_xls(rows) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("협력사")
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            page.write(i, j, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp949", "CP949"), ("utf-16", "UTF-16")],
)
def test_text_tables(delimiter: str, encoding: str, named: str) -> None:
    table = read(as_csv(ROWS, delimiter, encoding))
    assert (list(table.rows), table.kind, table.encoding) == (ROWS, "csv", named)


@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end(line: str) -> None:
    content = line.join(",".join(row) for row in ROWS).encode()
    assert list(read(content).rows) == ROWS


def test_quoted_cells_keep_delimiters_and_lines() -> None:
    assert list(read(b'name,item\n"Kim, Lee","a\nb"\n').rows)[1] == ["Kim, Lee", "a\nb"]


def test_latin_leftovers_in_a_marked_file_and_without_mark() -> None:
    marked = b"\xef\xbb\xbfname;city\nC\xc3\xb4te;Gr\xf8nland\n"
    assert list(read(marked).rows)[1] == ["Côte", "Grønland"]
    text, encoding = decode("Ärzte für Gröb".encode("cp1252"), "a.csv")
    assert (text, encoding) == ("Ärzte für Gröb", "CP1252")


def test_cp949_with_one_broken_byte_stays_korean() -> None:
    content = ("협력사명,지역\n" + "가온정밀,경기\n" * 30).encode("cp949") + b"\xff,x\n"
    table = read(content)
    assert table.encoding == "CP949"
    assert list(table.rows)[1] == ["가온정밀", "경기"]


def test_workbooks_old_and_new() -> None:
    rows = [["협력사명", "사업자등록번호"], ["가온정밀(주)", 1248100998]]
    for content, kind in ((as_xlsx(rows), "xlsx"), (as_xls(rows), "xls")):
        table = read(content)
        assert (table.kind, table.tab) == (kind, "협력사")
        assert list(table.rows)[1] == ["가온정밀(주)", "1248100998"]


def test_rows_keep_their_numbers_below_blank_ones() -> None:
    assert list(read(as_xlsx([[], [], ["협력사명"], ["가온"]])).rows)[3] == ["가온"]


def test_a_tab_by_name() -> None:
    assert list(read(as_xlsx(ROWS), tab="협력사").rows) == ROWS
    with pytest.raises(TabNotFound, match="협력사"):
        read(as_xlsx(ROWS), tab="매출")


@pytest.mark.parametrize("content", [b"", b"  \r\n\t ", b"\0\0\0"])
def test_empty_files(content: bytes) -> None:
    with pytest.raises(SheetEmpty):
        read(content)


def test_an_empty_workbook() -> None:
    with pytest.raises(SheetEmpty):
        read(as_xlsx([]))


def _other_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n1 0 obj",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\x80\x04\x95\x10\0\0\0",
        b"<?xml version='1.0'?><Workbook/>",
        b'{"rows": []}',
        b"PK\x03\x04 broken",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        _other_zip(),
    ],
    ids=["pdf", "png", "pickle", "xml", "json", "half a zip", "empty ole", "other zip"],
)
def test_what_is_no_spreadsheet(content: bytes) -> None:
    with pytest.raises(NotASpreadsheet, match=r"명단\.x"):
        read(content)


def test_a_web_page_under_the_name_of_a_spreadsheet() -> None:
    with pytest.raises(WebPageNotSheet, match="web page"):
        read(b"<html><table><tr><td>x</td></tr></table></html>")


class Endless(io.RawIOBase):
    """A stream of 200 MB that says how much of it was asked for."""

    def __init__(self) -> None:
        self.left = 200 * MEGABYTE
        self.given = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        assert 0 <= size <= 2 * MEGABYTE, "the whole file was asked for"
        size = min(size, self.left)
        self.left, self.given = self.left - size, self.given + size
        return b"a" * size


def test_a_large_file_is_refused_before_it_is_read(tmp_path) -> None:
    sparse = tmp_path / "large.csv"
    with sparse.open("wb") as file:
        file.truncate(200 * MEGABYTE)
    with sparse.open("rb") as file:
        with pytest.raises(SheetTooLarge, match="100 MB"):
            read_table(file, "large.csv")
        assert file.tell() == 0
    stream = Endless()
    with pytest.raises(SheetTooLarge):
        read_table(stream, "large.csv", limits=Limits(megabytes=1))
    assert stream.given <= MEGABYTE + 1


def test_too_many_rows() -> None:
    with pytest.raises(SheetTooLong, match="3 rows"):
        read(b"name\na\nb\nc\n", limits=Limits(rows=3))
    with pytest.raises(SheetTooLong):
        read(as_xlsx([["name"], ["a"], ["b"], ["c"]]), limits=Limits(rows=3))


def test_a_small_archive_that_unpacks_to_much() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (2 * MEGABYTE))
    with pytest.raises(SheetTooDeep):
        read(out.getvalue(), limits=Limits(unpacked_megabytes=1))


def test_a_workbook_that_asks_for_half_a_terabyte() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "협력사명"
    book.active.cell(1_048_576, 16_384, "far away")
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(SheetTooDeep):
        read(out.getvalue())


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    # Workbooks are read by another process: too slow to ask for hundreds of times.
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return
    try:
        table = read(content)
    except SheetRefused:
        return
    assert all(isinstance(cell, str) for row in table.rows for cell in row)


_words = st.text(alphabet="가나다라정밀abcXYZ 012-()", min_size=1, max_size=12).map(str.strip)


@given(st.lists(st.lists(_words.filter(bool), min_size=3, max_size=3), min_size=2, max_size=8))
def test_what_is_written_is_read(rows) -> None:
    for encoding in ("utf-8", "cp949"):
        assert list(read(as_csv(rows, encoding=encoding)).rows) == rows


def test_facility_lists_of_real_contributors(shared) -> None:
    lists = shared / "data" / "osh" / "lists"
    same = {
        path.suffix: read_table(io.BytesIO(path.read_bytes()), path.name).head[1][1]
        for path in lists.glob("12.*")
    }
    assert len(same) == 3
    assert len(set(same.values())) == 1


def repacked(**parts: bytes) -> bytes:
    """A small workbook with some of its parts replaced, by the end of their names."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(as_xlsx(ROWS))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            stem = name.rsplit("/", 1)[-1].removesuffix(".xml")
            new.writestr(name, parts.pop(stem, None) or old.read(name))
        for stem, part in parts.items():
            new.writestr(f"xl/{stem}.xml", part)
    return out.getvalue()


def test_entities_are_not_unfolded() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"ha" * 500 + b'">'
    for before, name in zip("abcdefg", "bcdefgh", strict=True):
        laughs += f'<!ENTITY {name} "{f"&{before};" * 100}">'.encode()
    sheet = (
        laughs + b']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&h;</t></is></c></row></sheetData>'
        b"</worksheet>"
    )
    for part in ("sheet1", "workbook", "styles", "sharedStrings"):
        try:
            rows = list(read(repacked(**{part: sheet})).rows)
        except SheetRefused:
            continue
        assert all(len(cell) < 10_000 for row in rows for cell in row)


def test_one_text_in_very_many_cells() -> None:
    text = b"<si><t>" + b"x" * 9_000 + b"</t></si>"
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    row = b"".join(b'<c t="s"><v>0</v></c>' for _ in range(100))
    sheet = b"<worksheet " + space + b"><sheetData>"
    sheet += b"".join(b"<row>" + row + b"</row>" for _ in range(600)) + b"</sheetData></worksheet>"
    strings = b'<?xml version="1.0"?><sst ' + space + b">" + text + b"</sst>"
    deep = repacked(sheet1=sheet, sharedStrings=strings)
    with pytest.raises(SheetTooDeep):
        read(deep)


def test_an_archive_in_an_archive() -> None:
    content = as_xlsx(ROWS)
    for _ in range(4):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("xl/workbook.xml", content)
            archive.writestr("xl/inner.xlsx", content)
        content = out.getvalue()
    with pytest.raises(NotASpreadsheet):
        read(content)


def test_a_workbook_that_takes_too_long(monkeypatch) -> None:
    monkeypatch.setattr("supplychain.workbook._SECONDS", 0.001)
    with pytest.raises(SheetTooDeep, match="time to read"):
        read(as_xlsx(ROWS))
