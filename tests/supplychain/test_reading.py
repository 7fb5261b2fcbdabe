"""What firms really send, read to its end: headers, tabs, totals, per cent, countries, values."""

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.cell_marks import cell_marks
from supplychain.columns import layout_of
from supplychain.errors import CellTooLong, ColumnsMissing, ColumnUnknown, SheetTooWide
from supplychain.export import as_csv as written
from supplychain.guessing import guess
from supplychain.headings import heading_at, heading_with
from supplychain.reading import open_sheet, read_sheet
from supplychain.sheet import Limits
from tests.sheets import as_csv, as_ods, as_xls, as_xlsx

TWO_LINES = [
    ["2026년 협력사 현황", "", "", "", ""],
    ["협력사", "", "납품처", "거래", ""],
    ["상호", "사업자번호", "", "품목", "비중(%)"],
    ["가온정밀", "124-81-00998", "나래모듈", "허브", "12"],
]
TWO_LINES_NAMES = ["협력사 상호", "협력사 사업자번호", "납품처", "거래 품목", "거래 비중(%)"]


def read(content: bytes, **how):
    return read_sheet(io.BytesIO(content), "명단.x", **how)


def firms(reading) -> list[str]:
    return [link.supplier.name for row in reading.rows for link in row.links]


def kinds(reading) -> list[str]:
    return [type(at.fault).__name__ for at in reading.faults]


@pytest.mark.parametrize(
    "content",
    [
        as_csv(TWO_LINES),
        as_xls(TWO_LINES),
        as_ods(TWO_LINES),
        as_xlsx(TWO_LINES, merged=("A1:E1", "A2:B2", "C2:C3", "D2:E2")),
    ],
    ids=["csv", "xls", "ods", "xlsx with merged cells"],
)
def test_a_header_of_two_lines(content: bytes) -> None:
    reading = read(content)
    if reading.table.merged:  # each cell says it, so one line is enough
        assert reading.columns == ["상호", "사업자번호", "납품처", "품목", "비중(%)"]
    else:
        assert reading.columns == TWO_LINES_NAMES
    (row,) = reading.rows
    (link,) = row.links
    assert (row.number, link.supplier.brn, link.buyer.name) == (4, "1248100998", "나래모듈")
    assert (link.item, link.share) == ("허브", 12)


def test_the_same_word_for_supplier_and_buyer() -> None:
    rows = [
        ["납품처", "사업자등록번호", "협력사명", "사업자등록번호"],
        ["나래", "220-81-62517", "가온", "124-81-00998"],
    ]
    (row,) = read(as_csv(rows)).rows
    (link,) = row.links
    assert (link.supplier.brn, link.buyer.brn) == ("1248100998", "2208162517")


def test_merged_cells_below_the_header_speak_for_each_row() -> None:
    rows = [["납품처", "협력사명"], ["나래", "가온"], ["", "다솜"], ["", "라온"]]
    reading = read(as_xlsx(rows, merged=("A2:A4",)))
    assert [row.links[0].buyer.name for row in reading.rows] == ["나래"] * 3


def test_totals_notes_and_repeated_headers_are_passed_over_and_said() -> None:
    rows = [
        ["협력사명", "품목", "비중"],
        ["가온", "허브", "40"],
        ["소 계", "", "40"],
        ["협력사명", "품목", "비중"],
        ["합계정밀", "핀", "2"],
        ["Total", "2개사", "42"],
        ["※ 2026년 기준", "", ""],
    ]
    reading = read(as_csv(rows))
    assert firms(reading) == ["가온", "합계정밀"]
    assert reading.scanned.left_out == (3, 4, 6, 7)
    assert not reading.faults


def test_a_firm_called_total_stays_one() -> None:
    rows = [["협력사명", "국가", "품목"], ["Total", "프랑스", "윤활유"]]
    assert firms(read(as_csv(rows))) == ["Total"]


def test_cells_in_per_cent_are_what_they_show() -> None:
    rows = [["협력사명", "비중"], ["가온", 0.3], ["나래", 0.055], ["다솜", 12], ["라온", "약"]]
    content = as_xlsx(rows, percent=("B2", "B3", "B5"))
    assert {(row, column) for row, column, _ in cell_marks(content, 0)} == {(1, 1), (2, 1), (4, 1)}
    reading = read(content)
    assert [row.links[0].share for row in reading.rows] == [30, 5.5, 12, None]
    assert not reading.scanned.unclear


@pytest.mark.parametrize("write", [as_xls, as_ods])
@pytest.mark.parametrize("long", [0, 700])
def test_so_are_those_of_older_and_open_formats(write, long) -> None:
    percent = {(1, 1), (2, 1)}
    rows = [["협력사명", "비중"], ["가온", 0.3], ["나래", 0.055], ["다솜", 12]]
    content = write([*rows, *([f"라온{n}", 1] for n in range(long))], percent=percent)
    assert {(row, column) for row, column, _ in cell_marks(content, 0)} == percent
    shares = [row.links[0].share for row in read(content).rows][:3]
    assert shares == [30, 5.5, 12]


