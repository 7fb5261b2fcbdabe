"""What somebody asks: what stops, from when, for how long, and what is assumed. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from supplychain.scenario_errors import QuestionInvalid

MOST_FIRMS = 500
REPLACED = ("nobody", "several", "everybody")
LINES = ("all", "goods")
# From the least to the most that can be asked.
RANGES = {
    "first": (1, 365),
    "days": (1, 365),
    "ramp": (0, 180),
    "stock": (0, 365),
    "after": (0, 365),
    "horizon": (10, 400),
}


@dataclass(frozen=True)
class Question:
    """What stops, for how long, and what is assumed.

    Which: chosen firms, those of regions, processes or industries (KSIC divisions),
    and `behind`: a firm together with all that reach the asker only through it.

    They make nothing from day `first` for `days` days (`recovery`: where a firm has told how long
    it needs to deliver again, that counts instead), then rise evenly over `ramp` days. `stock`:
    days for which an item in stock lasts where nobody has said. `replaced`: who can be replaced
    `after` so many days. `line`: "all" items stop a line, or "goods" alone.
    """

    firms: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    behind: int | None = None
    first: int = 1
    days: int = 28  # as times to survive assume it: supplychain.risk.facts.Assumed
    recovery: bool = False
    ramp: int = 0
    stock: float = 5.0
    replaced: str = "nobody"
    after: int = 30
    line: str = "all"
    horizon: int = 60

    @property
    def looks_at(self) -> int:
        """Days that are looked at: as asked, and long enough to see most firms come back."""
        return max(self.horizon, self.first + self.days + self.ramp + 30)

    @property
    def asks(self) -> bool:
        """Whether anything is to stop."""
        return bool(
            self.firms or self.regions or self.processes or self.sectors or self.behind is not None
        )

    def as_json(self) -> dict[str, Any]:
        """What the database and the API hold."""
        return {name: _listed(value) for name, value in asdict(self).items()}


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def question_of(told: Mapping[str, Any]) -> Question:
    """The question that a document, or a form with lists, describes; fields left out are usual.

    Raises QuestionInvalid with all faults at once.

    >>> question_of({"firms": [3, 2, 3], "days": "7"}).firms
    (2, 3)
    >>> question_of({"days": 0, "line": "some"})
    Traceback (most recent call last):
        ...
    supplychain.scenario_errors.QuestionInvalid: The question cannot be answered: days, line
    """
    known = {field.name: field.default for field in fields(Question)}
    read = {name: _read(name, told[name]) for name in known if told.get(name) not in (None, "")}
    faults = [name for name, value in read.items() if value is None]
    if faults:
        raise QuestionInvalid(faults=", ".join(faults))
    return Question(**read)


def _read(name: str, value: Any) -> Any:
    """A field's value, None where it cannot be used."""
    try:
        return _as_told(name, value)
    except (TypeError, ValueError, OverflowError):
        return None


def _as_told(name: str, value: Any) -> Any:
    if name == "firms":
        numbers = tuple(sorted({int(each) for each in value if str(each).strip()}))
        good = len(numbers) <= MOST_FIRMS and all(0 < each < 2**31 for each in numbers)
        return numbers if good else None
    if name in ("regions", "processes", "sectors"):
        words = tuple(sorted({str(each) for each in value if str(each)}))
        return words if len(words) <= 100 and all(len(each) <= 60 for each in words) else None
    if name == "behind":
        return int(value) if 0 < int(value) < 2**31 else None
    if name == "recovery":
        return value in (True, "yes", "true", "1")
    if name in ("replaced", "line"):
        return value if value in (REPLACED if name == "replaced" else LINES) else None
    low, high = RANGES[name]
    number = float(value) if name == "stock" else int(value)
    return number if low <= number <= high else None
