"""The supply manager uploads a sheet and looks at the map."""

import pytest

from tests.conftest import ROOT
from tests.journeys.looks import axe, send, shots

pytestmark = pytest.mark.journey
SAMPLE = ROOT / "infra" / "sample"


def test_a_sheet_becomes_a_map_and_its_bad_rows_are_named(playing, someone, pictures) -> None:
    page = someone("supply@lead.example")
    page.goto(f"{playing.url}/supply/sheets/new")
    page.set_input_files("input[name=sheet]", SAMPLE / "more_suppliers.xlsx")
    send(page, "form[action$='/supply/sheets/new'] button[type=submit]")
    assert axe(page) == []
    if page.url.endswith("/columns"):
        shots(page, "columns", pictures)
        send(page, "form[action$='/columns'] button[type=submit]")
    told = page.locator("main").inner_text()
    for value in ("961-87-17705", "약 30", "140", "907-81-0096"):
        assert value in told
    assert axe(page) == []
    shots(page, "preview", pictures)
    send(page, "form[action$='/take-in'] button[type=submit]")
    assert axe(page) == []
    page.goto(f"{playing.url}/supply")
    page.locator("main canvas").first.wait_for()
    told = page.locator("main").inner_text()
    for tier, firms in (("1차", "24"), ("2차", "92"), ("3차", "250")):
        assert tier in told
        assert firms in told
    assert axe(page) == []
    shots(page, "map", pictures)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(200)),
        ("empty.csv", b""),
        ("wrong.csv", "날씨,기온\n맑음,21\n".encode("cp949")),
    ],
)
def test_a_file_that_is_no_supplier_sheet_is_refused_in_words(
    playing, someone, name: str, content: bytes
) -> None:
    page = someone("supply@lead.example")
    page.goto(f"{playing.url}/supply/sheets/new")
    page.set_input_files(
        "input[name=sheet]", {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    send(page, "form[action$='/supply/sheets/new'] button[type=submit]")
    told = page.locator("main").inner_text()
    assert "Traceback" not in told
    assert page.locator(
        "main .form-error, main .note, main [role=alert], main .form-hint-invalid"
    ).count()
