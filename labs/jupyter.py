"""A typed client of JupyterHub's REST API and of a person's own server behind it.

Only LabsError leaves this module. API: jupyterhub.readthedocs.io, "JupyterHub REST API" (6.1), and
jupyter-server.readthedocs.io, "Contents API".
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

import requests

from labs.errors import JupyterHubAway, JupyterHubRefused, SpawnFailed, SpawnSlow, TokenRefused

_WAIT = 60.0  # a kernel's start on a busy machine
_PAUSE = 0.2
State = Literal["stopped", "starting", "ready", "stopping"]


@dataclass(frozen=True)
class Server:
    """A person's server as JupyterHub sees it."""

    learner: str
    state: State
    started: datetime | None = None
    last_activity: datetime | None = None


@dataclass(frozen=True)
class Progress:
    """The last thing that was said of a start: share done (0-100), words, and whether it failed."""

    share: int
    words: str
    ready: bool
    failed: bool


class JupyterHub:
    """JupyterHub at an address, spoken to with one token."""

    def __init__(self, base: str, token: str) -> None:
        self.base = base.rstrip("/")
        self.token = token
        self._http = requests.Session()
        self._http.headers["Authorization"] = f"token {token}"
        # JupyterHub's proxy closes a line after five idle seconds, also under the next question.
        self._http.headers["Connection"] = "close"

    # --- people and their servers

    def ensure_user(self, learner: str) -> None:
        """Make the person known to JupyterHub; nothing happens where they are."""
        self._ask("POST", f"/hub/api/users/{quote(learner)}", also=(409,))

    def start(self, learner: str, locale: str = "ko") -> None:
        """Ask for the person's server; nothing happens where it is up or on its way."""
        path = f"/hub/api/users/{quote(learner)}/server"
        answer = self._ask("POST", path, json={"locale": locale}, also=(400, 500))
        if answer.status_code == 400 and self.server(learner).state == "stopped":
            raise SpawnFailed(reason=_message(answer))
        if answer.status_code == 500:
            raise SpawnFailed(reason=_message(answer))

    def server(self, learner: str) -> Server:
        """The person's server; stopped for somebody whom JupyterHub does not know yet."""
        answer = self._ask("GET", f"/hub/api/users/{quote(learner)}", also=(404,))
        if answer.status_code == 404:
            return Server(learner, "stopped")
        return _server_of(answer.json())

    def servers(self) -> list[Server]:
        """Everybody's server that is up or on its way."""
        found: list[Server] = []
        while True:
            path = f"/hub/api/users?state=active&limit=200&offset={len(found)}"
            page = self._ask("GET", path).json()
            found += [_server_of(user) for user in page]
            if len(page) < 200:
                return found

    def stop(self, learner: str) -> None:
        """Stop the person's server; nothing happens where there is none."""
        self._ask("DELETE", f"/hub/api/users/{quote(learner)}/server", also=(404, 400))

    def progress(self, learner: str) -> Progress:
        """How far a start has come, or why it failed: the last event that is there by now."""
        path = f"/hub/api/users/{quote(learner)}/server/progress"
        answer = self._ask("GET", path, also=(400, 404), stream=True, timeout=(5.0, 2.0))
        last: dict[str, Any] = {}
        with answer:
            if answer.status_code != 200:
                return Progress(0, "", ready=False, failed=False)
            for event in _events(answer):
                last = event
        return Progress(
            int(last.get("progress", 0)),
            str(last.get("message", "")),
            ready=bool(last.get("ready")),
            failed=bool(last.get("failed")),
        )

    def wait_ready(self, learner: str, seconds: float = 180.0) -> None:
        """Return when the server is up. Raises SpawnFailed with the reason, SpawnSlow."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            state = self.server(learner).state
            if state == "ready":
                return
            if state == "stopped":
                raise SpawnFailed(reason=self.progress(learner).words or "it ended at once")
            time.sleep(_PAUSE)
        raise SpawnSlow(seconds=int(seconds))

    def whose(self, token: str) -> str:
        """The person whose server holds that token. Raises TokenRefused."""
        answer = self._ask(
            "GET", "/hub/api/user", also=(401, 403), headers={"Authorization": f"token {token}"}
        )
        told = answer.json() if answer.status_code == 200 else {}
        if told.get("kind") != "user" or not told.get("name"):
            raise TokenRefused
        return str(told["name"])

    def forget(self, learner: str) -> None:
        """Stop the person's server and drop their account at JupyterHub; files stay.

        Raises JupyterHubRefused where the server does not stop within a minute.
        """
        # JupyterHub stops the server by itself first, and takes back every token. It cannot while
        # the server is on its way up or down, and refuses (400) where that takes it long.
        path, until = f"/hub/api/users/{quote(learner)}", time.monotonic() + _WAIT
        while time.monotonic() < until:
            settled = self.server(learner).state in ("ready", "stopped")
            if settled and self._ask("DELETE", path, also=(400, 404)).status_code != 400:
                return
            time.sleep(_PAUSE)
        self._ask("DELETE", path, also=(404,))

    # --- files in the person's home, through their own server

    def has_file(self, learner: str, path: str) -> bool:
        """Whether the file is in the person's home."""
        answer = self._ask("GET", f"{self._contents(learner, path)}?content=0", also=(404,))
        return answer.status_code == 200

    def put_notebook(self, learner: str, path: str, notebook: Mapping[str, Any]) -> bool:
        """Put a notebook where there is none; whether it was put. Work of the person is kept."""
        if self.has_file(learner, path):
            return False
        folder, _, _ = path.rpartition("/")
        if folder:
            self._ask("PUT", self._contents(learner, folder), json={"type": "directory"})
        body = {"type": "notebook", "format": "json", "content": notebook}
        self._ask("PUT", self._contents(learner, path), json=body)
        return True

    def start_kernel(self, learner: str, folder: str) -> str:
        """A new Python kernel at the person's server, working in that folder; its id."""
        body = {"name": "python3", "path": f"{folder}/kernel"}
        answer = self._ask("POST", f"/user/{quote(learner)}/api/kernels", json=body)
        return str(answer.json()["id"])

    def end_kernel(self, learner: str, kernel: str) -> None:
        """Shut a kernel down."""
        self._ask("DELETE", f"/user/{quote(learner)}/api/kernels/{kernel}", also=(404,))

    def _contents(self, learner: str, path: str) -> str:
        return f"/user/{quote(learner)}/api/contents/{quote(path)}"

    def _ask(
        self, method: str, path: str, *, also: tuple[int, ...] = (), **more: Any
    ) -> requests.Response:
        """One request; statuses below 400 and those in `also` are answers, the rest is an error."""
        try:
            answer = self._http.request(method, f"{self.base}{path}", **{"timeout": _WAIT, **more})
        except requests.RequestException as error:
            raise JupyterHubAway from error
        if answer.status_code in (502, 503, 504) or _of_the_proxy(answer):
            raise JupyterHubAway
        if answer.status_code < 400 or answer.status_code in also:
            return answer
        what = f"{method} {path.partition('?')[0]}"
        raise JupyterHubRefused(what=what, status=answer.status_code, reason=_message(answer))


