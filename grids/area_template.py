"""The form to fill in: an Excel sheet of areas, with a second one that says what each column means."""

import io
from collections.abc import Iterable

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids.area_columns import heading
from grids.models import Area, Level

NOTES = {
    "code": gettext_lazy("Needed. Digits as text; begins with the code of the area above. Never used again."),
    "level": gettext_lazy(
        "District, street, community or grid. A level a district does not have is left out everywhere."
    ),
    "name_zh": gettext_lazy("Needed for a new area, at most 100 characters."),
    "name_en": gettext_lazy("Where there is one."),
    "valid_from": gettext_lazy(
        "First day in force, as 2020-01-31. Empty: from the day of the import, or as it is."
    ),
    "valid_to": gettext_lazy("First day no longer in force. Fill it in to end an area."),
    "predecessors": gettext_lazy("Codes of the areas this one came from, with blanks between."),
    "longitude": gettext_lazy("Degrees; where the area stands when there is no boundary."),
    "latitude": gettext_lazy("Degrees."),
    "wkt": gettext_lazy(
        "POLYGON or MULTIPOLYGON in degrees, longitude first; at most 32,767 characters in Excel."
    ),
    "source": gettext_lazy("Where the boundary comes from."),
}
WIDTHS = {"code": 22, "name_zh": 26, "name_en": 30, "predecessors": 34, "wkt": 40}
ROWS = 5000
"""How far the formats and the list of levels reach."""


def workbook(areas: Iterable[Area] = ()) -> bytes:
    """The form, filled with the areas given."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet, notes = book.add_worksheet(_("Areas")), book.add_worksheet(_("What the columns mean"))
        text = book.add_format({"num_format": "@"})
        head = book.add_format({"bold": True, "bg_color": "#DCE6F2", "bottom": 1})
        for index, column in enumerate(NOTES):
            sheet.set_column(index, index, WIDTHS.get(column, 14), text)
            sheet.write_string(0, index, heading(column), head)
            notes.write_string(index, 0, heading(column), head)
            notes.write_string(index, 1, str(NOTES[column]))
        sheet.freeze_panes(1, 0)
        notes.set_column(0, 0, 16)
        notes.set_column(1, 1, 100)
        levels = {"validate": "list", "source": [str(label) for label in Level.labels]}
        sheet.data_validation(1, 1, ROWS, 1, levels)
        for number, area in enumerate(areas, 1):
            for index, value in enumerate(_cells(area)):
                sheet.write_string(number, index, value)
    return out.getvalue()


def _cells(area: Area) -> list[str]:
    """In the order of NOTES; the boundary stays where it is."""
    days = [day.isoformat() if day else "" for day in (area.valid_from, area.valid_to)]
    olds = " ".join(old.code for old in area.predecessors.all())
    return [area.code, str(Level(area.level).label), area.name_zh, area.name_en, *days, olds]
