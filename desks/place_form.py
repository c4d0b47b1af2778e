"""A named place as a form made of the columns of its list."""

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict

from desks.checklist_form import Cell, ItemForm
from grid_platform.sheets.columns import Column
from grids.models import District
from imports.kinds import KINDS


def cells_of(district: District) -> tuple[Column, ...]:
    """One query: the kinds of places."""
    return KINDS["places"].columns(district)


class PlaceForm(ItemForm):
    """What somebody typed, or what holds now; the code of a place that is there is fixed."""

    cells: dict[str, Cell]

    def __init__(self, data: QueryDict | None, held: dict[str, Any] | None, columns: Sequence[Column]):
        self.columns = tuple(columns)
        super().__init__(data, held)
        if held and data is not None:
            self.values["code"] = held["code"]

    def refuse(self, column: str, words: str) -> None:
        self.cells[column].errors.append(words)
