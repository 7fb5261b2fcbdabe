"""A real JupyterHub behind the hub's sign-in: spawn, notebook, kernel, hand-in, grade."""

import pytest

from hub.labs_process import jupyterhub_of
from labs.catalogue import lab_named
from labs.kernel import Kernel, code_cells, run_cells

pytestmark = [pytest.mark.parts, pytest.mark.timeout(180)]


def test_a_trainee_reaches_their_lab_with_the_hubs_password_alone(with_jupyterhub, browser):
    someone = browser("trainee")
    page = someone.http.get(f"{someone.labs}/hub/home", timeout=30)
    assert page.status_code == 200
    assert page.url.startswith(someone.labs), page.url
    assert someone.handle in page.text


def test_a_person_without_a_role_in_labs_is_refused(with_jupyterhub, browser):
    page = browser("officer").http.get(f"{with_jupyterhub.settings.labs_url}/hub/home", timeout=30)
    assert page.status_code == 403


def test_spawn_run_submit_grade(with_jupyterhub, browser):
    someone, lab = browser("trainee"), lab_named("first-look")
    jupyterhub = jupyterhub_of(with_jupyterhub)
    jupyterhub.ensure_user(someone.handle)
    jupyterhub.start(someone.handle)
    jupyterhub.wait_ready(someone.handle)
    assert jupyterhub.put_notebook(someone.handle, "first-look/nb.ipynb", lab.notebook("ko"))
    assert not jupyterhub.put_notebook(someone.handle, "first-look/nb.ipynb", lab.notebook("ko"))
    cells = code_cells(lab.notebook("ko"))
    with Kernel(jupyterhub, someone.handle, "first-look") as kernel:
        blank = run_cells(kernel, cells)
        assert sum(output.pictures for output in blank) == 3
        assert "아직 통과가 아닙니다" in blank[-1].text
        solved = kernel.run(lab.solution())
        assert solved.error is None
        assert "통과했습니다" in solved.text
    mine = someone.http.get(f"{someone.url}/api/v1/labs/first-look/mine", timeout=20).json()
    assert [a["passed"] for a in mine["attempts"]] == [True, False]
