"""Firms and links of a map as files for spreadsheet programs: what the map shows, and no more."""

import io
from collections.abc import Collection, Iterator, Sequence

from flask import Response
from flask_babel import gettext as _

from hub.web.formats import day, level, process, region
from hub.web.supply_map import STANDINGS
from supplychain.export import Cell, as_csv, write_xlsx
from supplychain.identify import dashed
from supplychain.services.network import Place, TierMap

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_file(seen: TierMap, what: str, kind: str, some: Collection[Place] | None = None) -> Response:
    """The "firms" or "links" of a map as "csv" or "xlsx": all of them, or of some firms alone."""
    chosen = seen.places.values() if some is None else some
    title, header, rows = _firms(chosen) if what == "firms" else _links(seen, chosen)
    named = {"Content-Disposition": f"attachment; filename={what}.{kind}"}
    if kind == "csv":
        return Response("".join(as_csv(header, rows)), mimetype="text/csv", headers=named)
    out = io.BytesIO()
    write_xlsx(out, title, header, rows)
    return Response(out.getvalue(), mimetype=_XLSX, headers=named)


Table = tuple[str, Sequence[str], Iterator[Sequence[Cell]]]


def _firms(chosen: Collection[Place]) -> Table:
    header = [
        _("Firm"), _("Business registration number"), _("Tier"), _("Region"), _("Process"),
        _("Employees"), _("Smart-factory level"), _("Suppliers"), _("Delivers to"),
    ]  # fmt: skip
    return _("Firms by name"), header, (_firm(place) for place in chosen)


def _firm(place: Place) -> Sequence[Cell]:
    facts = place.facts
    return (
        place.name,
        dashed(facts.brn),
        place.tier,
        region(facts.region) if facts.region else "",
        process(facts.process) if facts.process else "",
        facts.employees,
        "" if place.level is None else level(place.level),
        place.suppliers,
        place.buyers,
    )


def _links(seen: TierMap, chosen: Collection[Place]) -> Table:
    suppliers = {place.number for place in chosen}
    header = [
        _("Supplier"), _("Business registration number"), _("Tier"), _("Delivers to"),
        _("Business registration number"), _("Item"), _("Share"), _("Standing"), _("Known since"),
    ]  # fmt: skip
    rows = (
        (
            supplier.name,
            dashed(supplier.facts.brn),
            supplier.tier,
            buyer.name,
            dashed(buyer.facts.brn),
            line.item,
            line.share,
            str(STANDINGS[line.standing]),
            day(line.since),
        )
        for line in seen.lines
        if line.supplier in suppliers
        for supplier, buyer in ((seen.places[line.supplier], seen.places[line.buyer]),)
    )
    return _("Links"), header, rows
