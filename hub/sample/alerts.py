"""Two alerts of the sample: one on its way down the chain, one that came up it and is over.

Made by the services that the pages use, then dated back. None of its mails leaves the hub, but
one: where no mail server is set, a firm that has not joined has its link in the outbox's folder.
"""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from hub import alerting
from hub.accounts import record
from hub.alerting import Post
from hub.sample.cascade import TRIED
from hub.settings import Settings
from hub.tables import Mail
from supplychain.alert_tables import Alert, AlertEvent, AlertPassing, AlertReceipt
from supplychain.services import alerts
from supplychain.services.alert_lists import to_do
from supplychain.services.alert_views import alert_seen
from supplychain.services.alert_ways import joined, next_firms
from supplychain.services.alerts import Answer, Draft, Speaker
from supplychain.tables import now

_KEY = "sample"
_RAIN = (
    "경남 지역 집중호우로 프레스·도금 공장 침수와 정전이 이어지고 있습니다. "
    "귀사와 귀사 협력사의 납품에 영향이 있는지 알려 주세요."
)
_MOULD = "사출 금형이 깨져 이번 주 납품이 늦어집니다. 예비 금형으로 바꾸는 중입니다."
_DONE = "예비 금형으로 바꾸고 양산 검사를 마쳤습니다. 밀린 물량은 모두 보냈습니다."


def load_alerts(session: Session, settings: Settings, firms: dict[str, int]) -> int:
    """Raise both; how many. Nothing where the lead firm has raised one."""
    if session.exec(select(Alert.id).limit(1)).first():
        return 0
    made = [_rain(session, Post(settings), firms), _mould(session, Post(settings), firms)]
    for row, ago in zip(made, (timedelta(hours=5), timedelta(days=6)), strict=True):
        _date_back(session, row, ago, left=not settings.smtp_url.get_secret_value())
    record(session, "sample", "alert.raised", f"{len(made)} alerts")
    return len(made)


def _rain(session: Session, post: Post, firms: dict[str, int]) -> Alert:
    """The lead firm asks the whole chain; who has joined answers in part, and passes it on."""
    lead = Speaker(firms["lead"], _KEY)
    draft = Draft(
        key=_KEY,
        text=_RAIN,
        kind="disaster",
        urgency="now",
        region="KR-48",
        asks=("deliver", "until", "affected"),
        by_itself=True,
        answer_by=now() + timedelta(days=1),
    )
    row = alerting.raise_alert(session, post, lead, draft)
    said = iter(
        (
            Answer("yes", note="저희 공장은 정상 가동하고 있습니다."),
            Answer("partly", date.today() + timedelta(days=9), 40, "도금 외주가 멈췄습니다."),  # noqa: DTZ011 - a day of the sample
            Answer("no", None, 100, "정전으로 라인이 섰습니다.", cause=True),
            Answer("unknown", note="협력사에 확인하고 있습니다."),
        )
    )
    frontier = [lead.firm_id]
    while frontier:
        onward: list[int] = []
        for one in sorted(joined(session, next_firms_of(session, row, frontier))):
            speaker = Speaker(one, _KEY)
            if one in (firms["tier2"], firms["tier3"]) or not to_do(session, one, row):
                continue  # the sample's people answer for these themselves
            answer = next(said, None)
            if answer:
                alerts.answer(session, speaker, row.id or 0, answer)
            else:
                alerts.acknowledge(session, speaker, row.id or 0)
            rest = [each.firm_id for each in alert_seen(session, one, row.id or 0).to_pass]
            if rest:
                alerting.pass_on(session, post, speaker, row.id or 0, rest)
                onward.append(one)
        frontier = onward
    return row


def next_firms_of(session: Session, row: Alert, firms: list[int]) -> set[int]:
    """Those to whom the firms passed it."""
    passed = select(AlertPassing.to_id).where(
        AlertPassing.alert_id == row.id, col(AlertPassing.from_id).in_(firms)
    )
    return set(session.exec(passed))


def _mould(session: Session, post: Post, firms: dict[str, int]) -> Alert:
    """The tier-3 vendor told its customers, one of them its own; it is over."""
    vendor = Speaker(firms["tier3"], _KEY)
    draft = Draft(
        key=_KEY,
        text=_MOULD,
        direction="up",
        kind="late",
        urgency="days",
        process="injection",
        cause=True,
    )
    row = alerting.raise_alert(session, post, vendor, draft)
    for one in sorted(joined(session, next_firms(session, vendor.firm_id, "up"))):
        alerts.acknowledge(session, Speaker(one, _KEY), row.id or 0)
        rest = [each.firm_id for each in alert_seen(session, one, row.id or 0).to_pass]
        if rest:
            alerting.pass_on(session, post, Speaker(one, _KEY), row.id or 0, rest)
    return alerting.resolve(session, post, vendor, row.id or 0, _DONE)


def _date_back(session: Session, row: Alert, ago: timedelta, *, left: bool) -> None:
    """As if the hours had passed, one firm after the other; its mails are sent already."""
    row.raised_at -= ago
    if row.over_at:
        row.over_at -= ago / 3
    receipts = session.exec(
        select(AlertReceipt).where(AlertReceipt.alert_id == row.id).order_by(col(AlertReceipt.id))
    ).all()
    places = {one.firm_id: place for place, one in enumerate(receipts)}
    for place, one in enumerate(receipts):
        late = timedelta(minutes=7 * (place % 9))
        one.at -= ago
        one.sent_at = _earlier(one.sent_at, ago)
        one.acknowledged_at = _earlier(one.acknowledged_at, ago - late)
        one.answered_at = _earlier(one.answered_at, ago - late)
        one.resolved_at = _earlier(one.resolved_at, ago / 3)
        for mail in session.exec(select(Mail).where(col(Mail.key).startswith(f"alert/{one.id}/"))):
            if not (left and mail.to == TRIED):
                mail.state, mail.text, mail.sent_at = "sent", "", mail.created_at
    for step in session.exec(select(AlertPassing).where(AlertPassing.alert_id == row.id)):
        step.at -= ago
    for event in session.exec(select(AlertEvent).where(AlertEvent.alert_id == row.id)):
        said = event.what in ("acknowledged", "answered")
        late = timedelta(minutes=7 * (places.get(event.firm_id, 0) % 9)) if said else timedelta()
        event.at -= ago / 3 if event.what in ("resolved", "withdrawn") else ago - late
    session.flush()


def _earlier(moment: datetime | None, by: timedelta) -> datetime | None:
    return None if moment is None else moment - by
