"""A Ray cluster of three nodes on loopback, in a process of its own that does as it is told.

`python -m tests.faults.cluster GCS_PORT API_PORT AGENT_PORT FOLDER`: a word on its input, a word
back when it is done. Its Rays end with it.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from hub.demo.stage import free_ports
from tests.faults.processes import ray_processes

TRIES = 6
# Ray and its daemons replace 127.0.0.1 by the address of the machine, but no other of loopback.
HOST = "127.0.0.2"
WORDS = ("kill-a-node", "restart-head")


class ClusterProcess:
    """The cluster, as its user sees it."""

    def __init__(self, folder: Path) -> None:
        ports = free_ports(3)
        self.address = f"{HOST}:{ports[0]}"
        self._command = [sys.executable, "-m", "tests.faults.cluster", *map(str, ports), folder]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._heard("up")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def tell(self, word: str) -> None:
        """One of WORDS; back when it is done."""
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        self._heard(word)

    def _heard(self, word: str) -> None:
        for line in self._process.stdout:
            if line.strip() == f"done: {word}":
                return
        raise RuntimeError(f"the cluster ended before {word!r} was done")


class Nodes:
    """The nodes, in the process that holds them."""

    def __init__(self, gcs: int, api: int, agent: int, folder: str) -> None:
        self._head = {
            "include_dashboard": True,
            "dashboard_host": HOST,
            "dashboard_port": api,
            "dashboard_agent_listen_port": agent,
            "gcs_server_port": gcs,
            "temp_dir": folder,
        }

    def start(self) -> None:
        """All three. Ray gives its daemons 15 s to come up; a busy machine needs some tries."""
        for left in reversed(range(TRIES)):
            try:
                self._start()
            except Exception:
                if not left:
                    raise
                for process in {*ray_processes(self._head["temp_dir"])} - {os.getpid()}:
                    os.kill(process, signal.SIGKILL)
            else:
                return

    def _start(self) -> None:
        from ray.cluster_utils import Cluster

        self._all = Cluster()
        for more in (self._head, {}, {}):
            self._all.add_node(
                num_cpus=1, node_ip_address=HOST, object_store_memory=80 * 2**20, **more
            )

    def kill_a_node(self) -> None:
        self._all.remove_node(next(iter(self._all.worker_nodes)), allow_graceful=False)

    def restart_head(self) -> None:
        """The head dies with all that it knew, and the nodes with it; new ones come up."""
        for node in [*self._all.worker_nodes, self._all.head_node]:
            self._all.remove_node(node, allow_graceful=False)
        self.start()

    def stop(self) -> None:
        self._all.shutdown()


def main() -> None:
    gcs, api, agent, folder = sys.argv[1:]
    nodes = Nodes(int(gcs), int(api), int(agent), folder)
    nodes.start()
    print("done: up", flush=True)
    does = dict(zip(WORDS, (nodes.kill_a_node, nodes.restart_head), strict=True))
    for line in sys.stdin:
        does[line.strip()]()
        print(f"done: {line.strip()}", flush=True)
    nodes.stop()


if __name__ == "__main__":
    main()
