"""A real agent in a process of its own, as a vendor would start it."""

import os
import subprocess
import sys
from pathlib import Path

from hub.demo.stage import free_ports
from hub.errors import AnswerUnexpected

_PATIENCE = 180


class AgentProcess:
    """`hub-agent` with a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_ports(1)[0]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers predictions."""
        return f"http://127.0.0.1:{self.port}"

    def command(self, *arguments: str) -> str:
        """Run a command to its end; what it printed. Raises AnswerUnexpected where it failed."""
        done = subprocess.run(
            [*self._program(), *arguments],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            env=self._environment(),
            check=False,
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip()[-300:]
            raise AnswerUnexpected(address="hub-agent", status=done.returncode, said=said)
        return done.stdout

    def start(self) -> None:
        """Start `hub-agent run`."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "agent.log").open("ab") as out:
            self._process = subprocess.Popen(
                [*self._program(), "run", "--port", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self._environment(),
            )

    def stop(self) -> None:
        """Stop it as Ctrl-C would, or firmly after a while."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _program(self) -> list[str]:
        return [sys.executable, "-m", "sharing.agent", "--home", str(self.home), "--lang", "en"]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "HUB_AGENT_HOME": str(self.home)}
