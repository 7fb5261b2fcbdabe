"""What the columns of a sheet hold: by their headings, and by the values below them. Pure.

A heading is a word that we know, alone or below the name of a group ("납품처 / 상호"); else it
contains one; else the values tell, as a column full of valid registration numbers does. People
see every guess beside sample values, and correct it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from supplychain import cells, identify
from supplychain.addresses import address
from supplychain.cells import plain
from supplychain.columns import FIELDS
from supplychain.errors import SupplyChainError
from supplychain.headings import LINES, WITHIN, Heading, heading_at, without_heading
from supplychain.synonyms import ABOUT_BUYER, ABOUT_LINK, ABOUT_SUPPLIER, CONTAINS, WORDS

_ENOUGH = 0.8  # of the values have to say so
_FEW = 3
_FIRMS = 0.4
_EXACT, _GROUPED, _CONTAINED = 3, 2, 1
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_VALUE = re.compile(r"^[\d\s.,:/()%+-]*\d[\d\s.,:/()%+-]*$|\S@\S")  # a number, a date, an address
_FIRM = re.compile(
    r"㈜|\(주\)|（주）|주식회사|유한회사|\b(?:co\.?,?\s*ltd|ltd|inc|corp|gmbh|llc|s\.?a\.?|plc|limited)\b",
    re.IGNORECASE,
)


@dataclass
class Guess:
    """Field → column, and how it was known: "heading" or "values"."""

    heading: Heading
    fields: dict[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)

    @property
    def supplier_list(self) -> bool:
        """Whether this looks like a list of suppliers: names, and something about them."""
        return "supplier.name" in self.fields and len(self.fields) > 1


def guess(head: list[list[str]], *, merged: bool = False) -> Guess:
    """The heading among the first rows that says most, and what its columns hold.

    >>> rows = [["2026년 현황"], ["협력사명", "사업자 등록번호", "거래비중(%)"], ["가나", "", "3"]]
    >>> found = guess(rows)
    >>> found.heading.first, found.fields["supplier.brn"], found.fields["link.share"]
    (1, '사업자 등록번호', '거래비중(%)')
    """
    best, most = None, (0, 0)
    usual = _usual(head)
    for lines in range(1, LINES + 1):
        for first in range(min(WITHIN, len(head) - lines + 1)):
            heading = heading_at(head, first, lines, merged=merged)
            if not _may_be(heading, head, usual):
                continue
            by_words = _by_words(heading)
            rank = (len(by_words), min(sum(map(bool, heading.parts)), usual))
            if by_words and rank > most:
                best, most = (heading, by_words), rank
    heading, fields = best or (_likely_heading(head, merged=merged), {})
    return _with_values(heading, fields, head)


def guess_below(head: list[list[str]], heading: Heading) -> Guess:
    """What the columns of a heading hold that somebody has pointed at."""
    return _with_values(heading, _by_words(heading), head)


def _usual(head: list[list[str]]) -> int:
    """How many cells a row of the table holds."""
    filled = [sum(map(bool, row)) for row in head if any(row)]
    return max(set(filled), key=lambda count: (filled.count(count), count), default=0)


def _may_be(heading: Heading, head: list[list[str]], usual: int) -> bool:
    """Whether these rows may be the header: no title or note above it, no values below it.

    A note that fills a cell of a wide table is none, whatever it says ("상호 변경된 곳 있음"). A
    further line has a word that we know by itself, and no values: else it is the first row.
    """
    said = {tuple(parts) for parts in heading.parts if parts}
    if len(said) * 3 <= usual or (len(said) == 1 and usual > 1):
        return False
    if heading.lines == 1:
        return True
    below = [cell for row in head[heading.first + 1 : heading.body] for cell in row if cell]
    last = head[heading.body - 1]
    known = any(plain(_BRACKETS.sub("", cell)) in WORDS for cell in last if cell)
    return known and not any(_VALUE.search(cell) for cell in below)


def _likely_heading(head: list[list[str]], *, merged: bool) -> Heading:
    """The first full row, where it holds no numbers; no heading at all otherwise."""
    filled = [sum(map(bool, row)) for row in head]
    usual = _usual(head)
    for index, row in enumerate(head[:WITHIN]):
        if usual > 1 and filled[index] >= usual and index + 1 < len(head):
            words = [cell for cell in row if cell]
            if len(set(words)) == 1:
                continue  # a title in merged cells
            if len(set(words)) == len(words) and not any(re.search(r"\d", cell) for cell in words):
                return heading_at(head, index, 1, merged=merged)
            break
    return without_heading(head, merged=merged)


def _by_words(heading: Heading) -> dict[str, str]:
    """Field → column, for the headings that say what they are; the surest first."""
    known = [
        (-strength, place, found)
        for place, parts in enumerate(heading.parts)
        if heading.names[place] and (said := _said(parts))
        for strength, found in [said]
    ]
    fields: dict[str, str] = {}
    taken: set[int] = set()
    names = {place: found for _, place, found in known if found.endswith(".name")}
    for _, place, found in sorted(known):
        party, _dot, about = found.partition(".")
        if party == "supplier" and f"buyer.{about}" in FIELDS and about != "name":
            found = f"{_speaks_of(place, names)}.{about}"  # noqa: PLW2901 - the nearer name owns it
        if found not in fields and place not in taken:
            fields[found] = heading.names[place]
            taken.add(place)
    return fields


def _speaks_of(place: int, names: dict[int, str]) -> str:
    """Supplier or buyer: whichever name stands nearest to the left."""
    left = [at for at in names if at <= place]
    return names[max(left)].partition(".")[0] if left else "supplier"


def _said(parts: list[str]) -> tuple[int, str] | None:
    """What a heading says, and how surely."""
    bare = [plain(_BRACKETS.sub("", part)) for part in dict.fromkeys(parts)]
    whole = "".join(bare)
    if not whole:
        return None
    if whole in WORDS:
        return _EXACT, WORDS[whole]
    for party, words in (("buyer", ABOUT_BUYER), ("supplier", ABOUT_SUPPLIER), ("", ABOUT_LINK)):
        rest = next((whole.removeprefix(word) for word in words if whole.startswith(word)), "")
        found = WORDS.get(rest)
        if found is None and rest not in {"명", "명칭"}:
            continue
        about = found.partition(".")[2] if found else "name"
        if party and f"{party}.{about}" in FIELDS:
            return _GROUPED, f"{party}.{about}"
        if found:
            return _GROUPED, found
    if len(bare) > 1 and bare[-1] in WORDS:
        return _GROUPED, WORDS[bare[-1]]
    contained = next((found for word, found in CONTAINS if word in whole), None)
    return (_CONTAINED, contained) if contained else None


def _with_values(heading: Heading, fields: dict[str, str], head: list[list[str]]) -> Guess:
    body = [row for row in head[heading.body :] if any(row)]
    fields = {told: name for told, name in fields.items() if not _belied(told, name, heading, body)}
    found = Guess(heading, fields, dict.fromkeys(fields, "heading"))
    for place, name in enumerate(heading.names):
        if not name or name in found.fields.values():
            continue
        values = [row[place] for row in body if place < len(row) and row[place]]
        told = _told_by(values, found.fields) if len(values) >= min(_FEW, len(body)) else ""
        if values and told:
            found.fields[told] = name
            found.why[told] = "values"
    return found


def _belied(told: str, name: str, heading: Heading, body: list[list[str]]) -> bool:
    """Whether a column of numbers or codes holds none: "sector" over "Apparel" is no KSIC code."""
    reader = _CODES.get(told)
    place = heading.names.index(name)
    values = [row[place] for row in body if place < len(row) and row[place]]
    return reader is not None and len(values) >= _FEW and not any(map(reader, values))


def _told_by(values: list[str], known: dict[str, str]) -> str:
    """The field that these values can only mean, of those that are not found yet."""
    for fields, reader, least in _TELLING:
        wanted = next((each for each in fields if each not in known), "")
        if wanted and sum(map(reader, values)) >= least * len(values):
            return wanted
    return ""


def _reads(reader: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            return bool(reader(text))
        except SupplyChainError:
            return False

    return fits


def _is_level(text: str) -> bool:
    return not text.isdecimal() and _reads(cells.level)(text)


def _is_percent(text: str) -> bool:
    return text.endswith(("%", "％")) and _reads(lambda value: cells.share(value) is not None)(text)


_CODES = {
    "supplier.sector": _reads(lambda text: identify.industry_code(text)[0]),
    "supplier.corporate": _reads(identify.corporate_number),
    "supplier.lei": _reads(identify.lei),
    "supplier.duns": _reads(identify.duns),
    "supplier.email": _reads(address),
    "supplier.employees": _reads(lambda text: cells.count(text) is not None),
    "link.share": _reads(lambda text: cells.share(text) is not None),
}
_TELLING: tuple[tuple[tuple[str, ...], Callable[[str], bool], float], ...] = (
    (("supplier.brn",), _reads(identify.registration_number), _ENOUGH),
    (("supplier.corporate",), _reads(identify.corporate_number), _ENOUGH),
    (("supplier.lei",), _reads(identify.lei), _ENOUGH),
    (("supplier.email",), _reads(address), _ENOUGH),
    (("supplier.country",), _reads(cells.country), _ENOUGH),
    (("supplier.region",), _reads(cells.region), _ENOUGH),
    (("supplier.process",), _reads(cells.process), _ENOUGH),
    (("supplier.level",), _is_level, _ENOUGH),
    (("link.share",), _is_percent, _ENOUGH),
    (("supplier.name",), lambda text: bool(_FIRM.search(text)), _FIRMS),
)
