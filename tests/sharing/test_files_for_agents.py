"""What the hub hands to agents: whole, in ranges, to whom it is assigned, and to no one else."""

import hashlib
import os
import time
from datetime import timedelta

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from waitress.server import create_server

from hub.app import create_app
from hub.distributed import tick_rollouts
from hub.served import served
from sharing.package import prepare_here
from sharing.services import agents, deliveries, rollouts
from sharing.tables import Agent
from supplychain.tables import now
from tests.sharing.chain import chain, sample_files, started
from tests.stores import damage, lose

pytestmark = pytest.mark.parts  # the gate works in a process of its own

MODEL = sample_files()["model.onnx"]
DIGEST = hashlib.sha256(MODEL).hexdigest()
FILE = f"/tuf/targets/injection-quality/1.0.0/{DIGEST}.model.onnx"
RECIPE = FILE.replace("targets", "recipes")


class Pc:
    """An agent of a site, as it signs."""

    def __init__(self, hub, site):
        self._key, self.id, self.site = Ed25519PrivateKey.generate(), f"a-{site}", site
        public = self._key.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
        hub.signing.director_root(site)
        with hub.db.work() as session:
            row = Agent(id=self.id, site_id=site, public_key=public.decode().strip(), name="PC")
            session.add(row)

    def signed(self, **more):
        at = int(time.time())
        told = {"iss": self.id, "aud": "sangsaeng-hub", "iat": at, "exp": at + 60}
        told["jti"] = str(time.perf_counter_ns())
        return {"Authorization": f"Bearer {jwt.encode(told, self._key, 'EdDSA')}", **more}


@pytest.fixture
def made(hub):
    """A chain whose first two sites have an agent; the first has accepted, and is prepared."""
    found = chain(hub)
    found.one, found.other = (Pc(hub, site) for site in found.sites[:2])
    found.rollout = started(found)
    with hub.db.work() as session:
        row = rollouts.rollout_by_id(session, found.rollout)
        for delivery in rollouts.deliveries_of(session, row):
            if delivery.site_id == found.one.site:
                deliveries.accept(session, delivery, "owner", now())
    tick_rollouts(hub, prepare_here(hub.settings.data))
    return found


@pytest.fixture
def get(made, client):
    """(address, agent, headers) → the answer."""

    def asked(path, who=None, **headers):
        return client.get(path, headers=(who or made.one).signed(**headers))

    return asked


def test_a_file_and_its_chunks_go_to_whom_it_is_assigned(made, get):
    whole = get(FILE)
    assert (whole.status_code, whole.data) == (200, MODEL)
    assert whole.headers["Accept-Ranges"] == "bytes"
    lines = get(RECIPE).text.splitlines()
    assert sum(int(line.split()[1]) for line in lines) == len(MODEL)
    for path in (FILE, RECIPE):
        assert get(path, made.other).status_code == 404
    assert get(FILE.replace(DIGEST, "0" * 64)).status_code == 404


def test_what_is_taken_away_is_handed_out_no_more(hub, made, get):
    assert get(FILE).status_code == 200
    with hub.db.work() as session:
        row = rollouts.rollout_by_id(session, made.rollout)
        rollouts.steer(session, row, "rollback", now())
    tick_rollouts(hub, prepare_here(hub.settings.data))
    assert get(FILE).status_code == 404


def test_a_pc_that_was_disconnected_gets_nothing(hub, made, get):
    assert get(FILE).status_code == 200
    with hub.db.work() as session:
        agents.revoke(session, session.get_one(Agent, made.one.id))
    assert get(FILE).json["code"] == "unknown"


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=1000-", slice(1000, None)),
        ("bytes=-7", slice(-7, None)),
    ],
)
def test_a_range(get, asked, part):
    answer = get(FILE, Range=asked)
    assert (answer.status_code, answer.data) == (206, MODEL[part])
    assert answer.headers["Content-Range"].endswith(f"/{len(MODEL)}")


def test_ranges_that_cannot_be_had_and_files_that_are_here(get):
    assert get(FILE, Range=f"bytes={len(MODEL)}-").status_code == 416
    assert get(FILE, Range="bytes=0-1,5-6").data == MODEL
    assert get(FILE, **{"If-None-Match": f'"{DIGEST}"'}).status_code == 304
    assert get(FILE, **{"If-Range": '"another"', "Range": "bytes=0-9"}).data == MODEL


def test_by_the_real_server_too(hub, made):
    """Its own loop sends files: whole ones, parts, and to somebody who goes away in the middle."""
    server = create_server(create_app(hub), host="127.0.0.1", port=0, threads=4)
    with served(server):
        url = f"http://127.0.0.1:{server.effective_port}{FILE}"
        with requests.Session() as line:
            for asked, part in ((None, MODEL), ("bytes=5-1004", MODEL[5:1005])):
                headers = made.one.signed(**({"Range": asked} if asked else {}))
                assert line.get(url, headers=headers, timeout=60).content == part
            assert line.head(url, headers=made.one.signed(), timeout=60).content == b""
        with requests.get(url, headers=made.one.signed(), timeout=60, stream=True) as left:
            assert left.raw.read(10) == MODEL[:10]
        assert requests.get(url, headers=made.one.signed(), timeout=60).content == MODEL


def test_a_damaged_file_is_not_begun(hub, get):
    damage(hub.store, DIGEST)
    assert get(FILE).status_code >= 400


def test_what_was_put_together_is_sent_until_it_is_made_anew(hub, get, monkeypatch):
    assert get(FILE).data == MODEL
    copies = hub.settings.data / "store" / "ready"
    assert [each.name for each in copies.iterdir()] == [DIGEST]
    lose(hub.store, DIGEST)
    assert get(FILE).data == MODEL
    old = time.time() - timedelta(days=1).total_seconds()
    os.utime(copies / DIGEST, (old, old))
    assert get(FILE).status_code == 404
    hub.store.put(MODEL)
    assert get(FILE).data == MODEL


def test_without_room_for_a_copy_it_comes_from_its_chunks(hub, get, monkeypatch):
    def full(_digest):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(hub.store, "opened", full)
    assert get(FILE).data == MODEL
    assert get(FILE, Range="bytes=3-12").data == MODEL[3:13]


def test_a_root_that_is_not_there_yet(get, made):
    for path in ("/tuf/image/2.root.json", f"/tuf/director/{made.one.site}/2.root.json"):
        answer = get(path)
        assert (answer.status_code, answer.json["title"]) == (404, "FileNotStored")


def test_the_word_for_the_lists_changes_with_them(hub, made, client):
    def word(who):
        return client.get("/api/v1/agents/me", headers=who.signed()).json["lists"]

    before = word(made.one), word(made.other)
    assert len(set(before)) == 2
    assert (word(made.one), word(made.other)) == before
    hub.signing.assign(made.one.site, "another", [])
    assert (word(made.one), word(made.other)) == before, "that changed nothing"
    hub.signing.assign(made.one.site, "injection-quality", [])
    assert word(made.one) != before[0]
    assert word(made.other) == before[1]


def test_agents_look_less_often_where_they_are_many(hub, made, client):
    with hub.db.work() as session:
        session.add_all(
            Agent(id=f"b-{n}", site_id=made.one.site, public_key=str(n), name="PC")
            for n in range(3000)
        )
    asked = client.get("/api/v1/agents/me", headers=made.one.signed()).json
    assert asked["poll_seconds"] == pytest.approx(30.0, abs=0.1)
