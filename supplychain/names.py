"""What is known of a firm when it is held against another. Pure."""

from typing import NamedTuple


class Named(NamedTuple):
    """A firm as it is told. Empty fields were not told, and speak neither for nor against.

    `id` is any whole number that tells the firms at hand apart: a firm's row, or -1 for one that
    has none yet. `sector` is a KSIC code, `process` a code of taxonomy.PROCESSES, `region` a code
    of taxonomy.REGIONS or any text.
    """

    id: int
    name: str
    country: str = ""
    region: str = ""
    brn: str | None = None
    address: str = ""
    sector: str = ""
    process: str = ""
    phone: str = ""


class Pair(NamedTuple):
    """Two firms that may be one, by id; `low` < `high`."""

    low: int
    high: int
