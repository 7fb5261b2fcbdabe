"""The firm for which a person may speak."""

import pytest

from hub import access
from hub.access import Who
from supplychain.errors import FirmNotFound
from supplychain.tables import Firm
from tests import make


def speaking(*roles: tuple[str, int]) -> Who:
    return Who(1, "u-1", "x", frozenset(roles))


def test_vendors_and_supply_managers_speak_for_their_firms_and_nobody_else(hub) -> None:
    one, two, three = (make.firm(hub, name) for name in ("가나정밀", "다라금속", "마바도금"))
    who = speaking(("vendor", one), ("supply_manager", two), ("publisher", three))
    with hub.db.reading() as session:
        assert [firm.id for firm in access.own_firms(session, who)] == [one, two]
        assert access.own_firm(session, who).id == one
        assert access.own_firm(session, who, str(two)).id == two
        for asked in (str(three), "9999", "x", "²", "9" * 30):
            with pytest.raises(FirmNotFound):
                access.own_firm(session, who, asked)
        with pytest.raises(FirmNotFound):
            access.own_firm(session, speaking(("publisher", three)))


def test_a_firm_that_was_merged_away_speaks_as_the_one_that_it_was_found_to_be(hub) -> None:
    one, two, three = (make.firm(hub, name) for name in ("가나정밀", "가나정밀(주)", "㈜가나정밀"))
    with hub.db.work() as session:
        session.get_one(Firm, one).merged_into_id = two
        session.get_one(Firm, two).merged_into_id = three
    who = speaking(("vendor", one), ("vendor", two))
    with hub.db.reading() as session:
        assert [firm.id for firm in access.own_firms(session, who)] == [three]
        assert access.own_firm(session, who, str(one)).id == three
