"""Keys from the command line: made and used without a hub, the rest with one."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from hub import keys as acts
from hub.cli import hub as command
from hub.settings import Settings
from hub.wiring import wire
from tests.sharing.chain import chain
from tests.sharing.signers import SLUG, publish, state

pytestmark = pytest.mark.parts  # a process of its own


@pytest.fixture
def run(data_folder):
    """(arguments) → what a command says; it ends well."""

    def ran(*arguments, code=0, input=None):  # noqa: A002 - click's word
        done = CliRunner().invoke(command, ["models", "keys", *map(str, arguments)], input=input)
        assert done.exit_code == code, done.output
        return done.output

    return ran


@pytest.fixture
def made(data_folder):
    hub = wire(Settings(data=data_folder))
    yield chain(hub)
    hub.close()


@pytest.fixture
def words(tmp_path):
    file = tmp_path / "words"
    file.write_text("correct horse\n", encoding="utf-8")
    return file


def test_the_whole_way(run, made, words, tmp_path):
    out, box = tmp_path / "keys", tmp_path / "box"
    said = run("make", out, "--count", 3, "--passphrase-file", words)
    assert said.count("register this one") == 3
    assert b"ENCRYPTED PRIVATE KEY" in (out / "key-1.pem").read_bytes()
    assert (out / "key-1.pem").stat().st_mode & 0o077 == 0
    public = [out / f"key-{n}.pub" for n in (1, 2, 3)]
    firm = ("--firm", made.lead)
    assert "once they have signed" in run("register", *public, *firm, "--threshold", 2)
    give(run, box, out, words, 1, 2)
    assert "own keys, 2" in run("list")
    publish(made.hub, made.lead, "1.1.0")
    (told,) = json.loads(run("pending", "--json"))
    assert (told["why"], told["missing"]) == ("release", 2)
    give(run, box, out, words, 3, 1, 2)  # one more than is needed
    assert state(made.hub, "1.1.0") == "published"
    run("replace", *public[:2], *firm, "--threshold", 1, "--reason", "key 3 was lost")
    give(run, box, out, words, 2)
    assert "own keys, 1" in run("list")
    assert run("pending") == "Nothing waits for a signature.\n"


def give(run, box, keys, words, *who):
    """Sign what waits with these keys, as one does: fetch, carry, sign, carry back."""
    for old in box.glob("*"):
        old.unlink()
    run("pending", "--out", box)
    for number in who:
        waits = sorted(box.glob("*.to-sign.json"))
        key = keys / f"key-{number}.pem"
        run("sign", *waits, "--key", key, "--passphrase-file", words, "--yes")
    run("upload", *sorted(box.glob("*.signed-*.json")))


def test_the_signer_sees_what_changes_and_may_refuse(run, made, words, tmp_path):
    out, box = tmp_path / "keys", tmp_path / "box"
    run("make", out, "--passphrase-file", words)
    run("register", out / "key-1.pub", "--firm", made.lead, "--threshold", 1)
    give(run, box, out, words, 1)
    publish(made.hub, made.lead, "1.1.0")
    (box / "x").touch()
    for old in box.glob("*"):
        old.unlink()
    run("pending", "--out", box)
    (file,) = box.glob("*.to-sign.json")
    sign = ("sign", file, "--key", out / "key-1.pem", "--passphrase-file", words)
    said = run(*sign, input="n\n", code=1)
    assert f"+ {SLUG}/1.1.0/model.onnx" in said
    assert "bytes" in said
    assert "which your key signed" in said
    assert "= 3 files as before" in said
    assert list(box.glob("*.signed-*")) == []


def test_a_hub_that_lies_about_what_is_published_hides_nothing(run, made, words, tmp_path):
    out, box = tmp_path / "keys", tmp_path / "box"
    run("make", out, "--passphrase-file", words)
    run("register", out / "key-1.pub", "--firm", made.lead, "--threshold", 1)
    run("pending", "--out", box)
    (file,) = box.glob("*.to-sign.json")
    told = json.loads(file.read_bytes())
    told["published_before"] = {"signatures": [], "signed": told["signed"]}  # all was there before
    file.write_text(json.dumps(told), encoding="utf-8")
    sign = ("sign", file, "--key", out / "key-1.pem", "--passphrase-file", words)
    said = run(*sign, input="n\n", code=1)
    assert "did not sign what is published now" in said
    assert f"+ {SLUG}/1.0.0/model.onnx" in said
    assert "= 0 files as before" in said


def test_making_and_signing_need_no_hub(made, words, tmp_path, run):
    out, box = tmp_path / "keys", tmp_path / "box"
    bare = {"PATH": "/usr/bin:/bin", "HUB_DATA": "/nowhere", "HUB_DATABASE_URL": "nonsense://x"}

    def alone(*arguments):
        line = [sys.executable, "-c", _ALONE, "models", "keys", *map(str, arguments)]
        done = subprocess.run(line, env=bare, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    alone("make", out, "--passphrase-file", words)
    run("register", out / "key-1.pub", "--firm", made.lead, "--threshold", 1)
    run("pending", "--out", box)
    (file,) = box.glob("*.to-sign.json")
    said = alone("sign", file, "--key", out / "key-1.pem", "--passphrase-file", words, "--yes")
    assert "upload this one" in said
    run("upload", *box.glob("*.signed-*"))
    assert "own keys" in run("list")


# No socket can be had in there, and no hub is where the settings say.
_ALONE = """
import socket, sys
def refused(*a, **k): raise AssertionError("network")
socket.socket.connect = socket.getaddrinfo = refused
from hub.cli import hub
sys.argv = ["hub", *sys.argv[1:]]
hub.main(standalone_mode=False)
"""


def test_a_wrong_passphrase_is_said_plainly(run, words, tmp_path, made):
    run("make", tmp_path / "keys", "--passphrase-file", words)
    other = tmp_path / "other words"
    other.write_text("wrong horse", encoding="utf-8")
    file = tmp_path / "x.to-sign.json"
    file.write_text("{}", encoding="utf-8")
    key = tmp_path / "keys" / "key-1.pem"
    done = CliRunner().invoke(
        command,
        ["models", "keys", "sign", str(file), "--key", str(key), "--passphrase-file", str(other)],
    )
    assert type(done.exception).__name__ == "KeyFileRefused"
    again = run("make", tmp_path / "keys", "--passphrase-file", words, code=1)
    assert "is there already" in again


def test_the_ceremony_of_the_operators(run, made, words, tmp_path):
    out, box = tmp_path / "operators", tmp_path / "box"
    run("make", out, "--count", 2, "--passphrase-file", words)
    run("root", "register", out / "key-1.pub", out / "key-2.pub", "--threshold", 2)
    assert {each["role"] for each in json.loads(run("pending", "--json"))} == {"root", "targets"}
    give(run, box, out, words, 1, 2)
    told = json.loads(run("list", "--json"))
    assert (told["top"]["held_by_hub"], told["top"]["threshold"]) == (False, 2)
    assert "waits for the operators" in run("root", "online")
    give(run, box, out, words, 1, 2)
    if json.loads(run("pending", "--json")):  # whose key counts names the hub's key, too
        give(run, box, out, words, 1, 2)
    assert run("pending") == "Nothing waits for a signature.\n"
    assert not (made.hub.keys / "online.next.pem").exists()
    assert not acts.roles_of(made.hub, made.hub.signing.image()).held_here
