"""JupyterHub takes its time over a server, and a disabled account has to be gone in the end."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from labs.jupyter import JupyterHub

# What JupyterHub tells of the server, one after the other, and how it answers to a DELETE there.
STORY = [("spawn", None), ("", 400), ("stop", None), ("", 204)]


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    def log_message(self, *_args):
        pass

    def do_GET(self):
        pending, _ = self.server.story[0]
        if pending:
            self.server.story.pop(0)
        server = {"ready": not pending, "pending": pending or None}
        self.say(200, {"name": "u-1", "servers": {"": server}})

    def do_DELETE(self):
        self.server.deletes.append(self.path)
        _, status = self.server.story.pop(0)
        self.say(status, {"message": "u-1's server is in the process of stopping, please wait."})

    def say(self, status, told):
        body = b"" if status == 204 else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def slow():
    """A JupyterHub that tells STORY."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.story, server.deletes = list(STORY), []
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_account_whose_server_is_on_its_way_is_dropped_once_it_stands(slow) -> None:
    JupyterHub(f"http://127.0.0.1:{slow.server_port}", "token").forget("u-1")
    assert slow.deletes == ["/hub/api/users/u-1"] * 2
    assert slow.story == []
