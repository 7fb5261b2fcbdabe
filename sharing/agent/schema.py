"""Whether rows may be put to a model: columns, units, ranges, as its card declares them.

Pure: takes values, returns values. The rules are MLflow's signature rules (extra columns ignored,
missing ones an error, reordered to the schema, safe casts only), with ranges added. A value outside
its range is answered and flagged, because a plant's odd value is what its people want to see; a
missing value where the model has no use for one is refused.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from sharing.agent.errors import (
    CardUnreadable,
    ColumnsMissing,
    NotANumber,
    ShapeWrong,
    ValueMissing,
)

OUTSIDE = "Row %(row)s, %(column)s: %(value)s %(unit)s lies outside %(low)s to %(high)s."
_MISSING = {"", "nan", "na", "n/a", "null", "none", "-"}


class Column(NamedTuple):
    """One column as the card declares it."""

    name: str
    unit: str
    low: float
    high: float
    missing_allowed: bool
    ko: str
    en: str

    def called(self, language: str) -> str:
        """Its name as the shop floor knows it, with the name in files."""
        word = self.en if language == "en" else self.ko
        return f"{word} ({self.name})" if word and word != self.name else self.name


class Flag(NamedTuple):
    """A value outside the range that the model knows. `row` counts from 1."""

    row: int
    column: Column
    value: float

    def facts(self, language: str) -> dict[str, object]:
        """What fills the gaps of `OUTSIDE`."""
        return {
            "row": self.row,
            "column": self.column.called(language),
            "value": f"{self.value:g}",
            "unit": self.column.unit,
            "low": f"{self.column.low:g}",
            "high": f"{self.column.high:g}",
        }


class Schema(NamedTuple):
    """Columns in the model's order, and the names of what comes out."""

    columns: tuple[Column, ...]
    outputs: tuple[str, ...]

    @classmethod
    def of_card(cls, card: Mapping[str, Any]) -> Self:
        """The schema of a card; raises CardUnreadable."""
        try:
            schema = card["schema"]
            columns = tuple(_column(one) for one in schema["inputs"])
            outputs = tuple(str(one["name"]) for one in schema["outputs"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CardUnreadable(file="card.json", why=repr(error)) from error
        if not columns or not outputs:
            raise CardUnreadable(file="card.json", why="schema")
        return cls(columns, outputs)

    def rows_from_columns(
        self, given: Mapping[str, Sequence[Any]], language: str
    ) -> list[list[Any]]:
        """Rows in the model's order, extra columns ignored. Raises ColumnsMissing, ShapeWrong."""
        missing = [one.called(language) for one in self.columns if one.name not in given]
        if missing:
            raise ColumnsMissing(columns=", ".join(missing))
        lengths = {len(given[one.name]) for one in self.columns}
        if len(lengths) != 1:
            raise ShapeWrong(columns=len(self.columns), got=sorted(lengths))
        return [list(row) for row in zip(*(given[one.name] for one in self.columns), strict=True)]

    def checked(
        self, rows: Sequence[Sequence[Any]], language: str
    ) -> tuple[list[list[float]], list[Flag]]:
        """Rows as numbers, and what is odd about them.

        Raises ShapeWrong, NotANumber, ValueMissing: the first row that cannot be answered.
        """
        numbers: list[list[float]] = []
        flags: list[Flag] = []
        for index, row in enumerate(rows, start=1):
            if len(row) != len(self.columns):
                raise ShapeWrong(columns=len(self.columns), got=len(row))
            values = [
                _number(value, column, index, language)
                for value, column in zip(row, self.columns, strict=True)
            ]
            flags += [
                Flag(index, column, value)
                for value, column in zip(values, self.columns, strict=True)
                if not math.isnan(value) and not column.low <= value <= column.high
            ]
            numbers.append(values)
        return numbers, flags


def _column(told: Mapping[str, Any]) -> Column:
    return Column(
        name=str(told["name"]),
        unit=str(told.get("unit", "")),
        low=_bound(told.get("low"), -math.inf),
        high=_bound(told.get("high"), math.inf),
        missing_allowed=bool(told.get("missing_allowed", False)),
        ko=str(told.get("ko", "")),
        en=str(told.get("en", "")),
    )


def _bound(value: Any, otherwise: float) -> float:
    return otherwise if value is None else float(value)


def _number(value: Any, column: Column, row: int, language: str) -> float:
    if value is None or (isinstance(value, str) and value.strip().lower() in _MISSING):
        number = math.nan
    elif isinstance(value, bool):
        raise NotANumber(row=row, column=column.called(language), value=value)
    else:
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            told = str(value)[:40]
            raise NotANumber(row=row, column=column.called(language), value=told) from None
    if math.isnan(number) and not column.missing_allowed:
        raise ValueMissing(row=row, column=column.called(language))
    if math.isinf(number):
        raise NotANumber(row=row, column=column.called(language), value=value)
    return number
