"""Keys that the hub does not have: statements wait for them, and come to be published."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select
from tuf.api.metadata import Targets

from hub import keys as acts
from hub.publishing import sign_image
from sharing import key_statements, manifest
from sharing.key_errors import (
    NoSignatureFits,
    OtherBytes,
    StatementOver,
    ThresholdRefused,
    VersionAwaits,
)
from sharing.key_image import delegated, landed
from sharing.key_statements import told
from sharing.key_tables import KeySet, KeySignature, KeyStatement
from sharing.manifest import Target
from sharing.services import keys, models, rollouts
from supplychain.tables import now
from tests.sharing.chain import chain
from tests.sharing.signers import People, publish, state, waiting

SLUG = "injection-quality"
pytestmark = pytest.mark.parts  # each publishes through the gate


@pytest.fixture
def made(hub):
    return chain(hub)


@pytest.fixture
def people(tmp_path):
    return People(tmp_path / "keys of people", 3)


def test_a_firm_without_keys_is_signed_for_by_the_hub(hub, made):
    assert state(hub, "1.0.0") == "published"
    assert waiting(hub) == []
    assert publish(hub, made.lead, "1.1.0").state == "published"
    assert f"{SLUG}/1.1.0/model.onnx" in hub.signing.listed()


def test_a_version_awaits_its_signatures_and_a_key_counts_once(hub, made, people):
    row = acts.register_keys(hub, made.lead, people.files(), 2, "publisher")
    (first,) = waiting(hub)
    assert (row.state, first.why) == ("waiting", "keys")
    assert people.give(hub, first, 0) == 1
    assert people.give(hub, first, 0, 0) == 1, "the same key again"
    assert people.give(hub, first, 1) == 0
    assert waiting(hub) == []
    version = publish(hub, made.lead, "1.1.0")
    assert version.state == "awaiting"
    assert f"{SLUG}/1.1.0/model.onnx" not in hub.signing.listed()
    (second,) = waiting(hub)
    assert second.number > first.number
    said = told(acts.file_of(second, hub.signing.image()))
    assert {file.path for file in said.added} >= {f"{SLUG}/1.1.0/model.onnx"}
    assert said.removed == ()
    assert people.give(hub, second, 2) == 1
    assert people.give(hub, second, 0) == 0
    assert state(hub, "1.1.0") == "published"
    assert f"{SLUG}/1.1.0/model.onnx" in hub.signing.listed()


def test_the_same_again_changes_nothing(hub, made, people):
    row = acts.register_keys(hub, made.lead, people.files(), 2, "publisher")
    assert acts.register_keys(hub, made.lead, people.files(), 2, "publisher").id == row.id
    (statement,) = waiting(hub)
    before = hub.signing.statement()
    sign_image(hub)
    assert [each.id for each in waiting(hub)] == [statement.id]
    assert hub.signing.statement() == before


@pytest.mark.parametrize("threshold", [0, 4])
def test_no_more_signatures_than_keys(hub, made, people, threshold):
    with pytest.raises(ThresholdRefused):
        acts.register_keys(hub, made.lead, people.files(), threshold, "publisher")
    with pytest.raises(ThresholdRefused):
        acts.register_keys(hub, made.lead, people.files(0, 0), 2, "publisher")


def test_what_was_changed_on_the_way_is_not_taken(hub, made, people, tmp_path):
    acts.register_keys(hub, made.lead, people.files(), 1, "publisher")
    (row,) = waiting(hub)
    data = people.sign(hub, row, 0)
    with pytest.raises(OtherBytes):
        acts.upload(hub, row.id, data.replace(b"1.0.0/card", b"6.6.6/card"), "person")
    with pytest.raises(NoSignatureFits):
        acts.upload(hub, row.id, People(tmp_path / "x", 1).sign(hub, row, 0), "person")
    stranger = People(tmp_path / "y", 1)
    names = [each.signers[0].public_key.keyid.encode() for each in (stranger, people)]
    forged = stranger.sign(hub, row, 0).replace(*names)
    with pytest.raises(NoSignatureFits):  # a stranger's signature under the name of a key
        acts.upload(hub, row.id, forged, "person")


@pytest.fixture
def own(hub, made, people):
    """The lead firm signs with two of three keys of its own."""
    acts.register_keys(hub, made.lead, people.files(), 2, "publisher")
    people.give(hub, waiting(hub)[0], 0, 1)
    return made


def test_two_versions_wait_at_once(hub, own, people):
    publish(hub, own.lead, "1.1.0")
    publish(hub, own.lead, "1.2.0")
    newer, older = waiting(hub)
    people.give(hub, older, 0, 1)
    assert (state(hub, "1.1.0"), state(hub, "1.2.0")) == ("published", "awaiting")
    people.give(hub, newer, 0, 2)
    assert (state(hub, "1.1.0"), state(hub, "1.2.0")) == ("published", "published")


def test_the_newer_of_two_brings_both(hub, own, people):
    publish(hub, own.lead, "1.1.0")
    publish(hub, own.lead, "1.2.0")
    newer, older = waiting(hub)
    people.give(hub, newer, 1, 2)
    assert (state(hub, "1.1.0"), state(hub, "1.2.0")) == ("published", "published")
    assert waiting(hub) == []
    with pytest.raises(StatementOver):
        people.give(hub, older, 0)


def withdraw(hub, number):
    with hub.db.work() as session:
        models.withdraw(models.version_of(session, SLUG, number), "a fault", now())
    sign_image(hub)


def test_withdrawn_while_it_waits(hub, own, people):
    publish(hub, own.lead, "1.1.0")
    publish(hub, own.lead, "1.2.0")
    withdraw(hub, "1.1.0")
    (row,) = waiting(hub)
    said = told(acts.file_of(row, hub.signing.image()))
    assert {file.path.split("/")[1] for file in said.added} == {"1.2.0"}
    people.give(hub, row, 0, 1)
    assert (state(hub, "1.1.0"), state(hub, "1.2.0")) == ("withdrawn", "published")
    assert f"{SLUG}/1.1.0/model.onnx" not in hub.signing.listed()


def test_a_withdrawal_is_a_statement_too(hub, own, people):
    withdraw(hub, "1.0.0")
    assert f"{SLUG}/1.0.0/model.onnx" in hub.signing.listed()
    (row,) = waiting(hub)
    assert row.why == "withdrawal"
    people.give(hub, row, 0, 1)
    assert hub.signing.listed() == {}


def test_two_uploads_at_once_are_both_counted(either_hub, tmp_path):
    hub, people = either_hub, People(tmp_path / "keys of people", 3)
    made = chain(hub)
    acts.register_keys(hub, made.lead, people.files(), 3, "publisher")
    (row,) = waiting(hub)
    files = [people.sign(hub, row, n) for n in (0, 1, 2)]
    failed = []

    def give(data):
        try:
            acts.upload(hub, row.id, data, "person")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test says it
            failed.append(error)

    threads = [threading.Thread(target=give, args=(data,)) for data in (*files, *files)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert waiting(hub) == []
    with hub.db.reading() as session:
        assert keys.key_set_of(session, made.lead).state == "active"


def test_a_crash_after_the_last_signature_is_mended_by_the_worker(hub, made, people):
    acts.register_keys(hub, made.lead, people.files(), 1, "publisher")
    (row,) = waiting(hub)
    with hub.db.work() as session:  # as `upload` does it, and no further
        mine = keys.statement_by_id(session, row.id)
        keys.take_in(session, mine, people.sign(hub, row, 0), hub.signing.image(), "person", now())
    assert [each.id for each in waiting(hub)] == [row.id]
    sign_image(hub)
    assert waiting(hub) == []


def test_a_crash_between_the_files_and_the_rows_is_mended(hub, own, people):
    publish(hub, own.lead, "1.1.0")
    (row,) = waiting(hub)
    with hub.db.work() as session:
        mine = keys.statement_by_id(session, row.id)
        for who in (0, 1):
            data = people.sign(hub, row, who)
            keys.take_in(session, mine, data, hub.signing.image(), "person", now())
    with hub.db.reading() as session:
        hub.signing.bring(lambda _: keys.wanted(session))
    assert (state(hub, "1.1.0"), len(waiting(hub))) == ("awaiting", 1)
    sign_image(hub)
    assert (state(hub, "1.1.0"), waiting(hub)) == ("published", [])
    with hub.db.reading() as session:
        assert session.get_one(KeyStatement, row.id).state == "published"


def test_a_key_that_was_replaced_counts_no_more(hub, own, people, tmp_path):
    publish(hub, own.lead, "1.1.0")
    (before,) = waiting(hub)
    fresh = People(tmp_path / "fresh", 1)
    kept = [*people.files(1, 2), *fresh.files()]
    acts.register_keys(hub, own.lead, kept, 2, "publisher", "key 1 was taken")
    (row,) = waiting(hub)
    with pytest.raises(StatementOver):
        people.give(hub, before, 0)
    with pytest.raises(NoSignatureFits):
        people.give(hub, row, 0)
    assert people.give(hub, row, 1) == 1
    assert fresh.give(hub, row, 0) == 0
    assert state(hub, "1.1.0") == "published"
    with hub.db.reading() as session:
        states = [each.state for each in keys.key_sets(session, own.lead)]
    assert states == ["active", "replaced"]


def test_who_lost_too_many_keys_registers_others(hub, own, tmp_path):
    fresh = People(tmp_path / "fresh", 2)
    acts.register_keys(hub, own.lead, fresh.files(), 2, "publisher", "a fire")
    assert fresh.give(hub, waiting(hub)[0], 0, 1) == 0
    publish(hub, own.lead, "1.1.0")
    fresh.give(hub, waiting(hub)[0], 0, 1)
    assert state(hub, "1.1.0") == "published"


def test_people_are_asked_to_sign_anew_weeks_before_the_end(hub, own, people):
    later = now() + timedelta(days=310)
    assert acts.running_out(hub, now()) == []
    assert [name for name, _ in acts.running_out(hub, later)] == [f"publisher-{own.lead}"]
    with hub.db.work() as session:
        keys.keep_statements(session, hub.signing.image(), hub.signing.keys, later)
    (row,) = waiting(hub)
    assert row.why == "renewal"
    # it was made now, for the test: it lasts a year from then
    assert row.expires_at - later > timedelta(days=360)


def test_a_second_model_of_a_firm_with_keys(hub, own, people):
    publish(hub, own.lead, "1.0.0", "another-model")
    people.give(hub, waiting(hub)[0], 0, 1)
    assert state(hub, "1.0.0", "another-model") == "published"


def test_keys_are_in_rows_as_public_keys_only(hub, own):
    with hub.db.reading() as session:
        row = keys.key_set_of(session, own.lead)
    assert isinstance(row, KeySet)
    assert all(set(key["keyval"]) == {"public"} for key in row.keys.values())


def show_to(hub, visibility):
    with hub.db.work() as session:
        models.model_named(session, SLUG).visibility = visibility
    sign_image(hub)


def test_a_private_model_is_in_no_list_and_waits_for_nobody(hub, own, people):
    show_to(hub, "private")
    people.give(hub, waiting(hub)[0], 0, 1)
    assert hub.signing.listed() == {}
    named = delegated(hub.signing.image())[f"publisher-{own.lead}"].paths
    assert named == [], "nor does its name stand in what every PC reads"
    assert publish(hub, own.lead, "1.1.0").state == "published"
    assert waiting(hub) == []
    show_to(hub, "chain")
    assert state(hub, "1.1.0") == "awaiting", "opened to others, it was never signed"
    people.give(hub, waiting(hub)[0], 0, 1)
    assert state(hub, "1.1.0") == "published"


def test_a_private_model_that_is_opened_waits_for_the_operators(hub, made, tmp_path):
    operators = People(tmp_path / "operators", 1)
    acts.take_offline(hub, operators.files(), 1, "operator")
    for row in waiting(hub):
        operators.give(hub, row, 0)
    show_to(hub, "private")
    for row in waiting(hub):  # its name goes out of the list of who signs what
        operators.give(hub, row, 0)
    assert state(hub, "1.0.0") == "published"
    show_to(hub, "chain")
    assert state(hub, "1.0.0") == "awaiting", "no PC may have it yet"
    with hub.db.work() as session, pytest.raises(VersionAwaits):
        rollouts.create(session, models.version_of(session, SLUG, "1.0.0"), made.lead, "u")
    for row in waiting(hub):
        operators.give(hub, row, 0)
    assert state(hub, "1.0.0") == "published"


def test_rows_from_before_the_keys_learn_them_from_what_is_published(hub, own, people):
    """The database came back from a backup; the signed lists are ahead of it."""
    with hub.db.work() as session:
        for table in (KeySignature, KeyStatement, KeySet):
            for row in session.exec(select(table)).all():
                session.delete(row)
            session.flush()
    before = hub.signing.statement()
    assert publish(hub, own.lead, "1.1.0").state == "awaiting"
    assert hub.signing.statement() == before, "nothing goes back to the hub's key"
    (row,) = waiting(hub)
    people.give(hub, row, 0, 1)
    assert state(hub, "1.1.0") == "published"


def test_operators_are_asked_to_renew_the_top(hub, made, tmp_path):
    operators = People(tmp_path / "operators", 2)
    acts.take_offline(hub, operators.files(), 1, "operator")
    for row in waiting(hub):
        operators.give(hub, row, 0)
    assert waiting(hub) == []
    later = now() + timedelta(days=320)
    assert {name for name, _ in acts.running_out(hub, later)} >= {"root", "targets"}
    current = hub.signing.image()
    with hub.db.work() as session:
        keys.keep_statements(session, current, hub.signing.keys, later)
        found = landed(current, keys.wanted(session), hub.signing.keys, later)
        assert found.missing is not None
        keys.ask_targets(session, found.missing, "hub", later)
    assert {row.role for row in waiting(hub)} == {"root", "targets"}
    for row in waiting(hub):
        operators.give(hub, row, 1)
    assert waiting(hub) == []
    assert acts.running_out(hub, later) == []


def test_a_firm_signs_for_its_own_models_only(hub, own, people):
    """Its keys are good for its models; another's file in its list is in no agent's eyes."""
    current = hub.signing.image()
    name = f"publisher-{own.lead}"
    body = manifest.read(current.roles[name], Targets, name)
    foreign = Target("another-firms/1.0.0/model.onnx", "a" * 64, 3)
    body.targets[foreign.path] = manifest.target_file(foreign)
    assert foreign.path not in manifest.targets_of(
        manifest.changed(current, roles={name: key_statements.unsigned(body)})
    )
    role = delegated(current)[name]
    assert role.terminating
    assert role.paths == [f"{SLUG}/*/*"]
