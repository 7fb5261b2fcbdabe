"""`hub supply what-if` and `hub supply alternates`: ask from the command line."""

from typing import TYPE_CHECKING, Any

import click

from hub.cli.wired import say_json, wired

if TYPE_CHECKING:
    from supplychain.services.scenario_chain import SeenChain
    from supplychain.services.what_if import Answer, Single

_LEAD = click.option(
    "--lead", required=True, help="The firm that asks: registration number, name or our number."
)
_WHY = {
    "to_us": "delivers to you already",
    "to_buyers": "delivers to buyers of the failed firm already",
    "item": "delivers the same item",
    "process": "same process, item not known",
    "apart": "no known supplier in common",
    "level": "its smart-factory level is known",
    "region": "another region",
    "joined": "has joined",
    "certified": "somebody there holds a certificate",
    "size": "its size is known",
}
_JSON = click.option("--json", "as_json", is_flag=True, help="As one JSON document.")


@click.command("what-if")
@_LEAD
@click.option("--stop", "firms", multiple=True, help="A firm that stops; several times for more.")
@click.option("--region", "regions", multiple=True, help="All firms of a region, such as KR-48.")
@click.option("--process", "processes", multiple=True, help="All firms of a process.")
@click.option("--sector", "sectors", multiple=True, help="All firms of a KSIC division.")
@click.option("--behind", help="A firm with all that reach the lead firm through it alone.")
@click.option("--from", "first", default=1, show_default=True, help="The day on which they stop.")
@click.option("--days", default=28, show_default=True, help="For how many days.")
@click.option("--recovery", is_flag=True, help="Where a firm told how long it needs: so long.")
@click.option("--ramp", default=0, show_default=True, help="Days until the usual output after it.")
@click.option("--stock", default=5.0, show_default=True, help="Days in stock, where nobody told.")
@click.option(
    "--replaced",
    type=click.Choice(["nobody", "several", "everybody"]),
    default="nobody",
    show_default=True,
    help="Who can be replaced.",
)
@click.option("--after", default=30, show_default=True, help="Days until somebody is replaced.")
@click.option("--horizon", default=60, show_default=True, help="Days to look at.")
@click.option("--each", is_flag=True, help="Each firm alone instead: who could stop the lead firm?")
@click.option("--indirect", is_flag=True, help="With --each: no direct partners.")
@click.option("--at-least", default=0.0, help="With --each: firms that cost so many days.")
@_JSON
def what_if(
    *,
    lead: str,
    firms: tuple[str, ...],
    behind: str | None,
    each: bool,
    indirect: bool,
    at_least: float,
    as_json: bool,
    **rest: Any,
) -> None:
    """Tell who is hit when firms stop, from which day and for how long."""
    from supplychain.scenario_question import question_of
    from supplychain.services.firms import find_firm
    from supplychain.services.scenario_chain import chain_seen
    from supplychain.services.what_if import answer, worst_singles

    with wired() as hub, hub.db.reading() as session:
        asker = find_firm(session, lead)
        question = question_of(
            rest
            | {"firms": [find_firm(session, firm).id for firm in firms]}
            | {"behind": find_firm(session, behind).id if behind else None}
        )
        if each:
            chain = chain_seen(session, asker.id or 0, question.stock)
            direct = chain.seen.sight.partners
            found = [
                one
                for one in worst_singles(chain, question)
                if one.lost >= at_least and not (indirect and one.place.number in direct)
            ]
            _tell_singles(chain, found, as_json=as_json)
        elif not question.asks:
            raise click.UsageError("Say what stops: --stop, --region, --process, --sector, …")
        else:
            _tell(answer(session, asker.id or 0, question), as_json=as_json)


