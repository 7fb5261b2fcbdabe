"""IDTA 02068-1-0, "Provision of Company Data": what is known of each firm. Pure.

A Korean business registration number is given by the tax office: TaxNumber.
"""

from aas_core3 import types

from supplychain.aas.words import facts, facts_of, language, meaning, refer, whole
from supplychain.chart import ChartFirm, writable

_COMPANY = "https://admin-shell.io/idta/CompanyData/"
SEMANTIC_ID = f"{_COMPANY}1/0/CompanyData"
_BESIDE = ("number", "country", "region", "process", "employees", "level", "own_word")


def address(firm: ChartFirm, place: str) -> str:
    """The id of a firm's submodel."""
    return f"{place}/ids/companies/{firm.number}"


def company(firm: ChartFirm, place: str) -> types.Submodel:
    """The submodel of one firm."""
    told = firm._asdict()
    known = [_property("CompanyName", firm.name)]
    known += [_property("TaxNumber", firm.brn)] if firm.brn else []
    known += [_industries(firm.sector)] if firm.sector else []
    return types.Submodel(
        id=address(firm, place),
        id_short="CompanyData",
        kind=types.ModellingKind.INSTANCE,
        administration=types.AdministrativeInformation(
            version="1", revision="0", template_id="https://admin-shell.io/IDTA_02068"
        ),
        semantic_id=meaning(SEMANTIC_ID),
        submodel_elements=[
            types.SubmodelElementCollection(
                id_short="CompanyIdentification",
                semantic_id=refer(
                    types.ReferenceTypes.MODEL_REFERENCE,
                    (
                        types.KeyTypes.CONCEPT_DESCRIPTION,
                        f"{_COMPANY}CompanyIdentification/1/0",
                    ),
                ),
                extensions=facts({name: told[name] for name in _BESIDE}),
                value=known,
            )
        ],
    )


def _property(name: str, value: str) -> types.SubmodelElement:
    return types.Property(
        types.DataTypeDefXSD.STRING,
        id_short=name,
        semantic_id=meaning(f"{_COMPANY}{name}/1/0"),
        value=writable(value),
    )


def _industries(sector: str) -> types.SubmodelElement:
    text = types.LangStringTextType(language(sector), writable(sector))
    return types.SubmodelElementList(
        types.AASSubmodelElements.MULTI_LANGUAGE_PROPERTY,
        id_short="Industries",
        order_relevant=False,
        semantic_id=meaning(f"{_COMPANY}Industries/1/0"),
        value=[
            types.MultiLanguageProperty(
                semantic_id=meaning(f"{_COMPANY}Industry/1/0"), value=[text]
            )
        ],
    )


# --- read back


def firm_in(submodel: types.Submodel, tiers: dict[int, tuple[int, tuple[int, ...]]]) -> ChartFirm:
    """The firm of such a submodel; its tiers stand in the other template."""
    [about] = [
        each
        for each in submodel.submodel_elements or ()
        if isinstance(each, types.SubmodelElementCollection)
    ]
    told, named = facts_of(about), {each.id_short: each for each in about.value or ()}
    number = int(told["number"])
    return ChartFirm(
        number=number,
        name=_text(named.get("CompanyName")),
        brn=_text(named.get("TaxNumber")),
        tier=tiers[number][0],
        also=tiers[number][1],
        sector=_text(named.get("Industries")),
        country=told.get("country", ""),
        region=told.get("region", ""),
        process=told.get("process", ""),
        employees=whole(told.get("employees")),
        level=whole(told.get("level")),
        own_word=told["own_word"] == "true",
    )


def _text(element: types.SubmodelElement | None) -> str:
    if isinstance(element, types.Property):
        return element.value or ""
    if isinstance(element, types.SubmodelElementList) and element.value:
        return _text(element.value[0])
    if isinstance(element, types.MultiLanguageProperty) and element.value:
        return element.value[0].text
    return ""
