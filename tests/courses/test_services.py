"""A person's way through a course: rows written once, progress that resumes, a certificate."""

from datetime import timedelta

import pytest
from sqlmodel import func, select

from courses import services
from courses.catalogue.content import Course, NumberQuestion
from courses.catalogue.reading import course_named
from courses.errors import (
    AnswerMissing,
    LessonNotFound,
    NotEarned,
    NotEnrolled,
    QuestionNotFound,
    QuestionsOpen,
    TestNotOpen,
    TrackNotServed,
)
from courses.issuer import issuer_at, trusted_keys
from courses.marking import mark
from courses.services.awards import certified
from courses.services.end_test import open_test
from courses.services.learning import hardest_questions
from courses.tables import Answer, Certificate, Enrolment, TestAttempt
from labs.tables import Attempt
from supplychain.tables import now

ME = "u-me"


@pytest.fixture
def course() -> Course:
    return course_named("read-a-prediction")


@pytest.fixture
def rows(hub):
    with hub.db.work() as session:
        yield session


def right(question) -> list[str]:
    return (
        [str(question.answer)] if isinstance(question, NumberQuestion) else sorted(question.right)
    )


def read_all(rows, course: Course, who: str = ME) -> None:
    services.enrol(rows, who, course, "employee")
    for lesson in course.lessons:
        for question in lesson.questions:
            services.answer(rows, who, course, lesson.slug, question.id, right(question))
        services.finish(rows, who, course, lesson.slug)


def pass_test(rows, course: Course, who: str = ME) -> TestAttempt:
    marks = {one.id: mark(one, right(one)) for one in course.test.questions}
    return services.take_test(rows, who, course, marks, open_test(rows, who, course))


def pass_lab(rows, course: Course, who: str = ME, *, passed: bool = True) -> None:
    rows.add(
        Attempt(
            learner=who, lab=course.lab, number=1, receipt="r" * 8,
            points=9 if passed else 1, max_points=10, passed=passed,
        )
    )  # fmt: skip
    rows.flush()


def test_begin_once_change_the_group_later(rows, course) -> None:
    services.enrol(rows, ME, course, "employee")
    services.enrol(rows, ME, course, "researcher")
    assert rows.exec(select(func.count()).select_from(Enrolment)).one() == 1
    assert services.enrolment_of(rows, ME, course).track == "researcher"
    with pytest.raises(TrackNotServed):
        services.enrol(rows, ME, course, "director")


def test_each_group_begins_where_its_entry_says(rows, course) -> None:
    for track, entry in course.tracks.items():
        services.enrol(rows, ME, course, track)
        assert services.state_of(rows, ME, course, now()).next_lesson.slug == entry.start


def test_nothing_before_beginning(rows, course) -> None:
    first = course.lessons[0]
    with pytest.raises(NotEnrolled):
        services.open_lesson(rows, ME, course, first.slug)
    with pytest.raises(NotEnrolled):
        services.answer(rows, ME, course, first.slug, first.questions[0].id, ["a"])
    with pytest.raises(NotEnrolled):
        open_test(rows, ME, course)


def test_what_is_not_there(rows, course) -> None:
    services.enrol(rows, ME, course, "employee")
    with pytest.raises(LessonNotFound):
        services.open_lesson(rows, ME, course, "nowhere")
    with pytest.raises(QuestionNotFound):
        services.answer(rows, ME, course, course.lessons[0].slug, "none", ["a"])


def test_an_answer_replaces_the_one_before_and_counts_tries(rows, course) -> None:
    services.enrol(rows, ME, course, "employee")
    lesson, question = course.lessons[0], course.lessons[0].questions[0]
    assert not services.answer(rows, ME, course, lesson.slug, question.id, ["a"]).right
    services.answer(rows, ME, course, lesson.slug, question.id, ["a"])  # the same, sent twice
    assert services.answer(rows, ME, course, lesson.slug, question.id, right(question)).right
    (row,) = rows.exec(select(Answer)).all()
    assert (row.tries, row.right, row.given) == (2, True, right(question))
    with pytest.raises(AnswerMissing):
        services.answer(rows, ME, course, lesson.slug, question.id, [])
    assert rows.exec(select(Answer)).one().right


