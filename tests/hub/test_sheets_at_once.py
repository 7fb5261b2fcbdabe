"""A double click, two people at once, a browser closed in the middle: counted once, over HTTP."""

import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests
from sqlmodel import func, select
from waitress.server import create_server

from hub.app import create_app
from hub.served import served
from hub.tables import AuditEntry
from supplychain.tables import Declaration, Firm, Link, Sheet
from tests import make
from tests.sheets import as_csv

HEADER = ["협력사명", "사업자등록번호", "품목", "거래비중(%)"]
ROWS = [
    ["가온정밀(주)", "124-81-00998", "허브", 12.5],
    ["나래모듈", "220-81-62517", "축", 30],
    ["다솜테크", "", "링", 5],
    ["라온", "120-81-47522", "핀", 5],
]
CLICKS = 6


class Browser:
    """Somebody signed in, who goes through pages over HTTP."""

    def __init__(self, url: str, person) -> None:
        self.url = url
        self.http = requests.Session()
        self.press("/sign-in", "/sign-in", email=person.email, password=make.PASSWORD)

    def press(self, page: str, address: str, files=None, **fields) -> requests.Response:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.http.get(self.url + page).text)
        data = {**fields, "csrf_token": token[1]}
        return self.http.post(self.url + address, data=data, files=files, timeout=60)

    def upload(self, content: bytes, name: str = "명단.csv") -> str:
        """Send a file and choose its columns as they are guessed; the address of the sheet."""
        page = self.press("/supply/sheets/new", "/supply/sheets/new", {"sheet": (name, content)})
        place = urlsplit(page.url).path
        if not place.endswith("/columns"):
            return place
        fields = dict(re.findall(r'name="(row|lines)" value="(\d+)"', page.text))
        for field, options in re.findall(
            r'<select[^>]*name="(column-\d+)">(.*?)</select>', page.text, re.DOTALL
        ):
            found = re.search(r'value="([^"]*)" selected', options)
            fields[field] = found[1] if found else ""
        return urlsplit(self.press(place, place, **fields).url).path


@pytest.fixture
def url(either_hub):
    server = create_server(create_app(either_hub), host="127.0.0.1", port=0, threads=CLICKS)
    with served(server):
        yield f"http://127.0.0.1:{server.effective_port}"


@pytest.fixture
def browser(either_hub, url):
    """A function: somebody's browser; all of them are closed in the end."""
    opened: list[Browser] = []

    def browsing(lead: int) -> Browser:
        person = make.person(either_hub, ("supply_manager", lead))
        opened.append(Browser(url, person))
        return opened[-1]

    yield browsing
    for each in opened:
        each.http.close()


@pytest.fixture
def lead(either_hub) -> int:
    return make.firm(either_hub, "한빛모빌리티(주)")


def at_once(*works):
    with ThreadPoolExecutor(len(works)) as pool:
        return [done.result() for done in [pool.submit(work) for work in works]]


def count(hub, *tables) -> list[int]:
    with hub.db.reading() as session:
        return [session.exec(select(func.count()).select_from(table)).one() for table in tables]


def taken_in(hub) -> int:
    with hub.db.reading() as session:
        done = select(func.count()).select_from(AuditEntry)
        return session.exec(done.where(AuditEntry.action == "sheet.taken-in")).one()


def test_a_double_click_is_counted_once(either_hub, browser, lead) -> None:
    mine = browser(lead)
    page = mine.upload(as_csv([HEADER, *ROWS]))
    before = count(either_hub, Firm)[0]
    clicks = at_once(*[lambda: mine.press("/supply/sheets", f"{page}/take-in")] * CLICKS)
    assert {each.status_code for each in clicks} == {200}
    assert taken_in(either_hub) == 1
    assert count(either_hub, Firm, Link, Declaration) == [before + 3, 3, 3]
    with either_hub.db.reading() as session:
        sheet = session.exec(select(Sheet)).one()
        assert (sheet.rows_new, sheet.rows_faulty, sheet.rows) == (3, 1, 4)


