"""What can go wrong with firms, links and sheets; the root of every error that a person meets.

DomainError
└── SupplyChainError
    ├── FirmNotFound (LookupError)
    ├── SheetNotFound (LookupError)
    ├── FirmNotInNetwork (LookupError)
    ├── LinkNotFound (LookupError)
    ├── LinkNotYours (PermissionError)
    ├── LinkToItself, StanceUnknown (ValueError)
    ├── NameAmbiguous (ValueError)
    ├── CountryUnknown, NumberTaken (ValueError)
    ├── (what can be wrong with an invitation stands in supplychain.invitation_errors)
    ├── SheetRefused (ValueError)            the whole file, nothing of it is kept
    │   ├── NotASpreadsheet
    │   ├── SheetEmpty
    │   ├── SheetTooLarge
    │   ├── SheetTooLong
    │   ├── SheetTooWide
    │   ├── CellTooLong
    │   ├── SheetTooDeep
    │   ├── SheetLocked
    │   ├── WebPageNotSheet
    │   ├── TabNotFound
    │   ├── ColumnsMissing
    │   ├── ColumnUnknown
    │   ├── SheetLost, SheetInterrupted
    │   ├── RenewalSweeping
    │   └── MappingInvalid
    └── CellFault (ValueError)               one cell; see FAULTS for all kinds
        ├── NameMissing, NameTooLong, NameShared
        ├── NumberNotTenDigits, NumberNotIssued, CheckDigitWrong
        ├── (the row stays:) LeiForm, LeiCheckWrong, DunsForm, CorporateForm, CorporateCheckWrong,
        │   IndustryForm, DivisionUnknown, RevisionUnknown
        ├── NotANumber, ShareOutOfRange, CountNegative, FormulaFailed
        └── (the row stays:) WordUnknown, EmailForm, ShareUnclear, SuppliesItself, ShareTwice,
            NumberDiffers

The text of an error is an English sentence with named gaps. It is the key of its translation
too, so that a page can say it in the reader's language; the facts that fill the gaps stay on
the error for a program to read.
"""

from typing import ClassVar


class DomainError(Exception):
    """An error with a sentence for people and facts for programs.

    >>> class LampBroken(DomainError, ValueError):
    ...     text = "Lamp %(number)s is broken."
    >>> str(LampBroken(number=3)), LampBroken(number=3).facts
    ('Lamp 3 is broken.', {'number': 3})
    """

    text: ClassVar[str] = "Something went wrong."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.text % facts)


class SupplyChainError(DomainError):
    """Any error of this package."""


class FirmNotFound(SupplyChainError, LookupError):
    """No firm has that identifier (or the asker may not know of it)."""

    text = "There is no firm %(firm)s here."


class SheetNotFound(SupplyChainError, LookupError):
    """No sheet has that number (or it belongs to another firm)."""

    text = "There is no sheet %(sheet)s here."


class FirmNotInNetwork(SupplyChainError, LookupError):
    """Tiers were asked for from a firm that no link mentions."""

    text = "Firm %(firm)s has no links yet. Upload a supplier sheet first."


class LinkNotFound(SupplyChainError, LookupError):
    """No link has that number (or the asker may not know of it)."""

    text = "There is no link %(link)s here."


class LinkNotYours(SupplyChainError, PermissionError):
    """A firm speaks about a link of which it is no end and that it never declared."""

    text = "Only the two firms of a link, and whoever declared it, can say something about it."


class LinkToItself(SupplyChainError, ValueError):
    """Supplier and buyer are one firm."""

    text = "A firm cannot supply itself. Choose another firm."


class StanceUnknown(SupplyChainError, ValueError):
    """Neither "holds" nor "denied"."""

    text = "%(stance)s is not an answer. Say holds or denied."


class NameAmbiguous(SupplyChainError, ValueError):
    """A firm was asked for by a name that several bear."""

    text = "%(count)s firms are called %(name)s. Give the business registration number instead."


class CountryUnknown(SupplyChainError, ValueError):
    """Not the two letters of ISO 3166-1."""

    text = "Give the country by its two letters, such as KR, CN or VN."


class NumberTaken(SupplyChainError, ValueError):
    """A firm that speaks for itself bears the number already."""

    text = (
        "Another firm has joined with this business registration number. "
        "Check the digits; if they are right, ask its people to let you in."
    )


