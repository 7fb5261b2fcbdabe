"""The web application: pages, API and their common ground (sign-in, rules, errors, headers)."""

from datetime import timedelta
from importlib import import_module
from itertools import chain
from urllib.parse import quote

from flask import Flask, Request, Response, abort, current_app, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_login import LoginManager
from flask_openapi import Info, OpenAPI
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import DBAPIError, IntegrityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as BaseResponse

from hub import access, tokens
from hub.api.problems import invalid_request
from hub.db import already_there, clashed
from hub.health import healthz
from hub.oidc import register_provider
from hub.settings import Settings
from hub.translations import compiled
from hub.web.asking import locale_asked, who
from hub.web.failures import register_failures
from hub.wiring import Hub, secret

# Each module offers `bp` (pages) or `api` (part of /api/v1). Order is of no importance.
PAGES = (
    "home", "signin", "invited", "joining", "my_firm", "my_suppliers", "admin", "supply",
    "chain_files", "risk", "what_if", "risk_firm", "sheets", "declarations", "consents", "vouching",
    "voices", "sight_requests", "invitations", "guests", "colleagues", "let_in", "lead_firms",
    "leaving", "layouts", "same_firm", "alerts", "alerted", "mails", "models", "rollouts",
    "insight", "hooks", "tuf", "program", "vendor", "owner", "agreements", "labs", "learn",
    "certificates", "cohorts", "programme", "model_live", "model_keys", "approval",
)  # fmt: skip
API = (
    "vouching", "sight_requests", "supply", "sheets", "sheet_columns", "risk", "declarations",
    "consents", "my_firm", "same_firm", "invitations", "mails", "models", "rollouts", "hooks",
    "agents", "labs", "learn", "alerts", "chain_files", "scenarios", "colleagues", "lead_firms",
    "layouts", "offers", "keys", "rollout_preview", "approval",
)  # fmt: skip


class Csrf(CSRFProtect):
    """Checks whatever a browser could be made to send: what lives from its cookie alone."""

    def protect(self, **how: bool) -> None:
        """Refuse a form from elsewhere.

        In the API a cookie does not sign anybody in beside an Authorization header (see _sign_in),
        and a program that carries no cookie has nothing to steal. On pages such a header is no
        excuse: a browser can be made to send one, by a name and password in an address.
        """
        by_cookie = current_app.config["SESSION_COOKIE_NAME"] in request.cookies
        if _in_api() and ("Authorization" in request.headers or not by_cookie):
            return
        super().protect(**how)


def _in_api() -> bool:
    return request.path.startswith("/api/")


csrf = Csrf()
_TRIES = 3


class Number(IntegerConverter):
    """A row's number in an address: a longer one than the database counts to is nobody's."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


class Application(OpenAPI):
    """Flask, and one thing more: a request that was a moment late is looked at again."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer, and answer anew where another request has just written a row of the same key.

        Two clicks, two processes: both saw nothing there, the database let one of them write. All
        that the other one did is undone, and seen again its row is there: our writes are
        idempotent by such keys. The same where the database gave one of the two up.
        """
        for _ in range(_TRIES - 1):
            try:
                return super().dispatch_request()
            except DBAPIError as error:
                late = isinstance(error, IntegrityError) and already_there(error)
                if not late and not clashed(error):
                    raise
                for file in chain.from_iterable(request.files.listvalues()):
                    file.stream.seek(0)
        return super().dispatch_request()


def create_app(hub: Hub) -> OpenAPI:
    """The application over a hub that is wired already."""
    app = Application(
        "hub",
        info=Info(title="Sangsaeng Hub", version="1"),
        doc_prefix="/api/v1",
        validation_error_callback=invalid_request,
    )
    app.openapi_version = "3.1.0"  # what readers of such documents know; we use nothing newer
    app.extensions["hub"] = hub
    app.url_map.converters["int"] = Number
    _configure(app, hub)
    csrf.init_app(app)
    Babel(
        app,
        locale_selector=locale_asked,
        default_timezone=hub.settings.time_zone,
        default_translation_directories=str(compiled()),
    )
    _sign_in(app)
    app.before_request(_only_who_may)
    app.after_request(_headers)
    app.add_url_rule("/healthz", "healthz", healthz)
    register_failures(app)
    for name in PAGES:
        app.register_blueprint(import_module(f"hub.web.{name}").bp)
    for name in API:
        app.register_api(import_module(f"hub.api.{name}").api)
    register_provider(app)
    return app


def _configure(app: Flask, hub: Hub) -> None:
    settings: Settings = hub.settings
    app.config.update(
        SECRET_KEY=secret(hub.keys, "session"),
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        SESSION_COOKIE_NAME="sangsaeng",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open overnight still works
        OPENAPI_HTML_STRING='<a href="/api/v1/openapi.json">OpenAPI 3.1</a>',
        WTF_CSRF_SSL_STRICT=settings.https,
    )
    # Two requests of a browser race to renew the cookie; the older one must not bring back what
    # the newer has changed.
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    if settings.public_url:
        # Behind one proxy of the operator's own, who says so by giving the public address.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]


def _sign_in(app: Flask) -> None:
    # Templates are told who asks by hub.web.furniture, which survives a database that is gone.
    login = LoginManager(app, add_context_processor=False)
    login.session_protection = "basic"
    login.anonymous_user = lambda: access.nobody

    @login.request_loader
    def _by_token(asked: Request) -> access.Who | None:
        if not _in_api() or asked.authorization is None:
            return None
        with app.extensions["hub"].db.reading() as rows:
            return tokens.person_of(rows, asked.authorization.token or "")

    @login.user_loader
    def _load(handle: str) -> access.Who | None:
        if _in_api() and "Authorization" in request.headers:
            return None  # whoever shows a token is who the token says, or nobody
        with app.extensions["hub"].db.reading() as rows:
            return access.person(rows, handle, session.get("seal", ""))


def _only_who_may() -> BaseResponse | None:
    """Let a request through where a rule says so; send strangers to the sign-in page."""
    if request.endpoint is None:
        return None  # no such page: 404 in its own time
    rule = access.RULES.get(request.endpoint)
    if rule is not None and rule(who()):
        return None
    if who().known or _in_api():
        abort(403 if who().known else 401)
    return redirect(f"{app_path('signin.sign_in')}?next={_here()}")


def app_path(endpoint: str) -> str:
    """Path of a page without parameters."""
    return current_app.url_for(endpoint)


def _here() -> str:
    return quote(request.full_path.rstrip("?") if request.method == "GET" else "/")


def _headers(response: Response) -> Response:
    """Tell browsers to load from here alone, not to guess types, not to be framed by others."""
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "object-src 'none'; base-uri 'self'; frame-ancestors 'none'; form-action 'self'"
        + _labs_origin(),
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if current_app.extensions["hub"].settings.https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if session.get("_user_id"):
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def _labs_origin() -> str:
    # A form of ours may end, after redirects, at JupyterHub; browsers check the whole way.
    return f" {current_app.extensions['hub'].settings.labs_url}"