def _of_the_proxy(answer: requests.Response) -> bool:
    """Whether the proxy itself says 404: JupyterHub, which answers in JSON, is still starting."""
    return answer.status_code == 404 and "json" not in answer.headers.get("Content-Type", "")


def _server_of(user: Mapping[str, Any]) -> Server:
    told = (user.get("servers") or {}).get("")
    name = str(user["name"])
    if told is None:
        return Server(name, "stopped")
    activity, started = _moment(told.get("last_activity")), _moment(told.get("started"))
    if told.get("ready"):
        return Server(name, "ready", started, activity)
    pending = {"spawn": "starting", "stop": "stopping"}.get(str(told.get("pending")), "stopped")
    return Server(name, pending, started, activity)  # type: ignore[arg-type]


def _moment(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


def _message(answer: requests.Response) -> str:
    try:
        return str(answer.json().get("message", answer.reason))[:300]
    except ValueError:
        return str(answer.reason)


def _events(answer: requests.Response) -> list[dict[str, Any]]:
    """The events of a stream that are there by now: it ends, or falls silent for the read limit."""
    events: list[dict[str, Any]] = []
    try:
        for line in answer.iter_lines(decode_unicode=True):
            if line.startswith("data:"):
                events.append(json.loads(line.removeprefix("data:")))
                if events[-1].get("ready") or events[-1].get("failed"):
                    break
    except (requests.RequestException, ValueError):
        return events
    return events
