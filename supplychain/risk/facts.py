"""What times to survive rest on: what somebody said, and what is assumed where nobody did. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

KINDS = ("ttr_days", "stock_days", "capacity", "margin")
# From the least to the most that is believed of each kind.
LIMITS = {
    "ttr_days": (0.0, 3650.0),
    "stock_days": (0.0, 3650.0),
    "capacity": (100.0, 10_000.0),
    "margin": (0.0, 1e15),
}
Source = Literal["own", "asker", "assumed"]


@dataclass(frozen=True)
class Assumed:
    """What counts where nothing is known: for every firm and every delivery alike.

    `ttr_days`: days until a firm that has stopped delivers again: four weeks. `stock_days`: days
    for which an item in stock lasts at each of its buyers: a working week, as "What if" assumes
    (buyers of semiconductors had less than five days in 2021: U.S. Department of Commerce, Results
    from the semiconductor supply chain request for information, January 2022). `capacity`: the
    most that a firm can make, in per cent of what it makes today: a day more each working week.
    None of them is a measurement of the chain at hand.
    """

    ttr_days: float = 28.0
    stock_days: float = 5.0
    capacity: float = 120.0

    def of(self, kind: str) -> float | None:
        """What is assumed of a kind of fact; None where nothing is."""
        return {
            "ttr_days": self.ttr_days,
            "stock_days": self.stock_days,
            "capacity": self.capacity,
        }.get(kind)


ASSUMED = Assumed()


@dataclass(frozen=True)
class Told:
    """A number and whose it is: the firm's "own" word, the "asker"'s guess, or "assumed"."""

    value: float
    source: Source
    at: datetime | None = None

    @property
    def known(self) -> bool:
        """Whether somebody said it."""
        return self.source != "assumed"


@dataclass(frozen=True)
class FirmFacts:
    """Of one firm. `stock`: its finished goods, at the firm itself; `margin`: None if unknown."""

    ttr: Told
    stock: Told
    capacity: Told
    margin: Told | None = None


@dataclass(frozen=True)
class RiskFacts:
    """Of the firms of a chain, as one asker may know it. Nothing said: what is assumed.

    `stocks`: (supplier, buyer, item) → days for which that item in stock lasts at the buyer.

    >>> facts = RiskFacts({7: {"ttr_days": Told(60, "own")}})
    >>> facts.firm(7).ttr.value, facts.firm(8).ttr.value, facts.stock(7, 1, "bolts").value
    (60, 28.0, 5.0)
    """

    firms: Mapping[int, Mapping[str, Told]] = field(default_factory=dict)
    stocks: Mapping[tuple[int, int, str], Told] = field(default_factory=dict)
    assumed: Assumed = ASSUMED

    def firm(self, number: int) -> FirmFacts:
        """What counts for a firm. Goods at the firm itself are 0 days where nobody said so."""
        said = self.firms.get(number, {})
        return FirmFacts(
            ttr=said.get("ttr_days") or Told(self.assumed.ttr_days, "assumed"),
            stock=said.get("stock_days") or Told(0.0, "assumed"),
            capacity=said.get("capacity") or Told(self.assumed.capacity, "assumed"),
            margin=said.get("margin"),
        )

    def stock(self, supplier: int, buyer: int, item: str) -> Told:
        """Days for which an item of a supplier lasts at a buyer.

        What was said of all items of the supplier counts where nothing was said of this one.
        """
        return (
            self.stocks.get((supplier, buyer, item))
            or self.stocks.get((supplier, buyer, ""))
            or Told(self.assumed.stock_days, "assumed")
        )
