"""Predictions over HTTP, on this PC only: the Open Inference Protocol, version 2 (REST).

Source: github.com/kserve/open-inference-protocol, `inference_rest.md`. A request may carry the
model's one tensor (rows × columns), or one tensor for each column by name, in any order.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from waitress.server import create_server

from sharing.agent.answer import Active, Prediction
from sharing.agent.errors import (
    AgentError,
    ColumnsMissing,
    InputMissing,
    InputRefused,
    ModelUnknown,
    NotJson,
    ServingPortTaken,
    ShapeWrong,
)
from sharing.agent.schema import OUTSIDE
from sharing.agent.words import LANGUAGES, sentence, word

HOST, PORT = "127.0.0.1", 8810
MOST_BYTES = 64 * 1024 * 1024
_MOST_FLAGS = 100  # sentences in one answer
_HERE = {"127.0.0.1", "localhost", "::1", "[::1]"}
_TYPES = {
    "tensor(float)": "FP32",
    "tensor(double)": "FP64",
    "tensor(int64)": "INT64",
    "tensor(int32)": "INT32",
    "tensor(bool)": "BOOL",
    "tensor(string)": "BYTES",
}

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Refused(Exception):
    """A status with its sentence."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        self.status = status
        super().__init__(text)


class Serving:
    """The WSGI application."""

    def __init__(self, active: Active, language: str) -> None:
        self._active = active
        self._language = language

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """Answer one request; never a traceback."""
        language = _language(environ, self._language)
        try:
            _only_from_here(environ)
            status, told = self._route(environ, language)
        except Refused as error:
            status, told = error.status, {"error": word(str(error), language)}
        except AgentError as error:
            status, told = _status(error), {"error": sentence(error, language)}
        except Exception:  # noqa: BLE001 - the service lives on, and says so
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            told = {"error": word("The agent met an error that it does not know.", language)}
        body = json.dumps(told, ensure_ascii=False).encode()
        start(
            f"{status.value} {status.phrase}",
            [("Content-Type", "application/json"), ("Content-Length", str(len(body)))],
        )
        return [body]

    def _route(self, environ: Environ, language: str) -> tuple[HTTPStatus, dict[str, Any]]:
        method = environ["REQUEST_METHOD"]
        path = str(environ.get("PATH_INFO", "")).encode("latin-1").decode("utf-8", "replace")
        match (method, [part for part in path.split("/") if part]):
            case "GET", ["v2"]:
                return HTTPStatus.OK, _server()
            case "GET", ["v2", "health", "live"]:
                return HTTPStatus.OK, {"live": True}
            case "GET", ["v2", "health", "ready"]:
                return self._ready(self._active.names())
            case "GET", ["v2", "models"]:
                return HTTPStatus.OK, {"models": self._active.names()}
            case _, ["v2", "models", model, "versions", number, *rest]:
                if self._active.bundle(model)[0].version != number:
                    raise ModelUnknown(model=f"{model} {number}")
                return self._model(method, model, rest, environ, language)
            case _, ["v2", "models", model, *rest]:
                return self._model(method, model, rest, environ, language)
        raise Refused(HTTPStatus.NOT_FOUND, "There is nothing at this address.")

    def _model(
        self, method: str, model: str, rest: list[str], environ: Environ, language: str
    ) -> tuple[HTTPStatus, dict[str, Any]]:
        match (method, rest):
            case "GET", []:
                return HTTPStatus.OK, self._metadata(model)
            case "GET", ["ready"]:
                status, told = self._ready([model])
                return status, {"name": model, **told}
            case "POST", ["infer"]:
                return HTTPStatus.OK, self._infer(model, _request(environ), language)
        raise Refused(HTTPStatus.NOT_FOUND, "There is nothing at this address.")

    def _ready(self, models: list[str]) -> tuple[HTTPStatus, dict[str, Any]]:
        try:
            for model in models:
                self._active.bundle(model)
        except ModelUnknown:
            raise
        except AgentError:
            models = []
        status = HTTPStatus.OK if models else HTTPStatus.SERVICE_UNAVAILABLE
        return status, {"ready": bool(models)}

    def _metadata(self, model: str) -> dict[str, Any]:
        running, bundle = self._active.bundle(model)
        width = len(bundle.schema.columns)
        outputs = [
            {"name": name, "datatype": _TYPES[kind], "shape": [-1]}
            for name, kind in bundle.outputs()
            if kind in _TYPES
        ]
        return {
            "name": model,
            "versions": [running.version],
            "platform": "onnxruntime_onnx",
            "inputs": [{"name": bundle.tensor, "datatype": "FP32", "shape": [-1, width]}],
            "outputs": outputs,
            "parameters": {
                "columns": [column._asdict() for column in bundle.schema.columns],
                "figures": list(bundle.schema.outputs),
            },
        }

    def _infer(self, model: str, asked: dict[str, Any], language: str) -> dict[str, Any]:
        _, bundle = self._active.bundle(model)
        given = _given(asked, bundle.tensor, [one.name for one in bundle.schema.columns])
        prediction = self._active.predict(model, given, language)
        wanted = {one.get("name") for one in asked.get("outputs", []) if isinstance(one, dict)}
        told: dict[str, Any] = {
            "model_name": model,
            "model_version": prediction.running.version,
            "outputs": [one for one in _outputs(prediction) if not wanted or one["name"] in wanted],
            "parameters": {"flags": _flags(prediction, language)},
        }
        return {"id": asked["id"], **told} if "id" in asked else told


