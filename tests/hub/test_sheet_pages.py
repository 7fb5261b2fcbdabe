"""The four steps of an upload: file, columns, preview, result; back again; and what they refuse."""

import io
import re

import pytest
from sqlmodel import func, select

from hub.tables import AuditEntry
from supplychain.reading import read_sheet
from supplychain.tables import Declaration, Firm, Link, Sheet, SheetLayout
from tests import make
from tests.sheets import as_csv, as_ods, as_xls, as_xlsx

HEADER = ["협력사명", "사업자등록번호", "품목", "거래비중(%)"]
GOOD = [["가온정밀(주)", "124-81-00998", "허브", 12.5], ["나래모듈", "220-81-62517", "축", 30]]
BAD = [["다솜", "124-81-00999", "링", 3], ["", "", "핀", "약 30"]]
CHOSEN = {"column-0": "supplier.name", "column-1": "supplier.brn", "column-2": "link.item"}


@pytest.fixture
def lead(hub) -> int:
    return make.firm(hub, "한빛모빌리티(주)")


@pytest.fixture
def manager(lead, sign_in):
    return sign_in(("supply_manager", lead))


def token(client, page: str = "/supply/sheets/new") -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)[1]


def send(client, *files, **fields):
    data = {**fields, "csrf_token": token(client)}
    data["sheet"] = [(io.BytesIO(content), name) for content, name in files]
    return client.post("/supply/sheets/new", data=data)


def press(client, address: str, **fields):
    return client.post(address, data={**fields, "csrf_token": token(client)})


def to_preview(client, content: bytes, name: str = "명단.csv", **chosen) -> str:
    """Upload and choose the columns; the address of the sheet."""
    place = send(client, (content, name)).location
    if place.endswith("/columns"):
        text = client.get(place).text
        fields = dict(re.findall(r'name="(row|lines)" value="(\d+)"', text))
        for block in re.findall(r'<select[^>]*name="(column-\d+)">(.*?)</select>', text, re.DOTALL):
            found = re.search(r'value="([^"]*)" selected', block[1])
            fields[block[0]] = found[1] if found else ""
        answer = press(client, place, **{**fields, **chosen})
        assert answer.status_code == 302, re.findall(r'class="note bad".*?</div>', answer.text)
        place = answer.location
    return place


def count(hub, *tables) -> list[int]:
    with hub.db.reading() as session:
        return [session.exec(select(func.count()).select_from(table)).one() for table in tables]


def test_file_columns_preview_result(hub, manager) -> None:
    place = send(manager, (as_xlsx([HEADER, *GOOD, *BAD]), "1차 협력사.xlsx")).location
    assert place.endswith("/columns")
    text = manager.get(place).text
    for word in ("124-81-00998", "제목을 보고", 'aria-current="step"'):
        assert word in text
    before = count(hub, Firm, Link, Declaration)
    page = to_preview(manager, as_xlsx([HEADER, *GOOD, *BAD]), "1차 협력사.xlsx")
    text = manager.get(page).text
    assert count(hub, Firm, Link, Declaration) == before, "a preview writes nothing"
    for word in ("2개 행 등록하기", "검증 숫자가 맞지 않습니다", "약 30", "기업 이름이 비어"):
        assert word in text
    assert press(manager, f"{page}/take-in").status_code == 302
    assert count(hub, Firm, Link) == [before[0] + 2, before[1] + 2]
    text = manager.get(page).text
    assert "새 기업 2곳" in text
    press(manager, f"{page}/take-in")
    assert count(hub, Firm, Link) == [before[0] + 2, before[1] + 2]
    with hub.db.reading() as session:
        actions = session.exec(select(AuditEntry.action, AuditEntry.actor)).all()
    assert actions.count(("sheet.taken-in", manager.handle)) == 1


def test_every_step_can_be_gone_back(manager) -> None:
    page = to_preview(manager, as_csv([HEADER, *GOOD]))
    text = manager.get(page).text
    back = re.findall(r'<li class="done">\s*<a href="([^"]+)"', text)
    assert [place.split("?")[0] for place in back] == ["/supply/sheets/new", f"{page}/columns"]
    assert manager.get(back[1]).status_code == 200


