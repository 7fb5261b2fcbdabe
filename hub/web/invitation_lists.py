"""A firm's invitations as a list: all of them, those that are asked for, the same as a file."""

import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import Response
from flask_babel import gettext as _
from sqlmodel import Session

from hub.invitation_lines import Line, furthest, lines, named
from hub.web.formats import day
from hub.web.states import state_of
from supplychain.cells import plain
from supplychain.export import Cell, as_csv, write_xlsx
from supplychain.inviting import Tier
from supplychain.services.cascade import cascade
from supplychain.tables import Firm, now

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WAITS = ("silent", "opened", "expired")


@dataclass(frozen=True)
class Overview:
    """All that a firm knows of its invitations, by firm and by tier."""

    firm: Firm
    lines: list[Line]
    counts: Counter[str]
    tiers: list[Tier]

    @property
    def invited(self) -> int:
        """Firms that were asked and not left alone again."""
        return self.counts.total() - self.counts["withdrawn"]


def overview_of(session: Session, firm: Firm) -> Overview:
    """What has come of a firm's invitations."""
    at = now()
    found = lines(session, firm.id or 0, at)
    own = furthest(found)
    counts = Counter(word for _tier, word in own.values())
    return Overview(firm, found, counts, cascade(session, firm.id or 0, own, at))


def filtered(
    session: Session, by_id: int, found: Sequence[Line], asked: Mapping[str, str]
) -> list[Line]:
    """The invitations that the address asks for: state, tier, text. Names only with a text."""
    text = asked.get("q", "").strip()
    state, number = asked.get("state", ""), asked.get("tier", "")
    chosen = [
        line for line in found if state in ("", line.came_to) and number in ("", str(line.tier))
    ]
    if not text:
        return chosen
    return [
        line
        for line in named(session, by_id, chosen)
        if plain(text) in plain(line.name) or text.lower() in line.invitation.email
    ]


def to_remind(found: Iterable[Line]) -> list[Line]:
    """Those who have not answered, whether or not their time is over."""
    return [line for line in found if line.came_to in _WAITS]


def as_file(found: Iterable[Line], kind: str) -> Response:
    """The list as "csv" or "xlsx"."""
    header = [
        _("Firm"), _("Tier"), _("Person"), _("E-mail address"), _("State"), _("Reason"),
        _("Mails sent"), _("Last sent"), _("Good until"), _("Answered on"),
    ]  # fmt: skip
    named = {"Content-Disposition": f"attachment; filename=invitations.{kind}"}
    rows = (_row(line) for line in found)
    if kind == "csv":
        return Response("".join(as_csv(header, rows)), mimetype="text/csv", headers=named)
    out = io.BytesIO()
    write_xlsx(out, _("Invitations"), header, rows)
    return Response(out.getvalue(), mimetype=_XLSX, headers=named)


def _row(line: Line) -> Sequence[Cell]:
    row = line.invitation
    return (
        line.name,
        line.tier or None,
        row.contact,
        row.email,
        str(state_of(line.came_to).label),
        {"undelivered": line.problem, "declined": row.reason}.get(line.came_to, ""),
        row.times_sent,
        day(row.sent_at),
        day(row.expires_at),
        day(row.answered_at) if row.answered_at else "",
    )
