"""The API of courses: the catalogue, one's own progress and certificates, and verification."""

from datetime import datetime
from uuid import UUID

from flask import Response, jsonify
from flask_openapi import APIBlueprint
from pydantic import BaseModel, Field

from courses import services
from courses.catalogue.listing import Listed, listed
from courses.catalogue.reading import course_named, shipped
from courses.certificates import Competent, State
from courses.issuer import issuer_at, trusted_keys
from courses.services.progress import CourseState, state_of
from courses.tables import Certificate
from hub import access
from hub.accounts import record
from hub.web.asking import hub_here, who
from supplychain.tables import now

api = APIBlueprint("learn_api", __name__, url_prefix="/api/v1")


class Catalogue(BaseModel):
    """All courses."""

    items: list[Listed]


class Progress(BaseModel):
    """How far the asker is in one course."""

    course: str
    track: str
    lessons_done: list[str]
    lessons: int
    test_passed: bool
    lab_passed: bool
    next: str
    certificate: UUID | None


class MyProgress(BaseModel):
    """How far the asker is, in every course begun."""

    items: list[Progress]


class Held(BaseModel):
    """A certificate of the asker, with the address that anybody may open."""

    number: UUID
    course: str
    competences: list[str]
    issued_at: datetime
    expires_at: datetime
    revoked: bool
    address: str
    credential: str


class MyCertificates(BaseModel):
    """The asker's certificates."""

    items: list[Held]


class CoursePath(BaseModel):
    """Which course."""

    slug: str = Field(max_length=60)


class Pasted(BaseModel):
    """A credential as text: a VC-JWT, or JSON that envelops it."""

    credential: str = Field(min_length=1, max_length=65536)


class Checked(BaseModel):
    """What came of a check; the facts stand only where the proof is genuine."""

    state: State
    number: str | None = None
    holder: str | None = None
    course: str | None = None
    issuer: str | None = None
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    competences: list[Competent] = []


@api.get("/courses", responses={200: Catalogue}, summary="The catalogue")
def catalogue() -> Response:
    """Every course that can be begun."""
    items = [listed(course) for course in shipped().values()]
    return jsonify(Catalogue(items=items).model_dump(mode="json"))


@api.get("/courses/mine", responses={200: MyProgress}, summary="My progress")
def mine() -> Response:
    """The asker's progress in every course begun."""
    with hub_here().db.reading() as rows:
        begun = access.own_courses(rows, who())
        courses = [shipped()[slug] for slug in begun if slug in shipped()]
        states = [state_of(rows, who().handle, course, now()) for course in courses]
        return jsonify(MyProgress(items=[_progress(one) for one in states]).model_dump(mode="json"))


def _progress(state: CourseState) -> Progress:
    return Progress(
        course=state.course.slug,
        track=state.enrolment.track if state.enrolment else "",
        lessons_done=[one.lesson.slug for one in state.lessons if one.done],
        lessons=len(state.lessons),
        test_passed=state.test_passed,
        lab_passed=state.lab_passed,
        next=state.next,
        certificate=state.certificate.id if state.certificate else None,
    )


@api.post("/courses/<slug>/certificate", responses={200: Held}, summary="Get the certificate")
def claim(path: CoursePath) -> Response:
    """Award the certificate that the asker has earned; asked again, it is the same one."""
    hub, course = hub_here(), course_named(path.slug)
    with hub.db.work() as rows:
        earned = state_of(rows, who().handle, course, now()).earned
        issuer = issuer_at(hub.settings.url, hub.keys)
        row = services.award(
            rows, who().handle, who().name, course, issuer, earned=earned, at=now()
        )
        record(rows, who().handle, "certificate.awarded", str(row.id), course=course.slug)
        return jsonify(_held(row).model_dump(mode="json"))


@api.get("/certificates", responses={200: MyCertificates}, summary="My certificates")
def certificates() -> Response:
    """The asker's certificates, newest first."""
    with hub_here().db.reading() as rows:
        held = [_held(row) for row in access.own_certificates(rows, who())]
    return jsonify(MyCertificates(items=held).model_dump(mode="json"))


def _held(row: Certificate) -> Held:
    return Held(
        number=row.id,
        course=row.course,
        competences=row.competences,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        revoked=row.revoked_at is not None,
        address=f"{hub_here().settings.url}/verify/{row.id}",
        credential=row.credential,
    )


@api.post("/certificates/verify", responses={200: Checked}, summary="Verify a credential")
def verify(body: Pasted) -> Response:
    """Check a credential that somebody shows: proof, dates, revocation. Needs no account."""
    with hub_here().db.reading() as rows:
        verdict = services.check(rows, body.credential, trusted_keys(hub_here().keys), now())
    known = verdict.reading if verdict.state != "not_genuine" else None
    if known is None:
        return jsonify(Checked(state=verdict.state).model_dump(mode="json"))
    facts = known.model_dump(include=set(Checked.model_fields))
    return jsonify(Checked(state=verdict.state, **facts).model_dump(mode="json"))
