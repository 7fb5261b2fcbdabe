"""`hub …`: every command imports what it needs only when it runs, so that help stays quick."""

import sys
from importlib import import_module

import click

from hub.errors import exit_code
from supplychain.errors import DomainError

# command → (module, what it is for). The modules offer a click command of the same name.
COMMANDS = {
    "init": "hub.cli.process",
    "up": "hub.cli.up",
    "web": "hub.cli.process",
    "worker": "hub.cli.process",
    "demo": "hub.cli.demo",
    "db": "hub.cli.db",
    "store": "hub.cli.store",
    "people": "hub.cli.people",
    "supply": "hub.cli.supply",
    "mails": "hub.cli.mails",
    "models": "hub.cli.models",
    "rollouts": "hub.cli.rollouts",
    "hooks": "hub.cli.hooks",
    "courses": "hub.cli.courses",
    "labs": "hub.cli.labs",
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command


@click.command(cls=_Lazy)
@click.version_option(package_name="sangsaeng-hub")
def hub() -> None:
    """Sangsaeng Hub: a value chain that shares AI models and learns to use them.

    Settings come from HUB_… variables (see README). Exit codes: 0 done, 1 our own fault,
    2 unusable input, 3 not allowed, 4 not found, 5 no connection, 6 took too long.
    """


def main() -> None:
    """Run a command; a domain error becomes its sentence and its exit code."""
    try:
        # without its standalone mode click gives a command's exit code back, and raises none
        ended = hub.main(standalone_mode=False)
        if isinstance(ended, int) and ended:
            sys.exit(ended)
    except DomainError as error:
        from hub.cli.words import faults_told, told

        click.echo(told(error), err=True)
        for line in faults_told(getattr(error, "faults", [])):
            click.echo(line, err=True)
        sys.exit(exit_code(error))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