def test_two_people_with_the_same_file_at_once(either_hub, browser, lead) -> None:
    people = [browser(lead) for _ in range(3)]
    content = as_csv([HEADER, *ROWS])
    pages = at_once(*[lambda one=one: one.upload(content) for one in people])
    assert len(set(pages)) == 1
    at_once(*[lambda one=one: one.press(pages[0], f"{pages[0]}/take-in") for one in people])
    assert taken_in(either_hub) == 1
    assert count(either_hub, Sheet, Link, Declaration) == [1, 3, 3]


def test_two_people_with_lists_that_overlap(either_hub, browser, lead) -> None:
    other = make.firm(either_hub, "다른자동차(주)")
    one, two = browser(lead), browser(other)
    before = count(either_hub, Firm)[0]
    pages = at_once(
        lambda: one.upload(as_csv([HEADER, *ROWS])),
        lambda: two.upload(as_csv([HEADER, *ROWS[:2], ["마루", "101-81-09147", "캡", 1]])),
    )
    at_once(
        lambda: one.press(pages[0], f"{pages[0]}/take-in"),
        lambda: two.press(pages[1], f"{pages[1]}/take-in"),
    )
    with either_hub.db.reading() as session:
        numbers = [brn for brn in session.exec(select(Firm.brn)) if brn]
    assert sorted(numbers) == ["1018109147", "1248100998", "2208162517"]
    assert count(either_hub, Firm)[0] == before + 4
    assert count(either_hub, Link, Declaration) == [6, 6]


def half_sent(url: str, browser: Browser, address: str, body: bytes, sent: int) -> None:
    """Begin a request and go away in its middle."""
    cookies = "; ".join(f"{each.name}={each.value}" for each in browser.http.cookies)
    place = urlsplit(url)
    head = (
        f"POST {address} HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: {cookies}\r\n"
        f"Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((place.hostname, place.port), timeout=10) as line:
        line.sendall(head.encode() + body[:sent])


def form(fields: dict[str, str], content: bytes | None = None) -> bytes:
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if content is not None:
        parts.append(
            b'--edge\r\nContent-Disposition: form-data; name="sheet"; filename="a.csv"\r\n'
            b"Content-Type: text/csv\r\n\r\n" + content + b"\r\n"
        )
    return b"".join(parts) + b"--edge--\r\n"


def token_of(browser: Browser) -> str:
    page = browser.http.get(f"{browser.url}/supply/sheets/new").text
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def test_a_browser_closed_in_the_middle_of_an_upload(either_hub, browser, lead, url) -> None:
    mine = browser(lead)
    body = form({"csrf_token": token_of(mine), "lead": str(lead)}, as_csv([HEADER, *ROWS]) * 50)
    for sent in (0, 200, len(body) // 2, len(body) - 4):
        half_sent(url, mine, "/supply/sheets/new", body, sent)
    assert mine.http.get(f"{url}/supply/sheets").status_code == 200
    assert count(either_hub, Sheet, Link) == [0, 0]


def test_a_browser_closed_while_a_sheet_is_taken_in(either_hub, browser, lead, url) -> None:
    mine = browser(lead)
    page = mine.upload(as_csv([HEADER, *ROWS]))
    body = form({"csrf_token": token_of(mine)})
    for _ in range(3):
        half_sent(url, mine, f"{page}/take-in", body, len(body))
    until = time.monotonic() + 30
    while taken_in(either_hub) < 1 and time.monotonic() < until:
        mine.http.get(f"{url}/supply/sheets")  # the server goes on; so do we
    at_once(*[lambda: mine.press("/supply/sheets", f"{page}/take-in")] * 2)
    assert taken_in(either_hub) == 1
    assert count(either_hub, Link, Declaration) == [3, 3]
