"""What can go wrong with what an owner decides: standing answers, time slots, agreements.

SharingError
├── ConsentNotFound, AgreementNotFound (LookupError)
└── SlotRefused, NothingAgreed, AgreementOver, OtherTerms (ValueError)
"""

from sharing.errors import SharingError


class ConsentNotFound(SharingError, LookupError):
    """No standing answer has that number, or it is another firm's."""

    text = "There is no standing answer %(consent)s here."


class AgreementNotFound(SharingError, LookupError):
    """No agreement has that number, or it is between other firms."""

    text = "There is no agreement %(agreement)s here."


class SlotRefused(SharingError, ValueError):
    """A time slot that cannot be kept."""

    text = "This time slot cannot be used. Give two times as 22:00, a day at the earliest today and at the latest in %(days)s days, and at least one weekday."  # noqa: E501


class NothingAgreed(SharingError, ValueError):
    """A standing answer needs an agreement of the newest text that was accepted before."""

    text = (
        "Accept a model of this publisher first: a standing answer covers only what you agreed to."
    )


class AgreementOver(SharingError, ValueError):
    """The agreement was ended already, or was never accepted."""

    text = "This agreement is not in force."


class OtherTerms(SharingError, ValueError):
    """Somebody accepts another text than the one that the offer carries."""

    text = "This offer carries the agreement %(terms)s. Please read it, and accept it by that name."
