"""`hub hooks`: webhooks from the command line."""

from typing import Any

import click

from hub.cli.wired import actor, say_json, wired

_as_json = click.option("--json", "as_json", is_flag=True, help="As one JSON document.")


@click.group()
def hooks() -> None:
    """Webhooks: addresses of your own programs that the hub tells of events."""


@hooks.command("list")
@_as_json
def list_hooks(*, as_json: bool) -> None:
    """List all webhooks."""
    from sqlmodel import col, select

    from hub.api.hooks import hook_said
    from hub.hook_tables import Hook

    with wired() as hub, hub.db.reading() as session:
        rows = session.exec(select(Hook).order_by(col(Hook.id)))
        said = [hook_said(session, each) for each in rows]
    if as_json:
        say_json([each.model_dump(mode="json", exclude={"secret"}) for each in said])
        return
    for each in said:
        click.echo(f"{each.id}  {each.state}  {each.url}  {each.counts}")


@hooks.command("add")
@click.argument("url")
@click.option("--firm", required=True, help="Number, registration number or name of the firm.")
@click.option("--event", "events", multiple=True, help="Only this event (again for more).")
@_as_json
def add(url: str, firm: str, events: tuple[str, ...], *, as_json: bool) -> None:
    """Add a webhook at URL; its secret is said this once."""
    from hub import hooks as service
    from hub.api.hooks import hook_said
    from supplychain.services.firms import find_firm

    with wired() as hub:
        wanted = service.checked(hub, url, events)
        with hub.db.work() as session:
            found = find_firm(session, firm).id or 0
            hook, told = service.add(session, found, url, wanted, actor())
            said = hook_said(session, hook, service.secret_of(hub, hook) if told else None)
    _say(said, as_json=as_json)


def _say(said: Any, *, as_json: bool) -> None:
    if as_json:
        say_json(said.model_dump(mode="json"))
        return
    click.echo(f"{said.id}  {said.state}  {said.url}")
    if said.secret:
        click.echo(said.secret)


def _steering(name: str, help_text: str) -> click.Command:
    @click.command(name, help=help_text)
    @click.argument("number", type=int)
    @_as_json
    def command(number: int, *, as_json: bool) -> None:
        from hub import hooks as service
        from hub.api.hooks import hook_said

        with wired() as hub, hub.db.work() as session:
            hook = _hook(session, number)
            secret = None
            match name:
                case "enable" | "disable":
                    service.switch(session, hook, actor(), on=name == "enable")
                case "renew":
                    service.renew_secret(session, hook, actor())
                    secret = service.secret_of(hub, hook)
                case "test":
                    service.ping(session, hook, actor())
            said = hook_said(session, hook, secret)
            if name == "remove":
                service.remove(session, hook, actor())
        _say(said, as_json=as_json)

    return command


for _name, _help in {
    "test": "Put a test message to webhook NUMBER on its way.",
    "enable": "Switch webhook NUMBER on.",
    "disable": "Switch webhook NUMBER off.",
    "renew": "Give webhook NUMBER a new secret, said this once.",
    "remove": "Remove webhook NUMBER with its log.",
}.items():
    hooks.add_command(_steering(_name, _help))


@hooks.command("log")
@click.argument("number", type=int)
@click.option("--state", type=click.Choice(["waiting", "sent", "failed"]), default=None)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@_as_json
def log(number: int, *, state: str | None, limit: int, as_json: bool) -> None:
    """Show what went to webhook NUMBER, newest first."""
    from hub import hooks as service
    from hub.api.hooks import message_said

    with wired() as hub, hub.db.reading() as session:
        rows = service.log_of(_hook(session, number), state or "").limit(limit)
        said = [message_said(each) for each in session.exec(rows)]
    if as_json:
        say_json([each.model_dump(mode="json") for each in said])
        return
    for each in said:
        answer = f"{each.status or ''} {each.problem}".strip()
        click.echo(f"{each.id}  {each.type}  {each.state}  tries {each.tries}  {answer}")


@hooks.command("replay")
@click.argument("number", type=int)
@click.argument("message", type=int)
@_as_json
def replay(number: int, message: int, *, as_json: bool) -> None:
    """Send MESSAGE to webhook NUMBER once more."""
    from hub import hooks as service
    from hub.access_hooks import hook_message
    from hub.api.hooks import message_said

    with wired() as hub, hub.db.work() as session:
        hook = _hook(session, number)
        row = hook_message(session, hook, message)
        service.replay(session, hook, row, actor())
        said = message_said(row)
    if as_json:
        say_json(said.model_dump(mode="json"))
        return
    click.echo(f"{said.id}  {said.type}  {said.state}")


def _hook(session: Any, number: int) -> Any:
    from hub.hook_errors import HookNotFound
    from hub.hook_tables import Hook

    row = session.get(Hook, number)
    if row is None:
        raise HookNotFound(hook=number)
    return row
