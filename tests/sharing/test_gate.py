"""The gate lets through what is sound, and says everything that is wrong with the rest."""

import io
import json
import pickle
import zipfile

import pytest
from onnx import TensorProto, helper
from sklearn.linear_model import LogisticRegression

from sharing.archive import files_from_zip
from sharing.faults import TEXTS, Fault
from sharing.gate import check, faults_of, inspect_bundle
from tests.sharing.bundles import bundle, card, linear, narrow_card, written
from tests.sharing.chain import sample_files


def codes(files) -> list[str]:
    return sorted({fault.code for fault in faults_of(files)})


def test_the_sample_passes_in_a_process_of_its_own():
    assert check(sample_files()) == []


def test_a_small_model_passes(tmp_path):
    assert faults_of(written(bundle(), tmp_path / "b")) == []


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_a_pickle_renamed_is_refused_and_never_opened(protocol, tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    assert codes(bundle(pickle.dumps(Trap(), protocol))) == ["model_pickle"]
    assert not (tmp_path / "sprung").exists()


def test_a_real_sklearn_pickle_is_refused():
    assert codes(bundle(pickle.dumps(LogisticRegression()))) == ["model_pickle"]


def test_an_empty_file_and_garbage_are_refused():
    assert codes(bundle(b"")) == ["file_empty"]
    assert codes(bundle(b"\x00\xff" * 500)) == ["model_unreadable"]
    assert codes(bundle(b"PK\x03\x04....")) == ["model_foreign"]


def test_a_custom_operator_is_refused_wherever_it_hides():
    plain = helper.make_node("Escape", ["x", "w"], ["y"], domain="com.evil")
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.evil", 1)]
    assert codes(bundle(linear(nodes=[plain], opsets=opsets))) == ["model_operator"]
    branch = helper.make_graph(
        [helper.make_node("Escape", [], ["z"], domain="com.evil")],
        "inner",
        [],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)],
    )
    nodes = [
        helper.make_node("If", ["c"], ["q"], then_branch=branch, else_branch=branch),
        helper.make_node("MatMul", ["x", "w"], ["y"]),
    ]
    yes = helper.make_tensor("c", TensorProto.BOOL, [], [True])
    found = faults_of(bundle(linear(nodes=nodes, opsets=opsets, tensors=[yes])))
    assert Fault("model_operator", {"operator": "Escape", "domain": "com.evil"}) in found


def test_data_outside_the_file_is_refused(tmp_path):
    outside = TensorProto(name="far", data_type=TensorProto.FLOAT, dims=[1])
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="/etc/passwd")
    assert codes(bundle(linear(tensors=[outside]))) == ["model_external"]


def test_a_huge_tensor_is_refused_before_it_is_made():
    huge = TensorProto(name="huge", data_type=TensorProto.FLOAT, dims=[1 << 20, 1 << 12])
    assert codes(bundle(linear(tensors=[huge]))) == ["model_too_large"]


def test_an_old_operator_set_another_type_another_name_another_width():
    old = linear(opsets=[helper.make_opsetid("", 6)])
    assert "model_opset" in codes(bundle(old))
    assert "model_input_type" in codes(bundle(linear(elem_type=TensorProto.DOUBLE)))
    assert "model_input_name" in codes(bundle(linear(name="features")))
    assert "model_input_width" in codes(bundle(linear(columns=3)))


def test_a_model_that_does_not_hold_together_is_refused():
    broken = linear(nodes=[helper.make_node("MatMul", ["x", "nowhere"], ["y"])])
    assert codes(bundle(broken)) == ["model_structure"]


def test_results_that_differ_are_told_row_by_row():
    golden = {"inputs": [[200, 40], [210, 50]], "outputs": [[120.0], [131.0]]}
    (fault,) = faults_of(bundle(**{"golden.json": json.dumps(golden).encode()}))
    assert (fault.code, fault.facts["row"], fault.facts["found"]) == ("golden_differs", 2, "130")


def test_a_loose_tolerance_does_not_help():
    golden = {"inputs": [[200, 40]], "outputs": [[999.0]], "tolerance": 1e9}
    assert codes(bundle(**{"golden.json": json.dumps(golden).encode()})) == ["golden_differs"]


