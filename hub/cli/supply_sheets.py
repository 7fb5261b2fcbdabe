"""`hub supply import`, `sheets` and `withdraw`: a firm's sheets from the command line."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.cli.wired import actor, say_json, wired

if TYPE_CHECKING:
    from sqlmodel import Session

    from hub.wiring import Hub
    from supplychain.columns import Layout
    from supplychain.comparison import Coming, Line
    from supplychain.reading import Reading
    from supplychain.services.sheets import Tell
    from supplychain.tables import Firm, Sheet

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LEAD = click.option(
    "--lead", required=True, help="Lead firm: registration number, name or our number."
)
_WORDS = ("new", "changed", "unchanged", "faulty")


@click.command("import")
@click.argument("sheet", type=FILE)
@_LEAD
@click.option("--mapping", type=FILE, help="YAML or JSON file that says what each column holds.")
@click.option("--sheet", "tab", default="", help="Tab of a workbook; the first if not given.")
@click.option("--renews", type=int, help="Number of the earlier sheet: what is gone from it ends.")
@click.option("--ends", type=int, help="Agree that so many links end; asked for if most would.")
@click.option("--dry-run", is_flag=True, help="Say what would come of it; take nothing in.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def import_sheet(
    sheet: Path,
    *,
    lead: str,
    mapping: Path | None,
    tab: str,
    renews: int | None,
    ends: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take the good rows of SHEET in, and list the others. A lead firm that is new is added."""
    from supplychain.reading import read_sheet
    from supplychain.sheet import Limits

    with wired() as hub:
        with sheet.open("rb") as file:
            limits = Limits(megabytes=hub.settings.max_upload_mb)
            reading = read_sheet(file, sheet.name, layout_in(mapping), tab, limits)
        with _bar(len(reading.rows)) as tell:
            if dry_run:
                report = _looked(hub, lead, sheet.name, reading, renews, tell)
            else:
                report = _taken(hub, lead, sheet, reading, (renews, ends), tell)
    if as_json:
        say_json(report | {"columns": _spellings(reading)})
    else:
        _tell(report)


@click.command("sheets")
@_LEAD
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def list_sheets(*, lead: str, as_json: bool) -> None:
    """The sheets that a firm gave, newest first: state, rows, what came of them."""
    from sqlmodel import col, select

    from supplychain.services.firms import find_firm
    from supplychain.tables import Sheet

    with wired() as hub, hub.db.reading() as session:
        own = select(Sheet).where(Sheet.lead_id == find_firm(session, lead).id)
        found = [_sheet(row) for row in session.exec(own.order_by(col(Sheet.id).desc()))]
    if as_json:
        say_json({"sheets": found})
        return
    for row in found:
        tab = f" [{row['tab']}]" if row["tab"] else ""
        click.echo(f"{row['sheet']:>6}  {row['state']:<9}  {row['file']}{tab}  {_came(row)}")


@click.command("withdraw")
@click.argument("sheet", type=int)
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def withdraw_sheet(sheet: int, *, as_json: bool) -> None:
    """Take a sheet back by its number: what it said ends, what it had ended lives again."""
    from hub.accounts import record
    from supplychain.errors import SheetNotFound
    from supplychain.services.sheets import withdraw
    from supplychain.tables import Sheet

    with wired() as hub, hub.db.work() as session:
        row = session.get(Sheet, sheet)
        if row is None:
            raise SheetNotFound(sheet=sheet)
        if row.state == "taken":
            withdraw(session, row, actor())
            record(session, actor(), "sheet.withdrawn", row.file_name, sheet=row.id)
        told = _sheet(row)
    if as_json:
        say_json(told)
    else:
        click.echo(f"{told['file']}: {told['state']}.")


def layout_in(mapping: Path | None) -> "Layout | None":
    """The layout that a mapping file asks for."""
    from supplychain.columns import read_mapping

    return read_mapping(mapping.read_text(encoding="utf-8-sig")) if mapping else None


