import os
import socket
import sys
import threading
import time

import pytest

from hub.cli.up import say_logins
from hub.data_folder import LOCK, alone_in, usable
from hub.errors import (
    DatabaseUnreachable,
    DataFolderUnusable,
    HubRunning,
    NotReady,
    PortTaken,
    PortUnusable,
    SettingInvalid,
)
from hub.migrations import upgrade
from hub.processes import Child, Processes, refuse_taken_ports
from hub.settings import Settings

pytestmark = pytest.mark.parts  # real processes

FOREVER = "import time\nwhile True: time.sleep(0.05)"


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def waits(true, seconds: float = 120) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        threading.Event().wait(0.02)
    return False


def test_a_taken_port_is_named_with_the_setting_that_changes_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken) as caught:
            refuse_taken_ports("127.0.0.1", {"HUB_LABS_PORT": port})
    assert str(port) in str(caught.value)
    assert "HUB_LABS_PORT" in str(caught.value)


def test_stop_ends_children_and_grandchildren_and_nothing_else(tmp_path) -> None:
    note = tmp_path / "grandchild"
    parent = (
        "import subprocess,sys,time,pathlib\n"
        f"p=subprocess.Popen([sys.executable,'-c',{FOREVER!r}])\n"
        f"half=pathlib.Path({str(note.with_suffix('.half'))!r})\n"
        "half.write_text(str(p.pid))\n"
        f"half.rename({str(note)!r})\n"
        "while True: time.sleep(0.05)"
    )
    bystander = Processes([Child("other", [sys.executable, "-c", FOREVER], lambda: True)], tmp_path)
    ours = Processes([Child("ours", [sys.executable, "-c", parent], note.exists)], tmp_path)
    bystander.start()
    ours.start()
    ours.wait_ready("ours")
    grandchild = int(note.read_text())
    ours.stop()
    assert waits(lambda: not alive(grandchild))
    assert bystander.children[0].process.poll() is None
    bystander.stop()


def test_what_ends_by_itself_is_started_again(tmp_path) -> None:
    child = Child("short", [sys.executable, "-c", "pass"], lambda: True)
    processes = Processes([child], tmp_path)
    processes.start()
    keeping = threading.Thread(target=processes.keep)
    keeping.start()
    assert waits(lambda: child.starts >= 2)
    processes.ask_to_stop()
    keeping.join(120)
    processes.stop()


def test_a_part_that_does_not_come_up_is_named_with_its_log(tmp_path) -> None:
    child = Child("broken", [sys.executable, "-c", "raise SystemExit(3)"], lambda: False)
    processes = Processes([child], tmp_path)
    processes.start()
    with pytest.raises(NotReady, match=r"broken\.log"):
        processes.wait_ready("broken")
    processes.stop()


def test_two_settings_with_one_port_are_named() -> None:
    with pytest.raises(SettingInvalid, match=r"HUB_PORT and HUB_LABS_PORT are both 8801"):
        refuse_taken_ports("127.0.0.1", {"HUB_PORT": 8801, "HUB_LABS_PORT": 8801})


def test_an_address_of_another_machine_is_not_called_taken() -> None:
    with pytest.raises(PortUnusable, match=r"HUB_HOST or HUB_PORT"):
        refuse_taken_ports("192.0.2.77", {"HUB_PORT": 8801})


def test_a_data_folder_belongs_to_one_hub_at_a_time(tmp_path) -> None:
    with (
        alone_in(tmp_path, "http://127.0.0.1:8800"),
        pytest.raises(HubRunning, match=r"http://127\.0\.0\.1:8800"),
        alone_in(tmp_path, "http://127.0.0.1:8801"),
    ):
        pytest.fail("two hubs have one data folder")
    with alone_in(tmp_path, "http://127.0.0.1:8801"):
        assert (tmp_path / LOCK).read_text(encoding="utf-8") == "http://127.0.0.1:8801"


def test_a_data_folder_that_cannot_be_written_is_named_with_what_to_do(tmp_path) -> None:
    file = tmp_path / "var"
    file.write_text("not a folder", encoding="utf-8")
    with pytest.raises(DataFolderUnusable, match=r"HUB_DATA"):
        usable(file)


def test_a_new_data_folder_is_closed_to_other_accounts(tmp_path) -> None:
    assert usable(tmp_path / "new" / "var").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"this is no database " * 100])
def test_a_database_that_cannot_be_used_is_named_without_its_password(tmp_path, content) -> None:
    address = "postgresql+psycopg://hub:secret@127.0.0.1:1/hub"
    if content:
        (tmp_path / "hub.sqlite").write_bytes(content)
        address = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    with pytest.raises(DatabaseUnreachable) as caught:
        upgrade(address)
    assert "127.0.0.1:1/hub" in str(caught.value) or "hub.sqlite" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("how", "warns"),
    [({}, False), ({"host": "0.0.0.0"}, True), ({"public_url": "https://hub.example"}, True)],
)
def test_logins_that_everybody_knows_come_with_a_warning(capsys, how, warns) -> None:
    say_logins(Settings(**how))
    told = capsys.readouterr().out
    assert "admin@hub.example" in told
    assert ("Warning" in told) is warns
