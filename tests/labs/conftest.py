"""A hub that serves real requests, with its own JupyterHub beside it."""

import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import requests
import waitress

from hub.demo.stage import free_ports
from hub.migrations import upgrade
from hub.served import served
from hub.settings import Settings
from hub.wiring import wire

ROOT = Path(__file__).parents[2]
PATIENCE = 180  # seconds
SAMPLE = ROOT / "infra" / "sample" / "model"


def publish_sample(hub) -> None:
    """The model that the first lab practises on, published as a publisher would."""
    from hub.publishing import publish_bundle
    from tests.make import firm

    files = {path.name: path.read_bytes() for path in SAMPLE.iterdir()}
    publish_bundle(hub, files, firm(hub), "tester")


@pytest.fixture(scope="session")
def serving(tmp_path_factory):
    """A hub on a port of its own, pages and API, until the session of tests ends."""
    from hub.app import create_app

    web, labs, inner, proxy = free_ports(4)
    settings = Settings(
        data=tmp_path_factory.mktemp("labs") / "var",
        port=web,
        labs_port=labs,
        labs_hub_port=inner,
        labs_proxy_port=proxy,
    )
    settings.data.mkdir()
    upgrade(settings.database)
    hub = wire(settings)
    publish_sample(hub)
    server = waitress.create_server(create_app(hub), host="127.0.0.1", port=web, threads=8)
    with served(server):
        yield hub
    hub.close()


@pytest.fixture(scope="session")
def with_jupyterhub(serving):
    """The same hub with JupyterHub up; nothing of it is left when the tests end."""
    from hub.labs_process import labs_command, labs_health

    argv, env = labs_command(serving)
    log = serving.settings.data / "jupyterhub.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            argv, env={**os.environ, **env}, stdout=out, stderr=out, start_new_session=True
        )
    try:
        until = time.monotonic() + PATIENCE
        while not labs_health(serving.settings)[0]:
            assert process.poll() is None, log.read_text()[-3000:]
            assert time.monotonic() < until, log.read_text()[-3000:]
            time.sleep(0.2)
        yield serving
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE)
    until = time.monotonic() + PATIENCE
    while listens(serving.settings.labs_port):  # it is told to end, too, and takes a moment
        assert time.monotonic() < until, "the proxy lives on"
        time.sleep(0.1)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Browser:
    """Somebody with a browser: cookies, redirects, the hub's sign-in form."""

    def __init__(self, hub) -> None:
        self.hub = hub
        self.http = requests.Session()
        # A real one asks again where a line that lay idle is closed under its question.
        self.http.headers["Connection"] = "close"
        self.url = hub.settings.url
        self.labs = hub.settings.labs_url

    def sign_in(self, email: str, password: str) -> requests.Response:
        page = self.http.get(f"{self.url}/sign-in", timeout=120)
        return self.post("/sign-in", page, email=email, password=password)

    def post(self, path: str, page: requests.Response, **form: str) -> requests.Response:
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        form["csrf_token"] = token.group(1) if token else ""
        return self.http.post(f"{self.url}{path}", data=form, timeout=120)


@pytest.fixture
def browser(serving):
    """A function: a browser in which a new person with these roles has signed in."""
    from tests.make import PASSWORD, person

    def made(*roles: str, name: str = "홍길동") -> Browser:
        user = person(serving, *((role, None) for role in roles), name=name)
        browser = Browser(serving)
        answer = browser.sign_in(user.email, PASSWORD)
        assert answer.ok, answer.text[:500]
        browser.handle, browser.user = user.handle, user
        return browser

    return made
