"""Time slots: when they open, in any zone, over changes of the clock; an agent that obeys."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing.agent.enrol import Caller
from sharing.agent.fetch import Fetcher, Transport
from sharing.agent.slot import Slot
from sharing.agent.state import State
from sharing.agent.update import Update
from tests.sharing.agent import bundles

NIGHT = {"from": "22:00", "to": "05:00", "zone": "Asia/Seoul"}
SEOUL = ZoneInfo("Asia/Seoul")

slots = st.builds(
    Slot,
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from(["Asia/Seoul", "Europe/Berlin", "America/New_York", "UTC"]),
    st.lists(st.integers(0, 6), min_size=1, unique=True).map(lambda days: tuple(sorted(days))),
    st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
moments = st.integers(0, 364 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(slots, moments)
def test_what_opens_is_open_then_and_not_before(slot, at):
    opens = slot.opens(at)
    assert opens >= at
    assert slot.is_open(opens)
    assert slot.is_open(at) == (opens == at)
    if opens > at:
        assert not slot.is_open(opens - timedelta(seconds=1))
        assert slot.opens(at + (opens - at) / 2) == opens  # asked again on the way: the same


@given(slots, moments)
def test_open_is_as_the_clock_on_the_plants_wall_says(slot, at):
    if not slot.is_open(at):
        return
    there = at.astimezone(ZoneInfo(slot.zone))
    if slot.not_before:
        assert there.date() >= slot.not_before
    inside = there.replace(tzinfo=None).time()
    if slot.begin < slot.end and there.utcoffset() == (there - timedelta(days=1)).utcoffset():
        assert slot.begin <= inside < slot.end
        assert there.weekday() in slot.weekdays


@given(slots)
def test_what_is_written_reads_the_same(slot):
    assert Slot.read(slot.written()) == slot


@pytest.mark.parametrize(
    "told",
    [
        None,
        "22:00",
        {},
        NIGHT | {"from": "22"},
        NIGHT | {"to": "24:00"},
        NIGHT | {"zone": "../etc/passwd\n"},
        NIGHT | {"weekdays": []},
        NIGHT | {"weekdays": [7]},
        NIGHT | {"weekdays": "0"},
        NIGHT | {"not_before": "tomorrow"},
        NIGHT | {"not_before": "0001-01-01"},
        NIGHT | {"not_before": "9999-12-31"},
    ],
)
def test_nonsense_is_no_slot(told):
    with pytest.raises(ValueError):  # noqa: PT011 - any
        Slot.read(told)


def test_friday_night_reaches_into_saturday():
    weekdays = Slot(time(22), time(5), "Asia/Seoul", (0, 1, 2, 3, 4))
    saturday_at_three = datetime(2026, 12, 5, 3, tzinfo=SEOUL)
    assert weekdays.is_open(saturday_at_three)
    sunday_at_three = saturday_at_three + timedelta(days=1)
    assert weekdays.opens(sunday_at_three) == datetime(2026, 12, 7, 22, tzinfo=SEOUL)


# --- an agent that obeys --------------------------------------------------------------------------


class Clocked:
    """Looks at the hub at the moments that a test says."""

    def __init__(self, far, site):
        self.home = site.home
        self.far = far

    def at(self, moment: datetime) -> bool:
        transport = Transport(self.far.url)
        with State(self.home.state) as state:
            caller = Caller(self.home, transport)
            fetcher = Fetcher(transport, self.home.parts, caller.signature)
            try:
                return Update(self.home, state, fetcher, clock=lambda: moment).run()
            finally:
                transport.close()

    def told(self) -> list[tuple[str, dict]]:
        with State(self.home.state) as state:
            return [(one["state"], one["figures"]) for one in reversed(state.last_reports(50))]


@pytest.mark.parts
def test_it_prepares_by_day_and_switches_at_night(far, site):
    agent = Clocked(far, site)
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), 11, slot=NIGHT)
    noon = datetime(2026, 12, 1, 12, tzinfo=SEOUL)
    assert agent.at(noon)
    assert site.version() is None  # fetched, checked, tried; not switched
    told = agent.told()
    assert [state for state, _ in told] == ["downloading", "verifying", "probing", "shadow"]
    assert told[-1][1]["opens"] == datetime(2026, 12, 1, 13, tzinfo=UTC).isoformat()
    # asked again and again, also after a restart: nothing more is done or told
    for hour in range(1, 10):
        assert not agent.at(noon + timedelta(hours=hour))
    assert agent.told() == told
    assert agent.at(datetime(2026, 12, 1, 22, tzinfo=SEOUL))
    assert site.version() == "1.0.0"
    assert [state for state, _ in agent.told()][4:] == ["active", "committed"]


@pytest.mark.parts
def test_what_its_publisher_took_back_meanwhile_is_not_switched_to(far, site):
    """The hub goes on assigning it; the list of what is published does not name it any more."""
    agent = Clocked(far, site)
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), 11, slot=NIGHT)
    agent.at(datetime(2026, 12, 1, 12, tzinfo=SEOUL))
    far.signing.list_files(list)
    assert agent.at(datetime(2026, 12, 1, 22, tzinfo=SEOUL))
    assert site.version() is None
    state, figures = agent.told()[-1]
    assert (state, figures["code"]) == ("failed", "SourcesDisagree")


@pytest.mark.parts
def test_what_was_changed_on_the_disk_meanwhile_is_fetched_again(far, site):
    agent = Clocked(far, site)
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), 11, slot=NIGHT)
    agent.at(datetime(2026, 12, 1, 12, tzinfo=SEOUL))
    card = site.home.bundle("tiny", "1.0.0") / "card.json"
    sound = card.read_bytes()
    card.write_bytes(sound.replace(b"1.0.0", b"6.6.6"))
    night = datetime(2026, 12, 1, 22, tzinfo=SEOUL)
    agent.at(night)
    assert site.version() is None
    agent.at(night)
    assert site.version() == "1.0.0"
    assert card.read_bytes() == sound


@pytest.mark.parts
def test_a_slot_that_the_owner_takes_away_holds_nothing_back(far, site):
    agent = Clocked(far, site)
    targets = far.publish("tiny", "1.0.0", bundles.bundle())
    far.assign(targets, 11, slot=NIGHT)
    noon = datetime(2026, 12, 1, 12, tzinfo=SEOUL)
    agent.at(noon)
    far.assign(targets, 11)
    assert agent.at(noon)
    assert site.version() == "1.0.0"


@pytest.mark.parts
def test_a_way_back_does_not_wait(far, site):
    agent = Clocked(far, site)
    first = far.publish("tiny", "1.0.0", bundles.bundle())
    noon = datetime(2026, 12, 1, 12, tzinfo=SEOUL)
    far.assign(first, 11)
    agent.at(noon)
    far.assign(far.publish("tiny", "1.0.1", bundles.bundle(version="1.0.1")), 12)
    agent.at(noon)
    assert site.version() == "1.0.1"
    far.assign(first, 13, "rollback", slot=NIGHT)
    agent.at(noon)
    assert site.version() == "1.0.0"
