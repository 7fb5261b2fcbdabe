"""The map as a file for graph programs and for Asset Administration Shells."""

from flask import Blueprint, Response, request

from hub import access
from hub.chain_files import ChainFile, chain_file
from hub.web.asking import hub_here, who

bp = Blueprint("chain_files", __name__)


@bp.get("/supply/chain.<any(graphml, aas, aasx):form>")
def export(form: str) -> Response:
    """All firms and links of the map that its reader may see by name; of others the number."""
    return answer(request.args.get("lead"), form)


def answer(lead: str | None, form: str) -> Response:
    """The file, for a firm for which the asker speaks."""
    with hub_here().db.reading() as session:
        firm = access.own_firm(session, who(), lead)
        return as_answer(chain_file(session, hub_here().settings, firm.id or 0, form))


def as_answer(file: ChainFile) -> Response:
    """A file to keep; sent in pieces, so that a large one fills no memory."""
    named = {"Content-Disposition": f"attachment; filename={file.name}"}
    return Response(file.content, mimetype=file.kind, headers=named)
