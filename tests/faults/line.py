"""A bad line between agents and hub: it loses, holds back, doubles, reorders and cuts calls."""

import http.client
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Self

_HOP = {"connection", "keep-alive", "transfer-encoding", "host", "content-length"}


class BadLine:
    """A proxy to the hub's port. What it does to a call is drawn from `seed`."""

    def __init__(self, port: int, to: int, seed: int, share: float = 0.3) -> None:
        self.counts: Counter[str] = Counter()
        self.share = share
        self._to, self._random, self._turn = to, Random(seed), threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._late: list[threading.Thread] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        for thread in self._late:
            thread.join()

    def _drawn(self, is_report: bool) -> tuple[str, float]:
        with self._turn:
            fate, pause = self._random.random(), self._random.uniform(0.05, 1.5)
        if fate > self.share:
            return "passed", 0.0
        kinds = ("dropped", "answer lost", "delayed", "cut")
        if is_report:
            kinds = ("dropped", "answer lost", "delayed", "doubled", "held back")
        return kinds[int(fate / self.share * len(kinds)) % len(kinds)], pause

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        line = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_GET(self) -> None:
                line.carry(self)

            do_POST = do_GET  # noqa: N815 - as the base class wants it

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def carry(self, call: BaseHTTPRequestHandler) -> None:
        """One call: what is drawn for it happens to it."""
        body = call.rfile.read(int(call.headers.get("Content-Length") or 0))
        is_report = call.path.endswith("/me/reports")
        kind, pause = self._drawn(is_report)
        with self._turn:
            self.counts[f"reports {kind}" if is_report else kind] += 1
        if kind == "dropped":
            return
        if kind == "delayed":
            time.sleep(pause)
        if kind == "held back":  # arrives after what the agent sends next
            later = threading.Timer(pause, self._ask, (call.command, call.path, call.headers, body))
            later.start()
            self._late.append(later)
            return
        answer = self._ask(call.command, call.path, call.headers, body)
        if kind == "doubled":
            answer = self._ask(call.command, call.path, call.headers, body) or answer
        if answer is None or kind == "answer lost":
            return
        self._give(call, answer, cut=kind == "cut")

    def _give(self, call: BaseHTTPRequestHandler, answer: tuple, *, cut: bool) -> None:
        status, headers, data = answer
        try:
            call.send_response_only(status)
            for name, value in headers:
                if name.lower() not in _HOP:
                    call.send_header(name, value)
            call.send_header("Content-Length", str(len(data)))
            call.end_headers()
            call.wfile.write(data[: len(data) // 2] if cut else data)
        except OSError:
            pass  # the agent has gone

    def _ask(self, method: str, path: str, headers: object, body: bytes) -> tuple | None:
        hub = http.client.HTTPConnection("127.0.0.1", self._to, timeout=60)
        try:
            sent = {k: v for k, v in headers.items() if k.lower() not in _HOP}
            hub.request(method, path, body or None, sent)
            answer = hub.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except (OSError, http.client.HTTPException):
            return None  # the web process is down
        finally:
            hub.close()
