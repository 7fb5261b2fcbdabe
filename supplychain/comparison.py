"""What would come of a sheet, before anything of it is written. Pure."""

from collections import Counter
from dataclasses import dataclass, field

from supplychain.rows import FaultAt

SHOWN = 200  # lines of each kind that are kept to be shown; all are counted


@dataclass(frozen=True)
class Line:
    """One link as a row tells it. `before` and `after` say what a change is, by field.

    `ends`: a link that is gone from the list ends with it, because nobody else declares it.
    """

    row: int | None
    supplier: str
    buyer: str
    item: str
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)
    ends: bool = False


@dataclass
class Coming:
    """What would come of a sheet, or came of it.

    `rows` by "new", "changed", "unchanged", "faulty": a row counts once, new before changed before
    unchanged. `firms`, `links`: how many the sheet names; `…_new`: how many of them its firm had
    not told of before; `links_gone`: links of the older sheet that this one no longer names.
    `new`, `changed`, `gone` show the first of them. `joined`: spellings taken for one firm.
    """

    rows: Counter[str] = field(default_factory=Counter)
    firms: int = 0
    firms_new: int = 0
    links: int = 0
    links_new: int = 0
    links_gone: int = 0
    new: list[Line] = field(default_factory=list)
    changed: list[Line] = field(default_factory=list)
    gone: list[Line] = field(default_factory=list)
    faults: list[FaultAt] = field(default_factory=list)
    joined: list[list[str]] = field(default_factory=list)

    @property
    def refused(self) -> list[FaultAt]:
        """Faults because of which a row would not be taken in."""
        return [at for at in self.faults if at.fault.refuses]

    @property
    def doubts(self) -> list[FaultAt]:
        """Remarks about rows that would be taken in nevertheless."""
        return [at for at in self.faults if not at.fault.refuses]
