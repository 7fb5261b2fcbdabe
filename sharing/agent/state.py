"""What the agent must not forget: the step it is at, what it has still to tell, what it counted."""

import json
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

_TABLES = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS step (
    delivery INTEGER PRIMARY KEY, model TEXT NOT NULL, version TEXT NOT NULL,
    step TEXT NOT NULL, tries INTEGER NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, report TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS tally (
    model TEXT NOT NULL, version TEXT NOT NULL, predicted INTEGER NOT NULL,
    flagged INTEGER NOT NULL, refused INTEGER NOT NULL, PRIMARY KEY (model, version)
);
CREATE TABLE IF NOT EXISTS file_job (source TEXT PRIMARY KEY, job TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS file_result (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, result TEXT NOT NULL
);
"""
_KEEP_SENT = 500  # reports kept for `status` after the hub has them
_KEEP_RESULTS = 200  # of the watched folder


class Progress(NamedTuple):
    """How far the delivery of one version has got here. `tries` counts beginnings of this step."""

    delivery: int
    model: str
    version: str
    step: str
    tries: int = 0
    reason: str = ""
    at: str = ""


class Tally(NamedTuple):
    """Rows since the version became active: predicted, predicted with a remark, refused."""

    predicted: int = 0
    flagged: int = 0
    refused: int = 0


class State:
    """The agent's SQLite file; one connection, shared by threads behind a lock."""

    def __init__(self, path: Path) -> None:
        self._turn = threading.RLock()
        self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def progress(self) -> dict[int, Progress]:
        """Every delivery that was ever begun here, by its number."""
        rows = self._rows("SELECT delivery, model, version, step, tries, reason, at FROM step")
        return {row[0]: Progress(*row) for row in rows}

    def move(self, progress: Progress, report: Mapping[str, Any] | None) -> None:
        """Store the step, and what is to be told of it, in one transaction."""
        with self._turn, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "INSERT OR REPLACE INTO step VALUES (?, ?, ?, ?, ?, ?, ?)",
                progress._replace(at=moment()),
            )
            if report is not None:
                self._put(report)

    def put(self, report: Mapping[str, Any]) -> None:
        """Add one report to the outbox."""
        with self._turn:
            self._put(report)

    def _put(self, report: Mapping[str, Any]) -> None:
        text = json.dumps({"at": moment(), **report}, ensure_ascii=False)
        self._db.execute("INSERT INTO outbox (report) VALUES (?)", (text,))

    def unsent(self, most: int) -> list[dict[str, Any]]:
        """The oldest reports that the hub has not confirmed, each with its `seq`."""
        rows = self._rows(
            "SELECT seq, report FROM outbox WHERE sent = 0 ORDER BY seq LIMIT ?", (most,)
        )
        return [{"seq": seq, **json.loads(report)} for seq, report in rows]

    def sent(self, up_to: int) -> None:
        """The hub has everything up to this number."""
        with self._turn, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("UPDATE outbox SET sent = 1 WHERE seq <= ?", (up_to,))
            self._db.execute(
                "DELETE FROM outbox WHERE sent = 1 AND seq <= ?", (up_to - _KEEP_SENT,)
            )

    def waiting(self) -> int:
        """How many reports the hub has not confirmed."""
        return int(self._rows("SELECT count(*) FROM outbox WHERE sent = 0")[0][0])

    def last_reports(self, most: int) -> list[dict[str, Any]]:
        """The newest reports, newest first, with `sent`."""
        rows = self._rows("SELECT seq, sent, report FROM outbox ORDER BY seq DESC LIMIT ?", (most,))
        return [
            {"seq": seq, "sent": bool(sent), **json.loads(report)} for seq, sent, report in rows
        ]

    def forget_hub(self) -> None:
        """A new enrolment starts its own numbers: deliveries of the old one are not ours."""
        with self._turn, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            for table in ("step", "outbox", "setting"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
            self._db.execute("DELETE FROM sqlite_sequence WHERE name = 'outbox'")

    def count(self, model: str, version: str, tally: Tally) -> None:
        """Add rows to a version's tally."""
        with self._turn:
            self._db.execute(
                "INSERT INTO tally VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " predicted = predicted + excluded.predicted, flagged = flagged + excluded.flagged,"
                " refused = refused + excluded.refused",
                (model, version, *tally),
            )

    def tally(self, model: str, version: str) -> Tally:
        """Rows since the version first ran here."""
        rows = self._rows(
            "SELECT predicted, flagged, refused FROM tally WHERE model = ? AND version = ?",
            (model, version),
        )
        return Tally(*rows[0]) if rows else Tally()

    def file_jobs(self) -> dict[str, Any]:
        """Files of the watched folder that were begun and not brought to their end."""
        rows = self._rows("SELECT source, job FROM file_job")
        return {source: json.loads(job) for source, job in rows}

    def file_job(self, source: str, job: Any) -> None:
        """Store how far a file has got; None forgets it."""
        with self._turn:
            if job is None:
                self._db.execute("DELETE FROM file_job WHERE source = ?", (source,))
            else:
                self._db.execute(
                    "INSERT OR REPLACE INTO file_job VALUES (?, ?)", (source, json.dumps(job))
                )

    def file_ended(
        self, source: str, result: Mapping[str, Any], model: str, version: str, tally: Tally
    ) -> None:
        """A file's result, its rows in the tally, and its job forgotten: all or nothing."""
        with self._turn, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self.file_job(source, None)
            self.count(model, version, tally)
            self._db.execute("INSERT INTO file_result (result) VALUES (?)", (json.dumps(result),))
            self._db.execute(
                "DELETE FROM file_result WHERE seq <= (SELECT max(seq) FROM file_result) - ?",
                (_KEEP_RESULTS,),
            )

    def file_results(self, most: int) -> list[dict[str, Any]]:
        """What files of the watched folder came to, newest first."""
        rows = self._rows("SELECT result FROM file_result ORDER BY seq DESC LIMIT ?", (most,))
        return [json.loads(result) for (result,) in rows]

    def note(self, name: str, value: Any) -> None:
        """Remember one thing under a name."""
        with self._turn:
            self._db.execute(
                "INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, json.dumps(value))
            )

    def noted(self, name: str, otherwise: Any = None) -> Any:
        """What was remembered under a name."""
        rows = self._rows("SELECT value FROM setting WHERE name = ?", (name,))
        return json.loads(rows[0][0]) if rows else otherwise

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._turn:
            return self._db.execute(query, values).fetchall()


def moment() -> str:
    """This moment in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def wall_clock(told: str) -> str:
    """A kept moment as the clock on this PC's wall shows it: 2026-11-24 21:40."""
    return datetime.fromisoformat(told).astimezone().strftime("%Y-%m-%d %H:%M")