def serve(active: Active, language: str, port: int) -> Any:
    """A server that is bound and waits for `run()`; raises ServingPortTaken."""
    try:
        return create_server(
            Serving(active, language),
            host=HOST,
            port=port,
            threads=4,
            max_request_body_size=MOST_BYTES,
            channel_timeout=30,
            ident=None,
        )
    except OSError as error:
        raise ServingPortTaken(port=port) from error


def _server() -> dict[str, Any]:
    return {"name": "sangsaeng-agent", "version": version("sangsaeng-hub"), "extensions": []}


def _language(environ: Environ, otherwise: str) -> str:
    asked = str(environ.get("HTTP_ACCEPT_LANGUAGE", ""))[:2].lower()
    return asked if asked in LANGUAGES else otherwise


def _only_from_here(environ: Environ) -> None:
    # A page of another site, open in this PC's browser, must not reach us through a name that
    # was bent to loopback (DNS rebinding), nor by a form.
    host = str(environ.get("HTTP_HOST", "")).rsplit(":", 1)[0] or HOST
    origin = urlsplit(str(environ.get("HTTP_ORIGIN", ""))).hostname
    if host not in _HERE or (origin is not None and origin not in _HERE):
        raise Refused(HTTPStatus.FORBIDDEN, "Only programs on this PC may ask.")


def _status(error: AgentError) -> HTTPStatus:
    if isinstance(error, LookupError):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, InputRefused):
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.INTERNAL_SERVER_ERROR


def _request(environ: Environ) -> dict[str, Any]:
    try:
        told = json.loads(environ["wsgi.input"].read())
    except (ValueError, RecursionError) as error:
        raise NotJson(why=f"JSON: {type(error).__name__}") from error
    if not isinstance(told, dict) or not isinstance(told.get("inputs"), list):
        raise NotJson(why="inputs: [ … ]")
    return told


def _given(asked: Mapping[str, Any], tensor: str, columns: list[str]) -> Any:
    """Rows, or columns by name."""
    tensors = {}
    for one in asked["inputs"]:
        if not isinstance(one, dict) or not isinstance(one.get("data"), list):
            raise NotJson(why="inputs[].name, shape, datatype, data")
        tensors[str(one.get("name"))] = one
    if tensor in tensors:
        return _rows(tensors[tensor], len(columns))
    if not tensors:
        raise InputMissing(tensor=tensor)
    if not set(tensors) & set(columns):
        raise ColumnsMissing(columns=", ".join(columns))
    return {name: _flat(one["data"]) for name, one in tensors.items() if name in columns}


def _rows(one: Mapping[str, Any], width: int) -> list[list[Any]]:
    data = one["data"]
    if data and all(isinstance(row, list) for row in data):
        return list(data)
    shape = one.get("shape")
    declared = shape[-1] if isinstance(shape, list) and len(shape) == 2 else width
    if declared != width or len(data) % width:
        raise ShapeWrong(columns=width, got=declared)
    return [data[at : at + width] for at in range(0, len(data), width)]


def _flat(data: list[Any]) -> list[Any]:
    return [value for row in data for value in (row if isinstance(row, list) else [row])]


def _outputs(prediction: Prediction) -> Iterator[dict[str, Any]]:
    for name, given in prediction.outputs.items():
        values = given
        if len(prediction.figures.get(name, ())) == values.size:  # corrected by a calibration
            values = np.asarray(prediction.figures[name], values.dtype).reshape(values.shape)
        if values.dtype != object or all(isinstance(value, str) for value in values.ravel()):
            yield _tensor(name, values)
    for name, figures in prediction.figures.items():
        if name not in prediction.outputs:
            yield _tensor(name, np.asarray(figures, dtype=np.float64))
    for name, alarms in prediction.alarms.items():
        yield _tensor(f"{name}_alarm", np.asarray(alarms, dtype=np.bool_))


def _tensor(name: str, values: NDArray[Any]) -> dict[str, Any]:
    kinds = {
        "float32": "FP32",
        "float64": "FP64",
        "int64": "INT64",
        "int32": "INT32",
        "bool": "BOOL",
    }
    return {
        "name": name,
        "datatype": kinds.get(values.dtype.name, "BYTES"),
        "shape": list(values.shape),
        "data": values.ravel().tolist(),
    }


def _flags(prediction: Prediction, language: str) -> list[str]:
    return [
        word(OUTSIDE, language) % flag.facts(language) for flag in prediction.flags[:_MOST_FLAGS]
    ]