class SheetRefused(SupplyChainError, ValueError):
    """A file of which nothing can be taken in."""

    text = "The file cannot be used."


class NotASpreadsheet(SheetRefused):
    """Neither a workbook nor a text table."""

    text = (
        "%(file)s is not a spreadsheet that can be read. Save it as XLSX, XLS or CSV and try again."
    )


class SheetEmpty(SheetRefused):
    """No bytes, no cells, or a header and nothing below it."""

    text = "%(file)s has no rows. Check that the right tab was saved."


class SheetTooLarge(SheetRefused):
    """More bytes than the hub takes; found out before they are read."""

    text = "%(file)s is larger than %(limit)s MB. Split it, or remove pictures, and try again."


class SheetTooLong(SheetRefused):
    """More rows than one sheet may have."""

    text = "%(file)s has more than %(limit)s rows. Split it into several sheets."


class SheetTooWide(SheetRefused):
    """More columns than one sheet may have; most often a stray cell far to the right."""

    text = (
        "%(file)s has more than %(limit)s columns. "
        "Copy the table alone into a new sheet and save that one."
    )


class CellTooLong(SheetRefused):
    """More text in one cell than any list of suppliers needs; often a quotation mark left open."""

    text = (
        "%(file)s has a cell of more than %(limit)s characters in row %(row)s. "
        "Shorten it; in a CSV file, look for a quotation mark that was never closed."
    )


class SheetTooDeep(SheetRefused):
    """A small file that unpacks to something huge, or takes too long to read."""

    text = (
        "%(file)s needs too much memory or time to read. "
        "Copy the table alone into a new sheet and save that one."
    )


class SheetLocked(SheetRefused):
    """The workbook is encrypted."""

    text = "%(file)s is protected by a password. Save it without one and try again."


class WebPageNotSheet(SheetRefused):
    """HTML under a spreadsheet's name, as some systems export it."""

    text = (
        "%(file)s is a web page under the name of a spreadsheet, as some systems export it. "
        "Open it in a spreadsheet program, save it as XLSX and try again."
    )


class TabNotFound(SheetRefused):
    """The workbook has no tab of that name."""

    text = "%(file)s has no tab %(tab)s. Its tabs are: %(tabs)s."


class ColumnsMissing(SheetRefused):
    """No header row tells where the supplier's name stands."""

    text = (
        "No column with the supplier's name was found. "
        "Give the table a header row with a column named 협력사명 or Supplier. "
        "Found instead: %(found)s."
    )


class ColumnUnknown(SheetRefused):
    """The mapping names a column that the sheet does not have."""

    text = (
        "The sheet has no column %(column)s, which the mapping names. Its columns are: %(found)s."
    )


class SheetLost(SheetRefused):
    """The file is no longer what was uploaded, or no longer there."""

    text = "The file of %(file)s is not in the hub's store any more. Upload it again."


class SheetInterrupted(SheetRefused):
    """Whoever took it in ended in the middle, several times over."""

    text = (
        "Taking in %(file)s was cut off several times, so it was given up. "
        "Split it into smaller sheets, or ask an administrator to look at the hub."
    )


class RenewalSweeping(SheetRefused):
    """A new version with which most of the earlier one ends, and nobody agreed to that."""

    text = (
        "With %(file)s %(gone)s of the %(before)s links of the earlier list would end. "
        "Give the number %(gone)s if that is meant; else take it in beside the earlier list."
    )


class MappingInvalid(SheetRefused):
    """The mapping file cannot be understood."""

    text = "The column mapping cannot be used: %(faults)s"


class CellFault(SupplyChainError, ValueError):
    """What is wrong with one cell of a sheet.

    `refuses`: the row is not taken in. Otherwise only the cell is left out, and said so.
    """

    text = "This cell cannot be used."
    refuses: ClassVar[bool] = True


class NameMissing(CellFault):
    """A firm without a name."""

    text = "The firm's name is missing."


class NameTooLong(CellFault):
    """More text than a name has."""

    text = "A name has at most %(limit)s characters."


class NameShared(CellFault):
    """Several firms of that name are known, and the row gives no registration number."""

    text = "Several firms have this name. Add the business registration number to tell which."


