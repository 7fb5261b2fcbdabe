"""The firms that a sheet may mean, and what it tells of them. Pure.

Identity: the registration number where a row gives one, else the name's key within a country.
What the sheet's firm called X before stays X, whatever X calls itself today. Of several strangers
of one name none is guessed: the row then means a firm of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from supplychain.errors import NameShared
from supplychain.rows import ReadFirm, ReadLink

# What a row can tell of a firm beside its name and country, as ReadFirm and Description call it.
FACTS = tuple(
    name
    for name in ReadFirm.__dataclass_fields__
    if name not in ("name", "key", "country", "column")
)
_NONE: frozenset[str] = frozenset()
_facts_of = attrgetter(*FACTS)


class KnownFirm(NamedTuple):
    """A firm of the database. `root`: the firm that it was found to be."""

    id: int
    root: int
    brn: str | None
    name_key: str
    country: str
    joined: bool
    columns: tuple[object, ...]  # its own columns, by FACTS


class OwnWord(NamedTuple):
    """What the sheet's firm tells of another already, newest first, field by field."""

    keys: frozenset[tuple[str, str]]  # name's key and country, of every living description
    brns: frozenset[str]
    facts: tuple[object, ...]  # by FACTS


class Party:
    """A firm that the sheet names or may mean. `id` is 0 until a new one is written."""

    __slots__ = (
        "brn", "country", "facts", "id", "joined", "key", "known", "name", "new", "others",
        "root", "row", "told_country", "told_key", "word",
    )  # fmt: skip

    def __init__(self, known: KnownFirm | None, told: ReadFirm | None = None) -> None:
        self.known = known
        self.word: OwnWord | None = None
        self.new = known is None
        self.id = known.id if known else 0
        self.root = known.root if known else 0
        self.brn = known.brn if known else told.brn if told else None
        self.key = known.name_key if known else told.key if told else ""
        self.country = known.country if known else told.country if told else ""
        self.joined = known is not None and known.joined
        self.facts: list[object] = []  # empty until the sheet names the firm
        self.name, self.row = "", 0
        self.told_key, self.told_country = "", ""
        self.others = _NONE  # further spellings

    @property
    def familiar(self) -> bool:
        """Whether the sheet's firm has told of it, before or in this sheet."""
        return self.new or self.word is not None or bool(self.facts)

    @property
    def identity(self) -> object:
        """The same for firms that were found to be one."""
        return self.root or id(self)


@dataclass
class Resolved:
    """A row whose firms are known. Nothing of a row that is not good is told of anybody."""

    number: int
    good: bool
    links: list[tuple[Party, Party, ReadLink]] = field(default_factory=list)
    news: bool = False
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)


class FirmBook:
    """The firms that a sheet may mean, and what it tells of them."""

    def __init__(self, lead: KnownFirm, lead_name: str) -> None:
        self.lead = Party(lead)
        self.lead.name = lead_name
        self.named: list[Party] = []
        self._by_id: dict[int, Party] = {}
        self._by_brn: dict[str, Party] = {}
        self._told_brn: dict[str, Party] = {}
        self._by_key: dict[tuple[str, str], list[Party]] = {}
        self._keep(self.lead)

    def meet(self, firms: Iterable[KnownFirm], words: dict[int, OwnWord]) -> None:
        """Add firms of the database, with what the sheet's firm tells of them already."""
        for firm in firms:
            if firm.id in self._by_id:
                continue
            party = Party(firm)
            self._keep(party)
            if (word := words.get(firm.id)) is None:
                continue
            party.word = word
            for brn in word.brns:
                self._told_brn.setdefault(brn, party)
            for key in word.keys - {(party.key, party.country)}:
                self._by_key.setdefault(key, []).append(party)

    def find(self, told: ReadFirm) -> tuple[Party | None, bool]:
        """The firm that is meant, if it is known; and whether its name is another's number's.

        That is so where the sheet's firm knows the name, but only under other numbers. Raises
        NameShared where the name alone does not tell which of several is meant.
        """
        brn = told.brn
        if brn and (party := self._by_brn.get(brn) or self._told_brn.get(brn)):
            return party, False
        named = self._by_key.get((told.key, told.country))
        if not named:
            return None, False
        differs = False
        if brn:
            # A firm that was known by name only has now told its number.
            differs = any(party.brn and party.familiar for party in named)
            named = [party for party in named if party.brn is None]
        if own := [party for party in named if party.familiar or party is self.lead]:
            if len({party.identity for party in own}) > 1:
                raise NameShared
            return _first(own), differs
        alone = len({party.identity for party in named}) == 1
        return (_first(named) if alone else None), differs

    def tell(self, told: ReadFirm, found: Party | None, row: Resolved) -> Party:
        """Keep what the row tells of the firm that was found; one that is new is added."""
        party = found or self._added_in(told)
        if not party.facts:
            row.news = row.news or (not party.word and party is not self.lead)
            party.facts, party.name, party.row = [None] * len(FACTS), told.name, row.number
            party.told_key, party.told_country = told.key, told.country
            self.named.append(party)
        elif told.name != party.name:
            party.others = party.others | {told.name}
        self._note(party, told, row)
        return party

    def _added_in(self, told: ReadFirm) -> Party:
        """A new firm; the same one where the row names it twice."""
        try:
            party, _ = self.find(told)
        except NameShared:
            party = None
        if party is None:
            party = Party(None, told)
            self._keep(party)
        return party

    def _note(self, party: Party, told: ReadFirm, row: Resolved) -> None:
        """Keep what is told; what an earlier row of the sheet told of the firm stands."""
        facts, word = party.facts, party.word
        for place, value in enumerate(_facts_of(told)):
            if value is None or value == "" or facts[place] is not None:
                continue
            facts[place] = value
            if word and word.facts[place] != value:
                row.news = True
                row.before[FACTS[place]], row.after[FACTS[place]] = word.facts[place], value
        if told.brn and not party.brn and not party.joined:
            party.brn = told.brn
            self._by_brn[told.brn] = party

    def _keep(self, party: Party) -> None:
        if party.id:
            self._by_id[party.id] = party
        if party.brn:
            self._by_brn[party.brn] = party
        self._by_key.setdefault((party.key, party.country), []).append(party)


def _first(parties: list[Party]) -> Party | None:
    """Of firms that are one: the one that it was found to be, else the one known longest."""
    return min(parties, key=lambda p: (p.id != p.root, p.id), default=None)
