"""Rows of a file, checked and predicted a piece at a time: a row's fault is its own, and named."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sharing.agent.bundle import Bundle
from sharing.agent.errors import CellsTooMany, FigureMissing, InputRefused
from sharing.agent.schema import OUTSIDE, Flag
from sharing.agent.tablestream import Row
from sharing.agent.words import sentence, told, word


class Fault(NamedTuple):
    """A row without a prediction: its number, from 1, and its cells."""

    number: int
    row: Row


class Scored:
    """What one file came to so far, and how its next rows are predicted.

    `at`: where the model's columns stand in the file.
    """

    def __init__(self, bundle: Bundle, header: Sequence[str], at: list[int], language: str) -> None:
        self.rows = self.faults = self.flagged = 0
        self.first: Fault | None = None
        self._bundle, self._at, self._language = bundle, at, language
        self._width = len(header)
        self._alarmed = [
            name for name in bundle.schema.outputs if name in bundle.calibration.thresholds
        ]
        self._lows = np.array([column.low for column in bundle.schema.columns])
        self._highs = np.array([column.high for column in bundle.schema.columns])
        added = [
            *bundle.schema.outputs,
            *(f"{name}_alarm" for name in self._alarmed),
            word("remark", language),
        ]
        self.header = list(header)
        for name in added:
            self.header.append(_unlike(name, self.header))

    def fault(self, fault: Fault, language: str) -> InputRefused:
        """Why this row gets no prediction, in this language."""
        got = len(fault.row)
        if any(cell.strip() for cell in fault.row[self._width :]):
            return CellsTooMany(row=fault.number, got=got, columns=self._width)
        try:
            self._bundle.schema.checked([self._picked(fault.row)], language)
        except InputRefused as error:
            return type(error)(**{**error.facts, "row": fault.number})
        return FigureMissing(row=fault.number)

    def predicted(self, piece: Sequence[Row]) -> list[list[object]]:
        """The rows with what the model says of them. Raises ModelCrashed."""
        start = self.rows + 1
        numbers, good = self._numbers(piece)
        remarks = [""] * len(piece)
        for flag in self._flags(numbers, good):
            text = told(
                OUTSIDE,
                self._language,
                flag._replace(row=start + flag.row).facts(self._language),
            )
            remarks[flag.row] = " ".join(filter(None, [remarks[flag.row], text]))
        self.flagged += sum(map(bool, remarks))
        figures, alarms = self._answers(numbers)
        answers: dict[int, list[object]] = {
            at: [*values, *warned]
            for at, values, warned in zip(good, figures, alarms, strict=True)
            if all(map(math.isfinite, values))
        }
        blank: list[object] = [""] * (len(self.header) - self._width - 1)
        lines: list[list[object]] = []
        for at, row in enumerate(piece):
            if at not in answers:
                remarks[at] = self._faulty(Fault(start + at, row))
            cells = (row + [""] * self._width)[: self._width] if len(row) != self._width else row
            lines.append([*cells, *answers.get(at, blank), remarks[at]])
        self.rows += len(piece)
        return lines

    def _faulty(self, fault: Fault) -> str:
        self.faults += 1
        self.first = self.first or fault
        return sentence(self.fault(fault, self._language), self._language)

    def _picked(self, row: Row) -> list[str]:
        return [row[at] if at < len(row) else "" for at in self._at]

    def _numbers(self, piece: Sequence[Row]) -> tuple[NDArray[np.float64], list[int]]:
        """The rows that can be put to the model, as numbers, and where they stand."""
        try:  # nearly always all are plain numbers
            numbers = np.array([[float(row[at]) for at in self._at] for row in piece])
            if all(len(row) <= self._width for row in piece) and np.isfinite(numbers).all():
                return numbers, list(range(len(piece)))
        except (ValueError, IndexError, OverflowError):
            pass
        good, found = [], []
        for at, row in enumerate(piece):
            if any(cell.strip() for cell in row[self._width :]):
                continue
            try:
                values, _ = self._bundle.schema.checked([self._picked(row)], self._language)
            except InputRefused:
                continue
            good.append(at)
            found += values
        return np.array(found, dtype=np.float64).reshape(-1, len(self._at)), good

    def _flags(self, numbers: NDArray[np.float64], good: list[int]) -> list[Flag]:
        odd = (numbers < self._lows) | (numbers > self._highs)  # a missing value is neither
        columns = self._bundle.schema.columns
        return [
            Flag(good[row], columns[column], float(numbers[row, column]))
            for row, column in np.argwhere(odd)
        ]

    def _answers(self, numbers: NDArray[np.float64]) -> tuple[list[list[float]], list[list[int]]]:
        """Figures and alarms, row by row."""
        count = len(numbers)
        if not count:
            return [], []
        with np.errstate(over="ignore"):  # beyond the model's own numbers; it is flagged
            table = numbers.astype(np.float32)
        figures = self._bundle.figures(self._bundle.run(table))  # type: ignore[arg-type]
        nothing = [math.nan] * count
        names = self._bundle.schema.outputs
        by_row = list(zip(*(figures.get(name, nothing) for name in names), strict=True))
        warned = self._bundle.alarms(figures)
        alarms = [warned.get(name, [False] * count) for name in self._alarmed]
        return (
            [list(values) for values in by_row],
            [[int(alarm[row]) for alarm in alarms] for row in range(count)],
        )


def _unlike(name: str, others: Sequence[str]) -> str:
    """A name that stands there once: a file of results may be put in again.

    >>> _unlike("p", ["a"]), _unlike("p", ["a", "p"])
    ('p', 'p (2)')
    """
    made, number = name, 1
    while made in others:
        number += 1
        made = f"{name} ({number})"
    return made
