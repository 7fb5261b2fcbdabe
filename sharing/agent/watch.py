"""The watched folder: a CSV that is put in comes back with predictions.

```
watched/shots.csv           put in by a person or a machine, for the one model that runs
watched/<model>/shots.csv   for this model, where several run
  out/shots.csv             the same rows with the predictions
  done/shots.csv            the file as it was put in
  failed/shots.csv          a file that cannot be used, and shots.csv.txt: why, and what to do
```

Each step is stored before it is begun, and can be done twice: whenever the power goes, the file as
it was put in is still there, or the whole result is. Nothing here sleeps: `look` is called again.
"""

import csv
import logging
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any, NamedTuple

from sharing.agent.answer import Active
from sharing.agent.bundle import Bundle
from sharing.agent.errors import (
    AgentError,
    FileInUse,
    FileNotText,
    FileStopsAgent,
    HomeUnusable,
    InputRefused,
    ModelCrashed,
    ModelUnknown,
    NothingActive,
    Unexpected,
    WhichModel,
)
from sharing.agent.home import Home, Running, replace
from sharing.agent.scored import Scored
from sharing.agent.state import State, Tally, moment
from sharing.agent.tablestream import MOST_BYTES, opened, places
from sharing.agent.watch_files import OURS, SHEETS, files_in, folder_of, free_name, made, mark_of
from sharing.agent.watch_words import (
    BEGUN,
    Words,
    in_each,
    letter,
    line_of,
    missing,
    none_fits,
    repair,
    try_again,
)

log = logging.getLogger(__name__)
Say = Callable[[str, Mapping[str, Any]], None]

FOLDER = "watched"
PAUSE = 2.0  # seconds between looks
_SETTLED = 2.0  # seconds for which a file must stay as it is before it is taken
_EMPTY = 30.0  # the same for a file without content: what copies it may be about to begin
_PIECE = 5_000  # rows
_MOST_TRIES = 5


class Broken(Exception):
    """A file that is set aside, with what to say of it in each language."""

    def __init__(self, why: Words, repair: Words) -> None:
        self.why, self.repair = why, repair
        super().__init__(why["en"])


class Left(Exception):
    """A file changed while it was read, or the agent is to stop: begin again later."""


class Place(NamedTuple):
    """A folder into which files are put, and for which model; None: the only one that runs."""

    folder: Path
    model: str | None


class Job(NamedTuple):
    """How far one file has got.

    `mark`: size and time of what was put in; `name`: what it and its result are called from here
    on; `stage`: begun, written (the whole result lies in .part), or refused.
    """

    source: str
    mark: list[int]
    name: str
    stage: str = "begun"
    tries: int = 1
    result: dict[str, Any] = {}  # noqa: RUF012 - never changed, only replaced

    def lies(self, where: str, ending: str = "") -> Path:
        """Its file in out, done or failed."""
        return Path(self.source).parent / where / f"{self.name}{ending}"


