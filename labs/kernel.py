"""Runs cells in a kernel of a person's own server, over the websocket that JupyterLab uses too.

Messaging: jupyter-client.readthedocs.io, "Messaging in Jupyter", 5.4.
"""

import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote

import websocket

from labs.errors import CellFailed, JupyterHubAway, SpawnSlow
from labs.jupyter import JupyterHub

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Output:
    """What a cell gave: its printed text, and how many pictures it drew."""

    text: str = ""
    pictures: int = 0
    error: tuple[str, str] | None = None
    kinds: list[str] = field(default_factory=list)


class Kernel:
    """A running kernel; use as a context, so that it ends."""

    def __init__(self, jupyterhub: JupyterHub, learner: str, folder: str) -> None:
        self._hub, self._learner = jupyterhub, learner
        self.id = jupyterhub.start_kernel(learner, folder)
        base = jupyterhub.base.replace("http", "ws", 1)
        address = f"{base}/user/{quote(learner)}/api/kernels/{self.id}/channels"
        try:
            self._socket = websocket.create_connection(
                address, timeout=120, header=[f"Authorization: token {jupyterhub.token}"]
            )
        except (OSError, websocket.WebSocketException) as error:
            jupyterhub.end_kernel(learner, self.id)
            raise JupyterHubAway from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._hub.end_kernel(self._learner, self.id)

    def run(self, source: str, seconds: float = 300) -> Output:
        """Run one cell and give its output. Raises SpawnSlow where it does not end in time."""
        number = secrets.token_hex(8)
        content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False}
        header = {"msg_id": number, "msg_type": "execute_request", "username": "hub"}
        header |= {"session": self.id, "version": "5.3", "date": ""}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        output, until = Output(), time.monotonic() + seconds
        try:
            self._socket.send(json.dumps({**message, "channel": "shell", "buffers": []}))
            while time.monotonic() < until:
                heard = json.loads(self._socket.recv())
                if heard.get("parent_header", {}).get("msg_id") == number and _took(heard, output):
                    return output
        except (OSError, websocket.WebSocketException) as error:
            raise JupyterHubAway from error
        raise SpawnSlow(seconds=int(seconds))


def _took(heard: Mapping[str, Any], output: Output) -> bool:
    """Add what a message says to the output; whether the cell is done."""
    kind, content = heard["msg_type"], heard["content"]
    if kind == "stream":
        output.text += content["text"]
    elif kind in ("execute_result", "display_data"):
        output.kinds += list(content["data"])
        output.pictures += "image/png" in content["data"]
        output.text += str(content["data"].get("text/plain", "")) + "\n"
    elif kind == "error":
        output.error = (content["ename"], _ANSI.sub("", content["evalue"]))
    return bool(kind == "status" and content["execution_state"] == "idle")


def code_cells(notebook: Mapping[str, Any]) -> list[str]:
    """Sources of the cells that run, in order."""
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def run_cells(kernel: Kernel, cells: Sequence[str]) -> list[Output]:
    """Run cells from top to bottom. Raises CellFailed at the first that ends with an error."""
    outputs = []
    for number, source in enumerate(cells, start=1):
        output = kernel.run(source)
        if output.error is not None:
            raise CellFailed(cell=number, error=output.error[0], message=output.error[1])
        outputs.append(output)
    return outputs
