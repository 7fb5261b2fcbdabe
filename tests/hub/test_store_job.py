"""What the database names stays, and what it does not goes once it is old."""

from datetime import timedelta

from click.testing import CliRunner

from hub import store_job
from hub.cli.store import check
from supplychain.tables import now
from tests.sharing.chain import chain
from tests.stores import damage


def test_named_files_stay_and_others_go(hub, monkeypatch):
    chain(hub)
    other = hub.store.put(b"nobody names this").sha256
    with hub.db.reading() as session:
        wanted = store_job.named(session)
    assert wanted
    assert store_job.sweep(hub) == (0, 0)
    later = now() + timedelta(days=2)
    monkeypatch.setattr(store_job, "now", lambda: later)
    assert store_job.sweep(hub) == (1, 1)
    assert not hub.store.holds(other)
    assert list(store_job.unsound(hub)) == []


def test_a_damaged_file_is_named(hub, monkeypatch):
    chain(hub)
    with hub.db.reading() as session:
        one = min(store_job.named(session))
    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))
    assert CliRunner().invoke(check).output == "Every file is sound.\n"
    damage(hub.store, one)
    found = CliRunner().invoke(check, ["--json"])
    assert (found.exit_code, one in found.output) == (1, True)
