"""The second step of an upload: what each column holds, as guessed, remembered or chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from hub.web.asking import say
from hub.web.sheet_words import FIELD_LABELS
from supplychain.columns import FIELDS, Layout, fields_of, layout_of
from supplychain.errors import SheetRefused
from supplychain.guessing import guess_below
from supplychain.headings import LINES, WITHIN, Heading, heading_at, heading_with, letters
from supplychain.reading import Draft, Reading

_SAMPLES = 3
_SAMPLE_LIMIT = 60
_PREFIX = "column-"


@dataclass(frozen=True)
class ColumnShown:
    """A column of the sheet: its place and name, some values, and what it holds."""

    place: int
    letter: str
    name: str
    samples: list[str]
    field: str = ""
    why: str = ""


@dataclass
class Choice:
    """What a person said, or would see first, of a sheet's columns."""

    draft: Draft
    heading: Heading
    fields: dict[str, str]
    why: dict[str, str] = field(default_factory=dict)
    share_as: str = ""
    ask_share: bool = False
    errors: list[str] = field(default_factory=list)

    @property
    def columns(self) -> list[ColumnShown]:
        """Every column that has a name, with what it holds."""
        held = {column: each for each, column in self.fields.items()}
        body = self.draft.table.head[self.heading.body :]
        shown = []
        for place, name in enumerate(self.heading.names):
            values = (row[place] for row in body if place < len(row) and row[place])
            samples = [value[:_SAMPLE_LIMIT] for value in dict.fromkeys(values)][:_SAMPLES]
            if name:
                told = held.get(name, "")
                why = self.why.get(told, "")
                shown.append(ColumnShown(place, letters(place), name, samples, told, why))
        return shown

    def layout(self) -> Layout:
        """The layout that was chosen; raises ColumnsMissing without a supplier's name."""
        layout = layout_of(self.fields)
        if self.share_as not in {"percent", "fraction"}:
            return layout
        link = layout.links[0].model_copy(update={"share_as": self.share_as})
        return layout.model_copy(update={"links": [link]})


def first_choice(draft: Draft, layout: Layout | None, asked: Mapping[str, str]) -> Choice:
    """What the page shows at first: the layout that is known already, else what is guessed.

    `asked` may point at another header row: "row" counts from 1, "lines" says how many.
    """
    pointed = _pointed_at(draft, asked)
    if pointed is None and layout is not None and layout.plain:
        try:
            columns = layout.columns()
            heading = heading_with(draft.table.head, columns, merged=draft.table.merged)
        except SheetRefused:
            layout = None
        else:
            fields = fields_of(layout)
            told = {name: column for name, column in fields.items() if column in heading.names}
            why = {
                name: draft.found.why.get(name, "chosen")
                if draft.found.fields.get(name) == column
                else "chosen"
                for name, column in told.items()
            }
            choice = Choice(draft, heading, told, why, layout.links[0].share_as or "")
            return _with_question(choice)
    found = guess_below(draft.table.head, pointed) if pointed else draft.found
    return _with_question(Choice(draft, found.heading, dict(found.fields), dict(found.why)))


def chosen(draft: Draft, form: Mapping[str, str]) -> Choice:
    """What a person chose on the page; `errors` say what has to be put right."""
    heading = _pointed_at(draft, form) or draft.found.heading
    choice = Choice(draft, heading, {}, share_as=form.get("share_as", ""))
    for place, name in enumerate(heading.names):
        told = form.get(f"{_PREFIX}{place}", "")
        if not name or told not in FIELDS:
            continue
        if told in choice.fields:
            both = {"what": FIELD_LABELS[told], "one": choice.fields[told], "other": name}
            choice.errors.append(
                _("%(what)s was chosen for two columns: %(one)s and %(other)s.", **both)
            )
        choice.fields[told] = name
    if "supplier.name" not in choice.fields:
        choice.errors.append(_("Choose the column that holds the supplier's name."))
    if "buyer.brn" in choice.fields and "buyer.name" not in choice.fields:
        choice.errors.append(
            _("Choose the column with the name of the firm that is delivered to, too.")
        )
    return _with_question(choice)


def read_chosen(choice: Choice) -> Reading | None:
    """The sheet by what was chosen; None where something has to be put right first."""
    if choice.errors:
        return None
    try:
        reading = choice.draft.read_at(choice.heading, choice.layout())
    except SheetRefused as error:
        choice.errors.append(say(error))
        return None
    if reading.scanned.unclear and not choice.share_as:
        choice.ask_share = True
        choice.errors.append(_("Say whether 0.3 means 30 % or 0.3 %."))
        return None
    return reading


def _with_question(choice: Choice) -> Choice:
    """Ask about fractions where the column of shares looks like them."""
    if choice.fields.get("supplier.name") and "link.share" in choice.fields:
        try:
            reading = choice.draft.read_at(choice.heading, choice.layout())
        except SheetRefused:
            return choice
        choice.ask_share = bool(reading.scanned.unclear)
    if not choice.ask_share:
        choice.share_as = ""
    return choice


def _pointed_at(draft: Draft, asked: Mapping[str, str]) -> Heading | None:
    row, lines = _whole(asked.get("row")), _whole(asked.get("lines"))
    head = draft.table.head
    if row is None or lines is None or not 1 <= row <= min(WITHIN, len(head)) or lines > LINES:
        return None
    return heading_at(head, row - 1, lines, merged=draft.table.merged)


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 4 else None


def field_choices() -> list[tuple[str, Any]]:
    """What a column may hold, for the page's lists."""
    return [("", _("– not used –")), *((name, FIELD_LABELS[name]) for name in _IN_ORDER)]


_IN_ORDER = tuple(sorted(FIELDS, key=list(FIELD_LABELS).index))
