"""A trainee's pages: what next, a course, its lessons with their questions, the end test."""

from collections.abc import Iterable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from courses import services
from courses.catalogue.content import Course, Lesson, Question
from courses.catalogue.reading import course_named, shipped
from courses.competences import FRAME
from courses.errors import AnswerMissing, AnswerNotANumber, CatalogueBroken, QuestionsOpen
from courses.issuer import issuer_at
from courses.marking import Marked, mark
from courses.services.end_test import attempt_at, open_test, read_paper
from courses.services.progress import state_of, states_of
from courses.tables import Answer
from hub.access import Who
from hub.accounts import record
from hub.web.asked import TASKS, Task
from hub.web.asking import hub_here, say, who
from hub.web.formats import language
from supplychain.tables import now

bp = Blueprint("learn", __name__, url_prefix="/learn")


@bp.get("")
def learn() -> str:
    """What next, how far am I."""
    with hub_here().db.reading() as rows:
        states = states_of(rows, who().handle, shipped().values(), now())
        held = services.held_competences(rows, who().handle, now())
        return render_template("learn/learn.html", states=states, held=held, frame=FRAME)


@bp.get("/competences")
def competences() -> str:
    """The frame of competences; certificates point here, so strangers may read it."""
    taught = {
        c: [one for one in shipped().values() if c in one.competences] for c in FRAME.competences
    }
    return render_template("learn/competences.html", frame=FRAME, taught=taught)


@bp.get("/of-lab/<slug>")
def of_lab(slug: str) -> ResponseReturnValue:
    """The course that a lab belongs to, of several the one seen last; else all courses."""
    having = [one for one in shipped().values() if one.lab == slug]
    if not having:
        return redirect(url_for("learn.learn"))
    with hub_here().db.reading() as rows:
        last = states_of(rows, who().handle, having, now())[0].course
    return redirect(url_for("learn.course", slug=last.slug))


@bp.get("/courses/<slug>")
def course(slug: str) -> str:
    """What will I be able to do, and how far am I."""
    with hub_here().db.reading() as rows:
        state = state_of(rows, who().handle, course_named(slug), now())
        return render_template("learn/course.html", state=state, frame=FRAME)


@bp.post("/courses/<slug>/begin")
def begin(slug: str) -> ResponseReturnValue:
    """Begin the course in one of the four groups, and go to where that group starts."""
    taken = course_named(slug)
    with hub_here().db.work() as rows:
        services.enrol(rows, who().handle, taken, request.form.get("track", ""))
        record(rows, who().handle, "course.begun", slug)
        state = state_of(rows, who().handle, taken, now())
        following = state.next_lesson
    if following is None:
        return redirect(url_for("learn.course", slug=slug))
    return redirect(url_for("learn.lesson", slug=slug, lesson_slug=following.slug))


@bp.get("/courses/<slug>/lessons/<lesson_slug>")
def lesson(slug: str, lesson_slug: str) -> str:
    """Text, figures and questions; opening it is where one resumes."""
    with hub_here().db.work() as rows:
        services.open_lesson(rows, who().handle, course_named(slug), lesson_slug)
        return _lesson_page(rows, slug, lesson_slug)


@bp.post("/courses/<slug>/lessons/<lesson_slug>/answers/<question_id>")
def answer(slug: str, lesson_slug: str, question_id: str) -> ResponseReturnValue:
    """Mark an answer: the question alone for htmx, else the page again, at the question."""
    taken, given = course_named(slug), request.form.getlist("given")
    fault = ""
    with hub_here().db.work() as rows:
        try:
            services.answer(rows, who().handle, taken, lesson_slug, question_id, given)
        except (AnswerMissing, AnswerNotANumber) as error:
            fault = say(error)
        if "HX-Request" in request.headers:
            return _question_part(rows, taken, lesson_slug, question_id, fault)
        if fault:
            return _lesson_page(rows, slug, lesson_slug, {question_id: fault}), 422
    here = url_for("learn.lesson", slug=slug, lesson_slug=lesson_slug)
    return redirect(f"{here}#q-{question_id}")


@bp.post("/courses/<slug>/lessons/<lesson_slug>/finish")
def finish(slug: str, lesson_slug: str) -> ResponseReturnValue:
    """Close the lesson and go on to the next, or to the course where none is left."""
    with hub_here().db.work() as rows:
        try:
            following = services.finish(rows, who().handle, course_named(slug), lesson_slug)
        except QuestionsOpen as error:
            flash(say(error), "error")
            return redirect(
                url_for("learn.lesson", slug=slug, lesson_slug=lesson_slug) + "#questions"
            )
        record(rows, who().handle, "lesson.finished", f"{slug}/{lesson_slug}")
    if following is not None:
        return redirect(url_for("learn.lesson", slug=slug, lesson_slug=following.slug))
    flash(_("All lessons are done. The end test is open."))
    return redirect(url_for("learn.course", slug=slug))


@bp.get("/courses/<slug>/test")
def test(slug: str) -> str:
    """The end test as an empty paper."""
    taken = course_named(slug)
    with hub_here().db.reading() as rows:
        number = open_test(rows, who().handle, taken)
    return render_template("learn/test.html", course=taken, number=number, given={}, faults={})


