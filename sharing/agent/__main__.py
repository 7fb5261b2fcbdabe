"""`hub-agent`: the commands of a vendor's PC."""

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from sharing.agent import enrol, judge, report, run, serve, tablefile, watch, watch_words
from sharing.agent.answer import Active, Prediction
from sharing.agent.errors import AgentError, Unexpected
from sharing.agent.fetch import hub_address
from sharing.agent.home import DEFAULT, Home
from sharing.agent.schema import OUTSIDE
from sharing.agent.state import State, wall_clock
from sharing.agent.update import FINAL
from sharing.agent.words import LANGUAGES, language_here, sentence, told, word

_LAST_FILES = 10  # of the watched folder, in `status`
# As hub.errors has them: what each kind of error means to a shell.
_EXITS = (
    (PermissionError, 3),
    (TimeoutError, 6),
    (ConnectionError, 5),
    (LookupError, 4),
    (ValueError, 2),
)


class Shell:
    """Where a command speaks, in which language, for whose home."""

    def __init__(self, asked: argparse.Namespace, language: str) -> None:
        self.asked = asked
        self.language = language
        self.home = Home(Path(asked.home))

    def say(self, text: str, **facts: Any) -> None:
        """One sentence on its own line."""
        self.write(told(text, self.language, facts))

    def write(self, line: str) -> None:
        """A line, at once: whoever watches a pipe sees it."""
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def dump(self, value: object) -> None:
        """JSON for programs."""
        self.write(json.dumps(value, ensure_ascii=False, indent=2))


