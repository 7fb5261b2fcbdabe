"""Bytes → text, in whatever encoding firms write: UTF-8, UTF-16, CP949, Latin-1 leftovers. Pure."""

import codecs

from charset_normalizer import from_bytes

from supplychain.errors import NotASpreadsheet

_LEFTOVER = "supplychain.leftover"
# A table of text never has these; a picture, a PDF or a program does.
_BINARY = bytes([*range(9), *range(14, 27), *range(28, 32)])
_LOOKED = 4_000
_ASCII = bytes(range(128))


def decode(content: bytes, file: str) -> tuple[str, str]:
    r"""The text and the encoding that it was in. Single bytes that do not fit are read as Latin-1.

    Raises NotASpreadsheet where the bytes are no text.

    >>> decode("협력사,지역".encode("cp949"), "a.csv")
    ('협력사,지역', 'CP949')
    >>> decode(b"\xef\xbb\xbfC\xc3\xb4te, Gr\xf8nland", "a.csv")
    ('Côte, Grønland', 'UTF-8')
    """
    for mark, name in ((codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16")):
        if content.startswith(mark):
            return _strict(content, name, file), name
    if b"\0" in content[:_LOOKED]:
        return _unmarked(content, file), "UTF-16"
    if len(content.translate(None, _BINARY)) < len(content):
        raise NotASpreadsheet(file=file)
    if content.startswith(codecs.BOM_UTF8):
        return content.decode("utf-8-sig", _LEFTOVER), "UTF-8"
    for codec, name in (("utf-8", "UTF-8"), ("cp949", "CP949")):
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if codec == "utf-8" or _is_korean(text):
            return text, name
    return _guessed(content)


def _strict(content: bytes, codec: str, file: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        raise NotASpreadsheet(file=file) from error


def _unmarked(content: bytes, file: str) -> str:
    """UTF-16 without its mark: every second byte of what is ASCII is zero."""
    first, second = content[0:_LOOKED:2].count(0), content[1:_LOOKED:2].count(0)
    codec = "utf-16-le" if second > first else "utf-16-be"
    text = _strict(content[: len(content) // 2 * 2], codec, file)
    if "\0" in text or not any(mark in text for mark in "\n\r,;\t|"):
        raise NotASpreadsheet(file=file)
    return text


def _is_korean(text: str) -> bool:
    """Whether most of what is not ASCII is Hangul that people write (KS X 1001)."""
    foreign = [letter for letter in text if not letter.isascii()]
    written = sum("가" <= letter <= "힣" and _in_ksx1001(letter) for letter in foreign)
    return 2 * written >= len(foreign)


def _in_ksx1001(letter: str) -> bool:
    try:
        return len(letter.encode("euc_kr")) == 2
    except UnicodeEncodeError:
        return False


def _guessed(content: bytes) -> tuple[str, str]:
    """Text that is strictly in no encoding: the one with the fewest leftovers."""
    high = len(content.translate(None, _ASCII))
    for codec, name in (("utf-8", "UTF-8"), ("cp949", "CP949")):
        text = content.decode(codec, _LEFTOVER)
        leftovers = sum("\x80" <= letter <= "\xff" for letter in text)
        if leftovers * 10 < high and (codec == "utf-8" or _is_korean(text)):
            return text, name
    best = from_bytes(content[:50_000], cp_isolation=["cp1252", "shift_jis", "gb18030"]).best()
    codec = best.encoding if best else "cp1252"
    return content.decode(codec, _LEFTOVER), codec.upper().replace("_", "-")


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.start + 1].decode("latin-1"), error.start + 1


codecs.register_error(_LEFTOVER, _as_latin)
