"""The outbox: in order, once, through restarts and silence."""

import time

import pytest

from sharing.agent import report, run
from sharing.agent.errors import AgentError, HubUnreachable
from sharing.agent.home import Home
from sharing.agent.state import Progress, State
from sharing.agent.words import KO
from tests.sharing.agent import bundles


class Deaf:
    """A way to the hub that takes everything and answers nothing."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.came: list[int] = []

    def ask(self, _method, _path, body):
        fresh = [r["seq"] for r in body["reports"]][: self.most]
        self.came += fresh
        if len(fresh) < len(body["reports"]):
            raise HubUnreachable(url="http://hub")
        return {"accepted_up_to": fresh[-1]}


def test_order_is_kept_through_restart_and_silence(tmp_path):
    path = tmp_path / "state.sqlite"
    for first in (1, 4):
        with State(path) as state:
            for number in range(first, first + 3):
                state.put({"delivery": number, "kind": "delivery", "state": "probing"})
            with pytest.raises(HubUnreachable):
                report.send(Deaf(most=2), state)
            assert state.waiting() == first + 2
    with State(path) as state:
        hub = Deaf(most=100)
        assert report.send(hub, state) == 6
        assert hub.came == [1, 2, 3, 4, 5, 6]
        assert state.waiting() == 0
        assert report.send(hub, state) == 0


def test_numbers_go_on_after_old_reports_were_dropped(tmp_path):
    with State(tmp_path / "state.sqlite") as state:
        for _ in range(1200):
            state.put({"kind": "health"})
        state.sent(1200)
        state.put({"kind": "health"})
        assert [r["seq"] for r in state.unsent(10)] == [1201]


def test_a_step_and_its_report_are_one(tmp_path):
    with State(tmp_path / "state.sqlite") as state:
        with pytest.raises(TypeError):
            state.move(Progress(1, "m", "1.0.0", "probing"), {"figures": object()})
        assert state.progress() == {}
        assert state.waiting() == 0


def test_what_happened_offline_is_told_later(far, site):
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=1)
    taken, far.take = far.take, lambda _: (_ for _ in ()).throw(ConnectionResetError)
    with pytest.raises(AgentError):
        site.once()
    assert site.version() == "1.0.0"
    assert far.reports == []
    far.take = taken
    site.once()
    assert [state for _, state in far.states()][-1] == "committed"
    assert [r["seq"] for r in far.reports] == sorted({r["seq"] for r in far.reports})


def test_health_is_told_when_it_changes(far, site):
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=1)
    site.once()
    site.once()
    told = [r["figures"] for r in far.reports if r["kind"] == "health"]
    assert len(told) == 1
    assert told[0]["health"] == "ok"


def every_error(kind=AgentError):
    yield kind
    for child in kind.__subclasses__():
        yield from every_error(child)


def test_every_sentence_has_its_korean():
    import re

    missing = [kind.text for kind in every_error() if kind.text not in KO]
    assert missing == []
    gap = re.compile(r"%\((\w+)\)s")
    for english, korean in KO.items():
        assert sorted(gap.findall(english)) == sorted(gap.findall(korean)), english


def test_the_key_is_readable_by_its_owner_alone(site):
    import os

    if os.name == "posix":
        assert site.home.key.stat().st_mode & 0o077 == 0
    assert b"PRIVATE" in site.home.key.read_bytes()


def test_one_update_at_a_time(site):
    from sharing.agent.errors import AgentBusy

    with site.home.lock(), pytest.raises(AgentBusy), Home(site.home.folder).lock():
        pass


def test_steps_that_follow_each_other_at_once_are_told_together(far, site):
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=1)
    before = far.posts
    site.once()
    assert [state for _, state in far.states()] == [
        "downloading", "verifying", "probing", "active", "committed",
    ]  # fmt: skip
    assert far.posts - before < 5


def lists_read(far) -> int:
    return len([path for path, _ in far.asked if path.endswith("timestamp.json")])


def test_lists_are_not_read_again_while_the_hub_says_they_are_the_same(far, site, monkeypatch):
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=1)
    far.lists = "a"
    site.once()  # takes the version
    site.once()  # finds nothing to do, and remembers that
    read = lists_read(far)
    site.once()
    assert lists_read(far) == read
    far.assign(far.publish("tiny", "1.1.0", bundles.bundle("1.1.0", weight=2.0)), delivery=2)
    site.once()
    assert site.version() == "1.0.0", "it takes the hub's word"
    far.lists = "b"
    site.once()
    assert site.version() == "1.1.0"


def test_the_hubs_word_is_not_believed_for_long(far, site, monkeypatch):
    far.lists = "a"
    site.once()
    read, at = lists_read(far), time.time()
    for later, reads in ((3_500, 0), (3_700, 2), (3_800, 0), (0, 2)):  # two repositories
        monkeypatch.setattr(run, "time", lambda later=later: at + later)
        site.once()
        assert lists_read(far) - read == reads, later
        read = lists_read(far)
