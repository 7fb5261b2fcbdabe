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

    if course.lab is not None:
        assert lab_named(course.lab).minutes == course.lab_minutes


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


def test_no_mark_of_the_source_is_left_in_a_page(course: Course) -> None:
    """CommonMark closes no bold between a bracket and a Hangul letter: **가(a)**는 shows stars."""
    for lesson in course.lessons:
        for html in (lesson.html.ko, lesson.html.en):
            assert re.findall(r"[^*]{0,20}\*\*[^*]{0,20}", html) == [], lesson.slug


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


def test_the_limits_that_a_lesson_names_are_those_of_the_sample_card(course: Course) -> None:
    import json

    from tests.conftest import ROOT

    if course.slug != "read-a-prediction":
        pytest.skip("the lesson is another course's")
    card = json.loads((ROOT / "infra/sample/model/card.json").read_text(encoding="utf-8"))
    html = course.lesson("doubt-the-inputs").html.en
    limits = {one["name"]: one for one in card["schema"]["inputs"]}
    for name, unit in (("Melt temperature", "°C"), ("Holding pressure", "bar"), ("Cushion", "mm")):
        row = re.search(
            rf"<td>{name}</td>\s*<td>{unit}</td>\s*<td[^>]*>([\d,]+)</td>\s*<td[^>]*>([\d,]+)", html
        )
        known = limits[name.lower().replace(" ", "_")]
        assert [float(one.replace(",", "")) for one in row.groups()] == [
            known["low"],
            known["high"],
        ]


def test_the_sample_model_says_of_the_lessons_shots_what_the_lesson_says(course: Course) -> None:
    """The table of lesson 1, asked of the shared model itself."""
    import numpy as np
    import onnxruntime

    from tests.conftest import ROOT

    if course.slug != "read-a-prediction":
        pytest.skip("the lesson is another course's")
    session = onnxruntime.InferenceSession(ROOT / "infra/sample/model/model.onnx")
    html = course.lesson("what-a-prediction-says").html.en
    for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL):
        cells = re.findall(r"<td[^>]*>([\d.,]+)</td>", row)
        if len(cells) != 7:
            continue
        melt, mould, pressure, holding, cushion, said = map(float, cells[1:])
        shot = [[melt, mould, pressure, holding, cushion, 1.15, 14.0, 27.6]]
        found = session.run(["probability"], {"x": np.array(shot, dtype=np.float32)})[0][0][1]
        assert abs(found - said) < 0.1, (cells, found)
