"""Statements as an independent client reads them: python-tuf's updater over the hub's routes."""

import json
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tuf.api.exceptions import DownloadHTTPError, ExpiredMetadataError
from tuf.ngclient import FetcherInterface, Updater

from sharing import manifest
from sharing.errors import FileNotStored, MetadataRefused, NameRefused, OrderOvertaken
from sharing.manifest import Keys, Target
from sharing.package import Order, Packer
from sharing.services import agents
from sharing.signing import MetadataFolder, Signing, keys_in
from supplychain.tables import now
from tests.make import firm, site
from tests.sharing.chain import chain

START = datetime(2026, 11, 24, tzinfo=UTC)
FILE = Target("m/1.0.0/model.onnx", "a" * 64, 3, {"site": 7})


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def signing(tmp_path, clock):
    (tmp_path / "keys").mkdir()
    return Signing(tmp_path / "tuf", keys_in(tmp_path / "keys"), clock)


@pytest.fixture
def joined(hub):
    """A function: a site → the header of a call that an agent of the site has signed."""

    def join(place: int):
        key = Ed25519PrivateKey.generate()
        spki = serialization.PublicFormat.SubjectPublicKeyInfo
        pem = key.public_key().public_bytes(serialization.Encoding.PEM, spki).decode()
        with hub.db.work() as session:
            code, _ = agents.make_code(session, place, "owner", now())
            name = agents.enrol(session, code, pem, "pc", {}, now()).id

        def signature() -> dict[str, str]:
            at = int(time.time())
            told = {"iss": name, "aud": agents.AUDIENCE, "iat": at, "exp": at + 60, "jti": "one"}
            return {"Authorization": f"Bearer {jwt.encode(told, key, 'EdDSA')}"}

        return signature

    return join


class OverHttp(FetcherInterface):
    """Fetches through Flask's test client: the real routes, no socket."""

    def __init__(self, client, signature) -> None:
        self.client, self.signature = client, signature

    def _fetch(self, url):
        status, data, _ = got(self.client, url, **self.signature())
        if status != 200:
            raise DownloadHTTPError(url, status)
        yield data


def got(client, address: str, **headers: str):
    """Status, body and headers of an answer, which is closed."""
    with client.get(address, headers=headers) as answer:
        return answer.status_code, answer.data, answer.headers


