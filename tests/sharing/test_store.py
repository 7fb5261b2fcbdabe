import contextlib
import hashlib
import itertools
import os
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharing.errors import FileNotStored, StoreDamaged
from sharing.recipe import MOST, Chunk, RecipeInvalid, longest, read, spans, written
from sharing.store import GRACE, READY_SECONDS, Store

SOON = timedelta(seconds=5)


@pytest.fixture(scope="module")
def bucket():
    """A stand-in of an S3 service on this machine."""
    moto = pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    server = moto.ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    key = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in key.items():
            patch.setenv(name, value)
        client = boto3.client("s3", endpoint_url=address, region_name="us-east-1")
        client.create_bucket(Bucket="models")
        client.close()
        yield address
    server.stop()


numbers = itertools.count()


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path):
    if request.param == "folder":
        return Store.at(tmp_path / "store")
    address = request.getfixturevalue("bucket")
    return Store.at(tmp_path / "store", f"s3://models/{next(numbers)}", address)


def kept(store, kind):
    return {each.name.rsplit("/", 1)[1] for each in store._blobs.names(f"{kind}/")}


def test_what_is_put_in_is_found_by_its_digest(store, tmp_path):
    stored = store.put(b"abc")
    assert stored.sha256.startswith("ba7816bf8f01cfea")
    assert (store.read(stored.sha256), stored.length) == (b"abc", 3)
    assert store.holds(stored.sha256)
    (tmp_path / "file").write_bytes(b"abc")
    assert store.put_file(tmp_path / "file") == stored
    assert (len(kept(store, "files")), len(kept(store, "chunks"))) == (1, 1)


def test_a_large_file_comes_back_whole_in_ranges_and_as_a_file(store):
    data = os.urandom(1_500_000)
    digest = store.put(data).sha256
    assert store.read(digest) == data
    assert len(store.recipe(digest)) > 5
    for start, stop in ((0, 1), (100_000, 700_001), (1_499_999, 1_500_000), (5, 5)):
        assert b"".join(store.chunks(digest, start, stop)) == data[start:stop]
    with store.local(digest) as path:
        assert path.read_bytes() == data
    assert not path.exists()


def test_files_that_an_earlier_release_kept_whole_are_taken_over(tmp_path):
    digest = hashlib.sha256(b"abc").hexdigest()
    old = tmp_path / "store" / digest[:2] / digest[2:4] / digest
    old.parent.mkdir(parents=True)
    old.write_bytes(b"abc")
    assert Store.at(tmp_path / "store").read(digest) == b"abc"
    assert not old.exists()


def test_an_empty_file_is_a_file(store):
    digest = store.put(b"").sha256
    assert (store.read(digest), store.recipe(digest)) == (b"", [])


def test_two_versions_share_the_chunks_in_which_they_do_not_differ(store):
    first = os.urandom(2_000_000)
    second = first[:700_000] + b"a new head" + first[700_100:]
    one, two = (store.recipe(store.put(data).sha256) for data in (first, second))
    fresh = {chunk.sha256 for chunk in two} - {chunk.sha256 for chunk in one}
    assert len(fresh) <= 3
    assert len(kept(store, "chunks")) == len({chunk.sha256 for chunk in (*one, *two)})


def test_a_source_that_fails_leaves_nothing_behind(store, tmp_path):
    def broken():
        yield b"half"
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - any
        store.put_chunks(broken())
    assert kept(store, "files") | kept(store, "chunks") == set()
    assert list((tmp_path / "store" / "scratch").iterdir()) == []


def test_a_damaged_file_is_never_handed_out_whole(store):
    stored = store.put(b"abc")
    name = f"chunks/{stored.sha256[:2]}/{stored.sha256[2:4]}/{stored.sha256}"
    store._blobs.put(name, b"abd")
    with pytest.raises(StoreDamaged):
        store.read(stored.sha256)
    store._blobs.remove(name)
    with pytest.raises(StoreDamaged):
        store.read(stored.sha256)
    store.put(b"abc")
    assert store.read(stored.sha256) == b"abc"


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a" * 63, "A" * 64, "0" * 64])
def test_what_is_not_there_or_no_digest_is_not_found(store, name):
    assert not store.holds(name)
    with pytest.raises(FileNotStored):
        store.recipe(name)


