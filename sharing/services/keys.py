"""Register firms' keys, keep the statements that wait for them, gather signatures."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from securesystemslib.signer import Key
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select
from tuf.api.metadata import Root, Targets

from sharing.key_errors import (
    KeySetNotFound,
    NoSignatureFits,
    StatementNotFound,
    StatementOver,
    ThresholdRefused,
)
from sharing.key_image import (
    ASK_BEFORE,
    Publisher,
    Wanted,
    delegated,
    expires_of,
    keys_from,
    listing,
    next_root,
    role_name,
    self_signed,
)
from sharing.key_statements import fitting, signatures_in, with_signatures
from sharing.key_tables import (
    ACTIVE,
    DROPPED,
    PUBLISHED,
    REPLACED,
    WAITING,
    KeySet,
    KeySignature,
    KeyStatement,
)
from sharing.manifest import Current, Signers, Target, held, metadata_in, read, targets_of
from sharing.tables import SharedModel, Version, VersionFile

MOST_KEYS = 20


@dataclass(frozen=True)
class Group:
    """Keys of which so many have to sign; `signed` have. `old`: those of the root before."""

    threshold: int
    keys: dict[str, Key]
    signed: frozenset[str]
    old: bool = False

    @property
    def missing(self) -> int:
        """How many signatures are still to come."""
        return max(0, self.threshold - len(self.signed))


@dataclass(frozen=True)
class Took:
    """What an upload brought: keys that signed anew, and how many signatures are still missing."""

    fresh: tuple[str, ...]
    missing: int


def register(
    session: Session, firm_id: int, keys: Sequence[Key], threshold: int, by: str, reason: str = ""
) -> KeySet:
    """The firm's keys from now on: they are in force once enough of them have signed its list.

    The same keys and threshold again change nothing; a set that still waits is replaced. Raises
    ThresholdRefused.
    """
    public = {key.keyid: key.to_dict() for key in keys}
    check_threshold([key.keyid for key in keys], threshold)
    newest = key_set_of(session, firm_id)
    if newest is not None and (newest.keys, newest.threshold) == (public, threshold):
        return newest
    if newest is not None and newest.state == WAITING:
        newest.state = REPLACED
    row = KeySet(
        firm_id=firm_id, threshold=threshold, keys=public, created_by=by, reason=reason[:300]
    )
    session.add(row)
    session.flush()
    return row


def check_threshold(keyids: Sequence[str], threshold: int) -> None:
    """Raise ThresholdRefused unless so many different keys can be asked."""
    if len(set(keyids)) != len(keyids) or not 1 <= threshold <= len(keyids) <= MOST_KEYS:
        raise ThresholdRefused(threshold=threshold, count=len(set(keyids)))


def key_set_of(session: Session, firm_id: int) -> KeySet | None:
    """The firm's newest keys, in force or about to be; None where the hub signs for it."""
    return session.exec(
        select(KeySet)
        .where(KeySet.firm_id == firm_id, KeySet.state != REPLACED)
        .order_by(col(KeySet.id).desc())
    ).first()


def key_sets(session: Session, firm_id: int) -> Sequence[KeySet]:
    """All keys that the firm ever registered, the newest first. Raises KeySetNotFound."""
    rows = select(KeySet).where(KeySet.firm_id == firm_id).order_by(col(KeySet.id).desc())
    found = session.exec(rows).all()
    if not found:
        raise KeySetNotFound
    return found


def waits_for_keys(session: Session, current: Current, keys: Signers, firm_id: int) -> bool:
    """Whether what the firm publishes has to be signed elsewhere: by itself or the operators."""
    root = read(current.root, Root, "root")
    role = delegated(current).get(role_name(firm_id))
    elsewhere = not held(root.roles["targets"], keys) or (role is not None and not held(role, keys))
    return elsewhere or key_set_of(session, firm_id) is not None


def statement_by_id(session: Session, number: int) -> KeyStatement:
    """Raises StatementNotFound."""
    row = session.get(KeyStatement, number)
    if row is None:
        raise StatementNotFound(statement=number)
    return row


def waiting(session: Session, role: str | None = None) -> Sequence[KeyStatement]:
    """What waits for signatures, of one role or of all, the newest first."""
    query = select(KeyStatement).where(KeyStatement.state == WAITING)
    query = query.where(KeyStatement.role == role) if role else query
    return session.exec(query.order_by(col(KeyStatement.number).desc())).all()


