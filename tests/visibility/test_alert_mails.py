"""Over random chains: no mail of an alert, and no page behind its link, tells a forbidden name.

Such a mail may name the firm that passes the alert on, which writes it in its own name.
"""

import re

from sqlmodel import select

from hub.tables import Mail, User
from supplychain.alert_tables import AlertReceipt
from tests.visibility.rules import Knowledge
from tests.visibility.test_leaks import over_worlds
from tests.visibility.walking import tokens_in
from tests.visibility.worlds import build


@over_worlds(12)
def test_no_mail_and_no_link_tells_a_name_that_its_reader_may_not_know(hub, app, plan) -> None:
    world = build(hub, plan)
    with hub.db.reading() as session:
        mails = session.exec(select(Mail).where(Mail.key.startswith("alert/"))).all()
        receipts = {row.id: row for row in session.exec(select(AlertReceipt))}
        handles = {user.email: user.handle for user in session.exec(select(User))}
    client = app.test_client()
    for mail in mails:
        row = receipts[int(mail.key.split("/")[1])]
        if row.firm_id not in world.firms:
            continue  # of an earlier world: they share a database
        reader, sender = world.firms.index(row.firm_id), world.firms.index(row.asked_by_id)
        knows = Knowledge(world, knows_root(world, reader))
        said = f"{mail.to} {mail.subject} {mail.text}"
        link = re.search(r"/alerted/[\w-]+", mail.text)
        assert (mail.to in handles) == (link is None)
        if link:
            page = client.get(link[0])
            assert page.status_code == 200
            said += page.text
        for token in tokens_in(said) & set(world.secrets):
            secret = world.secrets[token]
            own_name = secret.kind == "own" and secret.firm == sender
            its_address = secret.kind == "mail" and secret.by == sender
            assert own_name or its_address or knows.may_know(secret), (token, secret, plan)


def knows_root(world, firm: int) -> int:
    while firm in world.root:
        firm = world.root[firm]
    return firm
