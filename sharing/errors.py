"""What can go wrong in sharing.

DomainError
└── SharingError
    ├── ModelNotFound, VersionNotFound, RolloutNotFound, DeliveryNotFound,
    │   FileNotStored (LookupError)
    ├── BundleRefused (ValueError), with every fault of the bundle
    ├── ModelOfAnotherFirm (PermissionError)
    ├── VersionTaken, VersionWithdrawn (ValueError)
    ├── ReasonMissing, LicenceForbids, ModelPrivate, FolderUnusable (ValueError)
    ├── NobodyFits, NotInThisState, OfferClosed (ValueError)
    ├── SecondPersonNeeded (PermissionError)
    ├── OrderOvertaken (ValueError)
    ├── NameRefused (ValueError)
    ├── AgentNotFound (LookupError)
    ├── CodeRefused, AgentRefused (PermissionError), PublicKeyRefused (ValueError)
    ├── StoreDamaged (RuntimeError)
    └── MetadataRefused (ValueError)

A bundle is answered with all its faults at once; their sentences stand in sharing.faults.
"""

from collections.abc import Mapping, Sequence

from sharing.faults import Fault
from supplychain.errors import DomainError


class SharingError(DomainError):
    """Any error of this package."""


class ModelNotFound(SharingError, LookupError):
    """No model has that name (or the asker may not know of it)."""

    text = "There is no model %(model)s here."


class VersionNotFound(SharingError, LookupError):
    """The model has no such version."""

    text = "Model %(model)s has no version %(version)s."


class RolloutNotFound(SharingError, LookupError):
    """No rollout has that number (or the asker may not know of it)."""

    text = "There is no rollout %(rollout)s here."


class DeliveryNotFound(SharingError, LookupError):
    """No delivery has that number, or it belongs to another site."""

    text = "There is no delivery %(delivery)s here."


class FileNotStored(SharingError, LookupError):
    """The store holds no file with that digest."""

    text = "The store has no file with the digest %(digest)s."


class BundleRefused(SharingError, ValueError):
    """A bundle did not pass the gate; `faults` says everything that is wrong with it."""

    text = (
        "The model was not published: %(count)s faults were found. Please mend them and try again."
    )

    def __init__(self, faults: Sequence[Fault], checks: Mapping[str, str] | None = None) -> None:
        self.faults = list(faults)
        self.checks = dict(checks or {})  # check of the gate → passed, failed, waiting
        super().__init__(count=len(self.faults))


class ModelOfAnotherFirm(SharingError, PermissionError):
    """The short name is taken by a model of another firm."""

    text = "The name %(model)s belongs to a model of another firm. Please choose another name."


class VersionTaken(SharingError, ValueError):
    """A published version never changes."""

    text = (
        "Version %(version)s of %(model)s is already published with other contents. "
        "A published version never changes: please raise the version number."
    )


class VersionWithdrawn(SharingError, ValueError):
    """A withdrawn version is not rolled out any more."""

    text = "Version %(version)s of %(model)s was withdrawn. Please choose another version."


class ReasonMissing(SharingError, ValueError):
    """A withdrawal without a reason."""

    text = "Please say why. Plants that run the version read it."


class LicenceForbids(SharingError, ValueError):
    """Shown to others, a model needs a licence that allows business."""

    text = (
        "Version %(version)s of %(model)s has a licence that forbids commercial use (%(licence)s). "
        "The model stays with your firm."
    )


class ModelPrivate(SharingError, ValueError):
    """What only its firm may see is offered to nobody."""

    text = "Only your firm may see %(model)s. Open it to your supply chain before a rollout."


class FolderUnusable(SharingError, ValueError):
    """What is to become a bundle cannot be read."""

    text = "%(file)s cannot become a bundle: %(why)s"


class NobodyFits(SharingError, ValueError):
    """An audience without a single site."""

    text = "No site fits this audience. Please widen the tiers or the regions."


class NotInThisState(SharingError, ValueError):
    """What was asked does not fit the state that the thing is in."""

    text = "Rollout %(rollout)s is not in a state for that. Please look at its page again."


class OrderOvertaken(SharingError, ValueError):
    """An order to install what was taken back since: whoever carried it out was late."""

    text = "Delivery %(delivery)s was taken back in the meantime, so it is not assigned any more."


class SecondPersonNeeded(SharingError, PermissionError):
    """Whoever made or submitted a rollout does not approve it."""

    text = (
        "Another person has to approve rollout %(rollout)s: not the one who made it "
        "or asked for approval."
    )


class OfferClosed(SharingError, ValueError):
    """An offer that was answered, stopped or ran out."""

    text = "This offer can no longer be answered."


class NameRefused(SharingError, ValueError):
    """A file name that could lead out of its folder."""

    text = "The file name %(name)s cannot be used."


class AgentNotFound(SharingError, LookupError):
    """No agent has that identifier, or it belongs to another site."""

    text = "There is no connected PC %(agent)s here."


class CodeRefused(SharingError, PermissionError):
    """An enrolment code that is wrong, used or out of time: which of them is not said."""

    text = "This code is not valid. A code works once and for %(minutes)s minutes: get a new one."


class AgentRefused(SharingError, PermissionError):
    """An agent's statement of who it is does not hold. `code`: unknown, clock, token, replayed."""

    text = "The hub does not accept this agent's call (%(code)s)."

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code=code)


class PublicKeyRefused(SharingError, ValueError):
    """Not an Ed25519 public key in PEM."""

    text = "The agent sent a public key that cannot be used. Ed25519 in PEM is expected."


class StoreDamaged(SharingError, RuntimeError):
    """A stored file is not what it was when it was put in."""

    text = "The stored file %(digest)s is damaged. Please restore it from a backup."


class MetadataRefused(SharingError, ValueError):
    """Signed metadata that cannot be read or does not verify."""

    text = "The signed metadata %(name)s cannot be used: %(reason)s"
