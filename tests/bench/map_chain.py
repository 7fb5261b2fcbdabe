"""A made-up chain of 10,000 firms behind one lead firm, put into a hub: the same for the same seed.

Four tiers. A new firm of a tier delivers to a few of the tier before, chosen by how many suppliers
they have already (Barabási and Albert 1999), so that a few buy of hundreds and most of a handful;
one link in fifty leads against the tiers and closes a circle. The lead firm has told it all in its
own sheets; some direct suppliers have joined, say so themselves, and opened themselves to it.
Behind them stand firms that they alone have told, which the lead firm does not see by name.
"""

import random
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from supplychain.identify import check_digit
from supplychain.matching import name_key
from supplychain.tables import Consent, Declaration, Description, Firm, Link, Site, now
from supplychain.taxonomy import PROCESSES, REGIONS

TIERS = (0.02, 0.18, 0.40, 0.40)  # of all firms
SECTORS = ("C22", "C24", "C25", "C26", "C27", "C28", "C29", "C30", "C20", "C13")
_FIRST = (
    "한빛",
    "대성",
    "영진",
    "삼우",
    "동아",
    "세종",
    "우리",
    "태광",
    "금강",
    "신한",
    "두레",
    "미래",
)
_SECOND = ("정밀", "산업", "테크", "전자", "화학", "금속", "기공", "하이텍", "오토", "메탈")
_BATCH = 5_000


class Sizes(NamedTuple):
    """How much there is of a chain."""

    firms: int
    links: int


class Chain:
    """Firms, links and what is said about them, as rows for the tables."""

    def __init__(self, sizes: Sizes, first: int = 1, seed: int = 4, hidden: float = 0.05) -> None:
        self.dice = random.Random(seed)
        self.lead, self.first = first, first
        self.at = now()
        self.rows: dict[type[SQLModel], list[dict[str, Any]]] = {
            table: [] for table in (Firm, Site, Link, Declaration, Description, Consent)
        }
        self.tier = {first: 0}
        self.pairs: dict[tuple[int, int], None] = {}
        self._firms(sizes.firms)
        self._links(sizes.links)
        self._hidden(int(sizes.firms * hidden))

    def _firms(self, firms: int) -> None:
        self._firm(self.lead, "한빛자동차(주)", joined=True, told=False)
        numbers = count(self.lead + 1)
        for tier, part in enumerate(TIERS, 1):
            for _ in range(round((firms - 1) * part)):
                number = next(numbers)
                self.tier[number] = tier
                joined = tier == 1 and self.dice.random() < 0.3
                self._firm(number, self._name(number), joined=joined, told=True)
                if joined:
                    self.rows[Consent].append(
                        {"firm_id": number, "to_id": self.lead, "given_at": self.at, "given_by": ""}
                    )

    def _name(self, number: int) -> str:
        form = self.dice.choice(("(주){}", "{}(주)", "{}", "주식회사 {}"))
        return form.format(self.dice.choice(_FIRST) + self.dice.choice(_SECOND) + str(number))

    def _firm(self, number: int, name: str, *, joined: bool, told: bool) -> None:
        dice = self.dice
        nine = f"{101 + number % 800:03d}81{1 + number // 800:04d}"
        facts = {
            "name": name, "name_key": name_key(name), "country": "KR",
            "brn": nine + str(check_digit(nine)), "region": dice.choice([*REGIONS]),
            "sector": dice.choice(SECTORS), "process": dice.choice([*PROCESSES]),
            "employees": int(dice.paretovariate(1.1) * 5),
        }  # fmt: skip
        self.rows[Firm].append(
            {"id": number, **facts, "joined_at": self.at if joined else None, "created_at": self.at}
        )
        level = dice.randrange(5)
        self.rows[Site].append(
            {"firm_id": number, "told_firm_id": number, "name": "본사 공장", "level": level,
             "region": facts["region"], "process": facts["process"]}
        )  # fmt: skip
        if told:
            self.rows[Description].append(
                {"firm_id": number, "told_firm_id": number, "by_id": self.lead, **facts,
                 "level": level, "at": self.at}
            )  # fmt: skip

    def _links(self, links: int) -> None:
        by_tier: dict[int, list[int]] = {0: [self.lead]}
        for number, tier in self.tier.items():
            if tier:
                by_tier.setdefault(tier, []).append(number)
        ways = {tier: self._towards(some) for tier, some in by_tier.items()}
        for number, tier in self.tier.items():  # everybody has a buyer in the tier before
            if tier:
                self._pair(number, next(ways[tier - 1]))
        numbers = [number for number, tier in self.tier.items() if tier > 1]
        while len(self.pairs) < links:
            supplier = self.dice.choice(numbers)
            tier = self.tier[supplier]
            if self.dice.random() < 0.02:
                self._pair(supplier, self.dice.choice(numbers))
            else:
                self._pair(
                    supplier, next(ways[tier - 1 if self.dice.random() < 0.9 else max(1, tier - 2)])
                )
        for link, (supplier, buyer) in enumerate(self.pairs, 1):
            self._link(link, supplier, buyer, [self.lead])

    def _towards(self, firms: list[int]) -> Iterator[int]:
        """Firms without end, each as likely as it has come before, and once more."""
        drawn = list(firms)
        while True:
            chosen = self.dice.choice(drawn)
            drawn.append(chosen)
            yield chosen

    def _pair(self, supplier: int, buyer: int) -> None:
        if supplier != buyer:
            self.pairs.setdefault((supplier, buyer))

    def _link(self, link: int, supplier: int, buyer: int, said: list[int]) -> None:
        standing = self.dice.choices(("open", "confirmed", "contradicted"), (7, 3, 1))[0]
        self.rows[Link].append(
            {"id": link, "supplier_id": supplier, "buyer_id": buyer, "told_supplier_id": supplier,
             "told_buyer_id": buyer, "item": f"부품 {link % 97}", "share": float(link % 90),
             "standing": standing, "since": self.at}
        )  # fmt: skip
        if standing != "open":
            said = [*dict.fromkeys([*said, supplier, buyer])]
        for firm in said:
            self.rows[Declaration].append(
                {"link_id": link, "firm_id": firm, "stance": "holds", "share": float(link % 90),
                 "at": self.at}
            )  # fmt: skip

    def _hidden(self, firms: int) -> None:
        buyers = [number for number, tier in self.tier.items() if tier]
        numbers = count(max(self.tier) + 1)
        for _ in range(firms):
            number, buyer = next(numbers), self.dice.choice(buyers)
            self._firm(number, self._name(number), joined=False, told=False)
            self._link(len(self.rows[Link]) + 1, number, buyer, [buyer])

    def put(self, session: Session) -> None:
        """Write all of it."""
        for table, rows in self.rows.items():
            for start in range(0, len(rows), _BATCH):
                session.execute(insert(table), rows[start : start + _BATCH])
        session.flush()


def chain(firms: int, links: int, seed: int = 4) -> Chain:
    """A chain of so many firms and links."""
    return Chain(Sizes(firms, links), seed=seed)
