"""A PC that joins, and a line that goes dead in the middle of it."""

import pytest

from sharing.agent import enrol
from sharing.agent.errors import HubUnreachable
from sharing.agent.home import Home
from tests.fakes.agent_hub import CODE


def test_a_lost_answer_is_asked_for_again_with_the_same_key(far, tmp_path):
    home = Home(tmp_path / "new")
    far.loses_answers = True
    with pytest.raises(HubUnreachable):
        enrol.enrol(home, far.url, CODE)
    assert home.pending_key.stat().st_mode & 0o077 == 0
    far.loses_answers = False
    enrol.enrol(home, far.url, CODE)
    assert len(far.keys) >= 2
    assert len(set(far.keys)) == 1
    assert not home.pending_key.exists()
    enrol.enrol(home, far.url, CODE, again=True)
    assert len(set(far.keys)) == 2, "a new enrolment has a new key"
