"""Files that want harm: whatever they try, the gate answers with faults and stays whole."""

import io
import json
import time
import zipfile
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from sharing.archive import files_from_zip
from sharing.faults import ADVICE_TEXTS, CHECKS, TEXTS, Fault, few
from sharing.gate import check, examine, inspect_bundle
from tests.sharing.bundles import bundle, linear, narrow_card
from tests.sharing.chain import sample_files

quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def codes(faults) -> set[str]:
    return {fault.code for fault in faults}


@quick
@given(st.binary(max_size=400), st.integers(0, 2**32))
def test_any_bytes_for_any_file(data, chance):
    name = Random(chance).choice(["model.onnx", "card.json", "golden.json", "head.onnx"])
    assert inspect_bundle({**bundle(), name: data})


@quick
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_a_model_with_bytes_changed(chance, times):
    """Also where it still parses: names, shapes, operators, numbers may all have changed."""
    random = Random(chance)
    data = bytearray(sample_files()["model.onnx"])
    for _ in range(times):
        # most of a file is its trees; what a parser chokes on stands at the ends
        place = random.choice(
            [random.randrange(2000), random.randrange(len(data)), -random.randrange(1, 400)]
        )
        data[place] = random.randrange(256)
    for fault in inspect_bundle({**sample_files(), "model.onnx": bytes(data)}):
        assert "%(" not in str(fault)


json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)


@quick
@given(st.dictionaries(st.sampled_from([*narrow_card(), "other"]), json_data))
def test_any_values_in_a_card(changes):
    card = json.dumps(narrow_card(**changes)) if "schema" not in changes else json.dumps(changes)
    for fault in inspect_bundle(bundle(**{"card.json": card.encode()})):
        assert "%(" not in str(fault)
        str(fault).encode()  # half a character would break the page


@quick
@given(st.dictionaries(st.sampled_from(["inputs", "outputs", "tolerance"]), json_data))
def test_any_values_in_golden_rows(golden):
    inspect_bundle(bundle(**{"golden.json": json.dumps(golden).encode()}))


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 100_000, b'{"a":' * 100_000, b'{"version": ' + b"9" * 10_000 + b"}",
        b'{"slug": "\\ud800"}', b"\xff\xfe", b'{"low": NaN, "high": Infinity}', b"null", b'"x"',
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["card.json", "golden.json", "calibration.json"])
def test_nesting_and_numbers_without_end(name, text):
    found = inspect_bundle(bundle(**{name: text}))
    assert found
    assert all(len(str(fault)) < 500 for fault in found)


def test_a_card_of_a_thousand_unknown_fields_is_told_in_few_words():
    strange = {f"field_{i}" * 50: 1 for i in range(1000)}
    found = check(bundle(**{"card.json": json.dumps(narrow_card() | strange).encode()}))
    assert len(found) == 101
    assert found[-1] == Fault("more_faults", {"count": 900})


