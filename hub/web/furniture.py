"""What every page carries: who reads it, their language, the menu, filters."""

from typing import Any, NamedTuple

from flask import Flask, current_app, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from hub import access
from hub.web.asking import who
from hub.web.formats import language, register_formats
from hub.web.navigation import Entry, entries_for
from hub.web.pages import page_address
from hub.web.states import state_of


class Line(NamedTuple):
    """A line of the menu on this page."""

    label: str
    href: str
    here: bool


def register_furniture(app: Flask) -> None:
    """Give filters, globals and the variables of layout.html to every template."""
    register_formats(app)
    app.jinja_env.globals.update(state_of=state_of, page_address=page_address)
    app.context_processor(_furniture)


def _furniture() -> dict[str, Any]:
    return {
        "who": reader(),
        "locale": language(),
        "here": here(),
        "navigation": menu(),
    }


def reader() -> access.Who:
    """Who asks; a stranger where the database does not say, so that an error can still be shown."""
    try:
        person = who()
    except SQLAlchemyError:
        return access.nobody
    return person


def here() -> str:
    """Address of the page at hand, to come back to; home after a form."""
    if request.method != "GET":
        return url_for("home.home")
    return request.full_path.rstrip("?")


def menu() -> list[Line]:
    """The lines of the main menu for the person who asks."""
    person = reader()
    if not person.known:
        return []
    lines = entries_for({role for role, _ in person.roles})
    shown = [e for e in lines if e.endpoint in current_app.view_functions and _may(e, person)]
    chosen = _chosen(shown)
    return [Line(str(e.label), url_for(e.endpoint), e is chosen) for e in shown]


def _may(entry: Entry, person: access.Who) -> bool:
    rule = access.RULES.get(entry.endpoint)
    return rule is not None and rule(person)


def _chosen(shown: list[Entry]) -> Entry | None:
    exact = next((e for e in shown if e.endpoint == request.endpoint), None)
    return exact or next((e for e in shown if e.group == request.blueprint), None)
