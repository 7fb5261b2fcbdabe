"""What can go wrong with alerts: raising, passing on, answering, ending.

SupplyChainError
├── AlertIncomplete (ValueError)
├── AlertNamesFirm (ValueError)
├── AlertForNobody (ValueError)
├── AlertNotFound (LookupError)
│   └── AlertLinkUnknown
├── AlertOver (ValueError)
├── AlertEnough (ValueError)
├── AlertTooFar (PermissionError)
├── AlertNotAsked (PermissionError)
├── AlertNotYours (PermissionError)
├── AlertLinkUsed (PermissionError)
└── AlertRemindedLately (ValueError)
"""

from supplychain.errors import SupplyChainError


class AlertIncomplete(SupplyChainError, ValueError):
    """What happened was left out, or a field holds what is none of its words."""

    text = "Say what happened, how urgent it is and what you ask. Look at: %(fields)s."


class AlertNamesFirm(SupplyChainError, ValueError):
    """The text would carry a name down the chain, to firms that may not know it."""

    text = (
        "The text names %(firm)s. It is read by firms that may not know that name. "
        "Say it without the name: the item, the region or the process."
    )


class AlertForNobody(SupplyChainError, ValueError):
    """The firm trades with nobody in that direction."""

    text = "There is nobody to send this to. Declare your suppliers or customers first."


class AlertNotFound(SupplyChainError, LookupError):
    """No alert has that number, or it never reached the firm that asks."""

    text = "There is no alert %(alert)s here."


class AlertLinkUnknown(AlertNotFound):
    """No alert was sent with that secret, or a newer mail brought another."""

    text = (
        "This link is not valid. A newer mail may have replaced it: use the link in the latest "
        "one, or ask the firm that wrote to you."
    )


class AlertOver(SupplyChainError, ValueError):
    """The alert was resolved or taken back: nothing moves any more."""

    text = "This alert is over. Nothing more can be answered or passed on."


class AlertEnough(SupplyChainError, ValueError):
    """More mails in a day than a firm has a use for."""

    text = "A firm can write to %(most)s firms a day. Go on tomorrow."


class AlertTooFar(SupplyChainError, PermissionError):
    """The sender asked for fewer tiers, or the firm trades with none of those named."""

    text = "The alert goes no further from here."


class AlertNotAsked(SupplyChainError, PermissionError):
    """The sender asked other tiers; this firm passes the alert on."""

    text = "You are asked to pass this alert on, not to answer it."


class AlertNotYours(SupplyChainError, PermissionError):
    """Only the firm that sent it, or from which it comes, can do that."""

    text = "Only the firm that the disruption comes from can say that it is over."


class AlertLinkUsed(SupplyChainError, PermissionError):
    """A link answers once."""

    text = "You have answered by this link. To correct it, ask the firm that wrote to you."


class AlertRemindedLately(SupplyChainError, ValueError):
    """Everybody who has not answered was written to a short while ago, or all have answered."""

    text = "Nobody is left to remind now: they have answered, or were written to lately."