def _tell_singles(chain: "SeenChain", found: "list[Single]", *, as_json: bool) -> None:
    from hub.cli.risk_known import say_without_item

    without, links = chain.without_item, len(chain.lines)
    if as_json:
        rows = [
            {"id": one.place.number, "name": one.place.name, "tier": one.place.tier,
             "direct": one.place.number in chain.seen.sight.partners, "days": one.days,
             "lost": round(one.lost, 6), "first": one.first}
            for one in found
        ]  # fmt: skip
        say_json({"firms": rows, "deliveries": links, "deliveries_without_item": without})
        return
    say_without_item(without, links, alike=True)
    for one in found:
        click.echo(
            f"{one.lost:8.1f} days, from day {one.first:3d}  {one.place.name} "
            f"(tier {one.place.tier}, stops for {one.days})"
        )
    if not found:
        click.echo("No single firm of these that is known would cost so much output.")


def _tell(found: "Answer", *, as_json: bool) -> None:
    own = found.own
    if as_json:
        say_json(_document(found))
        return
    lacks = ", ".join(lack.item or "–" for lack in found.lacks[:3])
    click.echo(
        f"{len(found.stopped)} firms stop; "
        + (
            f"your line is hit from day {own.first}, {own.lost:.1f} days of output are missed"
            + (f" (lacking: {lacks})" if lacks else "")
            if own
            else f"your line is not hit in {found.course.horizon} days"
        )
    )
    for hit in found.hits:
        back = hit.back or "later"
        click.echo(
            f"  day {hit.first:3d}  {hit.days:3d} days  lowest {hit.lowest:4.0%}  back {back!s:>5}"
            f"  {hit.place.name}" + (" (stops)" if hit.stops else "")
        )


def _document(found: "Answer") -> dict[str, Any]:
    lead = found.chain.seen.lead.id or 0
    return {
        "lead": found.chain.seen.lead.name,
        "asked": found.question.as_json(),
        "stopped": len(found.stopped),
        "left_out": found.left_out,
        "horizon": found.course.horizon,
        "own": found.levels([lead])[lead],
        "lacks": [{"item": x.item, "first": x.first, "days": x.days} for x in found.lacks],
        "hits": [
            {"id": hit.place.number, "name": hit.place.name, "tier": hit.place.tier,
             "first": hit.first, "days": hit.days, "lost": round(hit.lost, 6),
             "lowest": round(hit.lowest, 6), "back": hit.back, "stops": hit.stops}
            for hit in found.hits
        ],
        "rests_on": vars(found.basis),
        "hidden": [{**group.outline._asdict(), "firms": group.firms}
                   for group in found.chain.seen.hidden],
    }  # fmt: skip


@click.command("alternates")
@_LEAD
@click.option("--firm", help="The firm for which others are looked for.")
@click.option("--item", default="", help="Or an item.")
@_JSON
def alternates(*, lead: str, firm: str | None, item: str, as_json: bool) -> None:
    """List who could stand in for a firm, or deliver an item, the best first, with reasons."""
    from hub.scenario_rows import certified_firms
    from supplychain.services.alternates import stand_ins
    from supplychain.services.firms import find_firm

    if (firm is None) == (not item):
        raise click.UsageError("Give --firm FIRM or --item ITEM.")
    with wired() as hub, hub.db.reading() as session:
        asker = find_firm(session, lead).id or 0
        number = find_firm(session, firm).id if firm else None
        certified = certified_firms(session, asker)
        found = stand_ins(session, asker, number, item, certified=certified)
    rows: list[dict[str, Any]] = [
        {"id": each.candidate.number, "name": found.places[each.candidate.number].name,
         "tier": found.places[each.candidate.number].tier, "same_items": list(each.same_items),
         "reasons": list(each.reasons), "suppliers_in_common": each.candidate.fragile}
        for each in found.found
    ]  # fmt: skip
    if as_json:
        hidden = [{**group.outline._asdict(), "firms": group.firms} for group in found.hidden]
        say_json(
            {"items": found.items, "alternates": rows, "left_out": len(found.left_out)}
            | {"hidden": hidden}
        )
        return
    for row in rows:
        why = ", ".join(_WHY[code] for code in row["reasons"])
        click.echo(f"tier {row['tier']}  {row['name']}: {why}")
    if not rows:
        click.echo("Nobody that is seen by name could stand in.")
        if firm and not found.items:
            click.echo("Nobody told what it delivers, so others are not known by their item.")
