"""`python -m tests.faults --points 200`: kills, a bad line and old backups, counted.

Ends with 1 where a delivery was lost, activated twice or stuck, or the hub believed what is not
so.
"""

import argparse
import contextlib
import json
import signal
import tempfile
import time
from pathlib import Path

from tests.faults.processes import left_behind
from tests.faults.story import Counted, Story


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.faults")
    asked.add_argument("--points", type=int, default=200)
    asked.add_argument("--each", type=int, default=10, help="points in one rollout")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--sites", type=int, default=12)
    asked.add_argument("--bad", type=float, default=0.25, help="share of calls that go wrong")
    asked.add_argument("--patience", type=float, default=240, help="seconds for all to end")
    asked.add_argument("--keep", type=Path, help="folder that stays, for looking into")
    told = asked.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        place = told.keep or Path(folder)
        story = Story(place, told.seed, told.sites, told.bad, told.patience)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):  # what was counted so far is told
            story.play(told.points, told.each)
    counted = story.counted
    print(json.dumps(shown(story, counted), indent=1, ensure_ascii=False))
    left = left_behind(story.settings.data)
    print(f"{time.monotonic() - began:.0f} s, seed {told.seed}; processes left: {len(left)}")
    return 1 if counted.faults() or left or story.fleet.broken else 0


def shown(story: Story, counted: Counted) -> dict[str, object]:
    """The counts, as they are printed."""
    return {
        "points": dict(counted.points),
        "rollouts": counted.rollouts,
        "deliveries": dict(counted.ended),
        "failed because": dict(counted.failed),
        "backups put back": counted.restored,
        "process starts": story.processes.starts,
        "line": dict(story.line.counts),
        "looks of agents": dict(story.fleet.looks),
        "longest rollout, s": round(counted.slowest),
        "LOST": counted.lost,
        "TWICE": counted.twice,
        "STUCK": counted.stuck,
        "WRONG": counted.wrong,
        "DIED BY ITSELF": dict(counted.died),
        "AGENTS BROKE": story.fleet.broken[:20],
    }


if __name__ == "__main__":
    raise SystemExit(main())
