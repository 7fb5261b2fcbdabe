"""Errors of the API as problem details (RFC 9457)."""

from typing import Any

from flask import Response, jsonify
from pydantic import ValidationError

from hub.errors import http_status
from hub.web.asking import say
from supplychain.errors import DomainError

PROBLEM = "application/problem+json"


def problem(status: int, title: str, detail: str, **more: object) -> Response:
    """A problem document; `more` are its extension members."""
    answer = jsonify({"status": status, "title": title, "detail": detail, **more})
    answer.status_code, answer.mimetype = status, PROBLEM
    return answer


def of_error(error: DomainError) -> Response:
    """The problem that a domain error is; its facts travel along for programs."""
    facts = {name: str(value) for name, value in error.facts.items()}
    more = {"faults": [_fault(f) for f in error.faults]} if hasattr(error, "faults") else {}
    return problem(http_status(error), type(error).__name__, say(error), facts=facts, **more)


def _fault(fault: Any) -> Any:
    """A fault with its sentence, where it has one of its own."""
    if not hasattr(fault, "code"):
        return fault
    return {"code": fault.code, "facts": dict(fault.facts), "reason": say(fault)}


def invalid_request(error: ValidationError) -> Response:
    """All that is wrong with a request at once, by place."""
    faults = [
        {"place": ".".join(str(part) for part in fault["loc"]), "reason": fault["msg"]}
        for fault in error.errors()
    ]
    detail = "; ".join(f"{fault['place']}: {fault['reason']}" for fault in faults)
    return problem(422, "InvalidRequest", detail, faults=faults)
