"""Signing in, the frame of every page, the administrator's and the officer's pages."""

import re

import pytest
from sqlmodel import select

from hub.tables import AuditEntry, User
from tests import make


@pytest.fixture
def form(client):
    """A function that posts a form as a browser does, with the hidden field of the page before."""

    def post(path: str, page: str = "/sign-in", by=client, **fields: str):
        html = by.get(page).get_data(as_text=True)
        token = re.search(r'name="csrf_token" value="([^"]+)"', html)
        assert token, html
        return by.post(path, data={"csrf_token": token[1], **fields})

    return post


def entered(form, user: User, password: str = make.PASSWORD, **fields: str):
    return form("/sign-in", email=user.email, password=password, **fields)


def test_a_stranger_reads_what_this_is_in_korean_and_in_english(client, form) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert '<html lang="ko"' in page.get_data(as_text=True)
    assert "로그인" in page.get_data(as_text=True)
    answer = form("/language", locale="en", next="/sign-in?next=/account")
    assert answer.location == "/sign-in?next=/account"
    assert "Sign in" in client.get("/").get_data(as_text=True)


def test_signing_in_leads_to_where_one_wanted_to_go(client, form, hub) -> None:
    user = make.person(hub, ("trainee", None))
    asked = client.get("/account")
    assert asked.status_code == 302
    assert asked.location.startswith("/sign-in?next=/account")
    assert entered(form, user, next="/account").location == "/account"
    assert user.email in client.get("/account").get_data(as_text=True)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\t//evil.example",
        "javascript:1",
    ],
)
def test_signing_in_never_leads_elsewhere(client, form, hub, elsewhere: str) -> None:
    user = make.person(hub)
    assert entered(form, user, next=elsewhere).location == "/"


def test_a_wrong_password_and_an_unknown_address_read_the_same(form, hub) -> None:
    user = make.person(hub)
    wrong = entered(form, user, password="not-the-password")
    unknown = form("/sign-in", email="nobody@test.example", password="not-the-password")
    assert wrong.status_code == unknown.status_code == 403
    said = "이메일 주소 또는 비밀번호가 맞지 않습니다."
    assert said in wrong.get_data(as_text=True)
    assert said in unknown.get_data(as_text=True)
    assert user.email in wrong.get_data(as_text=True), "the address need not be typed again"
    assert "not-the-password" not in wrong.get_data(as_text=True)


def test_guessing_is_slowed_down_and_said_so(form, hub) -> None:
    user = make.person(hub)
    answers = [entered(form, user, password=f"guess-number-{n}").status_code for n in range(9)]
    assert answers == [403] * 8 + [429]
    assert "15분" in entered(form, user).get_data(as_text=True)


def test_a_disabled_account_is_out_at_its_next_request(client, form, hub, sign_in) -> None:
    user = make.person(hub)
    entered(form, user)
    assert client.get("/account").status_code == 200
    admin = sign_in(("administrator", None), name="관리자")
    form(f"/admin/people/{user.handle}/switch", page="/account", by=admin)
    assert client.get("/account").status_code == 302
    with hub.db.reading() as rows:
        assert rows.exec(select(AuditEntry).where(AuditEntry.action == "account.disabled")).one()


def test_signing_out_forgets_the_person_and_keeps_the_language(client, form, hub) -> None:
    entered(form, make.person(hub))
    form("/language", page="/account", locale="en")
    form("/sign-out", page="/account")
    assert client.get("/account").status_code == 302
    assert 'lang="en"' in client.get("/").get_data(as_text=True)


def test_a_form_without_its_hidden_field_is_refused(client, hub) -> None:
    user = make.person(hub)
    answer = client.post("/sign-in", data={"email": user.email, "password": make.PASSWORD})
    assert answer.status_code == 400
    assert "다시 보내 주세요" in answer.get_data(as_text=True)


def test_name_language_and_password_can_be_changed(client, form, hub) -> None:
    user = make.person(hub)
    entered(form, user)
    form("/account", page="/account", name="새이름", locale="en")
    assert "Saved." in client.get("/account").get_data(as_text=True)
    short = form("/account/password", page="/account", password=make.PASSWORD, new_password="x")
    assert short.status_code == 422
    assert "at least 10 characters" in short.get_data(as_text=True)
    wrong = form("/account/password", page="/account", password="wrong", new_password="x" * 12)
    assert wrong.status_code == 403
    form("/account/password", page="/account", password=make.PASSWORD, new_password="new" * 5)
    form("/sign-out", page="/account")
    assert entered(form, user).status_code == 403
    assert entered(form, user, password="new" * 5).status_code == 302
    with hub.db.reading() as rows:
        assert rows.exec(select(User).where(User.handle == user.handle)).one().name == "새이름"


