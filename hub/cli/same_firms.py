"""`hub supply same`: firms that may be one, from the command line."""

from typing import TYPE_CHECKING, Any

import click

from hub.cli.wired import actor, say_json, wired

if TYPE_CHECKING:
    from sqlmodel import Session

    from supplychain.services.likenesses import Answered
    from supplychain.services.pairs import Compared

_FOR = click.option(
    "--for", "asked", required=True, help="The firm that answers: number, name or our number."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="As one JSON document.")


@click.group()
def same() -> None:
    """Firms that may be one: list the pairs, answer, split a merge."""


@same.command("list")
@_FOR
@click.option("--state", type=click.Choice(["waiting", "later", "merged"]), default="waiting")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@_JSON
def list_pairs(asked: str, state: str, *, limit: int, as_json: bool) -> None:
    """The pairs that wait for an answer, the likeliest first; or what was merged."""
    from supplychain.services.likenesses import how_many, questions
    from supplychain.services.pairs import compared

    with wired() as hub, hub.db.reading() as session:
        firm = _firm(session, asked)
        if state == "merged":
            _tell_merges(session, firm, limit, as_json=as_json)
            return
        rows = session.exec(questions(firm, state).limit(limit)).all()
        said = [_pair(each) for each in compared(session, firm, rows)]
        count = how_many(session, firm, state)
    if as_json:
        say_json({"pairs": said, "count": count})
        return
    for pair in said:
        click.echo(f"{pair['id']:>6}  {pair['probability']:.0%}  {' = '.join(pair['names'])}")
    click.echo(f"{count} pairs {'put off' if state == 'later' else 'to answer'}")


@same.command("decide")
@click.argument("pairs", nargs=-1, required=True, type=int)
@click.option("--answer", type=click.Choice(["same", "different", "later"]), required=True)
@_FOR
@_JSON
def decide_pairs(pairs: tuple[int, ...], answer: str, asked: str, *, as_json: bool) -> None:
    """Answer PAIRS, all or none of them. The same answer again changes nothing."""
    from hub import access
    from hub.accounts import record
    from supplychain.services.likenesses import decide

    with wired() as hub, hub.db.work() as session:
        firm = _firm(session, asked)
        bound = access.with_people(session)
        came = decide(session, firm, pairs, answer, actor=actor(), bound=bound)
        record(session, actor(), f"firms.{answer}", asked, pairs=list(pairs))
        said = _came(came)
    if as_json:
        say_json(said)
        return
    click.echo(f"{len(said['merges'])} merges, {len(said['noted'])} wait for another firm's yes")


@same.command("split")
@click.argument("merge", type=int)
@_FOR
@_JSON
def split_merge(merge: int, asked: str, *, as_json: bool) -> None:
    """Take MERGE apart; everything goes back where it was."""
    from hub.accounts import record
    from supplychain.services.likenesses import split_apart

    with wired() as hub, hub.db.work() as session:
        firm = _firm(session, asked)
        row = split_apart(session, firm, merge, actor())
        record(session, actor(), "firms.split", str(merge), firms=row.firm_ids)
        said = {"merge": row.id, "firms": row.firm_ids, "split_at": row.split_at}
    say_json(said) if as_json else click.echo(f"Merge {merge} was split.")


def _firm(session: "Session", text: str) -> int:
    from supplychain.services.firms import find_firm, id_of
    from supplychain.services.merging import root_of

    return root_of(session, id_of(find_firm(session, text)))


def _tell_merges(session: "Session", firm: int, limit: int, *, as_json: bool) -> None:
    from supplychain.services.likenesses import merges_of
    from supplychain.services.pairs import joined

    said: list[dict[str, Any]] = [
        {
            "id": each.merge.id,
            "into": each.into,
            "names": each.names,
            "strangers": each.strangers,
            "at": each.merge.at,
            "split_at": each.merge.split_at,
        }
        for each in joined(session, firm, merges_of(session, firm)[:limit])
    ]
    if as_json:
        say_json({"merges": said})
        return
    for row in said:
        names = [name for name in (row["into"], *row["names"]) if name]
        hidden = f" and {row['strangers']} that it does not name" if row["strangers"] else ""
        over = "  (split)" if row["split_at"] else ""
        click.echo(f"{row['id']:>6}  {' = '.join(names)}{hidden}{over}")


def _pair(each: "Compared") -> dict[str, Any]:
    return {
        "id": each.likeness.id,
        "probability": round(each.likeness.score, 4),
        "firms": [side.facts.firm_id for side in each.sides],
        "names": [side.facts.name for side in each.sides],
        "common": each.common,
        "evidence": each.likeness.evidence,
    }


def _came(came: "Answered") -> dict[str, Any]:
    return {
        "merges": [
            {"id": row.id, "into": row.into_id, "firms": row.firm_ids} for row in came.merges
        ],
        "noted": [row.id for row in came.noted],
    }
