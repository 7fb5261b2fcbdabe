"""A waitress server in a thread, ended from within: closing it from outside races with its loop."""

import threading
from contextlib import contextmanager

from waitress import wasyncore


@contextmanager
def serving(server):
    """Serve until the block ends."""
    stop = threading.Event()

    def loop():
        while not stop.is_set():
            wasyncore.loop(timeout=0.02, map=server._map, count=1)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(server._map)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield server
    finally:
        stop.set()
        thread.join(10)
