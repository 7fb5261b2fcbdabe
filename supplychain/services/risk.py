"""Long computations on a chain: ask, work through in batches, stop, and read what came of it.

A run rests on what its lead firm may see by name, so that no figure tells of what it may not see.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from sqlmodel import Session, col, delete, func, select

from supplychain.risk.errors import RiskError, RunNotFound
from supplychain.risk.network import Ints, Network, network
from supplychain.risk_tables import RiskFigure, RiskRun
from supplychain.services.firms import batches
from supplychain.services.network import tier_map
from supplychain.tables import Firm, Link, now

_RULES = "esri 1"  # part of the key: figures by other rules are other figures
DUE = ("waiting", "running")


@dataclass(frozen=True)
class Basis:
    """What the figures rest on, and what is not known. A weight is a share of what a buyer buys."""

    links: int
    links_with_share: int
    links_evenly: int  # the shares of this item are not all told: all its suppliers count alike
    links_of_nothing: int  # a share of 0: left out
    firms: int
    firms_without_sector: int  # each counts as an industry of its own: nobody stands in
    firms_hidden: int  # firms of the chain that the lead firm may not see: left out


@dataclass(frozen=True)
class Chain:
    """The network behind a lead firm; `net.firms` are the numbers of firms, as text."""

    net: Network
    basis: Basis

    @property
    def key(self) -> str:
        """A digest of all that the figures depend on."""
        net = self.net
        told = hashlib.sha256(_RULES.encode())
        for each in (net.firms, net.sectors):
            told.update("\0".join(each).encode() + b"\0\0")
        order = np.lexsort((net.buyer, net.supplier))
        for array in (net.supplier[order], net.buyer[order], net.weight[order], net.sector):
            told.update(array.tobytes())
        return told.hexdigest()


def chain_of(session: Session, lead_id: int) -> Chain:
    """The chain as its lead firm may see it. Raises FirmNotFound, NetworkEmpty."""
    seen = tier_map(session, lead_id)
    weights, counted = _weights(session, seen.links)
    told = {str(number): place.facts.sector for number, place in seen.places.items()}
    net = network(((str(a), str(b), weight) for (a, b), weight in weights.items()), told)
    return Chain(
        net,
        Basis(
            links=len(net.weight),
            links_with_share=counted["share"],
            links_evenly=counted["evenly"],
            links_of_nothing=counted["nothing"],
            firms=len(net.firms),
            firms_without_sector=sum(not told.get(firm) for firm in net.firms),
            firms_hidden=sum(
                count or 0 for _, count in seen.hidden
            ),  # at least: small groups have no number,
        ),
    )


def ask(session: Session, lead_id: int, actor: str) -> RiskRun:
    """The run for the chain as it is now: a new one, or the one that there is.

    Runs for what the chain was before are taken away. Raises FirmNotFound, NetworkEmpty.
    """
    chain = chain_of(session, lead_id)
    key = chain.key
    for old in session.exec(select(RiskRun).where(RiskRun.lead_id == lead_id, RiskRun.key != key)):
        session.exec(delete(RiskFigure).where(col(RiskFigure.run_id) == old.id))
        session.delete(old)
    run = session.exec(
        select(RiskRun).where(RiskRun.lead_id == lead_id, RiskRun.key == key)
    ).first()
    if run is None:
        run = RiskRun(lead_id=lead_id, key=key, total=len(chain.net.firms), actor=actor)
        session.add(run)
    if run.state not in (*DUE, "done"):
        run.state, run.problem, run.ended_at = "waiting", "", None
    run.rests_on = asdict(chain.basis)
    session.flush()
    return run


def run_of(session: Session, lead_id: int) -> RiskRun:
    """What was last asked for this chain. Raises RunNotFound."""
    asked = select(RiskRun).where(RiskRun.lead_id == lead_id).order_by(col(RiskRun.id).desc())
    run = session.exec(asked).first()
    if run is None:
        raise RunNotFound
    return run


def is_current(session: Session, run: RiskRun) -> bool:
    """Whether the chain is still the one that the run is about."""
    try:
        return chain_of(session, run.lead_id).key == run.key
    except RiskError:
        return False


def stop(session: Session, run: RiskRun) -> None:
    """Let a run end after the batches that are under way; one that has ended stays as it is."""
    if run.state in DUE:
        end(session, run, "stopped")


def end(session: Session, run: RiskRun, state: str, problem: str = "") -> None:
    """Note how a run ended."""
    run.state, run.problem, run.ended_at = state, problem[:400], now()
    session.add(run)


def due(session: Session) -> Sequence[int]:
    """The runs that have work left, the oldest first."""
    return [
        number or 0
        for number in session.exec(
            select(RiskRun.id).where(col(RiskRun.state).in_(DUE)).order_by(col(RiskRun.id))
        )
    ]


def begin(session: Session, run: RiskRun) -> tuple[Network, Ints]:
    """The network, and the places of the firms that are left to do; the run is running then.

    A run whose chain has changed is "outdated", and nothing is left. Raises NetworkEmpty.
    """
    chain = chain_of(session, run.lead_id)
    if chain.key != run.key:
        end(session, run, "outdated")
        return chain.net, np.empty(0, np.int64)
    done = session.exec(select(RiskFigure.firm_id).where(RiskFigure.run_id == run.id))
    there = {str(number) for number in done}
    left = [place for place, firm in enumerate(chain.net.firms) if firm not in there]
    run.state = "running"
    session.add(run)
    # The largest first: what a person waits for is there before the rest.
    places = np.array(left, np.int64)
    return chain.net, places[np.argsort(-chain.net.sold[places], kind="stable")]


def note(session: Session, run: RiskRun, figures: Mapping[int, float]) -> bool:
    """Keep a batch of figures by firm; False where the run was stopped meanwhile."""
    if run.state != "running":
        return False
    session.add_all(
        RiskFigure(run_id=run.id or 0, firm_id=firm, esri=esri) for firm, esri in figures.items()
    )
    session.flush()
    kept = select(func.count()).select_from(RiskFigure).where(RiskFigure.run_id == run.id)
    run.done = session.exec(kept).one()
    if run.done >= run.total:
        end(session, run, "done")
    session.add(run)
    return True


def figures_of(
    session: Session, run: RiskRun, after: int = 0, limit: int = 100
) -> list[tuple[Firm, float]]:
    """(firm, share of all sales lost with it), the worst first; `after` so many of them."""
    worst = (
        select(Firm, RiskFigure.esri)
        .join(RiskFigure, col(RiskFigure.firm_id) == Firm.id)
        .where(RiskFigure.run_id == run.id)
        .order_by(col(RiskFigure.esri).desc(), col(Firm.id))
    )
    return list(session.exec(worst.offset(after).limit(limit)))


def _weights(
    session: Session, pairs: Sequence[tuple[int, int]]
) -> tuple[dict[tuple[int, int], float], Counter[str]]:
    """Weight of each link: shares of what its buyer buys, added up over items; how many of each."""
    shares: dict[tuple[int, str], dict[int, float | None]] = defaultdict(dict)
    seen = set(pairs)
    for buyers in batches(sorted({buyer for _, buyer in pairs})):
        rows = select(Link.supplier_id, Link.buyer_id, Link.item, Link.share).where(
            col(Link.buyer_id).in_(buyers), col(Link.ended).is_(None)
        )
        for supplier, buyer, item, share in session.exec(rows):
            if (supplier, buyer) in seen:
                shares[buyer, item][supplier] = share
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
