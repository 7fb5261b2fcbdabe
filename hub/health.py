"""What is up: asked of each part, each time, with a limit on the wait."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from flask import Response, jsonify
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from hub.keys import URGENT, running_out
from hub.labs_process import labs_health
from hub.outbox import counts
from hub.tables import Lease
from hub.web.asking import hub_here
from hub.web.furniture import reader
from hub.wiring import Hub
from supplychain.errors import DomainError
from supplychain.tables import now


@dataclass(frozen=True)
class Part:
    """A part of the hub, whether it works, and what is known of it, in words and in figures."""

    name: str
    up: bool
    detail: str = ""
    figures: dict[str, int] = field(default_factory=dict)


def parts(hub: Hub) -> list[Part]:
    """Every part, asked now."""
    checks: tuple[Callable[[Hub], Part], ...] = (
        _database, _store, worker_up, mail_up, keys_up, ray_up, labs_up,
    )  # fmt: skip
    return [check(hub) for check in checks]


def healthz() -> Response:
    """200 where all parts are up, 503 with the same document otherwise.

    What is known of a part (versions, machines, walls that are missing) is for administrators.
    """
    found, told = parts(hub_here()), reader().has("administrator")
    said = [asdict(part) if told else {"name": part.name, "up": part.up} for part in found]
    answer = jsonify({"up": all(part.up for part in found), "parts": said})
    answer.status_code = 200 if all(part.up for part in found) else 503
    return answer


def _database(hub: Hub) -> Part:
    try:
        hub.db.ping()
    except SQLAlchemyError as error:
        return Part("database", up=False, detail=type(error).__name__)
    return Part("database", up=True, detail=hub.db.engine.dialect.name)


def _store(hub: Hub) -> Part:
    try:
        hub.store.ping()
    except OSError as error:
        return Part("store", up=False, detail=error.strerror or type(error).__name__)
    return Part("store", up=True)


def worker_up(hub: Hub) -> Part:
    """The worker, judged by the lease that it renews."""
    return _by_lease(hub, "worker")


def mail_up(hub: Hub) -> Part:
    """The outbox: down where mails wait for longer than a grey list takes."""
    try:
        with hub.db.reading() as session:
            found = counts(session)
    except SQLAlchemyError as error:
        return Part("mail", up=False, detail=type(error).__name__)
    detail = "mail server" if hub.settings.mail_server else "mail folder"
    figures = {"mails waiting": found.waiting, "mails failed": found.failed}
    return Part("mail", up=not found.late, detail=detail, figures=figures)


def keys_up(hub: Hub) -> Part:
    """Signatures that people gave: down two weeks before the first of them runs out."""
    try:
        late = running_out(hub, now())
    except (SQLAlchemyError, OSError, DomainError) as error:
        return Part("keys", up=False, detail=type(error).__name__)
    if not late:
        return Part("keys", up=True)
    left = late[0][1] - now()
    return Part("keys", up=left > URGENT, detail=late[0][0], figures={"days left": left.days})


def ray_up(hub: Hub) -> Part:
    """Ray, judged by the lease that the worker which holds it renews while Ray is at hand.

    A lease that a worker of before has left does not count.
    """
    worker, ray = worker_up(hub), _by_lease(hub, "ray")
    if ray.up and ray.detail != worker.detail:
        return Part("ray", up=False, detail="not started")
    return ray


def _by_lease(hub: Hub, name: str) -> Part:
    try:
        with hub.db.reading() as session:
            row = session.exec(select(Lease).where(Lease.name == name)).first()
    except SQLAlchemyError as error:
        return Part(name, up=False, detail=type(error).__name__)
    if row is None or not row.holder:
        return Part(name, up=False, detail="not started")
    late = (now() - row.expires_at).total_seconds()
    return Part(name, up=late < 0, detail=row.holder if late < 0 else f"silent for {late:.0f} s")


def labs_up(hub: Hub) -> Part:
    """JupyterHub, asked through its proxy as a browser would; says where walls are missing."""
    up, detail = labs_health(hub.settings)
    return Part("jupyterhub", up=up, detail=detail)
