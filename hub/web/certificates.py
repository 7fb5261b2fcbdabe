"""Certificates: what I can show, and what a stranger can check.

The issuer's profile, keys, list of revocations and achievements are served here too: a
credential names their addresses, and programs fetch them.
"""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses import certificates as proofs
from courses import services
from courses.catalogue.reading import course_named, shipped
from courses.competences import FRAME
from courses.errors import CertificateNotFound, CredentialUnreadable
from courses.issuer import issuer_at, trusted_keys
from courses.services.awards import said_of
from hub import access
from hub.web.asking import hub_here, say, who
from supplychain.tables import now

bp = Blueprint("certificates", __name__)

# Long enough for a credential of any issuer, short enough not to be work.
_LONGEST = 64 * 1024


@bp.get("/learn/certificates")
def mine() -> str:
    """What can I show."""
    with hub_here().db.reading() as rows:
        held = access.own_certificates(rows, who())
        return render_template(
            "learn/certificates.html", held=held, courses=shipped(), frame=FRAME, now=now()
        )


@bp.get("/learn/certificates/<uuid:number>.jwt")
def as_token(number: UUID) -> Response:
    """The signed credential, as wallets and verifiers take it."""
    with hub_here().db.reading() as rows:
        token = access.own_certificate(rows, who(), number).credential
    return _file(Response(token, mimetype="application/vc+jwt"), f"certificate-{number}.jwt")


@bp.get("/learn/certificates/<uuid:number>.json")
def as_json(number: UUID) -> Response:
    """The same, enveloped in JSON."""
    with hub_here().db.reading() as rows:
        token = access.own_certificate(rows, who(), number).credential
    answer = jsonify(proofs.enveloped(token))
    return _file(answer, f"certificate-{number}.json")


def _file(answer: Response, name: str) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.get("/verify")
def verify() -> str:
    """A form for a stranger who holds a file or a number."""
    return render_template("learn/verify.html", verdict=None, pasted="", fault="")


@bp.post("/verify")
def verify_pasted() -> ResponseReturnValue:
    """Check what was pasted: the proof, the dates, and whether it was taken back."""
    pasted = request.form.get("credential", "").strip()[:_LONGEST]
    try:
        return redirect(url_for("certificates.verify_number", number=UUID(pasted)))
    except ValueError:
        pass
    try:
        with hub_here().db.reading() as rows:
            verdict = services.check(rows, pasted, trusted_keys(hub_here().keys), now())
    except CredentialUnreadable as error:
        return _verdict_page(None, pasted, say(error)), 422
    return _verdict_page(verdict, pasted)


@bp.get("/verify/<uuid:number>")
def verify_number(number: UUID) -> ResponseReturnValue:
    """Check a certificate by its number, for real, each time that somebody asks."""
    try:
        with hub_here().db.reading() as rows:
            row = services.certificate_of(rows, number)
            keys = trusted_keys(hub_here().keys)
            verdict = services.check(rows, row.credential, keys, now())
            # A row that holds another's credential must not vouch for this number.
            if verdict.reading is None or verdict.reading.number != str(number):
                verdict = proofs.Verdict(state="not_genuine", reading=verdict.reading)
            return _verdict_page(verdict, "", row=row)
    except CertificateNotFound as error:
        return _verdict_page(None, str(number), say(error)), 404


def _verdict_page(verdict: proofs.Verdict | None, pasted: str, fault: str = "", **more: Any) -> str:
    known = shipped().get(verdict.reading.course) if verdict and verdict.reading else None
    return render_template(
        "learn/verify.html",
        verdict=verdict,
        pasted=pasted,
        fault=fault,
        course=known,
        frame=FRAME,
        checked_at=now(),
        **more,
    )


@bp.get("/issuers/hub")
def issuer() -> Response:
    """Who signs: the profile that credentials name."""
    signer = issuer_at(hub_here().settings.url, hub_here().keys)
    return jsonify({"@context": proofs.CONTEXTS, **proofs.profile(signer)})


@bp.get("/issuers/hub/jwks.json")
def keys() -> Response:
    """All public keys whose certificates count."""
    trusted = trusted_keys(hub_here().keys).values()
    return jsonify({"keys": [proofs.public_jwk(key) for key in trusted]})


@bp.get("/issuers/hub/keys/<thumbprint>")
def key(thumbprint: str) -> Response:
    """One public key, as the kid of a credential names it."""
    found = trusted_keys(hub_here().keys).get(thumbprint)
    if found is None:
        raise CertificateNotFound
    answer = jsonify(proofs.public_jwk(found))
    answer.mimetype = "application/jwk+json"
    return answer


@bp.get("/issuers/hub/status")
def status() -> Response:
    """The signed list of certificates that were taken back."""
    hub = hub_here()
    with hub.db.reading() as rows:
        places = services.revoked_places(rows)
    signed = proofs.sign_status(places, issuer_at(hub.settings.url, hub.keys), now())
    return Response(signed, mimetype="application/vc+jwt")


@bp.get("/achievements/<slug>")
def achievement(slug: str) -> Response:
    """What a certificate of that course says was achieved, of nobody in particular."""
    said = said_of(course_named(slug), "", "", now(), place=0)
    context = {"@context": proofs.CONTEXTS}
    return jsonify({**context, **proofs.achievement(hub_here().settings.url, said)})
