"""The pages of keys: whose keys sign, what waits for which signature, and how to give it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlmodel import Session, col, select

from hub import access, access_keys
from hub import keys as acts
from hub.access import Who
from hub.keys_said import firms_said, statement_said, top_said
from hub.web.asked import TASKS, Task
from hub.web.asking import hub_here, say, who
from hub.web.pages import number_asked, page_of
from sharing.errors import SharingError
from sharing.key_image import delegated, expiries, role_name
from sharing.key_statements import File, told
from sharing.key_tables import KeySet, KeyStatement
from supplychain.tables import Firm, now

bp = Blueprint("model_keys", __name__, url_prefix="/models/keys")

WHY = {
    "release": lazy_gettext("New version"),
    "withdrawal": lazy_gettext("Withdrawal"),
    "renewal": lazy_gettext("Renewal before the end"),
    "keys": lazy_gettext("New keys"),
}


@bp.get("/")
def listing() -> str:
    """Whose keys sign, what waits."""
    hub = hub_here()
    current = hub.signing.image()
    with hub.db.reading() as session:
        firms = access_keys.key_firms(session, who())
        seen = access_keys.statements_seen(who())
        page = page_of(session, seen, number_asked())
        return render_template(
            "models/keys/listing.html",
            page=page,
            rows=[_line(session, row, current) for row in page.items],
            firms=firms_said(session, hub, current, firms),
            top=top_said(hub, current) if who().has("administrator") else None,
            may={firm.id for firm in firms if who().has("publisher", firm.id)},
            soon=now() + acts.WARN,
            why=WHY,
        )


@bp.get("/<int:number>")
def one(number: int) -> str:
    """One statement: what it says, who has signed, how to sign."""
    return _one(number)


@bp.get("/<int:number>/file")
def download(number: int) -> Response:
    """The file to sign."""
    with hub_here().db.reading() as session:
        row = access_keys.statement_seen(session, who(), number)
        content = acts.file_of(row, hub_here().signing.image())
        name = acts.file_name(row)
    answer = Response(content, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.post("/<int:number>/upload")
def upload(number: int) -> ResponseReturnValue:
    """Take in signed files."""
    with hub_here().db.reading() as session:
        access_keys.statement_seen(session, who(), number)
    files = [file.read() for file in request.files.getlist("signed") if file.filename]
    if not files:
        return _one(number, _("Please choose the signed file first.")), 422
    missing = 0
    for data in files:
        try:
            missing = acts.upload(hub_here(), number, data, who().handle).missing
        except SharingError as error:
            return _one(number, say(error)), 422
    if missing:
        flash(_("The signature is taken. %(count)s more are needed.", count=missing))
    else:
        flash(_("There are enough signatures."))
    return redirect(url_for(".one", number=number))


@bp.get("/register")
def register() -> str:
    """Give a firm keys of its own, or others."""
    return _form()


@bp.post("/register")
def register_now() -> ResponseReturnValue:
    """The same, done."""
    firm_id = request.form.get("firm", type=int) or 0
    access_keys.may_hold_keys_for(who(), firm_id)
    files = [(f.filename or "", f.read(10_000)) for f in request.files.getlist("public")]
    threshold = request.form.get("threshold", 0, type=int)
    reason = request.form.get("reason", "")
    try:
        acts.register_keys(
            hub_here(), firm_id, [f for f in files if f[0]], threshold, who().handle, reason
        )
    except SharingError as error:
        return _form(say(error)), 422
    flash(_("The keys are registered. They are in force once enough of them have signed."))
    return redirect(url_for(".listing"))


def _form(sentence: str = "") -> str:
    with hub_here().db.reading() as session:
        firms = access.publishing_firms(session, who())
        return render_template(
            "models/keys/register.html",
            options=[(firm.id, firm.name) for firm in firms],
            asked=request.form,
            firm=request.values.get("firm", ""),
            sentence=sentence,
        )


def _one(number: int, sentence: str = "") -> str:
    current = hub_here().signing.image()
    with hub_here().db.reading() as session:
        row = access_keys.statement_seen(session, who(), number)
        firm = session.get(Firm, row.firm_id) if row.firm_id else None
        return render_template(
            "models/keys/one.html",
            row=row,
            name=_name(row, firm),
            said=statement_said(session, row, current),
            told=told(acts.file_of(row, current) if row.state == "waiting" else row.body.encode()),
            file=acts.file_name(row),
            firm=firm,
            why=WHY,
            sentence=sentence,
        )


def _line(session: Session, row: KeyStatement, current: Any) -> dict[str, Any]:
    firm = session.get(Firm, row.firm_id) if row.firm_id else None
    said = statement_said(session, row, current)
    found = {"row": row, "name": _name(row, firm), "missing": said.missing}
    if row.state != "waiting" or firm is None:
        return found
    changes = told(acts.file_of(row, current))
    return {**found, "added": _versions(changes.added), "removed": _versions(changes.removed)}


def _versions(files: Iterable[File]) -> list[str]:
    return sorted({" ".join(file.path.split("/")[:2]) for file in files})


@bp.app_template_global()
def signed_by(firm_id: int) -> str:
    """In words: who signs what this firm publishes."""
    current = _image()
    role = delegated(current).get(role_name(firm_id))
    signers = hub_here().signing.keys
    if role is None or all(signers.by_id(keyid) for keyid in role.keyids):
        return str(_("The hub signs for this firm"))
    return str(
        _(
            "%(count)s of %(all)s keys of the firm itself",
            count=role.threshold,
            all=len(role.keyids),
        )
    )


def _name(row: KeyStatement, firm: Firm | None) -> str:
    if firm is not None:
        return str(_("What %(firm)s publishes", firm=firm.name))
    top = row.role == "root"
    return str(_("The keys at the top") if top else _("Which firm's keys count"))


def key_tasks(session: Session, person: Who) -> Iterable[Task]:
    """What waits for a signature of the person's firms, and what runs out."""
    seen = access_keys.statements_seen(person).where(KeyStatement.state == "waiting")
    waits = session.exec(seen.limit(20)).all()
    if waits:
        yield Task(
            _("Statements wait for signatures"),
            _("%(count)s: a version is published once enough keys have signed.", count=len(waits)),
            url_for("model_keys.listing"),
            _("Sign"),
            rank=10,
        )
    yield from _late(session, person, now())


def _late(session: Session, person: Who, at: datetime) -> Sequence[Task]:
    firms = person.firms("publisher")
    query = select(KeySet.firm_id).where(KeySet.state == "active", col(KeySet.firm_id).in_(firms))
    own = {f"publisher-{firm_id}" for firm_id in session.exec(query)} if firms else set()
    if person.has("administrator") and not acts.roles_of(hub_here(), _image()).held_here:
        own |= {"root", "targets"}
    if not own:
        return []
    ends = [end for name, end in expiries(_image()).items() if name in own]
    late = [end for end in ends if end - at <= acts.WARN]
    if not late:
        return []
    return [
        Task(
            _("Signatures run out"),
            _("In %(days)s days. After that no plant installs anything.", days=_days(late, at)),
            url_for("model_keys.listing"),
            _("Renew"),
            kind="attention",
            rank=20,
        )
    ]


def _days(ends: Iterable[datetime], at: datetime) -> int:
    return max(0, (min(ends) - at).days)


def _image() -> Any:
    return hub_here().signing.image()


TASKS.append(key_tasks)
