"""The power goes on the watched folder's way, line by line: the original, or the whole result."""

import os
import signal
import subprocess
import sys
import time

import pytest

from sharing.agent.home import Home
from sharing.agent.state import State
from tests.sharing.agent import bundles
from tests.sharing.agent.test_watch import Plant, install

pytestmark = [
    pytest.mark.parts,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="ends a process at a line by forking"),
]

STEP = 3  # lines between one try and the next; 1 tries each, and takes three times as long
ROWS = "a,b\n" + "".join(f"{at % 100},{at % 7}\n" for at in range(5_100))
# Ends itself, as kill -9 does, at the n-th line that it executes in the modules named.
SCRIPT = """
import os, signal, sys
from pathlib import Path
from sharing.agent import watch
from sharing.agent.home import Home
from sharing.agent.state import State

folder, number = Path(sys.argv[1]), int(sys.argv[2])
names = ("watch.py", "state.py", "watch_files.py", "home.py")

def each_line(frame, event, _):
    global number
    if os.path.basename(frame.f_code.co_filename) not in names:
        return None
    if event == "line":
        number -= 1
        if number == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return each_line

home = Home(folder / "home")
with State(home.state) as state:
    looked = watch.Watch(home, state, folder / "watched", "ko")
    looked.look(0.0)
    sys.settrace(each_line)
    found = looked.look(5.0)
    sys.settrace(None)
print(len(found), number)
"""
# One process that has loaded everything; a child for each try.
PARENT = f"""
import os, sys
import sharing.agent.watch
for line in sys.stdin:
    child = os.fork()
    if not child:
        sys.argv = ["killed", *line.rstrip("\\n").split("\\t")]
        try:
            exec({SCRIPT!r}, {{"__name__": "killed"}})
        finally:
            sys.stdout.flush()
            os._exit(0)
    _, status = os.waitpid(child, 0)
    print("ended", status, flush=True)
"""


@pytest.fixture
def killed():
    """Runs a look that ends at a line: (folder, number) → what it said, and its exit status."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def once(folder, number):
        parent.stdin.write(f"{folder}\t{number}\n")
        parent.stdin.flush()
        said = []
        while not (line := parent.stdout.readline()).startswith("ended"):
            assert line, "the parent ended"
            said.append(line.split())
        return said, int(line.split()[1])

    yield once
    parent.stdin.close()
    assert parent.wait(timeout=60) == 0
    parent.stdout.close()


@pytest.mark.parametrize("content", [ROWS, "a\n1\n"], ids=["predicted", "broken"])
def test_ended_by_force_line_by_line(tmp_path, killed, content):
    whole = expected(tmp_path / "whole", content)
    folder = tmp_path / "cut"
    folder.mkdir()
    install(Home(folder / "home"))
    (folder / "watched").mkdir()
    number = kills = 0
    while True:
        number += STEP
        (folder / "watched" / "a.csv").write_text(content, encoding="utf-8", newline="")
        said, status = killed(folder, number)
        if status == 0:
            assert said[0][0] == "1"
            break
        kills += 1
        left = files_of(folder / "watched")
        # The original is there, or the whole result is; never a half under a final name.
        assert left.get("a.csv") == content.encode() or left.items() >= whole.items()
        for name, written in left.items():
            if name in whole and not name.endswith(".part"):
                assert written == whole[name], (number, name)
        after(folder, whole)
    assert kills > 60


def expected(folder, content):
    folder.mkdir()
    plant = Plant(folder)
    with plant.state:
        install(plant.home)
        plant.put("a.csv", content)
        assert len(plant.looks()) == 1
    return files_of(plant.folder)


def after(folder, whole):
    """The agent comes back: all is as if nothing had been, and is counted once."""
    plant = Plant(folder)
    with plant.state:
        plant.looks(3)
        assert files_of(plant.folder) == whole
        assert plant.state.file_jobs() == {}
        (result,) = plant.state.file_results(10)
        rows = result.get("rows", 0)
        assert plant.state.tally("tiny", "1.0.0").predicted == rows
        plant.state._db.execute("DELETE FROM file_result")
        plant.state._db.execute("DELETE FROM tally")
    for name in whole:
        (plant.folder / name).unlink()


def files_of(folder):
    return {
        each.relative_to(folder).as_posix(): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file()
    }


@pytest.fixture
def started():
    """Starts `hub-agent watch FOLDER`, or `run` where no folder is given: (home, folder)."""
    running = []

    def start(home, folder):
        asked = ["watch", str(folder)] if folder else ["run", "--port", "0"]
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "sharing.agent", *asked, "--lang", "ko"],
            env={**os.environ, "HUB_AGENT_HOME": str(home.folder), "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_a_real_agent_is_ended_midway_and_goes_on(site, started, tmp_path):
    """`hub-agent watch`, killed while it writes, and started again; Ctrl-C ends it well."""
    install(site.home)
    folder = tmp_path / "공장"
    folder.mkdir()
    (folder / "a.csv").write_text("a,b\n" + "1,0.5\n" * 400_000, encoding="utf-8")
    first = started(site.home, folder)
    until((folder / "out" / "a.csv.part").exists)
    first.kill()
    first.communicate()
    assert (folder / "a.csv").exists()
    assert not (folder / "out" / "a.csv").exists()
    second = started(site.home, folder)
    until((folder / "done" / "a.csv").exists)
    assert not (folder / "a.csv").exists()
    with (folder / "out" / "a.csv").open(encoding="utf-8-sig") as lines:
        assert sum(1 for _ in lines) == 400_001
    assert not (folder / "out" / "a.csv.part").exists()
    line = second.stdout.readline(), second.stdout.readline()
    assert str(folder) in line[0]
    assert line[1] == "a.csv: 전체 400000행, 예측하지 못한 행 0건\n"
    second.send_signal(signal.SIGINT)
    _, trouble = second.communicate(timeout=60)
    assert (second.returncode, trouble) == (0, "")


def test_two_processes_take_each_file_once(site, started, tmp_path):
    install(site.home)
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(100):
        (folder / f"{number}.csv").write_text("a,b\n1,0.5\n", encoding="utf-8")
    both = [started(site.home, folder) for _ in range(2)]
    with State(site.home.state) as state:
        until(lambda: state.tally("tiny", "1.0.0").predicted >= 100)
        for process in both:
            process.send_signal(signal.SIGINT)
        for process in both:
            _, trouble = process.communicate(timeout=60)
            assert (process.returncode, trouble) == (0, "")
        assert state.tally("tiny", "1.0.0") == (100, 0, 0)
        assert len(state.file_results(500)) == 100
        assert len({one["file"] for one in state.file_results(500)}) == 100
    assert len(files_of(folder)) == 200


def test_the_agent_at_work_watches_its_own_folder(far, site, started):
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=1)
    working = started(site.home, None)
    folder = site.home.folder / "watched"
    until((folder / "out").exists)
    (folder / "a.csv").write_text("a,b\n1,0.5\n", encoding="utf-8")
    until((folder / "done" / "a.csv").exists)
    assert "0.7310" in (folder / "out" / "a.csv").read_text("utf-8-sig")
    working.send_signal(signal.SIGINT)
    out, trouble = working.communicate(timeout=60)
    assert (working.returncode, trouble) == (0, "")
    assert f"감시 폴더: {folder}." in out
    assert "a.csv: 전체 1행, 예측하지 못한 행 0건" in out
    assert "멈췄습니다" in out


def until(condition, seconds=120.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not come true in time"
        time.sleep(0.005)
