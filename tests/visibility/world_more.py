"""What firms of a random chain have beside links: a shared model, scenarios that they keep."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from sharing.audience import Audience
from sharing.errors import NobodyFits
from sharing.services import rollouts
from sharing.tables import Agreement, Rollout, SharedModel, Version
from supplychain.scenario_errors import ShareRefused
from supplychain.scenario_question import Question
from supplychain.scenario_tables import Scenario, ScenarioShare
from supplychain.services import scenarios
from supplychain.tables import Site, now


@cache
def card() -> dict[str, object]:
    file = Path(__file__).parents[2] / "infra" / "sample" / "model" / "card.json"
    return json.loads(file.read_text(encoding="utf-8"))


def share_model(session: Session, world: Any, name: str) -> None:
    """Firm 0 shares a model with every firm that it may name, and its rollout has begun."""
    world.slug = name
    model = SharedModel(
        slug=world.slug, firm_id=world.firms[0], title={"ko": "모델", "en": "Model"},
        process="injection",
    )  # fmt: skip
    session.add(model)
    session.flush()
    version = Version(model_id=model.id, number="1.0.0", card=card())
    session.add(version)
    session.flush()
    # One that was stopped long ago: the next gets a number of nine digits, too.
    session.add(
        Rollout(
            id=world.id(),
            version_id=version.id,
            lead_firm_id=world.firms[0],
            name="before",
            key=world.slug,
            state="stopped",
        )
    )
    session.flush()
    try:
        row = rollouts.create(
            session, version, world.firms[0], "test", audience=Audience(tiers=(1, 2, 3))
        )
    except NobodyFits:
        return
    rollouts.start(session, row, now())
    world.rollout = row.id
    for each in rollouts.deliveries_of(session, row):
        world.deliveries.append(each.id)
        site = session.get_one(Site, each.site_id)
        world.offered.add(world.firms.index(site.told_firm_id))
    world.more["agreement"] = list(session.exec(select(Agreement.id)))


def keep_scenarios(session: Session, world: Any) -> None:
    """Each joined firm stops every firm of the chain, and shares that with whom it can."""
    for owner in sorted(world.plan.joined):
        row = Scenario(
            id=world.id(),
            firm_id=world.firms[owner],
            name=world.token("scenario", by=owner),
            asked=Question(firms=tuple(sorted(world.firms)), days=30, stock=0.0).as_json(),
        )
        session.add(row)
        session.flush()
        world.scenarios[owner] = row.id
        for to in sorted(world.plan.joined - {owner}):
            try:
                there = scenarios.share(session, row, world.firms[to], "test")
            except ShareRefused:
                continue
            new = ScenarioShare(id=world.id(), scenario_id=row.id, to_id=there.to_id)
            session.delete(there)
            session.flush()
            session.add(new)
            session.flush()
            world.shares[owner, to] = new.id
