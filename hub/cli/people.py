"""`hub people`: accounts from the command line, the first administrator above all."""

import re
from typing import TYPE_CHECKING

import click

from hub.cli.wired import actor, say_json, wired

if TYPE_CHECKING:
    from sqlmodel import Session


@click.group()
def people() -> None:
    """Accounts and roles."""


@people.command("add")
@click.argument("email")
@click.option("--name", required=True, help="Name that pages show.")
@click.option("--role", "role_name", required=True, help="Role, for example administrator.")
@click.option("--firm", help="For a firm's role: its registration number, name or our number.")
@click.option("--new-firm", is_flag=True, help="Add the firm of that name where there is none.")
@click.password_option(envvar="HUB_NEW_PASSWORD", help="Asked for where it is not given.")
def add(
    email: str, name: str, role_name: str, firm: str | None, password: str, *, new_firm: bool
) -> None:
    """Make an account for EMAIL with one role."""
    from hub.accounts import create_user, grant, record

    with wired() as hub, hub.db.work() as session:
        firm_id = _firm(session, firm, new=new_firm) if firm else None
        user = create_user(session, email, name, password)
        grant(session, user, role_name, firm_id)
        record(session, actor(), "person.added", user.handle, role=role_name, firm=firm_id)
        click.echo(user.handle)


def _firm(session: "Session", text: str, *, new: bool) -> int:
    """Our number of the firm that is meant; only a name can be new."""
    from supplychain.errors import FirmNotFound
    from supplychain.matching import name_key
    from supplychain.rows import ReadFirm
    from supplychain.services.firms import add_firm, find_firm, id_of

    try:
        return id_of(find_firm(session, text))
    except FirmNotFound:
        if not new or not re.search(r"[^\W\d]", text):
            raise
        return id_of(add_firm(session, ReadFirm(text.strip(), name_key(text))))


@people.command("invite")
@click.argument("email")
@click.option("--firm", required=True, help="Lead firm: its name; made where there is none.")
@click.option("--brn", default="", help="Its business registration number.")
@click.option("--name", default="", help="Name of the person.")
@click.option("--locale", default="ko", type=click.Choice(["ko", "en"]), help="Of the mail.")
def invite(email: str, firm: str, brn: str, name: str, locale: str) -> None:
    """Begin a lead firm: EMAIL gets a link and becomes its first supply manager."""
    from hub.lead_firms import Beginning, make

    with wired() as hub, hub.db.work() as session:
        told = Beginning(name=firm, brn=brn, email=email, person=name, locale=locale)
        made, row = make(session, hub.settings, told, None, actor())
        click.echo(f"{made.name} ({made.id}): a mail is on its way to {row.email}.")


@people.command("list")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def list_people(*, as_json: bool) -> None:
    """List the accounts."""
    from sqlmodel import select

    from hub.tables import User

    with wired() as hub, hub.db.reading() as session:
        rows = session.exec(select(User).order_by(User.email)).all()
        if as_json:
            say_json([row.model_dump(exclude={"password_hash"}) for row in rows])
            return
        for row in rows:
            click.echo(
                f"{row.handle}  {row.email}  {row.name}{'' if row.active else '  (disabled)'}"
            )


@people.command("token")
@click.argument("email")
@click.option("--name", default="command line", help="What the token is for.")
@click.option("--days", default=90, show_default=True, help="How long it is good for.")
def token(email: str, name: str, days: int) -> None:
    """Make a token for the API that acts as EMAIL. It is shown once."""
    from sqlmodel import select

    from hub.accounts import record
    from hub.errors import PersonNotFound
    from hub.tables import User
    from hub.tokens import make_token

    with wired() as hub, hub.db.work() as session:
        user = session.exec(select(User).where(User.email == email.strip().lower())).first()
        if user is None:
            raise PersonNotFound(email=email)
        made = make_token(session, user, name, days)
        record(session, actor(), "token.made", user.handle, name=name, days=days)
        click.echo(made)
