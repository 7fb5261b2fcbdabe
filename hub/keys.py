"""Acts on keys and on statements that wait, as pages, API and commands do them.

What comes in is written first, published after: a crash in between is mended by the worker, which
publishes what has enough signatures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import select
from tuf.api.metadata import Root

from hub.accounts import record
from hub.publishing import sign_image
from hub.wiring import Hub
from sharing.key_errors import OtherBytes
from sharing.key_files import public_keys
from sharing.key_image import expiries, next_root
from sharing.key_statements import digest_of, to_sign
from sharing.key_tables import KeySet, KeyStatement
from sharing.manifest import Current, held, read
from sharing.services import keys
from sharing.services.keys import Took
from supplychain.tables import now

WARN = timedelta(days=60)  # from then on people are asked to sign anew
URGENT = timedelta(days=14)  # from then on /healthz says that something is wrong
Files = Iterable[tuple[str, bytes]]


@dataclass(frozen=True)
class Roles:
    """Who holds root and top-level targets, with what threshold, and until when they are good."""

    held_here: bool
    threshold: int
    keyids: tuple[str, ...]
    expires: datetime


def register_keys(
    hub: Hub, firm_id: int, files: Files, threshold: int, by: str, reason: str = ""
) -> KeySet:
    """A firm's keys from now on, also in place of others; a statement for them to sign waits then.

    Raises KeyFileRefused, ThresholdRefused.
    """
    found = public_keys(files)
    with hub.db.work() as session:
        before = keys.key_set_of(session, firm_id)
        row = keys.register(session, firm_id, found, threshold, by, reason)
        if before is None or before.id != row.id:
            what = "keys.registered" if before is None else "keys.replaced"
            record(session, by, what, f"firm {firm_id}", threshold=threshold, keys=sorted(row.keys))
        number = row.id
    sign_image(hub)
    with hub.db.reading() as session:
        row = session.get_one(KeySet, number)
        session.expunge(row)
        return row


def upload(hub: Hub, number: int, data: bytes, by: str) -> Took:
    """Take in a signed file for a statement; with enough signatures it is published at once.

    Raises StatementNotFound, StatementOver, OtherBytes, NoSignatureFits, MetadataRefused.
    """
    current = hub.signing.image()
    with hub.db.work() as session:
        row = keys.statement_by_id(session, number)
        took = keys.take_in(session, row, data, current, by, now())
        if took.fresh:
            name = f"{row.role} {row.number}"
            record(session, by, "statement.signed", name, keys=list(took.fresh))
    sign_image(hub)
    return took


def statement_of(data: bytes, rows: Sequence[KeyStatement]) -> KeyStatement:
    """The statement that a signed file belongs to, by its bytes. Raises OtherBytes."""
    digest = digest_of(data)
    for row in rows:
        if digest_of(row.body.encode()) == digest:
            return row
    raise OtherBytes


def file_of(row: KeyStatement, current: Current) -> bytes:
    """The file that travels to who signs."""
    named = {"root": current.root, "targets": current.targets, **current.roles}
    return to_sign(row.body.encode(), named.get(row.role))


def file_name(row: KeyStatement) -> str:
    """What that file is called."""
    return f"{row.role}-{row.number}.to-sign.json"


def roles_of(hub: Hub, current: Current) -> Roles:
    """Who holds the top of the image repository."""
    root = read(current.root, Root, "root")
    top = root.roles["root"]
    both = (top, root.roles["targets"])
    return Roles(
        all(held(role, hub.signing.keys) for role in both),
        top.threshold,
        tuple(top.keyids),
        min(expiries(current)[name] for name in ("root", "targets")),
    )


def take_offline(hub: Hub, files: Files, threshold: int, by: str) -> KeyStatement:
    """Root and top-level targets get the operators' keys, once they have signed the next root.

    Also how operators replace their keys. Raises KeyFileRefused, ThresholdRefused.
    """
    found = public_keys(files)
    keys.check_threshold([key.keyid for key in found], threshold)
    current = hub.signing.image()
    body = next_root(current, dict.fromkeys(("root", "targets"), (found, threshold)), now())
    with hub.db.work() as session:
        row = keys.ask_root(session, current, body, hub.signing.keys, "keys", by, now())
        record(session, by, "root.asked", f"root {row.number}", keys=[k.keyid for k in found])
        number = row.id or 0
    sign_image(hub)
    with hub.db.reading() as session:
        row = keys.statement_by_id(session, number)
        session.expunge(row)
        return row


def replace_online(hub: Hub, by: str) -> KeyStatement | None:
    """A new key of the hub's own in place of the old one, everywhere; what still has to be signed.

    Said twice, it goes on where it was. None: it is done.
    """
    hub.signing.next_key()
    current = hub.signing.image()
    fresh = hub.signing.keys.of("root").public_key
    root = read(current.root, Root, "root")
    changes = {}
    for name, role in root.roles.items():
        own = [k for k in role.keyids if hub.signing.keys.by_id(k) and k != fresh.keyid]
        if own:
            others = [root.keys[k] for k in role.keyids if k not in {*own, fresh.keyid}]
            changes[name] = ([*others, fresh], role.threshold)
    with hub.db.work() as session:
        if changes:
            body = next_root(current, changes, now())
            keys.ask_root(session, current, body, hub.signing.keys, "keys", by, now())
        record(session, by, "key.online-replaced", fresh.keyid)
    sign_image(hub)
    with hub.db.reading() as session:
        waits = keys.waiting(session, "root")
        if not waits:
            return None
        session.expunge(waits[0])
        return waits[0]


def running_out(hub: Hub, at: datetime) -> list[tuple[str, datetime]]:
    """(role, end) of what has to be signed by people soon, the most urgent first."""
    current = hub.signing.image()
    ends = expiries(current)
    if roles_of(hub, current).held_here:
        ends.pop("root"), ends.pop("targets")
    with hub.db.reading() as session:
        own = session.exec(select(KeySet.firm_id).where(KeySet.state == "active")).all()
    named = {f"publisher-{firm_id}" for firm_id in own} | {"root", "targets"}
    late = [(name, end) for name, end in ends.items() if name in named and end - at <= WARN]
    return sorted(late, key=lambda each: each[1])
