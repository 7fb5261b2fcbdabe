"""What most commands begin with: settings, the wired hub, and JSON out."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click

from hub.migrations import refuse_old
from hub.settings import Settings
from hub.wiring import Hub, wire


@contextmanager
def wired() -> Iterator[Hub]:
    """The hub that HUB_… variables describe, closed at the end.

    Raises DatabaseNotPrepared where its database is empty or older than this program.
    """
    hub = wire(Settings.from_environment())
    try:
        refuse_old(hub.db.engine)
        yield hub
    finally:
        hub.close()


def say_json(document: object) -> None:
    """One JSON document on standard output, Korean as Korean."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def actor() -> str:
    """Who acts, in the audit trail, when a command changes something."""
    return "command line"
