"""The agent's program for a vendor's PC, as `pip install` fetches it from this hub."""

import io

from flask import Blueprint, Response, send_file
from werkzeug.exceptions import NotFound

from hub import agent_program

bp = Blueprint("program", __name__, url_prefix="/agent")


@bp.get("/<name>")
def wheel(name: str) -> Response:
    """The package; pip reads its name and version from the address."""
    if name != agent_program.file_name():
        raise NotFound
    return send_file(io.BytesIO(agent_program.wheel()), download_name=name, as_attachment=True)
