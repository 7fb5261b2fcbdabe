"""A real JupyterHub behind the hub's sign-in: spawn, notebook, kernel, hand-in, grade."""

import re

import pytest
import requests

from hub.labs_process import jupyterhub_of
from labs.catalogue import lab_named
from labs.kernel import Kernel, code_cells, run_cells

pytestmark = [pytest.mark.parts, pytest.mark.timeout(900)]


def test_a_trainee_reaches_their_lab_with_the_hubs_password_alone(with_jupyterhub, browser):
    someone = browser("trainee")
    page = someone.http.get(f"{someone.labs}/hub/home", timeout=120)
    assert page.status_code == 200
    assert page.url.startswith(someone.labs), page.url
    assert someone.handle in page.text


def test_a_person_without_a_role_in_labs_is_refused(with_jupyterhub, browser):
    page = browser("officer").http.get(f"{with_jupyterhub.settings.labs_url}/hub/home", timeout=120)
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
    mine = someone.http.get(f"{someone.url}/api/v1/labs/first-look/mine", timeout=120).json()
    assert [a["passed"] for a in mine["attempts"]] == [True, False]


def test_pages_lead_to_the_notebook_and_stop_the_server(with_jupyterhub, browser):
    someone = browser("trainee")
    page = someone.http.get(f"{someone.url}/labs/first-look", timeout=120)
    opening = someone.post("/labs/first-look/open", page)
    assert opening.url.endswith("/labs/first-look/opening")
    jupyterhub_of(with_jupyterhub).wait_ready(someone.handle)
    now = someone.http.get(f"{someone.url}/labs/first-look/opening/now", timeout=120)
    address = now.headers["HX-Redirect"]
    assert address.endswith("/lab/tree/first-look/first-look.ko.ipynb")
    lab = someone.http.get(address, timeout=120)
    assert lab.status_code == 200
    assert "JupyterLab" in lab.text
    teacher = browser("instructor", name="이강사")
    servers = teacher.http.get(f"{teacher.url}/labs/servers", timeout=120)
    assert "홍길동" in servers.text
    stopped = teacher.post(f"/labs/servers/{someone.handle}/stop", servers)
    assert stopped.ok
    home = with_jupyterhub.settings.data / "labs" / "homes" / someone.handle
    assert (home / "first-look" / "first-look.ko.ipynb").is_file()


def test_signing_out_of_the_hub_ends_jupyterhubs_session(with_jupyterhub, browser):
    someone = browser("trainee")
    inside = someone.http.get(f"{someone.labs}/hub/home", timeout=120)
    assert inside.url.startswith(someone.labs)
    page = someone.http.get(f"{someone.url}/labs", timeout=120)
    out = someone.post("/sign-out", page)
    assert out.url.startswith(someone.url), out.url
    after = someone.http.get(f"{someone.labs}/hub/home", timeout=120)
    assert "/sign-in" in after.url


def test_a_disabled_account_loses_its_server_and_its_tokens(with_jupyterhub, browser):
    someone, admin = browser("trainee"), browser("administrator", name="관리자")
    jupyterhub = jupyterhub_of(with_jupyterhub)
    assert someone.http.get(f"{someone.labs}/hub/home", timeout=120).ok
    jupyterhub.start(someone.handle)
    jupyterhub.wait_ready(someone.handle)
    page = admin.http.get(f"{admin.url}/admin/people/{someone.handle}", timeout=120)
    assert admin.post(f"/admin/people/{someone.handle}/switch", page, active="no").ok
    assert jupyterhub.server(someone.handle).state == "stopped"
    after = someone.http.get(f"{someone.labs}/hub/home", timeout=120)
    assert "/sign-in" in after.url


def test_a_role_that_is_taken_away_counts_in_jupyterhub_too(with_jupyterhub, browser):
    someone, admin = browser("trainee", "administrator"), browser("administrator", name="관리자")
    jupyterhub = jupyterhub_of(with_jupyterhub)
    assert someone.http.get(f"{someone.labs}/hub/admin", timeout=120).ok
    jupyterhub.start(someone.handle)
    jupyterhub.wait_ready(someone.handle)
    page = admin.http.get(f"{admin.url}/admin/people/{someone.handle}", timeout=120)
    found = re.findall(rf"/admin/people/{someone.handle}/roles/\d+/take", page.text)
    assert admin.post(found[1], page).ok  # administrator; trainee stays
    assert someone.http.get(f"{someone.labs}/hub/home", timeout=120).ok
    assert someone.http.get(f"{someone.labs}/hub/admin", timeout=120).status_code == 403
    assert admin.post(found[0], page).ok
    assert someone.http.get(f"{someone.labs}/hub/home", timeout=120).status_code == 403


def test_a_server_sees_its_own_home_and_nothing_of_the_hub(with_jupyterhub, browser):
    from labs.isolation import why_not

    if why_not():
        pytest.skip(f"no walls on this machine: {why_not()}")
    one, other = browser("trainee"), browser("trainee")
    jupyterhub = jupyterhub_of(with_jupyterhub)
    for each in (one, other):
        jupyterhub.ensure_user(each.handle)
        jupyterhub.start(each.handle)
    for each in (one, other):
        jupyterhub.wait_ready(each.handle)
    data = with_jupyterhub.settings.data
    secrets = [data, data / "keys", data / "hub.sqlite", data / "labs" / "homes" / other.handle]
    from labs.catalogue import EXERCISES

    probe = f"""
import os, pathlib, subprocess
for path in {[str(path) for path in [*secrets, EXERCISES / "first-look"]]!r}:
    print("there" if pathlib.Path(path).exists() else "absent")
print(len([p for p in os.listdir("/proc") if p.isdigit()]) < 12, os.getuid())
print([k for k in os.environ if "SECRET" in k or "CRYPT" in k or k.startswith("LABS_")])
try:
    import hub
    print("hub importable")
except ImportError:
    print("no hub")
pathlib.Path("mine.txt").write_text("kept")
"""
    with Kernel(jupyterhub, one.handle, "") as kernel:
        output = kernel.run(probe)
    assert output.error is None, output.error
    assert output.text.split("\n")[:8] == [*["absent"] * 5, "True 1000", "[]", "no hub"]
    assert (data / "labs" / "homes" / one.handle / "mine.txt").read_text() == "kept"


def test_another_persons_server_is_closed(with_jupyterhub, browser):
    one, other = browser("trainee"), browser("trainee")
    jupyterhub = jupyterhub_of(with_jupyterhub)
    jupyterhub.ensure_user(one.handle)
    jupyterhub.start(one.handle)
    jupyterhub.wait_ready(one.handle)
    assert other.http.get(f"{other.labs}/hub/home", timeout=120).ok
    page = other.http.get(f"{other.labs}/user/{one.handle}/api/contents", timeout=120)
    assert page.status_code in (403, 404)
    forged = requests.get(
        f"{other.url}/api/v1/labs/first-look/mine",
        headers={"Authorization": "Bearer 0123456789abcdef"},
        timeout=120,
    )
    assert forged.status_code == 403
