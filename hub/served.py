"""A waitress server in a thread, ended from within: closing it from outside races with its loop."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from waitress import wasyncore

_PATIENCE = 60.0  # seconds for a request under way


@contextmanager
def served(server: Any) -> Iterator[None]:
    """Serve until the block ends."""
    stop = threading.Event()

    def loop() -> None:
        while not stop.is_set():
            wasyncore.loop(timeout=0.02, map=server._map, count=1)  # noqa: SLF001 - it has no other
        server.task_dispatcher.shutdown(timeout=_PATIENCE)
        wasyncore.close_all(server._map)  # noqa: SLF001

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(2 * _PATIENCE)
