"""Each route, asked by each role and by a stranger, answers as hub.access.RULES says."""

import pytest
from werkzeug.routing import AnyConverter, IntegerConverter, UUIDConverter

from hub.access import RULES
from hub.accounts import FIRM_ROLES, ROLES, seal_of
from tests.make import firm, person

STRANGER = "stranger"


def filled(converter) -> str:
    """Something that makes an address well-formed."""
    if isinstance(converter, AnyConverter):
        return next(iter(converter.items))
    if isinstance(converter, IntegerConverter):
        return "1"
    return "00000000-0000-4000-8000-000000000000" if isinstance(converter, UUIDConverter) else "x"


def requests_of(app) -> list[tuple[str, str, str]]:
    """(endpoint, method, address) for every route."""
    found = []
    for rule in app.url_map.iter_rules():
        values = {name: filled(converter) for name, converter in rule._converters.items()}
        with app.test_request_context():
            address = app.url_map.bind("localhost").build(rule.endpoint, values)
        found += [(rule.endpoint, method, address) for method in rule.methods - {"HEAD", "OPTIONS"}]
    return found


@pytest.fixture
def people(hub, app):
    """role → signed-in client; each firm role for one firm of its own."""
    firm_id = firm(hub)
    clients = {STRANGER: app.test_client()}
    for role in ROLES:
        user = person(hub, (role, firm_id if role in FIRM_ROLES else None))
        clients[role] = app.test_client()
        with clients[role].session_transaction() as session:
            session["_user_id"], session["_fresh"] = user.handle, True
            session["seal"] = seal_of(user)
    return clients


def test_rules_are_what_routes_answer(hub, app, people) -> None:
    from hub import access

    app.config["WTF_CSRF_ENABLED"] = False
    wrong, asked = [], 0
    for endpoint, method, address in requests_of(app):
        for role, client in people.items():
            firm_id = 1 if role in FIRM_ROLES else None
            who = (
                access.nobody
                if role == STRANGER
                else access.Who(1, "u-1", "x", frozenset({(role, firm_id)}))
            )
            if endpoint == "signin.sign_out":
                continue  # it would sign the client out in the middle
            answer = client.open(address, method=method)
            asked += 1
            signed_in_first = answer.status_code == 302 and "sign-in" in answer.headers["Location"]
            refused = answer.status_code in (401, 403) or signed_in_first
            if not RULES[endpoint](who) and not refused:
                wrong.append((endpoint, method, role, answer.status_code, "let in"))
            if answer.status_code == 500:
                wrong.append((endpoint, method, role, answer.status_code, "broke"))
    assert asked > 200
    assert wrong == []
