"""An instructor's page: who is where in a course. Scores belong to the trainee and are not here."""

from flask import Blueprint, render_template

from courses.catalogue.reading import course_named, shipped
from courses.services.learning import hardest_questions, how_many_enrolled
from courses.services.progress import state_of
from hub import access
from hub.web.asking import hub_here, who
from hub.web.pages import Page, number_asked, page_of
from supplychain.tables import now

bp = Blueprint("cohorts", __name__, url_prefix="/learn/cohorts")

# Each line reads a person's whole progress; so many at once stay quick.
_A_PAGE = 25


@bp.get("")
def cohorts() -> str:
    """The courses, and how many people have begun each."""
    with hub_here().db.reading() as rows:
        counts = [(course, how_many_enrolled(rows, course)) for course in shipped().values()]
    return render_template("learn/cohorts.html", counts=counts)


@bp.get("/<slug>")
def cohort(slug: str) -> str:
    """Who is where, those seen longest ago first; and which questions give most trouble."""
    course = course_named(slug)
    with hub_here().db.reading() as rows:
        found = page_of(rows, access.cohort(who(), slug), number_asked(), _A_PAGE)
        people = [
            (name, enrolment, state_of(rows, enrolment.learner, course, now()))
            for enrolment, name in found.items
        ]
        page = Page(people, found.number, found.size, found.total)
        return render_template(
            "learn/cohort.html", course=course, page=page, hard=hardest_questions(rows, course)
        )