@given(st.data())
def test_damaged_files_have_fewer_marks_and_raise_nothing(data) -> None:
    rows = [["협력사명", "비중"], ["가온", 0.3]]
    write = data.draw(st.sampled_from([as_xls, as_ods]))
    content = bytearray(write(rows, percent={(1, 1)}))
    for _ in range(data.draw(st.integers(1, 30))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    list(cell_marks(bytes(content[: data.draw(st.integers(0, len(content)))]), 0))
    list(cell_marks(bytes(content), 0))


def test_bare_fractions_are_left_out_until_somebody_says_what_they_mean() -> None:
    content = as_xls([["협력사명", "비중"], ["가온", 0.3], ["나래", 0.25], ["다솜", 0]])
    reading = read(content)
    assert reading.scanned.unclear == ("비중",)
    assert kinds(reading) == ["ShareUnclear", "ShareUnclear"]
    assert [row.links[0].share for row in reading.rows] == [None, None, 0]
    for share_as, shares in (("fraction", [30, 25, 0]), ("percent", [0.3, 0.25, 0])):
        link = reading.layout.links[0].model_copy(update={"share_as": share_as})
        layout = reading.layout.model_copy(update={"links": [link]})
        assert [row.links[0].share for row in read(content, layout=layout).rows] == shares


def test_columns_told_by_their_values_alone() -> None:
    rows = [
        ["가", "나", "다", "라", "마"],
        ["가온정밀(주)", "124-81-00998", "경기도 화성시", "사출", "a@b.co.kr"],
        ["㈜나래모듈", "220-81-62517", "부산", "도금", "c@d.co.kr"],
        ["다솜 주식회사", "120-81-47521", "대구광역시", "프레스", "e@f.com"],
    ]
    found = guess(rows)
    assert found.fields == {
        "supplier.name": "가",
        "supplier.brn": "나",
        "supplier.region": "다",
        "supplier.process": "라",
        "supplier.email": "마",
    }
    assert set(found.why.values()) == {"values"}
    assert found.heading.lines == 1


def test_a_heading_that_its_values_belie_is_not_believed() -> None:
    rows = [["name", "country", "sector"]] + [[f"Firm {n}", "China", "Apparel"] for n in range(4)]
    assert "supplier.sector" not in guess(rows).fields
    rows[2][2] = "C14111"
    assert guess(rows).fields["supplier.sector"] == "sector"


def test_a_table_without_a_header() -> None:
    rows = [["가온정밀(주)", "124-81-00998"], ["㈜나래", "220-81-62517"]]
    reading = read(as_csv(rows))
    assert reading.columns == ["[A]", "[B]"]
    assert [row.links[0].supplier.brn for row in reading.rows] == ["1248100998", "2208162517"]
    for above in ([], ["[A]", "[B]"]):  # the second as the hub itself gives bad rows back
        again = read(as_csv([above, *rows]), layout=reading.layout)
        assert firms(again) == ["가온정밀(주)", "㈜나래"]


@pytest.mark.parametrize("title", ["<협력사 현황>", "[2026년 명단]", "{1차}", "%"])
def test_titles_in_brackets_are_no_other_format(title: str) -> None:
    assert firms(read(as_csv([[title], ["협력사명", "품목"], ["가온", "허브"]]))) == ["가온"]


def test_columns_of_one_name_and_of_none_are_told_apart() -> None:
    head = [["이름", "이름", ""], ["가온", "허브", "3"]]
    heading = heading_at(head, 0, 1, merged=False)
    assert heading.names == ["이름", "이름 (2)", "[C]"]
    layout = layout_of({"supplier.name": "이름", "link.item": "이름 (2)", "link.share": "[C]"})
    (row,) = read(as_csv(head), layout=layout).rows
    assert (row.links[0].item, row.links[0].share) == ("허브", 3)
    with pytest.raises(ColumnUnknown, match="없는 열"):
        heading_with(head, ["없는 열"], merged=False)


def test_one_layout_however_its_headings_are_spaced() -> None:
    one = heading_at([["협력사명", "거래비중(%)"], ["a", "b"]], 0, 1, merged=False)
    other = heading_at([["협력사 명", "거래 비중\n( % )"], ["a", "b"]], 0, 1, merged=False)
    assert one.key == other.key
    assert one.key != heading_at([["협력사명", "품목"], ["a", "b"]], 0, 1, merged=False).key


def test_a_group_of_columns_says_of_whom_they_speak() -> None:
    rows = [
        ["협력사", "", "납품처", ""],
        ["상호", "사업자번호", "상호", "사업자번호"],
        ["가온", "124-81-00998", "나래", "220-81-62517"],
    ]
    for content in (as_csv(rows), as_xlsx(rows, merged=("A1:B1", "C1:D1"))):
        (row,) = read(content).rows
        (link,) = row.links
        assert (link.supplier.name, link.supplier.brn) == ("가온", "1248100998")
        assert (link.buyer.name, link.buyer.brn) == ("나래", "2208162517")


def test_the_tab_that_looks_like_a_list_is_taken() -> None:
    content = as_xlsx(
        [["표지"]], [], [["협력사명", "품목"], ["가온", "허브"]], named=("표지", "빈 시트", "명단")
    )
    draft = open_sheet(io.BytesIO(content), "a.xlsx")
    assert draft.table.tab == "명단"
    assert [tab.rows for tab in draft.table.tabs] == [1, 0, 2]
    assert open_sheet(io.BytesIO(content), "a.xlsx", "표지").table.tab == "표지"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark(encoding: str) -> None:
    rows = [["협력사명", "품목"], ["가온", "허브"]]
    assert firms(read(as_csv(rows, encoding=encoding))) == ["가온"]


def test_mixed_line_ends_and_a_line_that_names_the_separator() -> None:
    assert firms(read("협력사명;품목\r\n가온;a,b\n나래;c\r다솜;d".encode())) == [
        "가온",
        "나래",
        "다솜",
    ]
    assert firms(read("sep=|\r\n협력사명|품목\r\n가온|a;b;c\r\n".encode())) == ["가온"]


def test_countries_are_names_or_codes() -> None:
    rows = [["Supplier", "Country", "Address"]]
    rows += [["Acme", each, "Dhaka 1341"] for each in ("Bangladesh", "VN", "대한민국", "Nowhere")]
    reading = read(as_csv(rows))
    told = [row.links[0].supplier for row in reading.rows]
    assert [firm.country for firm in told] == ["BD", "VN", "KR", ""]
    assert [firm.region for firm in told] == ["Dhaka 1341", "Dhaka 1341", "", "Dhaka 1341"]


def test_further_numbers_contacts_and_industry_codes() -> None:
    rows = [
        ["협력사명", "법인등록번호", "LEI", "업종코드", "담당자", "이메일"],
        ["가온", "110111-0062432", "5493001KJTIIGC8Y1R12", "29271(11차)", "홍 길동", "H@b.co.kr"],
        ["나래", "1", "x", "옷", "", "없음"],
    ]
    reading = read(as_csv(rows))
    told = [row.links[0].supplier for row in reading.rows]
    assert (told[0].corporate, told[0].lei) == ("1101110062432", "5493001KJTIIGC8Y1R12")
    assert (told[0].sector, told[0].sector_revision) == ("C29271", 11)
    assert (told[0].contact, told[0].email) == ("홍 길동", "h@b.co.kr")
    assert sorted(kinds(reading)) == ["CorporateForm", "EmailForm", "IndustryForm", "LeiForm"]
    assert all(row.good for row in reading.rows)


def test_a_formula_that_failed_is_said() -> None:
    rows = [["협력사명", "비중"], ["가온", "#REF!"]]
    assert kinds(read(as_csv(rows))) == ["FormulaFailed"]
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(rows)))
    book.active["B2"].data_type = "e"
    out = io.BytesIO()
    book.save(out)
    assert list(cell_marks(out.getvalue(), 0)) == [(1, 1, "#REF!")]
    assert kinds(read(out.getvalue())) == ["FormulaFailed"]


