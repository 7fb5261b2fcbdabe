"""The labs that there are: what each asks, its notebooks, its plant, its truth.

A lab is a folder in `exercises`: `lab.yaml`, one notebook a language, `plant.py` (the data that a
seed gives, and what is true of it) and `solution.py`, which trainees never receive.
"""

import importlib.util
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from labs.errors import LabNotFound
from labs.grading import Criterion, Truth
from labs.text import Text

EXERCISES = Path(__file__).parent / "exercises"
LANGUAGES = ("ko", "en")

# Probability of a defect for each row of FEATURES: the shared model, however it is run.
Predict = Callable[[pd.DataFrame], NDArray[np.floating[Any]]]


class Lab(BaseModel):
    """What lab.yaml says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: str
    title: Text
    summary: Text
    minutes: int = Field(gt=0)
    model: str = ""
    competences: tuple[str, ...] = ()
    pass_points: float
    criteria: tuple[Criterion, ...]

    @property
    def max_points(self) -> float:
        """What a faultless hand-in earns."""
        return sum(each.points for each in self.criteria)

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return EXERCISES / self.slug

    def notebook_name(self, language: str) -> str:
        """File name of the notebook in that language."""
        return f"{self.slug}.{language if language in LANGUAGES else 'ko'}.ipynb"

    def notebook(self, language: str) -> dict[str, Any]:
        """The notebook as trainees receive it."""
        path = self.folder / self.notebook_name(language)
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return content

    def data(self, seed: int) -> pd.DataFrame:
        """The data of the plant with that seed, as the trainee sees it."""
        table: pd.DataFrame = _plant(self.slug).data(seed)
        return table

    def truth(self, seed: int, predict: Predict | None) -> Mapping[str, Truth]:
        """The right answers for that seed; `predict` is the shared model where one is asked of."""
        answers: Mapping[str, Truth] = _plant(self.slug).truth(seed, predict)
        return answers

    def solution(self) -> str:
        """Source of a cell that answers everything; for `hub labs check` and tests only."""
        return (self.folder / "solution.py").read_text(encoding="utf-8")


@cache
def labs() -> dict[str, Lab]:
    """All labs by slug, in the order of their names."""
    found = (
        Lab.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(EXERCISES.glob("*/lab.yaml"))
    )
    return {lab.slug: lab for lab in found}


def lab_named(slug: str) -> Lab:
    """The lab with that slug. Raises LabNotFound."""
    try:
        return labs()[slug]
    except KeyError:
        raise LabNotFound(lab=slug) from None


@cache
def _plant(slug: str) -> ModuleType:
    # Folders are named like their address on pages, with a dash, which import cannot say.
    name = f"labs.exercises.{slug.replace('-', '_')}.plant"
    spec = importlib.util.spec_from_file_location(name, EXERCISES / slug / "plant.py")
    if spec is None or spec.loader is None:
        raise LabNotFound(lab=slug)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
