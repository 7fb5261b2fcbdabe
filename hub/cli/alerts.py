"""`hub supply alert …`: raise an alert, follow it, answer it, pass it on, end it."""

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from hub.cli.wired import actor, say_json, wired

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlmodel import Session

    from hub.alerting import Post
    from hub.wiring import Hub
    from supplychain.services.alerts import Speaker

_BY = click.option(
    "--by", required=True, help="Firm that speaks: registration number, name or our number."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
_NUMBER = click.argument("number", type=click.IntRange(1, 2**31 - 1))


@click.group("alert")
def alert() -> None:
    """Alerts that travel along the chain."""


@alert.command("send")
@click.argument("text")
@_BY
@click.option("--key", required=True, help="Sent again under the same key, nothing is sent again.")
@click.option("--direction", type=click.Choice(["down", "up"]), default="down", help="Which way.")
@click.option(
    "--kind",
    type=click.Choice(["stop", "late", "quality", "disaster", "material", "other"]),
    default="other",
    help="What happened.",
)
@click.option(
    "--urgency", type=click.Choice(["now", "days", "watch"]), default="days", help="By when."
)
@click.option("--item", default="", help="The item.")
@click.option("--region", default="", help="Code of the region, such as KR-48.")
@click.option("--process", default="", help="Code of the process, such as press.")
@click.option(
    "--ask",
    "asks",
    multiple=True,
    type=click.Choice(["deliver", "until", "affected"]),
    help="What is asked; several times for several questions.",
)
@click.option("--tier", "tiers", multiple=True, type=int, help="A tier that is asked; else all.")
@click.option("--to", multiple=True, help="One supplier or customer; else all of them.")
@click.option("--by-itself", is_flag=True, help="Goes on by itself where a firm allows that.")
@click.option("--cause", is_flag=True, help="It comes from the firm that speaks.")
@_JSON
def send(*, by: str, to: tuple[str, ...], as_json: bool, **draft: Any) -> None:
    """Send an alert that says TEXT to the suppliers or customers of a firm, and on from there."""
    from hub import alerting
    from hub.accounts import record
    from supplychain.services.alerts import Draft
    from supplychain.services.firms import find_firm

    with wired() as hub, hub.db.work() as session:
        speaker = _speaker(session, by)
        chosen = [find_firm(session, one).id or 0 for one in to] or None
        row = alerting.raise_alert(session, _post(hub), speaker, Draft(**draft), chosen)
        record(session, actor(), "alert.raised", f"alert {row.id}")
        report = _report(session, speaker, row.id or 0)
    _tell(report, as_json=as_json)


@alert.command("list")
@_BY
@_JSON
def list_alerts(*, by: str, as_json: bool) -> None:
    """Every alert that a firm raised or got, what waits for it first."""
    from supplychain.services.alert_lists import summaries

    with wired() as hub, hub.db.reading() as session:
        found: list[dict[str, Any]] = [
            {
                "id": one.alert.id,
                "kind": one.alert.kind,
                "text": one.alert.text,
                "urgency": one.alert.urgency,
                "state": one.alert.state,
                "raised": one.raised,
                "from": one.sender,
                "to_do": one.to_do,
                "came_at": one.own.at,
            }
            for one in summaries(session, _speaker(session, by).firm_id)
        ]
    if as_json:
        say_json({"alerts": found})
        return
    for one in found:
        click.echo(f"{one['id']:5} {one['state']:10} {one['to_do'] or '-':12} {one['text'][:60]}")


@alert.command("show")
@_NUMBER
@_BY
@_JSON
def show(*, number: int, by: str, as_json: bool) -> None:
    """An alert as a firm sees it: how far it got, and what was answered."""
    with wired() as hub, hub.db.reading() as session:
        report = _report(session, _speaker(session, by), number)
    _tell(report, as_json=as_json)


@alert.command("acknowledge")
@_NUMBER
@_BY
@_JSON
def acknowledge(*, number: int, by: str, as_json: bool) -> None:
    """Say that a firm has read it."""
    from supplychain.services import alerts

    def act(session: "Session", _post: "Post", speaker: "Speaker") -> None:
        alerts.acknowledge(session, speaker, number)

    _change(by, number, "alert.acknowledged", act, as_json=as_json)


@alert.command("answer")
@_NUMBER
@_BY
@click.option(
    "--delivers",
    type=click.Choice(["yes", "partly", "no", "unknown"]),
    default=None,
    help="Can it.",
)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Until when: 2026-12-31.")
@click.option("--affected", type=click.IntRange(0, 100), help="Part that is affected, per cent.")
@click.option("--note", default="", help="In the firm's words, for whoever asked it.")
@click.option("--cause", is_flag=True, help="It comes from this firm.")
@_JSON
def answer(*, number: int, by: str, as_json: bool, **said: Any) -> None:
    """Answer for a firm, or answer anew."""
    from supplychain.services import alerts

    until: date | None = said["until"].date() if said["until"] else None
    given = alerts.Answer(
        said["delivers"] or "", until, said["affected"], said["note"], said["cause"]
    )

    def act(session: "Session", _post: "Post", speaker: "Speaker") -> None:
        alerts.answer(session, speaker, number, given)

    _change(by, number, "alert.answered", act, as_json=as_json)


@alert.command("pass")
@_NUMBER
@_BY
@click.option("--to", multiple=True, help="One supplier or customer; else all of them.")
@_JSON
def pass_on(*, number: int, by: str, to: tuple[str, ...], as_json: bool) -> None:
    """Pass it on to a firm's own next tier."""
    from hub import alerting
    from supplychain.services.alert_views import alert_seen
    from supplychain.services.firms import find_firm

    def act(session: "Session", post: "Post", speaker: "Speaker") -> None:
        chosen = [find_firm(session, one).id or 0 for one in to]
        if not chosen:
            seen = alert_seen(session, speaker.firm_id, number)
            chosen = [each.firm_id for each in seen.to_pass]
        alerting.pass_on(session, post, speaker, number, chosen)

    _change(by, number, "alert.passed", act, as_json=as_json)


@alert.command("remind")
@_NUMBER
@_BY
@_JSON
def remind(*, number: int, by: str, as_json: bool) -> None:
    """Remind those who have not answered."""
    from hub import alerting

    def act(session: "Session", post: "Post", speaker: "Speaker") -> None:
        alerting.remind(session, post, speaker, number)

    _change(by, number, "alert.reminded", act, as_json=as_json)


@alert.command("resolve")
@_NUMBER
@_BY
@click.option("--outcome", default="", help="What came of it; everybody who got it reads it.")
@_JSON
def resolve(*, number: int, by: str, outcome: str, as_json: bool) -> None:
    """Say that it is over, for the firm that it comes from."""
    from hub import alerting

    def act(session: "Session", post: "Post", speaker: "Speaker") -> None:
        alerting.resolve(session, post, speaker, number, outcome)

    _change(by, number, "alert.resolved", act, as_json=as_json)


@alert.command("withdraw")
@_NUMBER
@_BY
@click.option("--outcome", default="", help="Why; everybody who got it reads it.")
@_JSON
def withdraw(*, number: int, by: str, outcome: str, as_json: bool) -> None:
    """Take it back, for the firm that raised it."""
    from hub import alerting

    def act(session: "Session", post: "Post", speaker: "Speaker") -> None:
        alerting.withdraw(session, post, speaker, number, outcome)

    _change(by, number, "alert.withdrawn", act, as_json=as_json)


def _change(
    by: str,
    number: int,
    action: str,
    act: "Callable[[Session, Post, Speaker], None]",
    *,
    as_json: bool,
) -> None:
    from hub.accounts import record

    with wired() as hub, hub.db.work() as session:
        speaker = _speaker(session, by)
        act(session, _post(hub), speaker)
        record(session, actor(), action, f"alert {number}")
        report = _report(session, speaker, number)
    _tell(report, as_json=as_json)


def _post(hub: "Hub") -> "Post":
    from hub.alerting import Post

    return Post(hub.settings)


def _speaker(session: "Session", by: str) -> "Speaker":
    """Whoever may use the command line of the hub speaks for any firm."""
    from supplychain.services.alerts import Speaker
    from supplychain.services.firms import find_firm

    return Speaker(find_firm(session, by).id or 0, actor())


def _report(session: "Session", speaker: "Speaker", number: int) -> dict[str, Any]:
    from hub.api.alerts import whole
    from supplychain.services.alert_views import alert_seen

    seen = alert_seen(session, speaker.firm_id, number)
    found: dict[str, Any] = whole(seen).model_dump(mode="json", by_alias=True)
    return found


def _tell(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(report)
        return
    click.echo(f"alert {report['id']}: {report['state']}, {report['text'][:70]}")
    for tier in report["tiers"]:
        came = ", ".join(f"{word} {count}" for word, count in tier["came_to"].items())
        few = " and a few more" if tier["few"] else ""
        click.echo(
            f"  tier {tier['tier']}: {tier['firms']} firms{few} ({came or 'too few to say'})"
        )
    for firm in report["firms"]:
        click.echo(f"    {firm['came_to']:13} {firm['name']} {firm['note']}")
