"""Predictions of the active models, each row checked first; and who may ask for them.

`Active` follows the pointer: a version that was activated meanwhile answers from the next request
on, without a restart and without a gap.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from numpy.typing import NDArray

from sharing.agent.bundle import Bundle
from sharing.agent.errors import InputRefused, ModelUnknown, NothingActive, TooManyRows
from sharing.agent.home import Home, Running
from sharing.agent.schema import Flag
from sharing.agent.state import State, Tally

MOST_ROWS = 100_000


class Prediction(NamedTuple):
    """Answers to some rows: the model's own outputs, the card's figures, what was odd.

    `alarms`: figure → row by row whether to warn, where the version has a threshold for it.
    """

    running: Running
    outputs: dict[str, NDArray[Any]]
    figures: dict[str, list[float]]
    flags: list[Flag]
    alarms: dict[str, list[bool]]


class Active:
    """The models that run here, opened when first asked for."""

    def __init__(self, home: Home, state: State) -> None:
        self._home = home
        self._state = state
        self._turn = threading.Lock()
        self._stamp = (-1, -1)
        self._running: dict[str, Running] = {}
        self._open: dict[tuple[str, str], Bundle] = {}

    def names(self) -> list[str]:
        """Models that run here."""
        self._follow()
        return sorted(self._running)

    def bundle(self, model: str) -> tuple[Running, Bundle]:
        """A running model; raises ModelUnknown."""
        self._follow()
        with self._turn:
            running = self._running.get(model)
            if running is None:
                raise ModelUnknown(model=model)
            key = (model, running.version)
            if key not in self._open:
                self._open[key] = Bundle.open(self._home.bundle(*key))
            return running, self._open[key]

    def only(self) -> str:
        """The model that is meant when none is named; raises NothingActive, ModelUnknown."""
        names = self.names()
        if not names:
            raise NothingActive
        if len(names) > 1:
            raise ModelUnknown(model=" / ".join(names))
        return names[0]

    def predict(
        self,
        model: str,
        given: Sequence[Sequence[Any]] | Mapping[str, Sequence[Any]],
        language: str,
    ) -> Prediction:
        """Answers to rows in the model's order, or to columns by name.

        Raises InputRefused or a child with the first row that cannot be answered; nothing of the
        request is answered then, so that no half of a file looks whole.
        """
        running, bundle = self.bundle(model)
        try:
            rows = (
                bundle.schema.rows_from_columns(given, language)
                if isinstance(given, Mapping)
                else given
            )
            if len(rows) > MOST_ROWS:
                raise TooManyRows(rows=len(rows), most=MOST_ROWS)
            numbers, flags = bundle.schema.checked(rows, language)
        except InputRefused:
            self._state.count(model, running.version, Tally(refused=1))
            raise
        outputs = bundle.run(numbers)
        odd = len({flag.row for flag in flags})
        self._state.count(model, running.version, Tally(len(numbers), odd))
        figures = bundle.figures(outputs)
        return Prediction(running, outputs, figures, flags, bundle.alarms(figures))

    def _follow(self) -> None:
        stamp = self._home.active_stamp()
        if stamp == self._stamp:
            return
        with self._turn:
            self._running = self._home.active()
            self._stamp = stamp
            wanted = {(one.model, one.version) for one in self._running.values()}
            self._open = {key: bundle for key, bundle in self._open.items() if key in wanted}
