"""Alerts together with their mails: both are written in one transaction, or neither is.

A mail names the firm from which its reader has the alert, and no other: who raised it stands in
it only where that is the same firm.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlmodel import Session

from hub import access
from hub.inviting import addressed, until
from hub.mails import letter, one_line
from hub.outbox import post_new
from hub.outbox import withdraw as withdraw_mails
from hub.settings import Settings
from supplychain.addresses import address_hash
from supplychain.alert_tables import Alert, AlertReceipt
from supplychain.services import alerts
from supplychain.services.alert_running import running_of
from supplychain.services.alert_ways import joined
from supplychain.services.alerts import Draft, Speaker, Told
from supplychain.services.consents import nameable_by
from supplychain.services.descriptions import described
from supplychain.services.firms import firm_by_id
from supplychain.services.invitations import refused
from supplychain.taxonomy import PROCESSES, REGIONS

KIND_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ko": {
            "stop": "납품 중단", "late": "납기 지연", "quality": "품질 문제",
            "disaster": "재해·사고", "material": "자재 부족", "other": "공급 이상",
        },
        "en": {
            "stop": "delivery stopped", "late": "delivery late", "quality": "quality problem",
            "disaster": "accident or disaster", "material": "material short",
            "other": "supply disruption",
        },
    }
)  # fmt: skip
_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ko": {
            "hello": "안녕하세요.", "dear": "{contact}, 안녕하세요.",
            "now": "오늘 안에 답해 주세요.", "days": "며칠 안에 답해 주세요.",
            "watch": "지켜보고 있습니다. 해당되면 알려 주세요.",
            "deliver": "- 납품할 수 있습니까?", "until": "- 언제까지 납품할 수 있습니까?",
            "affected": "- 납품 물량의 몇 퍼센트가 영향을 받습니까?",
            "item": "품목: {value}", "region": "지역: {value}", "process": "공정: {value}",
            "by": "답할 기한: {value}",
            "partner": "거래처", "cause": "이 일이 생긴 기업",
            "resolved": "해결되었습니다", "withdrawn": "보낸 기업이 거두었습니다",
        },
        "en": {
            "hello": "Hello,", "dear": "Dear {contact},",
            "now": "Please answer today.", "days": "Please answer within days.",
            "watch": "We are watching this. Tell us if it concerns you.",
            "deliver": "- Can you deliver?", "until": "- Until when can you deliver?",
            "affected": "- What part of what you deliver is affected (per cent)?",
            "item": "Item: {value}", "region": "Region: {value}", "process": "Process: {value}",
            "by": "Answer by: {value}",
            "partner": "a firm that you trade with", "cause": "The firm that it came from",
            "resolved": "is resolved", "withdrawn": "was taken back by its sender",
        },
    }
)  # fmt: skip


@dataclass(frozen=True)
class Post:
    """What mails of alerts need to know of the hub."""

    settings: Settings

    @property
    def zone(self) -> ZoneInfo:
        """Where days end."""
        return ZoneInfo(self.settings.time_zone)


def raise_alert(
    session: Session, post: Post, by: Speaker, draft: Draft, to: Collection[int] | None = None
) -> Alert:
    """Raise it, and write to those whom it reaches; raises what services.alerts does."""
    row, told = alerts.raise_alert(session, by, draft, to)
    write(session, post, row, told)
    return row


def pass_on(session: Session, post: Post, by: Speaker, alert_id: int, to: Collection[int]) -> int:
    """Pass it on, and write to those whom it reaches by that; how many."""
    told = alerts.pass_on(session, by, alert_id, to)
    write(session, post, session.get_one(Alert, alert_id), told)
    return len(told)


def correct_address(
    session: Session, post: Post, by: Speaker, alert_id: int, firm_id: int, email: str
) -> None:
    """Write to a firm at another address."""
    told = alerts.correct_address(session, by, alert_id, firm_id, email)
    write(session, post, session.get_one(Alert, alert_id), told)


def remind(session: Session, post: Post, by: Speaker, alert_id: int) -> int:
    """Remind those who have not answered; how many."""
    told = alerts.remind(session, by, alert_id)
    write(session, post, session.get_one(Alert, alert_id), told)
    return len(told)


def resolve(session: Session, post: Post, by: Speaker, alert_id: int, outcome: str) -> Alert:
    """Say that it is over; everybody who got it hears so, once it is over for all."""
    hear = alerts.resolve(session, by, alert_id, outcome)
    return _tell_end(session, post, alert_id, hear)


def resolve_by_link(session: Session, post: Post, secret: str, outcome: str) -> AlertReceipt:
    """The same from a firm that has not joined, by its link."""
    own, hear = alerts.resolve_by_link(session, secret, outcome)
    _tell_end(session, post, own.alert_id, hear)
    return own


def withdraw(session: Session, post: Post, by: Speaker, alert_id: int, outcome: str) -> Alert:
    """Take it back; everybody who got it hears so."""
    hear = alerts.withdraw(session, by, alert_id, outcome)
    return _tell_end(session, post, alert_id, hear)


def write(session: Session, post: Post, alert: Alert, told: Iterable[Told]) -> None:
    """Put a mail on its way for each firm that hears of an alert now."""
    mails: list[Mapping[str, str]] = []
    for each in told:
        withdraw_mails(session, _keys(each.receipt))
        for to, locale, contact, name in _readers(session, each):
            mails.append(
                {
                    "key": _key(each.receipt, each.receipt.times_sent, to),
                    "to": to,
                    "reply_to": "",
                    "locale": locale,
                    **_letter(post, alert, each, locale, contact, name),
                }
            )
    post_new(session, mails)


def _readers(session: Session, told: Told) -> list[tuple[str, str, str, str]]:
    """(address, language, person, name of the firm it comes from) for each mail."""
    row = told.receipt
    if told.secret:
        return [(row.email, row.locale, row.contact, firm_by_id(session, told.from_id).name)]
    # The name as that firm may read it: its own word where the two trade by its own word.
    name = ""
    if told.from_id in nameable_by(session, told.firm_id):
        name = described(session, told.firm_id, [told.from_id])[told.from_id].name
    people = access.speak_for(session, told.firm_id)
    return [(user.email, user.locale, user.name, name) for user in people]


def _letter(
    post: Post, alert: Alert, told: Told, locale: str, contact: str, name: str
) -> dict[str, str]:
    words, row = _WORDS[locale], told.receipt
    from_whom = one_line(name) or words["partner"]
    address = (
        f"{post.settings.url}/alerted/{told.secret}"
        if told.secret
        else f"{post.settings.url}/alerts/{alert.id}"
    )
    gaps = {
        "greeting": _greeting(words, contact, locale),
        "from_whom": from_whom,
        "what": KIND_WORDS[locale][alert.kind],
        "text": "\n".join(f"> {line}" for line in alert.text.splitlines() if line.strip()),
        "about": _about(post, alert, locale),
        "urgency": words[alert.urgency],
        "asks": "\n".join(words[ask] for ask in alert.asks),
        "link": address,
    }
    kind = "alert" if told.secret else "alert-here"
    said = letter(f"{kind}-again" if row.times_sent > 1 and told.secret else kind, locale, gaps)
    return {"subject": said.subject, "text": said.text}


def _about(post: Post, alert: Alert, locale: str) -> str:
    words = _WORDS[locale]
    places = {"region": REGIONS.get(alert.region), "process": PROCESSES.get(alert.process)}
    facts = [
        ("item", one_line(alert.item)),
        *((name, found.in_(locale)) for name, found in places.items() if found),
    ]
    if alert.answer_by:
        facts.append(("by", until(alert.answer_by.astimezone(post.zone), locale)))
    return "\n".join(words[name].format(value=value) for name, value in facts if value)


def _greeting(words: Mapping[str, str], contact: str, locale: str) -> str:
    person = addressed(one_line(contact), locale)
    return words["dear"].format(contact=person) if contact else words["hello"]


def _tell_end(session: Session, post: Post, alert_id: int, firms: Collection[int]) -> Alert:
    """A mail for each firm that got it; whatever still waits to ask does not go any more."""
    alert = session.get_one(Alert, alert_id)
    if not firms:
        return alert
    running, here = running_of(session, alert), joined(session, firms)
    mails: list[Mapping[str, str]] = []
    for firm in firms:
        row = running.receipts[firm]
        withdraw_mails(session, [*_keys(row), _key(row, row.times_sent, row.email)])
        readers = (
            [(user.email, user.locale, user.name) for user in access.speak_for(session, firm)]
            if firm in here
            else [(row.email, row.locale, row.contact)]
            if row.email and row.times_sent
            else []
        )
        for to, locale, contact in readers:
            if firm not in here and refused(session, to):
                continue
            words = _WORDS[locale]
            gaps = {
                "greeting": _greeting(words, contact, locale),
                "what": KIND_WORDS[locale][alert.kind],
                "end": words[alert.state],
                "text": _quoted(alert.text),
                "outcome": _quoted(alert.outcome),
                "link": f"{post.settings.url}/alerts/{alert.id}" if firm in here else "",
            }
            said = letter("alert-over", locale, gaps)
            mails.append(
                {
                    "key": f"{_stem(row)}/over/{address_hash(to)[:16]}",
                    "to": to, "reply_to": "", "locale": locale,
                    "subject": said.subject, "text": said.text,
                }
            )  # fmt: skip
    post_new(session, mails)
    return alert


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines() if line.strip())


def _stem(row: AlertReceipt) -> str:
    return f"alert/{row.id}"


def _key(row: AlertReceipt, number: int, to: str) -> str:
    return f"{_stem(row)}/{number}/{address_hash(to)[:16]}"


def _keys(row: AlertReceipt) -> list[str]:
    """Keys of the mails by which a firm that has not joined was asked before."""
    return [_key(row, number, row.email) for number in range(1, row.times_sent) if row.email]
