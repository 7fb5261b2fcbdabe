"""The agent's program as a plant's PC gets it: from the hub's own page, by pip."""

import subprocess
import sys
import zipfile
from io import BytesIO

from hub.agent_program import file_name, wheel


def test_pip_installs_the_agent_from_the_hub(client, tmp_path) -> None:
    address = f"/agent/{file_name()}"
    answer = client.get(address)
    assert answer.status_code == 200
    assert client.get("/agent/other-1.0-py3-none-any.whl").status_code == 404
    package = tmp_path / address.rsplit("/", 1)[1]
    package.write_bytes(answer.data)
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*pip, "--target", str(tmp_path / "pc"), str(package)], check=True, timeout=300)
    where = "import sharing, supplychain; print(sharing.__file__, supplychain.__file__)"
    helps = "from sharing.agent.__main__ import main; main(['--help'])"
    ran = subprocess.run(
        [sys.executable, "-c", f"{where}; {helps}"],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(tmp_path / "pc"), "LANG": "C.UTF-8"},
        cwd=tmp_path,
        timeout=300,
    )
    assert ran.stdout.splitlines()[0].count(str(tmp_path)) == 2
    assert "enrol" in ran.stdout


def test_it_asks_for_what_the_agent_needs_and_no_more() -> None:
    with zipfile.ZipFile(BytesIO(wheel())) as archive:
        names = archive.namelist()
        about = archive.read(next(n for n in names if n.endswith("METADATA"))).decode()
    assert "Requires-Dist: onnxruntime" in about
    assert "flask" not in about
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {
        "sharing",
        "supplychain",
    }
