"""Many faults told at once, each in the reader's language. Pure.

A fault is an error like any other: an English sentence with gaps, which is the key of its
translation. What fills a gap may be a fault again, or many of them.
"""

from collections.abc import Callable, Iterable, Mapping

from supplychain.errors import DomainError, SupplyChainError

_SHOWN = 20  # faults that are told one by one


class AtLine(SupplyChainError, ValueError):
    """What is wrong with one line of a file."""

    text = "line %(line)s: %(fault)s"


class AndMore(SupplyChainError, ValueError):
    """The rest of a long list."""

    text = "and %(number)s more"


class Faults(tuple[DomainError, ...]):
    """Faults as a fact of the error that is raised for all of them.

    >>> str(Faults.of([AtLine(line=2, fault="no weight"), AtLine(line=3, fault="no weight")]))
    'line 2: no weight; line 3: no weight'
    """

    __slots__ = ()

    @classmethod
    def of(cls, found: Iterable[DomainError]) -> "Faults":
        """The first of them, and how many more there are."""
        every = tuple(found)
        more = len(every) - _SHOWN
        return cls((*every[:_SHOWN], AndMore(number=more)) if more > 0 else every)

    def __str__(self) -> str:
        """All of them in English, in one line."""
        return "; ".join(map(str, self))


def sentence(
    error: DomainError, translate: Callable[[str], str], between: str = "; ", before: str = ""
) -> str:
    """An error with everything that it names, translated; `before` and `between` part its faults.

    >>> korean = {"line %(line)s: %(fault)s": "%(line)s행: %(fault)s"}
    >>> sentence(AtLine(line=2, fault=AtLine(line=3, fault="x")), lambda text: korean[text])
    '2행: 3행: x'
    """

    def told(fact: object) -> object:
        if isinstance(fact, DomainError):
            return sentence(fact, translate)
        if isinstance(fact, Faults):
            return before + between.join(sentence(each, translate) for each in fact)
        return fact

    facts: Mapping[str, object] = {name: told(fact) for name, fact in error.facts.items()}
    return translate(error.text) % facts if facts else translate(error.text)
