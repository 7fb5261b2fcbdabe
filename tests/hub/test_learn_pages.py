"""The pages of learning through the real door: a trainee, a stranger, an instructor."""

import re
from uuid import uuid4

import pytest
from sqlmodel import select

from courses.catalogue.content import NumberQuestion
from courses.catalogue.reading import course_named, shipped
from courses.tables import Answer, Certificate, Enrolment
from hub.tables import AuditEntry
from labs.tables import Attempt

SLUG = "read-a-prediction"
HOME = f"/learn/courses/{SLUG}"


@pytest.fixture
def course():
    return course_named(SLUG)


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = False  # forms of these tests carry no token
    return app


@pytest.fixture
def trainee(sign_in):
    return sign_in(("trainee", None), name="정하늘")


def right(question) -> list[str]:
    return (
        [str(question.answer)] if isinstance(question, NumberQuestion) else sorted(question.right)
    )


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def read_all(client, course) -> None:
    client.post(f"{HOME}/begin", data={"track": "employee"})
    for lesson in course.lessons:
        for question in lesson.questions:
            address = f"{HOME}/lessons/{lesson.slug}/answers/{question.id}"
            assert client.post(address, data={"given": right(question)}).status_code == 302
        answer = client.post(f"{HOME}/lessons/{lesson.slug}/finish")
    assert answer.headers["Location"].endswith(HOME)


def paper(course, *, wrong: int = 0) -> dict:
    given = {one.id: right(one) for one in course.test.questions}
    choices = [one for one in course.test.questions if one.kind == "single"][:wrong]
    for one in choices:
        given[one.id] = [next(option.id for option in one.options if not option.right)]
    return given


def pass_lab(hub, learner: str) -> None:
    with hub.db.work() as rows:
        rows.add(
            Attempt(
                learner=learner,
                lab="first-look",
                number=1,
                receipt="r" * 8,
                points=10,
                max_points=10,
                passed=True,
            )
        )


@pytest.fixture
def certificate(hub, trainee, course) -> Certificate:
    """The trainee's certificate, earned through the pages."""
    read_all(trainee, course)
    assert trainee.post(f"{HOME}/test", data={**paper(course), "number": 1}).status_code == 302
    pass_lab(hub, trainee.handle)
    assert trainee.post(f"{HOME}/certificate").status_code == 302
    with hub.db.reading() as rows:
        row = rows.exec(select(Certificate)).one()
        rows.expunge(row)
        return row


def test_learn_offers_the_course_and_then_continues_it(trainee, course) -> None:
    assert course.title.ko in text(trainee.get("/learn"))
    assert course.outcomes[0].ko in text(trainee.get(HOME))
    answer = trainee.post(f"{HOME}/begin", data={"track": "researcher"})
    assert answer.headers["Location"].endswith("/lessons/count-and-compare")
    assert course.lesson("count-and-compare").title.ko in text(trainee.get("/learn"))
    assert trainee.post(f"{HOME}/begin", data={"track": "nobody"}).status_code == 422


def test_a_lesson_is_shown_in_both_languages(trainee, course) -> None:
    trainee.post(f"{HOME}/begin", data={"track": "employee"})
    for locale, words in (("ko", "사출 3호기"), ("en", "Moulding machine 3")):
        with trainee.session_transaction() as session:
            session["locale"] = locale
        page = trainee.get(f"{HOME}/lessons/{course.lessons[0].slug}")
        assert words in text(page)
        assert page.get_data(as_text=True).count("<svg") > 1


def test_answers_work_without_javascript_and_with_htmx(trainee, course) -> None:
    trainee.post(f"{HOME}/begin", data={"track": "employee"})
    lesson, question = course.lessons[0], course.lessons[0].questions[0]
    address = f"{HOME}/lessons/{lesson.slug}/answers/{question.id}"
    answer = trainee.post(address, data={"given": "a"})
    assert answer.headers["Location"].endswith(f"{lesson.slug}#q-{question.id}")
    page = text(trainee.get(f"{HOME}/lessons/{lesson.slug}"))
    assert question.options[0].why.ko in page
    part = trainee.post(address, data={"given": "b"}, headers={"HX-Request": "true"})
    assert part.get_data(as_text=True).lstrip().startswith(f'<form id="q-{question.id}"')
    assert question.explanation.ko in text(part)


