"""Measures the way from the upload page to the preview of a sheet, over HTTP.

    .venv/bin/python -m tests.bench.upload [ROWS]

A hub of its own in a temporary folder, a real web server, a person who signs in; the sheet has
ROWS rows (10,000) of different firms with valid registration numbers, as XLSX and as CSV. The
time is that of every request between pressing "Read the sheets" and having the preview, columns
step included, without the seconds that a person looks at it.
"""

import io
import platform
import random
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import requests
from waitress.server import create_server

from hub.app import create_app
from hub.migrations import upgrade
from hub.served import served
from hub.settings import Settings
from hub.wiring import Hub, wire
from supplychain.identify import check_digit, dashed
from tests import make

HEADER = [
    "협력사명",
    "사업자등록번호",
    "소재지",
    "주요공정",
    "종업원수",
    "납품처",
    "품목",
    "거래비중(%)",
]
REGIONS, ITEMS = ("경기도 화성시", "부산광역시", "경남 창원"), ("허브", "축", "링", "하우징")
PROCESSES = ("사출", "도금", "CNC 가공", "프레스")


def rows(count: int) -> Iterator[list[object]]:
    """Firms with numbers that check, each delivering to one of two hundred buyers."""
    chance = random.Random(1)
    for number in range(count):
        first = f"{chance.randint(101, 899)}{chance.choice((81, 86, 87))}{number % 9_999 + 1:04d}"
        yield [
            f"가온정밀{number}(주)",
            dashed(first + str(check_digit(first))),
            chance.choice(REGIONS),
            chance.choice(PROCESSES),
            chance.randint(3, 300),
            f"나래모듈{number % 200}",
            chance.choice(ITEMS),
            chance.randint(1, 90),
        ]


def as_xlsx(count: int) -> bytes:
    """The sheet as a workbook."""
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("협력사")
    page.append(HEADER)
    for row in rows(count):
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(count: int) -> bytes:
    """The sheet as text in the encoding of Korean spreadsheet programs."""
    lines = [HEADER, *rows(count)]
    return "\r\n".join(",".join(map(str, line)) for line in lines).encode("cp949")


def to_preview(url: str, person: requests.Session, name: str, content: bytes) -> dict[str, float]:
    """Seconds of each request up to the preview."""
    page = person.get(f"{url}/supply/sheets/new")
    data = {"csrf_token": token(page.text)}
    took = {}
    began = time.perf_counter()
    page = person.post(f"{url}/supply/sheets/new", data=data, files={"sheet": (name, content)})
    took["upload and columns"] = time.perf_counter() - began
    data |= dict(re.findall(r'name="(row|lines)" value="(\d+)"', page.text))
    for field, options in re.findall(
        r'<select[^>]*name="(column-\d+)">(.*?)</select>', page.text, re.DOTALL
    ):
        found = re.search(r'value="([^"]*)" selected', options)
        data[field] = found[1] if found else ""
    began = time.perf_counter()
    page = person.post(page.url, data=data)
    if later := re.search(r'class="checking" hx-get="([^"]+)"', page.text):  # of a long sheet
        page = person.get(url + later[1], headers={"HX-Request": "true"})
    took["preview"] = time.perf_counter() - began
    if "/take-in" not in page.text:
        raise SystemExit(f"no preview: {page.status_code} {page.url}")
    return took


def token(text: str) -> str:
    """The hidden field of a form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    return found[1] if found else ""


def processor() -> float:
    """Seconds of a processor that this process and its children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def measure(hub: Hub, count: int) -> None:
    """Print the table."""
    server = create_server(create_app(hub), host="127.0.0.1", port=0, threads=4)
    print(f"Python {platform.python_version()}, {count:,} rows\n")
    print("| sheet | MB | upload and columns, s | preview, s | together, s | of this, processor |")
    print("|---|---|---|---|---|---|")
    with served(server):
        for name, content in (("a.xlsx", as_xlsx(count)), ("a.csv", as_csv(count))):
            _measured(hub, f"http://127.0.0.1:{server.effective_port}", name, content)


def _measured(hub: Hub, url: str, name: str, content: bytes) -> None:
    """A line of the table."""
    user = make.person(hub, ("supply_manager", make.firm(hub, f"한빛모빌리티 {name}")))
    with requests.Session() as person:
        page = person.get(f"{url}/sign-in")
        data = {"email": user.email, "password": make.PASSWORD, "csrf_token": token(page.text)}
        person.post(f"{url}/sign-in", data=data)
        before = processor()
        took = to_preview(url, person, name, content)
        worked = processor() - before
    figures = " | ".join(f"{each:.2f}" for each in (*took.values(), sum(took.values())))
    print(f"| {name} | {len(content) / 1e6:.1f} | {figures} | {worked:.2f} |")


def main() -> None:
    """Measure in a folder that goes away."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        settings = Settings(data=Path(folder))
        upgrade(settings.database)
        hub = wire(settings)
        try:
            measure(hub, count)
        finally:
            hub.close()


if __name__ == "__main__":
    main()
