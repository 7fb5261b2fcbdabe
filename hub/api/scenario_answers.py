"""The API of what-if: a question, and its answer."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from hub.api.answers import LARGEST
from hub.web.what_if_words import headline
from supplychain.scenario_question import RANGES, Question, question_of
from supplychain.services.what_if import Answer, Hit

_USUAL = Question()


class Asked(BaseModel):
    """What stops, for how long, and what is assumed.

    Chosen firms, all of regions (ISO 3166-2), of processes or of industries (KSIC divisions), and
    `behind`: a firm with all that reach you through it alone. `recovery`: days that a firm has told
    count before `days`. `line`: which items stop a line. All days count from 1.
    """

    firms: list[int] = Field(default_factory=list, max_length=500)
    regions: list[str] = Field(default_factory=list, max_length=100)
    processes: list[str] = Field(default_factory=list, max_length=100)
    sectors: list[str] = Field(default_factory=list, max_length=100)
    behind: int | None = Field(None, ge=1, le=LARGEST)
    first: int = Field(_USUAL.first, ge=RANGES["first"][0], le=RANGES["first"][1])
    days: int = Field(_USUAL.days, ge=RANGES["days"][0], le=RANGES["days"][1])
    recovery: bool = False
    ramp: int = Field(_USUAL.ramp, ge=RANGES["ramp"][0], le=RANGES["ramp"][1])
    stock: float = Field(_USUAL.stock, ge=RANGES["stock"][0], le=RANGES["stock"][1])
    replaced: Literal["nobody", "several", "everybody"] = "nobody"
    after: int = Field(_USUAL.after, ge=RANGES["after"][0], le=RANGES["after"][1])
    line: Literal["all", "goods"] = "all"
    horizon: int = Field(_USUAL.horizon, ge=RANGES["horizon"][0], le=RANGES["horizon"][1])

    def question(self) -> Question:
        """The same for the services."""
        return question_of(self.model_dump())


class HitSaid(BaseModel):
    """A firm that makes less than usual; `back` is null where that lasts beyond the horizon."""

    id: int
    name: str
    tier: int
    first: int
    days: int
    lost: float
    lowest: float
    back: int | None
    stops: bool
    through: int | None


class LackSaid(BaseModel):
    """An item that you lack: from which day, and how many days of it."""

    item: str
    first: int
    days: float


class BasisSaid(BaseModel):
    """What the answer rests on."""

    links: int
    links_with_share: int
    stocks_told: int
    stocks_assumed: int
    without_item: int


class HiddenSaid(BaseModel):
    """Firms of the chain that you do not see by name: they are not in the answer."""

    tier: int
    region: str | None
    sector: str | None
    firms: int | None


class Said(BaseModel):
    """What happens. `left_out`: chosen firms that are not in the chain that you see.

    `own`: your output of each day, 0 to 1. `hits`: at most a thousand, `hits_in_all` of them.
    """

    lead: int
    says: str
    asked: Asked
    stopped: int
    left_out: int
    horizon: int
    own: list[float]
    lacks: list[LackSaid]
    hits_in_all: int
    hits: list[HitSaid]
    rests_on: BasisSaid
    hidden: list[HiddenSaid]


def answer_said(found: Answer, *, asker_knows: bool = True) -> Said:
    """`asker_knows`: the question is the asker's own; of a shared one only what it sees is told."""
    asked = found.question.as_json()
    if not asker_knows:
        asked |= {"firms": sorted(found.stopped), "behind": None}
        asked |= {"regions": [], "processes": [], "sectors": []}
    lead = found.chain.seen.lead.id or 0
    return Said(
        lead=lead,
        says=headline(found),
        asked=Asked.model_construct(**asked),
        stopped=len(found.stopped),
        left_out=found.left_out if asker_knows else 0,
        horizon=found.course.horizon,
        own=found.levels([lead])[lead],
        lacks=[LackSaid(item=x.item, first=x.first, days=x.days) for x in found.lacks],
        hits_in_all=len(found.hits),
        hits=[hit_said(hit) for hit in found.hits[:1000]],
        rests_on=BasisSaid(**vars(found.basis)),
        hidden=[hidden_said(group) for group in found.chain.seen.hidden],
    )


def hit_said(hit: Hit) -> HitSaid:
    """A firm that is hit."""
    return HitSaid(
        id=hit.place.number,
        name=hit.place.name,
        tier=hit.place.tier,
        first=hit.first,
        days=hit.days,
        lost=round(hit.lost, 6),
        lowest=round(hit.lowest, 6),
        back=hit.back,
        stops=hit.stops,
        through=hit.through.number if hit.through else None,
    )


def hidden_said(group: Any) -> HiddenSaid:
    """Firms that are only counted."""
    return HiddenSaid(**group.outline._asdict(), firms=group.firms)
