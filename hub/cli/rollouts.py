"""`hub rollouts`: versions on their way to plants, from the command line."""

from collections.abc import Callable
from typing import Any

import click

from hub.cli.rollout_audience import audience_of, audience_options, preview
from hub.cli.rollouts_seen import COMMANDS, said_of
from hub.cli.wired import actor, say_json, wired


@click.group()
def rollouts() -> None:
    """Rollouts: create and steer them, watch them, and see what came of them."""


for _command in (*COMMANDS, preview):
    rollouts.add_command(_command)

_as_json = click.option("--json", "as_json", is_flag=True, help="As one JSON document.")


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorated(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorated


_plan = _options(
    click.option("--waves", default="", help="Waves by size or share, as '5, 20%, rest'."),
    click.option("--soak", type=float, help="Minutes that a wave is watched before the next."),
    click.option("--error-share", type=float, help="Part of one (0.2) that may fail."),
    click.option("--min-sample", type=int, help="Plants before a wave is judged."),
    click.option("--approval", is_flag=True, help="Somebody else has to approve it."),
)


@rollouts.command("create")
@click.argument("model")
@audience_options
@_plan
@click.option("--name", default="", help="Name that pages show.")
@click.option("--key", default="", help="Your own number for it: the same again makes no second.")
@click.option("--start", is_flag=True, help="Make its offers at once, or ask for approval.")
@_as_json
def create(model: str, *, as_json: bool, **asked: Any) -> None:
    """Make a rollout of MODEL to the supply chain of its firm."""
    from hub.steering import make_rollout
    from sharing.services import models

    with wired() as hub, hub.db.work() as session:
        shared = models.model_named(session, model)
        made = make_rollout(
            session,
            models.version_of(session, model, asked["number"]),
            shared.firm_id,
            actor(),
            name=asked["name"],
            audience=audience_of(asked, shared.process),
            plan=_planned(asked),
            key=asked["key"],
            start=asked["start"],
        )
        said_of(session, made, as_json=as_json)


def _planned(asked: dict[str, Any]) -> Any:
    from sharing.rollout import Plan, waves_from

    told: dict[str, Any] = {
        name: asked[option]
        for name, option in (
            ("soak_minutes", "soak"),
            ("error_share", "error_share"),
            ("min_sample", "min_sample"),
        )
        if asked[option] is not None
    }
    try:
        if asked["waves"]:
            told["waves"] = waves_from(asked["waves"])
        return Plan(approval=asked["approval"], **told)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@rollouts.command("list")
@click.option("--state", default="", help="Only those in this state.")
@click.option("--after", type=int, default=0, help="Only those made before this number.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
@_as_json
def list_rollouts(*, state: str, after: int, limit: int, as_json: bool) -> None:
    """List the rollouts, newest first."""
    from sqlmodel import col, select

    from hub.api.rollout_said import board_said
    from sharing.services.board import boards_of
    from sharing.tables import Rollout

    query = select(Rollout).order_by(col(Rollout.id).desc()).limit(limit)
    query = query.where(Rollout.state == state) if state else query
    query = query.where(col(Rollout.id) < after) if after else query
    with wired() as hub, hub.db.reading() as session:
        found = boards_of(session, session.exec(query).all())
        said = [board_said(session, each, sites=False) for each in found]
    if as_json:
        unsaid = {"sites", "waves", "sites_after"}
        say_json([each.model_dump(mode="json", exclude=unsaid) for each in said])
        return
    for each in said:
        click.echo(f"{each.id}  {each.name}  {each.model} {each.version}  {each.state}")


def _publisher(session: Any, email: str, firm: int, *, second: bool = False) -> str:
    """Who publishes for the firm under that address; the command line where none is given.

    `second`: a person has to be named. Raises PersonUnnamed, PersonNotFound, NotAllowed.
    """
    from sqlmodel import select

    from hub import access
    from hub.errors import PersonNotFound, PersonUnnamed
    from hub.tables import User

    if not email:
        if second:
            raise PersonUnnamed
        return actor()
    user = session.exec(select(User).where(User.email == email)).first()
    who = access.person(session, user.handle) if user else None
    if who is None:
        raise PersonNotFound(email=email)
    access.may_publish_for(who, firm)
    return str(who.handle)


def _steering(action: str, help_text: str) -> click.Command:
    @click.command(action, help=help_text)
    @click.argument("number", type=int)
    @click.option("--reason", default="", help="Why, for those whom it concerns.")
    @click.option("--as", "email", default="", help="Who does it: the address of their account.")
    @_as_json
    def command(number: int, reason: str, email: str, *, as_json: bool) -> None:
        from hub.steering import steer
        from sharing.services.rollouts import rollout_by_id

        with wired() as hub, hub.db.work() as session:
            rollout = rollout_by_id(session, number)
            second = action == "approve"
            by = _publisher(session, email, rollout.lead_firm_id, second=second)
            steer(session, rollout, action, by, reason, via=actor() if email else "")
            said_of(session, rollout, as_json=as_json)

    return command


for _action, _help in {
    "submit": "Ask for the approval of rollout NUMBER by somebody else.",
    "approve": "Approve rollout NUMBER, as another person than its maker (--as).",
    "refuse": "Send rollout NUMBER back to its maker.",
    "start": "Make the offers of rollout NUMBER.",
    "pause": "Prepare nothing more for now.",
    "resume": "Go on after a pause.",
    "stop": "Take back what has not arrived; what runs, runs on.",
    "rollback": "Let every plant go back to the version before.",
}.items():
    rollouts.add_command(_steering(_action, _help))


@rollouts.command("approval")
@click.argument("firm")
@click.option("--want/--end", "wanted", default=None, help="Always want it, or no more.")
@click.option("--as", "email", default="", help="Who says so: the address of their account.")
@_as_json
def approval(firm: str, *, wanted: bool | None, email: str, as_json: bool) -> None:
    """Whether every new rollout of FIRM wants a second person's yes; --want or --end to change it.

    To end it takes two people.
    """
    from hub.api.approval import approval_said
    from hub.steering import want_approval
    from supplychain.services.firms import find_firm

    with wired() as hub, hub.db.work() as session:
        number = find_firm(session, firm).id or 0
        if wanted is not None:
            by = _publisher(session, email, number, second=not wanted)
            want_approval(session, number, by, wanted=wanted, via=actor() if email else "")
        said = approval_said(session, number)
    if as_json:
        say_json(said.model_dump(mode="json"))
        return
    state = "a second person approves" if said.wanted else "one person is enough"
    click.echo(f"{state}; another person has to agree to end it" if said.ending else state)
