"""Opening a lab and handing in, through services and the API, without JupyterHub."""

import io
import json

import pandas as pd
import pytest
from sqlmodel import func, select

from labs.catalogue import LANGUAGES, lab_named, labs
from labs.errors import (
    AnswersUnreadable,
    AttemptNotFound,
    LabNotFound,
    LabNotOpened,
    ModelNotPublished,
)
from labs.seeds import seed_for
from labs.services import (
    best_attempt,
    hand_in,
    model_behind,
    one_attempt,
    open_lab,
    review,
    workbench_of,
)
from labs.tables import Attempt
from tests.labs.conftest import publish_sample

SECRET = b"s" * 32
LAB = "first-look"


@pytest.fixture
def ready(hub):
    publish_sample(hub)
    return hub


def bench(session, hub, learner="u-1"):
    lab = lab_named(LAB)
    found = open_lab(session, lab, learner)
    return lab, found, model_behind(session, hub.store, lab, found)


def answers_for(lab, learner, model) -> dict[str, object]:
    truth = lab.truth(seed_for(SECRET, lab.slug, learner), model)
    return {name: value[0] if isinstance(value, list) else value for name, value in truth.items()}


def test_right_answers_pass_and_blank_ones_do_not(ready):
    with ready.db.work() as session:
        lab, mine, model = bench(session, ready)
        right = answers_for(lab, "u-1", model)
        blank = hand_in(session, lab, mine, {}, "receipt-1", secret=SECRET, predict=model)
        full = hand_in(session, lab, mine, right, "receipt-2", secret=SECRET, predict=model)
        assert (blank.points, blank.passed, blank.number) == (0.0, False, 1)
        assert (full.points, full.passed, full.number) == (100.0, True, 2)
        best = best_attempt(session, "u-1", LAB)
        assert best is not None
        assert best.number == 2


def test_the_neighbours_answers_do_not_pass(ready):
    with ready.db.work() as session:
        lab, mine, model = bench(session, ready)
        copied = answers_for(lab, "u-2", model)
        got = hand_in(session, lab, mine, copied, "receipt-1", secret=SECRET, predict=model)
        assert not got.passed


def test_handed_in_twice_counts_once(ready):
    with ready.db.work() as session:
        lab, mine, model = bench(session, ready)
        first = hand_in(session, lab, mine, {}, "receipt-1", secret=SECRET, predict=model)
        again = hand_in(session, lab, mine, {"a": 1}, "receipt-1", secret=SECRET, predict=model)
        assert again.id == first.id
        assert session.exec(select(func.count()).select_from(Attempt)).one() == 1


@pytest.mark.parametrize("answers", [{"x": "long" * 20000}, {"x": object()}])
def test_answers_that_are_none(ready, answers):
    with ready.db.work() as session:
        lab, mine, model = bench(session, ready)
        with pytest.raises(AnswersUnreadable):
            hand_in(session, lab, mine, answers, "receipt-1", secret=SECRET, predict=model)


def test_a_second_look_counts_and_is_bounded(ready):
    with ready.db.work() as session:
        lab, mine, model = bench(session, ready)
        attempt = hand_in(session, lab, mine, {}, "receipt-1", secret=SECRET, predict=model)
        review(session, attempt, "u-teacher", 900.0, "말로 설명함", lab)
        assert (attempt.points, attempt.passed) == (100.0, True)
        assert attempt.reviewed_by == "u-teacher"


def test_what_is_not_there(hub):
    with hub.db.work() as session:
        with pytest.raises(LabNotFound):
            lab_named("none")
        with pytest.raises(LabNotOpened):
            workbench_of(session, lab_named(LAB), "u-1")
        with pytest.raises(ModelNotPublished):
            open_lab(session, lab_named(LAB), "u-1")
        with pytest.raises(AttemptNotFound):
            one_attempt(session, "u-1", LAB, 1)


def test_seeds_differ_by_person_lab_and_purpose():
    seeds = {
        seed_for(SECRET, "a", "x"),
        seed_for(SECRET, "a", "y"),
        seed_for(SECRET, "b", "x"),
        seed_for(SECRET, "a", "x", "hold-out"),
        seed_for(b"other", "a", "x"),
    }
    assert len(seeds) == 5


