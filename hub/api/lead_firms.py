"""The API of lead firms: an administrator begins one."""

from typing import Literal

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field

from hub import access, lead_firms
from hub.api.answers import answered
from hub.web.asking import hub_here, who

_tag = Tag(name="administration", description="What the administrator of the hub does")
api = APIBlueprint("lead_firms_api", __name__, url_prefix="/api/v1/lead-firms", abp_tags=[_tag])


class Beginning(BaseModel):
    """The firm, and its first supply manager, who gets a link by mail."""

    name: str = Field(max_length=400)
    brn: str = Field("", max_length=40)
    email: str = Field(max_length=300)
    person: str = Field("", max_length=100)
    locale: Literal["ko", "en"] = "ko"


class Begun(BaseModel):
    """The firm's number, and the address to which the mail goes."""

    firm: int
    name: str
    email: str


@api.post("", responses={201: Begun})
def make(body: Beginning) -> Response:
    """Make a lead firm. 422 where somebody speaks for the firm already."""
    with hub_here().db.work() as rows:
        account = access.own_account(rows, who())
        told = lead_firms.Beginning(**body.model_dump())
        firm, row = lead_firms.make(rows, hub_here().settings, told, account, who().handle)
        begun = Begun(firm=firm.id or 0, name=firm.name, email=row.email)
    return answered(begun, 201)
