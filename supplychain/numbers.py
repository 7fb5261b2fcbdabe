"""Further numbers of a firm as a form tells them: values, and every fault by its field. Pure."""

from collections.abc import Callable, Mapping

from supplychain.errors import CellFault, RevisionUnknown
from supplychain.identify import REVISIONS, corporate_number, duns, industry_code, lei

SCHEMES: dict[str, Callable[[str], str]] = {
    "lei": lei,
    "duns": duns,
    "corporate": corporate_number,
}
FIELDS = (*SCHEMES, "sector", "sector_revision")


def read_numbers(form: Mapping[str, str]) -> tuple[dict[str, object], dict[str, CellFault]]:
    """What was filled in, and what is wrong with the rest. An empty field tells nothing.

    >>> values, faults = read_numbers({"lei": "5493001KJTIIGC8Y1R12", "duns": "12"})
    >>> values["lei"], values["sector"], values["corporate"], list(faults)
    ('5493001KJTIIGC8Y1R12', '', None, ['duns'])
    """
    values: dict[str, object] = {}
    faults: dict[str, CellFault] = {}
    for field, reader in SCHEMES.items():
        text = form.get(field, "").strip()
        try:
            values[field] = reader(text) if text else None
        except CellFault as fault:
            faults[field] = fault
    try:
        sector, told = industry_code(form.get("sector", ""))
        revision = form.get("sector_revision", "").strip()
        values["sector"] = sector
        values["sector_revision"] = _revision(revision) if revision and sector else told
    except CellFault as fault:
        kind = "sector_revision" if isinstance(fault, RevisionUnknown) else "sector"
        faults[kind] = fault
    return values, faults


def _revision(text: str) -> int:
    if text not in [str(known) for known in REVISIONS]:
        raise RevisionUnknown(revision=text[:10])
    return int(text)
