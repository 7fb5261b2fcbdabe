"""What this site may install: only what publisher (image) and hub (director) both signed.

Two TUF repositories, each followed by python-tuf's own client from the root that enrolment gave.
The director says which version this site is to run; the image repository says what that version
is. The same path, length and hashes in both, this site's own number inside: else nothing.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tuf.api.exceptions import (
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    SlowRetrievalError,
)
from tuf.api.metadata import Metadata, TargetFile, Targets
from tuf.ngclient import Updater

from sharing.agent.bundle import FILES, KNOWN, OPTIONAL
from sharing.agent.errors import (
    AgentError,
    BundleIncomplete,
    ClockBehind,
    FileDamaged,
    HubAnsweredWrongly,
    HubSlow,
    HubUnreachable,
    MetadataExpired,
    MetadataRefused,
    NotForThisSite,
    SourcesDisagree,
)
from sharing.agent.fetch import Fetcher
from sharing.agent.home import Home
from sharing.agent.pieces import Donor
from sharing.agent.slot import Slot
from sharing.recipe import RecipeInvalid, read

_MAY_BE_FAST = timedelta(days=1)  # a PC's clock, before somebody puts it right


class Assignment(NamedTuple):
    """A version that the director assigns to this site; `files` by name, as it lists them.

    `slot`: when it may begin to run; any time where there is none.
    """

    delivery: int
    model: str
    version: str
    action: str
    files: Mapping[str, TargetFile]
    slot: Slot | None = None


def assignments_in(targets: Mapping[str, TargetFile], site: int) -> dict[int, Assignment]:
    """The director's list, read: deliveries by number.

    Pure. Raises NotForThisSite where one entry is for another site (then the list as a whole is
    another site's), MetadataRefused where an entry says nonsense.
    """
    found: dict[int, Assignment] = {}
    for path, target in targets.items():
        told = _custom(path, target)
        if told["site"] != site:
            raise NotForThisSite(theirs=told["site"], ours=site)
        fresh = Assignment(
            told["delivery"], told["model"], told["version"], told["action"], {}, _slot(path, told)
        )
        one = found.setdefault(fresh.delivery, fresh)
        if one[:4] != fresh[:4] or one.slot != fresh.slot:
            raise MetadataRefused(role="director", why=path)
        found[one.delivery] = one._replace(files={**one.files, path.rsplit("/", 1)[1]: target})
    return found


def _custom(path: str, target: TargetFile) -> dict[str, Any]:
    told = target.unrecognized_fields.get("custom")
    kinds = {"site": int, "delivery": int, "model": str, "version": str, "action": str}
    if not isinstance(told, dict) or any(
        type(told.get(k)) is not kind for k, kind in kinds.items()
    ):
        raise MetadataRefused(role="director", why=path)
    if path not in {f"{told['model']}/{told['version']}/{file}" for file in KNOWN}:
        raise MetadataRefused(role="director", why=path)
    return told


def _slot(path: str, told: Mapping[str, Any]) -> Slot | None:
    if told.get("slot") is None:
        return None
    try:
        return Slot.read(told["slot"])
    except ValueError as error:
        raise MetadataRefused(role="director", why=path) from error


class Trust:
    """Both repositories, refreshed.

    Raises MetadataRefused, MetadataExpired, ClockBehind, and what the transport's failures are
    called here.
    """

    def __init__(self, home: Home, url: str, site: int, fetcher: Fetcher) -> None:
        self._url = url
        self._home = home
        self._fetcher = fetcher
        self._targets_url = f"{url}/tuf/targets/"
        at = not_set_back(home.trusted_at, datetime.now(UTC))
        # In this order: a version that is published and assigned while we read is then in both.
        self._refreshed(home, "director", f"{url}/tuf/director/{site}/", fetcher)
        self._image = self._refreshed(home, "image", f"{url}/tuf/image/", fetcher)
        home.trusted_at.write_text(at.isoformat(), encoding="utf-8")
        # What `refresh` left in this file it has just verified; ngclient has no list of targets.
        listed = Metadata[Targets].from_file(str(home.metadata("director") / "targets.json"))
        self.assignments = assignments_in(listed.signed.targets, site)

    def agreed(self, assignment: Assignment) -> dict[str, TargetFile]:
        """The files of a version by name, as both repositories list them.

        Raises BundleIncomplete, SourcesDisagree.
        """
        missing = [file for file in FILES if file not in assignment.files]
        if missing:
            raise BundleIncomplete(
                model=assignment.model, version=assignment.version, missing=", ".join(missing)
            )
        folder = f"{assignment.model}/{assignment.version}"
        for file in OPTIONAL:  # released with the version, and kept from us: then it is not whole
            if file not in assignment.files and self._released(f"{folder}/{file}") is not None:
                raise BundleIncomplete(
                    model=assignment.model, version=assignment.version, missing=file
                )
        agreed = {}
        for file, assigned in assignment.files.items():
            released = self._released(assigned.path)
            if released is None or not _same(released, assigned):
                raise SourcesDisagree(path=assigned.path)
            agreed[file] = released
        return agreed

    def _released(self, path: str) -> TargetFile | None:
        with _Foreign("image", self._url):
            return self._image.get_targetinfo(path)

    def download(self, target: TargetFile, place: Path) -> None:
        """Fetch one agreed file, continuing an earlier try, with what other versions here hold.

        Raises FileDamaged, HubUnreachable.
        """
        try:
            if self._image.find_cached_target(target, str(place)):
                return
            with _Foreign("image", self._url):
                self._gather(target)
                self._image.download_target(target, str(place), self._targets_url)
        except (LengthOrHashMismatchError, DownloadLengthMismatchError) as error:
            raise FileDamaged(path=target.path) from error

    def _gather(self, target: TargetFile) -> None:
        model, version, file = target.path.split("/")
        name = f"{model}/{version}/{next(iter(target.hashes.values()))}.{file}"
        told = self._fetcher.gather(
            f"{self._targets_url}{name}",
            f"{self._url}/tuf/recipes/{name}",
            target.length,
            self._donors(model, file),
        )
        if told is not None:
            kept = self._home.recipe(model, version, file)
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(told)

    def _donors(self, model: str, file: str) -> list[Donor]:
        donors = []
        for place in sorted(self._home.bundle(model, "x").parent.glob(f"*/{file}")):
            told = self._home.recipe(model, place.parent.name, file)
            with suppress(OSError, RecipeInvalid):
                donors.append(Donor(place, read(told.read_bytes(), place.stat().st_size)))
        return donors

    def _refreshed(self, home: Home, name: str, url: str, fetcher: Fetcher) -> Updater:
        root = home.root(name).read_bytes()
        with _Foreign(name, self._url):
            updater = Updater(str(home.metadata(name)), url, fetcher=fetcher, bootstrap=root)
            updater.refresh()
        return updater


def not_set_back(kept: Path, at: datetime) -> datetime:
    """The moment, where signed lists were not read a day and more after it. Raises ClockBehind.

    A clock that was somewhat fast, and was put right, keeps nobody from anything.
    """
    try:
        then = datetime.fromisoformat(kept.read_text("utf-8"))
        behind = then - at > _MAY_BE_FAST
    except (OSError, ValueError, TypeError):  # none yet, or cut off in the middle
        return at
    if behind:
        raise ClockBehind(now=f"{at:%Y-%m-%d %H:%M} UTC", then=f"{then:%Y-%m-%d %H:%M} UTC")
    return at


def check(target: TargetFile, file: Path) -> None:
    """Raise FileDamaged where the file on disk is not the agreed one."""
    try:
        with file.open("rb") as content:
            target.verify_length_and_hashes(content)
    except (LengthOrHashMismatchError, OSError) as error:
        raise FileDamaged(path=target.path) from error


def _same(one: TargetFile, other: TargetFile) -> bool:
    return one.length == other.length and one.hashes == other.hashes


class _Foreign:
    """tuf's errors become ours here. Wrong bytes of a target are left to the caller."""

    def __init__(self, role: str, url: str) -> None:
        self._role = role
        self._url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None or isinstance(
            error, LengthOrHashMismatchError | DownloadLengthMismatchError
        ):
            return
        ours = self._ours(error)
        if ours is not None:
            raise ours from error

    def _ours(self, error: BaseException) -> AgentError | None:
        match error:
            case ExpiredMetadataError():
                return MetadataExpired(role=self._role)
            case RepositoryError():
                return MetadataRefused(role=self._role, why=str(error)[:200])
            case SlowRetrievalError():
                return HubSlow(url=self._url)
            case DownloadHTTPError():
                return HubAnsweredWrongly(url=self._url, status=error.status_code)
            case DownloadError():
                return HubUnreachable(url=self._url)
        return None
