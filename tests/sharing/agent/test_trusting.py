"""What a plant's PC believes when keys are lost, taken or replaced: over HTTP, its own code."""

import shutil
from datetime import timedelta

import pytest
from tuf.api.metadata import MetaFile, Root, Snapshot, Targets, Timestamp

from hub import keys as acts
from hub.publishing import sign_image
from sharing import manifest
from sharing.agent.errors import AgentError, MetadataRefused, SourcesDisagree
from sharing.key_image import role_name
from sharing.manifest import Current, Target, changed, read, signed
from sharing.signing import MetadataFolder
from supplychain.tables import now
from tests.sharing.chain import chain, sample_files
from tests.sharing.signers import SLUG, People, Plant, publish, targets, waiting

pytestmark = pytest.mark.parts  # real HTTP


@pytest.fixture
def made(hub):
    return chain(hub)


@pytest.fixture
def plant(hub, made, address, tmp_path):
    return Plant(hub, address, tmp_path / "pc", made.sites[0])


@pytest.fixture
def people(tmp_path):
    return People(tmp_path / "keys of people", 3)


@pytest.fixture
def operators(tmp_path):
    return People(tmp_path / "keys of operators", 2)


@pytest.fixture
def own(hub, made, people):
    """The lead firm signs with two of three keys of its own."""
    acts.register_keys(hub, made.lead, people.files(), 2, "publisher")
    people.give(hub, waiting(hub)[0], 0, 1)
    return made


@pytest.fixture
def offline(hub, own, operators):
    """Root and top-level targets are signed by both operators."""
    acts.take_offline(hub, operators.files(), 2, "operator")
    for row in waiting(hub):
        operators.give(hub, row, 0, 1)
    assert not acts.roles_of(hub, hub.signing.image()).held_here
    return own


def names(number):
    return sorted(
        target.path for target in [Target(f"{SLUG}/{number}/{n}", "", 0) for n in sample_files()]
    )


def test_an_old_repository_goes_on_for_those_who_joined_it(hub, address, tmp_path):
    """Before there were delegations, top-level targets named every file itself."""
    made = chain(hub)
    folder = MetadataFolder(hub.signing.folder / "image")
    shutil.rmtree(folder.folder)
    old = manifest.begin(hub.signing.keys, now())
    folder.write(manifest.with_targets(old, targets(hub, "1.0.0"), hub.signing.keys, now()))
    plant = Plant(hub, address, tmp_path / "pc", made.sites[0])
    plant.assign(targets(hub, "1.0.0"))
    assert plant.gets() == names("1.0.0")
    sign_image(hub)
    assert read(hub.signing.image().targets, Targets, "targets").targets == {}
    assert plant.gets() == names("1.0.0")
    publish(hub, made.lead, "1.1.0")
    plant.assign(targets(hub, "1.1.0"))
    assert plant.gets() == names("1.1.0")


def test_what_awaits_signatures_is_installed_nowhere(hub, own, people, plant):
    publish(hub, own.lead, "1.1.0")
    plant.assign(targets(hub, "1.1.0"))  # though the director says so
    with pytest.raises(SourcesDisagree):
        plant.gets()
    people.give(hub, waiting(hub)[0], 0)
    with pytest.raises(SourcesDisagree):
        plant.gets()
    people.give(hub, waiting(hub)[0], 2)
    assert plant.gets() == names("1.1.0")


def test_plants_follow_root_and_targets_that_went_offline(hub, made, operators, plant):
    plant.assign(targets(hub, "1.0.0"))
    assert plant.gets() == names("1.0.0")
    acts.take_offline(hub, operators.files(), 2, "operator")
    first = {row.role for row in waiting(hub)}
    assert first == {"root", "targets"}
    assert plant.gets() == names("1.0.0"), "half a change is none"
    operators.give(hub, waiting(hub, "root")[0], 0, 1)
    assert plant.gets() == names("1.0.0"), "a root alone would leave the targets unsigned"
    operators.give(hub, waiting(hub, "targets")[0], 1, 0)
    assert not acts.roles_of(hub, hub.signing.image()).held_here
    assert plant.gets() == names("1.0.0")
    assert publish(hub, made.lead, "1.1.0").state == "published"
    plant.assign(targets(hub, "1.1.0"))
    assert plant.gets() == names("1.1.0"), "of a known model nothing waits for the operators"
    assert publish(hub, made.lead, "1.0.0", "another-model").state == "awaiting"
    (row,) = waiting(hub)
    assert row.role == "targets"
    operators.give(hub, row, 0, 1)
    plant.assign(targets(hub, "1.0.0", "another-model"), 2)
    assert "another-model/1.0.0/model.onnx" in plant.gets()


