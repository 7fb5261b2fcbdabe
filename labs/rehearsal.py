"""A lab from spawn to grade without a browser: what `hub demo` and measurements do.

The server, the notebook in its home, the kernel and the hand-in are the real ones; only the
clicking is done by this program, and the last cell holds the reference solution.
"""

import time
from dataclasses import dataclass

from labs.catalogue import Lab
from labs.jupyter import JupyterHub
from labs.kernel import Kernel, code_cells, run_cells


@dataclass(frozen=True)
class Rehearsal:
    """How long each part took, in seconds, and what the notebook said last."""

    spawn_seconds: float
    notebook_seconds: float
    kernel_seconds: float
    cells: int
    pictures: int
    last_words: str


def rehearse(jupyterhub: JupyterHub, learner: str, lab: Lab, language: str = "ko") -> Rehearsal:
    """Start the person's server, put the notebook there, run it, and hand in the solution.

    Raises SpawnFailed, SpawnSlow, CellFailed, JupyterHubAway.
    """
    began = time.monotonic()
    jupyterhub.ensure_user(learner)
    jupyterhub.start(learner, language)
    jupyterhub.wait_ready(learner)
    up = time.monotonic()
    notebook = lab.notebook(language)
    jupyterhub.put_notebook(learner, f"{lab.slug}/{lab.notebook_name(language)}", notebook)
    there = time.monotonic()
    *cells, _answers = code_cells(notebook)
    with Kernel(jupyterhub, learner, lab.slug) as kernel:
        outputs = run_cells(kernel, [*cells, lab.solution()])
    done = time.monotonic()
    return Rehearsal(
        spawn_seconds=round(up - began, 2),
        notebook_seconds=round(there - up, 2),
        kernel_seconds=round(done - there, 2),
        cells=len(outputs),
        pictures=sum(output.pictures for output in outputs),
        last_words=outputs[-1].text.strip().partition("\n")[0],
    )