def main(argv: Sequence[str] | None = None) -> None:
    """The command line; exits with 0, or with what the error means (2-6, 1 for a fault of ours)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an English console shows ? and does not die
    arguments = list(sys.argv[1:] if argv is None else argv)
    language = _language(arguments)
    # Not defaults of the parser: commands share its options, and theirs would win over what stands
    # before the command.
    usual = argparse.Namespace(home=os.environ.get("HUB_AGENT_HOME") or DEFAULT, json=False)
    asked = _parser(language).parse_args(arguments, usual)
    sys.exit(_run(asked, language))


def _run(asked: argparse.Namespace, language: str) -> int:
    try:
        COMMANDS[asked.command](Shell(asked, language))
    except AgentError as error:
        _complain(sentence(error, language))
        return next((code for kind, code in _EXITS if isinstance(error, kind)), 1)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever reads the lines has enough of them: `… | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - a person at a plant is not shown a traceback
        log = _kept(Path(asked.home).expanduser(), error)
        _complain(sentence(Unexpected(kind=type(error).__name__, log=log), language))
        return 1
    return 0


def _complain(line: str) -> None:
    sys.stderr.write(line + "\n")


def _kept(home: Path, error: Exception) -> Path:
    import traceback  # noqa: PLC0415 - seldom needed; start-up time counts on a slow PC

    place = home / "agent.log"
    with suppress(OSError), place.open("a", encoding="utf-8") as log:
        traceback.print_exception(error, file=log)
    return place


# --- commands ------------------------------------------------------------------------------------


def _enrol(shell: Shell) -> None:
    asked = shell.asked
    url = hub_address(asked.url)
    code = asked.code or input(word("Code from the page “Connected PCs”: ", shell.language))
    result = enrol.enrol(shell.home, url, code.strip(), name=asked.name, again=asked.again)
    if asked.json:
        shell.dump(result._asdict())
    else:
        shell.say(
            "Connected: %(firm)s, %(site)s. Now run: hub-agent run",
            firm=result.firm_name,
            site=result.site_name,
        )


def _work(shell: Shell) -> None:
    with suppress(KeyboardInterrupt, SystemExit):
        run.run(
            shell.home,
            shell.asked.port,
            shell.language,
            lambda text, facts: shell.say(text, **facts),
            _watched(shell),
        )
    shell.say("Stopped. Nothing is lost; start again with: hub-agent run")


def _watched(shell: Shell) -> Path | None:
    told_here = os.environ.get("HUB_AGENT_WATCH", "")
    if told_here.strip().lower() == "off":
        return None
    return Path(told_here) if told_here else shell.home.folder / watch.FOLDER


def _watch(shell: Shell) -> None:
    asked = shell.asked.folder
    folder = Path(asked) if asked else _watched(shell) or shell.home.folder / watch.FOLDER
    with run.logged(shell.home):
        watch.until_stopped(
            shell.home, folder, shell.language, lambda text, facts: shell.say(text, **facts)
        )


def _once(shell: Shell) -> None:
    with State(shell.home.state) as state:
        before = state.progress()
        cycle = run.once(shell.home, state)
        after = state.progress()
        fresh = [one for number, one in after.items() if before.get(number) != one]
        if shell.asked.json:
            shell.dump({**_status_of(shell.home, state), "changed": cycle.changed})
            return
        for one in fresh:
            if one.step == "committed":
                shell.say("Active: %(model)s %(version)s.", model=one.model, version=one.version)
            else:
                text = "%(model)s %(version)s was not taken: %(reason)s"
                step = word(one.step, shell.language)
                shell.say(text, model=one.model, version=one.version, reason=one.reason or step)
        if not fresh:
            shell.say("Nothing new.")


def _status_of(home: Home, state: State) -> dict[str, Any]:
    enrolment = home.enrolment()
    deliveries = [one._asdict() for _, one in sorted(state.progress().items())]
    return {
        "hub": enrolment.url,
        "agent": enrolment.agent,
        "site": enrolment.site,
        "site_name": enrolment.site_name,
        "firm_name": enrolment.firm_name,
        "seen": state.noted("seen"),
        "trouble": state.noted("trouble") or "",
        "waiting": state.waiting(),
        "models": [
            {**one._asdict(), **state.tally(one.model, one.version)._asdict()}
            for one in home.active().values()
        ],
        "deliveries": deliveries,
        "watched": {**(state.noted("watched") or {}), "results": state.file_results(_LAST_FILES)},
    }


def _when(told: str | None, shell: Shell) -> str:
    return wall_clock(told) if told else word("never", shell.language)


def _status(shell: Shell) -> None:
    with State(shell.home.state) as state:
        status = _status_of(shell.home, state)
    if shell.asked.json:
        shell.dump(status)
        return
    shell.say("Hub: %(url)s", url=status["hub"])
    shell.say("Plant: %(firm)s, %(site)s", firm=status["firm_name"], site=status["site_name"])
    shell.say("Last contact: %(at)s", at=_when(status["seen"], shell))
    if status["trouble"]:
        shell.say("Trouble: %(what)s", what=status["trouble"])
    shell.say("Reports waiting to be sent: %(count)s", count=status["waiting"])
    for model in status["models"]:
        shell.say(
            "%(model)s %(version)s, running since %(since)s: %(predicted)s predictions, "
            "%(flagged)s with a remark, %(refused)s requests refused",
            **{**model, "since": _when(model["since"], shell)},
        )
    if not status["models"]:
        shell.say("No model runs here yet.")
    for one in status["deliveries"]:
        if one["step"] not in FINAL or one["reason"]:
            text = "Delivery %(delivery)s, %(model)s %(version)s: %(step)s"
            shell.say(text, **{**one, "step": one["reason"] or word(one["step"], shell.language)})
    _say_watched(shell, status["watched"])


def _say_watched(shell: Shell, watched: dict[str, Any]) -> None:
    if "folder" in watched:
        shell.say(watch_words.BEGUN, folder=watched["folder"])
    for file, why in watched.get("waiting", {}).items():
        shell.say("Waiting: %(file)s. %(why)s", file=file, why=why[shell.language])
    for result in watched["results"]:
        text, facts = watch_words.line_of(result)
        why = result.get("why", {}).get(shell.language, "")
        shell.write(
            f"{_when(result['at'], shell)} {told(text, shell.language, facts)} {why}".rstrip()
        )


def _predicted(shell: Shell, state: State) -> tuple[dict[str, list[str]], Prediction]:
    active = Active(shell.home, state)
    model = shell.asked.model or active.only()
    columns = tablefile.columns_of(Path(shell.asked.file))
    return columns, active.predict(model, columns, shell.language)


def _predict(shell: Shell) -> None:
    with State(shell.home.state) as state:
        columns, prediction = _predicted(shell, state)
    remarks = [""] * len(next(iter(columns.values())))
    for flag in prediction.flags:
        text = told(OUTSIDE, shell.language, flag.facts(shell.language))
        remarks[flag.row - 1] = " ".join(filter(None, [remarks[flag.row - 1], text]))
    result: dict[str, Sequence[Any]] = {**columns, **prediction.figures}
    for name, alarms in prediction.alarms.items():
        result[f"{name}_alarm"] = [int(each) for each in alarms]
    if any(remarks):
        result[word("remark", shell.language)] = remarks
    if shell.asked.json:
        flags = [
            f"{word(OUTSIDE, shell.language) % f.facts(shell.language)}" for f in prediction.flags
        ]
        running = prediction.running
        shell.dump(
            {
                "model": running.model,
                "version": running.version,
                "figures": prediction.figures,
                "alarms": prediction.alarms,
                "flags": flags,
            }
        )
        return
    _written(shell.asked.out, lambda place: tablefile.write_columns(result, place))


def _written(out: str | None, write: Callable[[TextIO], None]) -> None:
    if out is None:
        write(sys.stdout)
        return
    place = Path(out)
    half = place.with_name(f"{place.name}.new")
    # With the mark by which Excel knows UTF-8.
    with half.open("w", encoding="utf-8-sig", newline="") as file:
        write(file)
    half.replace(place)


def _evaluate(shell: Shell) -> None:
    with State(shell.home.state) as state:
        columns, prediction = _predicted(shell, state)
    figures = next(iter(prediction.figures.values()))
    labels = judge.labels_of(columns, shell.asked.label, Path(shell.asked.file).name)
    result = judge.judged(labels, figures, shell.asked.threshold)
    if shell.asked.json:
        shell.dump(result)
        return
    shell.say(
        "%(rows)s rows, %(positive)s of them %(label)s = 1.", label=shell.asked.label, **result
    )
    shell.say(
        "Where the model warns at %(threshold)s and above: it catches %(caught)s of %(positive)s, "
        "and raises %(false)s false alarms.",
        **result,
    )
    shell.say("Average precision: %(value)s", value=result["average_precision"])


def _what_is_sent(shell: Shell) -> None:
    with State(shell.home.state) as state:
        leaves = report.what_leaves(shell.home, state)
    if shell.asked.json:
        shell.dump(leaves)
        return
    shell.say("These leave this PC, and nothing else:")
    titles = {
        "enrolment": "at enrolment",
        "health": "health of each model",
        "waiting": "not sent yet",
        "last": "sent last",
    }
    for part, title in titles.items():
        shell.write(f"\n# {word(title, shell.language)}")
        shell.dump(leaves[part])
    shell.say("\nValues of your machines, files and rows never leave.".strip())


COMMANDS: dict[str, Callable[[Shell], None]] = {
    "enrol": _enrol,
    "run": _work,
    "watch": _watch,
    "once": _once,
    "status": _status,
    "predict": _predict,
    "evaluate": _evaluate,
    "what-is-sent": _what_is_sent,
}


# --- arguments -----------------------------------------------------------------------------------


def _language(arguments: Sequence[str]) -> str:
    """Found before the parser is made, because its own texts are translated too."""
    for before, asked in zip(["", *arguments], [*arguments, ""], strict=True):
        chosen = asked.removeprefix("--lang=") if asked.startswith("--lang=") else asked
        if (before == "--lang" or asked.startswith("--lang=")) and chosen in LANGUAGES:
            return chosen
    return language_here()


def _parser(language: str) -> argparse.ArgumentParser:
    def _(text: str) -> str:
        return word(text, language)

    general = argparse.ArgumentParser(add_help=False)
    general.add_argument("--home", default=argparse.SUPPRESS, help=_("folder of the agent"))
    general.add_argument(
        "--lang", choices=LANGUAGES, default=argparse.SUPPRESS, help=_("language of messages")
    )
    general.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help=_("for programs")
    )
    summary = _("Runs models from the hub on this PC. Your data stays here.")
    parser = argparse.ArgumentParser("hub-agent", description=summary, parents=[general])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=_(text), description=_(text), parents=[general])

    _enrol_arguments(command("enrol", "connect this PC to a hub with a short code"), _)
    work = command("run", "work until Ctrl-C: update, predict, report")
    work.add_argument(
        "--port", type=int, default=serve.PORT, help=_("port for predictions, on this PC only")
    )
    command("watch", "predict every CSV file that is put into a folder, until Ctrl-C").add_argument(
        "folder", nargs="?", help=_("folder to watch")
    )
    command("once", "ask the hub once, bring everything up to date, and end")
    command("status", "what runs here, and whether it is well")
    _file_arguments(command("predict", "predictions for the rows of a CSV file"), _).add_argument(
        "--out", help=_("write here instead of on the screen")
    )
    judged = _file_arguments(
        command("evaluate", "how well the model does on a CSV file with known results"), _
    )
    judged.add_argument(
        "--label", default="defect", help=_("column with what really happened (0 or 1)")
    )
    judged.add_argument("--threshold", type=float, default=0.5)
    command("what-is-sent", "exactly what leaves this PC")
    return parser


def _enrol_arguments(parser: argparse.ArgumentParser, _: Callable[[str], str]) -> None:
    parser.add_argument("url", help=_("address of the hub"))
    parser.add_argument(
        "--code", help=_("the code from the page “Connected PCs”; asked for if not given")
    )
    parser.add_argument("--name", default="", help=_("how this PC is called on the hub's page"))
    parser.add_argument(
        "--again", action="store_true", help=_("connect anew, to another hub or as another site")
    )


def _file_arguments(
    parser: argparse.ArgumentParser, _: Callable[[str], str]
) -> argparse.ArgumentParser:
    parser.add_argument("file", help=_("CSV file with a header"))
    parser.add_argument("--model", help=_("which model, if several run here"))
    return parser


if __name__ == "__main__":
    main()
