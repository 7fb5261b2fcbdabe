"""A worker that is killed leaves a Ray behind; the next one clears it away."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hub.distributed import leftovers
from tests.faults.processes import ray_processes

STARTS_RAY = """
import sys
from pathlib import Path
from hub.distributed import cluster
from hub.settings import Settings
from hub.wiring import wire
cluster.start_ray(wire(Settings(data=Path(sys.argv[1]))))
print(cluster._here.folder, flush=True)
sys.stdin.read()
"""


def test_a_folder_in_use_stays_and_one_that_nobody_holds_goes(monkeypatch, tmp_path):
    monkeypatch.setattr(leftovers, "_where", lambda: str(tmp_path))
    folder, lock = leftovers.new_folder()
    (tmp_path / "hub-ray-of-somebody-else").mkdir()
    assert leftovers.clear() == 0
    assert folder.is_dir()
    lock.close()
    assert leftovers.clear() == 1
    assert [path.name for path in tmp_path.iterdir()] == ["hub-ray-of-somebody-else"]


@pytest.mark.parts
def test_what_a_killed_worker_left_is_cleared_away(hub):
    worker = subprocess.Popen(
        [sys.executable, "-c", STARTS_RAY, str(hub.settings.data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        text=True,
    )
    with worker:
        folder = Path(worker.stdout.readline().strip())
        assert folder.is_dir()
        assert ray_processes(folder.name)
        worker.kill()
    assert folder.is_dir()
    assert leftovers.clear() >= 1
    assert not folder.exists()
    until = time.monotonic() + 60
    while ray_processes(folder.name):
        assert time.monotonic() < until
        time.sleep(0.1)
