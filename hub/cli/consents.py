"""`hub supply consents` and `hub supply voices`: who sees whom, whose voice counts."""

from typing import TYPE_CHECKING, Any

import click

from hub.cli.wired import actor, say_json, wired

if TYPE_CHECKING:
    from sqlmodel import Session

_FOR = click.option(
    "--for", "asked", required=True, help="The firm that speaks: number, name or our number."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="As one JSON document.")


@click.group()
def consents() -> None:
    """Who sees a firm by name: list, open, close; ask others, answer who asks."""


@consents.command("list")
@_FOR
@_JSON
def list_viewers(asked: str, *, as_json: bool) -> None:
    """Firms that may see the firm, why, and whether it opened itself to them."""
    from supplychain.services.consents import viewers

    with wired() as hub, hub.db.reading() as session:
        found = viewers(session, _firm(session, asked))
        said: list[dict[str, Any]] = [
            {
                "id": each.facts.firm_id,
                "name": each.facts.name,
                "reasons": list(each.reasons),
                "opened_at": each.opened.given_at if each.opened else None,
                "may_open": each.may_open,
                "sees": each.sees,
            }
            for each in found.known
        ]
    if as_json:
        say_json({"viewers": said, "strangers": found.strangers})
        return
    for row in said:
        state = "opened" if row["opened_at"] else "may be opened" if row["may_open"] else ""
        sees = "sees it" if row["sees"] else "counts it"
        click.echo(f"{row['id']:>8}  {row['name']}  {sees}  {', '.join(row['reasons'])}  {state}")
    click.echo(f"{found.strangers} more have named it in lists of their own")


@consents.command("open")
@click.argument("to")
@_FOR
@_JSON
def open_to(to: str, asked: str, *, as_json: bool) -> None:
    """Open the firm to TO, from this moment; again changes nothing."""
    from hub.accounts import record
    from supplychain.services.consents import give

    with wired() as hub, hub.db.work() as session:
        firm, other = _firm(session, asked), _firm(session, to)
        row = give(session, firm, other, actor())
        record(session, actor(), "firm.opened", str(firm), to=other)
        said = {"firm": firm, "to": other, "given_at": row.given_at}
    say_json(said) if as_json else click.echo("Opened. It counts from now.")


@consents.command("close")
@click.argument("to")
@_FOR
@_JSON
def close_to(to: str, asked: str, *, as_json: bool) -> None:
    """Close the firm to TO, from this moment; again changes nothing."""
    from hub.accounts import record
    from supplychain.services.consents import withdraw

    with wired() as hub, hub.db.work() as session:
        firm, other = _firm(session, asked), _firm(session, to)
        row = withdraw(session, firm, other, actor())
        if row is not None:
            record(session, actor(), "firm.closed", str(firm), to=other)
        said = {"firm": firm, "to": other, "withdrawn_at": row.withdrawn_at if row else None}
    say_json(said) if as_json else click.echo("Closed." if row else "It was not open.")


@consents.command("ask")
@click.argument("to")
@_FOR
@click.option("--note", default="", help="What it is needed for; without web addresses.")
@_JSON
def ask_to_see(to: str, asked: str, note: str, *, as_json: bool) -> None:
    """Ask TO to open itself to the firm. Asked twice, it is asked once."""
    from hub.seeing import ask

    with wired() as hub, hub.db.work() as session:
        firm, other = _firm(session, asked), _firm(session, to)
        row = ask(session, hub.settings, firm, other, actor(), note)
        said = {"id": row.id, "state": row.state}
    say_json(said) if as_json else click.echo(f"Request {said['id']}: {said['state']}")


@consents.command("requests")
@_FOR
@_JSON
def list_requests(asked: str, *, as_json: bool) -> None:
    """Requests that wait for the firm's answer, and what came of those it made."""
    from supplychain.services.sight_requests import wanted_of, wishes

    with wired() as hub, hub.db.reading() as session:
        firm = _firm(session, asked)
        came = [
            {
                "id": each.request.id,
                "by": each.by.firm_id,
                "name": each.by.name,
                "via": each.via.name if each.via else None,
                "note": each.request.note,
            }
            for each in wanted_of(session, firm)
        ]
        made = [
            {"firm": each.facts.firm_id, "name": each.facts.name, "state": each.state}
            for each in wishes(session, firm)
        ]
    if as_json:
        say_json({"received": came, "sent": made})
        return
    for row in came:
        click.echo(f"{row['id']:>6}  {row['name']} asks to see the firm")
    for each in made:
        click.echo(f"{each['firm']:>8}  {each['name']}  {each['state'] or 'not asked'}")


@consents.command("answer")
@click.argument("request", type=int)
@click.argument("word", type=click.Choice(["agree", "decline"]))
@_FOR
@click.option("--onward", is_flag=True, help="Ask the firm's own suppliers, too.")
@_JSON
def answer_request(request: int, word: str, asked: str, *, onward: bool, as_json: bool) -> None:
    """Open the firm to whoever made REQUEST, or decline."""
    from hub.seeing import answer

    with wired() as hub, hub.db.work() as session:
        firm, agrees = _firm(session, asked), word == "agree"
        row = answer(session, hub.settings, firm, request, actor(), agrees=agrees, onward=onward)
        said = {"id": row.id, "state": row.state}
    say_json(said) if as_json else click.echo(f"Request {said['id']}: {said['state']}")


@click.command()
@click.option("--state", type=click.Choice(["", "new", "confirmed", "suspended"]), default="new")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@_JSON
def voices(state: str, *, limit: int, as_json: bool) -> None:
    """Firms that have joined, and how many say that they know who speaks for them."""
    from supplychain.services.vouching import joined_firms

    with wired() as hub, hub.db.reading() as session:
        said: list[dict[str, Any]] = [
            {
                "id": each.firm.id,
                "name": each.firm.name,
                "brn": each.firm.brn,
                "state": each.state,
                "since": each.since,
                "known_by": each.yes,
                "unknown_to": each.no,
            }
            for each in joined_firms(session, state, limit=limit)
        ]
    if as_json:
        say_json({"voices": said})
        return
    for row in said:
        click.echo(
            f"{row['id']:>8}  {row['name']}  {row['state']}  "
            f"known by {row['known_by']}, unknown to {row['unknown_to']}"
        )


@click.command()
@click.argument("firm")
@click.argument("word", type=click.Choice(["confirm", "suspend", "ask"]))
@click.option("--note", default="", help="Why; for the administrators alone.")
@_JSON
def voice(firm: str, word: str, note: str, *, as_json: bool) -> None:
    """Confirm who speaks for FIRM, suspend them, or have those asked that know the firm."""
    from hub.accounts import record
    from supplychain.services.vouching import decide

    state = {"confirm": "confirmed", "suspend": "suspended", "ask": "new"}[word]
    with wired() as hub, hub.db.work() as session:
        number = _firm(session, firm)
        row = decide(session, number, state, note)
        record(session, actor(), f"voice.{state}", str(number))
        said = {"firm": number, "state": row.state}
    say_json(said) if as_json else click.echo(f"{number}: {said['state']}")


def _firm(session: "Session", text: str) -> int:
    from supplychain.services.firms import find_firm, id_of

    return id_of(find_firm(session, text))
