"""Somebody at a browser without a screen: signs in, fills in forms, calls the API."""

import re
from typing import Any
from urllib.parse import urljoin

import requests

from hub.errors import AnswerUnexpected
from hub.sample.people import PASSWORD

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"')
_WAIT = 120


class Person:
    """One of the sample's people, with cookies of their own."""

    def __init__(self, hub: str, email: str = "") -> None:
        self.hub = hub
        self.session = requests.Session()
        if email:
            self.post("/sign-in", {"email": email, "password": PASSWORD})

    def get(self, path: str) -> requests.Response:
        """A page, after redirects. Raises AnswerUnexpected unless it answers 200."""
        return self._good(self.session.get(urljoin(self.hub, path), timeout=_WAIT))

    def post(
        self,
        path: str,
        fields: dict[str, Any] | None = None,
        files: dict[str, Any] | None = None,
        *,
        form_at: str | None = None,
    ) -> requests.Response:
        """Fill in the form that stands at `form_at` (or at the path itself) and send it."""
        page = self.get(path if form_at is None else form_at)
        data = {**(fields or {}), "csrf_token": _token(page)}
        address = urljoin(self.hub, path)
        return self._good(
            self.session.post(
                address, data=data, files=files, timeout=_WAIT, headers={"Referer": page.url}
            )
        )

    def api(self, method: str, path: str, kind: str = "", **how: Any) -> Any:
        """The JSON answer of a call to the API, as this person; `kind` is the body's media type.

        Raises AnswerUnexpected.
        """
        headers = {"X-CSRFToken": _token(self.get("/account")), "Referer": self.hub}
        if kind:
            headers["Content-Type"] = kind
        answer = self.session.request(
            method, urljoin(self.hub, path), timeout=_WAIT, headers=headers, **how
        )
        return self._good(answer).json()

    def _good(self, answer: requests.Response) -> requests.Response:
        if not answer.ok:
            raise AnswerUnexpected(
                address=answer.url, status=answer.status_code, said=_words(answer.text)
            )
        return answer


def _token(page: requests.Response) -> str:
    found = _TOKEN.search(page.text)
    if found is None:
        raise AnswerUnexpected(address=page.url, status=page.status_code, said="no form")
    return found.group(1) or found.group(2)


def _words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())[:300]
