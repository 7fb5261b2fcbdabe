"""Over random chains and consents: no answer of the hub lets a firm learn what it may not know.

The whole application is asked, by several firms of each chain: every page, every part of the API,
exports, searches, unknown and hidden numbers. `HUB_TEST_WORLDS=200` asks for longer than the few
chains of an everyday run, and `-s` tells how much was asked.
"""

import io
import os
import re
import secrets
import sys
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import text

from hub.accounts import seal_of
from tests.visibility.reads import Reads
from tests.visibility.rules import Knowledge
from tests.visibility.walking import (
    NOBODY,
    address,
    fillings,
    kind_of,
    routes,
    settled,
    text_of,
    tokens_in,
)
from tests.visibility.worlds import build, lively, plans

WORLDS = int(os.environ.get("HUB_TEST_WORLDS", "0"))
ASKERS = 3 if WORLDS else 2
COUNTS = Counter()


def over_worlds(usual: int):
    """Over that many chains; over HUB_TEST_WORLDS where it is set, other ones each time."""

    def decorate(test):
        few = plans(8 if WORLDS else 6).filter(lively)
        chosen = settings(
            max_examples=WORLDS or usual,
            deadline=None,
            derandomize=not WORLDS,
            database=None,
            # A failing chain is small already, and asking takes long.
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        return chosen(given(plan=few)(test))

    return decorate


@pytest.fixture(scope="module", autouse=True)
def told():
    yield
    sys.stderr.write(f"\n{dict(COUNTS)}\n")


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = False  # posts from here have no page that they came from
    return app


def signed_in(app, user):
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"], session["seal"] = user.handle, True, seal_of(user)
    return client


def askers(app, world):
    """The first firms that speak for themselves: what each knows, and its person's client."""
    for firm in sorted(world.plan.joined)[:ASKERS]:
        yield Knowledge(world, firm), signed_in(app, world.people[firm])


def ask(client, method: str, where: str, **how):
    COUNTS["requests"] += 1
    answer = client.open(where, method=method, **how)
    assert answer.status_code < 500, (method, where)
    assert answer.data is not None  # all of it has been read, so a file can be closed
    answer.close()
    return answer


def leaks(world, knows, said: str) -> list:
    return [
        (found, world.secrets[found])
        for found in sorted(tokens_in(said))
        if found in world.secrets and not knows.may_know(world.secrets[found])
    ]


@over_worlds(2)
def test_no_answer_holds_what_its_reader_may_not_know(hub, app, plan) -> None:
    world = build(hub, plan)
    COUNTS["worlds"] += 1
    found = []
    for knows, client in askers(app, world):
        for rule in routes(app, "GET"):
            for values in fillings(world, rule):
                where = address(app, rule, values)
                said = text_of(ask(client, "GET", where))
                found += [(where, knows.asker, leak) for leak in leaks(world, knows, said)]
    assert found == [], plan


@over_worlds(2)
def test_a_firm_reads_the_names_that_it_may_know(hub, app, plan) -> None:
    """Silence would pass every other test here."""
    world = build(hub, plan)
    COUNTS["worlds"] += 1
    for knows, client in askers(app, world):
        said = text_of(ask(client, "GET", "/api/v1/firms?limit=1000"))
        said += text_of(ask(client, "GET", "/my-suppliers/customers"))
        said += text_of(ask(client, "GET", "/declarations"))
        names = Counter(world.secrets[t].firm for t in tokens_in(said) if t in world.secrets)
        for link in knows.seen_links:
            if knows.asker in knows.ends(link):
                missing = [end for end in set(plan.links[link][:2]) if not names[end]]
                roots = [
                    end
                    for end in missing
                    if not any(knows.root(n) == knows.root(end) for n in names)
                ]
                assert not roots, (link, plan)


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@over_worlds(1)
def test_hidden_numbers_answer_as_numbers_of_nothing(hub, app, plan) -> None:
    """The same status, words and length, whatever is asked or sent; and nothing is written."""
    world = build(hub, plan)
    COUNTS["worlds"] += 1
    differing = []
    for knows, client in askers(app, world):
        for method in METHODS:
            for rule in routes(app, method):
                differing += _told_apart(app, world, knows, client, method, rule)
    assert differing == [], plan


# Names under which an address, a form or a document gives the number of a firm, or of a link.
_FIELDS = {"firm": ("lead", "firm", "as", "to", "firm_id", "q"), "link": ("link", "link_id")}


@over_worlds(1)
def test_hidden_numbers_in_what_is_sent_answer_as_numbers_of_nothing(hub, app, plan) -> None:
    """The same for numbers that stand in what is sent, of addresses without a gap."""
    world, reads = build(hub, plan), Reads(app)
    COUNTS["worlds"] += 1
    differing, tried = [], set()
    for knows, client in askers(app, world):
        hidden = knows.hidden_ids()
        for method in METHODS:
            for rule in (each for each in routes(app, method) if not each._converters):
                where, asker = address(app, rule, {}), knows.asker
                _answer(client, method, where, NOBODY)
                for kind, name in _read(reads, rule, method):
                    tried.add((method, where, name))
                    told = _told_apart_inside(client, method, where, name, hidden[kind][:2])
                    differing += [(method, where, name, number, asker) for number in told]
    assert differing == [], plan
    known = {("GET", "/api/v1/firms", "lead"), ("GET", "/who-sees-us", "as")}
    assert known | {("POST", "/api/v1/alerts", "to")} <= tried


def _read(reads, rule, method):
    """Names that the answer before has looked for: others cannot change it."""
    looked = reads.names(rule, method)
    for kind, fields in _FIELDS.items():
        yield from ((kind, name) for name in fields if looked is None or name in looked)


def _told_apart_inside(client, method, where, name, numbers):
    nothing = _answer(client, method, where, NOBODY, name)
    for number in numbers:
        if _answer(client, method, where, number, name) != _without(nothing, number):
            yield number


def _told_apart(app, world, knows, client, method, rule):
    kinds = {gap: kind_of(rule, gap) for gap in rule._converters}
    hidden = knows.hidden_ids()
    for gap, kind in kinds.items():
        if not hidden.get(kind) or len(kinds) > 1:
            continue
        nothing = _answer(client, method, address(app, rule, {gap: NOBODY}), NOBODY)
        for number in hidden[kind]:
            where = address(app, rule, {gap: number})
            # A small number may stand on any page for another reason: it is left out of both.
            if _answer(client, method, where, number) != _without(nothing, number):
                yield method, where, knows.asker


def _answer(client, method: str, where: str, number: int, name: str = "") -> str:
    sent = {"stance": "holds"} | ({name: number} if name else {})
    way = "query_string" if method == "GET" else "json" if "/api/" in where else "data"
    body = {way: sent}
    if way == "json" and name:
        body["query_string"] = {name: number}  # some take it behind the address
    with client.session_transaction() as session:
        session.pop("_flashes", None)  # what an earlier answer had still to say
    said = settled(text_of(ask(client, method, where, **body)))
    # Digits of an escaped letter are no number.
    said = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), said)
    return _without(said, number)


