"""The API of labs, as notebooks use it.

A notebook shows the token of its own server; JupyterHub is asked whose that is. Such a token is
good for labs alone: it is looked at here, not by the frame that lets programs in everywhere.
"""

from flask import Response, request
from flask_openapi import APIBlueprint
from pydantic import BaseModel, Field

from hub import access
from hub.accounts import record
from hub.errors import NotAllowed
from hub.labs_process import jupyterhub_of
from hub.web.asking import hub_here, who
from hub.wiring import secret
from labs.catalogue import Lab, lab_named, labs
from labs.errors import TokenRefused
from labs.seeds import seed_for
from labs.services import attempts_of, hand_in, model_behind, open_lab, workbench_of
from labs.services.workbenches import model_bytes
from labs.shared_model import SharedModel
from labs.tables import Attempt

api = APIBlueprint("labs_api", __name__, url_prefix="/api/v1")


class LabPath(BaseModel):
    """Which lab."""

    slug: str = Field(max_length=60)


class HandIn(BaseModel):
    """What is handed in. `receipt` is the sender's own number: sent twice, it counts once."""

    receipt: str = Field(min_length=8, max_length=64)
    answers: dict[str, object]


@api.get("/labs")
def every_lab() -> dict[str, object]:
    """All labs."""
    return {
        "labs": [
            lab.model_dump(mode="json", include={"slug", "title", "summary", "minutes", "model"})
            | {"max_points": lab.max_points}
            for lab in labs().values()
        ]
    }


@api.post("/labs/<slug>/open")
def opened(path: LabPath) -> dict[str, object]:
    """The learner's own data for a lab; the same each time."""
    lab, hub, learner = lab_named(path.slug), hub_here(), learner_here()
    with hub.db.work() as session:
        open_lab(session, lab, learner)
    model = _model_of(lab, learner)
    table = lab.data(seed_for(lab_secret(), lab.slug, learner))
    return {
        "lab": lab.slug,
        "title": lab.title.model_dump(),
        "questions": [
            {"id": each.id, "title": each.title.model_dump(), "points": each.points}
            for each in lab.criteria
        ],
        "csv": table.to_csv(index=False),
        "model": model and {"slug": lab.model, "version": model.version, "inputs": model.columns},
    }


@api.get("/labs/<slug>/model")
def model_file(path: LabPath) -> Response:
    """The ONNX file of the shared model that stands at the learner's workbench."""
    lab, hub, learner = lab_named(path.slug), hub_here(), learner_here()
    with hub.db.reading() as session:
        data = model_bytes(session, hub.store, lab, workbench_of(session, lab, learner))
    return Response(data, mimetype="application/octet-stream")


@api.post("/labs/<slug>/hand-ins")
def handed_in(path: LabPath, body: HandIn) -> tuple[dict[str, object], int]:
    """Take in answers, grade them, and say why."""
    lab, learner = lab_named(path.slug), learner_here()
    model = _model_of(lab, learner)
    with hub_here().db.work() as session:
        attempt = hand_in(
            session,
            lab,
            workbench_of(session, lab, learner),
            body.answers,
            body.receipt,
            secret=lab_secret(),
            predict=model,
        )
        record(session, learner, "lab.handed-in", lab.slug, number=attempt.number)
        return told(lab, attempt), 201


@api.get("/labs/<slug>/mine")
def mine(path: LabPath) -> dict[str, object]:
    """What the learner has handed in, the newest first."""
    lab, learner = lab_named(path.slug), learner_here()
    with hub_here().db.reading() as session:
        rows = session.exec(attempts_of(learner, lab.slug).limit(200)).all()
        return {"attempts": [told(lab, attempt) for attempt in rows]}


def _model_of(lab: Lab, learner: str) -> SharedModel | None:
    """The model at the learner's workbench; loading it takes long, so no writer waits for it."""
    hub = hub_here()
    with hub.db.reading() as session:
        return model_behind(session, hub.store, lab, workbench_of(session, lab, learner))


def told(lab: Lab, attempt: Attempt) -> dict[str, object]:
    """A hand-in as programs read it; the lines carry their titles in both languages."""
    titles = {each.id: each.title.model_dump() for each in lab.criteria}
    return {
        "number": attempt.number,
        "receipt": attempt.receipt,
        "points": attempt.points,
        "max_points": attempt.max_points,
        "pass_points": lab.pass_points,
        "passed": attempt.passed,
        "handed_in_at": attempt.handed_in_at.isoformat(),
        "lines": [{**line, "title": titles.get(str(line["criterion"]))} for line in attempt.lines],
    }


def lab_secret() -> bytes:
    """What seeds are derived with."""
    return bytes.fromhex(secret(hub_here().keys, "labs"))


def learner_here() -> str:
    """Who asks: somebody with a session or a token of the hub, or the owner of a lab's server.

    Raises TokenRefused, JupyterHubAway, NotAllowed (the account was disabled meanwhile).
    """
    if who().known:
        return who().handle
    sent = request.authorization
    if sent is None or not sent.token:
        raise TokenRefused
    handle = jupyterhub_of(hub_here()).whose(sent.token)
    with hub_here().db.reading() as session:
        if access.person(session, handle) is None:
            raise NotAllowed
    return handle
