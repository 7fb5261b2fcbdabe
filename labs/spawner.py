"""How JupyterHub starts a person's server: behind bubblewrap, or plainly where that is missing.

Loaded by JupyterHub's own process (infra/jupyterhub_config.py), never by the hub.
"""

import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyterhub.spawner import SimpleLocalProcessSpawner

from labs import isolation

_QUIET = [
    # Nothing is asked of other hosts: no news, no look for updates, no store of extensions.
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    # A kernel that nobody uses ends, so that the server itself can be seen to be idle.
    "--MappingKernelManager.cull_idle_timeout=3600",
    "--MappingKernelManager.cull_connected=True",
]
_LARGEST_FILE = 1 << 30


class PlainSpawner(SimpleLocalProcessSpawner):
    """A process of the hub's own user, in a home of its own. No walls: the trainer is told."""

    home_inside: str | None = None
    cmd: Any  # JupyterHub's own trait; named here because JupyterHub has no types

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Environment of the server: its home, JupyterLab's settings in the person's language."""
        env = super().user_env(env)
        env["HOME"] = self.home_inside or self.home_dir
        env["USER"] = env["LOGNAME"] = "trainee"
        language = "en" if self.user_options.get("locale") == "en" else "ko"
        env["JUPYTER_CONFIG_PATH"] = str(Path(__file__).parent / "jupyterlab" / language)
        env["SANGSAENG_LOCALE"] = language
        env["ORT_DISABLE_TELEMETRY"] = "1"  # whatever a cell imports first
        env["PATH"] = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
        env.setdefault("LANG", "C.UTF-8")
        for name in ("PYTHONPATH", "VIRTUAL_ENV"):
            env.pop(name, None)
        return env

    def get_args(self) -> list[str]:
        """Arguments of the server; root's plain server needs Jupyter's leave to run at all."""
        args: list[str] = [*super().get_args(), *_QUIET]
        as_root = self.home_inside is None and os.geteuid() == 0
        return [*args, "--allow-root"] if as_root else args

    def make_preexec_fn(self, name: str) -> Callable[[], None]:
        """What the child does before it becomes the server."""
        enter = super().make_preexec_fn(name)

        def prepare() -> None:
            os.umask(0o077)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
            enter()

        return prepare


class BubblewrapSpawner(PlainSpawner):
    """The same, behind the walls of labs.isolation."""

    home_inside = isolation.HOME

    async def start(self) -> tuple[str, int]:
        """Start the server; the home is made first, since it is bound into the walls."""
        home = Path(self.home_dir)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)  # noqa: ASYNC240 -- a blink
        plain: list[str] = list(self.cmd)
        self.cmd = [*isolation.walls(home), *plain]
        try:
            address: tuple[str, int] = await super().start()
        finally:
            self.cmd = plain
        return address


def best_spawner() -> type[PlainSpawner]:
    """The one with walls where the machine allows them."""
    return PlainSpawner if isolation.why_not() else BubblewrapSpawner
