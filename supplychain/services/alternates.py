"""Who could stand in for a firm, or deliver an item, among those that the asker sees by name."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session

from supplychain.alternates import Alternate, Candidate, Wanted, alternates
from supplychain.cells import plain
from supplychain.errors import FirmNotFound
from supplychain.scenario_question import Question
from supplychain.services.merging import root_of, roots
from supplychain.services.network import Place
from supplychain.services.scenario_chain import SeenChain, chain_seen, division_of
from supplychain.services.what_if import answer_in
from supplychain.tables import Firm
from supplychain.visibility import Group


@dataclass(frozen=True)
class StandIns:
    """Firms that could stand in, the best first; who else there is, only counted.

    `failed`: the firm in question, None where an item was asked for. `items`: what it delivers, as
    the asker may know. `places` are the firms of `found`. `left_out`: they fit but stop or are hit
    themselves, or stand behind the failed firm only. `hidden`: firms of the same industry, or of
    any where it is not known, that the asker does not see by name.
    """

    failed: Place | None
    items: list[str]
    found: list[Alternate]
    places: dict[int, Place]
    left_out: list[Place]
    hidden: list[Group]


def stand_ins(
    session: Session,
    asker_id: int,
    firm_id: int | None,
    item: str = "",
    question: Question | None = None,
    certified: Collection[int] = (),
) -> StandIns:
    """Who could stand in for a firm that the asker sees, or deliver an item.

    `question`: the scenario in which they have to hold out; without one the firm alone stops.
    Raises FirmNotFound, also for a firm that the asker does not see.
    """
    asked = question or Question(firms=(firm_id,) if firm_id else ())
    chain = chain_seen(session, asker_id, asked.stock)
    failed = None
    if firm_id is not None:
        known = session.get(Firm, firm_id)
        failed = chain.seen.at(root_of(session, firm_id)) if known else None
        if failed is None:
            raise FirmNotFound(firm=firm_id)
    hit = _hit(chain, asked, roots(session), failed)
    delivers = _deliveries(chain)
    items = delivers.get(failed.number, {}) if failed else {plain(item): item}
    wanted = Wanted(
        frozenset(items) - {""},
        failed.facts.process if failed else "",
        division_of(failed.facts.sector) if failed else "",
        failed.facts.region if failed else "",
    )
    inside = {chain.seen.lead.id, failed.number if failed else None}
    fitting = alternates(
        wanted,
        (
            _candidate(chain, place, failed, delivers, certified)
            for number, place in chain.seen.places.items()
            if number not in inside
        ),
    )
    return StandIns(
        failed=failed,
        items=sorted(told for told in items.values() if told),
        found=[each for each in fitting if each.candidate.number not in hit],
        places={
            each.candidate.number: chain.seen.places[each.candidate.number] for each in fitting
        },
        left_out=[
            chain.seen.places[each.candidate.number]
            for each in fitting
            if each.candidate.number in hit
        ],
        hidden=[
            group
            for group in chain.seen.hidden
            if not wanted.industry
            or group.outline.sector is None
            or division_of(group.outline.sector) == wanted.industry
        ],
    )


def _hit(
    chain: SeenChain, asked: Question, same: dict[int, int], failed: Place | None
) -> frozenset[int]:
    """Who stops or makes less in the scenario, and who reaches the asker only through the firm."""
    told = answer_in(chain, asked, same)
    found = {hit.place.number for hit in told.hits} | told.stopped
    return frozenset(found | (chain.behind(failed.number) if failed else set()))


def _deliveries(chain: SeenChain) -> dict[int, dict[str, str]]:
    """Firm → what it delivers: how items are compared, and how they are called."""
    found: dict[int, dict[str, str]] = {}
    for line in chain.lines:
        found.setdefault(line.supplier, {}).setdefault(plain(line.item), line.item)
    return found


def _candidate(
    chain: SeenChain,
    place: Place,
    failed: Place | None,
    delivers: dict[int, dict[str, str]],
    certified: Collection[int],
) -> Candidate:
    buyers, suppliers = chain.partners
    to, lead = buyers.get(place.number, set()), chain.seen.lead.id or 0
    lost = buyers.get(failed.number, set()) if failed else set()
    common = suppliers.get(failed.number, set()) if failed else set()
    return Candidate(
        number=place.number,
        name=place.name,
        items=frozenset(delivers.get(place.number, {})) - {""},
        process=place.facts.process,
        industry=division_of(place.facts.sector),
        region=place.facts.region,
        level=place.level,
        employees=place.facts.employees,
        joined=place.facts.joined,
        to_us=lead in to,
        to_buyers=len((to & lost) - {lead}),
        fragile=len(suppliers.get(place.number, set()) & common),
        certified=True if place.number in certified else None,
    )
