"""Signed statements and the files that they name, as agents fetch them.

`/tuf/image/…`, `/tuf/director/<site>/…`, `/tuf/targets/<model>/<version>/<sha256>.<file>`, and the
same under `/tuf/recipes/…`: of which chunks that file is made.
Agents check what they get; the hub checks who asks. A model is shared under an agreement, so only
an agent of a site to which it is assigned may have its files. Numbered statements and files never
change; a timestamp is asked for anew each time.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from flask import Blueprint, Response, g, request, send_file

from hub.api.agents import refusal
from hub.api.problems import problem
from hub.web.asking import hub_here
from hub.web.stored import sent_to_many
from sharing.errors import AgentRefused, FileNotStored
from sharing.services import agents, models
from sharing.signing import Signing

bp = Blueprint("tuf", __name__, url_prefix="/tuf")

_FOREVER = "private, max-age=31536000, immutable"
_OF_FIRM = re.compile(r"\d{1,9}\.publisher-(\d{1,12})\.json")
_HASHED = re.compile(r"([0-9a-f]{64})\.(.+)")


@bp.before_request
def _agents_only() -> Response | None:
    """Let an agent in that is in force; of which site, is kept for what follows."""
    token = request.authorization.token if request.authorization else None
    with hub_here().db.reading() as session:
        try:
            g.site = agents.recognise(session, token or "")
        except AgentRefused as error:
            return refusal(error)
    return None


@bp.get("/image/<name>")
def image(name: str) -> Response:
    """A statement about what was published.

    What one firm publishes is told to plants that are assigned something of it: the names of its
    models are not for other chains. Raises FileNotStored.
    """
    firm = _OF_FIRM.fullmatch(name)
    if firm is not None:
        slugs = {path.split("/")[0] for path in _listed(g.site)}
        with hub_here().db.reading() as session:
            if not models.any_of_firm(session, int(firm[1]), slugs):
                raise FileNotStored(digest=name[:64])
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
    return _kept(sent_to_many(_assigned(model, version, name)), _FOREVER)


@bp.get("/recipes/<model>/<version>/<name>")
def recipe(model: str, version: str, name: str) -> Response:
    """The chunks of such a file in order, a line of digest and length for each.

    An agent asks for those ranges of the file that it does not hold already.
    """
    told = hub_here().store.told(_assigned(model, version, name))
    return _kept(Response(told, mimetype="text/plain"), _FOREVER)


def _assigned(model: str, version: str, name: str) -> str:
    parts = _HASHED.fullmatch(name)
    if parts is None:
        raise FileNotStored(digest=name[:64])
    digest, path = parts.groups()
    if _listed(g.site).get(f"{model}/{version}/{path}") != digest:
        raise FileNotStored(digest=digest)
    return digest


def _listed(site: int) -> Mapping[str, str]:
    """What is assigned to a site, path → digest, as its signed list says."""
    signing = hub_here().signing
    at = signing.file(f"director/{site}", "timestamp.json").stat()
    return _read_list(signing, site, (at.st_mtime_ns, at.st_ino, at.st_size))


@lru_cache(maxsize=4096)
def _read_list(signing: Signing, site: int, _stamp: tuple[int, int, int]) -> Mapping[str, str]:
    # Kept until its timestamp is another file. Two agents of a thousand ask about one site; this
    # one asks a dozen times in a row.
    return {path: target.sha256 for path, target in signing.assigned(site).items()}


def _statement(repository: str, name: str) -> Response:
    try:
        path = hub_here().signing.file(repository, name)
    except FileNotStored:
        # Every round of every agent asks for the next root, which is hardly ever there: no sentence
        # is looked up for it.
        return problem(404, "FileNotStored", "There is no such file.")
    answer = send_file(path, mimetype="application/json", conditional=True)
    return _kept(answer, "no-cache" if name == "timestamp.json" else _FOREVER)


def _kept(answer: Response, how: str) -> Response:
    if request.method in ("GET", "HEAD"):
        answer.headers["Cache-Control"] = how
    return answer
