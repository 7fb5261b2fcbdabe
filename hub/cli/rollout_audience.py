"""The options with which commands name an audience and its waves; `hub rollouts preview`."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from hub.cli.wired import say_json, wired

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--version", "number", default="", help="Version; the newest where not given."),
    click.option("--tier", "tiers", type=int, multiple=True, default=(2, 3), show_default=True),
    click.option("--process", help="Only plants with this process; the model's where not given."),
    click.option("--region", "regions", multiple=True, help="Only these regions, as KR-41."),
    click.option("--sector", "sectors", multiple=True, help="Only these industries, as C29."),
    click.option("--level", "least_level", type=click.IntRange(0, 5), default=0,
                 help="Smart-factory level, at least."),
    click.option("--firm", "firms", type=int, multiple=True, help="Only these firms, by number."),
    click.option("--without", type=int, multiple=True, help="Never these firms, by number."),
    click.option("--connected", is_flag=True, help="Only plants with a connected PC."),
    click.option("--operators", is_flag=True,
                 help="Only firms that tell they have the certificates that the card asks for."),
    click.option("--memory", "least_memory_gb", type=click.Choice(["0", "2", "4", "8", "16", "32"]),
                 default="0", help="Memory of the PC in GB, at least."),
    click.option("--cores", "least_cores", type=click.Choice(["0", "2", "4", "8"]), default="0",
                 help="Cores of the PC, at least."),
    click.option("--system", "systems", multiple=True,
                 type=click.Choice(["windows", "linux", "macos"]), help="Only these systems."),
    click.option("--known-hardware", is_flag=True, help="Leave out PCs that told nothing."),
)  # fmt: skip


def audience_options(command: F) -> F:
    """The options that name an audience."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def audience_of(asked: dict[str, Any], process: str) -> Any:
    """The audience that the options name."""
    from sharing.audience import Audience

    names = (
        "tiers", "regions", "sectors", "least_level", "firms", "without", "connected", "operators",
        "systems",
    )  # fmt: skip
    return Audience(
        process=process if asked["process"] is None else asked["process"],
        least_memory_gb=int(asked["least_memory_gb"]),
        least_cores=int(asked["least_cores"]),
        unknown_hardware=not asked["known_hardware"],
        **{name: asked[name] for name in names},
    )


@click.command("preview")
@click.argument("model")
@audience_options
@click.option("--waves", default="", help="As 5, 20%, rest.")
@click.option("--misfits", is_flag=True, help="List the plants that do not fit.")
@click.option("--limit", type=click.IntRange(1, 1000), default=25, show_default=True)
@click.option("--after", type=click.IntRange(0), default=0, help="Where the list begins.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def preview(model: str, *, misfits: bool, waves: str, as_json: bool, **asked: Any) -> None:
    """Show who would get MODEL, who would not and why. Nothing is made or sent."""
    from hub.api.rollout_preview import PreviewAsked, preview_said
    from sharing.rollout_plan import Plan, waves_from
    from sharing.services import models

    with wired() as hub, hub.db.reading() as session:
        shared = models.model_named(session, model)
        try:
            plan = Plan(waves=waves_from(waves)) if waves else None
        except ValueError as error:
            raise click.BadParameter(waves, param_hint="--waves") from error
        said = preview_said(
            session,
            shared,
            PreviewAsked(
                model=model,
                version=asked["number"],
                audience=audience_of(asked, shared.process),
                plan=plan,
                show="misfits" if misfits else "fits",
                after=asked["after"],
                limit=asked["limit"],
            ),
        )
    if as_json:
        say_json(said.model_dump(mode="json"))
        return
    click.echo(f"{said.model} {said.version}: {said.fits} plants fit, {said.misfits} do not")
    click.echo("waves: " + ", ".join(str(count) for count in said.waves))
    for reason in said.reasons:
        by = ", ".join(f"tier {tier}: {count}" for tier, count in reason.tiers.items())
        click.echo(f"  {reason.plants:>6}  {reason.text} ({by})")
    for plant in said.plants:
        why = f"  {', '.join(plant.why)}" if plant.why else ""
        click.echo(f"  tier {plant.tier}  {plant.name}{why}")
