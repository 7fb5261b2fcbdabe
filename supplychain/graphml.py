"""A map as GraphML, for yEd, Gephi, Cytoscape, networkx. Pure: bytes out, a map in.

One node a firm, one edge a delivery (supplier → buyer; two firms may have several). Firms that are
only counted are nodes without edges of kind "group". What is not known is left out.
"""

import io
from collections.abc import Mapping
from typing import Any

import networkx as nx

from supplychain.chart import Chart, ChartFirm, ChartGroup, ChartLink, writable

_TOGETHER = "*"  # small groups of several regions or industries


def as_graphml(chart: Chart) -> bytes:
    """The file.

    >>> firm = ChartFirm(1, "한빛", "", 0, (), "KR", "", "", "", None, None, own_word=True)
    >>> chart = Chart(1, (firm,), (), ())
    >>> from_graphml(as_graphml(chart)) == chart
    True
    """
    graph = nx.MultiDiGraph(lead=str(chart.lead))
    for firm in chart.firms:
        told = firm._asdict() | {"label": firm.name, "also": ";".join(map(str, firm.also))}
        graph.add_node(str(firm.number), kind="firm", **_known(told))
    for place, group in enumerate(chart.hidden):
        words = {
            name: _TOGETHER if word is None else word
            for name, word in (("region", group.region), ("sector", group.sector))
        }
        told = group._asdict() | words | {"label": "", "firms": group.firms}
        graph.add_node(f"group-{place}", kind="group", **_known(told))
    for link in chart.links:
        ends = (str(link.supplier), str(link.buyer))
        graph.add_edge(*ends, key=str(link.number), **_known(link._asdict()))
    out = io.BytesIO()
    nx.write_graphml(graph, out, encoding="utf-8", named_key_ids=False)
    return out.getvalue()


def _known(told: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is not known; a text as a file can hold it."""
    return {
        name: writable(value) if isinstance(value, str) else value
        for name, value in told.items()
        if value is not None and value != ""
    }


def from_graphml(content: bytes) -> Chart:
    """The map that such a file holds."""
    graph = nx.parse_graphml(content.decode(), force_multigraph=True)
    nodes = [data for _, data in graph.nodes(data=True)]
    return Chart(
        lead=int(graph.graph["lead"]),
        firms=tuple(_firm(data) for data in nodes if data["kind"] == "firm"),
        links=tuple(
            sorted(
                _link(int(supplier), int(buyer), data)
                for supplier, buyer, data in graph.edges(data=True)
            )
        ),
        hidden=tuple(_group(data) for data in nodes if data["kind"] == "group"),
    )


def _firm(data: Mapping[str, Any]) -> ChartFirm:
    also = data.get("also", "")
    told = {name: data.get(name, "") for name in ChartFirm._fields}
    counts = {name: data.get(name) for name in ("employees", "level")}
    tiers = tuple(int(tier) for tier in str(also).split(";")) if also else ()
    return ChartFirm(**{**told, **counts, "also": tiers})


def _link(supplier: int, buyer: int, data: Mapping[str, Any]) -> ChartLink:
    return ChartLink(
        number=data["number"],
        supplier=supplier,
        buyer=buyer,
        item=data.get("item", ""),
        share=data.get("share"),
        standing=data["standing"],
        since=data.get("since", ""),
    )


def _group(data: Mapping[str, Any]) -> ChartGroup:
    words = {
        name: None if data.get(name) == _TOGETHER else data.get(name, "")
        for name in ("region", "sector")
    }
    return ChartGroup(tier=data["tier"], firms=data.get("firms"), **words)
