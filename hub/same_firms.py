"""Answers about firms that may be one, for whoever speaks for a firm: pages, API and command."""

from collections.abc import Collection

from sqlmodel import Session

from hub import access
from hub.access import Who
from hub.accounts import record
from supplychain.services.likenesses import (
    Answered,
    decide,
    merge_of,
    reopen,
    say_one,
    split_apart,
)
from supplychain.tables import Firm, Merge

WORDS = {"same": "firms.same", "different": "firms.different", "later": "firms.later"}


def answer(
    session: Session, who: Who, firm: str | None, likeness_ids: Collection[int], word: str
) -> Answered:
    """Answer pairs of the asker's firm. Raises as supplychain.services.likenesses.decide."""
    own = access.own_firm(session, who, firm)
    bound = access.with_people(session)
    came = decide(session, own.id or 0, likeness_ids, word, actor=who.handle, bound=bound)
    pairs = sorted(likeness_ids)
    record(session, who.handle, WORDS[word], own.name, pairs=pairs, noted=len(came.noted))
    _note(session, who, own, came)
    return came


def make_one(session: Session, who: Who, firm: str | None, firm_ids: Collection[int]) -> Answered:
    """Say of firms that the asker's firm names that they are one. Raises as `say_one`."""
    own = access.own_firm(session, who, firm)
    bound = access.with_people(session)
    came = say_one(session, own.id or 0, firm_ids, actor=who.handle, bound=bound)
    record(session, who.handle, "firms.same", own.name, firms=sorted(firm_ids))
    _note(session, who, own, came)
    return came


def reopen_pairs(
    session: Session, who: Who, firm: str | None, likeness_ids: Collection[int]
) -> None:
    """Take answers back. Raises LikenessNotFound."""
    own = access.own_firm(session, who, firm)
    reopen(session, own.id or 0, likeness_ids, who.handle)
    record(session, who.handle, "firms.reopened", own.name, pairs=sorted(likeness_ids))


def split_up(session: Session, who: Who, firm: str | None, merge_id: int) -> Merge:
    """Take a merge apart that concerns the asker's firm. Raises MergeNotFound."""
    own = access.own_firm(session, who, firm)
    known = merge_of(session, own.id or 0, merge_id)
    if known.split_at is None:
        split_apart(session, own.id or 0, merge_id, who.handle)
        record(session, who.handle, "firms.split", str(merge_id), firms=known.firm_ids)
    return known


def _note(session: Session, who: Who, own: Firm, came: Answered) -> None:
    for made in came.merges:
        record(session, who.handle, "firms.merged", str(made.id), by=own.id, firms=made.firm_ids)
