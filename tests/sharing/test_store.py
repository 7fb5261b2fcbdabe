import threading

import pytest

from sharing.errors import FileNotStored, StoreDamaged
from sharing.store import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def test_what_is_put_in_is_found_by_its_digest(store, tmp_path):
    stored = store.put(b"abc")
    assert stored.sha256.startswith("ba7816bf8f01cfea")
    assert (store.read(stored.sha256), stored.length) == (b"abc", 3)
    (tmp_path / "file").write_bytes(b"abc")
    assert store.put_file(tmp_path / "file") == stored
    assert len([p for p in store.folder.rglob("*") if p.is_file()]) == 1


def test_a_source_that_fails_leaves_nothing_behind(store):
    def broken():
        yield b"half"
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - any
        store.put_chunks(broken())
    assert [p for p in store.folder.rglob("*") if p.is_file()] == []


def test_a_damaged_file_is_never_handed_out_whole(store):
    stored = store.put(b"abc")
    store.path(stored.sha256).write_bytes(b"abd")
    with pytest.raises(StoreDamaged):
        store.read(stored.sha256)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a" * 63, "A" * 64, "0" * 64])
def test_what_is_not_there_or_no_digest_is_not_found(store, name):
    with pytest.raises(FileNotStored):
        store.path(name)


def test_many_writers_of_the_same_content_do_each_other_no_harm(store):
    data = b"x" * 300_000
    threads = [threading.Thread(target=store.put, args=(data,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read(store.put(data).sha256) == data
    assert list((store.folder / "incoming").iterdir()) == []