def test_what_the_hub_writes_it_reads_back() -> None:
    lines = "".join(written(["협력사명", "품목"], [["=가온", "@허브"], ["-나래", "'s-Hertog"]]))
    assert "'=가온" in lines
    (first, second) = read(lines.encode()).rows
    assert (first.links[0].supplier.name, first.links[0].item) == ("=가온", "@허브")
    assert (second.links[0].supplier.name, second.links[0].item) == ("-나래", "'s-Hertog")


def test_limits_are_named() -> None:
    with pytest.raises(SheetTooWide, match="500 columns"):
        read(as_csv([["협력사명"] * 501]))
    with pytest.raises(CellTooLong, match="row 2"):
        read(as_csv([["협력사명"], ["가" * 10_001]]))
    with pytest.raises(CellTooLong, match="quotation mark"):
        read(b'name\n"Acme\n' + b"x,y\n" * 40_000)
    with pytest.raises(SheetTooWide):
        read(as_xlsx([["협력사명", *["x"] * 9]]), limits=Limits(columns=9))
    with pytest.raises(CellTooLong, match="row 2"):
        read(as_xlsx([["협력사명"], ["가" * 51]]), limits=Limits(cell=50))
    with pytest.raises(ColumnsMissing, match="단가"):
        read(as_csv([["코드", "단가"], ["A-1", "300"]]))


def test_long_sheets_are_walked_through_not_held() -> None:
    content = b"name,item\n" + b"".join(b"Firm %d,hub\n" % number for number in range(12_500))
    reading = read(content)
    assert len(reading.rows) == 12_500
    assert iter(reading.rows) is not iter(reading.rows)
    assert sum(1 for _ in reading.rows) == sum(1 for _ in reading.rows) == 12_500