def test_an_answer_that_cannot_be_read_is_said_at_the_question(trainee, course) -> None:
    trainee.post(f"{HOME}/begin", data={"track": "employee"})
    lesson, number = course.lessons[0], course.lessons[0].questions[1]
    address = f"{HOME}/lessons/{lesson.slug}/answers/{number.id}"
    page = trainee.post(address, data={"given": "스무 개"})
    assert page.status_code == 422
    assert "“스무 개”은(는) 숫자가 아닙니다" in text(page)
    part = trainee.post(address, data={}, headers={"HX-Request": "true"})
    assert "먼저 답을 고르거나 쓰세요" in text(part)
    assert len(part.get_data()) < 5000


def test_a_lesson_with_open_questions_does_not_close(trainee, course) -> None:
    trainee.post(f"{HOME}/begin", data={"track": "employee"})
    first = course.lessons[0]
    answer = trainee.post(f"{HOME}/lessons/{first.slug}/finish", follow_redirects=True)
    assert f"문제가 {len(first.questions)}개 있습니다" in text(answer)


def test_the_end_test_keeps_what_was_given_and_explains(trainee, course, hub) -> None:
    trainee.post(f"{HOME}/begin", data={"track": "employee"})
    assert trainee.get(f"{HOME}/test").status_code == 422
    read_all(trainee, course)
    given = paper(course)
    given.pop(course.test.questions[-1].id)
    again = trainee.post(f"{HOME}/test", data={**given, "number": 1})
    assert again.status_code == 422
    assert again.get_data(as_text=True).count("checked") >= 7
    failed = trainee.post(
        f"{HOME}/test", data={**paper(course, wrong=4), "number": 1}, follow_redirects=True
    )
    assert "10문제 중 6문제 맞음" in text(failed)
    assert course.test.questions[1].explanation.ko in text(failed)
    twice = [trainee.post(f"{HOME}/test", data={**paper(course), "number": 2}) for _ in range(2)]
    assert {one.headers["Location"] for one in twice} == {f"{HOME}/test/2"}
    assert "합격" in text(trainee.get(f"{HOME}/test/2"))
    assert "마무리 시험" in text(trainee.get(f"{HOME}/test/1"))


def test_no_certificate_for_less(trainee, course, hub) -> None:
    read_all(trainee, course)
    trainee.post(f"{HOME}/test", data={**paper(course), "number": 1})
    assert trainee.post(f"{HOME}/certificate").status_code == 422
    assert "아직 받은 수료증이 없습니다" in text(trainee.get("/learn/certificates"))


def test_a_certificate_is_shown_downloaded_and_verified(
    certificate, trainee, client, course
) -> None:
    mine = text(trainee.get("/learn/certificates"))
    assert str(certificate.id) in mine
    token = trainee.get(f"/learn/certificates/{certificate.id}.jwt")
    assert token.get_data(as_text=True) == certificate.credential
    enveloped = trainee.get(f"/learn/certificates/{certificate.id}.json")
    assert enveloped.json["type"] == "EnvelopedVerifiableCredential"
    for answer in (
        client.get(f"/verify/{certificate.id}"),
        client.post("/verify", data={"credential": token.get_data(as_text=True)}),
        client.post("/verify", data={"credential": enveloped.get_data(as_text=True)}),
        client.post("/verify", data={"credential": f" {certificate.id} "}, follow_redirects=True),
    ):
        assert 'data-state="valid"' in answer.get_data(as_text=True)
        page = text(answer)
        for fact in (
            "정하늘",
            course.title.ko,
            "모델 · 이해",
            "/issuers/hub",
            course.outcomes[0].ko,
        ):
            assert fact in page


