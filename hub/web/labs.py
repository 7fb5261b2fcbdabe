"""Pages of labs: a trainee's lab and its way into JupyterHub; what an instructor looks after."""

import math

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hub import access
from hub.accounts import record
from hub.labs_process import jupyterhub_of
from hub.web.asking import hub_here, say, who
from hub.web.formats import language
from hub.web.pages import number_asked, page_of
from labs.catalogue import Lab, lab_named, labs
from labs.errors import JupyterHubAway, JupyterHubRefused, LabsError, SpawnFailed
from labs.isolation import why_not
from labs.jupyter import Server
from labs.services import best_attempt, open_lab, review
from supplychain.tables import now

bp = Blueprint("labs", __name__)

# htmx stops asking again at this status.
_ENOUGH = 286


@bp.get("/labs")
def every() -> str:
    """All labs, with the person's best result in each."""
    with hub_here().db.reading() as session:
        best = {slug: best_attempt(session, who().handle, slug) for slug in labs()}
        return render_template("labs/every.html", labs=labs().values(), best=best)


@bp.get("/labs/<slug>")
def one(slug: str) -> str:
    """Is my server up, what did I hand in, why these points."""
    lab = lab_named(slug)
    with hub_here().db.reading() as session:
        page = page_of(session, access.own_attempts(who(), slug), number_asked(), size=20)
        return render_template(
            "labs/one.html",
            lab=lab,
            server=_own_server(),
            page=page,
            latest=session.exec(access.own_attempts(who(), slug).limit(1)).first(),
            best=best_attempt(session, who().handle, slug),
        )


@bp.get("/labs/<slug>/hand-ins/<int:number>")
def hand_in(slug: str, number: int) -> str:
    """One of the person's own hand-ins, line by line."""
    lab = lab_named(slug)
    with hub_here().db.reading() as session:
        attempt = access.own_attempt(session, who(), slug, number)
        return render_template("labs/hand_in.html", lab=lab, attempt=attempt, learner=None)


@bp.post("/labs/<slug>/open")
def open_it(slug: str) -> ResponseReturnValue:
    """Note the wish, ask JupyterHub for the server, and show how far it is."""
    lab, hub = lab_named(slug), hub_here()
    try:
        with hub.db.work() as session:
            open_lab(session, lab, who().handle)
            record(session, who().handle, "lab.opened", slug)
        jupyterhub = jupyterhub_of(hub)
        jupyterhub.ensure_user(who().handle)
        jupyterhub.start(who().handle, language())
    except LabsError as error:
        flash(say(error), "error")
        return redirect(url_for("labs.one", slug=slug))
    return redirect(url_for("labs.opening", slug=slug))


@bp.get("/labs/<slug>/opening")
def opening(slug: str) -> str:
    """The page that waits for the server."""
    return render_template("labs/opening.html", lab=lab_named(slug), reason="", at=now())


@bp.get("/labs/<slug>/opening/now")
def opening_now(slug: str) -> ResponseReturnValue:
    """How far the start is; sends the browser on to the notebook when the server is ready."""
    lab = lab_named(slug)
    try:
        address = _notebook_address(lab)
    except LabsError as error:
        part = render_template("labs/_opening.html", lab=lab, reason=say(error), at=now())
        return part, _ENOUGH
    answer = make_response(render_template("labs/_opening.html", lab=lab, reason="", at=now()))
    if address:
        answer.headers["HX-Redirect"] = address
    return answer


@bp.get("/labs/<slug>/enter")
def enter(slug: str) -> ResponseReturnValue:
    """The same without JavaScript: on to the notebook, or back to waiting."""
    lab = lab_named(slug)
    try:
        address = _notebook_address(lab)
    except LabsError as error:
        flash(say(error), "error")
        return redirect(url_for("labs.one", slug=slug))
    return redirect(address or url_for("labs.opening", slug=slug))