@pytest.mark.parametrize(
    ("golden", "code"),
    [
        (b"{", "json_unreadable"),
        (b"[]", "golden_shape"),
        (b'{"inputs": [], "outputs": []}', "golden_empty"),
        (b'{"inputs": [[200, 40]], "outputs": []}', "golden_shape"),
        (b'{"inputs": [[200]], "outputs": [[1]]}', "golden_shape"),
        (b'{"inputs": [[200, "a"]], "outputs": [[1]]}', "golden_shape"),
        (b'{"inputs": [[200, null]], "outputs": [[1]]}', "golden_range"),
        (b'{"inputs": [[20000, 40]], "outputs": [[1]]}', "golden_range"),
    ],
)
def test_golden_rows_that_do_not_fit(golden, code):
    assert code in {fault.code for fault in inspect_bundle(bundle(**{"golden.json": golden}))}


def test_everything_that_is_wrong_is_told_at_once():
    bad = narrow_card(colour="red", slug="Not A Slug", competences=["everything:apply"])
    del bad["fallback"]
    bad["schema"]["inputs"][0].update(low=9, high=1)
    files = bundle(pickle.dumps(1), **{"card.json": json.dumps(bad).encode(), "x.py": b"1"})
    del files["golden.json"]
    assert codes(files) == [
        "card_missing", "card_unknown", "card_wrong", "competence_unknown", "file_missing",
        "file_unknown", "model_pickle", "range_reversed",
    ]  # fmt: skip


def test_every_fault_has_a_sentence_that_its_facts_fill():
    bad = card(version="one", slug="")
    for fault in faults_of(bundle(linear(columns=3), **{"card.json": json.dumps(bad).encode()})):
        assert fault.code in TEXTS
        assert "%(" not in str(fault)


def test_a_check_that_takes_too_long_is_ended():
    assert [fault.code for fault in check(sample_files(), seconds=0.01)] == ["check_too_long"]


def test_a_model_that_eats_all_memory_breaks_its_own_process_only():
    # 2^40 zeros, made from a file of a few hundred bytes
    shape = helper.make_tensor("s", TensorProto.INT64, [2], [1 << 20, 1 << 20])
    nodes = [
        helper.make_node("ConstantOfShape", ["s"], ["zeros"]),
        helper.make_node("ReduceSum", ["zeros"], ["none"], keepdims=0),
        helper.make_node("MatMul", ["x", "w"], ["m"]),
        helper.make_node("Add", ["m", "none"], ["y"]),
    ]
    found = check(bundle(linear(nodes=nodes, tensors=[shape])))
    assert {fault.code for fault in found} <= {
        "check_broke", "model_does_not_load", "golden_fails", "check_too_long",
    }  # fmt: skip
    assert found


def zipped(**entries: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return packed.getvalue()


def test_an_archive_gives_its_files_also_from_one_folder():
    files = {f"mine/{name}": data for name, data in sample_files().items()}
    assert files_from_zip(zipped(**files, **{"__MACOSX/x": b"1"})) == (sample_files(), [])


def test_an_archive_cannot_lead_out_of_its_folder_or_blow_up():
    found = files_from_zip(zipped(**{"../model.onnx": b"1", "/card.json": b"1", "a.exe": b"1"}))
    assert [fault.code for fault in found[1]] == ["archive_entry", "archive_entry", "file_unknown"]
    bomb = files_from_zip(zipped(**{"card.json": b"\0" * (64 << 20)}))[0]
    assert len(bomb["card.json"]) == 2**20 + 1
    assert "file_too_large" in codes(bundle(**bomb))


def test_what_is_no_archive_is_said_to_be_none():
    assert files_from_zip(b"PK\x03\x04 not really")[1] == [Fault("archive_unreadable")]


def test_a_head_is_as_wide_as_what_the_model_gives_it():
    two_columns_in_one_out = linear()  # the card names two columns, a head reads the one result
    takes = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1])
    gives = helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", 1])
    nodes = [helper.make_node("Identity", ["y"], ["z"])]
    head = helper.make_model(
        helper.make_graph(nodes, "head", [takes], [gives]),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    files = bundle(two_columns_in_one_out, **{"head.onnx": head.SerializeToString()})
    assert codes(files) == []
