"""What can go wrong with firms, links and sheets; the root of every error that a person meets.

DomainError
└── SupplyChainError
    ├── FirmNotFound (LookupError)
    └── …

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
