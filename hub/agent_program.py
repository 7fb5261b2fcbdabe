"""The vendor's agent as a package for pip, made of the very code that this hub runs.

A plant installs it from the hub that it connects to: nothing has to be published anywhere, and
nobody else's package of the same name can take its place.
"""

import base64
import hashlib
import io
import zipfile
from email.message import Message
from functools import cache
from importlib.metadata import Distribution, distribution
from pathlib import Path

import sharing
import supplychain

_NAME = "sangsaeng-hub"
_PACKAGES = (sharing, supplychain)
_MADE = (2026, 1, 1, 0, 0, 0)
_COMMANDS = "[console_scripts]\nhub-agent = sharing.agent.__main__:main\n"
_WHEEL = "Wheel-Version: 1.0\nGenerator: sangsaeng-hub\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def file_name() -> str:
    """What pip wants the package to be called."""
    return f"{_stem()}-py3-none-any.whl"


@cache
def wheel() -> bytes:
    """The package, a wheel (PEP 427): the code of `sharing` and `supplychain`, and one command."""
    folder = f"{_stem()}.dist-info"
    files = {name: content for package in _PACKAGES for name, content in _code(package.__path__[0])}
    files[f"{folder}/METADATA"] = _about(distribution(_NAME)).as_bytes()
    files[f"{folder}/WHEEL"] = _WHEEL.encode()
    files[f"{folder}/entry_points.txt"] = _COMMANDS.encode()
    record = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    record.append(f"{folder}/RECORD,,")
    files[f"{folder}/RECORD"] = ("\n".join(record) + "\n").encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()


def _stem() -> str:
    return f"{_NAME.replace('-', '_')}-{distribution(_NAME).version}"


def _code(folder: str) -> list[tuple[str, bytes]]:
    root = Path(folder)
    paths = sorted(path for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return [(path.relative_to(root.parent).as_posix(), path.read_bytes()) for path in paths]


def _about(installed: Distribution) -> Message:
    """Name, version and what the agent itself needs; the hub's own needs are left out."""
    about = Message()
    about["Metadata-Version"] = "2.1"
    for field in ("Name", "Version", "Summary", "Requires-Python"):
        about[field] = installed.metadata[field]
    about["License"] = "Apache-2.0"
    for needed in installed.requires or []:
        if "extra ==" not in needed:
            about["Requires-Dist"] = needed
    return about


def _digest(content: bytes) -> str:
    # As a RECORD has it: base64 for addresses, without padding.
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
