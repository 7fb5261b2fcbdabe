"""Random supply chains in which every name, item, note and number is a token of its own.

A token stands nowhere else, so a plain search of an answer's bytes finds whatever leaked.
"""

import hashlib
import itertools
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import strategies as st
from sqlmodel import Session, select

from hub import alerting as posting
from hub.alerting import Post
from hub.wiring import Hub
from supplychain.alert_errors import AlertForNobody
from supplychain.alert_tables import Alert
from supplychain.columns import Layout, LinkColumns, PartyColumns
from supplychain.identify import check_digit
from supplychain.matching import name_key
from supplychain.services import alerts
from supplychain.services.alert_running import running_of
from supplychain.services.alert_views import alert_seen
from supplychain.services.alert_ways import joined
from supplychain.services.alerts import Answer, Draft, Speaker
from supplychain.services.links import settle
from supplychain.services.merging import merge
from supplychain.tables import (
    Consent,
    Declaration,
    Description,
    Firm,
    Invitation,
    Likeness,
    Link,
    Sheet,
    SheetFault,
    Site,
    now,
)
from supplychain.vouching_tables import Voice, Vouching
from tests import make
from tests.visibility.world_more import keep_scenarios, share_model

REGIONS, SECTORS = ("KR-41", "KR-48"), ("C22", "C29")
_numbers = itertools.count(1)


# --- plans


@dataclass(frozen=True)
class Saying:
    """One statement about a link."""

    speaker: int
    stance: str
    living: bool
    in_sheet: bool


@dataclass(frozen=True)
class Plan:
    """A chain as drawn: firms by number from 0. Firm 0 publishes a model."""

    firms: int
    joined: frozenset[int]
    links: tuple[tuple[int, int, tuple[Saying, ...]], ...]
    merges: tuple[tuple[int, int], ...]
    consents: tuple[tuple[int, int, bool], ...]
    invitations: tuple[tuple[int, int, int, str], ...]
    likenesses: tuple[tuple[int, int, int], ...]
    alerts: tuple[tuple[int, str, bool], ...] = ()  # who raises it, which way, whether by itself
    new: frozenset[int] = frozenset()  # firms for which somebody speaks whom one firm asked in
    vouched: tuple[tuple[int, int, str], ...] = ()  # of whom, by whom, "yes" or "no"


def _planned_alerts(speaker):
    return st.tuples(speaker, st.sampled_from(["down", "up"]), st.booleans())


def _sayings(speaker):
    return st.builds(
        Saying,
        speaker,
        st.sampled_from(["holds", "holds", "holds", "denied"]),
        st.sampled_from([True, True, True, False]),
        st.booleans(),
    )


@st.composite
def plans(draw, largest: int = 8) -> Plan:
    firms = draw(st.integers(4, largest))
    any_firm = st.integers(0, firms - 1)
    joined = draw(st.frozensets(any_firm, min_size=2)) | {0}
    speaker = st.sampled_from(sorted(joined))
    said = _sayings(speaker)
    links = draw(
        st.lists(
            st.tuples(
                any_firm,
                any_firm,
                st.lists(said, min_size=1, max_size=3, unique_by=lambda s: s.speaker).map(tuple),
            ).filter(lambda link: link[0] != link[1]),
            min_size=firms - 2,
            max_size=2 * firms,
        )
    )
    silent = sorted(set(range(firms)) - joined)
    merges = (
        draw(st.lists(st.tuples(st.sampled_from(silent), any_firm), max_size=2)) if silent else []
    )
    others = st.tuples(speaker, any_firm).filter(lambda two: two[0] != two[1])
    consents = draw(
        st.lists(
            others.flatmap(lambda two: st.tuples(*map(st.just, two), st.booleans())),
            max_size=3 * firms,
            unique_by=lambda one: one[:2],
        )
    )
    invitations = draw(
        st.lists(
            st.tuples(
                speaker, any_firm, speaker, st.sampled_from(["sent", "accepted", "withdrawn"])
            ).filter(lambda one: one[0] != one[1]),
            max_size=3,
            unique_by=lambda one: one[:2],
        )
    )
    likenesses = draw(
        st.lists(
            st.tuples(speaker, any_firm, any_firm).filter(lambda one: one[1] < one[2]),
            max_size=2,
            unique=True,
        )
    )
    vouched = st.tuples(speaker, speaker, st.sampled_from(["yes", "yes", "no"]))
    return Plan(
        firms,
        joined,
        tuple(links),
        tuple(merges),
        tuple(consents),
        tuple(invitations),
        tuple(likenesses),
        tuple(draw(st.lists(_planned_alerts(speaker), max_size=2))),
        draw(st.frozensets(speaker, max_size=3)),
        tuple(draw(st.lists(vouched, max_size=firms, unique_by=lambda one: one[:2]))),
    )


