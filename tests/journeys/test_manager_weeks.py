"""A supply manager's later days: bad rows mended, a list renewed in earnest and taken back, a
colleague let in.
"""

import io
import re
import time
from email import message_from_bytes, policy

import openpyxl
import pytest

from tests.journeys.looks import axe, send, shots

pytestmark = [pytest.mark.journey, pytest.mark.timeout(420)]

HEADER = "협력사명,사업자등록번호,이메일,품목,거래비중(%)\n"
OCTOBER = (
    HEADER
    + "가람볼트(주),124-81-00998,sales@garam.example,볼트,30\n나린스프링,,,스프링,20\n"
    + "다온와셔,124-81-00999,,와셔,10\n,,,너트,5\n"
)
ANOTHER = HEADER + "마루포장,,,포장재,40\n"
TAKE_IN = "form[action$='/take-in'] button[type=submit]"


def test_rows_are_mended_a_list_is_renewed_and_taken_back(playing, someone, pictures) -> None:
    page = someone("supply@lead.example")
    give(playing, page, "추가 협력사 2026-10.csv", OCTOBER.encode())
    with page.expect_download() as download:
        page.get_by_role("link", name="고칠 행 내려받기").first.click()
    send(page, TAKE_IN)
    first = page.url
    assert "2" in page.locator("main .figures").inner_text()
    mended = mend(download.value.path())
    give(playing, page, download.value.suggested_filename, mended)
    assert "모든 행을 쓸 수 있습니다" in page.locator("main").inner_text()
    send(page, TAKE_IN)
    renew(playing, page, pictures)
    newest = page.url
    page.goto(first)
    assert page.locator(f"main a[href$='{newest[newest.rindex('/') :]}']").count(), "renewed by it"
    page.goto(newest)
    page.locator("main details.more summary").last.click()
    send_confirmed(page, "form[action$='/withdraw'] button")
    page.goto(first)
    assert not page.locator(f"main a[href$='{newest[newest.rindex('/') :]}']").count()
    assert axe(page) == []
    shots(page, "later-result", pictures)


def renew(playing, page, pictures) -> None:
    """Another list under the same name: nothing of it ends by one click."""
    give(playing, page, "추가 협력사 2026-11.csv", ANOTHER.encode())
    send(page, ".renews button.primary")
    told = page.locator("main .sweeping").inner_text()
    assert "2개 중 2개" in told
    assert axe(page) == []
    shots(page, "later-sweeping", pictures)
    page.fill("input[name=ends]", "1")
    send(page, ".sweeping button[type=submit]")
    assert "위에 적힌 숫자" in page.locator("main .sweeping").inner_text()
    page.fill("input[name=ends]", "2")
    send(page, ".sweeping button[type=submit]")
    assert page.locator("ol.steps li.now").inner_text().endswith("결과")


def test_a_colleague_comes_in_by_a_link(playing, someone, pictures) -> None:
    page = someone("vendor@tier2.example")
    page.goto(f"{playing.url}/colleagues")
    page.fill("input[name=email]", "colleague@tier2.example")
    page.fill("input[name=name]", "문하늘")
    send(page, "form[action$='/colleagues'] button[type=submit]")
    assert axe(page) == []
    shots(page, "colleagues", pictures)
    theirs = someone()
    theirs.goto(link_in_mail(playing, "colleague@tier2.example"))
    assert axe(theirs) == []
    shots(theirs, "colleague-letter", pictures)
    theirs.fill("input[name=password]:visible", "우리공장 3번라인 사출")
    send(theirs, "main form button.primary")
    theirs.goto(f"{playing.url}/my-firm")
    assert "문하늘" in theirs.locator("main").inner_text()
    page.goto(f"{playing.url}/colleagues")
    send_confirmed(page, "li:has-text('문하늘') form button")
    theirs.goto(f"{playing.url}/my-firm")
    assert "문하늘" not in theirs.locator("main").inner_text()


def give(playing, page, name: str, content: bytes) -> None:
    """Upload a file; its columns are taken as they were guessed."""
    page.goto(f"{playing.url}/supply/sheets/new")
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.set_input_files("input[name=sheet]", file)
    send(page, "form[action$='/new'] button[type=submit]")
    if page.url.endswith("/columns"):
        send(page, "form[action$='/columns'] button[type=submit]")


def mend(path) -> bytes:
    """Put right what the reasons say, in the workbook that came back."""
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    sheet = book.active
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if cell.value == "124-81-00999":
                cell.value = "220-81-62517"
            if cell.value == "너트":
                sheet.cell(cell.row, names(sheet).index("협력사명") + 1).value = "라온너트"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def names(sheet) -> list[str]:
    return [str(cell.value) for cell in sheet[1]]


def send_confirmed(page, button: str) -> None:
    """Press a button that asks once more, and say yes."""
    page.locator(button).first.click()
    with page.expect_navigation():
        page.locator("dialog.ask button.primary").click()


def link_in_mail(playing, address: str) -> str:
    """Where the newest mail to that address leads, as the outbox's folder holds it."""
    folder, until = playing.hub.settings.data / "outbox", time.monotonic() + 90
    while time.monotonic() < until:
        for file in folder.glob("*.eml"):
            found = message_from_bytes(file.read_bytes(), policy=policy.default)
            if address in str(found["To"]):
                text = found.get_body(("plain",)).get_content()
                return re.search(r"https?://\S+/colleague/\S+", text)[0]
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address}")
