"""What can go wrong with invitations: asking, writing, answering.

SupplyChainError
├── AddressInvalid (ValueError)
├── NoteRefused (ValueError)
├── NotInvitable (PermissionError)
├── WritesRefused (ValueError)
├── WrittenLately (ValueError)
├── WrittenEnough (ValueError)
├── InvitationAnswered (ValueError)
├── InvitationNotFound (LookupError)
│   └── InvitationLinkUnknown
├── InvitationOver (LookupError)
│   ├── InvitationExpired
│   └── InvitationWithdrawn
├── InvitationUsed (PermissionError)
└── FirmSpeaksAlready (ValueError)
"""

from supplychain.errors import SupplyChainError


class AddressInvalid(SupplyChainError, ValueError):
    """Not one e-mail address, or one that most servers cannot deliver to."""

    text = "%(email)s is not an e-mail address. Give one, such as name@firm.co.kr."


class NoteRefused(SupplyChainError, ValueError):
    """A note that would carry a link of the inviter's own into a mail of the hub's."""

    text = "A note cannot hold web addresses: the mail has its own link. Leave them out."


class NotInvitable(SupplyChainError, PermissionError):
    """The firm is none of those that the inviter named as its suppliers."""

    text = "You can invite firms that you have named as your suppliers. Declare this one first."


class WritesRefused(SupplyChainError, ValueError):
    """The owner of the address wants no mails; it is not told who had written before."""

    text = "This address does not take mails from the hub. Talk to the firm in another way."


class WrittenLately(SupplyChainError, ValueError):
    """The same person was written to less than a day ago."""

    text = "This person was written to less than a day ago. You can write again in %(hours)s h."


class WrittenEnough(SupplyChainError, ValueError):
    """More mails in a day than a firm of this kind has a use for."""

    text = "A firm can write to %(most)s people a day. Go on tomorrow."


class InvitationAnswered(SupplyChainError, ValueError):
    """The person has said yes or no, so there is nothing to remind of or to take back."""

    text = "This invitation was answered already."


class InvitationNotFound(SupplyChainError, LookupError):
    """No invitation has that number (or it is another firm's)."""

    text = "There is no invitation %(invitation)s here."


class InvitationLinkUnknown(InvitationNotFound):
    """No invitation has that secret: mistyped, or a newer mail brought another."""

    text = (
        "This invitation link is not valid. A newer mail may have replaced it: "
        "use the link in the latest one, or ask the firm that invited you."
    )


class InvitationOver(SupplyChainError, LookupError):
    """The invitation can no longer be answered."""

    text = "This invitation is over."


class InvitationExpired(InvitationOver):
    """Nobody answered in time."""

    text = "This invitation is no longer valid. Ask the firm that invited you for a new one."


class InvitationWithdrawn(InvitationOver):
    """The inviter took it back."""

    text = "The firm that invited you has taken this invitation back."


class InvitationUsed(SupplyChainError, PermissionError):
    """Somebody else accepted it."""

    text = "This invitation was accepted already. Sign in with the account that accepted it."


class FirmSpeaksAlready(SupplyChainError, ValueError):
    """Someone speaks for the firm: whoever joins it now is let in by them, not by a partner."""

    text = "%(firm)s has joined already and speaks for itself."
