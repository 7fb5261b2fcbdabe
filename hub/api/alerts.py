"""The API of alerts: raise one, follow it, answer it, pass it on, end it."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub import access, alerting
from hub.accounts import record
from hub.api.answers import LARGEST, answered
from hub.api.answers import Asked as OwnAsked
from hub.web.alert_forms import end_of
from hub.web.alerts import post_here
from hub.web.asking import hub_here, who
from supplychain.services import alert_ways, alerts
from supplychain.services.alert_lists import recipients as recipients_of
from supplychain.services.alert_lists import summaries
from supplychain.services.alert_views import AlertSeen, alert_seen
from supplychain.services.alerts import Answer, Draft, Speaker
from supplychain.tables import Firm

_tag = Tag(name="alerts", description="Alerts that travel along the chain")
api = APIBlueprint("alerts_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class Asked(OwnAsked):
    """For which firm: its number; if not given, your first one, or the one that has the alert."""

    def having(self, session: Session, alert_id: int) -> Firm:
        """The asker's firm that has the alert."""
        if self.firm:
            return self.own(session)
        return access.firm_of_alert(session, who(), alert_id)


class Listing(Asked):
    """Where a page begins: `after` as the page before gave it; the newest come first."""

    after: int = Field(LARGEST, ge=0, le=LARGEST)
    limit: int = Field(100, ge=1, le=1000)


class AlertPath(BaseModel):
    """The number of an alert."""

    alert_id: int = Field(ge=1, le=LARGEST)


class DirectionAsked(Asked):
    """Which way: "down" to suppliers, "up" to customers."""

    direction: Literal["down", "up"] = "down"


class Raising(Asked):
    """An alert. `key`: sent again under the same key, it is the alert that was sent.

    `tiers`: those that are asked to answer; none, the whole chain. `to`: numbers of your suppliers
    or customers; not given, all of them. `cause`: it comes from you.
    """

    key: str = Field(min_length=1, max_length=64)
    text: str = Field(min_length=1, max_length=1000)
    direction: Literal["down", "up"] = "down"
    kind: Literal["stop", "late", "quality", "disaster", "material", "other"] = "other"
    urgency: Literal["now", "days", "watch"] = "days"
    item: str = Field("", max_length=200)
    region: str = Field("", max_length=60)
    process: str = Field("", max_length=40)
    asks: list[Literal["deliver", "until", "affected"]] = Field(default_factory=list)
    tiers: list[int] = Field(default_factory=list)
    by_itself: bool = False
    answer_by: date | None = None
    cause: bool = False
    to: list[int] | None = None


class Answering(Asked):
    """`delivers` is needed where the alert asks "deliver"; `affected` in per cent."""

    delivers: Literal["", "yes", "partly", "no", "unknown"] = ""
    until: date | None = None
    affected: int | None = Field(None, ge=0, le=100)
    note: str = Field("", max_length=1000)
    cause: bool = False


class Passing(Asked):
    """Numbers of your own suppliers or customers."""

    to: list[int]


class Address(Asked):
    """The firm that you passed it to, and where a mail reaches it."""

    to: int = Field(ge=1, le=LARGEST)
    email: str = Field(max_length=254)


class Ending(Asked):
    """What came of it; read by everybody who got the alert."""

    outcome: str = Field("", max_length=1000)


class Setting(Asked):
    """Whether alerts go on from your firm by themselves, where their sender asks for it."""

    by_itself: bool


class SettingSaid(BaseModel):
    """The same, as it is."""

    firm: int
    by_itself: bool


class AlertSaid(BaseModel):
    """An alert in the list. `to_do`: "acknowledge", "answer", "pass" or ""."""

    id: int
    kind: str
    text: str
    item: str
    region: str
    process: str
    urgency: str
    direction: str
    asks: list[str]
    state: str
    raised: bool
    came_at: datetime
    answer_by: datetime | None
    to_do: str = ""


class Alerts(BaseModel):
    """A page of them."""

    alerts: list[AlertSaid]
    after: int | None


class TierSaid(BaseModel):
    """A tier, counted from your firm. `few`: one or two more, of whom nothing is told."""

    tier: int
    firms: int
    hidden: int
    few: bool
    came_to: dict[str, int]
    read: int
    answered: int
    first_read_at: datetime | None
    last_read_at: datetime | None


