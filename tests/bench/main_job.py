"""Measures what README's table "Numbers" says of the main job, on the machine at hand.

    .venv/bin/python -m tests.bench.main_job [RUNS]

Cold start is measured once, in a fresh clone with an empty home folder (its time is mostly that of
downloading packages); everything else is a median of RUNS runs (default 3). Nothing is asserted.
"""

import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import requests

from hub.demo.stage import free_ports
from tests.conftest import ROOT


@contextmanager
def running(clone: Path, home: Path, ports: list[int]) -> Iterator[tuple[subprocess.Popen, str]]:
    """`bash infra/run` in a clone, as a person would start it, until Ctrl-C."""
    names = ("HUB_PORT", "HUB_LABS_PORT", "HUB_LABS_HUB_PORT", "HUB_LABS_PROXY_PORT")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")}
    environment |= {"HOME": str(home), **dict(zip(names, map(str, ports), strict=True))}
    with (clone / "run.log").open("wb") as log:
        process = subprocess.Popen(
            ["bash", "infra/run"], cwd=clone, env=environment, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield process, f"http://127.0.0.1:{ports[0]}"
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


def until(true: Callable[[], bool], patience: float = 900.0) -> float:
    """Seconds until something is true."""
    began = time.perf_counter()
    while not true():
        if time.perf_counter() - began > patience:
            raise TimeoutError
        time.sleep(0.02)
    return time.perf_counter() - began


def answers(url: str, path: str = "/") -> Callable[[], bool]:
    def asked() -> bool:
        try:
            return requests.get(url + path, timeout=2).status_code == 200
        except requests.RequestException:
            return False

    return asked


def memory(parent: int) -> dict[str, float]:
    """Resident memory in MB of each process of the hub, alike ones added up."""
    found: dict[str, float] = {}
    first = psutil.Process(parent)
    for process in (first, *first.children(recursive=True)):
        with process.oneshot():
            words = " ".join(process.cmdline())
            used = process.memory_info().rss / 2**20
        name = next((name for part, name in PARTS if part in words), "other")
        found[name] = found.get(name, 0.0) + used
    return found


PARTS = (
    ("hub up", "hub up (supervisor)"),
    ("hub web", "web"),
    ("hub worker", "worker"),
    ("jupyterhub_idle_culler", "JupyterHub"),
    ("jupyterhub.singleuser", "a lab server"),
    ("ipykernel", "a lab's kernel"),
    ("jupyterhub", "JupyterHub"),
    ("configurable-http-proxy", "JupyterHub's proxy"),
    ("ray", "Ray"),
    ("gcs_server", "Ray"),
    ("raylet", "Ray"),
)


def started(runs: int) -> dict[str, object]:
    """Cold start, warm starts, memory at rest."""
    with tempfile.TemporaryDirectory() as folder:
        clone, home = Path(folder) / "clone", Path(folder) / "home"
        home.mkdir()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        ports = free_ports(4)
        with running(clone, home, ports) as (_, url):
            cold = until(answers(url))
            until(answers(url, "/healthz"), 120)
        warm = []
        for _ in range(runs):
            with running(clone, home, ports) as (process, url):
                warm.append(until(answers(url)))
                until(answers(url, "/healthz"), 120)
                time.sleep(15)  # Ray's own processes settle
                used = memory(process.pid)
    return {"cold": cold, "warm": statistics.median(warm), "memory": used}


def demos(runs: int) -> dict[str, float]:
    """Medians over whole demos: all of it, a lab's spawn, rollout to active."""
    whole, spawn, active, agent = [], [], [], []
    for _ in range(runs):
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "hub", "demo", "--json"], capture_output=True, check=True
        )
        whole.append(time.perf_counter() - began)
        steps = {step["name"]: step for step in json.loads(done.stdout)["steps"]}
        spawn.append(steps["run the lab"]["figures"]["spawn_seconds"])
        agent.append(steps["deliver and activate"]["figures"]["seconds_to_active"])
        names = ("start a rollout", "accept and enrol", "deliver and activate")
        active.append(sum(steps[name]["seconds"] for name in names))
    medians = map(statistics.median, (whole, spawn, active, agent))
    return dict(zip(("whole", "spawn", "active", "agent"), medians, strict=True))


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    begun, played = started(runs), demos(runs)
    rows = [
        ("`bash infra/run` to the first page, fresh clone, empty home", begun["cold"], "s"),
        ("the same, second start", begun["warm"], "s"),
        ("`hub demo` as a whole", played["whole"], "s"),
        ("a lab's server, click to ready", played["spawn"], "s"),
        (
            "rollout started to active at one agent, with accepting and enrolling",
            played["active"],
            "s",
        ),
        ("of this, from the agent's start to active", played["agent"], "s"),
        *(
            (f"resident memory: {name}", used, "MB")
            for name, used in sorted(begun["memory"].items())
        ),
    ]
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, "
          f"medians of {runs}, load before {os.getloadavg()[0]:.1f}\n")  # fmt: skip
    print("| what | figure |\n|---|---|")
    for name, figure, unit in rows:
        print(
            f"| {name} | {figure:.1f} {unit} |"
            if unit == "s"
            else f"| {name} | {figure:.0f} {unit} |"
        )


if __name__ == "__main__":
    main()