def test_columns_are_corrected_by_hand_and_remembered(hub, manager) -> None:
    rows = [["갑", "을", "병"], ["가온정밀", "허브", "비고"], ["나래", "축", ""]]
    place = send(manager, (as_csv(rows), "a.csv")).location
    assert place.endswith("/columns")
    assert manager.get(place.removesuffix("/columns")).location == place, "no preview without it"
    wrong = press(manager, place, row="1", lines="1", **{"column-1": "link.item"})
    assert wrong.status_code == 422
    assert "협력사 이름이 든 열을 고르세요" in wrong.text
    twice = {"column-0": "supplier.name", "column-1": "supplier.name"}
    assert "두 열에" in press(manager, place, row="1", lines="1", **twice).text
    chosen = {"column-0": "supplier.name", "column-1": "link.item"}
    page = press(manager, place, row="1", lines="1", **chosen).location
    assert "허브" in manager.get(page).text
    again = send(manager, (as_csv([[" 갑", "을", "병 "], ["다솜", "핀", ""]]), "b.csv"))
    assert not again.location.endswith("/columns"), "the layout is known now"
    text = manager.get(again.location).text
    assert "전에 고른 대로" in text
    assert "다솜" in text
    assert count(hub, SheetLayout) == [1]


def test_a_layout_is_its_firms_own(hub, manager, sign_in) -> None:
    rows = [["갑", "을"], ["가온정밀", "허브"]]
    place = send(manager, (as_csv(rows), "a.csv")).location
    press(manager, place, row="1", lines="1", **{"column-0": "supplier.name"})
    other = sign_in(("vendor", make.firm(hub, "다른정공")))
    assert send(other, (as_csv(rows), "a.csv")).location.endswith("/columns")


def test_the_header_is_pointed_at(manager) -> None:
    rows = [["품목 현황", "", ""], ["이름", "수", "값"], ["가온정밀", "2", "3"], ["나래", "4", "5"]]
    place = send(manager, (as_csv(rows), "a.csv")).location
    text = manager.get(f"{place}?row=3&lines=0").text
    assert ">[A]</label>" in text
    chosen = {"row": "3", "lines": "0", "column-0": "supplier.name"}
    page = press(manager, place, **chosen).location
    assert "가온정밀" in manager.get(page).text
    for nonsense in ("row=999&lines=1", "row=x&lines=1", "row=-1&lines=2", "row=1&lines=77"):
        assert manager.get(f"{place}?{nonsense}").status_code == 200


def test_tabs_are_listed_and_each_is_a_sheet(hub, manager) -> None:
    cover = [["표지"], ["2026년 협력사 현황"]]
    content = as_xlsx(cover, [HEADER, *GOOD], [HEADER, *BAD], named=("표지", "1차", "2차"))
    place = send(manager, (content, "명단.xlsx")).location
    assert place.endswith("/tabs")
    text = manager.get(place).text
    assert text.count("협력사 명단으로 보임") == 2
    assert press(manager, place).location == place, "none chosen"
    page = press(manager, place, tab=["1차", "2차"]).location
    with hub.db.reading() as session:
        assert set(session.exec(select(Sheet.tab))) == {"1차", "2차"}
    assert manager.get(page).status_code in (200, 302)
    assert "2차" in manager.get("/supply/sheets").text
    assert press(manager, place, tab=["없는 탭"]).location.endswith("/tabs")


def test_several_files_at_once(manager) -> None:
    answer = send(
        manager,
        (as_csv([HEADER, *GOOD]), "a.csv"),
        (b"%PDF-1.7", "b.pdf"),
        (as_ods([HEADER, *GOOD]), "c.ods"),
    )
    text = manager.get(answer.location).text
    for word in ("a.csv", "c.ods", "b.pdf", "파일 2개"):
        assert word in text


def test_columns_are_chosen_once_for_all_sheets_of_a_layout_that_wait(manager) -> None:
    files = [(as_csv([HEADER, row]), f"{place}.csv") for place, row in enumerate(GOOD)]
    text = manager.get(send(manager, *files).location).text
    places = re.findall(r'<th scope="row" class="file-name"><a href="([^"]+)"', text)
    assert [manager.get(place).location for place in places] == [f"{p}/columns" for p in places]
    fields = {"row": "1", "lines": "1", **CHOSEN, "column-3": "link.share"}
    press(manager, f"{places[0]}/columns", **fields)
    assert "명단 1개도 이 열로" in manager.get(places[0]).text
    assert "1개 행 등록하기" in manager.get(places[1]).text


def test_shares_that_look_like_fractions_are_asked_about(manager) -> None:
    content = as_xls([HEADER, ["가온", "", "허브", 0.3], ["나래", "", "축", 0.25]])
    place = send(manager, (content, "a.xls")).location
    assert "소수로 보입니다" in manager.get(place).text
    fields = {"row": "1", "lines": "1", **CHOSEN, "column-3": "link.share"}
    unsaid = press(manager, place, **fields)
    assert unsaid.status_code == 422
    page = press(manager, place, **fields, share_as="fraction").location
    assert ">30<" in manager.get(page).text


def test_cells_in_per_cent_are_known(manager) -> None:
    content = as_xlsx(
        [HEADER, ["가온", "", "허브", 0.3], ["나래", "", "축", 0.25]], percent=("D2", "D3")
    )
    page = to_preview(manager, content, "a.xlsx")
    assert ">30<" in manager.get(page).text