@contextmanager
def _bar(rows: int) -> "Iterator[Tell | None]":
    """A progress bar on standard error, where a person looks on."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=rows, label="Comparing", file=sys.stderr) as bar:

        def tell(done: int) -> None:
            if done < 0:
                bar.label = "Writing"
                bar.render_progress()
            else:
                bar.update(done - bar.pos)

        yield tell


def _looked(
    hub: "Hub", lead: str, file: str, reading: "Reading", renews: int | None, tell: "Tell | None"
) -> dict[str, Any]:
    """What would come of it. Only a lead firm that is new is written for the while."""
    from supplychain.errors import FirmNotFound
    from supplychain.services.firms import find_firm
    from supplychain.services.sheets import compare
    from supplychain.tables import Sheet

    def look(session: "Session") -> dict[str, Any]:
        firm, new = _lead(session, lead)
        row = Sheet(lead_id=firm.id or 0, sha256="", file_name=file, size=0, replaces_id=renews)
        coming = compare(session, row, reading, tell)
        return _report(session, firm, row, coming) | {"lead": _who(firm, new), "dry_run": True}

    with suppress(FirmNotFound), hub.db.reading() as session:
        find_firm(session, lead)
        return look(session)
    with hub.db.work() as session:
        report = look(session)
        session.rollback()
    return report


def _taken(
    hub: "Hub",
    lead: str,
    file: Path,
    reading: "Reading",
    renewing: tuple[int | None, int | None],
    tell: "Tell | None",
) -> dict[str, Any]:
    """What came of it. `renewing`: the earlier sheet, and how many links may end."""
    from hub.accounts import record
    from hub.sheets_job import take_now
    from supplychain.services.sheets import agree_to_end, compare, note_sheet, renew
    from supplychain.tables import Firm, Sheet

    content = file.read_bytes()
    hub.store.put(content)
    with hub.db.work() as session:
        firm, new = _lead(session, lead)
        row = note_sheet(session, firm, content, reading, file_name=file.name, actor=actor())
        renews, ends = renewing
        if renews is not None:
            renew(session, row, renews)
        if ends is not None:
            agree_to_end(session, row, ends)
        record(session, actor(), "sheet.uploaded", row.file_name, sheet=row.id)
        session.flush()
        session.refresh(row)
        session.expunge(row)
    coming = None
    if row.state != "taken":
        coming = take_now(hub, row, reading, actor(), tell, ("waiting", "queued", "taking"))
    with hub.db.reading() as session:
        row = session.get_one(Sheet, row.id)
        firm = session.get_one(Firm, row.lead_id)
        coming = coming or compare(session, row, reading)
        return _report(session, firm, row, coming) | {"lead": _who(firm, new), "dry_run": False}


def _lead(session: "Session", text: str) -> "tuple[Firm, bool]":
    """The lead firm, and whether it had to be added; only a name can be new."""
    from supplychain.cells import name
    from supplychain.errors import FirmNotFound
    from supplychain.matching import name_key
    from supplychain.rows import ReadFirm
    from supplychain.services.firms import add_firm, find_firm

    try:
        return find_firm(session, text), False
    except FirmNotFound:
        if text.replace("-", "").isdecimal():
            raise
    told = ReadFirm(name=name(text), key=name_key(text), country="")
    return add_firm(session, told), True


def _who(firm: "Firm", new: bool) -> dict[str, Any]:
    return {"id": firm.id, "name": firm.name, "new": new}


def _report(session: "Session", firm: "Firm", row: "Sheet", coming: "Coming") -> dict[str, Any]:
    from supplychain.services.network import tier_map
    from supplychain.services.sheets import kept_faults

    seen = tier_map(session, firm.id or 0)
    kinds = Counter(type(at.fault).__name__ for at in coming.faults)
    return {
        "sheet": row.id,
        "rows": {word: coming.rows[word] for word in _WORDS},
        "firms": {"named": coming.firms, "new": coming.firms_new},
        "links": {
            "named": coming.links,
            "new": coming.links_new,
            "gone": coming.links_gone,
            "before": coming.links_before,
            "in_chain": len(seen.links),
        },
        "tiers": {str(tier): count.firms for tier, count in seen.tiers.items()},
        "named": {str(tier): count.named for tier, count in seen.tiers.items()},
        "gone": [_line(line) for line in coming.gone],
        "joined": coming.joined,
        "fault_kinds": dict(kinds),
        "faults": [
            {
                "row": fault.row,
                "column": fault.column,
                "value": fault.value,
                "kind": fault.kind,
                "reason": str(fault.error),
                "row_taken_in": not fault.refuses,
                "rows": fault.rows,
            }
            for fault in kept_faults(row, coming.faults)
        ],
    }


def _line(line: "Line") -> dict[str, Any]:
    return {
        "row": line.row,
        "supplier": line.supplier,
        "buyer": line.buyer,
        "item": line.item,
        "ends": line.ends,
    }


def _sheet(row: "Sheet") -> dict[str, Any]:
    counts = (row.rows_new, row.rows_changed, row.rows_unchanged, row.rows_faulty)
    return {
        "sheet": row.id,
        "file": row.file_name,
        "tab": row.tab,
        "state": row.state,
        "step": row.step,
        "rows_done": row.rows_done,
        "rows_in_all": row.rows,
        "rows": dict(zip(_WORDS, counts, strict=True)),
        "renews": row.replaces_id,
        "uploaded_at": row.uploaded_at,
        "taken_at": row.taken_at,
        "withdrawn_at": row.withdrawn_at,
    }


def _came(row: dict[str, Any]) -> str:
    rows = row["rows"]
    if row["state"] in ("queued", "taking"):
        return f"{row['step']} {row['rows_done']} of {row['rows_in_all']} rows".strip()
    if row["state"] not in ("taken", "withdrawn"):
        return f"{row['rows_in_all']} rows"
    return ", ".join(f"{rows[word]} {word}" for word in _WORDS if rows[word])


def _spellings(reading: "Reading") -> list[dict[str, Any]]:
    """For each link of the layout: different names and pairs as written, before any is joined."""
    pairs: dict[str, set[tuple[str, str | None]]] = {}
    for row in reading.rows:
        for link in row.links if row.good else ():
            buyer = link.buyer.name if link.buyer else None
            pairs.setdefault(link.supplier.column, set()).add((link.supplier.name, buyer))
    return [
        {
            "supplier": columns.supplier.name,
            "buyer": "lead" if columns.buyer == "lead" else columns.buyer.name,
            "supplier_spellings": len({supplier for supplier, _ in found}),
            "buyer_spellings": len({buyer for _, buyer in found if buyer}),
            "pairs_as_written": len(found),
        }
        for columns in reading.layout.links
        for found in (pairs.get(columns.supplier.name, set()),)
    ]


def _tell(report: dict[str, Any]) -> None:
    rows, lead, links = report["rows"], report["lead"], report["links"]
    if lead["new"] and not report["dry_run"]:
        click.echo(f"{lead['name']} was new and has been added as a lead firm.")
    click.echo(
        f"{'Would be taken' if report['dry_run'] else 'Taken'} in for {lead['name']}: "
        f"{rows['new']} rows new, {rows['changed']} changed, {rows['unchanged']} unchanged, "
        f"{rows['faulty']} not taken in."
    )
    click.echo(f"New: {report['firms']['new']} firms, {links['new']} links.")
    if links["gone"]:
        click.echo(f"No longer in the list: {links['gone']} of {links['before']} links.")
    if links["before"] == links["gone"] > 0:
        click.echo("Nothing of the earlier list stands in this one. Is it really its new version?")
    for line in report["gone"]:
        left = "" if line["ends"] else " (stays: others declare it)"
        click.echo(f"  {line['supplier']} → {line['buyer']}, {line['item'] or '–'}{left}")
    for tier, count in report["tiers"].items() if not report["dry_run"] else ():
        click.echo(f"  tier {tier}: {counted(count, report['named'].get(tier, 0))}")
    for fault in report["faults"]:
        mark = " (row taken in)" if fault["row_taken_in"] else ""
        click.echo(
            f"  row {fault['row']}, {fault['column']}, {fault['value']!r}: {fault['reason']}{mark}"
        )


def counted(count: int | None, named: int) -> str:
    """A number of firms, as exactly as it may be told (supplychain.visibility)."""
    return str(count) if count is not None else f"{named} named, and fewer than 3 more"
