"""The short run: a rollout in which everything is killed once or twice, and one old backup.

The long one: `python -m tests.faults --points 200`.
"""

import tempfile
from pathlib import Path

import pytest

from tests.faults.processes import left_behind
from tests.faults.story import Story


@pytest.mark.parts
def test_nothing_is_lost_twice_or_stuck_whatever_is_killed():
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        story = Story(Path(folder), seed=7, sites=4, share=0.25, patience=240)
        story.play(6, 3, old_at={2})
    counted = story.counted
    assert (counted.lost, counted.twice, counted.stuck, counted.wrong) == ([], [], [], [])
    assert (dict(counted.died), story.fleet.broken) == ({}, [])
    assert counted.points.total() == 6
    assert counted.restored == 1
    assert counted.ended["committed"] == 8
    assert not left_behind(story.settings.data)
