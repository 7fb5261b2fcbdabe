"""What the watched folder says of a file, in each language."""

from collections.abc import Mapping
from typing import Any

from sharing.agent.errors import AgentError, ColumnsMissing, FileEmpty, NoRowFits
from sharing.agent.schema import Schema
from sharing.agent.scored import Scored
from sharing.agent.words import LANGUAGES, sentence, told, word

REPAIR = "What to do: mend the file, and put it into the folder again."
NAMES = "The first line must name these columns, in any order: %(columns)s."
TELL = "What to do: put it in once more. If it fails again, tell whoever publishes the model."
BEGUN = "Watched folder: %(folder)s. A CSV file that is put in comes back in its folder “out”."
Words = dict[str, str]  # language → sentence


def line_of(result: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """A result as a sentence with its facts."""
    if result["state"] == "failed":
        return "%(file)s: set aside in the folder “failed”, with the reason beside it.", result
    return "%(file)s: %(rows)s rows, %(faults)s of them without a prediction.", result


def in_each(error: AgentError) -> Words:
    """An error in each language."""
    return {language: sentence(error, language) for language in LANGUAGES}


def missing(schema: Schema, header: list[str]) -> Words:
    """The columns that a file lacks."""
    return {
        language: sentence(
            ColumnsMissing(
                columns=", ".join(
                    column.called(language)
                    for column in schema.columns
                    if column.name not in header
                )
            ),
            language,
        )
        for language in LANGUAGES
    }


def none_fits(scored: Scored, file: str) -> Words:
    """Why no row of a file was predicted."""
    first = scored.first
    if first is None:
        return in_each(FileEmpty(file=file))
    return {
        language: sentence(
            NoRowFits(
                rows=scored.rows, file=file, why=sentence(scored.fault(first, language), language)
            ),
            language,
        )
        for language in LANGUAGES
    }


def repair(schema: Schema) -> Words:
    """What to do with a file that is at fault."""
    columns = ", ".join(
        f"{column.name} [{column.unit}]" if column.unit else column.name
        for column in schema.columns
    )
    return {
        language: f"{word(REPAIR, language)} {told(NAMES, language, {'columns': columns})}"
        for language in LANGUAGES
    }


def try_again() -> Words:
    """What to do where the file is not at fault."""
    return {language: word(TELL, language) for language in LANGUAGES}


def letter(file: str, result: Mapping[str, Any]) -> bytes:
    """What is wrong with a file, and what to do; with the mark by which Windows knows UTF-8."""
    lines = [file]
    for language in LANGUAGES:
        lines += ["", result["why"][language], result["repair"][language]]
    return "\r\n".join([*lines, ""]).encode("utf-8-sig")
