"""Listings, one page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request, url_for
from sqlmodel import Session, func, select
from sqlmodel.sql.expression import Select, SelectOfScalar

T = TypeVar("T")

_LARGEST = 1_000_000  # as far as anybody turns pages; keeps the offset inside a database's integer


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a listing; `number` counts from 1."""

    items: Sequence[T]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty listing has one."""
        return max(1, -(-self.total // self.size))

    @property
    def shown(self) -> list[int | None]:
        """Page numbers to offer, None where some are left out.

        >>> Page([], 5, 10, 100).shown
        [1, None, 4, 5, 6, None, 10]
        >>> Page([], 1, 10, 30).shown
        [1, 2, 3]
        """
        near = {1, self.pages, *range(self.number - 1, self.number + 2)}
        shown: list[int | None] = []
        for number in sorted(n for n in near if 1 <= n <= self.pages):
            if shown and shown[-1] is not None and number - shown[-1] > 1:
                shown.append(None)
            shown.append(number)
        return shown


def page_of(
    session: Session,
    query: Select[*tuple[Any, ...]] | SelectOfScalar[Any],
    number: int = 1,
    size: int = 50,
) -> Page[Any]:
    """Page `number` of what the query finds; the last one where there are not so many.

    The query should say its order, with a unique column last.
    """
    rows = query.order_by(None).subquery()
    total = session.exec(select(func.count()).select_from(rows)).one()
    number = min(max(1, number), max(1, -(-total // size)))
    items = session.exec(query.limit(size).offset((number - 1) * size)).all()
    return Page(items, number, size, total)


def page_of_list(items: Sequence[T], number: int = 1, size: int = 50) -> Page[T]:
    """The same for what is in memory already.

    >>> page_of_list("abcde", 2, size=2).items
    'cd'
    """
    number = min(max(1, number), max(1, -(-len(items) // size)))
    return Page(items[(number - 1) * size : number * size], number, size, len(items))


def number_asked(name: str = "page") -> int:
    """The page that the address asks for; 1 where it asks for none or for nonsense."""
    asked = request.args.get(name, "1")
    return min(int(asked), _LARGEST) if asked.isdecimal() else 1


def page_address(number: int, name: str = "page") -> str:
    """Address of another page of the listing at hand; filters stay."""
    asked: dict[str, Any] = {**request.args.to_dict(flat=False), **(request.view_args or {})}
    asked[name] = str(number)
    return url_for(request.endpoint or "home.home", **asked)
