"""One at a time: whoever takes sheets in, merges firms or splits them waits for the others."""

from sqlmodel import Session, func, select

_TURN = 0x5EE7  # a number of our own among the locks that applications may take


def take_turns(session: Session) -> None:
    """Wait until no other transaction takes in or merges; until this one ends, others wait.

    Firms known by name have no key to guard them, and a row that is written while its firm is
    being merged would name the wrong one. SQLite lets one writer in at a time anyhow.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(select(func.pg_advisory_xact_lock(_TURN)))
