"""The texts of the hub's mails, one file for each kind and language, and how they are filled.

The first line of a text is its subject. A paragraph whose gap has nothing to say is left out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

_FOLDER = Path(__file__).parent
_SUBJECT = "Subject: "
_LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Letter:
    """What a mail says: a subject of one line, and plain text."""

    subject: str
    text: str


def letter(name: str, locale: str, gaps: Mapping[str, str]) -> Letter:
    """The text of that kind in that language, its gaps filled.

    >>> letter("invitation", "en", dict.fromkeys(GAPS, "x")).subject
    'x asks: is x your firm, and do you supply us?'
    """
    first, rest = _text(name, locale)
    subject = Template(first.removeprefix(_SUBJECT)).substitute(gaps)
    filled = Template(rest).substitute(gaps)
    return Letter(one_line(subject)[:_LONGEST_SUBJECT], re.sub(r"\n{3,}", "\n\n", filled).strip())


@cache
def _text(name: str, locale: str) -> tuple[str, str]:
    """Subject and the rest."""
    first, rest = (_FOLDER / f"{name}.{locale}.txt").read_text(encoding="utf-8").split("\n", 1)
    return first, rest


def one_line(text: str) -> str:
    r"""Text for a header: no line ends, no control characters.

    >>> one_line("한빛\r\nBcc: everyone@firm.example\x00")
    '한빛 Bcc: everyone@firm.example'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


# What the texts of invitations and reminders have to say.
GAPS = ("greeting", "inviter", "who", "firm", "note", "link", "until", "questions")
