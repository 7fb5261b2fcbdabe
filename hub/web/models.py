"""The pages of shared models: what do we share, is a version sound, what is still missing."""

import io
from collections.abc import Mapping, Sequence
from typing import Any, cast

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import NotFound

from hub import access, releasing
from hub.access_releases import version_seen, versions_seen
from hub.publishing import publish_bundle, sign_image
from hub.sample.bundle import ARCHIVE, zipped
from hub.sample.chain import make_chain
from hub.web.asking import hub_here, say, who
from hub.web.model_words import CHECKS, Line, checklist, checks_of
from hub.web.pages import number_asked, page_of
from sharing.agent.bundle import KNOWN
from sharing.archive import files_from_zip
from sharing.card import SECTIONS, Card
from sharing.errors import BundleRefused, SharingError
from sharing.faults import Fault
from sharing.gate import LARGEST
from sharing.services import models as service
from sharing.services.board import running_at
from sharing.services.models import Visibility
from sharing.tables import SharedModel, Version
from supplychain.tables import Firm

bp = Blueprint("models", __name__, url_prefix="/models")
VISIBILITIES = ("chain", "private", "public")


@bp.get("/")
def models() -> str:
    """What do we share, what runs where."""
    with hub_here().db.reading() as session:
        page = page_of(session, access.models_seen(who()), number_asked())
        rows = [_line(session, model) for model in page.items]
    return render_template("models/models.html", page=page, rows=rows, may=who().has("publisher"))


@bp.get("/<slug>")
def newest(slug: str) -> ResponseReturnValue:
    """The page of the highest version."""
    with hub_here().db.reading() as session:
        model = access.model_seen(session, who(), slug)
        number = version_seen(session, who(), model).number
    return redirect(url_for(".version", slug=slug, number=number))


@bp.get("/<slug>/<number>")
def version(slug: str, number: str) -> str:
    """Is it sound, what does it need, what does it promise."""
    with hub_here().db.reading() as session:
        model = access.model_seen(session, who(), slug)
        found = version_seen(session, who(), model, number)
        return render_template(
            "models/version.html",
            model=model,
            version=found,
            card=Card.model_validate(found.card),
            sections=SECTIONS,
            files=service.files_of(session, found),
            others=[v for v in versions_seen(session, who(), model) if v.id != found.id],
            firm=session.get_one(Firm, model.firm_id),
            running=running_at(session, model),
            measured=service.figures_of(session, found),
            may=who().has("publisher", model.firm_id),
            signed=f"{slug}/{number}/model.onnx" in hub_here().signing.listed(),
        )


@bp.get("/sample")
def sample_bundle() -> ResponseReturnValue:
    """The sample's model to try publishing with; only where the sample chain is."""
    with hub_here().db.reading() as session:
        if not _has_sample(access.publishing_firms(session, who())):
            raise NotFound
    return send_file(io.BytesIO(zipped()), download_name=ARCHIVE, as_attachment=True)


@bp.get("/publish")
def publish() -> str:
    """Hand in a bundle."""
    return _form()


@bp.post("/publish")
def publish_now() -> ResponseReturnValue:
    """Put it through the gate; every fault is listed, or the version's page follows."""
    firm_id = request.form.get("firm", type=int) or 0
    access.may_publish_for(who(), firm_id)
    files, found = _handed_in()
    visibility = visibility_asked()
    try:
        if "check" in request.form:
            seen, _card = service.looked_into(files, found, shared=visibility != "private")
            return _form(checks_of(seen), seen.figures), 422 if seen.faults else 200
        published = publish_bundle(
            hub_here(), files, firm_id, who().handle, visibility=visibility, found=found
        )
    except BundleRefused as error:
        return _form(checklist(error.faults, error.checks)), 422
    except SharingError as error:
        return _form(sentence=say(error)), 422
    flash(published_words(published))
    return _go_to(url_for(".version", slug=published.card["slug"], number=published.number))


@bp.post("/<slug>/<number>/withdraw")
def withdraw(slug: str, number: str) -> ResponseReturnValue:
    """Offer it to nobody any more."""
    with hub_here().db.work() as session:
        model = access.model_seen(session, who(), slug)
        access.may_publish_for(who(), model.firm_id)
        found = service.version_of(session, slug, number)
        releasing.withdraw(session, model, found, who().handle, request.form.get("reason", ""))
    sign_image(hub_here())
    flash(_("The version is withdrawn. Where it runs, it goes on."))
    return redirect(url_for(".version", slug=slug, number=number))


@bp.post("/<slug>/show")
def show_to(slug: str) -> ResponseReturnValue:
    """Decide who may see a model from now on."""
    with hub_here().db.work() as session:
        model = access.model_seen(session, who(), slug)
        access.may_publish_for(who(), model.firm_id)
        releasing.show_to(session, model, who().handle, visibility_asked())
        newest = service.versions_of(session, model)[0].number
    sign_image(hub_here())
    flash(_("Who may see the model is changed."))
    return redirect(url_for(".version", slug=slug, number=newest))


def visibility_asked() -> Visibility:
    """Who may see it, as the form says; the supply chain where it says nonsense."""
    asked = request.form.get("visibility", "")
    return cast("Visibility", asked) if asked in VISIBILITIES else "chain"


def published_words(version: Version) -> str:
    """What became of a version that was handed in."""
    if version.state == "awaiting":
        return str(
            _("Version %(version)s waits for the signatures of your firm.", version=version.number)
        )
    return str(_("Version %(version)s is published.", version=version.number))


def _go_to(address: str) -> ResponseReturnValue:
    # upload.js sends the form itself, to show how far it is; a redirect would use up the flash
    if request.headers.get("X-Sent-By") == "upload":
        return {"to": address}, 201
    return redirect(address)


def _form(
    lines: Sequence[Line] = (), figures: Mapping[str, float] | None = None, sentence: str = ""
) -> str:
    with hub_here().db.reading() as session:
        firms = access.publishing_firms(session, who())
        return render_template(
            "models/publish.html",
            firms=firms,
            options=[(firm.id, firm.name) for firm in firms],
            sample=_has_sample(firms),
            megabytes=hub_here().settings.max_upload_mb,
            lines=lines,
            figures=figures or {},
            questions=CHECKS,
            sentence=sentence,
            asked=request.form,
        )


def _has_sample(firms: Sequence[Firm]) -> bool:
    lead = make_chain().lead.brn
    return any(firm.brn == lead for firm in firms)


def _handed_in() -> tuple[dict[str, bytes], list[Fault]]:
    """The files of the form: an archive, or one by one."""
    archive = request.files.get("archive")
    if archive is not None and archive.filename:
        if archive.filename.lower().endswith(".onnx"):
            return _alone(archive), []
        return files_from_zip(archive.stream)  # type: ignore[arg-type]
    files = {}
    for name in KNOWN:
        given = request.files.get(name)
        if given is not None and given.filename:
            files[name] = given.read(LARGEST[name] + 1)
    return files, []


def _alone(model: FileStorage) -> dict[str, bytes]:
    # a model without its card: the gate says what is missing, and what else is wrong with it
    return {"model.onnx": model.read(LARGEST["model.onnx"] + 1)}


def _line(session: Session, model: SharedModel) -> dict[str, Any]:
    versions = versions_seen(session, who(), model)
    return {
        "model": model,
        "newest": next((v for v in versions if v.state == "published"), versions[0]),
        "versions": len(versions),
        "firm": session.get_one(Firm, model.firm_id),
        "running": running_at(session, model),
    }
