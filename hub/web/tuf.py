"""Signed statements and the files that they name, as agents fetch them. No sign-in: they check.

`/tuf/image/…`, `/tuf/director/<site>/…` and `/tuf/targets/<model>/<version>/<sha256>.<file>`.
Numbered statements and files never change; a timestamp is asked for anew each time.
"""

import re

from flask import Blueprint, Response, request, send_file

from hub.web.asking import hub_here
from sharing.errors import FileNotStored
from sharing.services import models

bp = Blueprint("tuf", __name__, url_prefix="/tuf")

_FOREVER = "public, max-age=31536000, immutable"
_HASHED = re.compile(r"([0-9a-f]{64})\.(.+)")


@bp.get("/image/<name>")
def image(name: str) -> Response:
    """A statement about what was published."""
    return _statement("image", name)


@bp.get("/director/<int:site>/<name>")
def director(site: int, name: str) -> Response:
    """A statement about what a site is to run."""
    return _statement(f"director/{site}", name)


@bp.get("/targets/<model>/<version>/<name>")
def target(model: str, version: str, name: str) -> Response:
    """A file of a version, whole or a range of it. Raises FileNotStored."""
    parts = _HASHED.fullmatch(name)
    if parts is None:
        raise FileNotStored(digest=name[:64])
    digest, path = parts.groups()
    hub = hub_here()
    with hub.db.reading() as session:
        row = models.file_named(session, model, version, path)
    if row.sha256 != digest:
        raise FileNotStored(digest=digest)
    answer = send_file(
        hub.store.path(digest), mimetype="application/octet-stream", conditional=True, etag=digest
    )
    return _kept(answer, _FOREVER)


def _statement(repository: str, name: str) -> Response:
    path = hub_here().signing.file(repository, name)
    answer = send_file(path, mimetype="application/json", conditional=True)
    return _kept(answer, "no-cache" if name == "timestamp.json" else _FOREVER)


def _kept(answer: Response, how: str) -> Response:
    if request.method in ("GET", "HEAD"):
        answer.headers["Cache-Control"] = how
    return answer
