"""A bundle's archive that was damaged on its way is refused, whatever was hit."""

import io
import zipfile
from random import Random

import pytest

from sharing.archive import files_from_zip
from sharing.gate import LARGEST

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


@pytest.mark.parametrize("method", METHODS)
def test_no_damage_is_more_than_a_fault(method: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name in LARGEST:
            archive.writestr(name, Random(name).randbytes(200) * 20)
    chance = Random(method)
    refused = 0
    for _ in range(150):
        damaged = bytearray(packed.getvalue())
        for _ in range(12):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        refused += bool(files_from_zip(bytes(damaged))[1])
    assert refused > 100
