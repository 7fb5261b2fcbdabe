"""Header words, mappings, and what each row says or lacks."""

import io

import pytest

from supplychain.columns import read_mapping
from supplychain.errors import ColumnsMissing, ColumnUnknown, MappingInvalid, SheetEmpty
from supplychain.guessing import guess
from supplychain.matching import name_key
from supplychain.reading import read_sheet

KOREAN = (
    "협력사명,사업자등록번호,소재지,주요공정,종업원수,스마트공장 수준,납품처,품목,거래비중(%)\n"
)
GOOD = "가온정밀(주),124-81-00998,경기도 화성시,CNC 가공,25명,기초 2,나래모듈,허브,12.5\n"


def reading(text: str, layout=None):
    return read_sheet(io.BytesIO(text.encode()), "명단.csv", layout)


def kinds(text: str) -> list[tuple[int, str, str, str]]:
    return [(at.row, at.column, at.value, type(at.fault).__name__) for at in reading(text).faults]


def test_a_korean_sheet() -> None:
    (row,) = reading("2026년 협력사 현황\n\n" + KOREAN + GOOD).rows
    (link,) = row.links
    firm = link.supplier
    assert (row.number, row.good) == (4, True)
    assert (firm.name, firm.brn, firm.region) == ("가온정밀(주)", "1248100998", "KR-41")
    assert (firm.process, firm.employees, firm.level) == ("machining", 25, 2)
    assert (link.buyer.name, link.item, link.share) == ("나래모듈", "허브", 12.5)


def test_an_english_sheet_without_buyers_delivers_to_the_lead_firm() -> None:
    (row,) = reading("Supplier Name;Registration number\nAcme Co., Ltd.;\n").rows
    assert row.links[0].buyer is None


def test_all_faults_of_a_row_at_once() -> None:
    bad = ",123-45-67890,화성,쥐어짜기,-3,만렙,,허브,약 30\n"
    assert kinds(KOREAN + GOOD + bad) == [
        (3, "협력사명", "", "NameMissing"),
        (3, "소재지", "화성", "WordUnknown"),
        (3, "사업자등록번호", "123-45-67890", "CheckDigitWrong"),
        (3, "주요공정", "쥐어짜기", "WordUnknown"),
        (3, "종업원수", "-3", "CountNegative"),
        (3, "스마트공장 수준", "만렙", "WordUnknown"),
        (3, "납품처", "", "NameMissing"),
        (3, "거래비중(%)", "약 30", "NotANumber"),
    ]


@pytest.mark.parametrize(
    ("share", "kind"),
    [
        ("101", "ShareOutOfRange"),
        ("-1", "ShareOutOfRange"),
        ("nan", "NotANumber"),
        ("1e3", "NotANumber"),
    ],
)
def test_shares(share: str, kind: str) -> None:
    assert [fault[3] for fault in kinds(f"협력사명,비중\n가온,{share}\n")] == [kind]


def test_a_word_that_is_not_known_leaves_the_row() -> None:
    (row,) = reading("협력사명,공정\n가온,쥐어짜기\n").rows
    assert row.good
    assert row.links[0].supplier.process == ""


def test_wrong_columns_name_what_was_found() -> None:
    with pytest.raises(ColumnsMissing, match="제품코드, 단가"):
        reading("제품코드,단가\nA-1,300\n")


def test_a_header_alone_is_an_empty_sheet() -> None:
    with pytest.raises(SheetEmpty):
        reading(KOREAN)


def test_a_mapping_of_two_links_a_row() -> None:
    layout = read_mapping(
        '{"empty": ["n/a"], "links": ['
        '{"supplier": {"name": "Maker"}, "buyer": {"name": "Trader"}},'
        '{"supplier": {"name": "Trader"}, "buyer": "lead", "item": "What"}]}'
    )
    rows = reading("What,Trader,Maker\nbolts,T Ltd.,M Inc.\nnuts,U Ltd.,N/A\n", layout).rows
    told = [
        [(link.supplier.name, link.buyer and link.buyer.name) for link in row.links] for row in rows
    ]
    assert told == [[("M Inc.", "T Ltd."), ("T Ltd.", None)], [("U Ltd.", None)]]


def test_a_mapping_that_names_a_column_that_is_not_there() -> None:
    with pytest.raises(ColumnUnknown, match=r"Makr.*Maker"):
        reading("Maker\nM\n", read_mapping("links: [{supplier: {name: Makr}}]"))


@pytest.mark.parametrize(
    "text", ["", "links: []", "links: [{supplier: {}}]", "a: [", "- 1", "rows: 1"]
)
def test_mappings_that_cannot_be_used(text: str) -> None:
    with pytest.raises(MappingInvalid):
        read_mapping(text)


def test_header_words_are_found_wherever_the_header_is() -> None:
    found = guess([["현황"], [], ["No", "업체명", "사업자 번호", "발주사"], ["1", "가", "", "나"]])
    assert found.heading.first == 2
    assert found.fields["buyer.name"] == "발주사"


@pytest.mark.parametrize("above", [[], [["2026년 하반기 거래처 점검표"], []]])
def test_the_first_row_is_no_second_line_of_an_unusual_header(above: list[list[str]]) -> None:
    heads = ["거래처 정식 명칭", "번호", "회신처", "무엇을 받나", "몫"]
    rows = [[f"가나{n}", "", f"a{n}@b.example", "점검 부품", "30"] for n in range(3)]
    found = guess([*above, heads, *rows])
    assert (found.heading.first, found.heading.lines) == (len(above), 1)
    assert found.heading.columns == heads
    assert found.fields["supplier.name"] == heads[0]
    assert found.fields["supplier.email"] == "회신처"


@pytest.mark.parametrize(
    "note", [["비고: 상호 변경된 곳 있음"], ["", "", "", "상호는 정식 명칭"], ["상호 목록"] * 4]
)
def test_a_note_is_no_header(note: list[str]) -> None:
    rows = [["가나", "서울", "볼트", "가"], ["다라", "부산", "너트", "나"]]
    found = guess([note, ["이름", "어디", "무엇", "기타"], *rows], merged=note[0] == "상호 목록")
    assert (found.heading.first, found.heading.lines) == (1, 1)
    assert found.heading.columns == ["이름", "어디", "무엇", "기타"]


def test_a_group_above_its_columns_still_counts() -> None:
    rows = [["협력사", "", "품목"], ["상호", "주소", ""], ["가나", "서울", "볼트"]]
    found = guess(rows)
    assert (found.heading.first, found.heading.lines) == (0, 2)
    assert set(found.fields) == {"supplier.name", "supplier.region", "link.item"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("㈜가온정밀", "가온정밀 주식회사"),
        ("(주) 가온 정밀", "가온정밀(주)"),
        ("Ranbaxy Fine Chemicals LTD", "RANBAXY Fine Chemicals LTD."),
        ("SHANGHAI KEHUA CO.,LTD.", "Shanghai Kehua Co. Ltd"),
        ("IMRES B.V.", "Imres BV"),
    ],
)
def test_spellings_of_one_firm(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("가온정밀", "가온정공"), ("Cipla, Goa", "Cipla, Patalganga"), ("주식회사", "(주)가온")],
)
def test_names_that_stay_apart(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)