def lively(plan: Plan) -> bool:
    """Whether there is something to hide and to show: the simplest chains have neither."""
    pairs = {link[:2] for link in plan.links}
    ends = {end for pair in pairs for end in pair}
    speakers = {said.speaker for link in plan.links for said in link[2]}
    return (
        min(len(pairs), len(ends)) >= 4 and len(speakers) > 1 and any(c[2] for c in plan.consents)
    )


# --- worlds


@dataclass(frozen=True)
class Secret:
    """What a token is: `kind`, the firm that it tells of, who said it, and the link it is of."""

    kind: str
    firm: int = -1
    by: int = -1
    link: int = -1
    ended: bool = False


@dataclass
class World:
    """A plan in the database. Firms, links, … by the plan's numbers → their ids."""

    plan: Plan
    firms: list[int] = field(default_factory=list)
    links: list[int] = field(default_factory=list)
    sheets: dict[int, int] = field(default_factory=dict)  # firm → its sheet
    invitations: list[int] = field(default_factory=list)
    likenesses: list[int] = field(default_factory=list)
    merges: list[int] = field(default_factory=list)
    deliveries: list[int] = field(default_factory=list)
    alerts: list[int] = field(default_factory=list)
    got: dict[int, set[int]] = field(default_factory=dict)  # alert → firms that it reached
    asked: dict[tuple[int, int], set[int]] = field(default_factory=dict)  # (alert, firm) → by whom
    offered: set[int] = field(default_factory=set)  # firms to which firm 0 offers its model
    people: dict[int, object] = field(default_factory=dict)
    root: dict[int, int] = field(default_factory=dict)
    secrets: dict[str, Secret] = field(default_factory=dict)
    scenarios: dict[int, int] = field(default_factory=dict)  # firm → its scenario
    shares: dict[tuple[int, int], int] = field(default_factory=dict)  # (firm, with whom) → share
    rollout: int = 0
    slug: str = ""
    more: dict[str, list[int]] = field(default_factory=dict)  # what was made by asking

    def token(self, kind: str, **about: object) -> str:
        """A new token: ten letters and digits between q and z."""
        text = f"q{hashlib.sha256(str(next(_numbers)).encode()).hexdigest()[:10]}z"
        self.secrets[text] = Secret(kind, **about)
        return text

    def id(self) -> int:
        """A row's number with nine digits, which stand nowhere else by chance."""
        return 700_000_000 + next(_numbers)

    def number(self, **about: object) -> str:
        """A new registration number, as firms have them."""
        text = registration_number()
        self.secrets[text] = Secret("brn", **about)
        return text


def registration_number() -> str:
    """One that nobody has: of a tax office that is not there, its check digit right."""
    count = next(_numbers)
    nine = f"9{count % 90:02d}81{count // 90 + 1:04d}"
    return f"{nine}{check_digit(nine)}"


