"""What /healthz tells, and to whom; where the hub's files are."""

from pathlib import Path

import pytest

from hub.settings import Settings
from hub.wiring import wire


def test_strangers_learn_what_is_up_and_no_more(client, sign_in) -> None:
    told = client.get("/healthz").json
    assert {part["name"] for part in told["parts"]} == {
        "database", "store", "worker", "mail", "keys", "ray", "jupyterhub",
    }  # fmt: skip
    assert all(set(part) == {"name", "up"} for part in told["parts"])
    told = sign_in(("administrator", None)).get("/healthz").json
    assert {part["name"]: part["detail"] for part in told["parts"]}["database"] == "sqlite"


def test_a_data_folder_named_from_here_is_the_same_everywhere(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    hub = wire(Settings(data=Path("var")))
    try:
        assert (tmp_path / "var" / "store" / "scratch").is_dir()
        assert hub.signing.folder == tmp_path / "var" / "tuf"
    finally:
        hub.close()


@pytest.mark.parametrize(
    ("hub_at", "labs_at", "apart"),
    [
        ("", "", True),
        ("https://hub.example", "https://hub.example:8801", False),
        ("https://hub.example", "https://labs.example", True),
    ],
)
def test_whether_notebooks_are_sent_the_hubs_cookies(hub_at, labs_at, apart) -> None:
    assert Settings(public_url=hub_at, labs_public_url=labs_at).labs_apart is apart
