"""Files as firms send them, made for tests."""

import io
import zipfile
from xml.sax.saxutils import escape

import openpyxl
import xlwt

_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("table", "table"), ("text", "text"))
)


def as_csv(rows, delimiter=",", encoding="utf-8", end="\r\n") -> bytes:
    return end.join(delimiter.join(str(cell) for cell in row) for row in rows).encode(encoding)


def as_xlsx(*tabs, merged=(), percent=(), named=()) -> bytes:
    """A workbook of tabs; `merged` ranges and `percent` cells are of the first."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(tabs):
        page = book.create_sheet(named[number] if number < len(named) else f"협력사{number or ''}")
        for row in rows:
            page.append(row)
    for cells in merged:
        book.worksheets[0].merge_cells(cells)
    for cell in percent:
        book.worksheets[0][cell].number_format = "0.0%"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_xls(rows, percent=()) -> bytes:
    """`percent`: (row, column) of cells that show per cent."""
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("협력사")
    shown = xlwt.easyxf(num_format_str="0.0%")
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            page.write(i, j, cell, *([shown] if (i, j) in percent else []))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_ods(rows, name="협력사", percent=()) -> bytes:
    """`percent`: (row, column) of cells that show per cent."""
    lines = [
        [_ods_cell(cell, "percentage" if (i, j) in percent else "float") for j, cell in each]
        for i, each in enumerate(enumerate(row) for row in rows)
    ]
    body = "".join(f"<table:table-row>{''.join(line)}</table:table-row>" for line in lines)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} '
        f'office:version="1.2"><office:body><office:spreadsheet><table:table '
        f'table:name="{name}">{body}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), _ODS)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


def _ods_cell(cell, kind="float") -> str:
    if isinstance(cell, int | float):
        return f'<table:table-cell office:value-type="{kind}" office:value="{cell}"/>'
    return (
        '<table:table-cell office:value-type="string">'
        f"<text:p>{escape(str(cell))}</text:p></table:table-cell>"
    )
