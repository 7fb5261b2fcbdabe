"""Signed statements and the files that they name, as agents fetch them.

`/tuf/image/…`, `/tuf/director/<site>/…`, `/tuf/targets/<model>/<version>/<sha256>.<file>`, and the
same under `/tuf/recipes/…`: of which chunks that file is made.
Agents check what they get; the hub checks who asks. A model is shared under an agreement, so only
an agent of a site to which it is assigned may have its files. Numbered statements and files never
change; a timestamp is asked for anew each time.
"""

import re

from flask import Blueprint, Response, g, request, send_file

from hub.api.agents import refusal
from hub.web.asking import hub_here
from hub.web.stored import sent_from_store
from sharing.errors import AgentRefused, FileNotStored
from sharing.recipe import written
from sharing.services import agents, models

bp = Blueprint("tuf", __name__, url_prefix="/tuf")

_FOREVER = "private, max-age=31536000, immutable"
_HASHED = re.compile(r"([0-9a-f]{64})\.(.+)")


@bp.before_request
def _agents_only() -> Response | None:
    """Let an agent in that is in force; of which site, is kept for what follows."""
    token = request.authorization.token if request.authorization else None
    with hub_here().db.reading() as session:
        try:
            g.site = agents.recognise(session, token or "").site_id
        except AgentRefused as error:
            return refusal(error)
    return None


@bp.get("/image/<name>")
def image(name: str) -> Response:
    """A statement about what was published."""
    return _statement("image", name)


@bp.get("/director/<int:site>/<name>")
def director(site: int, name: str) -> Response:
    """A statement about what the agent's own site is to run. Raises FileNotStored for another's."""
    if site != g.site:
        raise FileNotStored(digest=name[:64])
    return _statement(f"director/{site}", name)


@bp.get("/targets/<model>/<version>/<name>")
def target(model: str, version: str, name: str) -> Response:
    """A file that is assigned to the agent's site, whole or a range. Raises FileNotStored."""
    return _kept(sent_from_store(_assigned(model, version, name)), _FOREVER)


@bp.get("/recipes/<model>/<version>/<name>")
def recipe(model: str, version: str, name: str) -> Response:
    """The chunks of such a file in order, a line of digest and length for each.

    An agent asks for those ranges of the file that it does not hold already.
    """
    chunks = hub_here().store.recipe(_assigned(model, version, name))
    return _kept(Response(written(chunks), mimetype="text/plain"), _FOREVER)


def _assigned(model: str, version: str, name: str) -> str:
    parts = _HASHED.fullmatch(name)
    if parts is None:
        raise FileNotStored(digest=name[:64])
    digest, path = parts.groups()
    hub = hub_here()
    if f"{model}/{version}/{path}" not in hub.signing.assigned(g.site):
        raise FileNotStored(digest=digest)
    with hub.db.reading() as session:
        row = models.file_named(session, model, version, path)
    if row.sha256 != digest:
        raise FileNotStored(digest=digest)
    return digest


def _statement(repository: str, name: str) -> Response:
    path = hub_here().signing.file(repository, name)
    answer = send_file(path, mimetype="application/json", conditional=True)
    return _kept(answer, "no-cache" if name == "timestamp.json" else _FOREVER)


def _kept(answer: Response, how: str) -> Response:
    if request.method in ("GET", "HEAD"):
        answer.headers["Cache-Control"] = how
    return answer
