"""Saving the database and putting it back, by each database's own means."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from hub.db import engine_for
from hub.errors import BackupFailed, BackupUnreadable
from hub.settings import Settings
from sharing.handed_out import highest_delivery


def backup(settings: Settings, file: Path) -> None:
    """Save the database into `file`: SQLite's online backup, or pg_dump's custom format.

    Raises BackupFailed, and leaves no half-written file.
    """
    part = file.with_name(f".{file.name}.part")
    try:
        if settings.database.startswith("sqlite"):
            _copy(_sqlite(settings), part)
        else:
            _postgres("pg_dump", settings, "--format=custom", f"--file={part}")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def restore(settings: Settings, file: Path) -> Path | None:
    """Put the database back from `file`; tells where the former SQLite file was moved to.

    Raises BackupUnreadable before anything is touched, BackupFailed.
    """
    if not settings.database.startswith("sqlite"):
        _postgres(
            "pg_restore", settings, "--clean", "--if-exists", "--single-transaction", str(file)
        )
        numbers_go_on(settings)
        return None
    _check(file)
    live = _sqlite(settings)
    kept = None
    if live.exists():
        kept = live.with_name(f"{live.stem}-before-restore-{_stamp()}.sqlite")
        _copy(live, kept)
    part = live.with_name(f".{live.name}.part")
    shutil.copyfile(file, part)
    for journal in (f"{live}-wal", f"{live}-shm"):
        Path(journal).unlink(missing_ok=True)
    part.replace(live)
    numbers_go_on(settings)
    return kept


def copy_before_upgrade(settings: Settings) -> Path | None:
    """A copy of an existing SQLite file; on PostgreSQL the operator's own backups serve."""
    if not settings.database.startswith("sqlite") or not _sqlite(settings).exists():
        return None
    live = _sqlite(settings)
    kept = live.with_name(f"{live.stem}-before-upgrade-{_stamp()}.sqlite")
    _copy(live, kept)
    return kept


def numbers_go_on(settings: Settings) -> None:
    """Plants remember deliveries by their number: none that was signed is given a second time.

    A database of an older hub may have no place for that yet; its upgrade asks again.
    """
    highest = highest_delivery(settings.data / "tuf")
    engine = engine_for(settings.database)
    try:
        with engine.begin() as connection:
            sqlite = connection.dialect.name == "sqlite"
            if not inspect(connection).has_table("sqlite_sequence" if sqlite else "delivery"):
                return
            for statement in _NUMBERS[connection.dialect.name]:
                connection.execute(text(statement), {"highest": highest})
    finally:
        engine.dispose()


_NUMBERS = {
    "sqlite": (
        (
            "INSERT INTO sqlite_sequence (name, seq) SELECT 'delivery', 0"
            " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'delivery')"
        ),
        "UPDATE sqlite_sequence SET seq = max(seq, :highest) WHERE name = 'delivery'",
    ),
    "postgresql": (
        (
            "SELECT setval(pg_get_serial_sequence('delivery', 'id'),"
            " greatest(:highest, 1, (SELECT max(id) FROM delivery)))"
        ),
    ),
}


def _sqlite(settings: Settings) -> Path:
    return Path(make_url(settings.database).database or "")


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        raise BackupFailed(reason=f"{source}: no such file")
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def _check(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
            sound = copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            known = copy.execute("SELECT count(*) FROM alembic_version").fetchone()[0] == 1
    except sqlite3.DatabaseError as error:
        raise BackupUnreadable(file=str(file)) from error
    if not (sound and known):
        raise BackupUnreadable(file=str(file))


def _postgres(tool: str, settings: Settings, *arguments: str) -> None:
    if shutil.which(tool) is None:
        raise BackupFailed(reason=f"{tool}: not installed")
    url = make_url(settings.database)
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    # The password goes by the environment: arguments can be read by everybody on the machine.
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    done = subprocess.run(
        [tool, f"--dbname={address}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupFailed(reason=done.stderr.strip()[-500:])


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
