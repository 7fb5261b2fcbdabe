"""What can be wrong with a case for times to survive: each fault with what to do about it.

CaseFault (RiskError, ValueError)
├── FirmOfNoList, FirmTwice, DemandMissing, NamesInvalid, ProductsMissing
├── PartsInvalid, PartInvalid, AmountsInvalid, AmountOfNobody, AmountInvalid, NeedInvalid
└── SetUnknown, DaysInvalid, CaseNotJson, CaseNotObject
"""

from supplychain.risk.errors import RiskError


class CaseFault(RiskError, ValueError):
    """One fault of a case."""


class FirmOfNoList(CaseFault):
    """A firm in inputs, and in neither list."""

    text = "%(firm)s is neither a product nor a supplier. Add it to one of the two lists."


class FirmTwice(CaseFault):
    """A firm twice in the lists."""

    text = "%(firm)s stands twice among products and suppliers. Name it once."


class DemandMissing(CaseFault):
    """A product without demand."""

    text = "%(product)s has no demand_per_day. Give how many pieces are needed a day."


class NamesInvalid(CaseFault):
    """No list of texts."""

    text = "%(key)s is not a list of names."


class ProductsMissing(CaseFault):
    """No product."""

    text = "products is empty. Name at least one."


class PartsInvalid(CaseFault):
    """No object."""

    text = "inputs is not an object: firm → part → list of firms."


class PartInvalid(CaseFault):
    """No list of firms for a part."""

    text = "inputs of %(firm)s: %(part)s is not a list of firms."


class AmountsInvalid(CaseFault):
    """No object."""

    text = "%(key)s is not an object: firm → number."


class AmountOfNobody(CaseFault):
    """A number of a firm in neither list."""

    text = "%(key)s names %(firm)s, which is neither a product nor a supplier."


class AmountInvalid(CaseFault):
    """Negative, endless or no number."""

    text = "%(key)s of %(firm)s is %(value)s. It has to be a number from 0 to 10^15."


class NeedInvalid(CaseFault):
    """Zero, negative, endless or no number."""

    text = (
        "bom_qty of %(firm)s, %(part)s is %(value)s. "
        "It has to be a number above zero, 10^15 at most."
    )


class SetUnknown(CaseFault):
    """Firms that are down, of whom the case knows nothing."""

    text = "%(value)s is not a list of firms of the case. Name those that are down."


class DaysInvalid(CaseFault):
    """Days that are none."""

    text = "%(value)s is not a number of days. Days are zero or more."


class CaseNotJson(CaseFault):
    """A file that JSON cannot read."""

    text = "%(file)s is not JSON: line %(line)s, column %(column)s cannot be read."


class CaseNotObject(CaseFault):
    """A list or a number."""

    text = "%(file)s holds no object. It begins with { and names products and suppliers."
