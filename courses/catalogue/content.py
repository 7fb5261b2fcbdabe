"""What a course is made of: the types that its files are read into. Nothing here reads a file.

Every text stands in both languages of the pages. Where a rule is broken, the validator's message
goes to the teacher who wrote the file, with the line (see courses.catalogue.reading).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Track = Literal["researcher", "practitioner", "employee", "job_seeker"]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(_Part):
    """One text in both languages."""

    ko: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_(self, locale: str) -> str:
        """The text in the reader's language; Korean unless it is English."""
        return self.en if locale == "en" else self.ko


class Option(_Part):
    """One answer to choose; `why` is said to whoever chose it."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,20}$")]
    text: Text
    right: bool = False
    why: Text | None = None


class _Asked(_Part):
    id: Slug
    text: Text
    explanation: Text


class _Choice(_Asked):
    options: tuple[Option, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _ids_differ(self) -> "_Choice":
        if len({option.id for option in self.options}) != len(self.options):
            raise ValueError("two options have the same id")
        return self

    @property
    def right(self) -> frozenset[str]:
        """Ids of the right options."""
        return frozenset(option.id for option in self.options if option.right)


class SingleQuestion(_Choice):
    """Exactly one option is right."""

    kind: Literal["single"]

    @model_validator(mode="after")
    def _one_right(self) -> "SingleQuestion":
        if len(self.right) != 1:
            raise ValueError("a single-choice question has exactly one option with right: true")
        return self


class MultipleQuestion(_Choice):
    """The right options, all of them and no other."""

    kind: Literal["multiple"]

    @model_validator(mode="after")
    def _some_right(self) -> "MultipleQuestion":
        if not self.right:
            raise ValueError("a multiple-choice question has at least one option with right: true")
        return self


class NumberQuestion(_Asked):
    """A number within `tolerance` (same unit as the answer) is right."""

    kind: Literal["number"]
    answer: float
    tolerance: float = Field(ge=0)
    unit: Text | None = None


Question = Annotated[
    SingleQuestion | MultipleQuestion | NumberQuestion, Field(discriminator="kind")
]


class QuestionSheet(_Part):
    """The questions of one lesson."""

    questions: tuple[Question, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_differ(self) -> "QuestionSheet":
        _no_twice([question.id for question in self.questions])
        return self


class EndTest(QuestionSheet):
    """The test that closes a course."""

    minutes: int = Field(ge=1)
    pass_percent: int = Field(ge=1, le=100)

    @property
    def needed(self) -> int:
        """How many right answers pass.

        >>> EndTest.model_construct(questions=(None,) * 10, pass_percent=70, minutes=5).needed
        7
        """
        return -(-len(self.questions) * self.pass_percent // 100)


class LessonHead(_Part):
    """What course.yaml says of a lesson; its folder has the same name."""

    slug: Slug
    title: Text
    minutes: int = Field(ge=1)


class Entry(_Part):
    """How one group of learners goes into the course: what for, and where to begin."""

    why: Text
    start: Slug


class CourseHead(_Part):
    """The file course.yaml."""

    title: Text
    summary: Text
    hours: float = Field(gt=0)
    competences: tuple[str, ...] = Field(min_length=1)
    models: tuple[Slug, ...] = ()
    lab: Slug | None = None
    lab_minutes: int = Field(default=0, ge=0)
    valid_months: int = Field(default=36, ge=1)
    outcomes: tuple[Text, ...] = Field(min_length=1)
    tracks: dict[Track, Entry] = Field(min_length=1)
    lessons: tuple[LessonHead, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _entries_lead_somewhere(self) -> "CourseHead":
        slugs = [lesson.slug for lesson in self.lessons]
        _no_twice(slugs)
        lost = sorted({entry.start for entry in self.tracks.values()} - set(slugs))
        if lost:
            raise ValueError(f"a track starts at {lost[0]}, which is no lesson")
        return self


class Lesson(LessonHead):
    """A lesson with its text as HTML that we rendered, by language, and its questions."""

    html: Text
    questions: tuple[Question, ...]


class Course(CourseHead):
    """A course as a whole."""

    slug: Slug
    lessons: tuple[Lesson, ...]
    test: EndTest

    def lesson(self, slug: str) -> Lesson | None:
        """The lesson of that name."""
        return next((lesson for lesson in self.lessons if lesson.slug == slug), None)

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages in which all of it can be read."""
        return tuple(Text.model_fields)

    @property
    def question_count(self) -> int:
        """Questions of all lessons and of the end test."""
        return sum(len(lesson.questions) for lesson in self.lessons) + len(self.test.questions)


def _no_twice(ids: list[str]) -> None:
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise ValueError(f"{twice[0]} stands twice")
