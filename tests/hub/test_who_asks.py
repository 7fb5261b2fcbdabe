"""Who a request counts as: its cookie, its token, its address; and what a browser cannot be made to
do for somebody else.
"""

import re

import pytest
import requests
from argon2 import PasswordHasher
from sqlmodel import select
from waitress.server import create_server

from hub.app import create_app
from hub.cli.process import serving
from hub.served import served
from hub.tables import SignInFailure, User
from hub.tokens import make_token
from hub.wiring import wire
from tests import make

GARBAGE = {"Authorization": "Bearer garbage"}
BY_AN_ADDRESS = {"Authorization": "Basic eDp5"}  # http://x:y@…, as any page can make a browser send


@pytest.mark.parametrize("header", [GARBAGE, BY_AN_ADDRESS])
def test_a_cookie_signs_nobody_in_beside_another_sign_in(sign_in, header) -> None:
    trainee = sign_in(("trainee", None))
    assert trainee.get("/api/v1/courses/mine").status_code == 200
    assert trainee.get("/api/v1/courses/mine", headers=header).status_code == 401


def test_a_token_counts_and_not_the_cookie_beside_it(hub, sign_in) -> None:
    trainee, other = sign_in(("trainee", None)), make.person(hub, ("instructor", None))
    with hub.db.work() as session:
        token = make_token(session, session.get_one(User, other.id), "script", 1)
    bearer = {"Authorization": f"Bearer {token}"}
    assert trainee.get("/api/v1/rollouts", headers=bearer).status_code == 403
    assert trainee.post("/api/v1/courses/x/certificate", headers=bearer).status_code == 404


@pytest.mark.parametrize("header", [GARBAGE, BY_AN_ADDRESS])
def test_a_form_from_elsewhere_is_refused_whatever_header_it_brings(sign_in, header) -> None:
    answer = sign_in(("trainee", None)).post("/account", data={"name": "x"}, headers=header)
    assert answer.status_code == 400


def test_a_session_that_does_not_know_the_password_is_over(sign_in) -> None:
    trainee = sign_in(("trainee", None))
    with trainee.session_transaction() as session:
        del session["seal"]
    assert trainee.get("/account").status_code == 302


def test_a_hash_of_an_older_kind_is_renewed_and_the_person_stays_signed_in(hub, client) -> None:
    user = make.person(hub, ("trainee", None))
    old = PasswordHasher(time_cost=1, memory_cost=1024).hash(make.PASSWORD)
    with hub.db.work() as session:
        session.get_one(User, user.id).password_hash = old
    client.application.config["WTF_CSRF_ENABLED"] = False
    client.post("/sign-in", data={"email": user.email, "password": make.PASSWORD})
    assert client.get("/account").status_code == 200
    with hub.db.reading() as session:
        renewed = session.get_one(User, user.id).password_hash
    assert renewed != old
    assert (
        client.post("/sign-in", data={"email": user.email, "password": make.PASSWORD}).location
        == "/"
    )


@pytest.mark.parametrize(
    ("public_url", "seen"), [("https://hub.example", "10.9.8.7"), ("", "127.0.0.1")]
)
def test_the_operators_proxy_is_believed_and_nobody_elses(
    settings, migrated, hub, public_url, seen
) -> None:
    behind = settings.model_copy(update={"public_url": public_url})
    asked = wire(behind)
    app = create_app(asked)
    app.config["WTF_CSRF_ENABLED"] = False
    server = create_server(app, **{**serving(behind), "port": 0})
    with served(server):
        requests.post(
            f"http://127.0.0.1:{server.effective_port}/sign-in",
            data={"email": "kim@test.example", "password": "wrong"},
            headers={"X-Forwarded-For": "10.9.8.7", "X-Forwarded-Proto": "https"},
            timeout=60,
        )
    asked.close()
    with hub.db.reading() as session:
        assert session.exec(select(SignInFailure.address)).one() == seen


def test_forms_work_behind_a_proxy_that_speaks_https(settings, hub) -> None:
    asked = wire(settings.model_copy(update={"public_url": "https://hub.example"}))
    client = create_app(asked).test_client()
    proxied = {"X-Forwarded-For": "10.9.8.7", "X-Forwarded-Proto": "https"}
    user = make.person(hub, ("trainee", None))
    form = {"email": user.email, "password": make.PASSWORD}
    page = client.get("/sign-in", base_url="https://hub.example", headers=proxied)
    form["csrf_token"] = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    for referer, status in (("https://hub.example/sign-in", 302), ("https://evil.example/", 400)):
        headers = {**proxied, "Referer": referer}
        answer = client.post("/sign-in", base_url="https://hub.example", headers=headers, data=form)
        assert answer.status_code == status
    cookie = client.get_cookie("sangsaeng", domain="hub.example")
    assert cookie is not None
    assert (cookie.secure, cookie.http_only) == (True, True)
    asked.close()


@pytest.mark.parametrize("name", ["a\0b", "ab"])
def test_what_the_database_cannot_keep_is_said_in_words(either_hub, name: str) -> None:
    app = create_app(either_hub)
    app.config["WTF_CSRF_ENABLED"] = False
    user = make.person(either_hub, ("trainee", None))
    client = app.test_client()
    client.post("/sign-in", data={"email": user.email, "password": make.PASSWORD})
    answer = client.post("/account", data={"name": name, "locale": "ko"})
    refuses = "\0" in name and either_hub.db.engine.dialect.name == "postgresql"
    assert answer.status_code == (422 if refuses else 302)
    assert ("저장된 것은 없습니다" in answer.text) is refuses
