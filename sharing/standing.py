"""An owner's standing answer to offers: "always accept fixes from this publisher". Pure.

It never widens anything: it covers a newer version of a model that the plant runs already, under
the very text of the agreement to which the owner agreed, and by no larger step than was allowed.
Everything else is asked of a person, as before.
"""

import re
from dataclasses import dataclass
from typing import Literal

Step = Literal["same", "patch", "minor", "major", "older", "unclear"]
UPTO: tuple[Step, ...] = ("patch", "minor")
_PLAIN = re.compile(r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})")


@dataclass(frozen=True)
class Consent:
    """What an owner said once. `model_id` None: any model of the publisher that runs already."""

    publisher_firm_id: int
    model_id: int | None
    upto: str
    terms: str
    withdrawn: bool = False


@dataclass(frozen=True)
class Offered:
    """An offer, with what the plant runs of that model and the agreement in force about it."""

    publisher_firm_id: int
    model_id: int
    number: str
    terms: str
    runs: str | None
    agreed: str | None


def step_of(before: str, after: str) -> Step:
    """How far one version is from another, by semantic versioning.

    A 0.y.z promises nothing between its minor versions (semver.org, item 4), so that such a step
    counts as a large one. What is no plain number (1.0.0-rc.1) is unclear.

    >>> step_of("1.2.3", "1.2.4"), step_of("1.2.3", "1.3.0"), step_of("1.2.3", "2.0.0")
    ('patch', 'minor', 'major')
    >>> step_of("0.2.0", "0.3.0"), step_of("1.2.3", "1.2.2"), step_of("1.2.3", "1.2.4-rc.1")
    ('major', 'older', 'unclear')
    """
    old, new = _PLAIN.fullmatch(before), _PLAIN.fullmatch(after)
    if old is None or new is None:
        return "unclear"
    one, two = (tuple(int(part) for part in each.groups()) for each in (old, new))
    if two <= one:
        return "same" if two == one else "older"
    if two[0] != one[0] or (one[0] == 0 and two[1] != one[1]):
        return "major"
    return "patch" if two[1] == one[1] else "minor"


def covers(consent: Consent, offer: Offered) -> bool:
    """Whether the owner's standing answer takes this offer."""
    allowed = UPTO[: UPTO.index(consent.upto) + 1] if consent.upto in UPTO else ()
    return (
        not consent.withdrawn
        and consent.publisher_firm_id == offer.publisher_firm_id
        and consent.model_id in (None, offer.model_id)
        and offer.runs is not None
        and consent.terms == offer.terms == offer.agreed
        and step_of(offer.runs, offer.number) in allowed
    )