class Attacker:
    """Has the hub's machine: its key, its folder of statements, its rows. Not people's keys."""

    def __init__(self, hub, firm_id):
        self.hub, self.role = hub, role_name(firm_id)
        self.folder = MetadataFolder(hub.signing.folder / "image")
        self.online = manifest.Keys.one(hub.signing.keys.of("root"))
        self.evil = [
            Target(f"{SLUG}/6.6.6/{t.path.split('/')[2]}", t.sha256, t.length)
            for t in targets(hub, "1.0.0")
        ]

    def own_role(self):
        """A delegation to a role like any other, of which the attacker's key is the only one."""
        return manifest.begin(self.online, now())

    def forged(self, current: Current) -> bytes:
        """The firm's list with another version in it, signed with the hub's key."""
        body = read(current.roles[self.role], Targets, self.role)
        body.version += 1
        body.targets |= {t.path: manifest.target_file(t) for t in self.evil}
        return signed(body, self._mine(), self.online)

    def _mine(self):
        return read(self.own_role().root, Root, "root").roles["targets"]

    def publish(self, **parts) -> None:
        """Put these in place, with snapshot and timestamp, which the hub's key may sign."""
        current = changed(self.folder.current(), **parts)
        self.folder.write(manifest.with_snapshot(current, self.online, now()))

    def assign(self, plant: Plant) -> None:
        plant.assign(self.evil)


def refused(plant: Plant) -> None:
    with pytest.raises((MetadataRefused, SourcesDisagree)):
        plant.gets()
    assert not (plant.home.folder / "fetched" / "6.6.6").exists()


def test_who_has_the_hub_cannot_publish_for_a_firm(hub, offline, plant):
    plant.assign(targets(hub, "1.0.0"))
    plant.gets()
    attacker = Attacker(hub, offline.lead)
    current = hub.signing.image()
    attacker.assign(plant)
    refused(plant)
    attacker.publish(roles={**current.roles, attacker.role: attacker.forged(current)})
    refused(plant)


def test_who_has_the_hub_cannot_delegate_to_a_key_of_its_own(hub, offline, plant):
    plant.gets()
    attacker = Attacker(hub, offline.lead)
    current = hub.signing.image()
    body = read(current.targets, Targets, "targets")
    body.version += 1
    own = attacker.online.of("targets").public_key
    for keyid in list(body.delegations.roles[attacker.role].keyids):
        body.revoke_key(keyid, attacker.role)
    body.add_key(own, attacker.role)
    body.delegations.roles[attacker.role].threshold = 1
    attacker.publish(
        targets=signed(body, attacker._mine(), attacker.online),
        roles={**current.roles, attacker.role: attacker.forged(current)},
    )
    attacker.assign(plant)
    refused(plant)


def test_who_has_the_hub_cannot_make_a_root(hub, offline, plant):
    plant.gets()
    attacker = Attacker(hub, offline.lead)
    current = hub.signing.image()
    root = read(current.root, Root, "root")
    root.version += 1
    for role in ("root", "targets"):
        for keyid in list(root.roles[role].keyids):
            root.revoke_key(keyid, role)
        root.add_key(attacker.online.of("root").public_key, role)
        root.roles[role].threshold = 1
    (attacker.folder.folder / f"{root.version}.root.json").write_bytes(
        signed(root, attacker._mine(), attacker.online)
    )
    attacker.assign(plant)
    refused(plant)


def test_one_key_of_two_publishes_nothing(hub, own, people, plant):
    """A publisher's key was taken, and the hub with it: below the threshold."""
    attacker = Attacker(hub, own.lead)
    current = hub.signing.image()
    metadata = manifest.metadata_in(attacker.forged(current), attacker.role)
    metadata.signatures.clear()
    metadata.sign(people.signers[0], append=True)
    twice = metadata.to_bytes()
    attacker.publish(roles={**current.roles, attacker.role: twice})
    attacker.assign(plant)
    refused(plant)