def recent(session: Session) -> Sequence[KeyStatement]:
    """The newest statements, whatever became of them."""
    return session.exec(select(KeyStatement).order_by(col(KeyStatement.id).desc()).limit(200)).all()


def wanted(session: Session) -> Wanted:
    """How the image repository is to be, with the signatures that have been gathered."""
    return Wanted(
        publishers=tuple(_publisher(session, firm_id) for firm_id in _publishing(session)),
        roots=_gathered(session, "root"),
        targets=_gathered(session, "targets"),
    )


def keep_statements(session: Session, current: Current, keys: Signers, at: datetime) -> None:
    """Have exactly those statements wait that make sense now: a crash leaves nothing out."""
    listed = targets_of(current)
    root = read(current.root, Root, "root")
    elsewhere = not held(root.roles["targets"], keys)
    for firm_id in _publishing(session):
        _as_published(session, current, keys, firm_id, at)
        row = key_set_of(session, firm_id)
        if row is not None or elsewhere:
            _hold_back(session, listed, firm_id)
        if row is not None:
            _keep_listing(session, current, firm_id, row, at)
    late = root.expires - at <= ASK_BEFORE and not held(root.roles["root"], keys)
    if late and not waiting(session, "root"):
        ask_root(session, current, next_root(current, {}, at), keys, "renewal", "hub", at)


def ask_root(
    session: Session, current: Current, body: bytes, keys: Signers, why: str, by: str, at: datetime
) -> KeyStatement:
    """A next root that waits, with the signatures that the hub can give itself."""
    number = read(body, Root, "root").version
    for old in waiting(session, "root"):
        if old.body == body.decode():
            return old
        _drop(old, at)
    _free(session, number)
    row = _new(session, "root", number, body, why, by)
    for keyid, signature in self_signed(body, current, keys).items():
        _keep(session, row, keyid, signature, "hub", at)
    session.flush()
    return row


def ask_targets(session: Session, body: bytes, by: str, at: datetime) -> KeyStatement:
    """Delegations that wait for the operators' signatures, in place of what waited before."""
    for old in waiting(session, "targets"):
        _drop(old, at)
    return _new(session, "targets", read(body, Targets, "targets").version, body, "keys", by)


def groups(session: Session, row: KeyStatement, current: Current) -> list[Group]:
    """Whose signatures a statement needs, and whose it has."""
    given = frozenset(_signatures(session, row))
    root = read(current.root, Root, "root")
    if row.role == "root":
        coming = read(row.body.encode(), Root, "root")
        found = [_of_root(root, "root", given, old=True), _of_root(coming, "root", given)]
        same = (found[0].keys, found[0].threshold) == (found[1].keys, found[1].threshold)
        return found[1:] if same else found
    if row.role == "targets":
        ahead = [read(each.body.encode(), Root, "root") for each in waiting(session, "root")]
        return [_of_root(ahead[0] if ahead else root, "targets", given)]
    keyset = session.get_one(KeySet, row.key_set_id)
    keys = keys_from(keyset.keys)
    return [Group(keyset.threshold, keys, given & set(keys))]


def take_in(
    session: Session, row: KeyStatement, upload: bytes, current: Current, by: str, at: datetime
) -> Took:
    """Keep the signatures of a file that came back; each is checked, a key counts once.

    Raises StatementOver, OtherBytes, NoSignatureFits, MetadataRefused.
    """
    body = row.body.encode()
    came, known = signatures_in(upload, body), _signatures(session, row)
    if row.state != WAITING:
        if row.state == PUBLISHED:
            return Took((), 0)  # the same file once more, or one signature more than was needed
        raise StatementOver(statement=row.id)
    keys = {k: v for group in groups(session, row, current) for k, v in group.keys.items()}
    found = fitting(metadata_in(body, row.role).signed_bytes, came, keys.values())
    if not found:
        raise NoSignatureFits
    fresh = []
    for keyid in sorted(set(found) - set(known)):
        with suppress(IntegrityError), session.begin_nested():  # the same file at the same moment
            _keep(session, row, keyid, found[keyid].signature, by, at)
            session.flush()
            fresh.append(keyid)
    missing = sum(group.missing for group in groups(session, row, current))
    return Took(tuple(fresh), missing)