@pytest.mark.parametrize("locale", ["ko", "en"])
def test_bad_rows_come_back_to_be_mended(hub, manager, locale) -> None:
    with manager.session_transaction() as session:
        session["locale"] = locale
    page = to_preview(manager, as_csv([HEADER, *GOOD, *BAD, ["=cmd", "1", "핀", 2]]), "명단.csv")
    for _ in range(2):  # before and after it is taken in
        answer = manager.get(f"{page}/bad-rows.xlsx")
        back = read_sheet(io.BytesIO(answer.data), "back.xlsx")
        assert back.columns == HEADER, "reasons are passed over"
        assert len(back.rows) == 3
        table = list(back.table.rows)
        place = table[0].index("사업자등록번호") + 1
        assert table[0][place].startswith("⚠")
        assert ("검증 숫자" if locale == "ko" else "check digit") in table[1][place]
        assert table[3][1] == "'=cmd"
        press(manager, f"{page}/take-in")
    mended = [[cell.replace("00999", "00998") for cell in row] for row in table[:2]]
    again = send(manager, (as_xlsx(mended), "mended.xlsx"))
    assert not again.location.endswith("/columns"), "the same layout"
    text = manager.get(again.location).text
    assert "1개 행 등록하기" in text or "Take in 1 row" in text


def test_what_it_renews_is_asked_and_links_end(hub, manager) -> None:
    first = to_preview(manager, as_csv([HEADER, *GOOD]), "1차 협력사 2026-10.csv")
    press(manager, f"{first}/take-in")
    second = to_preview(manager, as_csv([HEADER, GOOD[0]]), "1차 협력사 2026-11.csv")
    text = manager.get(second).text
    assert "새 판입니까" in text
    number = first.rsplit("/", 1)[1]
    press(manager, f"{second}/renew", older=number)
    text = manager.get(second).text
    assert "나래모듈" in text
    press(manager, f"{second}/take-in")
    with hub.db.reading() as session:
        ended = session.exec(select(Link).where(Link.ended.is_not(None))).all()
    assert len(ended) == 1
    assert "새 판" in manager.get(first).text
    press(manager, f"{second}/withdraw")
    with hub.db.reading() as session:
        assert not session.exec(select(Link).where(Link.ended.is_not(None))).all()
    assert "철회" in manager.get(second).text
    assert press(manager, f"{second}/renew", older="999999").status_code == 302


def test_another_list_ends_all_of_one_only_in_earnest(hub, manager) -> None:
    first = to_preview(manager, as_csv([HEADER, *GOOD]), "명단.csv")
    press(manager, f"{first}/take-in")
    second = to_preview(manager, as_csv([HEADER, ["마루", "", "너트", 1]]), "명단.csv")
    press(manager, f"{second}/renew", older=first.rsplit("/", 1)[1])
    text = manager.get(second).text
    assert 'name="ends"' in text
    assert "2개 중 2개" in text
    for typed in ("", "yes", "1"):
        refused = press(manager, f"{second}/take-in", ends=typed)
        assert refused.status_code == 422
        assert "숫자" in refused.text
    with hub.db.reading() as session:
        assert not session.exec(select(Link).where(Link.ended.is_not(None))).all()
    assert press(manager, f"{second}/take-in", ends="2").status_code == 302
    with hub.db.reading() as session:
        assert len(session.exec(select(Link).where(Link.ended.is_not(None))).all()) == 2


def test_the_file_is_fetched_as_it_was_sent(manager) -> None:
    content = as_csv([HEADER, *GOOD], encoding="cp949")
    page = to_preview(manager, content)
    answer = manager.get(f"{page}/file")
    assert answer.data == content
    assert answer.headers["Content-Disposition"].startswith("attachment")
    answer.close()


def test_the_same_file_again(manager) -> None:
    page = to_preview(manager, as_csv([HEADER, *GOOD]))
    press(manager, f"{page}/take-in")
    again = send(manager, (as_csv([HEADER, *GOOD]), "또.csv"))
    assert again.location == page
    assert "전에 등록한 파일" in manager.get(page).text


def test_a_waiting_sheet_is_discarded(hub, manager) -> None:
    page = to_preview(manager, as_csv([HEADER, *GOOD]))
    press(manager, f"{page}/discard")
    assert manager.get(page).status_code == 404
    assert count(hub, Sheet) == [0]


def test_a_vendor_uploads_for_its_own_firm(hub, manager, sign_in) -> None:
    own = make.firm(hub, "다솜정공(주)")
    vendor = sign_in(("vendor", own))
    page = to_preview(vendor, as_csv([HEADER, *GOOD]))
    press(vendor, f"{page}/take-in")
    with hub.db.reading() as session:
        assert set(session.exec(select(Link.buyer_id))) == {own}
    for address in (page, f"{page}/file", f"{page}/bad-rows.xlsx", f"{page}/columns"):
        assert manager.get(address).status_code == 404
    assert press(manager, f"{page}/withdraw").status_code == 404
    assert sign_in(("trainee", None)).get("/supply/sheets").status_code == 403


