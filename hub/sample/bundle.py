"""The sample's model bundle as files, for those who publish it or offer it for download."""

import io
import zipfile
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "infra" / "sample" / "model"
ARCHIVE = "injection-quality.zip"
_MADE = (2026, 11, 2, 9, 0, 0)


def zipped(folder: Path = FOLDER) -> bytes:
    """The folder's files as one ZIP archive; the same files give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.iterdir() if path.is_file()):
            entry = zipfile.ZipInfo(path.name, _MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return packed.getvalue()
