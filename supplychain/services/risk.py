"""Long computations on a chain: ask, work through in batches, stop, and read what came of it.

A run rests on what its lead firm may see by name, so that no figure tells of what it may not see.
Of each kind ("esri", "tts") one is kept for a chain, until the chain, or what is told or assumed
of it, changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlmodel import Session, col, delete, func, select

from supplychain.risk.errors import RiskError, RunNotFound
from supplychain.risk.esri import esri_at, shares
from supplychain.risk.exposure import exposed_at
from supplychain.risk.facts import ASSUMED, Assumed
from supplychain.risk.network import Floats, Ints
from supplychain.risk_tables import RiskFigure, RiskRun, SurvivalFigure
from supplychain.services.risk_chain import Basis, Chain, chain_of, survivals_of
from supplychain.tables import now

KINDS = ("esri", "tts")
_PROGRAMME = 1_000_000  # a small linear programme takes as long as to look at so many links
DUE = ("waiting", "running")
COMPUTE: dict[str, Callable[[Any, Ints], Floats]] = {"esri": esri_at, "tts": exposed_at}
_FIGURES: dict[str, type[RiskFigure] | type[SurvivalFigure]] = {
    "esri": RiskFigure,
    "tts": SurvivalFigure,
}


@dataclass(frozen=True)
class Work:
    """What is left of a run: `told` for COMPUTE of its kind, the firms by place, places to do.

    `size`: how much one firm costs, in links that are looked at.
    """

    kind: str
    told: Any
    firms: Ints
    left: Ints
    size: int


@dataclass(frozen=True)
class Survival:
    """How long a line goes on without a firm, in days (None: for ever), and what it loses then."""

    survives: float | None
    recovers: float
    lost: float

    @property
    def exposed(self) -> bool:
        """Whether something is lost before the firm delivers again."""
        return self.survives is not None and self.survives < self.recovers


@dataclass(frozen=True)
class _Plan:
    """A kind of computation on a chain as it is now."""

    key: str
    basis: Basis
    told: Any
    firms: Ints
    order: Ints
    size: int


def _plan(session: Session, chain: Chain, kind: str, assumed: Assumed) -> _Plan:
    if kind == "tts":
        found = survivals_of(session, chain, assumed)
        firms = np.array(found.exposure.firms, np.int64)
        return _Plan(
            found.key, found.basis, found.exposure, firms, np.arange(len(firms)), _PROGRAMME
        )
    net = chain.net
    # The largest first: what a person waits for is there before the rest.
    order = np.argsort(-net.sold, kind="stable")
    return _Plan(chain.key, chain.basis, net, np.array(net.firms, np.int64), order, len(net.weight))


def ask(
    session: Session,
    lead_id: int,
    actor: str,
    kind: str = "esri",
    assumed: Assumed = ASSUMED,
) -> RiskRun:
    """The run for the chain as it is now: a new one, or the one that there is.

    Runs of the kind for what the chain was before are taken away. Raises FirmNotFound,
    NetworkEmpty.
    """
    plan = _plan(session, chain_of(session, lead_id), kind, assumed)
    of_kind = select(RiskRun).where(RiskRun.lead_id == lead_id, RiskRun.kind == kind)
    for old in session.exec(of_kind.where(RiskRun.key != plan.key)):
        session.exec(delete(_FIGURES[kind]).where(col(_FIGURES[kind].run_id) == old.id))
        session.delete(old)
    run = session.exec(of_kind.where(RiskRun.key == plan.key)).first()
    if run is None:
        run = RiskRun(lead_id=lead_id, kind=kind, key=plan.key, total=len(plan.firms), actor=actor)
        session.add(run)
    if run.state not in (*DUE, "done"):
        run.state, run.problem, run.ended_at = "waiting", "", None
    run.rests_on, run.assumed = asdict(plan.basis), asdict(assumed)
    session.flush()
    return run


def runs_of(session: Session, lead_id: int) -> dict[str, RiskRun]:
    """What was last asked for this chain, by kind."""
    asked = select(RiskRun).where(RiskRun.lead_id == lead_id).order_by(col(RiskRun.id))
    return {run.kind: run for run in session.exec(asked)}


def run_of(session: Session, lead_id: int, kind: str = "esri") -> RiskRun:
    """The last run of a kind. Raises RunNotFound."""
    run = runs_of(session, lead_id).get(kind)
    if run is None:
        raise RunNotFound
    return run


def assumed_in(run: RiskRun | None) -> Assumed:
    """What a run assumed where nothing was known."""
    return Assumed(**run.assumed) if run and run.assumed else ASSUMED


def is_current(session: Session, run: RiskRun, chain: Chain | None = None) -> bool:
    """Whether the chain is still the one that the run is about; `chain`: as it is now."""
    try:
        chain = chain or chain_of(session, run.lead_id)
        return _plan(session, chain, run.kind, assumed_in(run)).key == run.key
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


def begin(session: Session, run: RiskRun) -> Work:
    """What is left to do; the run is running then.

    A run whose chain has changed is "outdated", and nothing is left. Raises NetworkEmpty.
    """
    plan = _plan(session, chain_of(session, run.lead_id), run.kind, assumed_in(run))
    if plan.key != run.key:
        end(session, run, "outdated")
        return Work(run.kind, None, plan.firms, np.empty(0, np.int64), plan.size)
    table = _FIGURES[run.kind]
    done = np.array(session.exec(select(table.firm_id).where(table.run_id == run.id)).all())
    left = plan.order[~np.isin(plan.firms[plan.order], done)]
    if len(left):
        run.state = "running"
        session.add(run)
    elif run.state != "done":  # nothing will be noted that could end it
        end(session, run, "done")
    told = shares(plan.told) if run.kind == "esri" else plan.told
    return Work(run.kind, told, plan.firms, left, plan.size)


def note(session: Session, run: RiskRun, work: Work, part: Ints, found: Floats) -> bool:
    """Keep the figures of a batch of places; False where the run was stopped meanwhile."""
    if run.state != "running":
        return False
    firms, number, table = work.firms[part].tolist(), run.id or 0, _FIGURES[run.kind]
    if run.kind == "esri":
        session.add_all(
            RiskFigure(run_id=number, firm_id=firm, esri=esri)
            for firm, esri in zip(firms, found.tolist(), strict=True)
        )
    else:
        days = [work.told.days[at] for at in part]
        session.add_all(
            SurvivalFigure(
                run_id=number,
                firm_id=firm,
                survives=None if lasts == float("inf") else lasts,
                recovers=recovers,
                lost=lost,
            )
            for firm, (lasts, lost), recovers in zip(firms, found.tolist(), days, strict=True)
        )
    session.flush()
    kept = select(func.count()).select_from(table).where(table.run_id == run.id)
    run.done = session.exec(kept).one()
    if run.done >= run.total:
        end(session, run, "done")
    session.add(run)
    return True


def esri_of(session: Session, run: RiskRun | None) -> dict[int, float]:
    """Firm → share of all sales that is lost with it, as far as a run has got; the worst first."""
    if run is None:
        return {}
    worst = (
        select(RiskFigure.firm_id, RiskFigure.esri)
        .where(RiskFigure.run_id == run.id)
        .order_by(col(RiskFigure.esri).desc(), col(RiskFigure.firm_id))
    )
    return dict(session.exec(worst).all())


def survival_of(session: Session, run: RiskRun | None) -> dict[int, Survival]:
    """Firm → how long the line goes on without it, as far as a run has got; the worst first."""
    if run is None:
        return {}
    worst = (
        select(
            SurvivalFigure.firm_id,
            SurvivalFigure.survives,
            SurvivalFigure.recovers,
            SurvivalFigure.lost,
        )
        .where(SurvivalFigure.run_id == run.id)
        .order_by(
            col(SurvivalFigure.lost).desc(),
            col(SurvivalFigure.survives),
            col(SurvivalFigure.firm_id),
        )
    )
    return {firm: Survival(*figures) for firm, *figures in session.exec(worst)}
