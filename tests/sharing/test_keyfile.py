"""Secrets in files: one for all who ask at once, and for nobody else."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from sharing.keyfile import kept


def test_many_ask_at_once_and_all_get_the_same(tmp_path):
    path, numbers = tmp_path / "keys" / "secret", count()
    with ThreadPoolExecutor(8) as pool:
        told = set(pool.map(lambda _: kept(path, lambda: b"%d" % next(numbers)), range(32)))
    assert told == {path.read_bytes()}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret"]


def test_one_that_cannot_be_made_leaves_nothing_behind(tmp_path):
    def broken() -> bytes:
        raise ValueError("no luck")

    with pytest.raises(ValueError, match="no luck"):
        kept(tmp_path / "secret", broken)
    assert list(tmp_path.iterdir()) == []
