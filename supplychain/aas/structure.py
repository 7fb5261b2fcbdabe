"""IDTA 02011-1-1-1, Hierarchical Structures enabling Bills of Material: who supplies whom. Pure."""

from aas_core3 import types

from supplychain.aas.words import TOGETHER, asset, facts, facts_of, label, meaning, refer, whole
from supplychain.chart import Chart, ChartFirm, ChartGroup, ChartLink

_STRUCTURES = "https://admin-shell.io/idta/HierarchicalStructures/"
SEMANTIC_ID = f"{_STRUCTURES}1/1/Submodel"


def structure(chart: Chart, place: str) -> types.Submodel:
    """The submodel of the lead firm."""
    ident = f"{place}/ids/structures/{chart.lead}"
    ends = {firm.number: _end(firm.number, chart.lead, ident) for firm in chart.firms}
    bought: dict[int, list[types.SubmodelElement]] = {}
    for link in chart.links:
        bought.setdefault(link.buyer, []).append(_has_part(link, ends))
    nodes = [
        _node(firm, f"Node_{firm.number}", "Node", bought.get(firm.number, []), place)
        for firm in chart.firms
        if firm.number != chart.lead
    ]
    groups = [_group(group, f"Unnamed_{at}") for at, group in enumerate(chart.hidden)]
    itself = next(firm for firm in chart.firms if firm.number == chart.lead)
    parts = [*nodes, *groups, *bought.get(chart.lead, [])]
    return types.Submodel(
        id=ident,
        id_short="HierarchicalStructures",
        kind=types.ModellingKind.INSTANCE,
        semantic_id=refer(
            types.ReferenceTypes.MODEL_REFERENCE,
            (types.KeyTypes.SUBMODEL, SEMANTIC_ID),
        ),
        submodel_elements=[
            types.Property(
                types.DataTypeDefXSD.STRING,
                id_short="ArcheType",
                semantic_id=meaning(f"{_STRUCTURES}ArcheType/1/0"),
                value="Full",
            ),
            _node(itself, "EntryNode", "EntryNode", parts, place),
        ],
    )


def _node(
    firm: ChartFirm,
    id_short: str,
    kind: str,
    statements: list[types.SubmodelElement],
    place: str,
) -> types.Entity:
    told = {"number": firm.number, "tier": firm.tier, "also": " ".join(map(str, firm.also))}
    return types.Entity(
        types.EntityType.SELF_MANAGED_ENTITY,
        id_short=id_short,
        display_name=label(firm.name),
        semantic_id=meaning(f"{_STRUCTURES}{kind}/1/0"),
        extensions=facts(told),
        statements=statements or None,
        global_asset_id=asset(firm.number, place),
    )


def _end(firm: int, lead: int, ident: str) -> types.Reference:
    entry = [(types.KeyTypes.SUBMODEL, ident), (types.KeyTypes.ENTITY, "EntryNode")]
    own = [] if firm == lead else [(types.KeyTypes.ENTITY, f"Node_{firm}")]
    return refer(types.ReferenceTypes.MODEL_REFERENCE, *entry, *own)


def _has_part(link: ChartLink, ends: dict[int, types.Reference]) -> types.RelationshipElement:
    told = {"item": link.item, "share": link.share, "standing": link.standing, "since": link.since}
    return types.RelationshipElement(
        first=ends[link.buyer],
        second=ends[link.supplier],
        id_short=f"HasPart_{link.number}",
        semantic_id=meaning(f"{_STRUCTURES}HasPart/1/0"),
        extensions=facts(told),
    )


def _group(group: ChartGroup, id_short: str) -> types.Entity:
    words = {
        name: TOGETHER if word is None else word
        for name, word in (("region", group.region), ("sector", group.sector))
    }
    count = types.Property(
        types.DataTypeDefXSD.UNSIGNED_LONG,
        id_short="BulkCount",
        semantic_id=meaning(f"{_STRUCTURES}BulkCount/1/0"),
        value=str(group.firms),
    )
    return types.Entity(
        types.EntityType.CO_MANAGED_ENTITY,
        id_short=id_short,
        semantic_id=meaning(f"{_STRUCTURES}Node/1/0"),
        extensions=facts({"tier": group.tier, **words}),
        statements=[count] if group.firms is not None else None,
    )


# --- read back


def links_in(entry: types.Entity, lead: int) -> list[ChartLink]:
    """Every link that the nodes tell."""
    owners = [entry, *_nodes(entry)]
    return [
        _link(each, lead)
        for owner in owners
        for each in owner.statements or ()
        if isinstance(each, types.RelationshipElement)
    ]


def _nodes(entry: types.Entity) -> list[types.Entity]:
    return [each for each in entry.statements or () if isinstance(each, types.Entity)]


def _link(part: types.RelationshipElement, lead: int) -> ChartLink:
    told = facts_of(part)
    return ChartLink(
        number=_number(part.id_short or ""),
        supplier=_firm_at(part.second, lead),
        buyer=_firm_at(part.first, lead),
        item=told.get("item", ""),
        share=float(told["share"]) if "share" in told else None,
        standing=told["standing"],
        since=told.get("since", ""),
    )


def _firm_at(end: types.Reference, lead: int) -> int:
    last = end.keys[-1].value
    return lead if last == "EntryNode" else _number(last)


def _number(id_short: str) -> int:
    return int(id_short.rpartition("_")[2])


def tiers_in(entry: types.Entity) -> dict[int, tuple[int, tuple[int, ...]]]:
    """Firm → its tier, and every tier at which it delivers."""
    found = {}
    for each in (entry, *_nodes(entry)):
        told = facts_of(each)
        if "number" in told:
            also = tuple(int(tier) for tier in told.get("also", "").split())
            found[int(told["number"])] = (int(told["tier"]), also)
    return found


def groups_in(entry: types.Entity) -> list[ChartGroup]:
    """Firms that are only counted."""
    return [
        _group_told(each)
        for each in _nodes(entry)
        if each.entity_type is types.EntityType.CO_MANAGED_ENTITY
    ]


def _group_told(node: types.Entity) -> ChartGroup:
    told = facts_of(node)
    words = {
        name: None if told.get(name) == TOGETHER else told.get(name, "")
        for name in ("region", "sector")
    }
    counts = [each for each in node.statements or () if isinstance(each, types.Property)]
    return ChartGroup(
        tier=int(told["tier"]), firms=whole(counts[0].value if counts else None), **words
    )
