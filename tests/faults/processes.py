"""The hub's own processes, started as `hub up` does, killed without a word, started again."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from hub.settings import Settings

NAMES = ("web", "worker")
ROOT = Path(__file__).parents[2]


class HubProcesses:
    """`hub web` and `hub worker` on one data folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.starts = 0

    def start(self, *names: str) -> None:
        """Start what does not run."""
        for name in names or tuple(self._running) or NAMES:
            there = self._running.get(name)
            if there is not None and there.poll() is None:
                continue
            self.starts += 1
            log = self._settings.data / f"{name}.log"
            with log.open("ab") as out:
                self._running[name] = subprocess.Popen(
                    [sys.executable, "-m", "hub", name],
                    env={**os.environ, **self._environment()},
                    cwd=ROOT,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                )

    def kill(self, name: str) -> bool:
        """SIGKILL: no handler, no farewell."""
        process = self._running[name]
        if process.poll() is not None:
            return False
        process.kill()
        process.wait()
        return True

    def kill_actor(self) -> bool:
        """SIGKILL to one of the worker's Ray actors; whether there was one."""
        for number in self.actors():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
                return True
        return False

    def actors(self) -> Iterator[int]:
        """Processes of Ray actors below the worker that runs now."""
        worker = self._running.get("worker")
        if worker is None:
            return
        parents = dict(_parents())
        for number in parents:
            if b"ray::Preparer" in _command(number) and worker.pid in _ancestors(number, parents):
                yield number

    def died(self) -> list[str]:
        """What ended by itself."""
        return [name for name, process in self._running.items() if process.poll() is not None]

    def stop(self) -> None:
        """As `hub up` stops them."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _environment(self) -> dict[str, str]:
        told = self._settings
        return {
            "HUB_DATA": str(told.data),
            "HUB_PORT": str(told.port),
            "HUB_DATABASE_URL": told.database_url,
            "HUB_TICK_SECONDS": str(told.tick_seconds),
            "HUB_RAY_ADDRESS": told.ray_address,
            "HUB_LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT),
        }


def ray_processes(folder: str = "hub-ray-") -> list[int]:
    """Processes of a Ray whose folder has this in its name."""
    return [number for number, _ in _parents() if folder.encode() in _command(number)]


def left_behind(data: Path, seconds: float = 60) -> list[int]:
    """Processes that were started for this data folder and still run after so long."""
    until = time.monotonic() + seconds
    while (found := _of(data)) and time.monotonic() < until:
        time.sleep(0.2)
    return found


def _of(data: Path) -> list[int]:
    mark = f"HUB_DATA={data}".encode()
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in place.read_bytes().split(b"\0"):
                found.append(int(place.parent.name))
    return found


def _parents() -> Iterator[tuple[int, int]]:
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            yield int(place.parent.name), int(place.read_text().rpartition(")")[2].split()[1])


def _ancestors(number: int, parents: dict[int, int]) -> set[int]:
    found: set[int] = set()
    while number in parents and number not in found:
        found.add(number)
        number = parents[number]
    return found


def _command(number: int) -> bytes:
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return b""