def _notebook_address(lab: Lab) -> str:
    """Where the notebook is, once it is in the person's home; empty while the server starts.

    Raises SpawnFailed with JupyterHub's reason.
    """
    jupyterhub, learner = jupyterhub_of(hub_here()), who().handle
    state = jupyterhub.server(learner).state
    if state == "stopped":
        reason = jupyterhub.progress(learner).words
        raise SpawnFailed(reason=reason or _("it ended at once"))
    if state != "ready":
        return ""
    for code in ("ko", "en"):
        path = f"{lab.slug}/{lab.notebook_name(code)}"
        jupyterhub.put_notebook(learner, path, lab.notebook(code))
    name = lab.notebook_name(language())
    return f"{hub_here().settings.labs_url}/user/{learner}/lab/tree/{lab.slug}/{name}"


@bp.post("/labs/<slug>/stop")
def stop_own(slug: str) -> ResponseReturnValue:
    """Stop one's own server; files stay."""
    lab = lab_named(slug)
    with hub_here().db.work() as session:
        record(session, who().handle, "lab.stopped", who().handle)
    try:
        jupyterhub_of(hub_here()).stop(who().handle)
        flash(_("Your lab is stopped. Your files are kept."))
    except LabsError as error:
        flash(say(error), "error")
    return redirect(url_for("labs.one", slug=lab.slug))


def _own_server() -> Server | None:
    """The person's server; None where JupyterHub does not answer."""
    try:
        return jupyterhub_of(hub_here()).server(who().handle)
    except (JupyterHubAway, JupyterHubRefused):
        return None


# --- instructors


@bp.get("/labs/servers")
def servers() -> str:
    """Who runs what."""
    try:
        running, reason = jupyterhub_of(hub_here()).servers(), ""
    except LabsError as error:
        running, reason = [], say(error)
    with hub_here().db.reading() as session:
        names = access.names_of(session, who(), [each.learner for each in running])
    return render_template(
        "labs/servers.html", servers=running, names=names, reason=reason, walls=why_not(), at=now()
    )


@bp.post("/labs/servers/<learner>/stop")
def stop_server(learner: str) -> ResponseReturnValue:
    """Stop somebody's server."""
    with hub_here().db.work() as session:
        record(session, who().handle, "lab.stopped", learner)
    try:
        jupyterhub_of(hub_here()).stop(learner)
        flash(_("The server is being stopped. The files stay."))
    except LabsError as error:
        flash(say(error), "error")
    return redirect(url_for("labs.servers"))


@bp.get("/labs/<slug>/hand-ins")
def hand_ins(slug: str) -> str:
    """Everybody's hand-ins for a lab, the newest first."""
    lab = lab_named(slug)
    with hub_here().db.reading() as session:
        page = page_of(session, access.all_attempts(who(), slug), number_asked())
        names = access.names_of(session, who(), [attempt.learner for attempt in page.items])
        return render_template("labs/hand_ins.html", lab=lab, page=page, names=names)


@bp.get("/labs/<slug>/hand-ins/of/<learner>/<int:number>")
def hand_in_of(slug: str, learner: str, number: int) -> str:
    """Somebody's hand-in, line by line, and the form for a second look."""
    lab = lab_named(slug)
    with hub_here().db.reading() as session:
        attempt = access.some_attempt(session, who(), slug, learner, number)
        name = access.names_of(session, who(), [learner]).get(learner, learner)
        return render_template("labs/hand_in.html", lab=lab, attempt=attempt, learner=name)


@bp.post("/labs/<slug>/hand-ins/of/<learner>/<int:number>")
def look_again(slug: str, learner: str, number: int) -> ResponseReturnValue:
    """Other points after a second look, with the reason."""
    lab, here = (
        lab_named(slug),
        url_for("labs.hand_in_of", slug=slug, learner=learner, number=number),
    )
    note, points = request.form.get("note", "").strip(), request.form.get("points", type=float)
    if points is None or not math.isfinite(points) or not note:
        flash(_("Please give the points and say why."), "error")
        return redirect(here)
    with hub_here().db.work() as session:
        attempt = access.some_attempt(session, who(), slug, learner, number)
        before = attempt.points
        review(session, attempt, who().handle, points, note, lab)
        record(
            session,
            who().handle,
            "lab.reviewed",
            f"{slug} {learner} {number}",
            before=before,
            after=attempt.points,
        )
    flash(_("The new points are kept, with your reason."))
    return redirect(here)
