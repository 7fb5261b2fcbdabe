"""The map as files carry it: what its reader may see by name, and of all others their number."""

from zoneinfo import ZoneInfo

from supplychain.chart import Chart, ChartFirm, ChartGroup, ChartLink, writable
from supplychain.services.network import Place, TierMap


def chart_of(seen: TierMap, zone: ZoneInfo) -> Chart:
    """A map as a chart; days are those of `zone`."""
    return Chart(
        lead=seen.lead.id or 0,
        firms=tuple(_firm(place) for _, place in sorted(seen.places.items())),
        links=tuple(
            ChartLink(
                number=line.link_id,
                supplier=line.supplier,
                buyer=line.buyer,
                item=writable(line.item),
                share=line.share,
                standing=line.standing,
                since=line.since.astimezone(zone).date().isoformat(),
            )
            for line in sorted(seen.lines, key=lambda each: each.link_id)
        ),
        hidden=tuple(ChartGroup(*group.outline, group.firms) for group in seen.hidden),
    )


def _firm(place: Place) -> ChartFirm:
    facts = place.facts
    return ChartFirm(
        number=place.number,
        name=writable(place.name),
        brn=facts.brn or "",
        tier=place.tier,
        also=tuple(place.also),
        country=facts.country,
        region=writable(facts.region),
        sector=writable(facts.sector),
        process=facts.process,
        employees=facts.employees,
        level=place.level,
        own_word=facts.own_word,
    )
