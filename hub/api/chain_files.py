"""The API's files of a whole chain: what the map shows, for other programs."""

from typing import Literal

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel

from hub.api.supply import Chain
from hub.web.chain_files import answer

_tag = Tag(name="supply", description="Supplier sheets, firms, links and tiers")
api = APIBlueprint("chain_files_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class FormPath(BaseModel):
    """Which kind of file."""

    form: Literal["graphml", "aas", "aasx"]


@api.get("/exports/chain/<form>", responses={200: None})
def export(path: FormPath, query: Chain) -> Response:
    """The chain that you may see: GraphML, or AAS (IDTA 02011 and 02068) as JSON or package.

    Firms without a name are in it as numbers by tier, region and industry.
    """
    return answer(str(query.lead or ""), path.form)
