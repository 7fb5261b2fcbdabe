"""The map of a firm as a file for other programs: GraphML, and Asset Administration Shells."""

from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session

from hub.settings import Settings
from supplychain.aas.files import as_aasx, as_json
from supplychain.graphml import as_graphml
from supplychain.services.charts import chart_of
from supplychain.services.network import tier_map

FORMS = ("graphml", "aas", "aasx")


class ChainFile(NamedTuple):
    """A file of a chain: its name, its media type, its content in pieces."""

    name: str
    kind: str
    content: Iterator[bytes]


def chain_file(session: Session, settings: Settings, lead: int, form: str) -> ChainFile:
    """The map behind a firm as that firm may see it, as one of FORMS."""
    chart = chart_of(tier_map(session, lead), ZoneInfo(settings.time_zone))
    if form == "graphml":
        return ChainFile("chain.graphml", "application/graphml+xml", iter([as_graphml(chart)]))
    if form == "aasx":
        packed = as_aasx(chart, settings.url)
        kind = "application/asset-administration-shell-package"
        return ChainFile("chain.aasx", kind, iter([packed]))
    told = (piece.encode() for piece in as_json(chart, settings.url))
    return ChainFile("chain.aas.json", "application/json", told)
