"""How a rollout stands and what happens next, in sentences."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from hub.web.formats import moment, number, percent, seconds, size
from sharing import rollout as rules
from sharing.services.board import Board, Gate, WaveSeen, gate_of
from supplychain.tables import now


class WaveTold(NamedTuple):
    """A wave and what is said of it."""

    seen: WaveSeen
    gate: Gate
    lines: list[str]


# action → (words on the button, the question before it)
ACTIONS = {
    "submit": (_l("Hand in for approval"), ""),
    "approve": (_l("Approve"), _l("Approve this rollout? It can be started then.")),
    "refuse": (_l("Send back"), _l("Send this rollout back to who made it?")),
    "start": (_l("Start"), ""),
    "resume": (_l("Resume"), ""),
    "pause": (_l("Pause"), ""),
    "stop": (
        _l("Stop"),
        _l("Stop the rollout? What has not arrived is taken back; what runs, runs on."),
    ),
    "rollback": (
        _l("Back to the previous version"),
        _l("Let every plant go back to the version before? Plants without one stop using it."),
    ),
}


def waves_told(board: Board) -> list[WaveTold]:
    """Every wave, and those that run with how far they are from their gates."""
    plan = rules.plan_from(board.rollout.plan)
    found = []
    for seen in board.waves:
        gate = gate_of(seen, plan)
        under_way = seen.wave.state in ("running", "error")
        lines = [_error_line(gate), _success_line(seen, gate, plan)] if under_way else []
        found.append(WaveTold(seen, gate, [line for line in lines if line]))
    return found


def _error_line(gate: Gate) -> str:
    done = gate.good + gate.bad
    if not done:
        return str(_("No plant has come to an end yet."))
    said = _(
        "%(bad)s of %(done)s failed (%(share)s, limit %(limit)s).",
        bad=gate.bad - gate.forgiven,
        done=done,
        share=percent(gate.share),
        limit=percent(gate.limit),
    )
    if gate.forgiven:
        said += " " + ngettext(
            "%(num)s earlier failure no longer counts.",
            "%(num)s earlier failures no longer count.",
            gate.forgiven,
        )
    if gate.left is None:
        return str(
            f"{said} "
            + ngettext(
                "It is judged once %(num)s plant has come to an end.",
                "It is judged once %(num)s plants have come to an end.",
                gate.sample,
            )
        )
    if not gate.still_open or gate.share > gate.limit:
        return str(said)
    if gate.left >= gate.still_open:
        return str(f"{said} " + _("The limit cannot be crossed any more."))
    if not gate.left:
        return str(f"{said} " + _("One more failure crosses the limit."))
    return str(f"{said} " + ngettext("%(num)s more may fail.", "%(num)s more may fail.", gate.left))


def _success_line(seen: WaveSeen, gate: Gate, plan: rules.Plan) -> str:
    if seen.wave.state == "error" or not gate.still_open:
        return ""
    if not gate.more:
        return str(_("Enough plants have succeeded."))
    if plan.success_share == 1:
        return str(
            ngettext(
                "%(num)s plant is still open.", "%(num)s plants are still open.", gate.still_open
            )
        )
    return str(
        ngettext(
            "%(num)s more has to succeed (goal %(goal)s).",
            "%(num)s more have to succeed (goal %(goal)s).",
            gate.more,
            goal=percent(plan.success_share, 0),
        )
    )


def next_step(board: Board, told: Sequence[WaveTold], answer_by: datetime | None) -> str:
    """What happens next, and when, in one sentence."""
    plan = rules.plan_from(board.rollout.plan)
    state = board.rollout.state
    counts = board.counts
    if state in ("running", "paused"):
        return _next_wave(board, told, plan, answer_by)
    if state in ("draft", "ready"):
        first = board.waves[0].sites if board.waves else 0
        if state == "draft" and plan.approval:
            return str(
                _("Next: hand it in. Somebody else of the firm approves it, then it starts.")
            )
        return str(
            ngettext(
                "Next: start it. The %(num)s plant of wave 1 gets an offer.",
                "Next: start it. The %(num)s plants of wave 1 get an offer.",
                first,
            )
        )
    if state == "rolling_back":
        left = counts["active"] + counts["under_way"]
        return str(
            ngettext(
                "%(num)s plant has still to report that it is back.",
                "%(num)s plants have still to report that they are back.",
                left,
            )
        )
    words = {
        "awaiting_approval": _("Next: somebody else of the firm approves it or sends it back."),
        "stopping": _("What has not arrived is being taken back."),
    }
    return str(words.get(state, ""))


def _next_wave(
    board: Board, told: Sequence[WaveTold], plan: rules.Plan, answer_by: datetime | None
) -> str:
    wave = next((each for each in told if each.seen.wave.state in ("running", "error")), None)
    if wave is None:
        return ""
    place = wave.seen.wave.position
    after = (
        _("wave %(number)s starts", number=place + 1)
        if any(each.seen.wave.state == "scheduled" for each in told)
        else _("the rollout is finished")
    )
    if board.rollout.state == "paused":
        return str(
            _("Paused: nothing new is prepared. Resumed, wave %(number)s goes on.", number=place)
        )
    until = wave.gate.soak_until
    if until is not None and until > now():
        minutes = max(1, round((until - now()).total_seconds() / 60))
        return str(
            ngettext(
                "Next: %(after)s at %(time)s, if nothing fails until then (%(num)s minute left).",
                "Next: %(after)s at %(time)s, if nothing fails until then (%(num)s minutes left).",
                minutes,
                after=after,
                time=moment(until),
            )
        )
    said = (
        _(
            "Next: %(after)s once wave %(number)s has been well for %(minutes)s minutes.",
            after=after, number=place, minutes=f"{plan.soak_minutes:g}",
        )
        if plan.soak_minutes
        else _("Next: %(after)s once wave %(number)s has succeeded.", after=after, number=place)
    )  # fmt: skip
    if answer_by is not None:
        return str(f"{said} " + _("The first offer runs out on %(time)s.", time=moment(answer_by)))
    return str(said)


# Reasons of the hub, errors of agents → what to do. Whatever is not named here: look at the plant.
_LOOK = _l("Open the plant's page, read its steps, and ask its owner to look at the PC.")
_ASK = _l("Ask the owner what stands in the way. They can still accept.")
_NET = _l("Ask the owner whether the PC is on and reaches the hub. It goes on by itself.")
_MODEL = _l("Stop the rollout, mend the model and publish a new version.")
_SIGNED = _l(
    "Do not go round it: have the hub's clock, its signed lists and the PC's clock checked first."
)
_DEVICE = _l("Publish a smaller version for such PCs, or leave these plants out.")
_FILE = _l("Nothing to do at once: it is fetched again. If it stays, check the plant's connection.")
_PC = _l("Ask the owner to look at the PC: free space, rights of the folder, other programs.")
ADVICE = {
    rules.REASON_TEXTS["silent"]: _NET,
    rules.REASON_TEXTS["late"]: _NET,
    rules.REASON_TEXTS["no_answer"]: _l("Remind the owner. They can still accept."),
    rules.REASON_TEXTS["stopped"]: _l("Nothing: the rollout was stopped."),
    rules.REASON_TEXTS["withdrawn"]: _l("Nothing: the version was taken back."),
    rules.REASON_TEXTS["not_made"]: _l("Look at the worker's log; then resume the rollout."),
    **dict.fromkeys(("HubUnreachable", "HubSlow", "HubAnsweredWrongly", "TooManyTries"), _NET),
    **dict.fromkeys(
        ("NotOnnx", "CustomOperator", "ExternalData", "CardUnreadable", "SchemaMismatch",
         "HeadMismatch", "GoldenMismatch", "ModelCrashed"),
        _MODEL,
    ),
    **dict.fromkeys(
        ("MetadataRefused", "MetadataExpired", "NotForThisSite", "SourcesDisagree"), _SIGNED
    ),
    **dict.fromkeys(("ModelTooLarge", "ModelHung"), _DEVICE),
    **dict.fromkeys(("BundleIncomplete", "FileDamaged"), _FILE),
    **dict.fromkeys(("HomeUnusable", "AgentBusy", "ServingPortTaken", "ClockBehind"), _PC),
}  # fmt: skip


def advice(reason: str, code: str = "", *, declined: bool = False) -> str:
    """What to do about plants that failed, or declined, for a reason."""
    return str(ADVICE.get(code) or ADVICE.get(reason) or (_ASK if declined else _LOOK))


# Figures that come with a step, as its page shows them; others stay in the API.
_SHOWN = {
    "bytes": (_l("Size"), size),
    "fetched": (_l("Transferred"), size),
    "seconds": (_l("Taken"), seconds),
    "load_ms": (_l("Loading"), lambda value: seconds(value / 1000)),
    "row_ms": (_l("One row"), lambda value: f"{value:.3f} ms"),
    "difference": (_l("Largest difference"), lambda value: f"{value:.3g}"),
    "predictions": (_l("Predictions"), number),
}


def plain_figures(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The figures of a step that people want to read, in words."""
    return [
        (str(word), written(figures[name]))
        for name, (word, written) in _SHOWN.items()
        if isinstance(figures.get(name), int | float) and not isinstance(figures[name], bool)
    ]


def lasted(value: float) -> str:
    """How long something lasted, in the largest units that fit."""
    if value < 120:
        return str(ngettext("%(num)s second", "%(num)s seconds", round(max(value, 0))))
    minutes = round(value / 60)
    if minutes < 120:
        return str(ngettext("%(num)s minute", "%(num)s minutes", minutes))
    hours = round(minutes / 60)
    if hours < 48:
        return str(ngettext("%(num)s hour", "%(num)s hours", hours))
    return str(ngettext("%(num)s day", "%(num)s days", round(hours / 24)))
