"""The courses that come with the hub: every file is read, and read as a teacher would."""

import re

import pytest

from courses.catalogue.content import Course, NumberQuestion
from courses.catalogue.reading import course_named, shipped
from courses.competences import FRAME
from courses.errors import CourseNotFound
from courses.marking import mark

HANGUL = re.compile(r"[가-힣]")


@pytest.fixture(params=sorted(shipped()))
def course(request) -> Course:
    return shipped()[request.param]


def test_the_first_course_is_there() -> None:
    course = course_named("read-a-prediction")
    assert set(course.tracks) == {"researcher", "practitioner", "employee", "job_seeker"}
    assert course.lab == "first-look"
    assert course.models == ("injection-quality",)
    assert set(course.competences) == {"models:understand", "operation:understand"}
    with pytest.raises(CourseNotFound):
        course_named("no-such-course")


def test_the_frame_has_six_areas_at_three_grades() -> None:
    assert list(FRAME.areas) == [
        "data", "models", "operation", "improvement", "responsibility", "building",
    ]  # fmt: skip
    assert list(FRAME.grades) == ["understand", "apply", "create"]
    assert len(FRAME.competences) == 18


def test_its_minutes_are_its_hours(course: Course) -> None:
    minutes = sum(lesson.minutes for lesson in course.lessons)
    assert minutes + course.lab_minutes + course.test.minutes == course.hours * 60


def test_its_lab_exists(course: Course) -> None:
    from labs.catalogue import lab_named

    assert course.lab is None or lab_named(course.lab).title.ko


def test_korean_is_korean_and_english_is_not(course: Course) -> None:
    for lesson in course.lessons:
        assert len(HANGUL.findall(lesson.html.ko)) > 500
        assert not HANGUL.findall(lesson.html.en)
        assert len(re.findall(r"[A-Za-z]+", re.sub(r"<[^>]+>", " ", lesson.html.en))) > 300
    for question in (*course.test.questions, *(q for one in course.lessons for q in one.questions)):
        # A number or a unit may be the same in both; a sentence may not.
        assert HANGUL.search(question.text.ko)
        assert not HANGUL.search(question.text.en)
        assert HANGUL.search(question.explanation.ko)
        assert not HANGUL.search(question.explanation.en)


def test_both_languages_have_the_same_figures_and_tables(course: Course) -> None:
    for lesson in course.lessons:
        for part in ("<svg", "<table", "<blockquote", "<h2"):
            assert lesson.html.ko.count(part) == lesson.html.en.count(part), (lesson.slug, part)


def test_both_languages_say_the_same_numbers(course: Course) -> None:
    """Numbers of a table row or a question must not be changed in one language alone."""

    def numbers(text: str) -> list[str]:
        return sorted(set(re.findall(r"\d(?:[\d,]*\d)?(?:\.\d+)?", re.sub(r"<[^>]+>", " ", text))))

    for question in (*course.test.questions, *(q for one in course.lessons for q in one.questions)):
        assert set(numbers(question.explanation.en)) <= set(numbers(question.explanation.ko)), (
            question.id
        )
    for lesson in course.lessons:
        cells = {
            language: re.findall(r"<td[^>]*>([^<]*\d[^<]*)</td>", lesson.html.in_(language))
            for language in ("ko", "en")
        }
        assert len(cells["ko"]) == len(cells["en"])
        for ko, en in zip(cells["ko"], cells["en"], strict=True):
            assert numbers(ko) == numbers(en), (lesson.slug, ko, en)


def test_figures_speak_to_screen_readers(course: Course) -> None:
    for lesson in course.lessons:
        for language in ("ko", "en"):
            html = lesson.html.in_(language)
            for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
                assert 'role="img"' in svg
                assert re.search(r"<title id=\"[^\"]+\">.+?</title>", svg)
                assert re.search(r"<desc id=\"[^\"]+\">.+?</desc>", svg)
            ids = re.findall(r'id="([^"]+)"', html)
            assert len(ids) == len(set(ids))


def test_the_right_answers_are_marked_right(course: Course) -> None:
    for question in (*course.test.questions, *(q for one in course.lessons for q in one.questions)):
        right = (
            [f"{question.answer:g}"]
            if isinstance(question, NumberQuestion)
            else sorted(question.right)
        )
        assert mark(question, right).right, question.id


def test_every_wrong_option_of_a_lesson_is_answered_by_somebody(course: Course) -> None:
    """Whoever chooses wrongly reads why: from the option, or from the explanation."""
    for lesson in course.lessons:
        for question in lesson.questions:
            assert len(question.explanation.ko) > 15
