"""A person's own place in a lab, and the shared model that stands there."""

from collections.abc import Sequence
from functools import lru_cache

from sqlmodel import Session, col, select

from labs.catalogue import Lab
from labs.errors import LabNotOpened, ModelNotPublished
from labs.shared_model import SharedModel
from labs.tables import Workbench
from sharing import tables as sharing_tables
from sharing.store import Store


def open_lab(session: Session, lab: Lab, learner: str) -> Workbench:
    """The person's workbench, made at the first opening.

    Raises ModelNotPublished where the lab needs a shared model that is not here.
    """
    found = _workbench(session, lab.slug, learner)
    if found is not None:
        return found
    version = _latest(session, lab.model).number if lab.model else ""
    made = Workbench(learner=learner, lab=lab.slug, model_version=version)
    session.add(made)
    session.flush()
    return made


def workbench_of(session: Session, lab: Lab, learner: str) -> Workbench:
    """The person's workbench. Raises LabNotOpened."""
    found = _workbench(session, lab.slug, learner)
    if found is None:
        raise LabNotOpened(lab=lab.slug)
    return found


def model_behind(session: Session, store: Store, lab: Lab, bench: Workbench) -> SharedModel | None:
    """The shared model of a workbench, ready to be asked; None for a lab without one."""
    if not lab.model:
        return None
    version, file = _model_file(session, lab.model, bench.model_version)
    columns = tuple(each["name"] for each in version.card["schema"]["inputs"])
    return _loaded(store, file.sha256, columns, version.number)


def model_bytes(session: Session, store: Store, lab: Lab, bench: Workbench) -> bytes:
    """The model file itself. Raises ModelNotPublished."""
    _, file = _model_file(session, lab.model, bench.model_version)
    return store.read(file.sha256)


def _workbench(session: Session, slug: str, learner: str) -> Workbench | None:
    return session.exec(
        select(Workbench).where(Workbench.lab == slug, Workbench.learner == learner)
    ).first()


def _latest(session: Session, model: str) -> sharing_tables.Version:
    """The newest published version of a model."""
    row = session.exec(
        select(sharing_tables.Version)
        .join(sharing_tables.SharedModel)
        .where(
            sharing_tables.SharedModel.slug == model, sharing_tables.Version.state == "published"
        )
        .order_by(col(sharing_tables.Version.published_at).desc())
    ).first()
    if row is None:
        raise ModelNotPublished(model=model)
    return row


def _model_file(
    session: Session, model: str, number: str
) -> tuple[sharing_tables.Version, sharing_tables.VersionFile]:
    row = session.exec(
        select(sharing_tables.Version, sharing_tables.VersionFile)
        .join(sharing_tables.SharedModel)
        .join(
            sharing_tables.VersionFile,
            col(sharing_tables.VersionFile.version_id) == sharing_tables.Version.id,
        )
        .where(
            sharing_tables.SharedModel.slug == model,
            sharing_tables.Version.number == number,
            sharing_tables.VersionFile.path == "model.onnx",
        )
    ).first()
    if row is None:
        raise ModelNotPublished(model=model)
    return row[0], row[1]


@lru_cache(maxsize=8)
def _loaded(store: Store, sha256: str, columns: Sequence[str], version: str) -> SharedModel:
    return SharedModel(store.read(sha256), columns, version)
