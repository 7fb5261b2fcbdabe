"""What a rollout's page shows: each site's square, in order of waves, and the counts."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from sharing import rollout as rules
from sharing.services.rollouts import waves_of
from sharing.tables import Delivery, DeliveryEvent, Deployment, Rollout, SharedModel, Version, Wave
from supplychain.services.descriptions import Facts, described
from supplychain.services.sight import sight_of
from supplychain.tables import Site

# Groups in which a page counts: name → states of deliveries.
GROUPS = {
    "waiting": ("scheduled", "offered"),
    "under_way": ("accepted", *rules.ON_THE_WAY),
    "active": rules.SUCCEEDED,
    "failed": rules.FAILED,
    "declined": ("declined",),
}


class Square(NamedTuple):
    """One site's share. `named` is False where the lead firm may not know whose site it is.

    `firm` is what it may know of the firm; without a name, nothing.
    """

    delivery: Delivery
    site: Site
    firm: Facts | None
    named: bool
    predictions: int | None
    health: str


@dataclass(frozen=True)
class Board:
    """A rollout as its page shows it."""

    rollout: Rollout
    model: SharedModel
    version: Version
    waves: list[tuple[Wave, list[Square]]]

    @property
    def squares(self) -> list[Square]:
        """All of them, in order."""
        return [square for _, squares in self.waves for square in squares]

    @property
    def counts(self) -> dict[str, int]:
        """Sites in each group."""
        states = [square.delivery.state for square in self.squares]
        return {name: sum(state in members for state in states) for name, members in GROUPS.items()}

    @property
    def predictions(self) -> int:
        """Predictions so far at all sites."""
        return sum(square.predictions or 0 for square in self.squares)


def board_of(session: Session, rollout: Rollout) -> Board:
    """The board of a rollout."""
    version = session.get_one(Version, rollout.version_id)
    model = session.get_one(SharedModel, version.model_id)
    seen = named_to(session, rollout.lead_firm_id)
    found = session.exec(
        select(Delivery, Site, Deployment)
        .join(Site, col(Site.id) == Delivery.site_id)
        .join(
            Deployment,
            (col(Deployment.site_id) == Delivery.site_id)
            & (col(Deployment.model_id) == model.id)
            & (col(Deployment.delivery_id) == Delivery.id),
            isouter=True,
        )
        .where(Delivery.rollout_id == rollout.id)
        .order_by(col(Delivery.id))
    ).all()
    named = {
        site.firm_id
        for delivery, site, _ in found
        # Who accepts a version has agreed to be known to the firm that shares it.
        if site.firm_id in seen or delivery.metadata_version
    }
    firms = described(session, rollout.lead_firm_id, named)
    squares: dict[int, list[Square]] = {}
    for delivery, site, runs in found:
        squares.setdefault(delivery.wave_id, []).append(
            Square(
                delivery,
                site,
                firms.get(site.firm_id),
                site.firm_id in firms and bool(firms[site.firm_id].name),
                runs.predictions if runs is not None else None,
                runs.health if runs is not None else "",
            )
        )
    waves = [(wave, squares.get(wave.id or 0, [])) for wave in waves_of(session, rollout)]
    return Board(rollout, model, version, waves)


def named_to(session: Session, lead_firm_id: int) -> frozenset[int]:
    """The firms whose names the lead firm may know (see supplychain.visibility)."""
    return sight_of(session, lead_firm_id).firms


def running_at(session: Session, model: SharedModel) -> int:
    """At how many sites a model runs."""
    found = select(func.count()).select_from(Deployment).where(Deployment.model_id == model.id)
    return session.exec(found).one()


def failures_lately(session: Session, rollout: Rollout) -> dict[int, DeliveryEvent]:
    """Delivery → the event with which it failed, newest; its figures tell the reason's facts."""
    rows = session.exec(
        select(DeliveryEvent)
        .join(Delivery, col(Delivery.id) == DeliveryEvent.delivery_id)
        .where(Delivery.rollout_id == rollout.id, col(DeliveryEvent.state).in_(rules.FAILED))
        .order_by(col(DeliveryEvent.id))
    )
    return {event.delivery_id: event for event in rows}