def test_a_stranger_sees_revocation_at_once(certificate, client, hub) -> None:
    from click.testing import CliRunner

    from hub.cli import hub as command

    done = CliRunner().invoke(
        command,
        ["courses", "revoke", str(certificate.id), "--reason", "by mistake"],
        env={"HUB_DATA": str(hub.settings.data)},
    )
    assert done.exit_code == 0, done.output
    assert 'data-state="revoked"' in client.get(f"/verify/{certificate.id}").get_data(as_text=True)


def test_a_row_that_was_tampered_with_is_found(certificate, client, hub, trainee) -> None:
    head, body, seal = certificate.credential.split(".")
    for forged in (f"{head}.{body[:-4]}AAAA.{seal}", f"{head}.{body}.{seal[:-6]}AAAAAA", "x.y.z"):
        with hub.db.work() as rows:
            rows.get(Certificate, certificate.id).credential = forged
        page = client.get(f"/verify/{certificate.id}")
        assert 'data-state="not_genuine"' in page.get_data(as_text=True)
        assert "정하늘" not in text(page)
    # Another's genuine credential must not vouch for this number either.
    with hub.db.work() as rows:
        row = rows.get(Certificate, certificate.id)
        rows.add(
            Certificate(
                id=uuid4(),
                learner="u-other",
                course=SLUG,
                edition=1,
                status_index=(row.status_index + 1) % 1000,
                issued_at=row.issued_at,
                expires_at=row.expires_at,
                credential=certificate.credential,
            )
        )
        rows.flush()
        other = rows.exec(select(Certificate).where(Certificate.learner == "u-other")).one().id
    assert 'data-state="not_genuine"' in client.get(f"/verify/{other}").get_data(as_text=True)


def test_what_is_no_certificate_gets_a_sentence(client) -> None:
    assert client.get("/verify").status_code == 200
    nonsense = client.post("/verify", data={"credential": "<script>x</script>"})
    assert nonsense.status_code == 422
    assert "수료증으로 읽을 수 없습니다" in text(nonsense)
    assert "<script>x" not in nonsense.get_data(as_text=True)
    unknown = client.get(f"/verify/{uuid4()}")
    assert unknown.status_code == 404
    assert "이 번호의 수료증이 없습니다" in text(unknown)


def test_nobody_downloads_anothers_certificate(certificate, sign_in) -> None:
    other = sign_in(("trainee", None))
    assert other.get(f"/learn/certificates/{certificate.id}.jwt").status_code == 404
    assert other.get(f"/learn/certificates/{certificate.id}.json").status_code == 404


def test_programs_find_issuer_keys_and_revocations(certificate, client, hub) -> None:
    import jwt

    kid = jwt.get_unverified_header(certificate.credential)["kid"]
    assert kid.startswith(hub.settings.url)
    key = client.get(kid.removeprefix(hub.settings.url))
    assert key.mimetype == "application/jwk+json"
    claims = jwt.decode(certificate.credential, jwt.PyJWK(key.json), algorithms=["EdDSA"])
    profile = client.get(claims["issuer"]["id"].removeprefix(hub.settings.url)).json
    assert profile["id"] == claims["iss"]
    what = claims["credentialSubject"]["achievement"]
    assert client.get(what["id"].removeprefix(hub.settings.url)).json["name"] == what["name"]
    assert client.get("/issuers/hub/jwks.json").json["keys"] == [key.json]
    status = client.get("/issuers/hub/status").get_data(as_text=True)
    assert jwt.decode(status, jwt.PyJWK(key.json), algorithms=["EdDSA"])["iss"] == claims["iss"]
    assert client.get("/issuers/hub/keys/unknown").status_code == 404


def test_an_instructor_sees_where_people_are_and_no_points(certificate, sign_in, trainee) -> None:
    teacher = sign_in(("instructor", None))
    assert "예측값" in text(teacher.get("/learn/cohorts"))
    page = text(teacher.get(f"/learn/cohorts/{SLUG}"))
    assert "정하늘" in page
    assert "5 / 5" in page
    assert "10문제" not in page
    assert trainee.get(f"/learn/cohorts/{SLUG}").status_code == 403


