"""`hub supply risk tts --lead`: how long a chain that the hub knows survives each of its firms."""

from typing import Any

import click

from hub.cli.risk_known import computed, names_of, say_lacks
from hub.cli.wired import say_json
from supplychain.risk.facts import Assumed


def tell(
    lead: str, assumed: dict[str, float], *, indirect: bool, at_least: float | None, as_json: bool
) -> None:
    """Each firm that is asked for, the one that costs most days first; what is not known last.

    `indirect`: no direct suppliers. `at_least`: only firms that are known to cost so many days.
    """
    run, places, found = computed(lead, "tts", Assumed(**assumed))
    unknown = set(run.pop("items_not_known"))
    asked = {
        number: told
        for number, told in found.items()
        if not (indirect and places[number].tier == 1)
        and (at_least is None or (number not in unknown and told.lost >= at_least))
    }
    names = names_of(places, places)
    firms: dict[str, dict[str, Any]] = {
        names[number]: {
            "tier": places[number].tier,
            "TTS": told.survives,
            "TTR": told.recovers,
            "lost_days": told.lost,
            "item_known": number not in unknown,
        }
        for number, told in asked.items()
    }
    if as_json:
        say_json({**run, "items_not_known": len(unknown), "firms": firms})
        return
    say_lacks(run)
    for firm, told in firms.items():
        if told["item_known"]:
            click.echo(_line(firm, told))
    if not any(told["item_known"] for told in firms.values()):
        click.echo("No firm of these is known to cost so much.")
    if unknown:
        click.echo(
            f"And {len(unknown)} firms whose item nobody told: what their stop costs is not known."
        )
    for firm, told in firms.items():
        if not told["item_known"]:
            click.echo(f"      not known  {firm}")


def _line(firm: str, told: dict[str, Any]) -> str:
    lasts = "never lacks" if told["TTS"] is None else f"lasts {told['TTS']:.1f} days"
    return (
        f"{told['lost_days']:7.1f} days lost  {firm} "
        f"(tier {told['tier']}, {lasts}, back after {told['TTR']:g})"
    )
