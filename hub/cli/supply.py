"""`hub supply`: take sheets in, and ask for tiers, from the command line."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.cli.network import is_network, tiers_in_network
from hub.cli.risk import risk
from hub.cli.wired import actor, say_json, wired

if TYPE_CHECKING:
    from sqlmodel import Session

    from supplychain.columns import Layout
    from supplychain.reading import Reading
    from supplychain.services.network import TierMap
    from supplychain.services.sheets import TakenIn
    from supplychain.tables import Firm, Sheet

_SHEET = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def supply() -> None:
    """Supplier sheets, tiers, and where the chain breaks."""


supply.add_command(risk)


@supply.command("import")
@click.argument("sheet", type=_SHEET)
@click.option("--lead", required=True, help="Lead firm: registration number, name or our number.")
@click.option("--mapping", type=_SHEET, help="YAML or JSON file that says what each column holds.")
@click.option("--sheet", "tab", default="", help="Tab of a workbook; the first if not given.")
@click.option("--dry-run", is_flag=True, help="Say what would come of it; take nothing in.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def import_sheet(
    sheet: Path, *, lead: str, mapping: Path | None, tab: str, dry_run: bool, as_json: bool
) -> None:
    """Take the good rows of SHEET in, and list the others. A lead firm that is new is added."""
    from supplychain.reading import read_sheet
    from supplychain.services.network import tier_map
    from supplychain.services.sheets import note_sheet, take_in_sheet
    from supplychain.sheet import Limits

    with wired() as hub:
        with sheet.open("rb") as file:
            limits = Limits(megabytes=hub.settings.max_upload_mb)
            reading = read_sheet(file, sheet.name, _layout(mapping), tab, limits)
        content = sheet.read_bytes()
        if not dry_run:
            hub.store.put(content)
        with hub.db.work() as session:
            firm, new = _lead(session, lead)
            row = note_sheet(session, firm, content, reading, file_name=sheet.name, actor=actor())
            taken = take_in_sheet(session, row, reading)
            seen = tier_map(session, firm.id or 0)
            report = _report(row, reading, taken, seen) | {
                "sheet": row.id,
                "lead": {"id": firm.id, "name": firm.name, "new": new},
                "dry_run": dry_run,
            }
            if dry_run:
                session.rollback()
            else:
                _note(session, sheet.name, taken)
    say_json(report) if as_json else _tell(report)


@supply.command("tiers")
@click.option("--lead", required=True, help="Lead firm: registration number, name or our number.")
@click.option(
    "--network",
    type=_SHEET,
    help="Count in this CSV (supplier, buyer) or sheet alone, without the database.",
)
@click.option("--mapping", type=_SHEET, help="What each column of the --network sheet holds.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document, firms included.")
def tiers(*, lead: str, network: Path | None, mapping: Path | None, as_json: bool) -> None:
    """Count the firms of each tier behind a lead firm."""
    if network is None:
        found = _tiers_known(lead)
    elif mapping is None and is_network(network):
        found = tiers_in_network(network, lead)
    else:
        found = _tiers_in(network, lead, _layout(mapping))
    if as_json:
        say_json(found)
        return
    click.echo(found["lead"])
    for tier, count in found["tiers"].items():
        click.echo(f"  tier {tier}: {count}")
    click.echo(f"  links: {found['links']}, circles: {len(found['circles'])}")


def _layout(mapping: Path | None) -> "Layout | None":
    from supplychain.columns import read_mapping

    return read_mapping(mapping.read_text(encoding="utf-8-sig")) if mapping else None


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


def _note(session: "Session", file: str, taken: "TakenIn") -> None:
    from hub.accounts import record

    record(session, actor(), "sheet.taken-in", file, **taken.rows)


def _report(row: "Sheet", reading: "Reading", taken: "TakenIn", seen: "TierMap") -> dict[str, Any]:
    """What came of the sheet; `columns` says how many spellings and pairs each link has in it."""
    from supplychain.services.sheets import kept_faults

    kinds = Counter(type(at.fault).__name__ for at in taken.faults)
    return {
        "rows": {word: taken.rows[word] for word in ("new", "changed", "unchanged", "faulty")},
        "firms": {"named": taken.firms, "new": taken.firms_new},
        "links": {"named": taken.links, "new": taken.links_new, "in_chain": len(seen.links)},
        "tiers": {str(tier): count for tier, count in seen.counts.items()},
        "columns": _spellings(reading),
        "joined": taken.joined,
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
            for fault in kept_faults(row, taken.faults)
        ],
    }


def _spellings(reading: "Reading") -> list[dict[str, Any]]:
    """For each link of the layout: different names and pairs as written, before any is joined."""
    counted = []
    for columns in reading.layout.links:
        pairs = {
            (link.supplier.name, link.buyer.name if link.buyer else None)
            for row in reading.rows
            for link in row.links
            if row.good and link.supplier.column == columns.supplier.name
        }
        counted.append(
            {
                "supplier": columns.supplier.name,
                "buyer": "lead" if columns.buyer == "lead" else columns.buyer.name,
                "supplier_spellings": len({supplier for supplier, _ in pairs}),
                "buyer_spellings": len({buyer for _, buyer in pairs if buyer}),
                "pairs_as_written": len(pairs),
            }
        )
    return counted


def _tell(report: dict[str, Any]) -> None:
    rows, lead = report["rows"], report["lead"]
    if lead["new"]:
        click.echo(f"{lead['name']} was new and has been added as a lead firm.")
    click.echo(
        f"{'Would be taken' if report['dry_run'] else 'Taken'} in for {lead['name']}: "
        f"{rows['new']} rows new, {rows['changed']} changed, {rows['unchanged']} unchanged, "
        f"{rows['faulty']} not taken in."
    )
    click.echo(f"New: {report['firms']['new']} firms, {report['links']['new']} links.")
    for tier, count in report["tiers"].items():
        click.echo(f"  tier {tier}: {count}")
    for fault in report["faults"]:
        mark = " (row taken in)" if fault["row_taken_in"] else ""
        click.echo(
            f"  row {fault['row']}, {fault['column']}, {fault['value']!r}: {fault['reason']}{mark}"
        )


def _tiers_known(lead: str) -> dict[str, Any]:
    from supplychain.services.firms import find_firm
    from supplychain.services.network import tier_map

    with wired() as hub, hub.db.reading() as session:
        seen = tier_map(session, find_firm(session, lead).id or 0)
        return {
            "lead": seen.lead.name,
            "tiers": {str(tier): count for tier, count in seen.counts.items()},
            "links": len(seen.links),
            "circles": [
                sorted(seen.places[number].firm.name for number in circle)
                for circle in seen.circles
            ],
            "diamond_ratio": seen.diamond_ratio,
            "firms": [
                {"id": number, "name": place.firm.name, "brn": place.firm.brn, "tier": place.tier}
                for number, place in seen.places.items()
            ],
        }


def _tiers_in(network: Path, lead: str, layout: "Layout | None") -> dict[str, Any]:
    from supplychain.matching import name_key
    from supplychain.reading import read_sheet
    from supplychain.tiers import circles, diamonds, tiers_from

    with network.open("rb") as file:
        reading = read_sheet(file, network.name, layout)
    names: dict[str, str] = {name_key(lead): lead}
    links: set[tuple[str, str]] = set()
    for link in (link for row in reading.rows if row.good for link in row.links):
        supplier, buyer = link.supplier.key, link.buyer.key if link.buyer else name_key(lead)
        names.setdefault(supplier, link.supplier.name)
        names.setdefault(buyer, link.buyer.name if link.buyer else lead)
        if supplier != buyer:
            links.add((supplier, buyer))
    found = tiers_from(name_key(lead), sorted(links))
    counts = Counter(tier for tier in found.values() if tier)
    return {
        "lead": lead,
        "tiers": {str(tier): count for tier, count in sorted(counts.items())},
        "links": sum(supplier in found and buyer in found for supplier, buyer in links),
        "circles": [sorted(names[key] for key in circle) for circle in circles(sorted(links))],
        "diamond_ratio": len(diamonds(found, links)) / counts[2] if counts[2] else None,
        "firms": [{"name": names[key], "tier": tier} for key, tier in found.items()],
    }
