"""The part of `hub rollouts` that only looks."""

from typing import Any

import click

from hub.cli.wired import say_json, wired

_as_json = click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
_after = click.option("--after", type=int, default=0, help="Where a page begins.")
_limit = click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
_GROUPS = ("waiting", "under_way", "active", "failed", "declined")


def said_of(session: Any, rollout: Any, *, as_json: bool) -> None:
    """Say how a rollout stands, with its waves and first plants."""
    from hub.api.rollout_said import rollout_said

    said = rollout_said(session, rollout)
    if as_json:
        say_json(said.model_dump(mode="json"))
        return
    click.echo(_line(said))
    if said.reason:
        click.echo(f"  {said.reason}")
    for wave in said.waves or []:
        gate = wave.gate
        left = "" if gate.left is None else f", {gate.left} more may fail"
        click.echo(
            f"  wave {wave.wave}  {wave.state}  {gate.good} good, {gate.bad} bad, {gate.open} open"
            f"  errors {gate.error_share:.0%} of {gate.error_limit:.0%}{left}"
        )
    for site in said.sites or []:
        _site_line(site)
    if said.sites_after:
        click.echo(f"  … more: hub rollouts sites {said.id} --after {said.sites_after}")


def _line(said: Any) -> str:
    counts = ", ".join(f"{count} {name}" for name, count in said.counts.items() if count)
    return f"{said.id}  {said.name}  {said.model} {said.version}  {said.state}  {counts}"


def _site_line(site: Any) -> None:
    reason = f"  {site.reason}" if site.reason else ""
    click.echo(f"  {site.delivery}  tier {site.tier}  {site.firm or '–'}  {site.state}{reason}")


@click.command("show")
@click.argument("number", type=int)
@_as_json
def show(number: int, *, as_json: bool) -> None:
    """Show rollout NUMBER with its waves and plants."""
    from sharing.services.rollouts import rollout_by_id

    with wired() as hub, hub.db.reading() as session:
        said_of(session, rollout_by_id(session, number), as_json=as_json)


@click.command("sites")
@click.argument("number", type=int)
@click.option("--state", type=click.Choice(_GROUPS), help="Only plants of one group.")
@_after
@_limit
@_as_json
def sites(number: int, *, state: str | None, after: int, limit: int, as_json: bool) -> None:
    """List the plants of rollout NUMBER, a page at a time."""
    from hub.api.rollout_said import site_said
    from sharing.services import board
    from sharing.services.rollouts import rollout_by_id

    with wired() as hub, hub.db.reading() as session:
        states = board.GROUPS.get(state or "", ())
        row = rollout_by_id(session, number)
        page = board.squares(session, row, states, after=after, limit=limit)
        said = [site_said(square) for square in page]
    if as_json:
        more = said[-1].delivery if len(said) == limit else None
        say_json({"sites": [each.model_dump(mode="json") for each in said], "after": more})
        return
    for site in said:
        _site_line(site)


@click.command("events")
@click.argument("number", type=int)
@_after
@_limit
@_as_json
def events(number: int, *, after: int, limit: int, as_json: bool) -> None:
    """List what happened at the plants of rollout NUMBER; --after the last number for the rest."""
    from hub.api.rollout_said import event_said
    from sharing.services import insight
    from sharing.services.rollouts import rollout_by_id

    with wired() as hub, hub.db.reading() as session:
        page = insight.events(session, rollout_by_id(session, number), after, limit)
        said = [event_said(each) for each in page]
    if as_json:
        last = said[-1].id if said else after
        say_json({"events": [each.model_dump(mode="json") for each in said], "after": last})
        return
    for each in said:
        click.echo(
            f"{each.id}  {each.at:%Y-%m-%d %H:%M:%S}  {each.delivery}  {each.state}  {each.reason}"
        )


