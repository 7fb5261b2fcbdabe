"""How long a firm's line goes on without each firm of its chain: the case that links tell. Pure.

Times to survive (supplychain.risk.survival) ask for pieces, demand and capacities, which nobody
tells of a whole chain. So amounts count in days here: each firm makes one day's worth a day, and
divides it among its buyers as they need it. The lead firm has one product, all that it makes: what
goes into which of its products is not known. Of an item whose suppliers' shares are not all told
they deliver equal parts; what is lacking to 100 % somebody else delivers, and no more of it. Where
no item is told, nobody stands in. Stocks, capacities and times to recover are RiskFacts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from supplychain.risk.facts import RiskFacts
from supplychain.risk.network import Floats
from supplychain.risk.survival import Case, each_alone


class Delivery(NamedTuple):
    """`share` of all that the buyer buys of the item, in per cent; None where it is not told."""

    supplier: int
    buyer: int
    item: str
    share: float | None


@dataclass(frozen=True)
class Need:
    """A part that a buyer needs: each supplier's part of it, 0 to 1, and days in stock."""

    buyer: int
    part: str
    parts: Mapping[int, float]
    stock: Mapping[int, float]


def needs_of(deliveries: Iterable[Delivery], facts: RiskFacts) -> list[Need]:
    """Deliveries by buyer and item. A delivery that stands twice counts once.

    >>> told = [Delivery(2, 1, "bolts", 30.0), Delivery(3, 1, "bolts", 30.0), Delivery(4, 1, "", 9)]
    >>> [(need.part, need.parts) for need in needs_of(told, RiskFacts())]
    [('bolts', {2: 0.3, 3: 0.3}), ('4', {4: 0.09})]
    """
    grouped: dict[tuple[int, str], dict[int, Delivery]] = {}
    for each in deliveries:
        grouped.setdefault((each.buyer, each.item or f"{each.supplier}"), {})[each.supplier] = each
    found = []
    for (buyer, part), told in grouped.items():
        parts = _parts({number: each.share for number, each in told.items()})
        stock = {n: facts.stock(n, buyer, told[n].item).value for n in parts}
        if parts:
            found.append(Need(buyer, part, parts, stock))
    return found


def _parts(shares: Mapping[int, float | None]) -> dict[int, float]:
    known = {number: share for number, share in shares.items() if share is not None}
    if len(known) < len(shares):
        return dict.fromkeys(shares, 1.0 / len(shares))
    whole = max(100.0, sum(known.values()))
    return {number: share / whole for number, share in known.items() if share}


def exposed_case(lead: int, needs: Sequence[Need], facts: RiskFacts) -> Case:
    """The case of a lead firm; firms are called by their numbers, stocks and others have names.

    >>> case = exposed_case(1, needs_of([Delivery(2, 1, "bolts", None)], RiskFacts()), RiskFacts())
    >>> case.parts, case.stock["stock 1 bolts"], case.capacity["2"]
    ({'1': {'bolts': ('2', 'stock 1 bolts')}}, 2.0, 1.2)
    """
    makes: dict[int, float] = {lead: 1.0}  # a day's worth, in parts of what buyers need
    for need in needs:
        makes.setdefault(need.buyer, 0.0)
        for supplier, part in need.parts.items():
            makes[supplier] = makes.get(supplier, 0.0) + part
    makes = {number: made or 1.0 for number, made in makes.items()}
    capacity = {str(n): made * facts.firm(n).capacity.value / 100 for n, made in makes.items()}
    stock = {str(n): made * facts.firm(n).stock.value for n, made in makes.items()}
    parts: dict[str, dict[str, tuple[str, ...]]] = {}
    given: dict[tuple[str, str], float] = {}
    for need in needs:
        shelf, others = f"stock {need.buyer} {need.part}", f"others {need.buyer} {need.part}"
        suppliers = [str(number) for number in need.parts]
        if kept := sum(part * need.stock[n] for n, part in need.parts.items()):
            suppliers.append(shelf)
            stock[shelf], capacity[shelf] = kept, 0.0
        if (lacking := 1.0 - sum(need.parts.values())) > 1e-9:
            suppliers.append(others)
            capacity[others] = lacking
        parts.setdefault(str(need.buyer), {})[need.part] = tuple(suppliers)
        given[str(need.buyer), need.part] = 1.0 / makes[need.buyer]
    return Case(
        products=(str(lead),),
        firms=tuple(capacity),
        parts=parts,
        demand={str(lead): 1.0},
        capacity=capacity,
        stock=stock,
        needs=given,
    )


@dataclass(frozen=True)
class Exposure:
    """A case, and whom to let fail for how many days each; as large as what is asked of it."""

    case: Case
    firms: tuple[str, ...]
    days: tuple[float, ...]


def exposed_at(told: Exposure, places: Iterable[int]) -> Floats:
    """Time to survive and days of production lost, for these places of `firms`: shape (n, 2)."""
    chosen = [int(place) for place in places]
    return each_alone(
        told.case, [told.firms[at] for at in chosen], [told.days[at] for at in chosen]
    )
