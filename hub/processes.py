"""Starts the hub's processes, keeps them running, stops them and nothing else.

Each child has its own session, so that a Ctrl-C at the terminal reaches this process alone, which
then stops the children in order; whatever a child leaves behind in its process group is ended too.
"""

import contextlib
import ctypes
import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hub.errors import NotReady, PortTaken, PortUnusable, SettingInvalid

log = logging.getLogger(__name__)

_GRACE_SECONDS = 60.0  # JupyterHub stops everybody's server first, slowly on a busy machine
_LARGEST_LOG = 10 * 1024 * 1024


@dataclass
class Child:
    """A program to keep running: its command, environment, and how to tell that it is ready."""

    name: str
    argv: Sequence[str]
    ready: Callable[[], bool]
    env: Mapping[str, str] = field(default_factory=dict)
    patience: float = 180.0
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0

    def alive(self) -> bool:
        """Whether it runs now."""
        return self.process is not None and self.process.poll() is None


def refuse_taken_ports(host: str, ports: Mapping[str, int]) -> None:
    """Raise PortTaken for the first port (setting name → port) on which something listens.

    Raises SettingInvalid where two settings name one port, PortUnusable where none may listen.
    """
    of: dict[int, str] = {}
    for setting, port in ports.items():
        if port in of:
            raise SettingInvalid(faults=f"{of[port]} and {setting} are both {port}")
        of[port] = setting
    for setting, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise PortTaken(port=port, setting=setting) from error
                reason = error.strerror or str(error)
                raise PortUnusable(
                    host=host, port=port, reason=reason, settings=f"HUB_HOST or {setting}"
                ) from error


class Processes:
    """The children of one `hub up`."""

    def __init__(self, children: list[Child], logs: Path) -> None:
        self.children = children
        self.logs = logs
        self._stopping = threading.Event()
        logs.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """Start all; they come up side by side."""
        for child in self.children:
            self._start(child)

    def wait_ready(self, name: str) -> float:
        """Seconds until that child is ready. Raises NotReady when it does not come up."""
        child = next(each for each in self.children if each.name == name)
        began = time.monotonic()
        while not child.ready():
            waited = time.monotonic() - began
            died = child.process is not None and child.process.poll() is not None
            if waited > child.patience or died:
                raise NotReady(part=name, seconds=round(waited), log=str(self._log(child)))
            if self._stopping.wait(0.1):
                break
        return time.monotonic() - began

    def keep(self) -> None:
        """Start again whatever ends by itself, ever more slowly, until stopped."""
        while not self._stopping.wait(1.0):
            for child in self.children:
                if child.process is not None and child.process.poll() is not None:
                    pause = pause_before(child.starts)
                    log.warning(
                        "%s ended (%s); again in %d s", child.name, child.process.returncode, pause
                    )
                    self._end_group(child)
                    if self._stopping.wait(pause):
                        return
                    self._start(child)

    def ask_to_stop(self) -> None:
        """End `keep` and `wait_ready` soon; may be called from a signal handler."""
        self._stopping.set()

    def stop(self) -> None:
        """Stop every child: politely, in reverse order of start, then firmly."""
        self._stopping.set()
        for child in reversed(self.children):
            if child.process is not None and child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _GRACE_SECONDS
        for child in reversed(self.children):
            if child.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                self._end_group(child)

    def _start(self, child: Child) -> None:
        child.starts += 1
        path = self._log(child)
        if path.exists() and path.stat().st_size > _LARGEST_LOG:
            path.replace(path.with_suffix(".old.log"))
        with path.open("ab") as out:
            child.process = subprocess.Popen(
                list(child.argv),
                env={**os.environ, **child.env},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
            )

    def _log(self, child: Child) -> Path:
        return self.logs / f"{child.name}.log"

    def _end_group(self, child: Child) -> None:
        if child.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(5)


def pause_before(starts: int) -> float:
    """Seconds before what was started so often is started again: a minute at most.

    >>> pause_before(1), pause_before(5), pause_before(100_000)
    (2.0, 32.0, 60.0)
    """
    return min(60.0, 2.0 ** min(starts, 6))


def _end_with_parent() -> None:
    """Have the kernel end this child when its parent dies without a word (Linux, prctl(2))."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
