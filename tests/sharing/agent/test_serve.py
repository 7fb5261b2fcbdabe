"""Predictions over real HTTP on loopback, and from files: the protocol, and what is refused."""

import http.client
import json

import pytest

from hub.served import served as serving
from sharing.agent.answer import Active
from sharing.agent.home import Running
from sharing.agent.serve import serve
from sharing.agent.state import State
from tests.sharing.agent import bundles


def install(home, version="1.0.0", weight=1.0, delivery=1):
    folder = home.bundle(bundles.SLUG, version)
    folder.mkdir(parents=True)
    for name, content in bundles.bundle(version, weight).items():
        (folder / name).write_bytes(content)
    home.activate(Running(bundles.SLUG, version, delivery, "2026-11-24T00:00:00+00:00"))


@pytest.fixture
def served(site):
    """Asks a running server: (method, path, body, **headers) → (status, JSON)."""
    state = State(site.home.state)
    server = serve(Active(site.home, state), "en", 0)

    def ask(method, path, body=None, **headers):
        line = http.client.HTTPConnection("127.0.0.1", server.effective_port, timeout=60)
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, path, data, names)
        answer = line.getresponse()
        told = json.loads(answer.read())
        line.close()
        return answer.status, told

    ask.state = state
    with state, serving(server):
        yield ask


def infer(*rows, **more):
    flat = [value for row in rows for value in row]
    tensor = {"name": "x", "shape": [len(rows), 2], "datatype": "FP32", "data": flat}
    return {"inputs": [tensor], **more}


INFER = "/v2/models/tiny/infer"


def test_the_protocol(site, served):
    assert served("GET", "/v2")[1]["name"] == "sangsaeng-agent"
    assert served("GET", "/v2/health/live") == (200, {"live": True})
    assert served("GET", "/v2/health/ready") == (503, {"ready": False})
    assert served("GET", "/v2/models/tiny")[0] == 404
    install(site.home)
    assert served("GET", "/v2/health/ready") == (200, {"ready": True})
    assert served("GET", "/v2/models/tiny/ready") == (200, {"name": "tiny", "ready": True})
    status, told = served("GET", "/v2/models/tiny/versions/1.0.0")
    assert (status, told["platform"]) == (200, "onnxruntime_onnx")
    assert told["inputs"] == [{"name": "x", "datatype": "FP32", "shape": [-1, 2]}]
    assert served("GET", "/v2/models/tiny/versions/9.0.0")[0] == 404
    status, told = served("POST", INFER, infer([1, 0.5], [0.2, 0.4], id="q"))
    assert (status, told["id"], told["model_version"]) == (200, "q", "1.0.0")
    by_name = {one["name"]: one for one in told["outputs"]}
    assert by_name["probability"]["shape"] == [2, 2]
    assert by_name["probability_defect"]["data"] == pytest.approx([0.731059, 0.401312], abs=1e-5)
    assert served.state.tally("tiny", "1.0.0")[:2] == (2, 0)


def test_columns_by_name_in_any_order(site, served):
    install(site.home)

    def column(name, *values):
        return {"name": name, "shape": [len(values)], "datatype": "FP32", "data": list(values)}

    told = served("POST", INFER, {"inputs": [column("b", 0.5), column("extra", 9), column("a", 1)]})
    assert told[1]["outputs"][0]["data"] == pytest.approx([0.268941, 0.731059], abs=1e-5)
    status, told = served("POST", INFER, {"inputs": [column("b", 0.5)]})
    assert (status, told["error"]) == (400, "These columns are missing: Melt temperature (a).")


def test_another_version_answers_from_the_next_request_on(site, served):
    install(site.home)
    before = served("POST", INFER, infer([1, 0.5]))[1]
    install(site.home, "1.1.0", weight=2, delivery=2)
    after = served("POST", INFER, infer([1, 0.5]))[1]
    assert (before["model_version"], after["model_version"]) == ("1.0.0", "1.1.0")
    assert before["outputs"][0]["data"] != after["outputs"][0]["data"]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"\xff{", "요청을 읽을 수 없습니다"),
        ([1], "요청을 읽을 수 없습니다"),
        ({"inputs": []}, "요청에는 “x”"),
        (infer([1, None]), "1행 금형 온도 (b): 값이 빠졌습니다."),
        (infer([1, 2], [float("nan"), 2]), "2행 수지 온도 (a): 값이 빠졌습니다."),
        (infer([1, "hot"]), "1행 금형 온도 (b): “hot” 값은 숫자가 아닙니다."),
        (infer([1, 2, 3]), "한 행에는 값이 2개"),
    ],
)
def test_what_a_person_at_the_line_reads(site, served, body, sentence):
    install(site.home)
    status, told = served("POST", INFER, body, Accept_Language="ko-KR")
    assert status == 400
    assert told["error"].startswith(sentence)
    assert served("POST", INFER, infer([1, 2]))[0] == 200


def test_odd_values_are_answered_with_a_remark(site, served):
    install(site.home)
    status, told = served("POST", INFER, infer([1, 2], [900, 2]), Accept_Language="ko")
    assert status == 200
    assert told["parameters"]["flags"] == [
        "2행 수지 온도 (a): 값 900 °C. 모델이 배운 범위(0 ~ 300)를 벗어났습니다."
    ]
    assert served.state.tally("tiny", "1.0.0") == (2, 1, 0)


def test_only_from_this_pc(site, served):
    install(site.home)
    assert served("GET", "/v2", Host="evil.example")[0] == 403
    assert served("POST", INFER, infer([1, 2]), Origin="https://evil.example")[0] == 403
    assert served("POST", INFER, infer([1, 2]), Origin="http://localhost:3000")[0] == 200


def test_nothing_at_this_address(served):
    assert served("GET", "/v3") == (404, {"error": "There is nothing at this address."})
    assert served("GET", "/v2/%ff%2e%2e/x")[0] == 404
