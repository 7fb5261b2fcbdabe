"""Goes through every lab as a trainee would, and as somebody would who only presses run.

On a hub of its own in a temporary folder, with the sample's model, served on a free port: the
notebooks talk to the real API and are graded by the real grader. Needs no JupyterHub.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
import waitress
from nbclient import NotebookClient
from sqlmodel import SQLModel

import hub.every_table
from hub.accounts import create_user, grant
from hub.app import create_app
from hub.publishing import publish_bundle
from hub.served import served
from hub.settings import Settings
from hub.tokens import make_token
from hub.wiring import Hub, wire
from labs.catalogue import LANGUAGES, Lab
from labs.services import best_attempt
from supplychain.tables import Firm

_ = hub.every_table  # the metadata must be whole

SAMPLE = Path(__file__).parents[1] / "infra" / "sample" / "model"
_CELL_SECONDS = 300


def check(labs: list[Lab]) -> Iterator[dict[str, object]]:
    """For each lab: slug, languages, minutes, max_points, solution_points, blank_points.

    `solution_points` is the worst and `blank_points` the best of the languages; blank means the
    notebook as a trainee first sees it.
    """
    with TemporaryDirectory() as folder, _serving(Path(folder)) as there:
        for lab in labs:
            solved = [_points(there, lab, code, solve=True) for code in LANGUAGES]
            blank = [_points(there, lab, code, solve=False) for code in LANGUAGES]
            yield {
                "slug": lab.slug,
                "languages": list(LANGUAGES),
                "minutes": lab.minutes,
                "max_points": lab.max_points,
                "solution_points": min(solved),
                "blank_points": max(blank),
            }


def solved(notebook: dict[str, Any], solution: str) -> dict[str, Any]:
    """The notebook with its answers cell replaced by the reference solution."""
    copy = deepcopy(notebook)
    for cell in copy["cells"]:
        if "answers" in cell["metadata"].get("tags", []):
            cell["source"] = solution
    return copy


@contextmanager
def _serving(folder: Path) -> Iterator[Hub]:
    """An empty hub with the sample's model, answering on a free port."""
    hub = wire(Settings(data=folder / "var"))
    SQLModel.metadata.create_all(hub.db.engine)
    with hub.db.work() as session:
        firm = Firm(name="Check")
        session.add(firm)
        session.flush()
        firm_id = firm.id or 0
    publish_bundle(hub, {p.name: p.read_bytes() for p in SAMPLE.iterdir()}, firm_id, "check")
    server = waitress.create_server(create_app(hub), host="127.0.0.1", port=0, threads=4)
    hub.settings = hub.settings.model_copy(update={"port": server.effective_port})
    try:
        with served(server):
            yield hub
    finally:
        hub.close()


def _points(hub: Hub, lab: Lab, language: str, *, solve: bool) -> float:
    """Points of one run from top to bottom, by a person of their own; 0 without a hand-in."""
    with hub.db.work() as session:
        email = f"{lab.slug}-{language}-{solve}@check.example".lower()
        user = create_user(session, email, "Check", "only-for-this-check")
        grant(session, user, "trainee")
        token, learner = make_token(session, user, "check", days=1), user.handle
    notebook = lab.notebook(language)
    document = solved(notebook, lab.solution()) if solve else notebook
    # The folder of the run, so that a hand-in that could not be sent is kept there, not here.
    work = hub.settings.data / "runs" / learner
    work.mkdir(parents=True)
    client = NotebookClient(
        nbformat.reads(json.dumps(document), as_version=4),  # type: ignore[no-untyped-call]
        timeout=_CELL_SECONDS,
        kernel_name="python3",
        allow_errors=not solve,
        resources={"metadata": {"path": str(work)}},
    )
    # What kernels write on their own account is of no use to the reader of a table of points.
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    client.execute(env=_environment(hub, token, language), **quiet)
    with hub.db.reading() as session:
        best = best_attempt(session, learner, lab.slug)
        return best.points if best else 0.0


def _environment(hub: Hub, token: str, language: str) -> dict[str, str]:

    own = {key: value for key, value in os.environ.items() if not key.startswith("HUB_")}
    return {
        **own,
        "SANGSAENG_URL": hub.settings.url,
        "SANGSAENG_TOKEN": token,
        "SANGSAENG_LOCALE": language,
    }
