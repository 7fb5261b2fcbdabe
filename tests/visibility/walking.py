"""Asks every page and every part of the API that a firm's people may ask, with every number.

The routes come from the application itself, so a new one is walked from its first day: either
its gaps can be filled from ADDRESSES, or it is named in LEFT_OUT with a reason.
"""

import io
import re
import zipfile
from collections.abc import Iterator

from werkzeug.routing import AnyConverter, Rule

from hub.rules import RULES, Who
from tests.visibility.worlds import World

NOBODY = 987_654_321  # a number that nothing has

# Pages that hold nothing of any firm, or that no firm's person can ask.
LEFT_OUT = {
    "static": "files of the pages",
    "openapi.static": "files of the pages",
    "oidc.": "tells of the person at hand alone",
    "labs": "notebooks and the person's own tries; some start processes",
    "learn": "courses and the person's own learning",
    "certificates.": "the person's own certificates, and keys",
    "program.": "the agent, for everybody",
    "tuf.": "signed files, asked by agents with a signature",
    "agents_api.": "asked by agents with a signature",
    "invited.": "asked by whoever holds the secret of a link",
    "let_in.": "asked by whoever holds the secret of a link",
    "alerted.": "asked by whoever holds the secret of a link; tests/visibility/test_alert_mails.py",
    "models.sample_bundle": "the sample",
    "healthz": "tells whether the hub runs",
    "signin.sign_out": "it would end the walk",
}

WHO = Who(1, "u", "n", frozenset((r, 1) for r in ("vendor", "supply_manager", "publisher")))


def left_out(endpoint: str) -> bool:
    """Whether an endpoint stands in LEFT_OUT, by name or by the beginning of it."""
    return any(
        endpoint == name or (endpoint.startswith(name) and not endpoint.endswith("supply"))
        for name in LEFT_OUT
    )


def routes(app, method: str) -> list[Rule]:
    """Every route of that method that a person with all roles of a firm may ask."""
    return [
        rule
        for rule in sorted(app.url_map.iter_rules(), key=str)
        if method in rule.methods and RULES[rule.endpoint](WHO) and not left_out(rule.endpoint)
    ]


# gap of an address → what it is the number of
KINDS = {
    "firm_id": "firm", "firm": "firm", "viewer": "firm", "to_id": "firm",
    "link_id": "link", "link": "link",
    "sheet_id": "sheet", "sheet": "sheet",
    "invitation_id": "invitation", "invitation": "invitation",
    "alert_id": "alert", "scenario_id": "scenario", "share_id": "share",
    "delivery": "delivery", "site_id": "site", "likeness_id": "likeness", "merge_id": "merge",
    "likeness": "likeness", "merge": "merge", "pair_id": "likeness", "pair": "likeness",
    "consent": "consent", "site": "site",
    "hook_id": "hook", "message_id": "hook_message",
}  # fmt: skip
# part of an address → what the <number> behind it is the number of
NUMBERED = {
    "rollouts": "rollout", "agreements": "agreement", "statements": "statement",
    "keys": "statement",
}  # fmt: skip
# What is asked for behind a question mark, beside the address alone; "#" stands for all numbers.
_FILTERS = [
    {"tier": "2"}, {"standing": "contradicted"}, {"region": "-"}, {"marks": "circle"},
    {"chokepoints": "1"}, {"q": "q"},
]  # fmt: skip
ASKED_FURTHER: dict[str, list[dict[str, str]]] = {
    "supply.map_page": _FILTERS,
    "supply.export": _FILTERS,
    "supply_api.firms": _FILTERS,
    "supply_api.export": _FILTERS,
    "supply.path_data": [{"firm": "#firm"}],
    "supply.around_data": [{"steps": "3"}],
    "supply_api.around": [{"steps": "3"}],
}
WORDS = {
    "what": ["firms", "links"], "kind": ["csv", "xlsx"], "form": ["graphml", "aas", "aasx"],
    "action": ["start"],
}  # fmt: skip


def kind_of(rule: Rule, gap: str) -> str:
    """What a number in an address is the number of; empty where it is no number."""
    if gap == "number":
        before = str(rule).split("<")[0].rstrip("/").rpartition("/")[2]
        return NUMBERED.get(before, "")
    return KINDS.get(gap, "")


def numbers(world: World, kind: str) -> list[int]:
    """All numbers of a kind in the world, and one of nothing."""
    found = {
        "firm": world.firms,
        "link": world.links,
        "sheet": list(world.sheets.values()),
        "invitation": world.invitations,
        "rollout": [world.rollout] if world.rollout else [],
        "alert": world.alerts,
        "scenario": list(world.scenarios.values()),
        "share": list(world.shares.values()),
        "delivery": world.deliveries,
        "likeness": world.likenesses,
        "merge": world.merges,
    }.get(kind, [])
    return [*found, *world.more.get(kind, []), NOBODY]


def _values(world: World, rule: Rule, gap: str) -> list[object]:
    converter = rule._converters[gap]
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)
    if kind_of(rule, gap):
        return list(numbers(world, kind_of(rule, gap)))
    known = {**WORDS, "slug": [world.slug], "number": ["1.0.0"]}
    if gap not in known:
        message = f"{rule}: what stands for <{gap}>? Tell tests/visibility/walking.py."
        raise LookupError(message)
    return known[gap]


def fillings(world: World, rule: Rule) -> Iterator[dict[str, object]]:
    """Every way to fill the gaps of an address. Raises LookupError for a gap that is not known."""
    ways: list[dict[str, object]] = [{}]
    for gap in rule._converters:
        ways = [{**way, gap: value} for way in ways for value in _values(world, rule, gap)]
    yield from ways
    for more in ASKED_FURTHER.get(rule.endpoint, ()):
        for name, value in more.items():
            values = numbers(world, value[1:]) if value.startswith("#") else [value]
            yield from ({**way, name: each} for way in ways for each in values)


def address(app, rule: Rule, values: dict[str, object]) -> str:
    """The address with its gaps filled."""
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, values, method=None)


def text_of(answer) -> str:
    """Everything that an answer says: its head, and its body, unpacked where it is packed."""
    head = f"{answer.status}\n" + "\n".join(
        f"{name}: {value}" for name, value in answer.headers if name.lower() != "set-cookie"
    )
    body = answer.data
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            inside = [packed.read(each) for each in packed.namelist() if "docProps" not in each]
        return head + "\n" + b"\n".join(inside).decode("utf-8", "replace")
    return head + "\n" + body.decode("utf-8", "replace")


_PASSING = (
    re.compile(r'name="csrf_token"[^>]*>'),
    re.compile(r'content="[^"]*"[^>]*name="csrf|name="csrf-token"[^>]*>'),
    re.compile(r"\d{2}:\d{2}:\d{2}"),
    re.compile(r"\[[0-9a-f]{8}\]|[0-9a-f]{32}"),  # a reference, a form's key
    re.compile(r"Content-Length: \d+"),
)


def settled(text: str) -> str:
    """An answer without what differs from one request to the next."""
    for each in _PASSING:
        text = each.sub("", text)
    return text


_TOKEN = re.compile(r"q[0-9a-f]{10}z|9\d{2}-?\d{2}-?\d{5}")


def tokens_in(text: str) -> set[str]:
    """Every token in a text; registration numbers without their dashes."""
    return {found.replace("-", "") for found in _TOKEN.findall(text.lower())}
