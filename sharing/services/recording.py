"""What came of the orders of a rollout's step is written down, batch by batch."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from sharing import rollout as rules
from sharing.package import Action, Packed
from sharing.services.deliveries import alone_with, move
from sharing.tables import Delivery, Deployment, Rollout, Version

HUB = "hub"


def record(session: Session, answers: Sequence[Packed], at: datetime) -> None:
    """Write down what came of orders. An answer that is overtaken by events changes nothing."""
    ids = [answer.delivery_id for answer in answers]
    of = select(Delivery.rollout_id).where(col(Delivery.id).in_(ids)).distinct()
    for number in sorted(session.exec(of)):
        alone_with(session, session.get_one(Rollout, number))
    rows = (
        select(Delivery)
        .where(col(Delivery.id).in_(ids))
        .order_by(col(Delivery.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {row.id: row for row in session.exec(rows)}
    batch = _Batch(session, found.values(), at)
    for answer in answers:
        delivery = found.get(answer.delivery_id)
        if delivery is not None:
            batch.take(delivery, answer)
    session.flush()


class _Batch:
    """Answers of one moment; what they share is looked up once."""

    def __init__(self, session: Session, rows: Collection[Delivery], at: datetime) -> None:
        self._session = session
        self._at = at
        numbers = sorted({row.rollout_id for row in rows})
        rollouts = [session.get_one(Rollout, number) for number in numbers]
        self._states = {each.id: each.state for each in rollouts}
        self._plans = {each.id: rules.plan_from(each.plan) for each in rollouts}
        versions = [session.get_one(Version, n) for n in {row.version_id for row in rows}]
        self._models = {each.id: each.model_id for each in versions}
        running = select(Deployment.site_id, Deployment.model_id, Deployment.version_id).where(
            col(Deployment.site_id).in_({row.site_id for row in rows})
        )
        self._running = {(site, model): n for site, model, n in session.exec(running)}

    def take(self, delivery: Delivery, answer: Packed) -> None:
        """Write down one of them."""
        if answer.reason:
            self._not_done(delivery, answer)
            return
        delivery.metadata_version = max(delivery.metadata_version, answer.statement)
        if answer.action == "install":
            self._prepared(delivery, answer)
        else:
            self._reassigned(delivery, answer.action)

    def _not_done(self, delivery: Delivery, answer: Packed) -> None:
        if answer.action != "install":
            delivery.tries += 1  # given again, so many times
        elif delivery.state == "accepted":
            self._move(delivery, "failed", answer.reason)

    def _prepared(self, delivery: Delivery, answer: Packed) -> None:
        if delivery.state != "accepted":
            return
        before = self._running.get((delivery.site_id, self._models[delivery.version_id]))
        if before is not None and before != delivery.version_id:
            delivery.previous_version_id = before
        plan = self._plans[delivery.rollout_id]
        delivery.arrive_by = plan.arrive_by(self._at)
        delivery.deadline = min(plan.heard_by(self._at), delivery.arrive_by)
        move(self._session, delivery, "prepared", self._at, by=HUB, figures=answer.figures)

    def _reassigned(self, delivery: Delivery, action: Action) -> None:
        delivery.action = action
        if delivery.state in ("accepted", *rules.ON_THE_WAY):
            # It may be further than we know: then it says so, and that it is back, later.
            stopping = self._states[delivery.rollout_id] == "stopping"
            self._move(delivery, "failed", rules.STOPPED if stopping else rules.WITHDRAWN)
        elif delivery.state in rules.SUCCEEDED and delivery.deadline is None:
            # the site has to go back itself, and says so; until then it runs what it ran
            delivery.deadline = self._plans[delivery.rollout_id].heard_by(self._at)

    def _move(self, delivery: Delivery, state: str, reason: str) -> None:
        delivery.deadline = None
        move(self._session, delivery, state, self._at, by=HUB, reason=reason)