def updater(client, signature, root: dict, repository: str, folder) -> Updater:
    for name in ("metadata", "targets"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return Updater(
        metadata_dir=str(folder / "metadata"),
        metadata_base_url=f"/tuf/{repository}/",
        target_dir=str(folder / "targets"),
        target_base_url="/tuf/targets/",
        fetcher=OverHttp(client, signature),
        bootstrap=json.dumps(root).encode(),
    )


def test_a_client_fetches_what_image_and_director_agree_on(hub, client, joined, tmp_path):
    place = chain(hub).sites[0]
    listed = hub.signing.listed()
    files = [t for t in listed.values() if t.path.startswith("injection-quality/1.0.0/")]
    assigned = [Target(t.path, t.sha256, t.length) for t in files]
    hub.signing.assign(place, "injection-quality", assigned)
    signature, image_root = joined(place), hub.signing.image_root()
    director_root, own = hub.signing.director_root(place), f"director/{place}"
    image = updater(client, signature, image_root, "image", tmp_path / "image")
    director = updater(client, signature, director_root, own, tmp_path / "director")
    for target in files:
        said, assigned = image.get_targetinfo(target.path), director.get_targetinfo(target.path)
        assert said.hashes == assigned.hashes
        place = image.download_target(said)
        with open(place, "rb") as file:  # noqa: PTH123
            assert file.read() == hub.store.read(target.sha256)


def test_another_sites_statement_is_another_repository(signing):
    signing.assign(7, "m", [FILE])
    assert signing.assigned(8) == {}
    assert signing.director_root(7) == signing.director_root(7)


def test_saying_the_same_again_signs_nothing_new(signing):
    first = signing.assign(7, "m", [FILE])
    assert signing.assign(7, "m", [FILE]) == first
    assert signing.assign(7, "m", []) == first + 1
    assert signing.assigned(7) == {}


@pytest.mark.parametrize("older", [[], [Target("m/0.9.0/model.onnx", "c" * 64, 3)]])
def test_who_comes_late_with_an_order_does_not_undo_what_was_taken_back(signing, older):
    signing.assign(7, "m", [FILE], delivery=5)
    for _ in range(2):
        number = signing.assign(7, "m", older, delivery=5, back=True)
    with pytest.raises(OrderOvertaken):
        signing.assign(7, "m", [FILE], delivery=5)
    assert set(signing.assigned(7)) == {target.path for target in older}
    assert signing.assign(7, "m", older, delivery=5, back=True) == number
    signing.assign(7, "m", [FILE], delivery=6)
    with pytest.raises(OrderOvertaken):
        signing.assign(7, "m", [FILE], delivery=5)
    signing.assign(8, "m", [FILE], delivery=7)


def test_what_was_taken_back_before_it_was_assigned_never_is(signing):
    signing.assign(7, "m", [], delivery=5, back=True)
    with pytest.raises(OrderOvertaken):
        signing.assign(7, "m", [FILE], delivery=5)
    (signing.folder / "director/7/.taken-back").write_bytes(b"[5")  # a disk that lost its end
    signing.assign(7, "m", [FILE], delivery=6)


def test_a_late_worker_signs_nothing_after_another_took_it_back(hub):
    made = chain(hub)
    order = Order(9, made.sites[0], "injection-quality", "1.0.0", "install", ())
    late, other = Packer(hub.settings.data), Packer(hub.settings.data)
    assert other.pack(replace(order, action="withdraw")).reason == ""
    answer = late.pack(order)
    assert (answer.statement, "taken back" in answer.reason) == (0, True)


def test_other_models_of_the_site_stay(signing):
    signing.assign(7, "m", [FILE])
    signing.assign(7, "other", [Target("other/1.0.0/model.onnx", "b" * 64, 4)])
    assert set(signing.assigned(7)) == {FILE.path, "other/1.0.0/model.onnx"}
    assert signing.assigned(7)[FILE.path].custom == {"site": 7}


def test_signed_anew_before_it_runs_out_also_after_a_long_sleep(signing, clock):
    signing.list_files(lambda: [FILE])
    signing.assign(7, "m", [FILE])
    assert signing.renew() == 0
    for days in (4, 20, 400):
        clock.at = START + timedelta(days=days)
        assert signing.renew() == 2
        assert signing.renew() == 0
        for repository in ("image", "director/7"):
            current = MetadataFolder(signing.folder / repository).current()
            for role in ("root", "targets", "snapshot", "timestamp"):
                signed = manifest.metadata_in(getattr(current, role), role).signed
                assert signed.expires > clock.at + timedelta(days=3), (role, days)
    assert len(MetadataFolder(signing.folder / "image").roots()) == 2
    assert signing.listed() == {FILE.path: FILE}


def test_a_client_refuses_what_has_run_out(hub, client, joined, tmp_path):
    old = Signing(hub.settings.data / "tuf", keys_in(hub.keys), lambda: START - timedelta(days=900))
    root = old.image_root()
    signature = joined(site(hub, firm(hub)))
    stale = updater(client, signature, root, "image", tmp_path)
    with pytest.raises(ExpiredMetadataError):
        stale.refresh()
    assert hub.signing.renew() == 1
    updater(client, signature, root, "image", tmp_path).refresh()


def test_writers_take_turns(signing):
    targets = [Target(f"m{n}/1.0.0/model.onnx", f"{n:064x}", n) for n in range(12)]
    threads = [
        threading.Thread(target=signing.assign, args=(7, t.path.split("/")[0], [t]))
        for t in targets
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(signing.assigned(7)) == {t.path for t in targets}


def test_the_key_is_for_the_hubs_user_alone(tmp_path):
    keys_in(tmp_path)
    assert (tmp_path / "online.pem").stat().st_mode & 0o077 == 0
    assert keys_in(tmp_path).of("root").public_key == keys_in(tmp_path).of("timestamp").public_key


def test_each_role_may_have_a_key_of_its_own(tmp_path):
    four = Keys(*(manifest.signer_from(manifest.new_key()) for _ in range(4)))
    signing = Signing(tmp_path, four, lambda: START)
    signing.list_files(lambda: [FILE])
    root = signing.image_root()["signed"]
    assert len({tuple(role["keyids"]) for role in root["roles"].values()}) == 4


def test_bytes_of_another_kind_are_refused(signing):
    signing.list_files(lambda: [FILE])
    current = MetadataFolder(signing.folder / "image").current()
    swapped = manifest.Current(current.root, current.snapshot, current.snapshot, current.timestamp)
    with pytest.raises(MetadataRefused):
        manifest.targets_of(swapped)
    with pytest.raises(MetadataRefused):
        manifest.targets_of(manifest.Current(b"{", b"{", b"{", b"{"))


@pytest.mark.parametrize(
    ("repository", "name"),
    [
        ("image", "../keys/online.pem"),
        ("image", ".lock"),
        ("../keys", "1.root.json"),
        ("director/../image", "1.root.json"),
        ("director/x", "1.root.json"),
    ],
)
def test_names_never_lead_elsewhere(signing, repository, name):
    with pytest.raises(NameRefused):
        signing.file(repository, name)


def test_what_was_never_signed_is_not_found(signing):
    with pytest.raises(FileNotStored):
        signing.file("image", "99.root.json")


@pytest.fixture
def shared(hub, joined):
    """The sample model's file, assigned to a site: its address, its length, the site, its agent."""
    made = chain(hub)
    place = made.sites[0]
    target = hub.signing.listed()["injection-quality/1.0.0/model.onnx"]
    hub.signing.assign(place, "injection-quality", [target])
    address = f"/tuf/targets/injection-quality/1.0.0/{target.sha256}.model.onnx"
    return address, target.length, place, joined(place), joined(made.sites[1])


def test_routes_stream_ranges_and_say_how_long_to_keep(client, shared):
    address, length, _, signature, _ = shared
    signed = signature()
    _, whole, headers = got(client, address, **signed)
    assert len(whole) == length
    assert headers["Cache-Control"].startswith("private")
    assert "immutable" in headers["Cache-Control"]
    assert got(client, address, Range="bytes=10-19", **signed)[:2] == (206, whole[10:20])
    assert got(client, address, **{"If-None-Match": headers["ETag"]}, **signed)[0] == 304
    timestamp = got(client, "/tuf/image/timestamp.json", **signed)
    assert timestamp[2]["Cache-Control"] == "no-cache"
    assert "immutable" in got(client, "/tuf/image/1.root.json", **signed)[2]["Cache-Control"]


def test_routes_give_nothing_to_strangers_or_to_other_sites(client, sign_in, shared):
    address, _, place, signature, elsewhere = shared
    own = f"/tuf/director/{place}/timestamp.json"
    person = sign_in(("publisher", 1), ("administrator", None))
    for path in (address, own, "/tuf/image/timestamp.json"):
        assert got(client, path)[0] == 401
        assert got(client, path, Authorization="Bearer x.y.z")[0] == 401
        assert got(person, path)[0] == 401
        assert got(client, path, **signature())[0] == 200
    assert got(client, address, **elsewhere())[0] == 404
    assert got(client, own, **elsewhere())[0] == 404


def test_routes_give_nothing_else(client, shared):
    signed = shared[3]()
    for address in (
        "/tuf/image/..%2f..%2fkeys%2fonline.pem",
        "/tuf/image/.lock",
        "/tuf/image/9.root.json",
        "/tuf/director/7/timestamp.json",
        "/tuf/targets/injection-quality/1.0.0/model.onnx",
        "/tuf/targets/injection-quality/1.0.0/" + "0" * 64 + ".model.onnx",
        "/tuf/targets/injection-quality/9.9.9/" + "0" * 64 + ".model.onnx",
        "/tuf/targets/a/b/" + "0" * 64 + ".../../../etc/passwd",
    ):
        assert got(client, address, **signed)[0] in (404, 422), address


def test_what_cannot_be_put_in_place_leaves_nothing_behind(signing, clock):
    signing.list_files(lambda: [FILE])
    folder = MetadataFolder(signing.folder / "image")
    current = folder.current()
    (folder.folder / "timestamp.json").unlink()
    (folder.folder / "timestamp.json" / "in the way").mkdir(parents=True)
    before = sorted(folder.folder.iterdir())
    with pytest.raises(OSError, match="timestamp"):
        folder.write(current)
    assert sorted(folder.folder.iterdir()) == before


def test_one_damaged_repository_does_not_let_the_others_run_out(signing, clock):
    for place in (7, 8, 9):
        signing.assign(place, "m", [FILE])
    (signing.folder / "director" / "8" / "timestamp.json").write_bytes(b"")
    clock.at += timedelta(days=5)
    with pytest.raises(MetadataRefused):
        signing.renew()
    (signing.folder / "director" / "8" / "timestamp.json").unlink()
    assert signing.renew() == 0
