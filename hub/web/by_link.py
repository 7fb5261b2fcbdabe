"""Pages that a link in a mail opens, without an account: what all of them keep to.

The link's secret stands in the address of these pages alone. Opening one writes nothing: mail
filters open links, too. Whoever tries secrets is slowed down; a right one opens all the same.
"""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, request, session
from flask.typing import ResponseReturnValue
from flask_babel import refresh
from sqlmodel import Session

from hub.accounts import note_failure, throttle
from hub.errors import TooManyTries
from hub.web.asking import hub_here

_LONGEST = 200

Row = TypeVar("Row")


def keep_secret(bp: Blueprint, unknown: type[LookupError], page: Callable[..., str]) -> None:
    """Let the links of these pages go nowhere, and their secrets be guessed by nobody.

    `page(error)` is what is shown for a link that leads nowhere, or to who tried too often.
    """
    bp.after_request(_quiet)

    def over(error: LookupError) -> ResponseReturnValue:
        with hub_here().db.work() as rows:
            note_failure(rows, _counted(), _counted())
        return page(error), 404

    def slow(error: TooManyTries) -> ResponseReturnValue:
        return page(error), 429

    bp.register_error_handler(unknown, over)
    bp.register_error_handler(TooManyTries, slow)


def found_by(
    rows: Session,
    find: Callable[[Session, str], Row],
    token: str,
    unknown: type[LookupError],
) -> Row:
    """The row with that secret. Raises `unknown`, and TooManyTries for who has tried many."""
    try:
        return find(rows, token[:_LONGEST])
    except unknown:
        throttle(rows, _counted(), _counted())
        raise


def speak(locale: str) -> None:
    """The language in which the mail was written, until the reader chooses another."""
    if "locale" not in session:
        session["locale"] = locale
        refresh()


def _quiet(response: Response) -> Response:
    """Let the secret go nowhere: not to other pages, not into caches or search engines.

    The origin alone is still told, as forms over https are checked by it.
    """
    response.headers["Referrer-Policy"] = "strict-origin"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _counted() -> str:
    """Under what wrong links are counted: apart from wrong passwords of the same address."""
    return f"link {request.remote_addr or ''}"