def test_many_writers_of_the_same_content_do_each_other_no_harm(store, tmp_path):
    data = os.urandom(300_000)
    threads = [threading.Thread(target=store.put, args=(data,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read(store.put(data).sha256) == data
    assert list((tmp_path / "store" / "scratch").iterdir()) == []


def test_a_sweep_takes_what_nobody_wants_once_it_is_old(store):
    wanted, other = os.urandom(400_000), os.urandom(400_000)
    keep = store.put(wanted).sha256
    drop = store.put(wanted[:200_000] + other).sha256
    shared = {c.sha256 for c in store.recipe(keep)} & {c.sha256 for c in store.recipe(drop)}
    assert shared
    assert store.sweep({keep}, datetime.now(UTC)) == (0, 0)
    later = datetime.now(UTC) + GRACE + SOON
    files, chunks = store.sweep({keep}, later)
    assert (files, chunks > 0) == (1, True)
    assert store.read(keep) == wanted
    assert not store.holds(drop)
    assert kept(store, "chunks") == {chunk.sha256 for chunk in store.recipe(keep)}


def test_a_file_put_while_a_sweep_is_at_work_is_whole(store):
    """The sweep has just judged the chunks, and takes each while the file comes again."""
    data = os.urandom(600_000)
    digest = store.put(data).sha256
    later = datetime.now(UTC) + GRACE + SOON
    remove, taken = store._blobs.remove, []

    def meanwhile(name):
        remove(name)
        if name.startswith("chunks/") and not taken:
            taken.append(name)
            store.put(data)  # another process

    store._blobs.remove = meanwhile
    store.sweep(set(), later)
    assert taken
    assert store.read(digest) == data


@given(st.lists(st.integers(1, MOST), max_size=40), st.data())
@settings(max_examples=200)
def test_a_recipe_reads_back_and_spans_cover_just_what_is_lacking(lengths, data):
    starts = [0, *itertools.accumulate(lengths)]
    chunks = [Chunk(f"{n:064x}", size, at) for n, (size, at) in enumerate(zip(lengths, starts))]  # noqa: B905
    total = sum(lengths)
    assert read(written(chunks), total) == chunks
    with pytest.raises(RecipeInvalid):
        read(written(chunks), total + 1)
    here = {c.sha256 for c in chunks if data.draw(st.booleans())}
    asked = list(spans(chunks, here))
    assert sum(stop - start for start, stop in asked) == sum(
        c.length for c in chunks if c.sha256 not in here
    )
    assert all(one[1] < other[0] for one, other in itertools.pairwise(asked))


@pytest.mark.parametrize("size", [0, 1, 16_384, 1_000_000])
def test_a_recipe_is_never_longer_than_what_an_agent_reads(store, size):
    chunks = store.recipe(store.put(os.urandom(size)).sha256)
    assert len(written(chunks)) <= longest(size)


@given(st.binary(max_size=300), st.integers(0, 1_000))
def test_whatever_comes_as_a_recipe_is_read_or_refused(text, length):
    with contextlib.suppress(RecipeInvalid):
        assert sum(chunk.length for chunk in read(text, length)) == length


def test_a_file_for_many_is_put_together_once(store, monkeypatch):
    data = os.urandom(1_000_000)
    digest = store.put(data).sha256
    chunks, made = store.chunks, []
    monkeypatch.setattr(store, "chunks", lambda one: made.append(one) or chunks(one))
    found = []

    def read():
        with store.opened(digest) as file:
            found.append(file.read())

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [data] * 8
    assert made == [digest]


def test_a_copy_that_nobody_needs_goes(store, tmp_path):
    digests = [store.put(os.urandom(1000)).sha256 for _ in range(3)]
    for digest in digests:
        store.opened(digest).close()
    copies = tmp_path / "store" / "ready"
    old = datetime.now(UTC).timestamp() - READY_SECONDS - 1
    os.utime(copies / digests[0], (old, old))
    store.sweep(set(digests), datetime.now(UTC))
    assert {each.name for each in copies.iterdir()} == set(digests[1:])
    os.utime(copies / digests[1], (old, old))
    store.opened(store.put(b"another").sha256).close()
    assert digests[1] not in {each.name for each in copies.iterdir()}


def test_what_is_not_there_or_damaged_is_not_opened(store):
    with pytest.raises(FileNotStored):
        store.opened("0" * 64)
    with pytest.raises(FileNotStored):
        store.opened("../../etc/passwd")
    stored = store.put(b"abc")
    store._blobs.put(f"chunks/{stored.sha256[:2]}/{stored.sha256[2:4]}/{stored.sha256}", b"abd")
    with pytest.raises(StoreDamaged):
        store.opened(stored.sha256)


def test_files_put_by_many_while_chunks_of_theirs_are_swept_are_whole(tmp_path):
    """Each round: old chunks that nobody lists, writers that need them again, sweeps meanwhile."""
    store = Store.at(tmp_path / "store")
    parts = [os.urandom(90_000) for _ in range(6)]
    whole = [b"".join(parts[n:] + parts[:n]) for n in range(4)]
    long_ago = (datetime.now(UTC) - 2 * GRACE).timestamp()
    for _ in range(15):
        for data in whole:
            digest = store.put(data).sha256
            store._blobs.remove(f"files/{digest[:2]}/{digest}")
        for each in (tmp_path / "store" / "chunks").rglob("*"):
            os.utime(each, (long_ago, long_ago))
        assert _put_while_swept(store, whole) == set(whole)


def _put_while_swept(store, whole) -> set[bytes]:
    ended, digests = threading.Event(), []

    def sweeps():
        while not ended.is_set():
            store.sweep(set(), datetime.now(UTC))

    sweeper = threading.Thread(target=sweeps)
    writers = [
        threading.Thread(target=lambda data=data: digests.append(store.put(data).sha256))
        for data in whole
    ]
    for thread in (sweeper, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    ended.set()
    sweeper.join()
    return {store.read(digest) for digest in digests}
