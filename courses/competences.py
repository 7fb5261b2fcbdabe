"""The hub's own frame of competences: six areas, each at three grades.

The words are data (competences.yaml), so that they can be changed without Python.
"""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from courses.catalogue.content import Text


class Named(Text):
    """An area or a grade: its name, and what it is about."""

    about: Text


class Competence(BaseModel):
    """What a person can do, at a grade. Its id is `area:grade`, such as models:understand."""

    model_config = ConfigDict(frozen=True)

    id: str
    area: Named
    grade: Named

    @property
    def name(self) -> Text:
        """Name in both languages, such as "Models: understand"."""
        area, grade = self.area, self.grade
        return Text(ko=f"{area.ko} · {grade.ko}", en=f"{area.en} · {grade.en}")


class Frame(BaseModel):
    """Areas and grades by their ids, in the order in which they are taught."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    areas: dict[str, Named]
    grades: dict[str, Named]

    @property
    def competences(self) -> dict[str, Competence]:
        """Every competence by its id.

        >>> FRAME.competences["models:understand"].name.en
        'Models · understand'
        """
        return {
            f"{area}:{grade}": Competence(id=f"{area}:{grade}", area=a, grade=g)
            for area, a in self.areas.items()
            for grade, g in self.grades.items()
        }


FRAME = Frame.model_validate(
    yaml.safe_load((Path(__file__).parent / "competences.yaml").read_text(encoding="utf-8"))
)