def settle(session: Session, current: Current, at: datetime) -> list[tuple[str, str]]:
    """Note in rows what is published by now; (what befell, name) of each change, to be audited."""
    told: list[tuple[str, str]] = []
    named = {"root": current.root, "targets": current.targets, **current.roles}
    versions = {name: metadata_in(data, name).signed.version for name, data in named.items()}
    for row in waiting(session):
        now = versions.get(row.role, 0)
        if row.number == now and _is(row, named[row.role]):
            row.state, row.ended_at = PUBLISHED, at
            told.append(("statement.published", f"{row.role} {row.number}"))
            _in_force(session, row, at, told)
        elif row.number <= now:
            _drop(row, at)
    listed = targets_of(current)
    for version, model in _versions(session, "awaiting"):
        if model.visibility == "private":
            version.state = "published"  # it is in no list, and nobody signs it
        elif is_listed(session, listed, version, model.slug):
            version.state, version.published_at = "published", at
            told.append(("version.published", f"{model.slug} {version.number}"))
    return told


def is_listed(session: Session, listed: Mapping[str, Target], version: Version, slug: str) -> bool:
    """Whether agents find every file of a version in what the image repository names."""
    files = session.exec(select(VersionFile).where(VersionFile.version_id == version.id)).all()
    paths = [(f"{slug}/{version.number}/{file.path}", file.sha256) for file in files]
    return all(path in listed and listed[path].sha256 == digest for path, digest in paths)


def firm_files(session: Session, firm_id: int, states: Iterable[str]) -> list[Target]:
    """Every file of the firm's versions in one of these states; private ones are told nobody."""
    rows = session.exec(
        select(SharedModel.slug, Version.number, VersionFile)
        .join(Version, col(Version.model_id) == SharedModel.id)
        .join(VersionFile, col(VersionFile.version_id) == Version.id)
        .where(
            SharedModel.firm_id == firm_id,
            SharedModel.visibility != "private",
            col(Version.state).in_(list(states)),
        )
        .order_by(SharedModel.slug, Version.number, VersionFile.path)
    )
    return [
        Target(f"{slug}/{number}/{file.path}", file.sha256, file.length)
        for slug, number, file in rows
    ]


def _publishing(session: Session) -> list[int]:
    firms = set(session.exec(select(SharedModel.firm_id).distinct()))
    own = session.exec(select(KeySet.firm_id).where(KeySet.state != REPLACED).distinct())
    return sorted(firms | {firm_id for firm_id in own if firm_id is not None})


def _publisher(session: Session, firm_id: int) -> Publisher:
    # every PC reads who may sign for which model: the name of a private one is for nobody
    slugs = session.exec(
        select(SharedModel.slug).where(
            SharedModel.firm_id == firm_id, SharedModel.visibility != "private"
        )
    ).all()
    name, models = role_name(firm_id), tuple(sorted(slugs))
    row = key_set_of(session, firm_id)
    if row is None:
        files = firm_files(session, firm_id, ("published", "awaiting"))
        return Publisher(name, models, targets=tuple(files))
    files = firm_files(session, firm_id, ["published"])
    waits = [each for each in waiting(session, name) if each.key_set_id == row.id]
    signed = tuple(_with_signatures(session, each) for each in waits)
    return Publisher(name, models, keys_from(row.keys), row.threshold, tuple(files), signed)


def _as_published(
    session: Session, current: Current, keys: Signers, firm_id: int, at: datetime
) -> None:
    """Learn a firm's keys from what is published, where the rows are older: from a backup."""
    name = role_name(firm_id)
    body = read(current.targets, Targets, "targets")
    role = (body.delegations.roles or {}).get(name) if body.delegations else None
    if body.delegations is None or role is None or held(role, keys) or name not in current.roles:
        return
    newest = key_set_of(session, firm_id)
    known = newest is not None and (newest.state == WAITING or set(newest.keys) == set(role.keyids))
    number = read(current.roles[name], Targets, name).version
    if known or max([0, *_numbers(session, name)]) > number:
        return
    if newest is not None:
        newest.state = REPLACED
    public = {keyid: body.delegations.keys[keyid].to_dict() for keyid in sorted(role.keyids)}
    row = KeySet(firm_id=firm_id, threshold=role.threshold, keys=public, created_by="hub")
    row.state, row.active_at, row.reason = ACTIVE, at, "as published"
    session.add(row)
    session.flush()


def _hold_back(session: Session, listed: Mapping[str, Target], firm_id: int) -> None:
    # A private model that was opened to others: its versions were never signed.
    for version, model in _versions(session, "published"):
        shared = model.firm_id == firm_id and model.visibility != "private"
        if shared and not is_listed(session, listed, version, model.slug):
            version.state = "awaiting"


