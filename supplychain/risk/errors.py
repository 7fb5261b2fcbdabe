"""What can be wrong with a network or a case that somebody wants computed.

RiskError (SupplyChainError)
├── FirmUnknown, RunNotFound (LookupError)
└── (ValueError:) NetworkEmpty, LinkWithItself, LinkTwice, WeightInvalid, WeightMissing,
    SectorDiffers, EssentialityTwice, EndMissing, CellsTooMany, LineUnreadable, ColumnMissing,
    ColumnTwice, TextUnreadable, LeadUnnamed (LeadLike),
    EssentialityInvalid, CaseInvalid, NetworkInvalid, FactInvalid,
    FactOfNobody, FactFirmUnknown, FactColumnsMissing, FactsTooMany, FactsInvalid
"""

from supplychain.errors import SupplyChainError


class RiskError(SupplyChainError):
    """Any error of these computations."""


class FirmUnknown(RiskError, LookupError):
    """A firm that no link mentions."""

    text = "The network has no firm %(firm)s."


class NetworkEmpty(RiskError, ValueError):
    """No link at all."""

    text = "The network has no links. Give at least one line with a supplier and a buyer."


class LinkWithItself(RiskError, ValueError):
    """A firm that supplies itself."""

    text = "%(firm)s supplies itself. Leave that link out."


class LinkTwice(RiskError, ValueError):
    """The same supplier and buyer on two lines."""

    text = "The link %(supplier)s → %(buyer)s stands twice. Add the two up, or leave one out."


class WeightInvalid(RiskError, ValueError):
    """A weight that is missing, zero, negative or no number."""

    text = "The link %(supplier)s → %(buyer)s weighs %(weight)s. A weight is a number above zero."


class WeightMissing(RiskError, ValueError):
    """No weight where one is needed."""

    text = "The link %(supplier)s → %(buyer)s has no weight. Give it a number above zero."


class SectorDiffers(RiskError, ValueError):
    """A firm under two sectors."""

    text = "%(firm)s stands under two sectors, %(one)s and %(other)s. Give it one."


class EssentialityInvalid(RiskError, ValueError):
    """Neither 0, 1 nor 2."""

    text = "%(supplier_sector)s → %(buyer_sector)s is %(value)s. Essentiality is 0, 1 or 2."


class EssentialityTwice(RiskError, ValueError):
    """Two values for the same two sectors."""

    text = "%(supplier_sector)s → %(buyer_sector)s was %(before)s on an earlier line. Keep one."


class EndMissing(RiskError, ValueError):
    """A line without a supplier, or without a buyer."""

    text = "A link needs a supplier and a buyer. Fill both cells, or leave the line out."


class CellsTooMany(RiskError, ValueError):
    """A name with a comma that is not in quotes moves into the next column."""

    text = "%(cells)s cells under %(headings)s headings. Put a name with a comma in quotes."


class LineUnreadable(RiskError, ValueError):
    """What Python's csv cannot read."""

    text = (
        "This cannot be read as CSV. Look for a quotation mark that is not closed, or a cell of "
        "more than 131,072 characters."
    )


class ColumnMissing(RiskError, ValueError):
    """A heading that is needed."""

    text = "There is no column %(columns)s in the first line. There are: %(there)s."


class ColumnTwice(RiskError, ValueError):
    """Two headings alike."""

    text = "In the first line two columns are called %(columns)s. Rename or remove one."


class TextUnreadable(RiskError, ValueError):
    """Neither of the encodings that Korean spreadsheets write."""

    text = "%(file)s is neither UTF-8 nor CP949 text. Save it as CSV UTF-8."


class LeadUnnamed(RiskError, ValueError):
    """A lead firm that no link mentions."""

    text = "No link names the firm %(firm)s. Write it as the file does."


class LeadLike(LeadUnnamed):
    """The same, and a firm of nearly that name is there."""

    text = "No link names the firm %(firm)s. Did you mean %(like)s?"


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


class FactOfNobody(RiskError, ValueError):
    """A number with no firm beside it."""

    text = "%(kind)s %(value)s has no firm beside it. Fill the column firm, or clear the cell."


class FactFirmUnknown(RiskError, ValueError):
    """What the line calls a firm is none of the chain, or several."""

    text = (
        "Your chain has no firm %(firm)s, or several of that name. Give its number as the file "
        "that you can download has it."
    )


class FactColumnsMissing(RiskError, ValueError):
    """A first line without the columns that are needed."""

    text = "The first line needs the column firm, and one or more of %(columns)s."


class FactsTooMany(RiskError, ValueError):
    """More lines than are read."""

    text = "A file may have %(most)s lines at most. Split it."


class FactsInvalid(RiskError, ValueError):
    """A file of facts with faults, each with its line."""

    text = "The file cannot be used: %(faults)s"