def test_a_replaced_key_is_refused_by_plants(hub, own, people, plant, tmp_path):
    plant.gets()
    attacker = Attacker(hub, own.lead)
    fresh = People(tmp_path / "fresh", 2)
    acts.register_keys(hub, own.lead, fresh.files(), 2, "publisher", "both keys were taken")
    fresh.give(hub, waiting(hub)[0], 0, 1)
    plant.assign(targets(hub, "1.0.0"))
    assert plant.gets() == names("1.0.0")
    current = hub.signing.image()
    metadata = manifest.metadata_in(attacker.forged(current), attacker.role)
    metadata.signatures.clear()
    for signer in people.signers:
        metadata.sign(signer, append=True)
    attacker.publish(roles={**current.roles, attacker.role: metadata.to_bytes()})
    attacker.assign(plant)
    refused(plant)


def test_the_hub_gets_a_new_key_and_plants_follow(hub, made, plant):
    plant.assign(targets(hub, "1.0.0"))
    assert plant.gets() == names("1.0.0")
    old = manifest.Keys.one(hub.signing.keys.of("root"))
    assert acts.replace_online(hub, "operator") is None
    assert hub.signing.keys.by_id(old.root.public_key.keyid) is None
    assert plant.gets() == names("1.0.0")
    publish(hub, made.lead, "1.1.0")
    plant.assign(targets(hub, "1.1.0"))
    assert plant.gets() == names("1.1.0")
    folder = MetadataFolder(hub.signing.folder / "image")
    timestamp = read(folder.current().timestamp, Timestamp, "timestamp")
    timestamp.version += 9
    role = read(manifest.begin(old, now()).root, Root, "root").roles["timestamp"]
    (folder.folder / "timestamp.json").write_bytes(signed(timestamp, role, old))
    with pytest.raises(MetadataRefused):
        plant.gets()


def test_operators_sign_the_hubs_new_key(hub, offline, operators, plant):
    plant.assign(targets(hub, "1.0.0"))
    plant.gets()
    old = hub.signing.keys.of("root").public_key.keyid
    row = acts.replace_online(hub, "operator")
    assert row is not None
    assert plant.gets() == names("1.0.0"), "until then the old key signs"
    assert hub.signing.keys.by_id(old) is not None
    operators.give(hub, row, 0, 1)
    assert plant.gets() == names("1.0.0")
    assert hub.signing.keys.by_id(old) is None
    assert plant.gets() == names("1.0.0")


def test_numbers_that_an_attacker_ran_up_are_recovered_from(hub, offline, operators, plant):
    plant.assign(targets(hub, "1.0.0"))
    plant.gets()
    attacker = Attacker(hub, offline.lead)
    right = attacker.folder.current()
    snapshot = read(right.snapshot, Snapshot, "snapshot")
    snapshot.version = 1_000_000
    snapshot.meta[f"{attacker.role}.json"] = MetaFile(900_000)
    timestamp = read(right.timestamp, Timestamp, "timestamp")
    timestamp.version, timestamp.snapshot_meta = 1_000_000, MetaFile(1_000_000)
    root = read(right.root, Root, "root")
    files = {
        "1000000.snapshot.json": signed(snapshot, root.roles["snapshot"], attacker.online),
        "timestamp.json": signed(timestamp, root.roles["timestamp"], attacker.online),
    }
    for name, data in files.items():
        (attacker.folder.folder / name).write_bytes(data)
    with pytest.raises(AgentError):
        plant.gets()
    (attacker.folder.folder / "timestamp.json").write_bytes(right.timestamp)
    with pytest.raises(MetadataRefused):  # older than what the plant has seen
        plant.gets()
    row = acts.replace_online(hub, "operator")
    operators.give(hub, row, 0, 1)
    assert plant.gets() == names("1.0.0")


def test_a_list_that_ran_out_is_not_believed(hub, own, people, plant, monkeypatch):
    plant.assign(targets(hub, "1.0.0"))
    monkeypatch.setattr("sharing.key_image.SIGNED_ELSEWHERE_LASTS", timedelta(days=-1))
    monkeypatch.setattr("sharing.services.keys.ASK_BEFORE", timedelta(days=-3))
    publish(hub, own.lead, "1.1.0")
    people.give(hub, waiting(hub)[0], 0, 1)
    with pytest.raises(AgentError) as raised:
        plant.gets()
    assert type(raised.value).__name__ == "MetadataExpired"
    monkeypatch.undo()
    sign_image(hub)
    (row,) = waiting(hub)
    assert row.why == "renewal"
    people.give(hub, row, 1, 2)
    assert plant.gets() == names("1.0.0")
