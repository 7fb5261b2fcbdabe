"""A number that is longer than any database counts to is nobody's, and no fault of the hub's."""

import pytest

from tests.make import firm

LONG = "9" * 25


@pytest.fixture
def manager(app, hub, sign_in):
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(("supply_manager", firm(hub, "새빛모빌리티")))


@pytest.mark.parametrize(
    "where",
    [
        *("/invitations/", "/my-suppliers/", "/declarations/", "/supply/sheets/", "/joining/"),
        *("/supply/same/numbers/", "/supply/firms/", "/my-firm?firm="),
        *("/api/v1/invitations/", "/api/v1/sheets/"),
    ],
)
def test_in_an_address(manager, where: str) -> None:
    assert manager.get(where + LONG).status_code in (404, 422)


def test_in_a_form(manager) -> None:
    sent = {"invitation": LONG, "pair": LONG, "answer": "same"}
    for where in ("/invitations/several", "/supply/same"):
        assert manager.post(where, data=sent).status_code == 302
    assert manager.post(f"/my-firm/people/{LONG}", data=sent).status_code == 404
