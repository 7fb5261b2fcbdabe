"""What can go wrong with who speaks for a firm, and with who asks to see it."""

from supplychain.errors import SupplyChainError


class AsksAnother(SupplyChainError, ValueError):
    """The invitation was answered by another account since its request was looked at."""

    text = "Somebody else asks to be let in by now. Look who it is, and answer anew."


class SpeakersChanged(SupplyChainError, ValueError):
    """Between looking and answering somebody else came: the answer was meant for another."""

    text = "Who speaks for this firm has changed since you looked. Look again and answer anew."


class RequestNotFound(SupplyChainError, LookupError):
    """Nobody's request, or another firm's."""

    text = "There is no request %(request)s of yours."


class RequestTooSoon(SupplyChainError, ValueError):
    """The firm said no not long ago."""

    text = "This firm has declined. You can ask it again after three months."


class RequestsEnough(SupplyChainError, ValueError):
    """More requests in a day than a chain has a use for."""

    text = "A firm can ask %(most)s firms a day. Go on tomorrow."


class NumbersEnough(SupplyChainError, ValueError):
    """A firm changed its own number more often than firms do: it would learn who has joined."""

    text = "A firm can change its registration number %(most)s times a day. Go on tomorrow."
