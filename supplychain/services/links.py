"""Find or add links, and note who declared them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from supplychain.services.firms import batches
from supplychain.standing import Statement, outcome
from supplychain.tables import Declaration, Link, Sheet, now

Key = tuple[int, int, str]


@dataclass(frozen=True)
class ToldLink:
    """A link between two known firms, as one row of a sheet tells it."""

    supplier_id: int
    buyer_id: int
    item: str
    share: float | None
    row: int

    @property
    def key(self) -> Key:
        """What makes it the same link."""
        return self.supplier_id, self.buyer_id, self.item


class LinkBook:
    """The links of some suppliers, looked up together; new ones are added to it."""

    def __init__(self, session: Session, sheet: Sheet, suppliers: set[int]) -> None:
        self.session = session
        self.sheet = sheet
        self.new = 0
        self._links: dict[Key, Link] = {}
        self._declared: dict[Key, Declaration] = {}
        self._said: list[tuple[Link, Declaration]] = []
        for ids in batches(sorted(suppliers)):
            for link in session.exec(select(Link).where(col(Link.supplier_id).in_(ids))):
                self._links[link.supplier_id, link.buyer_id, link.item] = link
        keys = {link.id: key for key, link in self._links.items()}
        for ids in batches([number for number in keys if number]):
            said = select(Declaration).where(
                col(Declaration.link_id).in_(ids), Declaration.firm_id == sheet.lead_id
            )
            self._declared |= {keys[each.link_id]: each for each in session.exec(said)}

    def declare(self, told: ToldLink) -> str:
        """Add or refresh the link; "new", "changed" or "unchanged" says what came of it."""
        link = self._links.get(told.key)
        came = "unchanged"
        if link is None:
            link = Link(supplier_id=told.supplier_id, buyer_id=told.buyer_id, item=told.item)
            self._links[told.key] = link
            self.new += 1
            came = "new"
        if link.ended or (told.share is not None and link.share != told.share):
            came = came if came == "new" else "changed"
            link.ended = None
            link.share = told.share if told.share is not None else link.share
        if came != "unchanged":
            self.session.add(link)
        said = self._say(link, told)
        return said if came == "unchanged" else came

    def settle(self) -> None:
        """Write the new links, then who declared them."""
        self.session.flush()
        for link, said in self._said:
            said.link_id = link.id or 0
            self.session.add(said)
        self._said.clear()
        self.session.flush()

    def _say(self, link: Link, told: ToldLink) -> str:
        """Keep that this lead firm says so; "new" where it had not said it before."""
        said = self._declared.get(told.key)
        if said is None:
            said = Declaration(
                link_id=0,  # known once the link is written
                firm_id=self.sheet.lead_id,
                sheet_id=self.sheet.id,
                row=told.row,
                share=told.share,
            )
            self._declared[told.key] = said
            self._said.append((link, said))
            return "new"
        if told.share is not None and said.share != told.share:
            said.share, said.at = told.share, now()
        return "unchanged"


def settle(session: Session, link_ids: Iterable[int]) -> int:
    """Make share, standing and end of these links follow from their living declarations.

    Gives the number of links that changed. Whoever adds or ends a declaration calls this.
    """
    session.flush()
    changed = 0
    for ids in batches(sorted(set(link_ids))):
        said: dict[int, list[Statement]] = {}
        living = select(Declaration).where(
            col(Declaration.link_id).in_(ids), col(Declaration.ended).is_(None)
        )
        for each in session.exec(living.order_by(col(Declaration.at), col(Declaration.id))):
            statement = Statement(each.firm_id, each.stance, each.share, each.at)
            said.setdefault(each.link_id, []).append(statement)
        for link in session.exec(select(Link).where(col(Link.id).in_(ids))):
            changed += _follow(link, said.get(link.id or 0, []))
    session.flush()
    return changed


def _follow(link: Link, said: list[Statement]) -> bool:
    came = outcome(link.supplier_id, link.buyer_id, said)
    ended = None if came.alive else link.ended or now()
    share = came.share if came.alive else link.share
    follows = came.standing, share, ended
    if (link.standing, link.share, link.ended) == follows:
        return False
    link.standing, link.share, link.ended = follows
    return True
