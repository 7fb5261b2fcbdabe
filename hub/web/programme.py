"""For a programme officer: how far the programme is, without any firm's own data."""

from flask import Blueprint, render_template

from hub.web.asking import hub_here
from supplychain.services.indicators import overview as overview_of

bp = Blueprint("programme", __name__, url_prefix="/programme")


@bp.get("/")
def overview() -> str:
    """Firms by region and tier, plants by level; small counts withheld."""
    with hub_here().db.reading() as rows:
        return render_template("programme.html", found=overview_of(rows))