def loop(rounds: int | None, body_output: bool = True):
    """x + 1, so many times; None: as long as a value says that never changes."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["on"], ["go"]),
            helper.make_node("Add", ["so_far", "one"], ["next"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("so_far", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, None),
        ],
    )
    tensors = [
        helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0]),
        helper.make_tensor("yes", TensorProto.BOOL, [], [True]),
    ]
    if rounds is not None:
        tensors.append(helper.make_tensor("rounds", TensorProto.INT64, [], [rounds]))
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["m"]),
        helper.make_node(
            "Loop", ["rounds" if rounds is not None else "", "yes", "m"], ["y"], body=body
        ),
    ]
    return linear(nodes=nodes, tensors=tensors)


def test_a_loop_has_to_have_an_end():
    assert codes(inspect_bundle(bundle(loop(None)))) == {"model_loop"}
    assert codes(inspect_bundle(bundle(loop(2**40)))) == {"model_loop"}
    assert codes(inspect_bundle(bundle(loop(-1)))) <= {"golden_differs"}
    assert "model_loop" not in codes(check(bundle(loop(3))))


def test_loops_in_loops_run_into_the_limit_and_harm_nobody():
    # each bounded, all together longer than anybody waits
    deep = loop(10_000).graph.node[1]
    for _ in range(3):
        outer = loop(10_000)
        inner = outer.graph.node[1].attribute[0].g
        del inner.node[:]
        inner.node.append(helper.make_node("Identity", ["on"], ["go"]))
        nested = helper.make_node(
            "Loop", ["rounds", "yes", "so_far"], ["next"], body=deep.attribute[0].g
        )
        inner.node.append(nested)
        deep = outer.graph.node[1]
    model = loop(10_000)
    model.graph.node[1].CopyFrom(deep)
    begun = time.monotonic()
    found = examine(bundle(model), seconds=8)
    assert time.monotonic() - begun < 30
    assert codes(found.faults) & {"check_too_long", "model_structure", "model_does_not_load"}
    assert found.checks["card"] == "passed"  # what was found before the end is told


def test_chance_in_a_model_is_refused():
    nodes = [
        helper.make_node("RandomNormalLike", ["m"], ["r"]),
        helper.make_node("MatMul", ["x", "w"], ["m"]),
        helper.make_node("Add", ["m", "r"], ["y"]),
    ]
    assert "model_random" in codes(
        inspect_bundle(bundle(linear(nodes=nodes[1:2] + nodes[:1] + nodes[2:])))
    )


def test_an_operator_that_no_standard_knows_is_refused_by_name():
    nodes = [helper.make_node("Shell", ["x", "w"], ["y"])]
    (found,) = inspect_bundle(bundle(linear(nodes=nodes)))
    assert (found.code, found.facts["operator"]) == ("model_operator", "Shell")


def test_deep_nesting_of_graphs_is_an_unreadable_model_at_most():
    graph = linear().graph
    for _ in range(40):
        node = helper.make_node("If", ["c"], ["y"], then_branch=graph, else_branch=graph)
        outer = helper.make_graph([node], "g", [], [])
        if outer.ByteSize() > 2**20:
            break
        graph = outer
    model = linear()
    model.graph.node.extend(graph.node)
    assert check(bundle(model))


def test_a_sparse_tensor_that_declares_more_than_it_brings_is_refused():
    model = linear()
    sparse = model.graph.sparse_initializer.add()
    sparse.dims.extend([2**30, 2**30])
    sparse.values.CopyFrom(helper.make_tensor("s", TensorProto.FLOAT, [1], [1.0]))
    sparse.indices.CopyFrom(helper.make_tensor("i", TensorProto.INT64, [1], [0]))
    assert check(bundle(model))


def test_the_process_of_the_gate_knows_no_secrets(monkeypatch):
    from sharing import gate

    monkeypatch.setenv("HUB_SECRET", "x")
    seen = {}
    real = gate.subprocess.run

    def run(*args, **kwargs):
        seen.update(kwargs["env"])
        return real(*args, **kwargs)

    monkeypatch.setattr(gate.subprocess, "run", run)
    assert check(sample_files()) == []
    assert not [name for name in seen if name.startswith("HUB_")]


def test_an_archive_of_bombs_and_of_a_thousand_entries():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(1000):
            archive.writestr(f"a{i}/b/c/../card.json", b"1")
        archive.writestr("model.onnx", b"\0" * (150 << 20))
    begun = time.monotonic()
    files, found = files_from_zip(packed.getvalue())
    assert time.monotonic() - begun < 20
    assert codes(found) == {"archive_entry"}
    assert all(len(data) <= (100 << 20) + 1 for data in files.values())
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w") as archive:
        archive.writestr("model.onnx", packed.getvalue()[:2000])
    inside, _ = files_from_zip(nested.getvalue())
    assert codes(inspect_bundle({**bundle(), **inside})) == {"model_foreign"}


def test_every_fault_has_a_check_and_advice_is_for_faults_that_are():
    assert set(ADVICE_TEXTS) <= set(TEXTS)
    for code in TEXTS:
        assert Fault(code).check in CHECKS
    assert few([]) == []
