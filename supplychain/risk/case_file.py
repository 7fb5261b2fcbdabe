"""A case for times to survive, as a JSON document tells it. Pure: a case or its faults come out.

The layout has products, suppliers, inputs (firm → part → suppliers), demand_per_day and, if known,
capacity_per_day, inventory, margin and bom_qty (a number, or firm → part → number). Which sets of
firms are down stands under "expected" or "down", how long to look under "lost_margin" or "days".
"""

import math
from collections.abc import Collection, Mapping
from typing import Any

from supplychain.errors import DomainError
from supplychain.faults import Faults
from supplychain.risk.case_errors import (
    AmountInvalid,
    AmountOfNobody,
    AmountsInvalid,
    DaysInvalid,
    DemandMissing,
    FirmOfNoList,
    FirmTwice,
    NamesInvalid,
    NeedInvalid,
    PartInvalid,
    PartsInvalid,
    ProductsMissing,
    SetUnknown,
)
from supplychain.risk.errors import CaseInvalid
from supplychain.risk.survival import Case

_Found = list[DomainError]
_MOST = 10**15  # what the linear programmes can still tell apart


def case_of(told: Mapping[str, object]) -> Case:
    """A case from a JSON document. Raises CaseInvalid with everything that is wrong.

    >>> case_of({"products": ["car"], "suppliers": [], "inputs": {}, "demand_per_day": {}})
    Traceback (most recent call last):
    supplychain.risk.errors.CaseInvalid: The case cannot be computed: car has no demand_per_day. \
Give how many pieces are needed a day.
    """
    faults: _Found = []
    firms = (*_names(told, "products", faults), *_names(told, "suppliers", faults))
    products = tuple(_names(told, "products", []))
    parts = _parts(told.get("inputs"), faults)
    named = {*parts, *(s for inner in parts.values() for some in inner.values() for s in some)}
    faults += [FirmOfNoList(firm=firm) for firm in sorted(named - set(firms))]
    faults += [FirmTwice(firm=firm) for firm in sorted({f for f in firms if firms.count(f) > 1})]
    numbers = {
        key: _numbers(told.get(key, {}), key, firms, faults)
        for key in ("demand_per_day", "capacity_per_day", "inventory", "margin")
    }
    needs = _needs(told.get("bom_qty", 1), parts, faults)
    faults += [DemandMissing(product=p) for p in products if p not in numbers["demand_per_day"]]
    if faults:
        raise CaseInvalid(faults=Faults.of(faults))
    return Case(
        products=products,
        firms=firms,
        parts=parts,
        demand=numbers["demand_per_day"],
        capacity=numbers["capacity_per_day"],
        stock=numbers["inventory"],
        margin=numbers["margin"],
        needs=needs,
    )


def sets_of(told: Mapping[str, object], case: Case) -> list[tuple[list[str], list[float]]]:
    """(firms that are down, days to look at) as the document names them under "expected" or "down".

    Each firm alone where it names none. Raises CaseInvalid.

    >>> case = Case(products=("V",), firms=("V", "T"), parts={"V": {"k": ("T",)}}, demand={"V": 1})
    >>> sets_of({"down": [["T"]], "days": [7]}, case)
    [(['T'], [7.0])]
    """
    faults: _Found = []
    days = _days(told.get("days", []), faults)
    named = told.get("expected", told.get("down", [[firm] for firm in case.firms]))
    found: list[tuple[list[str], list[float]]] = []
    for one in named if isinstance(named, list) else [named]:
        down: Any = one.get("down") if isinstance(one, dict) else one
        own = one.get("lost_margin", {}) if isinstance(one, dict) else {}
        if not _are_firms(down, case):
            faults.append(SetUnknown(value=str(one)[:200]))
            continue
        looked = _days(list(own) if isinstance(own, dict) else own, faults)
        found.append((down, sorted(looked) or days))
    if faults:
        raise CaseInvalid(faults=Faults.of(faults))
    return found


def _are_firms(down: object, case: Case) -> bool:
    whole = isinstance(down, list) and all(isinstance(firm, str) for firm in down)
    return whole and bool(down) and set(down) <= set(case.firms)  # type: ignore[call-overload]


def _days(told: Any, faults: _Found) -> list[float]:
    found = []
    for each in told if isinstance(told, list) else [told]:
        try:
            days = float(each) if not isinstance(each, bool) else math.nan
        except (TypeError, ValueError, OverflowError):
            days = math.nan
        if 0 <= days < math.inf:
            found.append(days)
        else:
            faults.append(DaysInvalid(value=str(each)[:200]))
    return found


def _names(told: Mapping[str, object], key: str, faults: _Found) -> list[str]:
    found = told.get(key)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        faults.append(NamesInvalid(key=key))
        return []
    if key == "products" and not found:
        faults.append(ProductsMissing())
    return found


def _parts(told: object, faults: _Found) -> dict[str, dict[str, tuple[str, ...]]]:
    if not isinstance(told, dict):
        faults.append(PartsInvalid())
        return {}
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for firm, parts in told.items():
        for part, suppliers in parts.items() if isinstance(parts, dict) else [("", None)]:
            if not isinstance(suppliers, list) or not suppliers:
                faults.append(PartInvalid(firm=firm, part=part or "parts"))
                continue
            found.setdefault(firm, {})[part] = tuple(map(str, suppliers))
    return found


def _numbers(told: object, key: str, firms: Collection[str], faults: _Found) -> dict[str, float]:
    if not isinstance(told, dict):
        faults.append(AmountsInvalid(key=key))
        return {}
    found: dict[str, float] = {}
    for firm, value in told.items():
        if firm not in firms:
            faults.append(AmountOfNobody(key=key, firm=firm))
        elif not _is_amount(value):
            faults.append(AmountInvalid(key=key, firm=firm, value=str(value)[:200]))
        else:
            found[firm] = float(value)
    return found


def _needs(
    told: object, parts: Mapping[str, Mapping[str, object]], faults: _Found
) -> dict[tuple[str, str], float]:
    pairs = [(firm, part) for firm, inner in parts.items() for part in inner]
    found: dict[tuple[str, str], float] = {}
    for firm, part in pairs:
        value: Any = told
        if isinstance(told, dict):
            inner = told.get(firm, {})
            value = inner.get(part, 1) if isinstance(inner, dict) else inner
        if not _is_amount(value) or not value:
            faults.append(NeedInvalid(firm=firm, part=part, value=str(value)[:200]))
        else:
            found[firm, part] = float(value)
    return found


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST
