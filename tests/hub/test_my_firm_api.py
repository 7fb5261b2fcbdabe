"""What a firm says of itself and its suppliers, through the API."""

import pytest

from supplychain.by_hand import read_supplier
from supplychain.services.own_word import name_supplier
from supplychain.tables import Firm, now
from tests import make


@pytest.fixture
def vendor(hub, app, sign_in):
    app.config["WTF_CSRF_ENABLED"] = False
    firm_id = make.firm(hub, "한빛정밀", name_key="한빛정밀", joined_at=now())
    client = sign_in(("vendor", firm_id))
    client.firm_id = firm_id
    return client


def test_own_data_are_told_and_read(vendor) -> None:
    told = {
        "name": "한빛정밀(주)",
        "brn": "124-81-00998",
        "region": "경남 창원",
        "employees": "14명",
    }
    for _ in range(2):
        said = vendor.put("/api/v1/own-firm", json=told).json
    assert said == vendor.get("/api/v1/own-firm").json
    assert (said["brn"], said["region"], said["employees"]) == ("1248100998", "KR-48", 14)


def test_all_faults_are_told_by_field(vendor) -> None:
    answer = vendor.put("/api/v1/own-firm", json={"name": " ", "brn": "1", "employees": "-2"})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert {fault["place"] for fault in answer.json["faults"]} == {"name", "brn", "employees"}


def test_suppliers_are_declared_paged_and_ended(vendor) -> None:
    for name in ("대성금형", "한결도금", "대성금형"):
        answer = vendor.post("/api/v1/own-suppliers", json={"name": name, "item": "x"})
        assert answer.status_code == 200
    first = vendor.get("/api/v1/own-suppliers?limit=1").json
    rest = vendor.get(f"/api/v1/own-suppliers?after={first['after']}").json
    names = [link["name"] for link in first["links"] + rest["links"]]
    assert names == ["대성금형", "한결도금"]
    number = first["links"][0]["id"]
    assert vendor.delete(f"/api/v1/own-suppliers/{number}").status_code == 204
    assert vendor.delete(f"/api/v1/own-suppliers/{number}").status_code == 404
    assert len(vendor.get("/api/v1/own-suppliers").json["links"]) == 1


def test_a_customer_is_answered_and_nobody_elses_link_is_there(hub, vendor) -> None:
    buyer = make.firm(hub, "온새모듈", joined_at=now())
    with hub.db.work() as session:
        told, _ = read_supplier({"name": "한빛정밀"})
        own = name_supplier(session, session.get_one(Firm, buyer), told, "x").id
        told, _ = read_supplier({"name": "남의협력사"})
        other = name_supplier(session, session.get_one(Firm, buyer), told, "x").id
    answer = vendor.post(f"/api/v1/own-customers/{own}", json={"answer": "yes"})
    assert [link["standing"] for link in answer.json["links"]] == ["confirmed"]
    assert [link["id"] for link in vendor.get("/api/v1/own-customers").json["links"]] == [own]
    answer = vendor.post(f"/api/v1/own-customers/{other}", json={"answer": "no"})
    assert answer.status_code == 404
    assert vendor.get(f"/api/v1/own-suppliers?firm={buyer}").status_code == 404
