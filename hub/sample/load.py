"""Loads the sample into an empty hub; whatever is there already is left alone."""

from hub.accounts import record
from hub.sample.alerts import load_alerts
from hub.sample.cascade import load_cascade
from hub.sample.chain_sheets import load_chain
from hub.sample.people import add_people
from hub.wiring import Hub


def load(hub: Hub) -> None:
    """Take in the sample's sheets, make its people, and let a cascade be on its way.

    All of it or nothing; safe to repeat.
    """
    with hub.db.work() as session:
        firms = load_chain(session, hub.store)
        made = add_people(session, firms)
        if made:
            record(session, "sample", "people.added", f"{len(made)} people")
        load_cascade(session, hub.settings, firms)
        load_alerts(session, hub.settings, firms)
