"""`hub courses …`: list the catalogue, check its files, take a certificate back."""

from pathlib import Path
from uuid import UUID

import click

from hub.cli.wired import actor, say_json, wired


@click.group()
def courses() -> None:
    """Courses and certificates."""


@courses.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.option("--language", type=click.Choice(["ko", "en"]), default="ko", help="Of the titles.")
def list_courses(as_json: bool, language: str) -> None:
    """The catalogue."""
    from courses.catalogue.listing import listed
    from courses.catalogue.reading import shipped

    found = [listed(course) for course in shipped().values()]
    if as_json:
        say_json([one.model_dump(mode="json") for one in found])
        return
    for one in found:
        click.echo(f"{one.slug}  {one.title.in_(language)}")
        click.echo(
            f"    {one.hours:g} h, {one.questions} questions, labs: {', '.join(one.labs) or '-'}"
        )
        click.echo(f"    {', '.join(one.tracks)}; {', '.join(one.competences)}")


@courses.command("check")
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
def check_courses(folder: Path | None) -> None:
    """Read every course file and say what is wrong with it: file, line, reason.

    FOLDER holds course folders; the hub's own catalogue where it is left out.
    """
    from courses.catalogue.reading import HOME, read_catalogue

    read = read_catalogue(folder or HOME)
    questions = sum(course.question_count for course in read.values())
    click.echo(f"{len(read)} courses, {questions} questions: nothing is wrong.")


@courses.command("revoke")
@click.argument("number", type=click.UUID)
@click.option("--reason", required=True, help="Why; kept in the audit trail.")
def revoke(number: UUID, reason: str) -> None:
    """Take a certificate back: its page says so at once, and so does the list of revocations."""
    from courses import services
    from hub.accounts import record
    from supplychain.tables import now

    with wired() as hub, hub.db.work() as session:
        services.revoke(session, number, reason, now())
        record(session, actor(), "certificate.revoked", str(number), reason=reason)
    click.echo(f"Certificate {number} is revoked.")
