"""Course folders → courses. The only place that reads course files.

    <slug>/course.yaml                     title, outcomes, tracks, competences, order of lessons
    <slug>/test.yaml                       the end test
    <slug>/lessons/<lesson>/ko.md, en.md   the text
    <slug>/lessons/<lesson>/questions.yaml short questions with explanations
    <slug>/figures/<name>.ko.svg, .en.svg  figures that texts name

A broken file is never half-used: `read_catalogue` raises CatalogueBroken with every fault of every
course.
"""

from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from courses.catalogue.content import Course, CourseHead, EndTest, Lesson, QuestionSheet, Text
from courses.catalogue.pages import DrawingRefused, drawing, html_of
from courses.catalogue.yaml_lines import Model, Unreadable, read_yaml
from courses.competences import FRAME
from courses.errors import CatalogueBroken, ContentFault, CourseNotFound

HOME = Path(__file__).parent


@cache
def shipped() -> dict[str, Course]:
    """The courses that come with the hub, by slug; read once per process."""
    return read_catalogue(HOME)


def course_named(slug: str) -> Course:
    """A course of the shipped catalogue. Raises CourseNotFound."""
    try:
        return shipped()[slug]
    except KeyError:
        raise CourseNotFound(course=slug) from None


def read_catalogue(home: Path) -> dict[str, Course]:
    """Every course below `home`, by slug, in order of slug. Raises CatalogueBroken."""
    courses: dict[str, Course] = {}
    faults: list[ContentFault] = []
    for folder in sorted(path.parent for path in home.glob("*/course.yaml")):
        try:
            courses[folder.name] = _course(home, folder)
        except Unreadable as error:
            faults += error.faults
    if faults:
        raise CatalogueBroken(faults)
    return courses


class _Found(NamedTuple):
    """What was read, and what was wrong on the way."""

    lessons: list[Lesson]
    faults: list[ContentFault]


def _course(home: Path, folder: Path) -> Course:
    head = _sheet(home, folder / "course.yaml", CourseHead)
    found = _Found([], _unknown_competences(home, folder, head) + _stray(home, folder, head))
    for lesson in head.lessons:
        try:
            place = folder / "lessons" / lesson.slug
            sheet = _sheet(home, place / "questions.yaml", QuestionSheet)
            html = Text(ko=_page(home, place, "ko"), en=_page(home, place, "en"))
            known = lesson.model_dump()
            found.lessons.append(Lesson(**known, html=html, questions=sheet.questions))
        except Unreadable as error:
            found.faults.extend(error.faults)
    try:
        test = _sheet(home, folder / "test.yaml", EndTest)
    except Unreadable as error:
        raise Unreadable(found.faults + error.faults) from error
    if found.faults:
        raise Unreadable(found.faults)
    known = {name: getattr(head, name) for name in CourseHead.model_fields}
    return Course(**{**known, "slug": folder.name, "lessons": tuple(found.lessons), "test": test})


def _unknown_competences(home: Path, folder: Path, head: CourseHead) -> list[ContentFault]:
    file = folder / "course.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    return [
        ContentFault(
            file=_shown(home, file),
            line=next((n for n, line in enumerate(lines, 1) if unknown in line), 1),
            code="competence",
            facts={"competence": unknown},
        )
        for unknown in head.competences
        if unknown not in FRAME.competences
    ]


def _stray(home: Path, folder: Path, head: CourseHead) -> list[ContentFault]:
    # A lesson that course.yaml forgot would never be seen: that is a mistake, not a draft.
    named = {lesson.slug for lesson in head.lessons}
    places = sorted(path for path in (folder / "lessons").glob("*") if path.is_dir())
    return [
        ContentFault(file=_shown(home, place), line=1, code="unused")
        for place in places
        if place.name not in named
    ]


def _page(home: Path, place: Path, language: str) -> str:
    file = place / f"{language}.md"
    figures = place.parent.parent / "figures"
    markdown = _text(home, file)
    lines = markdown.splitlines()

    def figure(name: str) -> str:
        line = next((n for n, text in enumerate(lines, 1) if f"]({name})" in text), 1)
        fault = partial(ContentFault, file=_shown(home, file), line=line)
        source = figures / f"{name}.{language}.svg"
        if not source.is_file():
            raise Unreadable([fault(code="figure", facts={"figure": source.name})])
        try:
            return drawing(_text(home, source), name)
        except DrawingRefused as error:
            facts = {"problem": str(error)}
            wrong = ContentFault(file=_shown(home, source), line=1, code="drawing", facts=facts)
            raise Unreadable([wrong]) from error

    return html_of(markdown, figure)


def _sheet(home: Path, file: Path, kind: type[Model]) -> Model:
    return read_yaml(_text(home, file), kind, _shown(home, file))


def _text(home: Path, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        fault = ContentFault(file=_shown(home, file), line=1, code="missing")
        raise Unreadable([fault]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        fault = ContentFault(file=_shown(home, file), line=line, code="encoding")
        raise Unreadable([fault]) from error


def _shown(home: Path, file: Path) -> str:
    return file.relative_to(home).as_posix()