def _keep_listing(
    session: Session, current: Current, firm_id: int, keyset: KeySet, at: datetime
) -> None:
    name = role_name(firm_id)
    files = {t.path: t for t in firm_files(session, firm_id, ("published", "awaiting"))}
    data = current.roles.get(name)
    number = read(data, Targets, name).version if data else 0
    kept = []
    for row in waiting(session, name):
        named = _listed(row.body.encode(), name)
        still = row.key_set_id == keyset.id and row.number > number and set(named) <= set(files)
        if still and row.expires_at - at > ASK_BEFORE:
            kept.append(named)
        else:
            _drop(row, at)
    published = _listed(data, name) if data else {}
    fresh = data is not None and expires_of(data) - at > ASK_BEFORE
    if files in kept or (fresh and keyset.state == ACTIVE and published == files):
        return
    body = listing(files.values(), max([number, *_numbers(session, name)]) + 1, at)
    why = _why(keyset, set(published), set(files))
    _new(session, name, read(body, Targets, name).version, body, why, "hub", keyset)


def _why(keyset: KeySet, published: set[str], files: set[str]) -> str:
    if keyset.state == WAITING:
        return "keys"
    if published == files:
        return "renewal"
    return "release" if files - published else "withdrawal"


def _listed(data: bytes, name: str) -> dict[str, Target]:
    found = read(data, Targets, name).targets.items()
    return {path: Target(path, file.hashes["sha256"], file.length) for path, file in found}


def _numbers(session: Session, role: str) -> Sequence[int]:
    return session.exec(select(KeyStatement.number).where(KeyStatement.role == role)).all()


def _new(
    session: Session,
    role: str,
    number: int,
    body: bytes,
    why: str,
    by: str,
    keyset: KeySet | None = None,
) -> KeyStatement:
    row = KeyStatement(
        role=role,
        number=number,
        body=body.decode(),
        why=why,
        made_by=by,
        expires_at=expires_of(body),
        firm_id=keyset.firm_id if keyset else None,
        key_set_id=keyset.id if keyset else None,
    )
    session.add(row)
    session.flush()
    return row


def _drop(row: KeyStatement, at: datetime) -> None:
    row.state, row.ended_at = DROPPED, at


def _free(session: Session, number: int) -> None:
    # A root has exactly the next number. One that waited under it was never published.
    rows = select(KeyStatement).where(
        KeyStatement.role == "root", KeyStatement.number == number, KeyStatement.state != PUBLISHED
    )
    for row in session.exec(rows):
        for each in session.exec(select(KeySignature).where(KeySignature.statement_id == row.id)):
            session.delete(each)
        session.flush()
        session.delete(row)
    session.flush()


def _keep(
    session: Session, row: KeyStatement, keyid: str, signature: str, by: str, at: datetime
) -> None:
    session.add(
        KeySignature(
            statement_id=row.id or 0, keyid=keyid, signature=signature, given_by=by, given_at=at
        )
    )


def _signatures(session: Session, row: KeyStatement) -> dict[str, str]:
    rows = session.exec(select(KeySignature).where(KeySignature.statement_id == row.id))
    return {each.keyid: each.signature for each in rows}


def _with_signatures(session: Session, row: KeyStatement) -> bytes:
    return with_signatures(row.body.encode(), _signatures(session, row))


def _gathered(session: Session, role: str) -> tuple[bytes, ...]:
    return tuple(_with_signatures(session, row) for row in waiting(session, role))


def _of_root(root: Root, role: str, given: frozenset[str], *, old: bool = False) -> Group:
    keys = {keyid: root.keys[keyid] for keyid in root.roles[role].keyids}
    return Group(root.roles[role].threshold, keys, given & set(keys), old)


def _is(row: KeyStatement, data: bytes) -> bool:
    ours = metadata_in(row.body.encode(), row.role).signed_bytes
    return ours == metadata_in(data, row.role).signed_bytes


def _in_force(
    session: Session, row: KeyStatement, at: datetime, told: list[tuple[str, str]]
) -> None:
    keyset = session.get(KeySet, row.key_set_id) if row.key_set_id else None
    if keyset is None or keyset.state != WAITING:
        return
    before = select(KeySet).where(KeySet.firm_id == keyset.firm_id, KeySet.state == ACTIVE)
    for old in session.exec(before):
        old.state = REPLACED
    keyset.state, keyset.active_at = ACTIVE, at
    told.append(("keys.in-force", row.role))


def _versions(session: Session, state: str) -> Sequence[tuple[Version, SharedModel]]:
    query = select(Version, SharedModel).join(SharedModel, col(SharedModel.id) == Version.model_id)
    return session.exec(query.where(Version.state == state)).all()
