"""Nothing that the agent is made of reports to its own maker."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

MODEL = ROOT / "infra" / "sample" / "model" / "model.onnx"


@pytest.mark.parametrize("part", ["sharing.agent.bundle", "sharing.gate", "labs.submit"])
def test_onnx_runtime_keeps_no_identity_and_no_diary_of_this_pc(part, tmp_path) -> None:
    loads = f"import {part}, onnxruntime; onnxruntime.InferenceSession({str(MODEL)!r})"
    # Under these names it would be silent by itself, and the test would prove nothing.
    env = {
        n: v for n, v in os.environ.items() if n != "CI" and not n.startswith(("ORT_", "GITHUB"))
    }
    done = subprocess.run(
        [sys.executable, "-c", loads],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**env, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.rglob("*") if "Microsoft" in str(path)] == []
