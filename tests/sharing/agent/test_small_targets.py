"""A head and a calibration: small files that change without the model being sent again."""

import json

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from sharing.agent.answer import Active
from sharing.agent.bundle import Bundle
from sharing.agent.calibration import Calibration
from sharing.agent.errors import CardUnreadable, HeadMismatch
from sharing.agent.serve import Serving
from sharing.agent.state import State
from sharing.manifest import Target
from tests.sharing.agent import bundles

pytestmark = pytest.mark.parts


def trunk(padding: int = 0) -> bytes:
    """features = [a - b, b - a]"""
    table = np.array([[1, -1], [-1, 1]], dtype=np.float32)
    tensors = [numpy_helper.from_array(table, "w")]
    if padding:
        noise = np.random.default_rng(1).random(padding // 4, dtype=np.float32)
        tensors.append(numpy_helper.from_array(noise, "padding"))
    return made([helper.make_node("MatMul", ["x", "w"], ["features"])], "x", "features", tensors)


def head(weight: float, wants: str = "features") -> bytes:
    """probability = softmax(-weight × features): the second is high where b is above a."""
    scale = numpy_helper.from_array(np.array([weight], dtype=np.float32), "scale")
    nodes = [
        helper.make_node("Mul", [wants, "scale"], ["z"]),
        helper.make_node("Softmax", ["z"], ["probability"], axis=1),
    ]
    return made(nodes, wants, "probability", [scale])


def made(nodes, given, gives, tensors) -> bytes:
    table = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 2]) for name in (given, gives)
    ]
    graph = helper.make_graph(nodes, "part", table[:1], table[1:], tensors)
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()


def golden(weight: float) -> bytes:
    rows = [[1.0, 0.5], [0.2, 0.4]]
    first = [1 / (1 + np.exp(-2 * weight * (a - b))) for a, b in rows]
    return json.dumps({"inputs": rows, "outputs": [[p, 1 - p] for p in first]}).encode()


def version(number: str, weight: float, padding: int = 0, **calibration) -> dict[str, bytes]:
    files = {
        "model.onnx": trunk(padding),
        "head.onnx": head(weight),
        "card.json": json.dumps(bundles.card(number)).encode(),
        "golden.json": golden(weight),
    }
    if calibration:
        files["calibration.json"] = json.dumps(calibration).encode()
    return files


def test_a_version_that_changes_only_its_head_sends_only_its_head(far, site):
    first, second = version("1.0.0", 1.0, 2_000_000), version("1.1.0", 2.0, 2_000_000)
    far.assign(far.publish("tiny", "1.0.0", first), delivery=1)
    site.once()
    far.assign(far.publish("tiny", "1.1.0", second), delivery=2)
    site.once()
    assert site.version() == "1.1.0"
    told = [r["figures"] for r in far.reports if r["delivery"] == 2 and "fetched" in r["figures"]]
    assert told[-1]["bytes"] > 2_000_000
    assert told[-1]["fetched"] < 10_000
    assert (site.home.bundle("tiny", "1.1.0") / "head.onnx").read_bytes() == second["head.onnx"]


def test_a_calibration_warns_and_corrects_and_golden_rows_stay_true(far, site):
    small = {
        "thresholds": {"probability_defect": 0.5},
        "corrections": {"probability_defect": {"slope": 0.5, "offset": 0.4, "high": 0.6}},
    }
    far.assign(far.publish("tiny", "1.0.0", version("1.0.0", 1.0, **small)), delivery=1)
    site.once()
    assert site.version() == "1.0.0"
    with State(site.home.state) as state:
        found = Active(site.home, state).predict("tiny", [[1.0, 0.5], [0.2, 0.4]], "en")
        raw = [1 / (1 + np.exp(1.0)), 1 / (1 + np.exp(-0.4))]
        expected = [min(0.6, 0.5 * p + 0.4) for p in raw]
        assert found.figures["probability_defect"] == pytest.approx(expected, abs=1e-6)
        assert found.alarms == {"probability_defect": [p >= 0.5 for p in expected]}
        asked = {"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [0.2, 0.4]}]}
        said = Serving(Active(site.home, state), "en")._infer("tiny", asked, "en")
    outputs = {each["name"]: each["data"] for each in said["outputs"]}
    assert outputs["probability_defect_alarm"] == [True]


@pytest.mark.parametrize("kept", ["head.onnx", "calibration.json"])
def test_a_file_that_was_released_and_is_kept_back_is_noticed(far, site, kept):
    files = version("1.0.0", 1.0, thresholds={"probability_defect": 0.5})
    targets = far.publish("tiny", "1.0.0", files)
    far.assign([t for t in targets if not t.path.endswith(kept)], delivery=1)
    site.once()
    assert site.version() is None
    assert far.states()[-1] == (1, "failed")
    assert kept in site.reason(1)


def test_a_small_file_of_another_name_is_no_part_of_a_version(far, site):
    targets = far.publish("tiny", "1.0.0", version("1.0.0", 1.0) | {"run.py": b"print(1)"})
    far.assign(targets, delivery=1)
    with pytest.raises(Exception, match=r"run\.py"):
        site.once()
    assert site.version() is None
    assert isinstance(targets[0], Target)


def test_a_head_that_hides_an_operator_or_fits_nothing_does_not_run(far, site):
    evil = version("1.0.0", 1.0) | {"head.onnx": bundles.custom_operator()}
    far.assign(far.publish("tiny", "1.0.0", evil), delivery=1)
    site.once()
    assert far.states()[-1] == (1, "failed")
    strange = version("1.0.1", 1.0) | {"head.onnx": head(1.0, wants="embedding")}
    far.assign(far.publish("tiny", "1.0.1", strange), delivery=2)
    site.once()
    assert far.states()[-1] == (2, "failed")
    assert "embedding" in site.reason(2)


def test_what_cannot_be_used_of_a_calibration_is_said(tmp_path):
    for told in (
        {"thresholds": {"other": 1.0}}, {"thresholds": {"p": "a"}}, {"thresholds": []},
        {"corrections": {"p": {"slope": 0}}}, {"corrections": {"p": {"low": 2, "high": 1}}},
        {"corrections": {"p": {"slope": float("nan")}}}, {"curve": {}}, {"thresholds": {"p": True}},
    ):  # fmt: skip
        with pytest.raises(CardUnreadable):
            Calibration.of(told, ["p"])
    for name, data in (version("1.0.0", 1.0) | {"head.onnx": head(1.0, "other")}).items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(HeadMismatch):
        Bundle.open(tmp_path)
