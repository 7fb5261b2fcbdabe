"""`hub rollouts`: versions on their way to plants, from the command line."""

from typing import Any

import click

from hub.cli.wired import actor, say_json, wired


@click.group()
def rollouts() -> None:
    """Rollouts: create, start, pause, resume, stop, rollback, show, list."""


_as_json = click.option("--json", "as_json", is_flag=True, help="As one JSON document.")


@rollouts.command("create")
@click.argument("model")
@click.option("--version", "number", default="", help="Version; the newest where not given.")
@click.option("--tier", "tiers", type=int, multiple=True, default=(2, 3), show_default=True)
@click.option("--process", help="Only plants with this process; the model's where not given.")
@click.option("--region", "regions", multiple=True, help="Only these regions, as KR-41.")
@click.option("--name", default="", help="Name that pages show.")
@click.option("--key", default="", help="Your own number for it: the same again makes no second.")
@_as_json
def create(model: str, *, as_json: bool, **asked: Any) -> None:
    """Make a rollout of MODEL to the supply chain of its firm."""
    from hub.steering import make_rollout
    from sharing.audience import Audience
    from sharing.services import models

    with wired() as hub, hub.db.work() as session:
        shared = models.model_named(session, model)
        audience = Audience(
            tiers=asked["tiers"],
            regions=asked["regions"],
            process=shared.process if asked["process"] is None else asked["process"],
        )
        made = make_rollout(
            session,
            models.version_of(session, model, asked["number"]),
            shared.firm_id,
            actor(),
            name=asked["name"],
            audience=audience,
            key=asked["key"],
        )
        _say(session, made, as_json=as_json)


@rollouts.command("list")
@_as_json
def list_rollouts(*, as_json: bool) -> None:
    """List the rollouts, newest first."""
    from sqlmodel import col, select

    from hub.api.rollouts import rollout_said
    from sharing.tables import Rollout

    with wired() as hub, hub.db.reading() as session:
        rows = session.exec(select(Rollout).order_by(col(Rollout.id).desc()))
        said = [rollout_said(session, row, sites=False) for row in rows]
    if as_json:
        say_json([each.model_dump(mode="json", exclude={"sites"}) for each in said])
        return
    for each in said:
        click.echo(f"{each.id}  {each.name}  {each.model} {each.version}  {each.state}")


@rollouts.command("show")
@click.argument("number", type=int)
@_as_json
def show(number: int, *, as_json: bool) -> None:
    """Show rollout NUMBER with its plants."""
    from sharing.services.rollouts import rollout_by_id

    with wired() as hub, hub.db.reading() as session:
        _say(session, rollout_by_id(session, number), as_json=as_json)


def _steering(action: str, help_text: str) -> click.Command:
    @click.command(action, help=help_text)
    @click.argument("number", type=int)
    @click.option("--reason", default="", help="Why, for those whom it concerns.")
    @_as_json
    def command(number: int, reason: str, *, as_json: bool) -> None:
        from hub.steering import steer
        from sharing.services.rollouts import rollout_by_id

        with wired() as hub, hub.db.work() as session:
            rollout = rollout_by_id(session, number)
            steer(session, rollout, action, actor(), reason)
            _say(session, rollout, as_json=as_json)

    return command


for _action, _help in {
    "start": "Make the offers of rollout NUMBER.",
    "pause": "Prepare nothing more for now.",
    "resume": "Go on after a pause.",
    "stop": "Take back what has not arrived; what runs, runs on.",
    "rollback": "Let every plant go back to the version before.",
}.items():
    rollouts.add_command(_steering(_action, _help))


def _say(session: Any, rollout: Any, *, as_json: bool) -> None:
    from hub.api.rollouts import rollout_said

    said = rollout_said(session, rollout)
    if as_json:
        say_json(said.model_dump(mode="json"))
        return
    counts = ", ".join(f"{count} {name}" for name, count in said.counts.items() if count)
    click.echo(f"{said.id}  {said.name}  {said.model} {said.version}  {said.state}  {counts}")
    for site in said.sites or []:
        reason = f"  {site.reason}" if site.reason else ""
        click.echo(f"  tier {site.tier}  {site.firm or '–'}  {site.state}{reason}")
