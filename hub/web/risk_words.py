"""What the figures of weak points are called, what they mean, lack, and how sure one can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from hub.web.formats import decimal, number, percent
from supplychain.risk.facts import Assumed
from supplychain.risk_tables import RiskRun
from supplychain.services.risk import Survival
from supplychain.services.weak_points import Measure, WeakPoint, WeakPoints

_ASKED_FOR = 5  # "which five firms could stop us for a week?"

NAMES: dict[Measure, Any] = {
    "lost": _l("Production lost"),
    "esri": _l("Share of sales lost"),
    "cut_off": _l("Cut off without it"),
    "items": _l("Items that rest on it alone"),
    "suppliers": _l("Direct suppliers that need it"),
    "position": _l("Upstream position"),
}


@dataclass(frozen=True)
class Meaning:
    """One figure in three sentences."""

    name: str
    means: str
    lacks: str
    sure: str


def shown(point: WeakPoint, measure: Measure) -> str:
    """One measure of a firm, with its unit."""
    value = point.measure(measure)
    if value is None:
        return "–"
    if measure == "lost":
        return days(value)
    if measure == "esri":
        return percent(value)
    return decimal(value) if measure == "position" else number(int(value))


def days(value: float | None) -> str:
    """A number of days; who lasts a year lasts."""
    if value is None:
        return str(_("a year or longer"))
    rounded = round(value, 1)
    return str(_("%(days)s days", days=f"{rounded:,.1f}".removesuffix(".0")))


def meanings(weak: WeakPoints, runs: dict[str, RiskRun], assumed: Assumed) -> list[Meaning]:
    """Each figure in a sentence on what it means, what is missing, and how sure it is."""
    basis = weak.chain.basis
    sure = str(
        _(
            "It rests on %(all)s declared deliveries; both sides have confirmed %(confirmed)s.",
            all=number(basis.deliveries),
            confirmed=number(basis.deliveries_confirmed),
        )
    )
    hidden = (
        ngettext(
            "At least %(num)s firm that is not open to you is left out.",
            "At least %(num)s firms that are not open to you are left out.",
            basis.firms_hidden,
        )
        if basis.firms_hidden
        else _("No firm of the chain is hidden from you.")
    )
    return [_lost(weak, runs, assumed, sure), _esri(weak, sure), *_ways(weak, str(hidden), sure)]


def _lost(weak: WeakPoints, runs: dict[str, RiskRun], assumed: Assumed, sure: str) -> Meaning:
    basis = weak.chain.basis
    told = runs["tts"].rests_on.get("facts", 0) if "tts" in runs else 0
    assume = _(
        "%(told)s times and stocks are known; the rest is assumed: back after %(ttr)s days, "
        "stocks of %(stock)s days, others can make %(spare)s more.",
        told=told,
        ttr=f"{assumed.ttr_days:g}",
        stock=f"{assumed.stock_days:g}",
        spare=f"{assumed.capacity - 100:g} %",
    )
    assume += " " + _(
        "Which item goes into which of our products is not told: each counts as if all of our "
        "production needed it."
    )
    if nameless := basis.deliveries_without_item:
        assume += " " + _(
            "%(count)s deliveries have no item: nobody stands in for them here, so each supplier "
            "alone looks as if it stopped all of its buyer.",
            count=number(nameless),
        )
        assume += " " + _(
            "A firm that reaches us only by way of such a delivery stands after the others, and is "
            "in no count."
        )
    means = _(
        "Days of our production that are lost until the firm delivers again. It begins when all "
        "stocks on the way are used up and nobody else can make more (time to survive); where that "
        "is sooner than the firm is back (time to recover), production is lost. We last at least "
        "so long and lose at most so much: who stands in serves its other customers, too, and "
        "needs its own suppliers."
    )
    return Meaning(str(NAMES["lost"]), str(means), str(assume), sure)


def _esri(weak: WeakPoints, sure: str) -> Meaning:
    basis = weak.chain.basis
    means = _(
        "The share of all sales in the chain that is lost if the firm fails and nobody reacts: "
        "buyers lack parts, suppliers lack orders (ESRI)."
    )
    lacks = _(
        "Shares are told for %(share)s of %(links)s deliveries, the others count alike; "
        "%(sector)s of %(firms)s firms have no known industry, so nobody stands in for them.",
        share=number(basis.links_with_share),
        links=number(basis.deliveries),
        sector=number(basis.firms_without_sector),
        firms=number(basis.firms),
    )
    return Meaning(str(NAMES["esri"]), str(means), str(lacks), sure)


def _ways(weak: WeakPoints, hidden: str, sure: str) -> list[Meaning]:
    no_item = _(
        "%(count)s deliveries have no item.",
        count=number(weak.chain.basis.deliveries_without_item),
    )
    told = (
        (
            "cut_off",
            _("Firms whose only known way to us leads through this one: a chokepoint."),
            _("A way that nobody has declared is not seen, so a firm may look like one.")
            + f" {hidden}",
        ),
        (
            "items",
            _(
                "Items of ours whose every known supplier is this firm or buys, within three "
                "steps, from it. With several suppliers it is a hidden diamond: to change the "
                "supplier is no way out."
            ),
            _("Whether the item really needs what the firm delivers is not told.") + f" {no_item}",
        ),
        (
            "suppliers",
            _("Direct suppliers of ours behind which this firm stands, within three steps."),
            hidden,
        ),
        (
            "position",
            _(
                "How many steps before us the firm stands, weighed by what flows; in a straight "
                "chain it is the tier."
            ),
            _(
                "The weights are shares of purchases, not money. Links off one level: %(part)s.",
                part=percent(weak.incoherence, 0),
            ),
        ),
    )
    return [
        Meaning(str(NAMES[name]), str(means), str(lacks), sure)  # type: ignore[index]
        for name, means, lacks in told
    ]


def in_words(point: WeakPoint, weak: WeakPoints) -> list[str]:
    """What rests on one firm, in sentences."""
    said = []
    single = [item for item in point.items if item not in point.diamonds]
    if single:
        items = _named(single)
        text = _("%(items)s: the only known supplier is it, or rests on it.", items=items)
        said.append(str(text))
    if point.diamonds:
        items = _named(point.diamonds)
        text = _("%(items)s: all of several known suppliers are it, or rest on it.", items=items)
        said.append(str(text))
    if point.cut_off:
        said.append(
            ngettext(
                "%(num)s firm reaches us only through it.",
                "%(num)s firms reach us only through it.",
                point.cut_off,
            )
        )
    if point.suppliers and not point.direct:
        said.append(
            str(
                _(
                    "%(some)s of our %(all)s direct suppliers need it.",
                    some=number(point.suppliers),
                    all=number(weak.direct),
                )
            )
        )
    if point.esri is not None:
        share = percent(point.esri)
        said.append(
            str(_("If it fails, %(share)s of all sales in the chain are lost.", share=share))
        )
    if not point.item_known:
        said.append(
            str(_("Nobody told which item it delivers: what its stop would cost is not known."))
        )
    elif point.survival is not None:
        said.append(survival(point.survival))
    return said or [str(_("As far as links are known, others can do without it."))]


def items_left_out(weak: WeakPoints, name: str) -> str:
    """The name of a count of firms, with how many are not in it since their item is not told."""
    if not (count := weak.items_not_known):
        return str(name)
    more = ngettext(
        "and %(num)s whose item nobody told", "and %(num)s whose item nobody told", count
    )
    return f"{name} ({more})"


def survival(told: Survival) -> str:
    """How long we go on without a firm, in a sentence."""
    if told.survives is None:
        return str(_("Without it we lack nothing for a year: others can make enough."))
    facts = {"survives": days(told.survives), "recovers": days(told.recovers)}
    if told.exposed:
        facts["late"] = days(told.recovers - told.survives)
    else:
        return str(
            _(
                "Without it we go on for %(survives)s; it is back after %(recovers)s, in time.",
                **facts,
            )
        )
    return str(
        _(
            "Without it we go on for %(survives)s, but it is back after %(recovers)s only. It "
            "recovers %(late)s later than we can survive: %(lost)s of production are lost.",
            lost=days(told.lost),
            **facts,
        )
    )


def too_late(told: Survival) -> str:
    """How much too late a firm is back, in a few words; empty where it is in time."""
    if told.survives is None or not told.exposed:
        return ""
    late = days(told.recovers - told.survives)
    return str(_("recovers %(late)s later than we can survive", late=late))


def how_many_stop_us(found: Sequence[WeakPoint], *, indirect: bool) -> str:
    """Whether there are as many firms as an analyst asks for; empty where there are more.

    `found`: those asked for, the most days lost first.
    """
    stopping = sum(point.stops_for_a_week for point in found)
    if stopping >= _ASKED_FOR:
        return ""
    if not stopping:
        said = (
            _("No firm of these costs us a week of production, as far as is known and assumed.")
            if not indirect
            else _(
                "No firm that is not our direct supplier costs us a week of production, as far as "
                "is known and assumed."
            )
        )
    else:
        said = ngettext(
            "Only %(num)s firm of these costs us a week of production or more, as far as is known "
            "and assumed.",
            "Only %(num)s firms of these cost us a week of production or more, as far as is known "
            "and assumed.",
            stopping,
        )
    if len(found) == stopping:
        return str(said)
    return f"{said} " + str(_("The next ones follow, with the days that they cost."))


def _named(items: Sequence[str]) -> str:
    first = ", ".join(items[:3])
    more = len(items) - 3
    return first if more <= 0 else str(_("%(first)s and %(more)s more", first=first, more=more))
