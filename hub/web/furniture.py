"""What every page carries: who reads it, their language, the menu, filters."""

from typing import Any, NamedTuple

from flask import Flask, current_app, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from hub import access
from hub.web.asking import who
from hub.web.formats import language, register_formats
from hub.web.navigation import Entry, sections_for
from hub.web.pages import page_address
from hub.web.states import state_of

_FEW = 6  # lines that fit beside each other


class Line(NamedTuple):
    """A line of the menu on this page; `lines` are those of its section, where it has several."""

    label: str
    href: str
    here: bool
    lines: tuple["Line", ...] = ()


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
    """The sections of the menu for the person who asks; `here` is where the page at hand belongs.

    A person whose lines are few sees them without sections.
    """
    person = reader()
    if not person.known:
        return []
    sections = [
        (section.label, [e for e in section.entries if _is_there(e) and _may(e, person)])
        for section in sections_for({role for role, _ in person.roles})
    ]
    every = [entry for _, entries in sections for entry in entries]
    chosen = _chosen(every)
    if len(every) <= _FEW:
        return [_line(entry, chosen) for entry in every]
    return [_section(label, entries, chosen) for label, entries in sections if entries]


def _section(label: object, entries: list[Entry], chosen: Entry | None) -> Line:
    lines = tuple(_line(entry, chosen) for entry in entries)
    if len(lines) == 1:
        return lines[0]
    return Line(str(label), lines[0].href, any(line.here for line in lines), lines)


def _line(entry: Entry, chosen: Entry | None) -> Line:
    return Line(str(entry.label), url_for(entry.endpoint), entry is chosen)


def _is_there(entry: Entry) -> bool:
    return entry.endpoint in current_app.view_functions


def _may(entry: Entry, person: access.Who) -> bool:
    rule = access.RULES.get(entry.endpoint)
    return rule is not None and rule(person)


def _chosen(shown: list[Entry]) -> Entry | None:
    exact = next((e for e in shown if e.endpoint == request.endpoint), None)
    return exact or next((e for e in shown if e.group == request.blueprint), None)
