"""What can go wrong in courses.

DomainError
└── CoursesError
    ├── CourseNotFound (LookupError)
    ├── LessonNotFound (LookupError)
    ├── QuestionNotFound (LookupError)
    ├── TrackNotServed (ValueError)
    ├── NotEnrolled (PermissionError)
    ├── AnswerMissing (ValueError)
    ├── AnswerNotANumber (ValueError)
    ├── QuestionsOpen (ValueError)
    ├── TestNotOpen (ValueError)
    ├── NotEarned (ValueError)
    ├── CertificateNotFound (LookupError)
    ├── CredentialUnreadable (ValueError)
    └── CatalogueBroken (ValueError), with every fault: file, line, reason
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from supplychain.errors import DomainError


class CoursesError(DomainError):
    """Any error of this package."""


class CourseNotFound(CoursesError, LookupError):
    """The catalogue has no such course."""

    text = "There is no course %(course)s. The list of courses shows what there is."


class LessonNotFound(CoursesError, LookupError):
    """The course has no such lesson."""

    text = "The course has no lesson %(lesson)s."


class QuestionNotFound(CoursesError, LookupError):
    """The lesson has no such question."""

    text = "The lesson has no question %(question)s."


class TrackNotServed(CoursesError, ValueError):
    """The course has no entry for that group of learners."""

    text = "Please choose the group that you learn in."


class NotEnrolled(CoursesError, PermissionError):
    """The person has not begun the course."""

    text = "Please begin the course first."


class AnswerMissing(CoursesError, ValueError):
    """A question was handed in without an answer."""

    text = "Please choose or write an answer first."


class AnswerNotANumber(CoursesError, ValueError):
    """A number was asked for, and something else was written."""

    text = "“%(given)s” is not a number. Please write digits only, such as 12.5."


class QuestionsOpen(CoursesError, ValueError):
    """A lesson cannot be closed while questions wait for a first answer."""

    text = (
        "%(open)s questions of this lesson are still open. Any answer counts; you see at once why."
    )


class TestNotOpen(CoursesError, ValueError):
    """The end test opens when all lessons are done."""

    __test__ = False  # pytest takes names that begin with Test for its own
    text = "The end test opens when all lessons are done. %(open)s lessons are left."


class NotEarned(CoursesError, ValueError):
    """Something is missing for the certificate."""

    text = "The certificate needs all lessons done, the end test passed and the lab passed."


class CertificateNotFound(CoursesError, LookupError):
    """No certificate has that number."""

    text = "There is no certificate with this number here. Please check the link."


class CredentialUnreadable(CoursesError, ValueError):
    """What was pasted is no credential at all."""

    text = (
        "This is not a certificate that can be read. Paste the whole content of the file that the "
        "holder downloaded (.jwt or .json)."
    )


class ContentFault(BaseModel):
    """One thing that is wrong in one course file: `code` with its facts, and where."""

    model_config = ConfigDict(frozen=True)

    TEXTS: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "missing": "the file is missing",
            "encoding": "the file is not UTF-8 text",
            "syntax": "the file cannot be read: %(problem)s",
            "duplicate": "%(key)s stands twice",
            "value": "%(field)s: %(problem)s",
            "figure": "the figure %(figure)s is missing",
            "drawing": "the figure cannot be used: %(problem)s",
            "unused": "no course names this folder as a lesson",
            "competence": "the competence %(competence)s is not in the frame",
        }
    )

    file: str
    line: int
    code: str
    facts: dict[str, str] = {}

    @property
    def text(self) -> str:
        """English sentence with gaps for the facts; the key of its translation."""
        return self.TEXTS[self.code]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text % self.facts}"


class CatalogueBroken(CoursesError, ValueError):
    """Course files cannot be used; `faults` says every file, line and reason."""

    text = "%(count)s faults in the course files. First: %(first)s"

    def __init__(self, faults: Sequence[ContentFault]) -> None:
        self.faults = list(faults)
        super().__init__(count=len(self.faults), first=str(self.faults[0]))
