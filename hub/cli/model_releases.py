"""`hub models live|withdraw|show-to`: what was live when, and who is offered what."""

import click

from hub.cli.wired import actor, say_json, wired

_json = click.option("--json", "as_json", is_flag=True, help="As one JSON document.")


@click.command("live")
@click.argument("slug")
@click.option("--at", default="", help="At the end of a day (2026-12-01), or at a moment.")
@_json
def live(slug: str, at: str, *, as_json: bool) -> None:
    """Which version of a model was live where and when, as the plants report it."""
    from hub.api.models import stay_said
    from hub.web.model_live import end_of_day
    from sharing.services.live import stays_of
    from sharing.services.models import model_named

    with wired() as hub, hub.db.reading() as session:
        moment = end_of_day(at, hub.settings.time_zone)
        if at and moment is None:
            raise click.BadParameter("A day is written 2026-12-01.", param_hint="--at")
        model = model_named(session, slug)
        said = [stay_said(row) for row in session.exec(stays_of(model.id or 0, moment))]
    if as_json:
        say_json([each.model_dump(mode="json") for each in said])
        return
    for each in said:
        until = f"{each.until:%Y-%m-%d %H:%M}" if each.until else "now"
        when = f"{each.since:%Y-%m-%d %H:%M} – {until:<16}"
        click.echo(f"{each.version:<10} {when} {each.firm} · {each.plant}")


@click.command("withdraw")
@click.argument("slug")
@click.argument("number")
@click.option("--reason", required=True, help="Why; those who run it read this.")
def withdraw(slug: str, number: str, reason: str) -> None:
    """Offer version NUMBER of a model to nobody any more. Where it runs, it goes on."""
    from hub import releasing
    from hub.publishing import sign_image
    from sharing.services.models import model_named, version_of

    with wired() as hub:
        with hub.db.work() as session:
            version = version_of(session, slug, number)
            releasing.withdraw(session, model_named(session, slug), version, actor(), reason)
        sign_image(hub)
    click.echo(f"{slug} {number}  withdrawn")


@click.command("show-to")
@click.argument("slug")
@click.argument("visibility", type=click.Choice(["private", "chain", "public"]))
def show_to(slug: str, visibility: str) -> None:
    """Decide who may see a model: only its firm, its supply chain, everybody who is signed in."""
    from typing import cast

    from hub import releasing
    from hub.publishing import sign_image
    from sharing.services.models import Visibility, model_named

    with wired() as hub:
        with hub.db.work() as session:
            model = model_named(session, slug)
            releasing.show_to(session, model, actor(), cast("Visibility", visibility))
        sign_image(hub)
    click.echo(f"{slug}  {visibility}")
