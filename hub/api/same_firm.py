"""The API of firms that may be one: pairs, answers, merges, splits, and further numbers."""

from datetime import datetime
from typing import Literal

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field

from hub import access, same_firms
from hub.accounts import record
from hub.api.answers import LARGEST, Asked, Listing, answered
from hub.api.problems import problem
from hub.web.asking import hub_here, say, who
from supplychain.merge_errors import NumbersFaulty
from supplychain.numbers import read_numbers
from supplychain.services.likenesses import Answered, how_many, merges_of, questions
from supplychain.services.numbers import further_numbers, tell_numbers
from supplychain.services.pairs import Compared, Joined, Side, compared, joined
from supplychain.tables import Likeness

_tag = Tag(name="same firm", description="Firms that may be one, merges and splits")
api = APIBlueprint("same_firm_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class PairsAsked(Asked):
    """Which pairs; a page begins after `after`, as the page before gave it."""

    state: Literal["waiting", "later"] = "waiting"
    after: int = Field(0, ge=0, le=LARGEST)
    limit: int = Field(50, ge=1, le=200)


class Answer(Asked):
    """One answer for one or several pairs, all or none of them."""

    pairs: list[int] = Field(min_length=1, max_length=1000)
    answer: Literal["same", "different", "later"]


class OneFirm(Asked):
    """Firms that you name and that are one."""

    firms: list[int] = Field(min_length=2, max_length=100)


class MergePath(BaseModel):
    """The number of a merge."""

    merge: int = Field(ge=1, le=LARGEST)


class FirmPath(BaseModel):
    """The number of a firm."""

    firm: int = Field(ge=1, le=LARGEST)


class NumbersTold(BaseModel):
    """Further numbers as people write them; `by`: which of your firms says so."""

    by: int | None = Field(None, ge=1, le=LARGEST)
    lei: str = Field("", max_length=40)
    duns: str = Field("", max_length=40)
    corporate: str = Field("", max_length=40)
    sector: str = Field("", max_length=40)
    sector_revision: str = Field("", max_length=4)


class NumbersSaid(BaseModel):
    """Further numbers of a firm, as you may read them."""

    lei: str | None = None
    duns: str | None = None
    corporate: str | None = None
    sector: str | None = None
    sector_revision: int | None = None


class MentionSaid(BaseModel):
    """Where you named a firm: in a row of a sheet, or by hand (no sheet)."""

    name: str
    sheet: int | None
    file: str | None
    row: int | None


class SideSaid(BaseModel):
    """One of the two firms. `partners`: with whom you say that it deals, by name."""

    id: int
    name: str
    brn: str | None
    region: str
    process: str
    numbers: NumbersSaid
    named: list[MentionSaid]
    partners: list[str]


class PairSaid(BaseModel):
    """Two firms that may be one, with what speaks for and against it.

    `common`: partners of both. `deal`: you say that one supplies the other.
    """

    id: int
    probability: float
    state: str
    evidence: dict[str, object]
    one: SideSaid
    other: SideSaid
    common: list[str]
    deal: bool


class Pairs(BaseModel):
    """A page of pairs, the likeliest first; `after` asks for the next one, None at the end."""

    pairs: list[PairSaid]
    waiting: int
    after: int | None


class MergeSaid(BaseModel):
    """Firms that were found to be one; `strangers` are those whose names you may not know.

    `by`: "you", "other" or "number" (the hub found them by a number that both bear).
    """

    id: int
    into: str | None
    names: list[str]
    strangers: int
    by: str
    at: datetime
    split_at: datetime | None


class Merges(BaseModel):
    """A page of merges, the newest first; `after` asks for the next one, None at the end."""

    merges: list[MergeSaid]
    after: int | None


class Came(BaseModel):
    """Merges that were made. `noted` pairs become one when everybody who names both agrees."""

    merges: list[int]
    noted: list[int]


@api.get("/same-firms", responses={200: Pairs})
def pairs(query: PairsAsked) -> Response:
    """Pairs that your firm is asked about; `after` counts them."""
    with hub_here().db.reading() as session:
        own = query.own(session)
        asked = questions(own.id or 0, query.state)
        rows = session.exec(asked.offset(query.after).limit(query.limit + 1)).all()
        said = compared(session, own.id or 0, rows[: query.limit])
        more = query.after + query.limit if len(rows) > query.limit else None
        waiting = how_many(session, own.id or 0)
        return answered(Pairs(pairs=[_pair(each) for each in said], waiting=waiting, after=more))


@api.post("/same-firms/answers", responses={200: Came})
def answer(body: Answer) -> Response:
    """Answer pairs: the same firm, different ones, or later. Said again, nothing changes."""
    with hub_here().db.work() as session:
        firm = str(body.firm or "")
        came = same_firms.answer(session, who(), firm, body.pairs, body.answer)
        return answered(_came(came))


@api.post("/same-firms/reopened", responses={200: Came})
def reopen(body: Answer) -> Response:
    """Take answers back; what they merged is split. `answer` is of no account."""
    with hub_here().db.work() as session:
        same_firms.reopen_pairs(session, who(), str(body.firm or ""), body.pairs)
        return answered(Came(merges=[], noted=[]))


@api.get("/merges", responses={200: Merges})
def merges(query: Listing) -> Response:
    """Merges that concern your firm, those that were split, too."""
    with hub_here().db.reading() as session:
        own = query.own(session)
        number = own.id or 0
        older = [m for m in merges_of(session, number) if (m.id or 0) < (query.after or LARGEST)]
        page = older[: query.limit]
        said = [_merge(each, number) for each in joined(session, number, page)]
        return answered(Merges(merges=said, after=said[-1].id if len(older) > len(page) else None))


@api.post("/merges", responses={200: Came})
def merge(body: OneFirm) -> Response:
    """Say that firms which you name are one. Said again, it is the merge that was made."""
    with hub_here().db.work() as session:
        return answered(
            _came(same_firms.make_one(session, who(), str(body.firm or ""), body.firms))
        )


@api.post("/merges/<int:merge>/split", responses={200: MergeSaid})
def split(path: MergePath, body: Asked) -> Response:
    """Take a merge apart; everything goes back where it was."""
    with hub_here().db.work() as session:
        firm = str(body.firm or "")
        row = same_firms.split_up(session, who(), firm, path.merge)
        own = access.own_firm(session, who(), firm).id or 0
        return answered(_merge(joined(session, own, [row])[0], own))


@api.get("/firms/<int:firm>/numbers", responses={200: NumbersSaid})
def numbers(path: FirmPath, query: Asked) -> Response:
    """Further numbers of your firm, or of one that you name."""
    with hub_here().db.reading() as session:
        own = query.own(session)
        root = access.named_firm(session, own, path.firm).firm_id
        known = further_numbers(session, own.id or 0, [root])[root]
        return answered(NumbersSaid.model_validate(known))


@api.put("/firms/<int:firm>/numbers", responses={200: NumbersSaid})
def tell(path: FirmPath, body: NumbersTold) -> Response:
    """Give further numbers by hand; each is checked. 422 names every fault."""
    values, faults = read_numbers(body.model_dump(exclude={"by"}))
    if faults:
        error = NumbersFaulty(faults)
        said = [{"place": key, "reason": say(fault)} for key, fault in faults.items()]
        return problem(422, "NumbersFaulty", say(error), faults=said)
    with hub_here().db.work() as session:
        own = access.own_firm(session, who(), str(body.by or ""))
        tell_numbers(session, own.id or 0, path.firm, values, who().handle)
        record(session, who().handle, "firm.numbers-told", str(path.firm))
        root = access.named_firm(session, own, path.firm).firm_id
        known = further_numbers(session, own.id or 0, [root])[root]
        return answered(NumbersSaid.model_validate(known))


def _pair(each: Compared) -> PairSaid:
    row: Likeness = each.likeness
    return PairSaid(
        id=row.id or 0,
        probability=round(row.score, 4),
        state=row.state,
        evidence=row.evidence,
        one=_side(each.sides[0]),
        other=_side(each.sides[1]),
        common=each.common,
        deal=each.deal,
    )


def _side(side: Side) -> SideSaid:
    facts = side.facts
    return SideSaid(
        id=facts.firm_id,
        name=facts.name,
        brn=facts.brn,
        region=facts.region,
        process=facts.process,
        numbers=NumbersSaid.model_validate(side.numbers),
        named=[
            MentionSaid(
                name=each.name,
                sheet=each.sheet.id if each.sheet else None,
                file=each.sheet.file_name if each.sheet else None,
                row=each.row,
            )
            for each in side.mentions
        ],
        partners=side.partners,
    )


def _merge(each: Joined, own: int) -> MergeSaid:
    row = each.merge
    by = "number" if row.by_id is None else "you" if row.by_id == own else "other"
    return MergeSaid(
        id=row.id or 0,
        into=each.into,
        names=each.names,
        strangers=each.strangers,
        by=by,
        at=row.at,
        split_at=row.split_at,
    )


def _came(came: Answered) -> Came:
    made = sorted({each.id or 0 for each in came.merges})
    return Came(merges=made, noted=[row.id or 0 for row in came.noted])
