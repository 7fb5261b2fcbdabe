"""What the measurements of rollouts share: models of a given size, a chain of many sites, a hub."""

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from hub.migrations import upgrade
from hub.settings import Settings
from hub.wiring import Hub, wire
from supplychain.tables import Consent, Declaration, Firm, Link, Site, now
from tests.sharing.chain import sample_files

SLUG = "injection-quality"
_COLUMNS = 8


def machine() -> str:
    """The line above each table."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{platform.machine()}, {os.cpu_count()} processors, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, load before {os.getloadavg()[0]:.1f}"
    )


def weights(megabytes: float, seed: int) -> list[Any]:
    """Layers of a network of about that size. The last two are its head, a 25th of it."""
    dice = np.random.default_rng(seed)
    between = max(round(megabytes / 4), 1)
    width = round((megabytes * 0.96e6 / 4 / between) ** 0.5)
    neck = round(megabytes * 0.04e6 / 4 / width)
    shapes = [(_COLUMNS, width), *[(width, width)] * between, (width, neck), (neck, 1)]
    scale = [1e-3, *[width**-0.5] * between, width**-0.5, neck**-0.5]
    return [
        (dice.standard_normal(shape) * s).astype(np.float32)
        for shape, s in zip(shapes, scale, strict=True)
    ]


def model(layers: list[Any]) -> bytes:
    """The network as ONNX, in one file."""
    return _onnx(layers, "x", "probability_defect", "Sigmoid")


def parted(layers: list[Any]) -> tuple[bytes, bytes]:
    """The same in two files: all but the last two layers, and those as a head."""
    trunk = _onnx(layers[:-2], "x", "features", "Relu")
    return trunk, _onnx(layers[-2:], "features", "probability_defect", "Sigmoid")


def _onnx(layers: list[Any], fed: str, output: str, last: str) -> bytes:
    nodes, at = [], fed
    for number in range(len(layers)):
        final = number == len(layers) - 1
        after = output if final else f"a{number}"
        nodes.append(helper.make_node("MatMul", [at, f"w{number}"], [f"z{number}"]))
        nodes.append(helper.make_node(last if final else "Relu", [f"z{number}"], [after]))
        at = after
    sizes = layers[0].shape[0] if fed == "x" else "width", layers[-1].shape[1]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size])
        for name, size in zip((fed, output), sizes, strict=True)
    ]
    tensors = [numpy_helper.from_array(w, f"w{number}") for number, w in enumerate(layers)]
    graph = helper.make_graph(nodes, "bench", ends[:1], ends[1:], tensors)
    made: onnx.ModelProto = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9
    )
    return bytes(made.SerializeToString())


def bundle(version: str, *onnx_files: bytes) -> dict[str, bytes]:
    """The sample's card with this model, or model and head, and what it answers."""
    card = {**json.loads(sample_files()["card.json"]), "version": version}
    middle = [(c["low"] + c["high"]) / 2 for c in card["schema"]["inputs"]]
    rows = [middle, [each * 1.05 for each in middle]]
    at = np.asarray(rows, dtype=np.float32)
    for file in onnx_files:
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        at = session.run(None, {session.get_inputs()[0].name: at})[0]
    golden = {"inputs": rows, "outputs": at.tolist(), "tolerance": 1e-3}
    return {
        **dict(zip(("model.onnx", "head.onnx"), onnx_files, strict=False)),
        "card.json": json.dumps(card, ensure_ascii=False).encode(),
        "golden.json": json.dumps(golden).encode(),
    }


@contextmanager
def hub_in(folder: Path, url: str = "", **settings: Any) -> Iterator[Hub]:
    """A hub on an empty database in that folder, or at that address."""
    told = Settings(data=folder / "var", database_url=url, **settings)
    told.data.mkdir(parents=True)
    upgrade(told.database)
    hub = wire(told)
    try:
        yield hub
    finally:
        hub.close()


def chain(hub: Hub, sites: int) -> tuple[int, list[int]]:
    """A lead firm, a firm of tier 1, and so many firms of tier 2, a site each; lead and sites."""
    moulds = {"process": "injection", "joined_at": now()}
    with hub.db.work() as session:
        lead, first = Firm(name="한빛모빌리티(주)", joined_at=now()), Firm(name="1차 협력사")
        first.joined_at = now()
        seconds = [Firm(name=f"2차 협력사 {number}", **moulds) for number in range(sites)]
        session.add_all([lead, first, *seconds])
        session.flush()
        ends = [(first, lead), *((each, first) for each in seconds)]
        links = [Link(supplier_id=s.id, buyer_id=b.id) for s, b in ends]
        plants = [Site(firm_id=f.id, name="본사 공장", process="injection") for f in seconds]
        session.add_all([*links, *plants])
        session.flush()
        session.add_all(Declaration(link_id=row.id, firm_id=row.supplier_id) for row in links)
        session.add_all(Consent(firm_id=f.id, to_id=lead.id) for f in (first, *seconds))
        session.flush()
        return lead.id or 0, [plant.id or 0 for plant in plants]
