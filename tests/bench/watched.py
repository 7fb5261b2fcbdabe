"""Measures a CSV through the watched folder against pandas and ONNX Runtime alone.

    .venv/bin/python -m tests.bench.watched [ROWS]

100,000 shots of an injection moulding machine unless told otherwise, and the model that the sample
brings. Bare: `read_csv`, one run of ONNX Runtime on one thread, `to_csv`; no checks, no remarks.
Watched: the two looks that a file needs, every value checked, to the file in its place and flushed
to the disk. Both in this process, in turns, five times each; the figure is the median. Memory is
that of a process of its own, which does nothing else, at most, for the rows and for ten times as
many.
"""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from sharing.agent.bundle import session_of
from sharing.agent.home import Home, Running
from sharing.agent.state import State
from sharing.agent.watch import Watch

SAMPLE = Path(__file__).parents[2] / "infra" / "sample" / "model"
SLUG, TURNS = "injection-quality", 5


def home_in(folder: Path) -> Home:
    """An agent's home in which the sample's model runs."""
    home = Home(folder / "home")
    place = home.bundle(SLUG, "1.0.0")
    place.mkdir(parents=True, exist_ok=True)
    for file in SAMPLE.iterdir():
        (place / file.name).write_bytes(file.read_bytes())
    home.activate(Running(SLUG, "1.0.0", 1, "2026-11-24T00:00:00+00:00"))
    return home


def shots(rows: int) -> bytes:
    """A file of so many shots."""
    from labs.plants import injection_moulding

    text: str = injection_moulding(seed=1, shots=min(rows, 100_000)).to_csv(index=False)
    header, *lines = text.splitlines()
    lines *= -(-rows // len(lines))
    return "\n".join([header, *lines[:rows], ""]).encode()


def watched(watch: Watch, content: bytes) -> float:
    """Seconds for one file, from the first look on."""
    (watch.folder / "shots.csv").write_bytes(content)
    begun = time.perf_counter()
    watch.look(0.0)
    (result,) = watch.look(5.0)
    took = time.perf_counter() - begun
    assert result["state"] == "done", result
    return took


def bare(folder: Path, content: bytes) -> float:
    """The same with pandas and ONNX Runtime alone."""
    import json

    import numpy as np
    import pandas as pd

    names = [
        column["name"]
        for column in json.loads((SAMPLE / "card.json").read_text("utf-8"))["schema"]["inputs"]
    ]
    session = session_of((SAMPLE / "model.onnx").read_bytes())
    (folder / "bare.csv").write_bytes(content)
    begun = time.perf_counter()
    table = pd.read_csv(folder / "bare.csv")
    (answer,) = session.run(["probability"], {"x": table[names].to_numpy(np.float32)})
    table["probability_defect"] = answer[:, -1]
    table.to_csv(folder / "bare_out.csv", index=False)
    return time.perf_counter() - begun


def memory(folder: Path) -> None:
    """Take one file that lies there already, and say how much memory it took at most."""
    home = Home(folder / "home")
    with State(home.state) as state:
        watch = Watch(home, state, folder / "watched", "ko")
        watch.look(0.0)
        before = most_memory()
        (result,) = watch.look(5.0)
    print(f"{result['rows']:,} rows: {before} MB before, {most_memory()} MB at most")


def most_memory() -> int:
    """MB that this process held at most; the usual call tells that of its parent, too."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) // 1024


def main(rows: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        home = home_in(folder)
        content = shots(rows)
        print(f"{rows:,} rows, {len(content) / 1e6:.1f} MB")
        with State(home.state) as state:
            watch = Watch(home, state, folder / "watched", "ko")
            watch.look(0.0)
            pairs = [(watched(watch, content), bare(folder, content)) for _ in range(TURNS)]
        ours, theirs = (median(each) for each in zip(*pairs, strict=True))
        print(f"watched {ours:.2f} s, bare {theirs:.2f} s, {ours / theirs:.2f} times")
        for many in (rows, 10 * rows):
            (folder / "watched" / "memory.csv").write_bytes(shots(many))
            subprocess.run([sys.executable, "-m", __spec__.name, "memory", str(folder)], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["memory"]:
        memory(Path(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 100_000)
