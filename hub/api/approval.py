"""The API of a firm's wish for a second person's yes to its rollouts."""

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub import access
from hub.api.answers import LARGEST, answered
from hub.steering import want_approval
from hub.web.asking import hub_here, who
from sharing.services.approvals import setting_of

_tag = Tag(name="rollouts", description="Versions on their way to plants, and what came of them")
api = APIBlueprint("approval_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class ApprovalPath(BaseModel):
    """Which firm."""

    firm: int = Field(ge=1, le=LARGEST)


class ApprovalAsked(BaseModel):
    """Whether every new rollout wants a second person's yes. To end it takes two people."""

    wanted: bool


class ApprovalSaid(BaseModel):
    """How it is. `ending`: one person wants to end it, and another has to agree."""

    firm: int
    wanted: bool
    ending: bool


@api.get("/rollouts/approval/<int:firm>", responses={200: ApprovalSaid})
def setting(path: ApprovalPath) -> Response:
    """Whether a firm's new rollouts want a second person's yes."""
    with hub_here().db.reading() as session:
        access.may_publish_for(who(), path.firm)
        return answered(approval_said(session, path.firm))


@api.post("/rollouts/approval/<int:firm>", responses={200: ApprovalSaid})
def choose(path: ApprovalPath, body: ApprovalAsked) -> Response:
    """Want it, or no more: said twice by one person it is said once."""
    with hub_here().db.work() as session:
        access.may_publish_for(who(), path.firm)
        want_approval(session, path.firm, who().handle, wanted=body.wanted)
        return answered(approval_said(session, path.firm))


def approval_said(session: Session, firm_id: int) -> ApprovalSaid:
    """A firm's wish as programs read it."""
    row = setting_of(session, firm_id)
    return ApprovalSaid(firm=firm_id, wanted=row.approval, ending=bool(row.ends_by))
