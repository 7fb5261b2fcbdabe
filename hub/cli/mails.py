"""`hub mails`: how the outbox stands, and whether the mail server takes what the hub sends."""

import click

from hub.cli.wired import say_json, wired


@click.group()
def mails() -> None:
    """The outbox, and a test of the mail server."""


@mails.command("list")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def list_mails(*, as_json: bool) -> None:
    """Mails that wait and mails that failed, with what the server said."""
    from sqlmodel import col, select

    from hub.outbox import counts
    from hub.tables import Mail

    with wired() as hub, hub.db.reading() as session:
        found = counts(session)
        stuck = select(Mail).where(col(Mail.state).in_(("waiting", "failed")))
        rows = [
            {
                "id": mail.id,
                "to": mail.to,
                "subject": mail.subject,
                "state": mail.state,
                "tries": mail.tries,
                "due_at": mail.due_at,
                "problem": mail.problem,
            }
            for mail in session.exec(stuck.order_by(col(Mail.id)))
        ]
    report = {"waiting": found.waiting, "late": found.late, "failed": found.failed, "mails": rows}
    if as_json:
        say_json(report)
        return
    click.echo(f"waiting {found.waiting}, of these late {found.late}; failed {found.failed}")
    for row in rows:
        click.echo(f"  {row['state']:8} {row['to']} (tries: {row['tries']}) {row['problem']}")


@mails.command("test")
@click.argument("email")
@click.option("--locale", type=click.Choice(["ko", "en"]), default="ko", help="Language.")
def test_mail(*, email: str, locale: str) -> None:
    """Send a test mail to EMAIL at once, past the outbox, and say what came of it."""
    import secrets
    from contextlib import closing

    from hub.mail_message import message_of
    from hub.mails import letter
    from hub.outbox import carrier_for
    from hub.tables import Mail
    from supplychain.addresses import address

    with wired() as hub:
        said = letter("test", locale, {"sender": hub.settings.sender})
        name = f"test-{secrets.token_hex(4)}"
        mail = Mail(
            key=name, to=address(email), locale=locale, subject=said.subject, text=said.text
        )
        with closing(carrier_for(hub)) as carrier:
            carrier.carry(message_of(mail, hub.settings.sender, hub.settings.url), name)
        server = hub.settings.mail_server
        folder = hub.settings.data / "outbox"
    if server:
        click.echo(f"{server.host} took the mail to {mail.to}, from {hub.settings.sender}.")
    else:
        click.echo(f"No mail server is set (HUB_SMTP_URL): the mail lies in {folder}/{name}.eml")