def build(hub: Hub, plan: Plan) -> World:
    """Write the plan into the database."""
    world = World(plan)
    with hub.db.work() as session:
        _firms(session, world)
        _links(session, world)
        _merges(session, world)
        _others(session, world)
        _voices(session, world)
    for each in sorted(plan.joined):
        roles = [(role, world.firms[each]) for role in ("vendor", "supply_manager", "publisher")]
        world.people[each] = make.person(hub, *roles, name=world.token("person", firm=each))
    with hub.db.work() as session:
        share_model(session, world, f"model-{next(_numbers)}")
        keep_scenarios(session, world)
        for at, planned in enumerate(plan.alerts):
            _alert(hub, session, world, at, planned)
    return world


def _alert(hub: Hub, session: Session, world: World, at: int, planned) -> None:
    """An alert that every joined firm acknowledges, answers and passes on to all it trades with."""
    raiser, direction, by_itself = planned
    if session.exec(select(Alert.id).limit(1)).first() is None:
        # Numbers that no page holds for another reason ("2nd tier"), as tests replace them.
        session.add(
            Alert(
                id=700_000, by_id=world.firms[0], key="-", direction="up", kind="other",
                text="-", urgency="days",
            )
        )  # fmt: skip
        session.flush()
    post = Post(hub.settings)
    draft = Draft(
        key=f"k{at}",
        text=world.token("alert", link=at),
        item=world.token("alert", link=at),
        direction=direction,
        by_itself=by_itself,
        asks=("deliver",),
    )
    try:
        row = posting.raise_alert(session, post, Speaker(world.firms[raiser], "test"), draft)
    except AlertForNobody:
        return
    world.alerts.append(row.id)
    done: set[int] = set()
    while (due := set(running_of(session, row).receipts) - done) != set():
        for number in sorted(due):
            done.add(number)
            if not joined(session, [number]) or number == world.firms[raiser]:
                continue
            speaker, firm = Speaker(number, "test"), world.firms.index(number)
            note = world.token("answer", firm=firm, link=at)
            said = Answer("partly", affected=30, note=note, cause=bool(number % 2))
            alerts.answer(session, speaker, row.id, said)
            rest = [each.firm_id for each in alert_seen(session, number, row.id).to_pass]
            if rest:
                posting.pass_on(session, post, speaker, row.id, rest)
    running = running_of(session, row)
    world.got[at] = {world.firms.index(number) for number in running.receipts}
    for by, to in running.course.passed:
        if running.passed_at[by, to] <= (running.receipts[to].answered_at or now()):
            pair = (at, world.firms.index(to))
            world.asked.setdefault(pair, set()).add(world.firms.index(by))


