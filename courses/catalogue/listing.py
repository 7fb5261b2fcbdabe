"""A course in short, as listings show it: the same on the command line and in the API."""

from pydantic import BaseModel

from courses.catalogue.content import Course, Text


class Listed(BaseModel):
    """A course of the catalogue, in short."""

    slug: str
    title: Text
    tracks: list[str]
    languages: list[str]
    hours: float
    competences: list[str]
    questions: int
    labs: list[str]
    models: list[str]


def listed(course: Course) -> Listed:
    """A course as listings show it, here and on the command line."""
    return Listed(
        slug=course.slug,
        title=course.title,
        tracks=list(course.tracks),
        languages=list(course.languages),
        hours=course.hours,
        competences=list(course.competences),
        questions=course.question_count,
        labs=[course.lab] if course.lab else [],
        models=list(course.models),
    )