@pytest.mark.parametrize(
    ("content", "korean", "english"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "읽을 수 있는 표가 아닙니다", "is not a spreadsheet"),
        (b"", "내용이 없습니다", "has no rows"),
        (b"<html><table></table></html>", "웹 페이지", "web page"),
        (b"a," * 600 + b"\n", "열이 500개를 넘습니다", "more than 500 columns"),
        (b"name\n" + b"x" * 10_001, "10000자를 넘는", "10000 characters"),
    ],
    ids=["no spreadsheet", "empty", "web page", "wide", "long cell"],
)
def test_files_that_cannot_be_used(hub, manager, content, korean, english) -> None:
    answer = send(manager, (content, "a.xlsx"))
    assert answer.status_code == 422
    assert korean in answer.text
    with manager.session_transaction() as session:
        session["locale"] = "en"
    assert english in send(manager, (content, "a.xlsx")).text
    assert count(hub, Sheet) == [0]


def test_a_file_of_200_megabytes(manager) -> None:
    answer = manager.post(
        "/supply/sheets/new",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(200 << 20)},
        input_stream=io.BytesIO(b"--x\r\n"),
    )
    assert answer.status_code == 413
    assert "100 MB" in answer.text


def test_a_mapping_of_several_links_a_row(manager) -> None:
    mapping = (
        b"links: [{supplier: {name: Maker}, buyer: {name: Trader}}, {supplier: {name: Trader}}]"
    )
    rows = [["Maker", "Trader"], ["Acme", "Bolt Ltd"]]
    answer = send(manager, (as_csv(rows), "a.csv"), mapping=(io.BytesIO(mapping), "mapping.yaml"))
    text = manager.get(answer.location).text
    assert "Bolt Ltd" in text
    assert "매핑 파일" in manager.get(f"{answer.location}/columns").text


def test_a_long_sheet_tells_how_far_it_is_and_can_be_stopped(hub, manager) -> None:
    rows = [[f"기업{number}", "", "허브", 1 + number % 90] for number in range(5_100)]
    page = to_preview(manager, as_csv([HEADER, *rows]))
    press(manager, f"{page}/take-in")
    assert "차례를 기다림" in manager.get(page).text
    assert "5,100" in manager.get(f"{page}/progress").text
    press(manager, f"{page}/stop")
    done = manager.get(f"{page}/progress")
    assert (done.status_code, done.headers["HX-Refresh"]) == (286, "true")
    assert "멈췄습니다" in manager.get(page).text
    assert count(hub, Link) == [0]


def test_the_preview_of_a_long_sheet_comes_by_itself(manager, monkeypatch) -> None:
    page = to_preview(manager, as_csv([HEADER, *GOOD]))
    monkeypatch.setattr("hub.web.sheet_steps._LONG", 1)
    text = manager.get(page).text
    assert "2행을 확인하는 중" in text
    assert "/take-in" not in text
    address = re.search(r'class="checking" hx-get="([^"]+)"', text)[1]
    part = manager.get(address, headers={"HX-Request": "true"}).text
    assert "/take-in" in part
    assert "<html" not in part


def test_columns_through_the_api(hub, manager) -> None:
    rows = [["갑", "을", "병"], ["가온정밀", "0.3", "허브"], ["나래", "0.2", "축"]]
    place = send(manager, (as_csv(rows), "a.csv")).location.removesuffix("/columns")
    address = f"/api/v1{place.removeprefix('/supply')}/columns"
    told = manager.get(address).json
    assert [(each["name"], each["holds"]) for each in told["columns"]] == [
        ("갑", ""),
        ("을", ""),
        ("병", ""),
    ]
    assert told["columns"][0]["samples"] == ["가온정밀", "나래"]
    assert told["layout"] is None
    assert manager.get(f"/api/v1{place.removeprefix('/supply')}/preview").status_code == 422
    headers = {"X-CSRFToken": token(manager)}
    layout = {"links": [{"supplier": {"name": "갑"}, "item": "병", "share": "을"}]}
    said = manager.put(address, json=layout, headers=headers)
    assert (said.status_code, said.json["share_unclear"]) == (200, True)
    layout["links"][0]["share_as"] = "fraction"
    said = manager.put(address, json=layout, headers=headers).json
    assert [each["holds"] for each in said["columns"]] == [
        "supplier.name",
        "link.share",
        "link.item",
    ]
    assert ">30<" in manager.get(place).text
    layout["links"][0]["item"] = "없는 열"
    assert manager.put(address, json=layout, headers=headers).status_code == 422
