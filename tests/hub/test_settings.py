from pathlib import Path

import pytest

from hub.errors import SettingInvalid
from hub.settings import Settings


def test_environment_is_read_by_name_and_type() -> None:
    settings = Settings.from_environment({"HUB_PORT": "9000", "HUB_DATA": "/tmp/x", "PATH": "/bin"})
    assert (settings.port, settings.data) == (9000, Path("/tmp/x"))
    assert settings.url == "http://127.0.0.1:9000"


def test_every_unusable_setting_is_named_at_once() -> None:
    with pytest.raises(SettingInvalid) as caught:
        Settings.from_environment(
            {"HUB_PORT": "many", "HUB_LOCALE": "fr", "HUB_TIME_ZONE": "Mars/X"}
        )
    assert all(name in str(caught.value) for name in ("HUB_PORT", "HUB_LOCALE", "HUB_TIME_ZONE"))


def test_empty_variables_mean_the_default() -> None:
    assert Settings.from_environment({"HUB_PORT": ""}).port == 8800


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("", "sqlite:///"),
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
    ],
)
def test_database_address(given: str, meant: str) -> None:
    assert Settings(database_url=given).database.startswith(meant)


def test_cookies_are_bound_to_https_where_the_address_says_so() -> None:
    assert Settings(public_url="https://hub.example/").https
    assert not Settings().https