def test_changing_the_password_ends_the_other_sessions(app, client, form, hub) -> None:
    user = make.person(hub)
    elsewhere = app.test_client()
    entered(form, user)
    form("/sign-in", by=elsewhere, email=user.email, password=make.PASSWORD)
    assert elsewhere.get("/account").status_code == 200
    form("/account/password", page="/account", password=make.PASSWORD, new_password="new" * 5)
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302


@pytest.mark.parametrize(("locale", "said"), [("ko", "찾을 수 없습니다"), ("en", "Not found")])
def test_a_missing_page_says_so_in_the_readers_language(client, form, locale, said) -> None:
    form("/language", locale=locale)
    answer = client.get("/no/such/page")
    assert answer.status_code == 404
    assert said in answer.get_data(as_text=True)


def test_an_unforeseen_error_shows_a_number_and_no_traceback(app, client, sign_in) -> None:
    @app.get("/breaks")
    def breaks() -> str:
        raise RuntimeError("secret detail")

    from hub import access

    access.RULES["breaks"] = access.anyone
    try:
        answer = client.get("/breaks")
    finally:
        del access.RULES["breaks"]
    html = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "secret detail" not in html
    assert "Traceback" not in html
    assert re.search(r"<code>[0-9a-f]{8}</code>", html)


def test_an_error_page_is_shown_even_where_the_database_is_gone(hub, client, form) -> None:
    from sqlmodel import SQLModel

    entered(form, make.person(hub))
    SQLModel.metadata.drop_all(hub.db.engine)
    answer = client.get("/account")
    assert answer.status_code == 500
    assert "절반만 저장된 것은 없습니다" in answer.get_data(as_text=True)


def test_too_large_a_form_is_refused_with_the_limit(client, app) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = client.post("/sign-in", data={"email": "x" * 5000})
    assert answer.status_code == 413
    assert "100 MB" in answer.get_data(as_text=True)


def test_somebody_without_the_role_is_told_so(sign_in) -> None:
    answer = sign_in(("trainee", None)).get("/admin/people")
    assert answer.status_code == 403
    assert "권한이 없습니다" in answer.get_data(as_text=True)


def test_people_can_be_found_and_given_roles(hub, sign_in, form) -> None:
    admin = sign_in(("administrator", None), name="관리자")
    user = make.person(hub, name="박새롬")
    make.firm(hub, brn="1208147521")
    assert "박새롬" in admin.get("/admin/people?q=새롬").get_data(as_text=True)
    assert "박새롬" not in admin.get("/admin/people?q=없는이름").get_data(as_text=True)
    here = f"/admin/people/{user.handle}"
    form(f"{here}/roles", page=here, by=admin, role="vendor", firm="120-81-47521")
    page = admin.get(here).get_data(as_text=True)
    assert "시험정공(주)" in page
    unknown = form(f"{here}/roles", page=here, by=admin, role="vendor", firm="000-00-00000")
    assert unknown.status_code == 404
    taken = re.search(r'action="([^"]+/take)"', page)
    form(taken[1], page=here, by=admin)
    assert "시험정공(주)" not in admin.get(here).get_data(as_text=True)


def test_nobody_locks_themselves_out(sign_in, form) -> None:
    admin = sign_in(("administrator", None))
    here = f"/admin/people/{admin.handle}"
    assert form(f"{here}/switch", page=here, by=admin).status_code == 403
    taken = re.search(r'action="([^"]+/take)"', admin.get(here).get_data(as_text=True))
    assert form(taken[1], page=here, by=admin).status_code == 403


def test_the_audit_trail_is_shown_page_by_page(hub, sign_in) -> None:
    from hub.accounts import record

    with hub.db.work() as rows:
        for number in range(120):
            record(rows, "someone", "count", f"number {number}")
    admin = sign_in(("administrator", None))
    first = admin.get("/admin/audit?action=count").get_data(as_text=True)
    assert "number 119" in first
    assert "number 12<" not in first
    assert "action=count&amp;page=3" in first
    last = admin.get("/admin/audit?action=count&page=99").get_data(as_text=True)
    assert "number 0<" in last


def test_health_says_what_does_not_answer(sign_in) -> None:
    page = sign_in(("administrator", None)).get("/admin/health").get_data(as_text=True)
    assert "응답 없음" in page
    assert "기준" in page


def test_an_officer_sees_an_empty_programme_said_plainly(sign_in) -> None:
    page = sign_in(("officer", None)).get("/programme/").get_data(as_text=True)
    assert "아직 등록된 공급망이 없습니다" in page


def test_pages_load_nothing_from_other_hosts(client) -> None:
    answer = client.get("/")
    html = answer.get_data(as_text=True)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', html)
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.findall(r"<script(?![^>]*src=)", html), "no script inside a page"