def test_a_lesson_closes_when_every_question_has_an_answer(rows, course) -> None:
    services.enrol(rows, ME, course, "employee")
    first, second = course.lessons[:2]
    with pytest.raises(QuestionsOpen) as raised:
        services.finish(rows, ME, course, first.slug)
    assert raised.value.facts == {"open": len(first.questions)}
    for question in first.questions:
        wrong = (
            ["0.001"]
            if isinstance(question, NumberQuestion)
            else [next(one.id for one in question.options if not one.right)]
        )
        services.answer(rows, ME, course, first.slug, question.id, wrong)
    assert services.finish(rows, ME, course, first.slug) == second
    state = services.state_of(rows, ME, course, now())
    assert (state.done, state.next_lesson) == (1, second)


def test_it_resumes_at_the_lesson_that_was_begun(rows, course) -> None:
    services.enrol(rows, ME, course, "employee")
    services.open_lesson(rows, ME, course, course.lessons[2].slug)
    assert services.state_of(rows, ME, course, now()).next_lesson == course.lessons[2]


def test_finishing_the_last_goes_back_to_what_was_left_out(rows, course) -> None:
    services.enrol(rows, ME, course, "researcher")
    for lesson in course.lessons[3:]:
        for question in lesson.questions:
            services.answer(rows, ME, course, lesson.slug, question.id, right(question))
        following = services.finish(rows, ME, course, lesson.slug)
    assert following == course.lessons[0]


def test_the_test_opens_after_the_lessons(rows, course) -> None:
    services.enrol(rows, ME, course, "employee")
    with pytest.raises(TestNotOpen):
        open_test(rows, ME, course)
    read_all(rows, course)
    assert open_test(rows, ME, course) == 1


def test_a_paper_sent_twice_is_one_try(rows, course) -> None:
    read_all(rows, course)
    marks = {one.id: mark(one, right(one)) for one in course.test.questions}
    first = services.take_test(rows, ME, course, marks, 1)
    again = services.take_test(rows, ME, course, marks, 1)
    assert first.id == again.id
    assert (first.passed, first.asked) == (True, len(course.test.questions))
    assert services.take_test(rows, ME, course, marks, 2).number == 2


def test_seven_of_ten_pass_and_the_best_counts(rows, course) -> None:
    read_all(rows, course)
    for number, how_many in enumerate((6, 7, 3), start=1):
        marks = {
            one.id: mark(one, right(one))
            if place < how_many
            else mark(one, right(one)).model_copy(update={"right": False})
            for place, one in enumerate(course.test.questions)
        }
        attempt = services.take_test(rows, ME, course, marks, number)
        assert attempt.passed == (how_many >= 7)
    assert services.best_try(rows, ME, course).number == 2


def test_the_way_to_the_certificate(hub, rows, course) -> None:
    issuer, keys = issuer_at("https://hub.example", hub.keys), trusted_keys(hub.keys)

    def next_() -> str:
        return services.state_of(rows, ME, course, now()).next

    assert next_() == "begin"
    services.enrol(rows, ME, course, "employee")
    assert next_() == "lesson"
    read_all(rows, course)
    assert next_() == "test"
    pass_test(rows, course)
    assert next_() == "lab"
    pass_lab(rows, course)
    assert next_() == "certificate"
    earned = services.state_of(rows, ME, course, now()).earned
    row = services.award(rows, ME, "정하늘", course, issuer, earned=earned, at=now())
    assert next_() == "nothing"
    assert services.award(rows, ME, "정하늘", course, issuer, earned=True, at=now()).id == row.id
    assert services.held_competences(rows, ME, now()) == set(course.competences)
    assert services.check(rows, row.credential, keys, now()).valid
    assert row.expires_at.year == row.issued_at.year + 3


@pytest.mark.parametrize("missing", ["lessons", "test", "lab"])
def test_nothing_is_awarded_for_less(hub, rows, course, missing: str) -> None:
    services.enrol(rows, ME, course, "employee")
    if missing != "lessons":
        read_all(rows, course)
        if missing != "test":
            pass_test(rows, course)
    pass_lab(rows, course, passed=missing != "lab")
    earned = services.state_of(rows, ME, course, now()).earned
    issuer = issuer_at("https://hub.example", hub.keys)
    with pytest.raises(NotEarned):
        services.award(rows, ME, "정하늘", course, issuer, earned=earned, at=now())
    assert rows.exec(select(Certificate)).all() == []