class FirmSaid(BaseModel):
    """A firm that you may name, and what came of the alert there. `note`: if you asked it."""

    id: int
    name: str
    tier: int
    ours: bool
    way: str
    came_to: str
    asked: bool
    acknowledged_at: datetime | None
    answered_at: datetime | None
    passed_on: bool
    delivers: str
    until: date | None
    affected: int | None
    note: str
    cause: bool


class NextSaid(BaseModel):
    """A firm to which you can send or pass it. `way`: "here", "mail" or "none"."""

    id: int
    name: str
    way: str
    passed: bool


class AlertWhole(AlertSaid):
    """All of it that your firm may see. Names: "" or left out where they are not yours to know."""

    raised_by: str
    from_: list[str] = Field(serialization_alias="from")
    asked: bool
    answer: Answering | None
    tiers: list[TierSaid]
    firms: list[FirmSaid]
    next: list[NextSaid]
    comes_from: list[str]
    comes_from_others: bool
    may_resolve: bool
    over_at: datetime | None
    outcome: str


class Recipients(BaseModel):
    """Whom you can send an alert to."""

    firms: list[NextSaid]


@api.get("/alerts", responses={200: Alerts})
def listing(query: Listing) -> Response:
    """Every alert that your firm raised or got, the newest first."""
    with hub_here().db.reading() as session:
        firm = query.own(session)
        rows = sorted(summaries(session, firm.id or 0), key=lambda one: -(one.alert.id or 0))
        page = [one for one in rows if (one.alert.id or 0) < query.after][: query.limit]
        said = [
            AlertSaid(
                raised=one.raised,
                came_at=one.own.at,
                to_do=one.to_do,
                **one.alert.model_dump(include=set(AlertSaid.model_fields)),
            )
            for one in page
        ]
        return answered(
            Alerts(alerts=said, after=said[-1].id if len(said) == query.limit else None)
        )


@api.get("/alerts/<int:alert_id>", responses={200: AlertWhole})
def one(path: AlertPath, query: Asked) -> Response:
    """An alert, how far it got from your firm, and what was answered."""
    with hub_here().db.reading() as session:
        firm = query.having(session, path.alert_id)
        return _whole(session, firm, path.alert_id)


@api.post("/alerts", responses={201: AlertWhole})
def raise_one(body: Raising) -> Response:
    """Raise an alert; again under the same key changes nothing."""
    with hub_here().db.work() as session:
        firm = body.own(session)
        asked: dict[str, Any] = body.model_dump(exclude={"firm", "to", "answer_by"})
        asked["asks"], asked["tiers"] = tuple(asked["asks"]), tuple(asked["tiers"])
        draft = Draft(answer_by=end_of(body.answer_by, hub_here().settings), **asked)
        row = alerting.raise_alert(session, post_here(), _speaker(firm), draft, body.to)
        record(session, who().handle, "alert.raised", f"alert {row.id}")
        return _whole(session, firm, row.id or 0, 201)


@api.get("/alerts/recipients", responses={200: Recipients})
def recipients(query: DirectionAsked) -> Response:
    """Your suppliers or customers, and how each would be reached."""
    with hub_here().db.reading() as session:
        firm = query.own(session)
        found = recipients_of(session, firm.id or 0, query.direction)
        said = [
            NextSaid(id=each.firm_id, name=each.name, way=each.way, passed=False) for each in found
        ]
        return answered(Recipients(firms=said))


@api.post("/alerts/<int:alert_id>/acknowledgement", responses={200: AlertWhole})
def acknowledge(path: AlertPath, body: Asked) -> Response:
    """Say that your firm has read it; again changes nothing."""
    return _done(
        path,
        body,
        "alert.acknowledged",
        lambda session, speaker: alerts.acknowledge(session, speaker, path.alert_id),
    )


@api.post("/alerts/<int:alert_id>/answer", responses={200: AlertWhole})
def answer(path: AlertPath, body: Answering) -> Response:
    """Answer, or answer anew."""
    said = Answer(**body.model_dump(exclude={"firm"}))
    return _done(
        path,
        body,
        "alert.answered",
        lambda session, speaker: alerts.answer(session, speaker, path.alert_id, said),
    )


@api.post("/alerts/<int:alert_id>/passing", responses={200: AlertWhole})
def pass_on(path: AlertPath, body: Passing) -> Response:
    """Pass it on; who has it gets no second one."""
    return _done(
        path,
        body,
        "alert.passed",
        lambda session, speaker: alerting.pass_on(
            session, post_here(), speaker, path.alert_id, body.to
        ),
    )


