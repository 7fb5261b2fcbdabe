"""What a person or a program reads when something did not work: never a traceback."""

import logging
import secrets

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from hub.api.problems import of_error, problem
from hub.errors import http_status
from hub.web.asking import hub_here, say
from supplychain.errors import DomainError

log = logging.getLogger(__name__)


def register_failures(app: Flask) -> None:
    """Answer errors of every kind in the reader's language."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DataError, _unfit)
    app.register_error_handler(Exception, _unforeseen)


def _for_program() -> bool:
    return request.path.startswith(("/api/", "/tuf/"))


def _page(status: int, sentence: str, reference: str = "") -> ResponseReturnValue:
    return render_template(
        "error.html", status=status, sentence=sentence, reference=reference
    ), status


def _domain(error: DomainError) -> ResponseReturnValue:
    if _for_program():
        return of_error(error)
    return _page(http_status(error), say(error))


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    sentence = _("The form was open for too long or came from elsewhere. Please send it again.")
    return _page(400, sentence)


def _unfit(error: DataError) -> ResponseReturnValue:
    """PostgreSQL refuses what is longer than its column, and the character zero."""
    log.warning("%s %s: %s", request.method, _where(), type(error.orig).__name__)
    sentence = str(_("Something in it is too long, or cannot be kept as text. Nothing was saved."))
    if _for_program():
        return problem(422, "InvalidRequest", sentence)
    return _page(422, sentence)


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    sentence = _sentence(status)
    if _for_program():
        return problem(status, error.name, sentence)
    return _page(status, sentence)


def _sentence(status: int) -> str:
    sentences = {
        400: _("The request could not be understood."),
        401: _("Please sign in first."),
        403: _("Your account does not have the role that this page needs."),
        404: _("There is no such page, or it is not for you to see."),
        405: _("This address does not take that kind of request."),
        413: _(
            "The file is too large. At most %(mb)s MB can be taken at once.",
            mb=hub_here().settings.max_upload_mb,
        ),
        429: _("Too many requests. Please wait a little."),
    }
    return str(sentences.get(status, _("Something went wrong. Please try again.")))


def _where() -> str:
    """The address that was asked, without the secret that stands in some."""
    secret = (request.view_args or {}).get("token")
    return request.path.replace(str(secret), "…") if secret else request.path


def _unforeseen(error: Exception) -> ResponseReturnValue:
    reference = secrets.token_hex(4)
    log.error("%s %s failed [%s]", request.method, _where(), reference, exc_info=error)
    sentence = _("Something went wrong on our side. Nothing was half-written.")
    if _for_program():
        return problem(500, "InternalError", str(sentence), reference=reference)
    return _page(500, str(sentence), reference)