def test_revoked_is_seen_at_once_and_a_new_one_can_be_earned(hub, rows, course) -> None:
    issuer, keys = issuer_at("https://hub.example", hub.keys), trusted_keys(hub.keys)
    first = services.award(rows, ME, "정하늘", course, issuer, earned=True, at=now())
    services.revoke(rows, first.id, "issued by mistake", now())
    services.revoke(rows, first.id, "again", now())
    assert first.revoked_for == "issued by mistake"
    assert services.check(rows, first.credential, keys, now()).state == "revoked"
    assert services.revoked_places(rows) == [first.status_index]
    assert services.held_competences(rows, ME, now()) == set()
    second = services.award(rows, ME, "정하늘", course, issuer, earned=True, at=now())
    assert (second.edition, second.id != first.id) == (2, True)


def test_an_expired_one_no_longer_counts(hub, rows, course) -> None:
    issuer = issuer_at("https://hub.example", hub.keys)
    long_ago = now() - timedelta(days=4 * 365)
    old = services.award(rows, ME, "정하늘", course, issuer, earned=True, at=long_ago)
    assert services.check(rows, old.credential, trusted_keys(hub.keys), now()).state == "expired"
    assert services.held_competences(rows, ME, now()) == set()
    assert services.award(rows, ME, "정하늘", course, issuer, earned=True, at=now()).edition == 2


def test_operators_are_counted_not_named(hub, rows, course) -> None:
    issuer = issuer_at("https://hub.example", hub.keys)
    for who in ("u-1", "u-2"):
        services.award(rows, who, who, course, issuer, earned=True, at=now())
    assert certified(rows, ["u-1", "u-2", "u-3"], "models:understand", now()) == 2
    assert certified(rows, ["u-1"], "building:create", now()) == 0


def test_hard_questions_need_enough_people(rows, course) -> None:
    lesson, question = course.lessons[0], course.lessons[0].questions[0]
    for number in range(6):
        who = f"u-{number}"
        services.enrol(rows, who, course, "employee")
        services.answer(rows, who, course, lesson.slug, question.id, ["a" if number else "b"])
        found = hardest_questions(rows, course)
        assert bool(found) == (number >= 4)
    assert (found[0].question, found[0].answered, found[0].wrong) == (question, 6, 5)


def test_the_key_is_made_once_and_only_the_hub_can_read_it(tmp_path) -> None:
    folder = tmp_path / "keys"
    first = issuer_at("https://hub.example", folder)
    assert (folder / "badge.pem").stat().st_mode & 0o777 == 0o600
    assert issuer_at("https://hub.example", folder).jwk == first.jwk
    assert list(trusted_keys(folder)) == [first.jwk["kid"]]
    assert [path.name for path in folder.iterdir()] == ["badge.pem"]


def test_certificates_of_an_earlier_key_are_still_checked(tmp_path) -> None:
    before = issuer_at("https://hub.example", tmp_path)
    (tmp_path / "badge.pem").rename(tmp_path / "badge-2026.pem")
    after = issuer_at("https://hub.example", tmp_path)
    assert set(trusted_keys(tmp_path)) == {before.jwk["kid"], after.jwk["kid"]}


def test_the_whole_way_on_either_database(either_hub, course) -> None:
    with either_hub.db.work() as rows:
        read_all(rows, course)
        pass_test(rows, course)
        pass_lab(rows, course)
    issuer, keys = issuer_at("https://hub.example", either_hub.keys), trusted_keys(either_hub.keys)
    with either_hub.db.work() as rows:
        earned = services.state_of(rows, ME, course, now()).earned
        number = services.award(rows, ME, "정하늘", course, issuer, earned=earned, at=now()).id
    with either_hub.db.work() as rows:
        row = services.certificate_of(rows, number)
        assert services.check(rows, row.credential, keys, now()).valid
        assert services.held_competences(rows, ME, now()) == set(course.competences)
        assert certified(rows, [ME], "models:understand", now()) == 1
        services.revoke(rows, number, "by mistake", now())
    with either_hub.db.reading() as rows:
        assert services.revoked_places(rows) == [services.certificate_of(rows, number).status_index]
        assert services.state_of(rows, ME, course, now()).next == "certificate"
        assert hardest_questions(rows, course, least=1)[0].wrong == 0
