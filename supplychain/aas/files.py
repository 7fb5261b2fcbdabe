"""An environment of shells as the files that AAS programs open: JSON, and an AASX package. Pure."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import TextIO

from aas_core3 import jsonization, types, xmlization

from supplychain.aas import company as companies
from supplychain.aas import structure as structures
from supplychain.aas.company import address, company, firm_in
from supplychain.aas.structure import groups_in, links_in, structure, tiers_in
from supplychain.aas.words import asset, facts_of, label, refer
from supplychain.chart import Chart, ChartFirm


def environment(chart: Chart, place: str) -> types.Environment:
    """The map as AAS objects; `place`: an address of the hub, with which its own ids begin."""
    parts = list(_parts(chart, place))
    return types.Environment(
        asset_administration_shells=[
            each for each in parts if isinstance(each, types.AssetAdministrationShell)
        ],
        submodels=[each for each in parts if isinstance(each, types.Submodel)],
    )


def _parts(chart: Chart, place: str) -> Iterator[types.Identifiable]:
    """Every shell, then every submodel; made one by one: ten thousand firms fill no memory."""
    whole = structure(chart, place)
    for firm in chart.firms:
        own = [whole.id] if firm.number == chart.lead else []
        yield _shell(firm, [*own, address(firm, place)], place)
    yield whole
    for firm in chart.firms:
        yield company(firm, place)


def as_json(chart: Chart, place: str) -> Iterator[str]:
    """The environment as an AAS JSON file, piece by piece."""
    kind: type = types.AssetAdministrationShell
    between = '{"assetAdministrationShells":['
    for each in _parts(chart, place):
        if not isinstance(each, kind):
            between, kind = '],"submodels":[', types.Submodel
        told = jsonization.to_jsonable(each)
        yield between + json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        between = ","
    yield "]}"


def as_aasx(chart: Chart, place: str) -> bytes:
    """The same as an AASX package (part 5 of the specification), with XML inside."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in _PACKAGE.items():
            package.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        inside = zipfile.ZipInfo(_INSIDE)
        inside.compress_type = zipfile.ZIP_DEFLATED
        with package.open(inside, "w") as part, io.TextIOWrapper(part, "utf-8") as told:
            _write_xml(chart, place, told)
    return out.getvalue()


def _write_xml(chart: Chart, place: str, told: TextIO) -> None:
    told.write(f'<environment xmlns="{xmlization.NAMESPACE}"><assetAdministrationShells>')
    kind: type = types.AssetAdministrationShell
    for each in _parts(chart, place):
        if not isinstance(each, kind):
            told.write("</assetAdministrationShells><submodels>")
            kind = types.Submodel
        xmlization.write(each, told)
    told.write("</submodels></environment>")


def from_json(content: str) -> Chart:
    """The map that such a file holds."""
    return chart_in(jsonization.environment_from_jsonable(json.loads(content)))


def from_aasx(content: bytes) -> Chart:
    """The map that such a package holds."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        told = package.read(_INSIDE).decode()
    return chart_in(xmlization.environment_from_str(told))


_INSIDE = "aasx/chain.aas.xml"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_PACKAGE: Mapping[str, str] = {
    "[Content_Types].xml": (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="text/xml"/>'
        '<Override PartName="/aasx/aasx-origin" ContentType="text/plain"/></Types>'
    ),
    "_rels/.rels": (
        f'<?xml version="1.0" encoding="utf-8"?><Relationships xmlns="{_RELATIONS}">'
        '<Relationship Id="origin" Type="http://admin-shell.io/aasx/relationships/aasx-origin" '
        'Target="/aasx/aasx-origin"/></Relationships>'
    ),
    "aasx/aasx-origin": "Intentionally empty.",
    "aasx/_rels/aasx-origin.rels": (
        f'<?xml version="1.0" encoding="utf-8"?><Relationships xmlns="{_RELATIONS}">'
        '<Relationship Id="spec" Type="http://admin-shell.io/aasx/relationships/aas-spec" '
        f'Target="/{_INSIDE}"/></Relationships>'
    ),
}


def _shell(firm: ChartFirm, submodels: list[str], place: str) -> types.AssetAdministrationShell:
    keyed = types.SpecificAssetID("businessRegistrationNumber", firm.brn) if firm.brn else None
    return types.AssetAdministrationShell(
        id=f"{place}/ids/shells/{firm.number}",
        id_short=f"Firm_{firm.number}",
        display_name=label(firm.name),
        asset_information=types.AssetInformation(
            types.AssetKind.INSTANCE,
            global_asset_id=asset(firm.number, place),
            specific_asset_ids=[keyed] if keyed else None,
        ),
        submodels=[
            refer(types.ReferenceTypes.MODEL_REFERENCE, (types.KeyTypes.SUBMODEL, each))
            for each in submodels
        ],
    )


def chart_in(environment: types.Environment) -> Chart:
    """The map that an environment of ours holds."""
    by_kind: dict[str, list[types.Submodel]] = {}
    for each in environment.submodels or ():
        if each.semantic_id:
            by_kind.setdefault(each.semantic_id.keys[0].value, []).append(each)
    [whole] = by_kind[structures.SEMANTIC_ID]
    [entry] = [each for each in whole.submodel_elements or () if isinstance(each, types.Entity)]
    tiers = tiers_in(entry)
    firms = sorted(firm_in(each, tiers) for each in by_kind[companies.SEMANTIC_ID])
    lead = int(facts_of(entry)["number"])
    return Chart(
        lead=lead,
        firms=tuple(firms),
        links=tuple(sorted(links_in(entry, lead))),
        hidden=tuple(groups_in(entry)),
    )