def _firms(session: Session, world: World) -> None:
    for each in range(world.plan.firms):
        own = each in world.plan.joined
        name = world.token("own" if own else "first", firm=each)
        row = Firm(
            id=world.id(),
            name=name,
            name_key=name_key(name),
            brn=world.number(firm=each) if own else None,
            region=REGIONS[each % 2],
            sector=SECTORS[each // 2 % 2],
            process="injection",
            joined_at=now() if own else None,
        )
        session.add(row)
        session.flush()
        world.firms.append(row.id)
        session.add(
            Site(firm_id=row.id, name=world.token("site", firm=each), process="injection", level=2)
        )


def _links(session: Session, world: World) -> None:
    for at, (supplier, buyer, said) in enumerate(world.plan.links):
        row = Link(
            id=world.id(),
            supplier_id=world.firms[supplier],
            buyer_id=world.firms[buyer],
            item=world.token("item", link=at),
        )
        session.add(row)
        session.flush()
        world.links.append(row.id)
        for saying in said:
            _say(session, world, at, saying)
    settle(session, world.links)


def _say(session: Session, world: World, at: int, saying: Saying) -> None:
    supplier, buyer, _ = world.plan.links[at]
    sheet = _sheet(session, world, saying.speaker) if saying.in_sheet else None
    ended = None if saying.living else now()
    session.add(
        Declaration(
            link_id=world.links[at],
            firm_id=world.firms[saying.speaker],
            sheet_id=sheet,
            row=at + 2 if sheet else None,
            stance=saying.stance,
            share=10.0 * (at % 10),
            note=world.token("note", by=saying.speaker, link=at),
            ended=ended,
        )
    )
    for firm in {supplier, buyer} - {saying.speaker}:
        known = {
            s.ended
            for s in world.secrets.values()
            if (s.kind, s.firm, s.by) == ("told", firm, saying.speaker)
        }
        if False in known:
            continue  # one that lives is enough
        session.add(
            Description(
                firm_id=world.firms[firm],
                by_id=world.firms[saying.speaker],
                sheet_id=None if known else sheet,
                name=world.token("told", firm=firm, by=saying.speaker, ended=not saying.living),
                brn=world.number(firm=firm, by=saying.speaker),
                region=REGIONS[firm % 2],
                process="injection",
                ended=ended,
            )
        )


def _sheet(session: Session, world: World, firm: int) -> int:
    if firm not in world.sheets:
        row = Sheet(
            id=world.id(),
            lead_id=world.firms[firm],
            sha256=hashlib.sha256(world.token("sheet", firm=firm).encode()).hexdigest(),
            file_name=f"{world.token('sheet', firm=firm)}.csv",
            size=10,
            kind="csv",
            layout=Layout(links=[LinkColumns(supplier=PartyColumns(name="a"))]).model_dump(),
            state="taken",
            taken_at=now(),
        )
        session.add(row)
        session.flush()
        world.sheets[firm] = row.id
        session.add(
            SheetFault(
                sheet_id=row.id,
                row=3,
                column=world.token("sheet", firm=firm),
                value=world.token("sheet", firm=firm),
                kind="NameMissing",
            )
        )
    return world.sheets[firm]


def _merges(session: Session, world: World) -> None:
    for other, into in world.plan.merges:
        roots = {firm: _root(world, firm) for firm in (other, into)}
        if roots[other] != other or roots[into] == other:
            continue  # merged already, or a circle
        made = merge(
            session,
            world.firms[roots[into]],
            [world.firms[other]],
            by=world.firms[0],
            actor="test",
        )
        world.merges.append(made.id)
        world.root[other] = roots[into]


def _root(world: World, firm: int) -> int:
    while firm in world.root:
        firm = world.root[firm]
    return firm


def _others(session: Session, world: World) -> None:
    firms = world.firms
    for firm, to, living in world.plan.consents:
        ended = None if living else now()
        session.add(Consent(firm_id=firms[firm], to_id=firms[to], withdrawn_at=ended))
    for by, firm, lead, state in world.plan.invitations:
        told = {"by": by, "firm": firm}
        row = Invitation(
            id=world.id(),
            by_id=firms[by],
            firm_id=firms[_root(world, firm)],
            told_firm_id=firms[firm],
            lead_id=firms[lead],
            email=f"{world.token('mail', **told)}@test.example",
            contact=world.token("mail", **told),
            note=world.token("mail", **told),
            state=state if firm in world.plan.joined or state != "accepted" else "sent",
            expires_at=now() + timedelta(days=9),
        )
        session.add(row)
        session.flush()
        world.invitations.append(row.id)
    for asked, low, high in world.plan.likenesses:
        pair = Likeness(
            id=world.id(), for_id=firms[asked], low_id=firms[low], high_id=firms[high], score=0.7
        )
        session.add(pair)
        session.flush()
        world.likenesses.append(pair.id)


def _voices(session: Session, world: World) -> None:
    for firm in world.plan.new:
        session.add(Voice(firm_id=world.firms[firm]))
    for firm, by, stance in world.plan.vouched:
        session.add(Vouching(firm_id=world.firms[firm], by_id=world.firms[by], stance=stance))