def _without(said: str, number: int) -> str:
    return re.sub(rf"(?<!\d){number}(?!\d)", "#", said)


@over_worlds(1)
def test_what_is_hidden_may_be_called_anything_and_every_answer_stays_the_same(
    hub, app, plan
) -> None:
    """No order, count, search or length depends on a hidden name: all are turned round."""
    world = build(hub, plan)
    COUNTS["worlds"] += 1
    for knows, client in askers(app, world):
        wheres = [
            address(app, rule, values)
            for rule in routes(app, "GET")
            for values in fillings(world, rule)
        ]
        wheres += ["/supply?q=q", "/supply?q=9", "/supply?q=q7", "/supply?page=2"]
        before = [settled(text_of(ask(client, "GET", where))) for where in wheres]
        hidden = [t for t, secret in world.secrets.items() if not knows.may_know(secret)]
        _rename(hub, hidden)
        after = [settled(text_of(ask(client, "GET", where))) for where in wheres]
        _rename(hub, [_turned(t) for t in hidden])
        for where, was, now_is in zip(wheres, before, after, strict=True):
            assert was == now_is, (where, knows.asker, plan)


_DIGITS = str.maketrans("0123456789abcdef", "fedcba9876543210")

# Everywhere that a token is kept.
_COLUMNS = (
    ("firm", "name"),
    ("firm", "name_key"),
    ("firm", "brn"),
    ("description", "name"),
    ("description", "brn"),
    ("site", "name"),
    ("link", "item"),
    ("declaration", "note"),
    ("sheet", "file_name"),
    ("sheetfault", "value"),
    ("invitation", "email"),
    ("invitation", "contact"),
    ("invitation", "note"),
    ("user", "name"),
)


def _turned(token: str) -> str:
    """Another token of the same length, that stands at the other end of every order."""
    if token.isdecimal():
        return "9" + "".join(str(9 - int(digit)) for digit in token[1:])
    return f"q{token[1:-1].translate(_DIGITS)}z"


def _rename(hub, tokens: list[str]) -> None:
    with hub.db.work() as session:
        for table, column in _COLUMNS:
            for token in tokens:
                session.connection().execute(
                    text(f'UPDATE "{table}" SET {column} = replace({column}, :a, :b)'),
                    {"a": token, "b": _turned(token)},
                )