class Watch:
    """One watched folder.

    `active`: opened models to share; `halt` is asked between pieces whether to stop.
    """

    def __init__(
        self,
        home: Home,
        state: State,
        folder: Path,
        language: str,
        *,
        active: Active | None = None,
        most_bytes: int = MOST_BYTES,
        halt: Callable[[], bool] = lambda: False,
    ) -> None:
        self._home, self._state, self._language = home, state, language
        self._active = active or Active(home, state)
        self.folder = folder.expanduser().absolute()
        self._most_bytes, self._halt = most_bytes, halt
        self._seen: dict[Path, tuple[list[int], float]] = {}
        self._waiting: dict[str, Words] = {}

    def look(self, now: float) -> list[dict[str, Any]]:
        """Take what is ready; what files came to. `now`: seconds of a clock that only goes forward.

        Raises AgentBusy where another process is at it, HomeUnusable for the folder.
        """
        with self._home.lock("watching"):
            self._waiting = {}
            ended = []
            try:
                made(self.folder)
                names = self._active.names()
                for model in names if len(names) > 1 else ():
                    (self.folder / folder_of(model)).mkdir(exist_ok=True)
                for told_job in self._state.file_jobs().values():
                    ended += self._go_on(Job(**told_job))
                for place, file in self._ready(names, now):
                    if self._halt():
                        break
                    ended += self._take(place, file, names)
            except OSError as error:
                raise HomeUnusable(home=self.folder, why=error.strerror or error) from error
            finally:
                self._tell()
            return ended

    def unexpected(self, error: Exception) -> AgentError:
        """A fault of our own, in words."""
        return Unexpected(kind=type(error).__name__, log=self._home.log)

    # --- which files -------------------------------------------------------------------------

    def _places(self, names: list[str]) -> Iterator[Place]:
        yield Place(self.folder, None)
        known = {folder_of(name).casefold(): name for name in names}
        for entry in sorted(os.scandir(self.folder), key=lambda each: each.name):
            called = entry.name.casefold()
            if called not in OURS and entry.is_dir(follow_symlinks=False):
                yield Place(Path(entry.path), known.get(called, entry.name))

    def _ready(self, names: list[str], now: float) -> list[tuple[Place, Path]]:
        """Files that have not changed for a while; oldest names first."""
        ready, seen = [], {}
        for place in self._places(names):
            for file in files_in(place.folder):
                try:
                    mark = mark_of(file)
                except OSError:
                    mark = None
                if mark is None:
                    continue
                before, since = self._seen.get(file, (None, now))
                since = since if before == mark else now
                seen[file] = mark, since
                if before == mark and now - since >= (_SETTLED if mark[0] else _EMPTY):
                    ready.append((place, file))
        self._seen = seen
        return ready

    def _model(self, place: Place, file: Path, names: list[str]) -> str:
        if not names:
            raise NothingActive
        if place.model is None and len(names) > 1:
            raise WhichModel(file=file.name, models=" / ".join(map(folder_of, names)))
        model = place.model or names[0]
        if model not in names:
            raise ModelUnknown(model=model)
        return model

    # --- one file ----------------------------------------------------------------------------

    def _take(self, place: Place, file: Path, names: list[str]) -> list[dict[str, Any]]:
        try:
            model = self._model(place, file, names)
            running, bundle = self._active.bundle(model)
        except AgentError as error:
            self._wait(file, in_each(error))
            return []
        job = None
        try:
            made(place.folder)
            job = self._begin(file)
            if job is None:
                return []
            job = self._worked(job, running, bundle)
        except (Left, OSError) as error:  # changed; held by another program, or a full disk
            if job:
                self._forget(job)
            if isinstance(error, Left):
                return []
            locked = isinstance(error, PermissionError)
            why = (
                FileInUse(file=file.name)
                if locked
                else HomeUnusable(home=self.folder, why=error.strerror or error)
            )
            self._wait(file, in_each(why))
            return []
        self._keep(job)
        return self._go_on(job)

    def _begin(self, file: Path) -> Job | None:
        """Store that the file is begun, and what it will be called; None if it cannot be begun."""
        mark = mark_of(file)
        jobs = {source: Job(**each) for source, each in self._state.file_jobs().items()}
        before = jobs.get(str(file))
        if mark is None or (before and before.stage != "begun"):
            return None
        if before and before.mark == mark:
            job = before._replace(tries=before.tries + 1)
        else:
            taken = {each.name for each in jobs.values() if Path(each.source).parent == file.parent}
            job = Job(str(file), mark, free_name(file, taken))
        self._keep(job)
        return job

    def _worked(self, job: Job, running: Running, bundle: Bundle) -> Job:
        """The job with its result written or refused. Raises Left, OSError."""
        result: dict[str, Any] = {
            "file": job.name,
            "model": running.model,
            "version": running.version,
        }
        try:
            scored = self._written(job, bundle)
        except Broken as error:
            job.lies("out", ".part").unlink(missing_ok=True)
            more = {"state": "failed", "why": error.why, "repair": error.repair}
            return job._replace(stage="refused", result={**result, **more})
        if mark_of(Path(job.source)) != job.mark:
            raise Left
        counts = {"rows": scored.rows, "faults": scored.faults, "flagged": scored.flagged}
        return job._replace(stage="written", result={**result, "state": "done", **counts})

    def _written(self, job: Job, bundle: Bundle) -> Scored:
        """Write the whole result beside its place. Raises Broken, Left, OSError."""
        if job.tries > _MOST_TRIES:
            stopped = FileStopsAgent(tries=job.tries - 1, file=Path(job.source).name)
            raise Broken(in_each(stopped), try_again())
        try:
            return self._predicted(job, bundle)
        except InputRefused as error:
            raise Broken(in_each(error), repair(bundle.schema)) from error
        except ModelCrashed as error:
            raise Broken(in_each(error), try_again()) from error
        except (Broken, Left, OSError):
            raise
        except Exception as error:
            log.exception("watched folder: %s", job.source)
            raise Broken(in_each(self.unexpected(error)), try_again()) from error

    def _predicted(self, job: Job, bundle: Bundle) -> Scored:
        file = Path(job.source)
        if file.suffix.lower() in SHEETS:
            raise FileNotText(file=file.name)
        with opened(file, self._most_bytes) as table:
            at = places(table, [column.name for column in bundle.schema.columns], file.name)
            if at is None:
                raise Broken(missing(bundle.schema, table.header), repair(bundle.schema))
            scored = Scored(bundle, table.header, at, self._language)
            with job.lies("out", ".part").open("w", encoding="utf-8-sig", newline="") as out:
                writer = csv.writer(out, delimiter=table.delimiter, lineterminator="\r\n")
                writer.writerow(scored.header)
                for piece in table.pieces(_PIECE):
                    if self._halt():
                        raise Left
                    writer.writerows(scored.predicted(piece))
                out.flush()
                os.fsync(out.fileno())
        if scored.faults == scored.rows:
            raise Broken(none_fits(scored, file.name), repair(bundle.schema))
        return scored

    def _go_on(self, job: Job) -> list[dict[str, Any]]:
        """Bring a file to its end from wherever it has got; what it came to, if it did."""
        source = Path(job.source)
        try:
            as_it_was = mark_of(source) == job.mark
            if job.stage == "begun":
                if not as_it_was:
                    self._forget(job)
                return []  # else it is begun again, once it was looked at
            if not self._put(job, as_it_was=as_it_was):
                self._forget(job)
                return []
        except PermissionError:  # the result is there; the original goes once it is let go
            self._wait(source, in_each(FileInUse(file=source.name)))
            return []
        result = {**job.result, "at": moment(), "folder": str(source.parent)}
        rows, faults = result.get("rows", 0), result.get("faults", 1)
        tally = Tally(max(rows - faults, 0), result.get("flagged", 0), faults)
        self._state.file_ended(job.source, result, result["model"], result["version"], tally)
        return [result]

    def _put(self, job: Job, *, as_it_was: bool) -> bool:
        """Everything to its place; False if the result was taken away meanwhile."""
        source = Path(job.source)
        if job.stage == "written":
            part, out = job.lies("out", ".part"), job.lies("out")
            if part.exists():
                part.replace(out)
            elif as_it_was and not out.exists():
                return False
        else:
            replace(job.lies("failed", ".txt"), letter(source.name, job.result))
        if as_it_was:
            source.replace(job.lies("done" if job.stage == "written" else "failed"))
        return True

    # --- what is remembered --------------------------------------------------------------------

    def _keep(self, job: Job) -> None:
        self._state.file_job(job.source, job._asdict())

    def _forget(self, job: Job) -> None:
        try:
            job.lies("out", ".part").unlink(missing_ok=True)
        except OSError as error:  # the next try writes over it
            log.warning("%s: %s", job.name, error)
        self._state.file_job(job.source, None)

    def _wait(self, file: Path, why: Words) -> None:
        inside = file.is_relative_to(self.folder)  # not if another folder was watched before
        name = file.relative_to(self.folder) if inside else file
        self._waiting[name.as_posix()] = why

    def _tell(self) -> None:
        told_now = {"folder": str(self.folder), "waiting": self._waiting}
        if self._state.noted("watched") != told_now:
            self._state.note("watched", told_now)


def work(watch: Watch, stop: Event, say: Say) -> None:
    """Look again and again until told to stop."""
    last = ""
    while not stop.is_set():
        try:
            for result in watch.look(monotonic()):
                say(*line_of(result))
            last = ""
        except AgentError as error:
            last = _say_once(error, last, say)
        except Exception as error:
            log.exception("watched folder")
            last = _say_once(watch.unexpected(error), last, say)
        stop.wait(PAUSE)


def _say_once(error: AgentError, last: str, say: Say) -> str:
    if str(error) != last:
        say(error.text, error.facts)
    return str(error)


def until_stopped(home: Home, folder: Path, language: str, say: Say) -> None:
    """Watch a folder until Ctrl-C or SIGTERM; what is under way is left as it was."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with State(home.state) as state:
        watch = Watch(home, state, folder, language, halt=stop.is_set)
        say(BEGUN, {"folder": watch.folder})
        work(watch, stop, say)