@api.post("/alerts/<int:alert_id>/reminder", responses={200: AlertWhole})
def remind(path: AlertPath, body: Asked) -> Response:
    """Remind those who have not answered."""
    return _done(
        path,
        body,
        "alert.reminded",
        lambda session, speaker: alerting.remind(session, post_here(), speaker, path.alert_id),
    )


@api.post("/alerts/<int:alert_id>/address", responses={200: AlertWhole})
def correct(path: AlertPath, body: Address) -> Response:
    """Write to a firm that has not joined at this address."""
    return _done(
        path,
        body,
        "alert.addressed",
        lambda session, speaker: alerting.correct_address(
            session, post_here(), speaker, path.alert_id, body.to, body.email
        ),
    )


@api.post("/alerts/<int:alert_id>/resolution", responses={200: AlertWhole})
def resolve(path: AlertPath, body: Ending) -> Response:
    """Say that it is over; for the firm that it comes from."""
    return _done(
        path,
        body,
        "alert.resolved",
        lambda session, speaker: alerting.resolve(
            session, post_here(), speaker, path.alert_id, body.outcome
        ),
    )


@api.post("/alerts/<int:alert_id>/withdrawal", responses={200: AlertWhole})
def withdraw(path: AlertPath, body: Ending) -> Response:
    """Take it back; for the firm that raised it."""
    return _done(
        path,
        body,
        "alert.withdrawn",
        lambda session, speaker: alerting.withdraw(
            session, post_here(), speaker, path.alert_id, body.outcome
        ),
    )


@api.get("/alert-setting", responses={200: SettingSaid})
def setting(query: Asked) -> Response:
    """Whether alerts go on from your firm by themselves."""
    with hub_here().db.reading() as session:
        firm = query.own(session)
        chosen = alert_ways.goes_on_by_itself(session, firm.id or 0)
        return answered(SettingSaid(firm=firm.id or 0, by_itself=chosen))


@api.put("/alert-setting", responses={200: SettingSaid})
def set_setting(body: Setting) -> Response:
    """Choose it; again changes nothing."""
    with hub_here().db.work() as session:
        firm = body.own(session)
        alert_ways.let_go_on(session, firm.id or 0, who().handle, by_itself=body.by_itself)
        record(session, who().handle, "alert.setting", f"firm {firm.id}", by_itself=body.by_itself)
        return answered(SettingSaid(firm=firm.id or 0, by_itself=body.by_itself))


def _done(
    path: AlertPath, body: Asked, action: str, do: Callable[[Session, Speaker], object]
) -> Response:
    """Do something about an alert as the firm that has it; the alert as it is then."""
    with hub_here().db.work() as session:
        firm = body.having(session, path.alert_id)
        do(session, _speaker(firm))
        record(session, who().handle, action, f"alert {path.alert_id}")
        return _whole(session, firm, path.alert_id)


def _speaker(firm: Firm) -> Speaker:
    return Speaker(firm.id or 0, who().handle)


def whole(seen: AlertSeen) -> AlertWhole:
    """An alert as the API and the command line tell it."""
    own = seen.own
    told = seen.alert.model_dump(include=set(AlertSaid.model_fields))
    given = own.model_dump(include=set(Answering.model_fields)) if own.answered_at else None
    return AlertWhole(
        **told,
        raised=seen.raised,
        came_at=own.at,
        raised_by=seen.raiser,
        from_=seen.senders,
        asked=seen.asked,
        answer=Answering(**given) if given else None,
        tiers=[
            TierSaid(
                tier=each.tier,
                firms=each.firms,
                hidden=each.hidden,
                few=each.few,
                came_to=dict(each.came),
                read=each.read,
                answered=each.answers,
                first_read_at=each.first,
                last_read_at=each.last,
            )
            for each in seen.tiers
        ],
        firms=[
            FirmSaid(
                id=line.firm_id,
                tier=line.step,
                **{
                    name: getattr(line, name)
                    for name in FirmSaid.model_fields
                    if name not in ("id", "tier")
                },
            )
            for line in seen.lines
        ],
        next=[
            NextSaid(id=each.firm_id, name=each.name, way=each.way, passed=each.passed)
            for each in seen.nexts
        ],
        comes_from=seen.causes,
        comes_from_others=seen.hidden_causes,
        may_resolve=seen.may_resolve and seen.open,
        over_at=seen.alert.over_at,
        outcome=seen.alert.outcome,
    )


def _whole(session: Session, firm: Firm, alert_id: int, status: int = 200) -> Response:
    said = whole(alert_seen(session, firm.id or 0, alert_id))
    return answered(said, status)
