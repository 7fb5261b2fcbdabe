"""`hub labs`: what labs there are, and whether each can be done and is not done by itself."""

import sys

import click

from hub.cli.wired import say_json


@click.group()
def labs() -> None:
    """Labs: list them, check them."""


@labs.command("list")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def list_labs(*, as_json: bool) -> None:
    """List the labs."""
    from labs.catalogue import LANGUAGES
    from labs.catalogue import labs as all_labs

    rows = [
        {
            "slug": lab.slug,
            "title": lab.title.model_dump(),
            "languages": list(LANGUAGES),
            "minutes": lab.minutes,
            "max_points": lab.max_points,
            "model": lab.model,
            "competences": list(lab.competences),
        }
        for lab in all_labs().values()
    ]
    if as_json:
        say_json(rows)
        return
    for row, lab in zip(rows, all_labs().values(), strict=True):
        click.echo(f"{row['slug']:<24} {row['minutes']:>4} min  {lab.title.ko} · {lab.title.en}")


@labs.command("check")
@click.argument("slugs", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def check_labs(slugs: tuple[str, ...], *, as_json: bool) -> None:
    """Run the notebooks of all labs, or of SLUGS, solved and blank, through their graders.

    Ends with exit code 1 where a solution does not pass, or a blank notebook does.
    """
    from hub.labs_check import check
    from labs.catalogue import lab_named
    from labs.catalogue import labs as all_labs

    wanted = [lab_named(slug) for slug in slugs] or list(all_labs().values())
    rows = []
    for row in check(wanted):
        rows.append(row)
        if not as_json:
            click.echo(
                f"{row['slug']:<24} solution {row['solution_points']} of {row['max_points']}, "
                f"blank {row['blank_points']}"
            )
    if as_json:
        say_json(rows)
    least = {lab.slug: lab.pass_points for lab in wanted}
    good = all(
        float(str(row["solution_points"])) >= least[str(row["slug"])]
        and float(str(row["blank_points"])) < least[str(row["slug"])]
        for row in rows
    )
    sys.exit(0 if good else 1)