@click.command("timeline")
@click.argument("number", type=int)
@click.argument("delivery", type=int)
@_as_json
def timeline(number: int, delivery: int, *, as_json: bool) -> None:
    """Show what happened at one plant (DELIVERY, as `sites` gives it), step by step."""
    from hub.api.rollout_said import site_said, step_said
    from sharing.services import board, insight
    from sharing.services.rollouts import rollout_by_id
    from supplychain.tables import now

    with wired() as hub, hub.db.reading() as session:
        square = board.square_of(session, rollout_by_id(session, number), delivery)
        steps = [step_said(each) for each in insight.timeline(session, square.delivery, now())]
        site = site_said(square)
    if as_json:
        said = [each.model_dump(mode="json") for each in steps]
        say_json({"site": site.model_dump(mode="json"), "steps": said})
        return
    _site_line(site)
    for each in steps:
        lasted = "" if each.seconds is None else f"  ({each.seconds:.0f} s)"
        click.echo(f"  {each.at:%Y-%m-%d %H:%M:%S}  {each.state}  {each.by}  {each.reason}{lasted}")


@click.command("failures")
@click.argument("number", type=int)
@_as_json
def failures(number: int, *, as_json: bool) -> None:
    """Group the failures of rollout NUMBER by their reason."""
    from hub.api.rollout_said import failure_said
    from sharing.services import insight
    from sharing.services.rollouts import rollout_by_id

    with wired() as hub, hub.db.reading() as session:
        groups = insight.failures(session, rollout_by_id(session, number))
        said = [failure_said(each, "") for each in groups]
    if as_json:
        say_json({"failures": [e.model_dump(mode="json", exclude={"advice"}) for e in said]})
        return
    for each in said:
        click.echo(f"{each.sites}  {each.reason or '–'}")


@click.command("figures")
@click.argument("number", type=int)
@_as_json
def figures(number: int, *, as_json: bool) -> None:
    """Show adoption by tier and health of rollout NUMBER."""
    from hub.api.rollout_said import figures_said
    from sharing.services import insight
    from sharing.services.rollouts import rollout_by_id
    from supplychain.tables import now

    with wired() as hub, hub.db.reading() as session:
        row = rollout_by_id(session, number)
        said = figures_said(insight.adoption(session, row), insight.health(session, row, now()))
    if as_json:
        say_json(said.model_dump(mode="json"))
        return
    for each in said.tiers:
        click.echo(f"tier {each.tier}  {each.running} of {each.sites}")
    click.echo(f"predictions {said.predictions}, health {said.health}, silent {said.silent}")


@click.command("versions")
@click.argument("model")
@_as_json
def versions(model: str, *, as_json: bool) -> None:
    """Show which version of MODEL runs at how many plants."""
    from hub.api.rollout_said import fielded_said
    from sharing.services import insight
    from sharing.services.models import model_named

    with wired() as hub, hub.db.reading() as session:
        said = [fielded_said(e) for e in insight.fielded(session, model_named(session, model))]
    if as_json:
        say_json({"versions": [each.model_dump(mode="json") for each in said]})
        return
    for each in said:
        tiers = ", ".join(f"tier {tier}: {count}" for tier, count in each.tiers.items())
        click.echo(f"{each.version}  {each.state}  {each.sites} plants  {tiers}")


@click.command("watch")
@click.argument("number", type=int)
@click.option("--every", type=click.FloatRange(0.1), default=2.0, show_default=True)
@click.option("--for", "longest", type=float, help="End after so many seconds with exit code 6.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document a line.")
def watch(number: int, *, every: float, longest: float | None, as_json: bool) -> None:
    """Follow rollout NUMBER, a line a change, until it has ended or waits for a person."""
    import json
    from threading import Event
    from time import monotonic

    from hub.api.rollout_said import board_said
    from sharing import rollout as rules
    from sharing.services.board import board_of, mark_of
    from sharing.services.rollouts import rollout_by_id

    begun, before, clock = monotonic(), "", Event()
    with wired() as hub:
        while True:
            with hub.db.reading() as session:
                board = board_of(session, rollout_by_id(session, number))
                mark = mark_of(session, board)
                said = board_said(session, board, sites=False)
            if mark != before:
                told = said.model_dump(mode="json", exclude={"sites", "waves", "sites_after"})
                click.echo(json.dumps(told, ensure_ascii=False) if as_json else _line(said))
                before = mark
            if said.state not in rules.AT_WORK:
                return
            if longest is not None and monotonic() - begun > longest:
                raise click.exceptions.Exit(6)
            clock.wait(every)


COMMANDS = (show, sites, events, timeline, failures, figures, versions, watch)
