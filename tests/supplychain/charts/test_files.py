"""Every file of a map reads back as the map, and AAS files are what their templates ask for."""

import io
import json
import zipfile

import networkx as nx
import pytest
from aas_core3 import jsonization, types, verification
from hypothesis import given, settings

from supplychain.aas import files as aas
from supplychain.chart import Chart, ChartFirm, ChartGroup, ChartLink
from supplychain.graphml import as_graphml, from_graphml
from tests.supplychain.charts.charts import charts

HERE = "https://hub.example"
TEMPLATES = {
    "02011": "aas/IDTA_02011-1-1-1_Template_HSEBoM.json",
    "02068": "aas/IDTA_02068_Template_Provision_Of_Company_Data.json",
}


def firm(number: int, tier: int, name: str, **more) -> ChartFirm:
    known = {"brn": "1248100998", "country": "KR", "region": "KR-48", "sector": "C29"}
    told = {"process": "injection", "employees": 40, "level": 1, "own_word": True, **known, **more}
    return ChartFirm(number=number, tier=tier, name=name, also=(tier,) if tier else (), **told)


CHART = Chart(
    lead=1,
    firms=(firm(1, 0, "한빛모빌리티(주)"), firm(2, 1, "새결폴리텍"), firm(3, 2, "Daon Die & Co.")),
    links=(
        ChartLink(1, 2, 1, "범퍼", 0.35, "confirmed", "2026-11-23"),
        ChartLink(2, 2, 1, "그릴", None, "open", "2026-11-23"),
        ChartLink(3, 3, 2, "사출 금형", 1.0, "contradicted", "2026-11-24"),
        ChartLink(4, 2, 3, "재생 원료", None, "open", "2026-11-24"),  # a circle
    ),
    hidden=(ChartGroup(2, "KR-48", None, 7), ChartGroup(3, None, None, None)),
)


@settings(max_examples=150, deadline=None)
@given(charts())
def test_what_is_written_is_read_back(chart) -> None:
    assert from_graphml(as_graphml(chart)) == chart
    assert aas.from_json("".join(aas.as_json(chart, HERE))) == chart
    assert aas.from_aasx(aas.as_aasx(chart, HERE)) == chart


@settings(max_examples=60, deadline=None)
@given(charts())
def test_aas_files_validate(chart) -> None:
    told = jsonization.environment_from_jsonable(json.loads("".join(aas.as_json(chart, HERE))))
    assert [f"{each.path}: {each.cause}" for each in verification.verify(told)] == []


def test_characters_that_no_xml_can_hold_become_blanks() -> None:
    odd = CHART._replace(firms=(CHART.firms[0]._replace(name="한\x00빛\n\ufffe"), *CHART.firms[1:]))
    for read in (
        from_graphml(as_graphml(odd)),
        aas.from_json("".join(aas.as_json(odd, HERE))),
        aas.from_aasx(aas.as_aasx(odd, HERE)),
    ):
        assert read.firms[0].name == "한 빛  "
        assert read.links == CHART.links


def test_graph_programs_see_firms_deliveries_and_groups() -> None:
    graph = nx.parse_graphml(as_graphml(CHART).decode(), force_multigraph=True)
    assert graph.is_directed()
    assert graph.nodes["2"]["label"] == "새결폴리텍"
    assert graph.number_of_edges("2", "1") == 2
    assert [n for n, data in graph.nodes(data=True) if data["kind"] == "group"] == [
        "group-0",
        "group-1",
    ]
    assert "firms" not in graph.nodes["group-1"]  # one or two: no number


def test_a_package_leads_to_its_environment() -> None:
    with zipfile.ZipFile(io.BytesIO(aas.as_aasx(CHART, HERE))) as package:
        assert package.testzip() is None
        origin = package.read("aasx/_rels/aasx-origin.rels").decode()
        [inside] = [name for name in package.namelist() if f"/{name}" in origin]
        assert "새결폴리텍" in package.read(inside).decode()


def _walk(element: dict, at: tuple[str, ...] = ()):
    """(kinds on the way, element) of an element and all that it holds, as JSON has them."""
    yield at, element
    for under in ("submodelElements", "statements", "value"):
        below = element.get(under)
        for each in below if isinstance(below, list) else ():
            if "modelType" in each:
                yield from _walk(each, (*at, element["modelType"]))


def _known(template: dict) -> dict[str, tuple[str, str | None, str]]:
    """Semantic id → (kind of element, type of its value, kind of the reference)."""
    return {
        each["semanticId"]["keys"][0]["value"]: (
            each["modelType"],
            each.get("valueType"),
            json.dumps(each["semanticId"], sort_keys=True),
        )
        for _, each in _walk(template)
        if "semanticId" in each
    }


@pytest.mark.parametrize("number", TEMPLATES)
def test_semantic_ids_are_those_of_the_templates(shared, number) -> None:
    [template] = json.loads((shared / TEMPLATES[number]).read_text("utf-8"))["submodels"]
    ours = json.loads("".join(aas.as_json(CHART, HERE)))["submodels"]
    known, kind = _known(template), template["semanticId"]
    found = [each for each in ours if each["semanticId"] == kind]
    assert len(found) == (1 if number == "02011" else 3)
    for submodel in found:
        used = _known(submodel)
        assert used.items() <= known.items()
    # Whatever a template wants once or more is there.
    names = [each["idShort"] for _, each in _walk(found[0]) if "idShort" in each]
    wanted = {"02011": ["ArcheType", "EntryNode"], "02068": ["CompanyIdentification"]}[number]
    assert all(names.count(name) == 1 for name in wanted)


@pytest.mark.parametrize("number", TEMPLATES)
def test_templates_are_read_by_the_same_library(shared, number) -> None:
    told = json.loads((shared / TEMPLATES[number]).read_text("utf-8"))
    assert isinstance(jsonization.environment_from_jsonable(told), types.Environment)