@over_worlds(1)
def test_to_name_a_firm_by_guess_does_not_tell_what_it_is_called(hub, app, plan) -> None:
    """By a name with a slip and by its real number: in a sheet, and by the form."""
    world = build(hub, plan)
    COUNTS["worlds"] += 1
    # One asker alone: whom it names learns of it, and rightly.
    knows, client = list(askers(app, world))[plan.firms % 2]
    strangers = [
        (token, secret.firm)
        for token, secret in world.secrets.items()
        if secret.kind in ("own", "first") and knows.root(secret.firm) not in knows.nameable
    ]
    guessed = [(token[:-2] + "z", _number_of(world, firm)) for token, firm in strangers]
    said, world.more = _name_them(client, guessed)
    for rule in routes(app, "GET"):
        for values in fillings(world, rule):
            said += text_of(ask(client, "GET", address(app, rule, values)))
    typed = {number for _, number in guessed}
    found = [
        (token, secret)
        for token, secret in leaks(world, knows, said)
        if token not in typed
        # Who opened itself to the asker is glad to be found; its partners are not shown by it.
        and not (secret.kind in ("own", "site", "brn") and knows.root(secret.firm) in knows.opened)
    ]
    assert found == [], plan


def _number_of(world, firm: int) -> str:
    return next(
        (t for t, s in world.secrets.items() if (s.kind, s.firm, s.by) == ("brn", firm, -1)), ""
    )


def _name_them(client, guessed: list[tuple[str, str]]) -> tuple[str, dict[str, list[int]]]:
    """Name firms in a sheet and by the form; all that was answered, and what was made by it."""
    rows = "".join(f"{name},{number}\n" for name, number in guessed)
    file = io.BytesIO(f"협력사명,사업자등록번호\n{rows}".encode())
    sent = ask(
        client, "POST", "/supply/sheets/new", data={"sheet": (file, f"{secrets.token_hex(4)}.csv")}
    )
    said = text_of(sent)
    made: dict[str, list[int]] = {}
    if sent.status_code == 302 and (number := re.search(r"/sheets/(\d+)", sent.location)):
        made["sheet"] = [int(number[1])]
        said += text_of(ask(client, "GET", f"/supply/sheets/{number[1]}"))
        said += text_of(ask(client, "POST", f"/supply/sheets/{number[1]}/take-in"))
    for name, number in guessed:
        told_by_hand = {"name": name, "brn": number, "country": "KR"}
        said += text_of(ask(client, "POST", "/my-suppliers", data=told_by_hand))
    listed = ask(client, "GET", "/api/v1/links?limit=1000").json["links"]
    made["link"] = [each["id"] for each in listed]
    return said, made


@over_worlds(3)
def test_counts_are_as_exact_as_they_may_be(hub, app, plan) -> None:
    world = build(hub, plan)
    COUNTS["worlds"] += 1
    for knows, client in askers(app, world):
        told_here = ask(client, "GET", "/api/v1/tiers").json
        placed = ask(client, "GET", "/api/v1/firms?limit=1000").json["firms"]
        shown = {world.firms.index(each["id"]) for each in placed}
        hidden = Counter(t for f, t in _tiers(knows).items() if f not in shown)
        groups = Counter()
        for group in told_here["hidden"]:
            assert group["firms"] is None or group["firms"] >= 3, plan
            groups[group["tier"]] += group["firms"] or 0
        for tier, firms in hidden.items():
            named = told_here["named"][str(tier)]
            exact = firms + named if firms >= 3 else None
            assert told_here["tiers"][str(tier)] == exact, plan
            assert groups[tier] == (firms if firms >= 3 else 0), plan
        assert not set(groups) - set(hidden), plan
        drawn = ask(client, "GET", "/supply/map.json").json["groups"]
        assert all(firms is None or firms >= 3 for firms in drawn["firms"]), plan
        for tier, firms in zip(drawn["tier"], drawn["firms"], strict=True):
            groups[tier] -= firms or 0
        assert not any(groups.values()), plan


def _links_behind(knows) -> list[tuple[int, int]]:
    links = [x for x in range(len(knows.plan.links)) if knows.all_holding(x)]
    if knows.asker in knows.plan.new:
        links = [x for x in links if knows.ends(x)[1] != knows.asker or knows.holding(x)]
    return [ends for ends in map(knows.ends, links) if ends[0] != ends[1]]


def _tiers(knows) -> dict[int, int]:
    """Tier of every firm of the whole chain behind the asker."""
    tiers, frontier, tier = {knows.asker: 0}, {knows.asker}, 0
    while frontier:
        tier += 1
        # A new firm is not told how many supply it, as long as it does not hear who says so.
        frontier = {s for s, b in _links_behind(knows) if b in frontier} - tiers.keys()
        tiers |= dict.fromkeys(frontier, tier)
    return {firm: tier for firm, tier in tiers.items() if tier}
