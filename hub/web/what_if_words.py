"""What the pages of what-if say: sentences of an answer, and reasons for who could stand in."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from hub.web.formats import level, region
from supplychain.alternates import Alternate
from supplychain.services.what_if import Answer

# In the order in which they count.
REASONS = (
    _l("It delivers to you already; then to more buyers of the failed firm."),
    _l("It delivers the same item already; the same process alone counts less."),
    _l("It has fewer suppliers in common with the failed firm."),
    _l("Its smart-factory level is higher."),
    _l("It is in another region than the failed firm."),
    _l("It has joined the hub."),
    _l("Somebody there holds a certificate."),
    _l("It has more employees."),
)


def headline(found: Answer) -> str:
    """What happens to the asker's own line, in a sentence."""
    own, horizon = found.own, found.course.horizon
    if not found.stopped:
        return str(_("No firm of your chain is meant by this, so nobody stops."))
    if own is None:
        return str(_("Your line is not hit in the %(days)s days looked at.", days=horizon))
    if own.stops:
        return str(_("You stop yourself, from day %(day)s.", day=own.first))
    low = round(own.lowest * 100)
    item = next((lack.item for lack in found.lacks if lack.item), "")
    told = {"day": own.first, "item": item, "low": low}
    if low == 0 and item:
        text = _("From day %(day)s your line lacks this item, and stops: %(item)s.", **told)
    elif item:
        text = _(
            "From day %(day)s your line lacks this item, and on its worst day makes "
            "%(low)s per cent of the usual: %(item)s.",
            **told,
        )
    elif low == 0:
        text = _("From day %(day)s your line is hit, and stops.", **told)
    else:
        text = _(
            "From day %(day)s your line is hit, and on its worst day makes %(low)s per cent of "
            "the usual.",
            **told,
        )
    return str(text)


def more_lines(found: Answer) -> list[str]:
    """What else happens, a sentence each."""
    said = []
    own, others = found.own, found.others
    if own is not None and not own.stops:
        lost = _("In all you miss %(days)s days of your usual output", days=f"{own.lost:.1f}")
        back = (
            _("not back to normal in the %(days)s days looked at", days=found.course.horizon)
            if own.back is None
            else _("back to normal on day %(day)s", day=own.back)
        )
        said.append(f"{lost}; {back}.")
    if others:
        longest = max(others, key=lambda hit: (hit.days, hit.lost))
        said.append(
            ngettext(
                "%(num)s other firm is hit, for %(days)s days.",
                "%(num)s other firms are hit, the longest for %(days)s days (%(firm)s).",
                len(others),
                days=longest.days,
                firm=longest.place.name,
            )
        )
    elif found.stopped:
        said.append(
            _("No other firm is hit: stocks last, or nobody known buys of those that stop.")
        )
    if found.left_out:
        said.append(
            ngettext(
                "%(num)s chosen firm is not in the chain that you see, and was left out.",
                "%(num)s chosen firms are not in the chain that you see, and were left out.",
                found.left_out,
            )
        )
    return [str(each) for each in said]


def why(each: Alternate) -> list[str]:
    """What speaks for a firm that could stand in, in words, in the order in which it counts."""
    one = each.candidate
    words = {
        "to_us": _("delivers to you already"),
        "to_buyers": ngettext(
            "delivers to %(num)s buyer of the failed firm already",
            "delivers to %(num)s buyers of the failed firm already",
            one.to_buyers,
        ),
        "item": _("delivers the same item"),
        "process": _("same process, item not known"),
        "apart": _("no known supplier in common"),
        "level": _("level: %(level)s", level=level(one.level or 0)),
        "region": _("another region: %(region)s", region=region(one.region)),
        "joined": _("has joined"),
        "certified": _("somebody there holds a certificate"),
        "size": _("%(count)s employees", count=f"{one.employees or 0:,}"),
    }
    said = [str(words[code]) for code in each.reasons]
    if one.fragile:
        common = ngettext(
            "but has %(num)s supplier in common with the failed firm",
            "but has %(num)s suppliers in common with the failed firm",
            one.fragile,
        )
        said.append(str(common))
    return said
