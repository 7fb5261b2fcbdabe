"""A small hub for agents, over real HTTP: real signed lists, no database, faults on demand.

It also stands for whoever is in between: a test may change what is served without signing it.
"""

import hashlib
import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sharing.manifest import Keys, Target, new_key, signer_from
from sharing.recipe import written
from sharing.signing import Signing
from sharing.store import cut

CODE = "ABCD-2345"


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    far: "AgentHub"
    used = False  # the line, for an answer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def do_GET(self):
        self.far.signatures.append(self.headers.get("Authorization", ""))
        if self.too_late():
            return None
        self.far.asked.append((self.path, self.headers.get("Range", "")))
        if self.path == "/api/v1/agents/me":
            return self.me()
        if not self.headers.get("Authorization", "").startswith("Bearer "):
            return self.answer(401, b"{}")
        content = self.far.content(self.path)
        if content is None:
            return self.answer(404, b"{}")
        return self.file(content)

    def do_POST(self):
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.far.posts += 1
        if self.too_late():
            return None
        if self.path == "/api/v1/agents/enrol":
            return self.enrol(told)
        self.far.take(told["reports"])
        return self.say(200, {"accepted_up_to": max(r["seq"] for r in told["reports"])})

    def too_late(self):
        """Whether the line is closed under this question, since it lay idle after an answer."""
        late = self.used and self.command in self.far.closes_before
        self.used, self.close_connection = True, late or self.close_connection
        return late

    def me(self):
        if not self.far.knows_agent:
            return self.say(401, {"title": "AgentRefused", "code": "unknown"})
        told = {"site": self.far.site, "poll_seconds": 0.2, "deliveries": []}
        return self.say(200, told | ({"lists": self.far.lists} if self.far.lists else {}))

    def enrol(self, told):
        self.far.keys.append(told["public_key"])
        if self.far.loses_answers:
            self.close_connection = True
            return None
        if told["code"] != CODE:
            return self.say(403, {"title": "CodeRefused", "detail": "no"})
        return self.say(
            201,
            {
                "agent": "a-1",
                "site": self.far.site,
                "site_name": "본사 공장",
                "firm_name": "시험정공(주)",
                "image_root": self.far.signing.image_root(),
                "director_root": self.far.signing.director_root(self.far.site),
                "poll_seconds": 0.2,
            },
        )

    def file(self, content):
        first, last = self.headers.get("Range", "bytes=0-")[6:].split("-")
        start = int(first)
        if start and start >= len(content):
            return self.answer(416, b"")
        part = content[start : int(last) + 1 if last else None]
        self.send_response(206 if start or last else 200)
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        # Only a file that is longer breaks off: closing behind a whole one would be a race between
        # the agent's next question and the news that the line is gone.
        if self.far.break_off_at is not None and len(part) > self.far.break_off_at:
            self.wfile.write(part[: self.far.break_off_at])
            self.close_connection = True
            return None
        if self.far.hold is not None and "targets/" in self.path and "model.onnx" in self.path:
            half = len(part) // 2
            self.wfile.write(part[:half])
            self.wfile.flush()
            self.far.held.set()
            self.far.hold.wait(300)
            part = part[half:]
        try:
            self.wfile.write(part)
        except OSError:
            self.close_connection = True
        return None

    def say(self, status, body):
        return self.answer(status, json.dumps(body).encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class AgentHub:
    """One site's hub. `served` wins over what was signed; `reports` is what agents told."""

    def __init__(self, folder: Path, site: int = 7) -> None:
        self.site = site
        self.now = datetime.now(UTC)
        self.signing = Signing(folder, Keys.one(signer_from(new_key())), lambda: self.now)
        self.targets: dict[str, bytes] = {}
        self.served: dict[str, bytes] = {}
        self.reports: list[dict] = []
        self.asked: list[tuple[str, str]] = []
        self.break_off_at: int | None = None  # bytes of a file after which the line goes dead
        self.recipes = True  # whether it tells the chunks of files
        self.hold: threading.Event | None = None  # a file's second half waits for it
        self.held = threading.Event()
        self.knows_agent = True
        self.lists = ""  # its word for how its lists are
        self.loses_answers = False  # of enrolments: the line goes dead once the hub has them
        self.keys: list[str] = []  # that asked to be enrolled
        self.closes_before: set[str] = set()  # methods under which an idle line is closed
        self.signatures: list[str] = []  # of all GETs, also of those that got no answer
        self.posts = 0
        self.signing.image_root()
        self.signing.director_root(site)
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"far": self})
        )
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        if self.hold:
            self.hold.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def publish(self, model: str, version: str, files: dict[str, bytes]) -> list[Target]:
        """Publish a version; its targets."""
        fresh = {f"{model}/{version}/{name}": content for name, content in files.items()}
        self.targets |= fresh
        self.signing.list_files(lambda: [target(*one) for one in self.targets.items()])
        return [target(path, content) for path, content in fresh.items()]

    def assign(self, targets: list[Target], delivery: int, action="install", **custom) -> None:
        """Assign a published version to the site."""
        model, version, _ = targets[0].path.split("/")
        said = {
            "site": self.site,
            "delivery": delivery,
            "model": model,
            "version": version,
            "action": action,
            **custom,
        }
        self.signing.assign(
            self.site, model, [Target(t.path, t.sha256, t.length, said) for t in targets]
        )

    def states(self) -> list[tuple[int, str]]:
        """(delivery, state) as told, in order."""
        return [(r["delivery"], r["state"]) for r in self.reports if r["kind"] == "delivery"]

    def take(self, reports: list[dict]) -> None:
        known = {r["seq"] for r in self.reports}
        self.reports += [r for r in reports if r["seq"] not in known]

    def content(self, path: str) -> bytes | None:
        """What is at an address."""
        if path in self.served:
            return self.served[path]
        place = path.removeprefix("/tuf/")
        if place.startswith("recipes/"):
            whole = self.content(path.replace("recipes", "targets", 1))
            return written(cut(whole)) if whole and self.recipes else None
        if place.startswith("targets/"):
            folder, name = place.removeprefix("targets/").rsplit("/", 1)
            return self.targets.get(f"{folder}/{name.split('.', 1)[1]}")
        file = self.signing.folder / place
        return file.read_bytes() if place != path and file.is_file() else None


def target(path: str, content: bytes) -> Target:
    return Target(path, hashlib.sha256(content).hexdigest(), len(content))
