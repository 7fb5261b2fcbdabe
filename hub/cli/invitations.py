"""`hub supply invite` and `hub supply invitations`: ask firms to speak for themselves."""

from typing import TYPE_CHECKING, Any

import click

from hub.cli.wired import actor, say_json, wired

if TYPE_CHECKING:
    from sqlmodel import Session

    from hub.inviting import Sending
    from hub.settings import Settings

_BY = click.option(
    "--by", required=True, help="Firm that invites: registration number, name or our number."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="As one JSON document.")


@click.command("invite")
@click.argument("firm")
@click.argument("email")
@_BY
@click.option("--contact", default="", help="The person, as the mail speaks to them.")
@click.option("--locale", type=click.Choice(["ko", "en"]), default="ko", help="Language.")
@click.option("--note", default="", help="Words of the inviting firm's own.")
@_JSON
def invite(
    *, firm: str, email: str, by: str, contact: str, locale: str, note: str, as_json: bool
) -> None:
    """Invite FIRM by a mail to EMAIL. FIRM is one that the inviting firm has named itself.

    Doing it again sends nothing again.
    """
    from hub import inviting
    from hub.accounts import record
    from supplychain.services.guests import guest_named
    from supplychain.services.invitations import Guest

    with wired() as hub, hub.db.work() as session:
        sending = _sending(session, hub.settings, by)
        firm_id = guest_named(session, sending.by, firm)
        asked = inviting.invite(session, sending, firm_id, Guest(email, contact, locale, note))
        report = {
            "invitation": asked.invitation.id,
            "email": asked.invitation.email,
            "sent": asked.secret is not None,
            "good_until": asked.invitation.expires_at,
        }
        if asked.secret:
            record(session, actor(), "invitation.sent", f"invitation {asked.invitation.id}")
    if as_json:
        say_json(report)
    elif report["sent"]:
        click.echo(f"A mail to {report['email']} is on its way.")
    else:
        click.echo(f"{report['email']} was invited before; no second mail was sent.")


@click.command("invitations")
@_BY
@_JSON
def invitations(*, by: str, as_json: bool) -> None:
    """Whom a firm invited, what came of it, and how far down the chain it got."""
    from hub.invitation_lines import furthest, lines, named
    from supplychain.services.cascade import cascade
    from supplychain.tables import now

    with wired() as hub, hub.db.reading() as session:
        by_id = _sending(session, hub.settings, by).by.firm_id
        found = lines(session, by_id)
        tiers = cascade(session, by_id, furthest(found), now())
        report: dict[str, Any] = {
            "invitations": [
                {
                    "id": line.invitation.id,
                    "firm": line.name,
                    "tier": line.tier or None,
                    "email": line.invitation.email,
                    "came_to": line.came_to,
                    "problem": line.problem,
                    "sent_at": line.invitation.sent_at,
                    "good_until": line.invitation.expires_at,
                }
                for line in named(session, by_id, found)
            ],
            "tiers": [
                {"tier": t.tier, "invited": t.invited, "came_to": t.came, "folded": t.folded}
                for t in tiers
            ],
        }
    if as_json:
        say_json(report)
        return
    for tier in report["tiers"]:
        came = ", ".join(f"{word} {count}" for word, count in tier["came_to"].items())
        click.echo(f"tier {tier['tier']}: {tier['invited']} invited ({came or 'a few'})")
    for one in report["invitations"]:
        click.echo(f"  {one['came_to']:12} {one['firm']} <{one['email']}> {one['problem']}")


def _sending(session: "Session", settings: "Settings", by: str) -> "Sending":
    """Whoever may use the command line of the hub invites for any firm, as that firm's manager."""
    from hub.inviting import sending_for
    from supplychain.services.firms import find_firm

    firm = find_firm(session, by)
    return sending_for(settings, firm, None, actor=actor(), whole_chain=True)
