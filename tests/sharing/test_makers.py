"""Bundles from ONNX files as exporters leave them, and from MLflow's folders."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import yaml
from click.testing import CliRunner
from onnx import TensorProto, helper, numpy_helper

from hub.cli.models import models as command
from sharing.agent.bundle import Bundle
from sharing.bundle import bundle_from_mlflow, bundle_from_onnx, rows_from_csv
from sharing.errors import FolderUnusable
from sharing.gate import check, examine
from sharing.mlflow_folder import read_folder
from tests.sharing.bundles import card

RNG = np.random.default_rng(5)
ROWS = RNG.normal(size=(80, 3)).astype(np.float32)
WEIGHTS = np.array([[1.0], [-2.0], [0.5]], dtype=np.float32)


def torch_like(folder: Path, rows: object = "batch", *, outside: bool = False) -> Path:
    """As torch.onnx.export writes it: operator set 20, its names, notes of shapes."""
    weights = numpy_helper.from_array(np.tile(WEIGHTS, (1, 400)), "body.0.weight")
    small = numpy_helper.from_array(np.full((400, 1), 1 / 400, np.float32), "body.2.weight")
    graph = helper.make_graph(
        [
            helper.make_node(
                "MatMul", ["features", "body.0.weight"], ["linear"], name="node_linear"
            ),
            helper.make_node(
                "MatMul", ["linear", "body.2.weight"], ["linear_1"], name="node_linear_1"
            ),
        ],
        "main_graph",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [rows, 3])],
        [helper.make_tensor_value_info("linear_1", TensorProto.FLOAT, [rows, 1])],
        [weights, small],
        value_info=[helper.make_tensor_value_info("linear", TensorProto.FLOAT, [rows, 400])],
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("pkg.onnxscript.torch_lib", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="pytorch")
    file = folder / "net.onnx"
    onnx.save(
        model, file, save_as_external_data=outside, location="net.onnx.data", size_threshold=0
    )
    return file


def as_csv(folder: Path, names: list[str], rows: np.ndarray) -> Path:
    file = folder / "rows.csv"
    lines = [",".join(names), *(",".join(map(str, row)) for row in rows.tolist())]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def told(**schema: list) -> dict:
    said = card(slug="net")
    words = {"ko": "값", "en": "Value", "unit": "1"}
    said["schema"] = {
        "inputs": [{"name": n, "low": -9, "high": 9, **words} for n in schema["inputs"]],
        "outputs": [{"name": n, "low": -99, "high": 99, **words} for n in schema["outputs"]],
    }
    return said


@pytest.mark.parametrize(("rows", "outside"), [("batch", False), ("batch", True), (5, False)])
def test_what_torch_exports_becomes_a_bundle_that_passes(tmp_path, rows, outside):
    file = torch_like(tmp_path, rows, outside=outside)
    columns = {name: ROWS[:, i] for i, name in enumerate("abc")}
    said = told(inputs=["a", "b", "c"], outputs=["score"])
    folder = bundle_from_onnx(file, said, columns, tmp_path / "b")
    assert check(folder) == []
    assert sorted(p.name for p in folder.iterdir()) == ["card.json", "golden.json", "model.onnx"]
    found = Bundle.open(folder)
    assert found.figures(found.run(ROWS.tolist()))["score"] == pytest.approx(
        (ROWS @ WEIGHTS).ravel().tolist(), abs=1e-4
    )


def test_results_that_the_rows_bring_are_what_the_model_must_give(tmp_path):
    file = torch_like(tmp_path)
    columns = {name: ROWS[:, i] for i, name in enumerate("abc")} | {"score": np.zeros(80)}
    said = told(inputs=["a", "b", "c"], outputs=["score"])
    folder = bundle_from_onnx(file, said, columns, tmp_path / "b")
    assert {fault.code for fault in check(folder)} == {"golden_differs"}


def test_without_a_card_one_is_begun_and_what_is_missing_is_told(tmp_path):
    file = torch_like(tmp_path)
    rows = as_csv(
        tmp_path, ["Temp [K]", "Torque", "Wear", "score"], np.hstack([ROWS, ROWS @ WEIGHTS])
    )
    out = tmp_path / "b"
    asked = ["bundle", "onnx", str(file), "--rows", str(rows), "--out", str(out), "--json"]
    said = json.loads(CliRunner().invoke(command, asked, catch_exceptions=False).output)
    assert {fault["check"] for fault in said["faults"]} == {"card", "origin"}
    assert said["checks"]["golden"] == "passed"
    begun = json.loads((out / "card.json").read_text())
    assert [each["name"] for each in begun["schema"]["inputs"]] == ["temp_k", "torque", "wear"]
    assert [each["name"] for each in begun["schema"]["outputs"]] == ["score"]
    plain = CliRunner().invoke(command, ["check", str(out)])
    assert plain.exit_code == 2
    assert "✗ card" in plain.output
    assert "→" in plain.output


def test_one_input_for_each_column_is_joined_by_name(tmp_path):
    names = ["wear", "torque"]
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["wear"], ["wear_f"], to=TensorProto.FLOAT),
            helper.make_node("Sub", ["torque", "wear_f"], ["y"]),
        ],
        "columns",
        [
            helper.make_tensor_value_info("wear", TensorProto.INT64, [None, 1]),
            helper.make_tensor_value_info("torque", TensorProto.FLOAT, [None, 1]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])],
    )
    file = tmp_path / "m.onnx"
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), file
    )
    rows = {"torque": [5.0, 7.0, 1.0], "wear": [1.0, 2.0, 3.0]}
    said = told(inputs=sorted(names), outputs=["left"])
    folder = bundle_from_onnx(file, said, rows, tmp_path / "b")
    assert check(folder) == []
    golden = json.loads((folder / "golden.json").read_text())
    assert sorted(map(tuple, golden["inputs"])) == [(1.0, 3.0), (5.0, 1.0), (7.0, 2.0)]
    assert sorted(golden["outputs"]) == [[-2.0], [4.0], [5.0]]


def test_a_classifier_with_dictionaries_and_a_double_table(tmp_path):
    from skl2onnx import to_onnx
    from sklearn.linear_model import LogisticRegression

    labels = (ROWS @ WEIGHTS).ravel() > 0
    model = LogisticRegression().fit(ROWS.astype(np.float64), labels)
    file = tmp_path / "m.onnx"
    onnx.save(to_onnx(model, ROWS[:1].astype(np.float64), target_opset=18), file)  # with ZipMap
    columns = {name: ROWS[:, i] for i, name in enumerate("abc")}
    said = told(inputs=["a", "b", "c"], outputs=["chance"])
    folder = bundle_from_onnx(file, said, columns, tmp_path / "b")
    assert check(folder) == []
    found = Bundle.open(folder)
    chance = model.predict_proba(ROWS.astype(np.float64))[:, 1]
    assert found.figures(found.run(ROWS.tolist()))["chance"] == pytest.approx(
        chance.tolist(), abs=1e-5
    )


def test_what_cannot_become_a_bundle_is_said_in_words(tmp_path):
    text = helper.make_tensor_value_info("kind", TensorProto.STRING, [None, 1])
    out = helper.make_tensor_value_info("y", TensorProto.STRING, [None, 1])
    graph = helper.make_graph([helper.make_node("Identity", ["kind"], ["y"])], "g", [text], [out])
    file = tmp_path / "m.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]), file)
    with pytest.raises(FolderUnusable, match="takes no numbers"):
        bundle_from_onnx(file, {}, {"kind": [1.0]}, tmp_path / "b")
    (tmp_path / "x.onnx").write_bytes(b"\xff\x00no")
    with pytest.raises(FolderUnusable, match="not a readable"):
        bundle_from_onnx(tmp_path / "x.onnx", {}, {"a": [1.0]}, tmp_path / "b")
    rows = {"a": [1.0], "b": [1.0]}
    with pytest.raises(FolderUnusable, match="columns"):
        bundle_from_onnx(torch_like(tmp_path), {}, rows, tmp_path / "b")
    (tmp_path / "r.csv").write_text("a\nx\n")
    with pytest.raises(FolderUnusable):
        rows_from_csv(tmp_path / "r.csv")


def mlflow_folder(folder: Path, **changes: object) -> Path:
    """As mlflow.onnx.save_model leaves it (MLflow 3)."""
    folder.mkdir()
    torch_like(folder).rename(folder / "model.onnx")
    names = ["Air temperature [K]", "Torque [Nm]", "Tool wear [min]"]
    inputs = [{"type": "double", "name": name, "required": i != 2} for i, name in enumerate(names)]
    outputs = [{"type": "float", "name": "score", "required": True}]
    written = {
        "artifact_path": "model",
        "flavors": {
            "onnx": {"code": None, "data": "model.onnx", "onnx_version": "1.19.0"},
            "python_function": {"loader_module": "mlflow.onnx", "data": "model.onnx"},
        },
        "signature": {"inputs": json.dumps(inputs), "outputs": json.dumps(outputs), "params": None},
        "saved_input_example_info": {"artifact_path": "input_example.json", "type": "dataframe"},
        **changes,
    }
    (folder / "MLmodel").write_text(yaml.safe_dump(written))
    example = {"columns": names, "data": ROWS.tolist()}
    (folder / "input_example.json").write_text(json.dumps(example))
    return folder


def test_a_folder_of_mlflow_begins_the_schema_and_brings_rows(tmp_path):
    folder = mlflow_folder(tmp_path / "model")
    out = tmp_path / "b"
    asked = ["bundle", "mlflow", str(folder), "--out", str(out), "--json"]
    said = json.loads(CliRunner().invoke(command, asked, catch_exceptions=False).output)
    assert said["checks"]["golden"] == "passed"
    schema = json.loads((out / "card.json").read_text())["schema"]
    assert [(c["name"], c["missing_allowed"]) for c in schema["inputs"]] == [
        ("air_temperature_k", False), ("torque_nm", False), ("tool_wear_min", True),
    ]  # fmt: skip
    assert [c["name"] for c in schema["outputs"]] == ["score"]


def test_the_signatures_order_holds_and_a_card_may_not_lack_a_column(tmp_path):
    folder = mlflow_folder(tmp_path / "model")
    names = ["torque_nm", "tool_wear_min", "air_temperature_k"]
    made = bundle_from_mlflow(folder, told(inputs=names, outputs=["score"]), None, tmp_path / "b")
    assert examine(made).passed
    schema = json.loads((made / "card.json").read_text())["schema"]
    assert [c["name"] for c in schema["inputs"]] == [
        "air_temperature_k", "torque_nm", "tool_wear_min",
    ]  # fmt: skip
    with pytest.raises(FolderUnusable, match="tool_wear_min"):
        bundle_from_mlflow(folder, told(inputs=names[:1], outputs=["score"]), None, tmp_path / "c")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"flavors": {"sklearn": {"pickled_model": "model.pkl"}}}, "no ONNX flavour"),
        ({"flavors": {"onnx": {"data": "../../etc/passwd"}}}, "not in the folder"),
        (
            {"signature": {"inputs": '[{"type": "string", "name": "kind"}]'}},
            "kind is of type string",
        ),
        ({"signature": {"inputs": "["}}, "signature"),
    ],
)
def test_folders_that_cannot_be_taken(tmp_path, changes, why):
    with pytest.raises(FolderUnusable, match=why):
        read_folder(mlflow_folder(tmp_path / "model", **changes))


def test_a_folder_without_mlmodel_or_with_a_program_in_it(tmp_path):
    with pytest.raises(FolderUnusable):
        read_folder(tmp_path)
    sprung = tmp_path / "sprung"
    (tmp_path / "MLmodel").write_text(f'!!python/object/apply:os.mkdir ["{sprung}"]')
    with pytest.raises(FolderUnusable):
        read_folder(tmp_path)
    assert not sprung.exists()


def test_the_example_for_users_makes_a_bundle_that_passes(tmp_path):
    import subprocess
    import sys

    example = Path(__file__).parents[2] / "infra" / "sample" / "publish_from_notebook.py"
    folder = tmp_path / "bundle"
    subprocess.run([sys.executable, str(example), str(folder)], check=True, capture_output=True)
    done = CliRunner().invoke(command, ["check", str(folder)], catch_exceptions=False)
    assert done.exit_code == 0
    assert done.output.endswith("passed\n")
