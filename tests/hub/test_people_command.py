"""`hub people`: how a lead firm and its supply manager begin."""

import pytest
from click.testing import CliRunner
from sqlmodel import select

from hub.cli.people import people
from hub.cli.wired import wired
from hub.tables import Membership
from supplychain.errors import FirmNotFound
from supplychain.tables import Firm


@pytest.fixture
def add(data_folder):
    def command(email: str, *words: str) -> None:
        told = [
            "add",
            email,
            "--name",
            "김",
            "--role",
            "supply_manager",
            "--password",
            "맞지 않는 말 2026",
        ]
        done = CliRunner().invoke(people, [*told, *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output

    return command


def test_a_lead_firm_begins_with_its_supply_manager_and_is_found_by_name_after(add) -> None:
    add("a@lead.example", "--firm", "새선도 주식회사", "--new-firm")
    add("b@lead.example", "--firm", "㈜새선도", "--new-firm")
    with wired() as hub, hub.db.reading() as session:
        firm = session.exec(select(Firm)).one()
        assert [row.firm_id for row in session.exec(select(Membership))] == [firm.id, firm.id]
    add("c@lead.example", "--firm", str(firm.id))


@pytest.mark.parametrize("words", [("--firm", "999999", "--new-firm"), ("--firm", "새선도")])
def test_a_firm_that_nobody_knows_is_said(add, words: tuple[str, ...]) -> None:
    with pytest.raises(FirmNotFound):
        add("a@lead.example", *words)
