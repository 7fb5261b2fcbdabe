"""Somebody names a silent firm by its public number, asks a person of their own to speak for it,
and says yes: what the others told of that firm stays theirs, until each of them says yes.

The whole attack goes through the pages, as the attacker's browser would send it; then every page
and every part of the API is asked in the name of the firm that was taken over.
"""

import re
from types import SimpleNamespace

import pytest
from sqlmodel import select

from hub.tables import Mail
from supplychain.services.declarations import declare_supplier
from supplychain.services.voices import ear_of
from supplychain.services.vouching import asked_of, decide, joined_firms
from supplychain.tables import Consent, Declaration, Description, Firm, Invitation, Link, now
from supplychain.vouching_tables import Voice
from tests import make
from tests.visibility.walking import address, fillings, routes, text_of
from tests.visibility.worlds import World

NUMBER = "124-81-00998"
# What the others know and told of the firm, its customers and its suppliers.
SECRETS = (
    "리드자동차", "고객모듈", "공급소재", "리드비밀품목", "고객비밀품목", "소재비밀품목",
    "리드가부르는이름", "고객이부르는이름", "46.73", "18.37",
)  # fmt: skip


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def chain(hub):
    """Lead ← module maker ← silent firm ← material maker; the attacker supplies the lead."""
    made = {
        name: make.firm(hub, name, name_key=name, joined_at=now() if joins else None, **more)
        for name, joins, more in (
            ("리드자동차", True, {}),
            ("고객모듈", True, {}),
            ("조용한정밀", False, {"brn": "1248100998"}),
            ("공급소재", True, {}),
            ("공격협력", True, {}),
        )
    }
    lead, module, silent, material, attacker = made.values()
    with hub.db.work() as session:

        def say(by: int, supplier: int, buyer: int, item: str, share: float, called: str = ""):
            ends = session.get_one(Firm, supplier), session.get_one(Firm, buyer)
            link = session.exec(
                select(Link).where(
                    Link.supplier_id == supplier, Link.buyer_id == buyer, Link.item == item
                )
            ).first() or declare_supplier(session, ends[1], ends[0], item=item, share=share)
            if by != buyer:
                for said in session.exec(select(Declaration).where(Declaration.link_id == link.id)):
                    said.firm_id = by
            if called:
                session.add(Description(firm_id=silent, by_id=by, name=called))
            session.flush()

        say(lead, silent, lead, "리드비밀품목", 46.73, "리드가부르는이름")
        say(module, silent, module, "고객비밀품목", 18.37, "고객이부르는이름")
        say(material, material, silent, "소재비밀품목", 18.37)
        say(lead, attacker, lead, "공격품목", 3)
        # A customer had opened itself to the silent firm before anybody spoke for it.
        session.add(Consent(firm_id=material, to_id=silent))
    return SimpleNamespace(
        **dict(
            zip(("lead", "module", "silent", "material", "attacker"), made.values(), strict=True)
        )
    )


def take_over(hub, app, sign_in, chain):
    """The attack, by pages alone; the client that then speaks for the silent firm."""
    attacker = sign_in(("vendor", chain.attacker))
    named = {"name": "조용한정밀", "brn": NUMBER, "country": "KR"}
    assert attacker.post("/my-suppliers", data=named).status_code == 302
    asked = {f"email-{chain.silent}": "mine@attacker.example"}
    assert attacker.post("/my-suppliers/invite", data=asked).status_code == 302
    with hub.db.reading() as session:
        mail = session.exec(select(Mail).where(Mail.to == "mine@attacker.example")).one()
    secret = re.search(r"/invited/([\w-]+)", mail.text)[1]
    puppet = app.test_client()
    account = {"how": "new", "name": "가짜", "password": "a long enough sentence"}
    answer = puppet.post(f"/invited/{secret}/account", data=account)
    firm = {"name": "조용한정밀", "brn": NUMBER}
    assert puppet.post(answer.headers["Location"], data=firm).status_code == 302
    with hub.db.reading() as session:
        assert session.get_one(Firm, chain.silent).joined_at is not None
        assert session.get_one(Voice, chain.silent).state == "new"
    return puppet


def everything(hub, app, client) -> str:
    """Every page and every part of the API that a firm's person may ask, with every number."""
    with hub.db.reading() as session:
        world = World(
            plan=None,
            firms=list(session.exec(select(Firm.id))),
            links=list(session.exec(select(Link.id))),
            invitations=list(session.exec(select(Invitation.id))),
            slug="none",
        )
    said = []
    for rule in routes(app, "GET"):
        try:
            ways = list(fillings(world, rule))
        except LookupError:  # a new room: test_leaks asks what its gaps are
            ways = [dict.fromkeys(rule._converters, 1)]
        for values in ways:
            answer = client.get(address(app, rule, values))
            assert answer.status_code < 500, rule
            said.append(text_of(answer))
            answer.close()
    return "\n".join(said)


def test_the_attack_reads_nothing_that_others_told(hub, app, sign_in, chain) -> None:
    puppet = take_over(hub, app, sign_in, chain)
    said = everything(hub, app, puppet)
    assert [word for word in SECRETS if word in said] == []
    assert "공격협력" in said, "who asked it in is known to it"
    tiers = puppet.get("/api/v1/tiers").json
    assert (tiers["tiers"], tiers["hidden"]) == ({}, []), "not even how many supply it"
    assert puppet.get("/api/v1/viewers").json["strangers"] == 0
    # What it says itself reaches nobody who had named the firm.
    lead = sign_in(("supply_manager", chain.lead))
    told = {"name": "가짜이름정밀", "region": "KR-50"}
    puppet.post("/my-firm", data=told)
    seen = everything(hub, app, lead)
    assert "리드가부르는이름" in seen
    assert "가짜이름정밀" not in seen
    # Nor does its yes make a link confirmed, nor its no a contradicted one, nor an alert arrive.
    assert puppet.post(f"/declarations/{1}", data={"stance": "holds"}).status_code == 404