class NumberNotTenDigits(CellFault):
    """Not the form of a business registration number."""

    text = "A business registration number has ten digits."


class NumberNotIssued(CellFault):
    """Ten digits that are never given out: office below 101, type 00 or serial 0000."""

    text = "No such business registration number is ever issued. Check the digits."


class CheckDigitWrong(CellFault):
    """The last digit does not follow from the other nine: most often a typing slip."""

    text = (
        "The check digit is wrong: the number would have to end in %(expected)s. Check the digits."
    )


class LeiForm(CellFault):
    """Not the form of an LEI."""

    text = "An LEI has 20 signs: 18 letters or digits and two check digits."
    refuses = False


class LeiCheckWrong(CellFault):
    """The last two digits do not follow from the others."""

    text = "The LEI's check digits are wrong: it would have to end in %(expected)s."
    refuses = False


class DunsForm(CellFault):
    """Not nine digits."""

    text = "A DUNS number has nine digits."
    refuses = False


class CorporateForm(CellFault):
    """Not thirteen digits."""

    text = "A corporation's register number has thirteen digits."
    refuses = False


class CorporateCheckWrong(CellFault):
    """The last digit does not follow from the others."""

    text = (
        "The register number's check digit is wrong: it would have to end in %(expected)s. "
        "Check the digits."
    )
    refuses = False


class IndustryForm(CellFault):
    """Not the form of a KSIC code."""

    text = "An industry code is a letter and two to five digits, such as C29271."
    refuses = False


class DivisionUnknown(CellFault):
    """No section of the KSIC has that division, or another letter has it."""

    text = "The industry classification has no code %(code)s. Check the letter and the digits."
    refuses = False


class RevisionUnknown(CellFault):
    """A revision that is not used any more, or not yet."""

    text = "Industry codes of revision 10 or 11 can be used, not of revision %(revision)s."
    refuses = False


class NotANumber(CellFault):
    """Text where a number belongs."""

    text = "This is not a number."


class ShareOutOfRange(CellFault):
    """A share of purchases outside 0-100 %."""

    text = "A share lies between 0 and 100 per cent."


class CountNegative(CellFault):
    """A number of people or things below zero, or with a fraction."""

    text = "This must be a whole number, zero or more."


class FormulaFailed(CellFault):
    """The spreadsheet program itself could not work the cell out."""

    text = "The spreadsheet shows an error here instead of a value. Mend the formula."


class WordUnknown(CellFault):
    """A region, process or level that the hub's lists do not have."""

    text = "This word is not known, so the cell was left out; the rest of the row was taken in."
    refuses = False


class EmailForm(CellFault):
    """Not one e-mail address."""

    text = "This is not an e-mail address, so it was left out; the rest of the row was taken in."
    refuses = False


class ShareUnclear(CellFault):
    """A share of 0.3 may mean 0.3 or 30 per cent, and nobody has said which."""

    text = (
        "It is not clear whether this is a fraction (0.3 = 30 per cent) or per cent, "
        "so the share was left out; the rest of the row was taken in."
    )
    refuses = False


class SuppliesItself(CellFault):
    """Supplier and buyer are one firm: no link can be drawn."""

    text = "Supplier and buyer are one firm, so no link was made; the rest of the row was taken in."
    refuses = False


class ShareTwice(CellFault):
    """The same delivery twice in a sheet, with different shares."""

    text = (
        "The same delivery stands in row %(row)s with another share. That one counts; "
        "the rest of the row was taken in."
    )
    refuses = False


class NumberDiffers(CellFault):
    """The same name is known under another registration number: a second firm was made."""

    text = "A firm of this name is known under another registration number. Both are kept apart."
    refuses = False


FAULTS: dict[str, type[CellFault]] = {
    fault.__name__: fault
    for fault in (
        NameMissing, NameTooLong, NameShared, NumberNotTenDigits, NumberNotIssued, CheckDigitWrong,
        LeiForm, LeiCheckWrong, DunsForm, CorporateForm, CorporateCheckWrong, IndustryForm,
        DivisionUnknown, RevisionUnknown,
        NotANumber, ShareOutOfRange, CountNegative, FormulaFailed, WordUnknown, EmailForm,
        ShareUnclear, SuppliesItself, ShareTwice, NumberDiffers,
    )
}  # fmt: skip
