"""The chain behind a firm, ready to be computed on: weights, deliveries, what is not known.

Everything rests on what the firm may see by name, so that no figure tells of what it may not see.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sqlmodel import Session

from supplychain.cells import plain
from supplychain.risk import reach
from supplychain.risk.exposure import Delivery, Exposure, exposure_of, needs_of
from supplychain.risk.facts import Assumed, RiskFacts
from supplychain.risk.lines import StandsBehind, stands_behind
from supplychain.risk.network import Network, network
from supplychain.services.network import Place, TierMap, tier_map
from supplychain.services.risk_facts import facts_of
from supplychain.services.sight import SeenLink

_RULES = "3"  # part of the keys: figures by other rules are other figures
MOST_SURVIVALS = 20_000  # firms whose times to survive are worked out: a programme for each


@dataclass(frozen=True)
class Basis:
    """What the figures rest on, and what is not known. A weight is a share of what a buyer buys."""

    links: int
    links_with_share: int
    links_evenly: int  # the shares of this item are not all told: all its suppliers count alike
    links_of_nothing: int  # a share of 0: left out
    firms: int
    firms_without_sector: int  # each counts as an industry of its own: nobody stands in
    firms_hidden: (
        int  # firms of the chain that the lead firm may not see: left out, at least so many
    )
    deliveries: int = 0
    deliveries_confirmed: int = 0  # by both ends
    deliveries_without_item: int = 0
    facts: int = 0  # times to recover, stocks and capacities that somebody told
    facts_own: int = 0  # of them the firms' own words
    computed: int = 0  # firms whose figures are worked out


@dataclass(frozen=True)
class Chain:
    """The network behind a lead firm; `net.firms` are the numbers of firms, as text.

    `names`: item in plain letters → as it was first written.
    """

    lead: int
    net: Network
    basis: Basis
    places: Mapping[int, Place]
    deliveries: Sequence[Delivery]
    names: Mapping[str, str]

    @cached_property
    def key(self) -> str:
        """A digest of all that ESRI depends on."""
        net = self.net
        told = hashlib.sha256(f"esri {_RULES}".encode())
        for each in (net.firms, net.sectors):
            told.update("\0".join(each).encode() + b"\0\0")
        order = np.lexsort((net.buyer, net.supplier))
        for array in (net.supplier[order], net.buyer[order], net.weight[order], net.sector):
            told.update(array.tobytes())
        return told.hexdigest()

    @cached_property
    def behind(self) -> reach.Behind:
        """The same links by buyer, by the numbers of firms."""
        pairs = np.array([(each.supplier, each.buyer) for each in self.deliveries], np.int64)
        pairs = pairs.reshape(-1, 2)
        return reach.behind(pairs[:, 0], pairs[:, 1])

    def items(self) -> dict[str, tuple[int, ...]]:
        """What the lead firm buys, by its name, and the firms that deliver it."""
        found: dict[str, set[int]] = defaultdict(set)
        for each in self.deliveries:
            if each.buyer == self.lead and each.item:
                found[self.names[each.item]].add(each.supplier)
        return {item: tuple(sorted(firms)) for item, firms in sorted(found.items())}

    @cached_property
    def standing(self) -> StandsBehind:
        """Behind which direct suppliers and items each firm stands."""
        return stands_behind(self.behind, self.lead, self.items())


def chain_of(session: Session, lead_id: int) -> Chain:
    """The chain as its lead firm may see it. Raises FirmNotFound, NetworkEmpty."""
    return chain_from(tier_map(session, lead_id))


def chain_from(seen: TierMap) -> Chain:
    """The same of what was looked up already. Raises NetworkEmpty."""
    names: dict[str, str] = {}
    for line in seen.lines:
        names.setdefault(plain(line.item), line.item)
    deliveries = _deliveries(seen.lines)
    weights, counted = _weights(deliveries)
    told = {str(number): place.facts.sector for number, place in seen.places.items()}
    net = network(((str(a), str(b), weight) for (a, b), weight in weights.items()), told)
    basis = Basis(
        links=len(net.weight),
        links_with_share=counted["share"],
        links_evenly=counted["evenly"],
        links_of_nothing=counted["nothing"],
        firms=len(net.firms),
        firms_without_sector=sum(not told.get(firm) for firm in net.firms),
        firms_hidden=sum(count or 1 for _, count in seen.hidden),
        deliveries=len(deliveries),
        deliveries_confirmed=sum(line.standing == "confirmed" for line in seen.lines),
        deliveries_without_item=sum(not each.item for each in deliveries),
        computed=len(net.firms),
    )
    return Chain(seen.lead.id or 0, net, basis, seen.places, deliveries, names)


@dataclass(frozen=True)
class Survivals:
    """What times to survive of a chain rest on, and the case itself."""

    exposure: Exposure
    facts: RiskFacts
    basis: Basis

    @property
    def key(self) -> str:
        """A digest of all that the times depend on."""
        told = hashlib.sha256(f"tts {_RULES}".encode())
        exposure = self.exposure
        for need in exposure.needs:
            rest = sorted(need.parts.items()), sorted(need.stock.items())
            told.update(repr((need.buyer, need.part, rest)).encode())
        for each in (exposure.most, exposure.stock):
            told.update(repr(sorted(each.items())).encode())
        told.update(repr((exposure.firms, exposure.days)).encode())
        return told.hexdigest()


def survivals_of(session: Session, chain: Chain, assumed: Assumed) -> Survivals:
    """The case of times to survive: for the firms on which most rests, at most MOST_SURVIVALS."""
    facts = facts_of(session, chain.lead, chain.places, assumed)
    needs = needs_of(chain.deliveries, facts)
    delivering = {number for need in needs for number in need.parts} - {chain.lead}
    firms = _first(chain, delivering)[:MOST_SURVIVALS]
    told = [each for said in facts.firms.values() for each in said.values()]
    told += [each for key, each in facts.stocks.items() if key[0] in delivering]
    basis = {
        "facts": len(told),
        "facts_own": sum(each.source == "own" for each in told),
        "computed": len(firms),
    }
    return Survivals(
        exposure_of(chain.lead, needs, facts, firms),
        facts,
        Basis(**{**chain.basis.__dict__, **basis}),
    )


def _first(chain: Chain, firms: Iterable[int]) -> list[int]:
    """Those first on which most rests: items without a way out, direct suppliers, firms behind."""
    standing, net = chain.standing, chain.behind
    cut = {
        int(net.numbers[cuts.order[at]]): int(cuts.count[at])
        for cuts in (reach.cuts(net, chain.lead),)
        for at in cuts.worst
    }
    at = {int(number): place for place, number in enumerate(net.numbers)}
    return sorted(
        firms,
        key=lambda n: (
            -len(standing.items.get(n, ())),
            -int(standing.suppliers[at[n]]),
            -cut.get(n, 0),
            n,
        ),
    )


def _deliveries(lines: Sequence[SeenLink]) -> list[Delivery]:
    """Each supplier, buyer and item once, as the asker may read it; shares of doubles add up."""
    found: dict[tuple[int, int, str], float | None] = {}
    for line in lines:
        key = line.supplier, line.buyer, plain(line.item)
        told = [share for share in (found.get(key), line.share) if share is not None]
        found[key] = min(100.0, sum(told)) if told else None
    return [Delivery(*key, share) for key, share in found.items()]


def _weights(
    deliveries: Sequence[Delivery],
) -> tuple[dict[tuple[int, int], float], Counter[str]]:
    """Weight of each link: shares of what its buyer buys, added up over items; how many of each."""
    shares: dict[tuple[int, str], dict[int, float | None]] = defaultdict(dict)
    for each in deliveries:
        shares[each.buyer, each.item][each.supplier] = each.share
    found: dict[tuple[int, int], float] = defaultdict(float)
    counted: Counter[str] = Counter()
    for (buyer, _), told in shares.items():
        known = all(share is not None for share in told.values())
        for supplier, share in told.items():
            weight = (share or 0.0) if known else 100.0 / len(told)
            counted["nothing" if not weight else "share" if known else "evenly"] += 1
            if weight:
                found[supplier, buyer] += weight
    return found, counted
