"""A mail as it goes over the wire: headers, plain text, and the same as simple HTML.

Nothing in it tells whether it was read: no picture, no redirect, no address that differs from the
one that is shown. Headers are built by `email.policy.SMTP`, which refuses a line end in any.
"""

import hashlib
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from hub.mails import one_line
from hub.tables import Mail

_NAMES = {"ko": "상생허브", "en": "Sangsaeng Hub"}
_STYLE = (
    "font-family:sans-serif;font-size:16px;line-height:1.6;color:#1e2124;max-width:40em;"
    "word-break:keep-all;overflow-wrap:anywhere"
)
_BUTTON = (
    "display:inline-block;padding:12px 20px;background:#0b50d0;color:#ffffff;"
    "border-radius:6px;text-decoration:none;font-weight:bold"
)
_OPEN_WORDS = {"ko": "시작하기", "en": "Open"}


def message_of(mail: Mail, sender: str, home: str) -> EmailMessage:
    """The message; the same mail always has the same Message-ID and date.

    A second copy, sent because a crash left unknown whether the first had gone, is known as one by
    mail programs. `home`: address of the hub; only a link that leads there becomes one in the HTML.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(_NAMES.get(mail.locale, _NAMES["en"]), addr_spec=sender)
    message["To"] = Address(addr_spec=mail.to)
    if mail.reply_to:
        message["Reply-To"] = Address(addr_spec=mail.reply_to)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(mail.created_at)
    domain = sender.rpartition("@")[2]
    message["Message-ID"] = f"<{hashlib.sha256(mail.key.encode()).hexdigest()[:32]}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices, please
    message.set_content(mail.text + "\n", charset="utf-8", cte="base64")
    message.add_alternative(
        html_of(mail.text, mail.locale, home), subtype="html", charset="utf-8", cte="base64"
    )
    message["Content-Language"] = mail.locale  # last: new content takes such headers away
    return message


def html_of(text: str, locale: str, home: str) -> str:
    r"""Simple HTML of the plain text: headings (■), lists, the one link, paragraphs.

    >>> html_of("■ A & B\n- one\n- two", "en", "https://hub.example").partition("<h2")[2]
    ' style="font-size:17px">A &amp; B</h2>\n<ul><li>one</li><li>two</li></ul>\n</body></html>\n'
    """
    blocks = [
        block for paragraph in text.split("\n\n") for block in _blocks(paragraph, locale, home)
    ]
    return (
        f'<!doctype html>\n<html lang="{locale}"><head><meta charset="utf-8"></head>'
        f'<body style="{_STYLE}">\n' + "\n".join(blocks) + "\n</body></html>\n"
    )


def _blocks(paragraph: str, locale: str, home: str) -> list[str]:
    lines = paragraph.split("\n")
    blocks = []
    if lines[0].startswith("■ "):
        blocks.append(f'<h2 style="font-size:17px">{escape(lines.pop(0)[2:])}</h2>')
    if not lines:
        return blocks
    if all(line.startswith("- ") for line in lines):
        blocks.append(_items("ul", [line[2:] for line in lines]))
    elif all(line[:1].isdigit() and line[1:3] == ". " for line in lines):
        blocks.append(_items("ol", [line[3:] for line in lines]))
    elif len(lines) == 1 and lines[0].startswith(f"{home}/") and " " not in lines[0]:
        link = escape(lines[0])
        words = _OPEN_WORDS.get(locale, _OPEN_WORDS["en"])
        blocks.append(f'<p><a href="{link}" style="{_BUTTON}">{words}</a></p>\n<p>{link}</p>')
    else:
        blocks.append("<p>" + "<br>".join(escape(line) for line in lines) + "</p>")
    return blocks


def _items(tag: str, lines: list[str]) -> str:
    return f"<{tag}>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + f"</{tag}>"
