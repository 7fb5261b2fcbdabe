"""The API of keys: whose keys sign, what waits for a signature, and signatures that come in."""

from datetime import datetime

from flask import Response, request
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import col

from hub import access_keys
from hub import keys as acts
from hub.api.answers import LARGEST, Cursor, answered, page_of
from hub.api.listed import Shorter, rows_of
from hub.keys_said import FirmKeysSaid, StatementSaid, firms_said, statement_said
from hub.web.asking import hub_here, who
from sharing.key_tables import KeyStatement

_tag = Tag(name="keys", description="Whose keys sign, and what waits for a signature")
api = APIBlueprint("keys_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class StatementPath(BaseModel):
    """Which statement."""

    number: int = Field(ge=1, le=LARGEST)


class KeysAsked(BaseModel):
    """Public keys (PEM) for a firm, all that are to count from now on."""

    firm: int = Field(ge=1, le=LARGEST)
    threshold: int = Field(ge=1, le=20)
    public_keys: list[str] = Field(min_length=1, max_length=20)
    reason: str = Field("", max_length=300)


class Registered(BaseModel):
    """What came of it; `state` is waiting until enough of the keys have signed."""

    state: str
    threshold: int
    keys: list[str]
    created_at: datetime


class FirmKeys(BaseModel):
    """A page of firms; `after` asks for the next one, None at the end."""

    firms: list[FirmKeysSaid]
    after: int | None


class Statements(BaseModel):
    """A page of statements; `after` asks for the next one, None at the end."""

    statements: list[StatementSaid]
    after: int | None


class Asked(Shorter):
    """Which page; `state`: waiting, published, dropped, or all."""

    state: str = Field("", max_length=10)


class Taken(BaseModel):
    """What an upload brought."""

    fresh: list[str]
    missing: int


@api.get("/keys", responses={200: FirmKeys})
def listing(query: Cursor) -> Response:
    """Whose keys sign what your firms publish."""
    hub = hub_here()
    current = hub.signing.image()
    with hub.db.reading() as session:
        firms = access_keys.key_firms(session, who())
        page, after = page_of(firms, lambda firm: firm.id, query)
        said = firms_said(session, hub, current, page)
    return answered(FirmKeys(firms=said, after=after))


@api.post("/keys", responses={201: Registered})
def register(body: KeysAsked) -> Response:
    """Give a firm keys of its own, or others; they are in force once enough have signed."""
    access_keys.may_hold_keys_for(who(), body.firm)
    files = [(f"key {n + 1}", pem.encode()) for n, pem in enumerate(body.public_keys)]
    row = acts.register_keys(
        hub_here(), body.firm, files, body.threshold, who().handle, body.reason
    )
    said = Registered(
        state=row.state, threshold=row.threshold, keys=sorted(row.keys), created_at=row.created_at
    )
    return answered(said, 201)


@api.get("/keys/statements", responses={200: Statements})
def statements(query: Asked) -> Response:
    """What is to be signed, and what was."""
    current = hub_here().signing.image()
    seen = access_keys.statements_seen(who())
    seen = seen.where(KeyStatement.state == query.state) if query.state else seen
    with hub_here().db.reading() as session:
        rows, after = rows_of(session, seen, col(KeyStatement.id), query)
        said = [statement_said(session, row, current) for row in rows]
    return answered(Statements(statements=said, after=after))


@api.get("/keys/statements/<int:number>", responses={200: StatementSaid})
def statement(path: StatementPath) -> Response:
    """One statement, and whose signatures it has."""
    with hub_here().db.reading() as session:
        row = access_keys.statement_seen(session, who(), path.number)
        return answered(statement_said(session, row, hub_here().signing.image()))


@api.get("/keys/statements/<int:number>/file")
def download(path: StatementPath) -> Response:
    """The file to sign, byte for byte."""
    with hub_here().db.reading() as session:
        row = access_keys.statement_seen(session, who(), path.number)
        content = acts.file_of(row, hub_here().signing.image())
    return Response(content, mimetype="application/json")


@api.post("/keys/statements/<int:number>/signatures", responses={200: Taken})
def upload(path: StatementPath) -> Response:
    """Signatures: the body is the signed file. With enough of them it is published at once."""
    with hub_here().db.reading() as session:
        access_keys.statement_seen(session, who(), path.number)
    took = acts.upload(hub_here(), path.number, request.get_data(), who().handle)
    return answered(Taken(fresh=list(took.fresh), missing=took.missing))
