"""The engine at a server that does not answer, and with more threads than a usual pool has."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from hub import db
from hub.db import Database


def test_a_server_that_does_not_answer_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr(db, "_CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(OperationalError):
            Database(f"postgresql+psycopg://hub@127.0.0.1:{port}/hub").ping()
    assert time.monotonic() - began < 60


@pytest.mark.parts
def test_every_thread_gets_a_connection(fresh_postgres) -> None:
    url = fresh_postgres.replace("postgresql://", "postgresql+psycopg://", 1)
    many, sessions = Database(url), ExitStack()
    with sessions, ThreadPoolExecutor(1) as pool:
        for _ in range(20):
            session = sessions.enter_context(many.reading())
            pool.submit(session.execute, text("SELECT 1")).result(timeout=120)
    many.close()