@bp.post("/courses/<slug>/test")
def hand_in_test(slug: str) -> ResponseReturnValue:
    """Count the paper, or show it again with what is still open."""
    taken, asked = course_named(slug), request.form.get("number", "0")
    given = {one.id: request.form.getlist(one.id) for one in taken.test.questions}
    number = int(asked) if asked.isdecimal() and len(asked) < 7 else 0
    paper = read_paper(taken.test.questions, given)
    if paper.faults:
        faults = {name: say(error) for name, error in paper.faults.items()}
        page = render_template(
            "learn/test.html", course=taken, number=number, given=given, faults=faults
        )
        return page, 422
    with hub_here().db.work() as rows:
        done = services.take_test(rows, who().handle, taken, paper.marks, number)
        record(rows, who().handle, "test.handed-in", slug, number=done.number)
        number = done.number
    return redirect(url_for("learn.test_result", slug=slug, number=number))


@bp.get("/courses/<slug>/test/<int:number>")
def test_result(slug: str, number: int) -> str:
    """What was right, and why, question by question."""
    taken = course_named(slug)
    with hub_here().db.reading() as rows:
        attempt = attempt_at(rows, who().handle, taken, number)
        return render_template(
            "learn/test_result.html",
            course=taken,
            attempt=attempt,
            marks={
                one.id: _again(one, attempt.given.get(one.id, [])) for one in taken.test.questions
            },
            state=state_of(rows, who().handle, taken, now()),
        )


@bp.post("/courses/<slug>/certificate")
def claim(slug: str) -> ResponseReturnValue:
    """Award the certificate that has been earned."""
    hub, taken = hub_here(), course_named(slug)
    with hub.db.work() as rows:
        state = state_of(rows, who().handle, taken, now())
        row = services.award(
            rows,
            who().handle,
            who().name,
            taken,
            issuer_at(hub.settings.url, hub.keys),
            earned=state.earned,
            at=now(),
        )
        record(rows, who().handle, "certificate.awarded", str(row.id), course=slug)
    flash(_("Congratulations. Your certificate is ready."))
    return redirect(url_for("certificates.mine"))


def _lesson_page(
    rows: Session, slug: str, lesson_slug: str, faults: dict[str, str] | None = None
) -> str:
    taken = course_named(slug)
    state = state_of(rows, who().handle, taken, now())
    read = next(one for one in state.lessons if one.lesson.slug == lesson_slug)
    answered = services.answers_of(rows, who().handle, taken, lesson_slug)
    place = state.lessons.index(read)
    return render_template(
        "learn/lesson.html",
        state=state,
        course=taken,
        lesson=read.lesson,
        done=read.done,
        place=place,
        questions=_asked(read.lesson, answered, faults or {}),
    )


def _asked(
    read: Lesson, answered: dict[str, Answer], faults: dict[str, str]
) -> list[tuple[Question, Marked | None, str]]:
    """Each question with the answer so far, and what was wrong with the one just sent."""
    return [
        (
            one,
            _again(one, answered[one.id].given) if one.id in answered else None,
            faults.get(one.id, ""),
        )
        for one in read.questions
    ]


def _again(question: Question, given: list[str]) -> Marked | None:
    # Content may have changed since the answer was given; then there is nothing to show.
    try:
        return mark(question, given)
    except (AnswerMissing, AnswerNotANumber):
        return None


def _question_part(
    rows: Session, taken: Course, lesson_slug: str, question_id: str, fault: str
) -> str:
    read = services.open_lesson(rows, who().handle, taken, lesson_slug)
    answered = services.answers_of(rows, who().handle, taken, lesson_slug)
    asked = _asked(read, answered, {question_id: fault})
    number = next(n for n, (one, _mark, _fault) in enumerate(asked) if one.id == question_id)
    question, marked, fault = asked[number]
    return render_template(
        "learn/question.html",
        course=taken,
        lesson=read,
        question=question,
        marked=None if fault else marked,
        fault=fault,
        number=number + 1,
        fresh=True,
    )


def _tasks(session: Session, person: Who) -> Iterable[Task]:
    """For the first page: go on with what was begun, or fetch the certificate."""
    try:
        known = shipped().values()
    except CatalogueBroken:  # the first page shows what else there is to do
        return
    for state in states_of(session, person.handle, known, now()):
        title = state.course.title.in_(language())
        address = url_for("learn.course", slug=state.course.slug)
        if state.next == "certificate":
            yield Task(
                title, _("Everything is passed."), address, _("Get the certificate"), "good", 20
            )
        elif state.enrolment is not None and state.certificate is None:
            text = _("%(done)s of %(parts)s parts done", done=state.done, parts=state.parts)
            yield Task(title, text, address, _("Continue"), "moving", 30)
        elif state.enrolment is None and person.has("trainee"):
            text = state.course.summary.in_(language())
            yield Task(title, text, address, _("See the course"), "neutral", 50)


TASKS.append(_tasks)
