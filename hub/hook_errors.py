"""What can go wrong with webhooks.

HubError
├── HookNotFound, HookMessageNotFound (LookupError)
├── HookAddressRefused (ValueError)
├── HookEventUnknown (ValueError)
├── HooksTooMany (ValueError)
├── HookOff (ValueError)
└── HookUnreachable (ConnectionError)
"""

from hub.errors import HubError


class HookNotFound(HubError, LookupError):
    """No webhook has that number (or the asker may not know of it)."""

    text = "There is no webhook %(hook)s here."


class HookMessageNotFound(HubError, LookupError):
    """No message has that number, or it is another webhook's."""

    text = "There is no message %(message)s here."


class HookAddressRefused(HubError, ValueError):
    """An address that the hub does not call."""

    text = (
        "The hub does not call %(address)s: it has to be an https address on the public internet."
    )


class HookEventUnknown(HubError, ValueError):
    """An event that does not exist."""

    text = "There is no event %(event)s. Events are: %(events)s."


class HooksTooMany(HubError, ValueError):
    """More addresses than a firm may have."""

    text = "A firm can have %(most)s webhooks. Remove one first."


class HookOff(HubError, ValueError):
    """Nothing is sent to a webhook that is switched off."""

    text = "This webhook is switched off. Switch it on first."


class HookUnreachable(HubError, ConnectionError):
    """The address did not answer."""

    text = "%(address)s cannot be reached: %(reason)s"
