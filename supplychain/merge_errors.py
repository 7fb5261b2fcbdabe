"""Why firms are not merged, and what cannot be found among merges and likenesses.

SupplyChainError
├── MergeNotFound (LookupError)
├── LikenessNotFound (LookupError)
├── OneFirmOnly (ValueError)
├── SpeaksForItself (ValueError)
├── BothSpeak (ValueError)
├── AnswerUnknown (ValueError)
└── NumbersFaulty (ValueError)
"""

from collections.abc import Mapping

from supplychain.errors import CellFault, SupplyChainError


class MergeNotFound(SupplyChainError, LookupError):
    """No merge has that number (or it concerns other firms)."""

    text = "There is no merge %(merge)s here."


class LikenessNotFound(SupplyChainError, LookupError):
    """No pair has that number (or another firm is asked about it)."""

    text = "There is no such question here. It may have been answered in the meantime."


class OneFirmOnly(SupplyChainError, ValueError):
    """A merge needs two firms."""

    text = "Name at least two different firms."


class SpeaksForItself(SupplyChainError, ValueError):
    """A firm that speaks for itself can take others in, and is not merged away itself.

    No names here: whoever asks may know the firm by another one.
    """

    text = "A firm that speaks for itself can take others in, and does not become part of another."


class BothSpeak(SupplyChainError, ValueError):
    """Each of them has joined: no third firm decides that they are one."""

    text = (
        "Both firms speak for themselves, so nobody else can make them one. "
        "Ask the two; one of them can leave the hub first."
    )


class AnswerUnknown(SupplyChainError, ValueError):
    """Neither same nor different nor later."""

    text = "Answer same, different or later, not %(answer)s."


class NumbersFaulty(SupplyChainError, ValueError):
    """Further numbers of a firm that cannot be used: `faults`, by field."""

    text = "These numbers cannot be used: %(fields)s."

    def __init__(self, faults: Mapping[str, CellFault]) -> None:
        self.by_field = dict(faults)
        super().__init__(fields=", ".join(faults))