@pytest.mark.parametrize("slug", sorted(labs()))
def test_what_trainees_receive_is_clean(slug):
    lab = lab_named(slug)
    assert 30 <= lab.minutes <= 90
    assert lab.pass_points < lab.max_points
    for language in LANGUAGES:
        notebook = lab.notebook(language)
        text = json.dumps(notebook)
        assert all(not cell.get("outputs") for cell in notebook["cells"])
        assert "seed" not in text
        tagged = [c for c in notebook["cells"] if "answers" in c["metadata"].get("tags", [])]
        assert len(tagged) == 1
        assert all(each.id in "".join(tagged[0]["source"]) for each in lab.criteria)


def test_both_languages_run_the_same_cells():
    lab = lab_named(LAB)
    counts = [
        [cell["cell_type"] for cell in lab.notebook(language)["cells"]] for language in LANGUAGES
    ]
    assert counts[0] == counts[1]


# --- the API, as a notebook with a token of the hub uses it


def test_open_hand_in_and_read_again_by_api(ready, sign_in):
    client = sign_in(("trainee", None))
    opened = client.post(f"/api/v1/labs/{LAB}/open", headers=bearer(ready, client))
    assert opened.status_code == 200
    table = pd.read_csv(io.StringIO(opened.json["csv"]))
    assert len(table) == 2400
    assert "seed" not in opened.json
    model = client.get(f"/api/v1/labs/{LAB}/model")
    assert model.data[:2] == b"\x08\x07" or len(model.data) > 1000
    body = {"receipt": "receipt-1", "answers": {"defects": int(table["defect"].sum())}}
    graded = client.post(f"/api/v1/labs/{LAB}/hand-ins", json=body, headers=bearer(ready, client))
    assert graded.status_code == 201
    assert graded.json["points"] == 10.0
    mine = client.get(f"/api/v1/labs/{LAB}/mine").json["attempts"]
    assert [attempt["number"] for attempt in mine] == [1]


def bearer(hub, client) -> dict[str, str]:
    from hub.tables import User
    from hub.tokens import make_token

    with hub.db.work() as session:
        user = session.exec(select(User).where(User.handle == client.handle)).one()
        return {"Authorization": f"Bearer {make_token(session, user, 'test', 1)}"}


def test_handing_in_before_opening_is_explained(ready, sign_in):
    client = sign_in(("trainee", None))
    body = {"receipt": "receipt-1", "answers": {}}
    answer = client.post(f"/api/v1/labs/{LAB}/hand-ins", json=body, headers=bearer(ready, client))
    assert answer.status_code == 404
    assert "실습을 아직 열지 않았습니다" in answer.json["detail"]


def test_a_token_that_nobody_knows_is_refused(ready, client):
    headers = {"Authorization": "Bearer nobody-knows-this"}
    answer = client.get(f"/api/v1/labs/{LAB}/mine", headers=headers)
    # No JupyterHub runs in this test, so it cannot be asked either: a connection, not a traceback.
    assert answer.status_code in (403, 502)
    assert client.get(f"/api/v1/labs/{LAB}/mine").status_code in (401, 403)


def test_pages_without_jupyterhub_say_so(ready, sign_in):
    client = sign_in(("trainee", None))
    page = client.get(f"/labs/{LAB}")
    assert page.status_code == 200
    assert "지금 실습 서버가 응답하지 않습니다" in page.text
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    opened = client.post(f"/labs/{LAB}/open", data={"csrf_token": token}, follow_redirects=True)
    assert opened.status_code == 200
    assert "JupyterHub" in opened.text
    assert client.get("/labs").status_code == 200
    assert client.get("/labs/none").status_code == 404
    assert client.get("/labs/servers").status_code == 403


def test_an_instructor_looks_again(ready, sign_in):
    trainee, teacher = sign_in(("trainee", None)), sign_in(("instructor", None), name="이강사")
    with ready.db.work() as session:
        lab, mine, model = bench(session, ready, trainee.handle)
        hand_in(session, lab, mine, {}, "receipt-1", secret=SECRET, predict=model)
    listing = teacher.get(f"/labs/{LAB}/hand-ins")
    assert "홍길동" in listing.text
    path = f"/labs/{LAB}/hand-ins/of/{trainee.handle}/1"
    page = teacher.get(path)
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"csrf_token": token, "points": "75", "note": "현장에서 확인함"}
    assert "저장했습니다" in teacher.post(path, data=form, follow_redirects=True).text
    own = trainee.get(f"/labs/{LAB}/hand-ins/1").text
    assert "현장에서 확인함" in own
    assert trainee.get(path).status_code == 403
