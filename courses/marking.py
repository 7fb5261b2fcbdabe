"""Answers → right or not, and what to say to each. Pure."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from courses.catalogue.content import NumberQuestion, Question, SingleQuestion, Text
from courses.errors import AnswerMissing, AnswerNotANumber

LONGEST = 40


class Marked(BaseModel):
    """An answer as it was understood. `notes` say, option by option, why a chosen one is wrong."""

    model_config = ConfigDict(frozen=True)

    given: tuple[str, ...]
    right: bool
    notes: tuple[Text, ...] = ()


def mark(question: Question, given: Sequence[str]) -> Marked:
    """Judge an answer: ids of the options chosen, or one number as text.

    Raises AnswerMissing, AnswerNotANumber. Ids that the question does not have count as missing.
    """
    if isinstance(question, NumberQuestion):
        text = " ".join(given).strip()
        number = number_in(text)
        # A hair more than the tolerance: 0.1 + 0.2 must not fail by the way floats are kept.
        right = abs(number - question.answer) <= question.tolerance * (1 + 1e-9) + 1e-12
        return Marked(given=(text[:LONGEST],), right=right)
    chosen = [option for option in question.options if option.id in set(given)]
    if not chosen or (isinstance(question, SingleQuestion) and len(chosen) != 1):
        raise AnswerMissing
    return Marked(
        given=tuple(option.id for option in chosen),
        right={option.id for option in chosen} == question.right,
        notes=tuple(option.why for option in chosen if option.why and not option.right),
    )


def number_in(text: str) -> float:
    """The number that a person wrote: thousands with commas, a unit behind it, a true minus sign.

    >>> number_in("1,250"), number_in("−3.5 %"), number_in(" 775 bar")
    (1250.0, -3.5, 775.0)
    """
    cleaned = text.strip().replace("−", "-").replace(" ", "")
    digits = cleaned.rstrip("".join(set(cleaned) - set("0123456789.,+-")))
    if not cleaned:
        raise AnswerMissing
    try:
        return float(digits.replace(",", ""))
    except ValueError:
        raise AnswerNotANumber(given=text.strip()[:LONGEST]) from None
