"""Prepares one site's package: checks what it will fetch and signs the assignment. No database.

This is the work that a wave hands out, site by site. An order and its answer are plain values, so
they travel to other processes; doing an order twice is as good as once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

from sharing.errors import SharingError
from sharing.manifest import Target
from sharing.signing import Signing, keys_in
from sharing.store import Store
from supplychain.tables import now

Action = Literal["install", "rollback", "withdraw"]


@dataclass(frozen=True)
class Order:
    """What one site is to get. No `files` takes the model away from the site.

    `slot`: when the version may begin to run there, as sharing.agent.slot reads it.
    """

    delivery_id: int
    site_id: int
    model: str
    version: str
    action: Action
    files: tuple[Target, ...]
    slot: dict[str, Any] | None = None


@dataclass(frozen=True)
class Packed:
    """What came of an order: the number of the signed statement, or the reason why not."""

    delivery_id: int
    action: Action
    statement: int = 0
    reason: str = ""
    figures: dict[str, float] = field(default_factory=dict)


Prepare = Callable[[Iterable[Order]], Iterator[Packed]]


class Packer:
    """Does orders, with the store and the keys in the hub's data folder."""

    def __init__(self, data: Path, bucket: str = "", endpoint: str = "") -> None:
        self._store = Store.at(data / "store", bucket, endpoint)
        self._signing = Signing(data / "tuf", keys_in(data / "keys"), now)
        self._sound: set[str] = set()

    def pack(self, order: Order) -> Packed:
        """Check every file of the order, then sign. What goes wrong is an answer, no exception."""
        begun = perf_counter()
        try:
            for target in order.files:
                self._check(target)
            statement = self._signing.assign(
                order.site_id,
                order.model,
                self._named(order),
                delivery=order.delivery_id,
                back=order.action != "install",
            )
        except (SharingError, OSError) as error:
            return Packed(order.delivery_id, order.action, reason=str(error)[:500])
        figures = {
            "seconds": round(perf_counter() - begun, 4),
            "bytes": float(sum(target.length for target in order.files)),
        }
        return Packed(order.delivery_id, order.action, statement, figures=figures)

    def _named(self, order: Order) -> list[Target]:
        custom = {
            "site": order.site_id,
            "delivery": order.delivery_id,
            "model": order.model,
            "version": order.version,
            "action": order.action,
            **({"slot": order.slot} if order.slot else {}),
        }
        return [Target(t.path, t.sha256, t.length, custom) for t in order.files]

    def _check(self, target: Target) -> None:
        # once for each content and process: a wave names the same three files for every site
        if target.sha256 not in self._sound:
            for _ in self._store.chunks(target.sha256):
                pass
            self._sound.add(target.sha256)


def prepare_here(data: Path) -> Prepare:
    """Orders done one after the other in this process, with a store in a folder."""
    packer = Packer(data)
    return lambda orders: map(packer.pack, orders)


def batches(answers: Iterable[Packed], most: int, seconds: float) -> Iterator[Sequence[Packed]]:
    """Answers in batches, each of at most so many, or of what came within so many seconds."""
    batch: list[Packed] = []
    begun = perf_counter()
    for answer in answers:
        batch.append(answer)
        if len(batch) >= most or perf_counter() - begun >= seconds:
            yield batch
            batch, begun = [], perf_counter()
    if batch:
        yield batch