def test_a_second_firm_of_the_attackers_vouches_for_itself_alone(hub, app, sign_in, chain) -> None:
    puppet = take_over(hub, app, sign_in, chain)
    helper = sign_in(("vendor", make.firm(hub, "공범", name_key="공범", joined_at=now())))
    named = {"name": "조용한정밀", "brn": NUMBER, "country": "KR"}
    assert helper.post("/my-suppliers", data=named).status_code == 302
    page = helper.get("/who-joined").text
    assert "우리 회사 협력사가 맞나요?" in page
    assert "공격협력" not in page, "who asked it in is not the others' to know"
    helper.post(f"/who-joined/{chain.silent}", data={"stance": "yes"})
    said = everything(hub, app, puppet)
    assert "공범" in said
    assert [word for word in SECRETS if word in said] == []


def test_each_who_named_it_is_asked_and_a_yes_opens_between_these_two(
    hub, app, sign_in, chain
) -> None:
    puppet = take_over(hub, app, sign_in, chain)
    lead, module = (sign_in(("supply_manager", firm)) for firm in (chain.lead, chain.module))
    for client in (lead, module):
        assert "다른 회사의 초대로 가입했습니다" in client.get("/").text
    module.post(f"/who-joined/{chain.silent}", data={"stance": "yes"})
    said = everything(hub, app, puppet)
    assert "고객비밀품목" in said
    assert "고객모듈" in said
    assert [w for w in ("리드자동차", "리드비밀품목", "공급소재", "46.73") if w in said] == []
    # Taken back at once.
    module.post(f"/who-joined/{chain.silent}", data={"stance": "no", "note": "우리가 모르는 사람"})
    assert "고객비밀품목" not in everything(hub, app, puppet)


def test_the_administrator_silences_it_and_the_firm_can_be_asked_in_anew(
    hub, app, sign_in, chain
) -> None:
    puppet = take_over(hub, app, sign_in, chain)
    module, admin = sign_in(("vendor", chain.module)), sign_in(("administrator", None))
    module.post(f"/who-joined/{chain.silent}", data={"stance": "no", "note": "우리가 모르는 사람"})
    page = admin.get("/admin/voices").text
    assert "우리가 모르는 사람" in page
    assert "가짜" in page
    puppet.post("/my-firm", data={"name": "가짜이름정밀"})
    puppet.post("/colleagues", data={"email": "second@attacker.example"})
    with hub.db.reading() as session:
        mail = session.exec(select(Mail).where(Mail.to == "second@attacker.example")).one()
    way_back = re.search(r"/colleague/[\w-]+", mail.text)[0]
    admin.post(f"/admin/voices/{chain.silent}", data={"to": "suspended"})
    assert puppet.get("/my-suppliers").status_code == 403
    with hub.db.reading() as session:
        firm = session.get_one(Firm, chain.silent)
        assert (firm.joined_at, firm.name) == (None, "리드가부르는이름")
        assert joined_firms(session, "suspended")[0].firm.id == chain.silent
    # The real owner, asked in by its customer.
    module.post("/my-suppliers/invite", data={f"email-{chain.silent}": "owner@real.example"})
    with hub.db.reading() as session:
        mail = session.exec(select(Mail).where(Mail.to == "owner@real.example")).one()
    secret = re.search(r"/invited/([\w-]+)", mail.text)[1]
    owner = app.test_client()
    account = {"how": "new", "name": "진짜", "password": "a long enough sentence"}
    answer = owner.post(f"/invited/{secret}/account", data=account)
    owner.post(answer.headers["Location"], data={"name": "조용한정밀", "brn": NUMBER})
    assert "고객비밀품목" in everything(hub, app, owner)
    assert puppet.get("/my-suppliers").status_code == 403, "the old ones do not come back with it"
    account = {"how": "new", "name": "또 가짜", "password": "a long enough sentence"}
    assert app.test_client().post(way_back, data=account).status_code == 404


def test_what_the_lead_asks_in_itself_it_sees_at_once(hub, app, sign_in, chain) -> None:
    """The usual cascade: nobody is asked anything between those who asked each other in."""
    lead = sign_in(("supply_manager", chain.lead))
    lead.post(f"/supply/invitations/new?firm={chain.lead}", data={})
    with hub.db.work() as session:
        row = Invitation(
            by_id=chain.lead, firm_id=chain.silent, lead_id=chain.lead, email="a@b.example",
            expires_at=now().replace(year=now().year + 1), accepted_by="u-owner",
        )  # fmt: skip
        session.add(row)
        session.flush()
        from supplychain.services.invitations import accept

        accept(session, row, "u-owner")
    with hub.db.reading() as session:
        assert ear_of(session, chain.lead).hears(chain.silent)
        assert ear_of(session, chain.silent).hears(chain.lead)
        assert not ear_of(session, chain.silent).hears(chain.module)
        assert [each.stance for each in asked_of(session, chain.lead)] == ["yes"]
        assert [each.open for each in asked_of(session, chain.module)] == [True]
    owner = sign_in(("vendor", chain.silent))
    said = everything(hub, app, owner)
    assert "리드비밀품목" in said
    assert "고객비밀품목" not in said


def test_a_confirmed_firm_is_heard_by_all(hub, app, sign_in, chain) -> None:
    puppet = take_over(hub, app, sign_in, chain)
    with hub.db.work() as session:
        decide(session, chain.silent, "confirmed")
    said = everything(hub, app, puppet)
    assert "고객비밀품목" in said
    assert "리드비밀품목" in said
