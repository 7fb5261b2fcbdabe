"""What can be wrong with a network or a case that somebody wants computed.

RiskError (SupplyChainError)
├── FirmUnknown, RunNotFound (LookupError)
└── (ValueError:) NetworkEmpty, LinkWithItself, LinkTwice, WeightInvalid, SectorDiffers,
    EssentialityInvalid, CaseInvalid, NetworkInvalid, FactInvalid,
    FactsInvalid
"""

from supplychain.errors import SupplyChainError


class RiskError(SupplyChainError):
    """Any error of these computations."""


class FirmUnknown(RiskError, LookupError):
    """A firm that no link mentions."""

    text = "The network has no firm %(firm)s."


class NetworkEmpty(RiskError, ValueError):
    """No link at all."""

    text = "The network has no links."


class LinkWithItself(RiskError, ValueError):
    """A firm that supplies itself."""

    text = "%(firm)s supplies itself. Leave that link out."


class LinkTwice(RiskError, ValueError):
    """The same supplier and buyer on two lines."""

    text = "The link %(supplier)s → %(buyer)s stands twice. Add the two up, or leave one out."


class WeightInvalid(RiskError, ValueError):
    """A weight that is missing, zero, negative or no number."""

    text = "The link %(supplier)s → %(buyer)s weighs %(weight)s. A weight is a number above zero."


class SectorDiffers(RiskError, ValueError):
    """A firm under two sectors."""

    text = "%(firm)s stands under two sectors, %(one)s and %(other)s. Give it one."


class EssentialityInvalid(RiskError, ValueError):
    """Neither 0, 1 nor 2."""

    text = "%(supplier_sector)s → %(buyer_sector)s is %(value)s. Essentiality is 0, 1 or 2."


class CaseInvalid(RiskError, ValueError):
    """A case for times to survive that contradicts itself or lacks something."""

    text = "The case cannot be computed: %(faults)s"


class NetworkInvalid(RiskError, ValueError):
    """A network file with faults, each with its line."""

    text = "The network cannot be used: %(faults)s"


class RunNotFound(RiskError, LookupError):
    """No computation was asked for, or not for this chain."""

    text = "Nothing has been computed for this chain yet. Ask for it first."


class FactInvalid(RiskError, ValueError):
    """A time to recover, a stock, a capacity or a margin that cannot be."""

    text = "%(kind)s cannot be %(value)s. Days are 0 to 3650, capacity is 100 or more."


class FactsInvalid(RiskError, ValueError):
    """A file of facts with faults, each with its line."""

    text = "The file cannot be used: %(faults)s"
