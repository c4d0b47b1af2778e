"""An item of the checklist as a form made of the columns, and the days of an end and of a set."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.item_columns import COLUMNS
from grid_platform.sheets.columns import NO, YES, Column, Kind
from grid_platform.sheets.problems import BadCellError, Problem
from imports.problems import advice, reason

READ_BY = ("platform", "category")
FORM_COLUMNS = tuple(column for column in COLUMNS if column.name not in READ_BY)
DAY = forms.DateInput(attrs={"type": "date", "class": "form-control"})


@dataclass
class Cell:
    """One column as a field: ``choices`` of a list (value, label, chosen), else a text."""

    column: Column
    text: str
    fixed: bool = False
    errors: list[str] = field(default_factory=list)

    @property
    def is_several(self) -> bool:
        return self.column.kind == Kind.CHOICES

    @property
    def choices(self) -> list[tuple[str, Any, bool]]:
        known = list(self.column.choices)
        if self.column.kind == Kind.YES_NO:
            known = [("yes", YES), ("no", NO)]
        chosen = self.text.split(";")
        return [(value, label, value in chosen) for value, label in known]


class ItemForm:
    """What somebody typed, or what holds now; ``values`` are plain as from a file, ``problems`` name the cells."""

    columns: tuple[Column, ...] = FORM_COLUMNS

    def __init__(self, data: QueryDict | None, held: dict[str, Any] | None):
        self.cells: dict[str, Cell] = {}
        self.values: dict[str, Any] = {}
        self.problems: list[Problem] = []
        for column in self.columns:
            fixed = held is not None and column.name == "code"
            said = _plain(column, held.get(column.name)) if held else ""
            if data is not None and not fixed:
                said = ";".join(data.getlist(column.name))
            self.cells[column.name] = Cell(column, said, fixed)
            if data is not None:
                self._read(column, said)
        self.add(self.problems)

    def _read(self, column: Column, said: str) -> None:
        try:
            self.values[column.name] = column.read(said)
        except BadCellError as error:
            self.problems.append(Problem(error.code, 1, column.name, said, error.params))

    def add(self, problems: list[Problem]) -> None:
        """Show problems at their cells."""
        for problem in problems:
            if problem.column in self.cells:
                self.cells[problem.column].errors.append(f"{reason(problem)} {advice(problem)}")


def _plain(column: Column, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return (";" if column.kind == Kind.CHOICES else " ").join(value)
    return "" if value is None else str(value)


class FromForm(forms.Form):
    """From which day; tomorrow unless another is chosen."""

    from_day = forms.DateField(
        label=_("Holds from"),
        widget=DAY,
        help_text=_("Events that are there keep the version they were judged by."),
    )

    def __init__(self, data: Any = None, *, now: datetime):
        tomorrow: date = timezone.localdate(now) + timedelta(days=1)
        super().__init__(data, initial={"from_day": tomorrow})


class EndForm(forms.Form):
    """From which day an item holds no more; ticked, because its code is gone for reports."""

    end_day = forms.DateField(label=_("Holds no more from"), widget=DAY)
    sure = forms.BooleanField(
        label=_("Nobody can report it any more from then on"),
        widget=forms.CheckboxInput(attrs={"class": "form-check-input m-0"}),
    )

    def __init__(self, data: Any = None, *, now: datetime):
        tomorrow: date = timezone.localdate(now) + timedelta(days=1)
        super().__init__(data, initial={"end_day": tomorrow})


class SwitchForm(forms.Form):
    """The days a set is on, both included."""

    first = forms.DateField(label=_("First day"), widget=DAY)
    last = forms.DateField(label=_("Last day"), widget=DAY)

    def __init__(self, data: Any = None, *, now: datetime):
        today: date = timezone.localdate(now)
        super().__init__(data, initial={"first": today, "last": today + timedelta(days=30)})