def test_the_first_page_asks_to_go_on(trainee, course) -> None:
    trainee.post(f"{HOME}/begin", data={"track": "employee"})
    page = text(trainee.get("/"))
    assert course.title.ko in page
    assert "7단계 중 0단계 마침" in page


def test_the_trail_tells_what_was_done_and_no_points(certificate, hub) -> None:
    with hub.db.reading() as rows:
        entries = rows.exec(select(AuditEntry)).all()
    done = [entry.action for entry in entries]
    assert done.count("lesson.finished") == 5
    assert {"course.begun", "test.handed-in", "certificate.awarded"} <= set(done)
    assert all(set(entry.detail) <= {"number", "course"} for entry in entries)


class TestApi:
    """The same for programs."""

    def test_the_catalogue(self, client, course) -> None:
        items = client.get("/api/v1/courses").json["items"]
        assert [one["slug"] for one in items] == sorted(shipped())
        item = next(one for one in items if one["slug"] == SLUG)
        assert item["slug"] == SLUG
        assert item["questions"] == course.question_count
        assert item["labs"] == ["first-look"]

    def test_progress_and_certificates(self, certificate, trainee, client) -> None:
        (mine,) = trainee.get("/api/v1/courses/mine").json["items"]
        assert (mine["next"], len(mine["lessons_done"])) == ("nothing", 5)
        (held,) = trainee.get("/api/v1/certificates").json["items"]
        assert held["number"] == str(certificate.id)
        assert trainee.post(f"/api/v1/courses/{SLUG}/certificate").json["number"] == held["number"]
        checked = client.post(
            "/api/v1/certificates/verify", json={"credential": held["credential"]}
        ).json
        assert (checked["state"], checked["holder"]) == ("valid", "정하늘")

    def test_bad_input(self, client, trainee) -> None:
        assert client.post("/api/v1/certificates/verify", json={}).status_code == 422
        told = client.post("/api/v1/certificates/verify", json={"credential": "x"})
        assert (told.status_code, told.mimetype) == (422, "application/problem+json")
        forged = client.post("/api/v1/certificates/verify", json={"credential": "a.b.c"}).json
        assert (forged["state"], forged["holder"]) == ("not_genuine", None)
        assert trainee.post(f"/api/v1/courses/{SLUG}/certificate").status_code == 422
        assert trainee.post("/api/v1/courses/nothing/certificate").status_code == 404


class TestCommands:
    """`hub courses`."""

    def test_list_and_check(self) -> None:
        import json

        from click.testing import CliRunner

        from hub.cli import hub as command

        listed = CliRunner().invoke(command, ["courses", "list", "--json"])
        items = json.loads(listed.output)
        assert len(items) == len(shipped())
        for item in items:
            assert set(item) >= {
                "slug", "title", "tracks", "languages", "hours", "competences", "questions", "labs",
            }  # fmt: skip
        assert CliRunner().invoke(command, ["courses", "check"]).exit_code == 0

    def test_check_says_file_line_and_reason(self, tmp_path) -> None:
        from click.testing import CliRunner

        from courses.errors import CatalogueBroken
        from hub.cli import hub as command

        (tmp_path / "broken").mkdir()
        (tmp_path / "broken" / "course.yaml").write_text("title: x\n", encoding="utf-8")
        done = CliRunner().invoke(command, ["courses", "check", str(tmp_path)])
        assert isinstance(done.exception, CatalogueBroken)
        assert "broken/course.yaml:1:" in str(done.exception.faults[0])


def test_nothing_of_one_trainee_is_anothers(trainee, sign_in, course, hub) -> None:
    read_all(trainee, course)
    other = sign_in(("trainee", None))
    assert other.get(f"{HOME}/lessons/{course.lessons[0].slug}").status_code == 403
    assert other.get(f"{HOME}/test/1").status_code == 422
    with hub.db.reading() as rows:
        assert {row.learner for row in rows.exec(select(Enrolment))} == {trainee.handle}
        assert {row.learner for row in rows.exec(select(Answer))} == {trainee.handle}
