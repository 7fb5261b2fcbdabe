"""`hub demo --json` as a program would call it: one JSON object, every step done, nothing left."""

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.parts
def test_the_main_job_from_an_empty_folder(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hub", "demo", "--json"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        check=False,
    )
    told = json.loads(done.stdout)
    assert told["ok"], (told.get("reason"), done.stderr[-2000:])
    assert done.returncode == 0
    steps = {step["name"]: step["figures"] for step in told["steps"]}
    assert steps["sample chain"]["firms_by_tier"] == {"1": 24, "2": 90, "3": 240}
    assert len(steps["upload a sheet"]["bad_rows"]) == 5
    assert steps["deliver and activate"]["state"] in ("active", "committed")
    assert steps["predict at the agent"]["largest_difference"] <= 1e-5
    assert steps["run the lab"]["points"] == steps["run the lab"]["max_points"]
    assert steps["run the lab"]["blank_points"] < steps["run the lab"]["points"] / 2
    assert steps["verify the certificate"]["state"] == "valid"
    assert list(tmp_path.iterdir()) == []
