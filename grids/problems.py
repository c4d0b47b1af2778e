"""What can be wrong with a file of areas: a stable code, the reason and what to do, for each row and field.

Problems are kept as codes with parameters and worded in the reader's language. An error refuses the whole
file; a warning is told and does not hinder, for real maps have gaps and overlaps.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from grids.area_columns import COLUMNS, heading
from grids.models import Level

WORDS = {
    # The file as a whole
    "file_too_large": (_("The file has more than %(most)s."), _("Split it by street or level.")),
    "file_unknown": (
        _("%(name)s is no GeoJSON, Shapefile or Excel file."),
        _("Give .geojson, .json, .zip with a Shapefile in it, .shp or .xlsx; save an old .xls as .xlsx."),
    ),
    "file_broken": (
        _("The file cannot be read: %(reason)s."),
        _("Open it in the program it comes from, save it anew and try again."),
    ),
    "file_no_json": (
        _("The file is no JSON from line %(line)s, character %(character)s on."),
        _("Open it in the program it comes from, save it anew and try again."),
    ),
    "file_incomplete": (_("The Shapefile lacks its %(part)s."), _("Put .shp, .shx, .dbf, .prj into one zip.")),
    "file_many_layers": (_("The zip holds %(count)s Shapefiles."), _("Import one after the other.")),
    "file_empty": (_("The file holds no area."), _("Each area is one row below the heading.")),
    "encoding": (
        _("The text is not %(encoding)s."),
        _("Name the encoding: mostly GB18030 (GBK) or UTF-8."),
    ),
    "projected": (
        _("The coordinates are on a plane: %(name)s."),
        _("Export in degrees: CGCS2000 (EPSG:4490) or WGS84 (EPSG:4326)."),
    ),
    "axes_swapped": (_("Latitude stands before longitude."), _("Export with longitude first.")),
    "column_missing": (
        _("There is no column %(column)s."),
        _("Columns of the file: %(columns)s. Say which of them holds it."),
    ),
    "district_missing": (
        _("District %(district)s is not known yet, and the file does not name it."),
        _("Add one row of level district with its code and name."),
    ),
    # One row
    "code_missing": (_("There is no code."), _("Fill in the area's code.")),
    "code_not_digits": (_("Code %(code)s is not digits only, at most 20."), _("Correct the code.")),
    "code_is_number": (
        _("Code %(code)s stands as a number and has lost its last digits."),
        _("Format the column as text and type the code anew."),
    ),
    "code_duplicate": (
        _("Code %(code)s stands in rows %(rows)s."),
        _("Keep one row; a code is given once and never again."),
    ),
    "code_foreign": (
        _("%(code)s does not belong to district %(district)s."),
        _("Codes begin with the district's; only the district itself has its code."),
    ),
    "code_ended": (
        _("Area %(code)s ended on %(day)s; a code is never used again."),
        _("Give the area a new code and name %(code)s as its predecessor."),
    ),
    "level_missing": (_("The level of %(code)s is not given."), _("Fill in the level, or name it for the file.")),
    "level_unknown": (
        _("%(code)s has the unknown level %(level)s."),
        _("Use district, street, community or grid (区, 街道, 社区, 网格)."),
    ),
    "level_wrong": (
        _("%(code)s is given as %(level)s but is %(known)s."),
        _("Correct the level; an area never changes it."),
    ),
    "length_wrong": (
        _("%(code)s has %(length)s digits; codes of its level have %(usual)s here."),
        _("Correct the code, or allow lengths to differ."),
    ),
    "orphan": (
        _("%(code)s has no area above it: none of the level above has a code that begins its own."),
        _("Add the area above, or correct the code or the level."),
    ),
    "between": (
        _("%(code)s would stand above %(count)s known areas that do not belong below its level."),
        _("Correct the code or the level."),
    ),
    "parent_ended": (
        _("%(code)s stays while the area above it, %(parent)s, ends on %(day)s."),
        _("End it too, or keep the area above."),
    ),
    "name_missing": (_("%(code)s has no Chinese name."), _("Fill in the name.")),
    "name_too_long": (_("A name of %(code)s has more than 100 characters."), _("Shorten it.")),
    "date_wrong": (_("%(value)s is not a date."), _("Write it as 2020-01-31.")),
    "ends_before_it_begins": (_("%(code)s ends before it begins."), _("Correct one of the two dates.")),
    "predecessor_unknown": (
        _("%(code)s names the unknown predecessor %(predecessor)s."),
        _("Correct the code, or load the predecessor first."),
    ),
    "boundary_broken": (
        _("The boundary of %(code)s is not usable: %(reason)s."),
        _("Mend it in the map program and export it anew."),
    ),
    "boundary_kind": (
        _("The boundary of %(code)s is a %(kind)s."),
        _("A boundary is a Polygon or MultiPolygon, a place a Point."),
    ),
    "boundary_far_off": (
        _("The boundary of %(code)s is not in degrees."),
        _("Export in degrees, longitude first."),
    ),
    "point_wrong": (
        _("%(longitude)s, %(latitude)s is not a point."),
        _("Give longitude and latitude in degrees, both or none."),
    ),
    # Warnings
    "gap": (
        _("%(code)s has %(size)s m² that belong to no area below it."),
        _("Draw the boundaries of the areas below up to each other."),
    ),
    "overlap": (
        _("%(code)s and %(other)s overlap by %(size)s m²."),
        _("A point there counts to the lower code until one of them is redrawn."),
    ),
    "beyond": (
        _("%(code)s reaches %(size)s m² beyond %(other)s."),
        _("Redraw one of them."),
    ),
    "already_ended": (_("%(code)s ended on %(day)s and stays so."), _("Leave the row out.")),
    "no_successor": (
        _("%(code)s ends and no area names it as predecessor."),
        _("Its open events go to the area above. Name it in the rows of its successors if there are any."),
    ),
    "name_twice": (
        _("%(code)s has the same name as %(other)s beside it."),
        _("Check that they are two areas."),
    ),
    "not_drawn": (_("%(count)s areas have no boundary."), _("Points there count to the area above.")),
}  # fmt: skip
"""code -> (reason, what to do)."""
SHAPES = {
    "Self-intersection": _("it crosses itself"),
    "Ring Self-intersection": _("it touches itself"),
    "Too few points in geometry component": _("it has too few points"),
    "Hole lies outside shell": _("a hole lies outside"),
    "Holes are nested": _("a hole lies in a hole"),
    "Nested shells": _("one part lies in another"),
    "Interior is disconnected": _("a hole cuts it in two"),
    "Duplicate Rings": _("a part stands twice"),
    "Invalid Coordinate": _("a point is no number"),
    "empty": _("it is empty"),
}
"""What Shapely says of an outline, in words; what follows in brackets is the point."""
WARNINGS = frozenset({"gap", "overlap", "beyond", "already_ended", "no_successor", "name_twice", "not_drawn"})


@dataclasses.dataclass(frozen=True)
class Problem:
    """``row``: as the file's own program counts it, with Excel's heading as row 1; None for the whole file."""

    code: str
    row: int | None = None
    field: str = ""
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def is_error(self) -> bool:
        return self.code not in WARNINGS

    @property
    def column(self) -> str:
        """The field as its heading; '' for the whole row or file."""
        return heading(self.field) if self.field in COLUMNS else self.field

    @property
    def reason(self) -> str:
        return self._worded(0)

    @property
    def advice(self) -> str:
        return self._worded(1)

    def _worded(self, part: int) -> str:
        told = {name: self._told(name, value) for name, value in self.params.items()}
        return str(WORDS[self.code][part]) % told

    def _told(self, name: str, value: Any) -> Any:
        if name in ("level", "known") and value in Level.values:
            return Level(value).label
        if name == "column" and value in COLUMNS:
            return heading(value)
        if name == "reason":
            shape, bracket, where = value.partition("[")
            return f"{SHAPES[shape]}{bracket}{where}" if shape in SHAPES else value
        return value

    def __str__(self) -> str:
        return f"{self.reason} {self.advice} [{self.code}]"

    def as_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


class AreasRefusedError(Exception):
    """Nothing was loaded. ``problems``: all that is wrong, warnings too."""

    code = "areas_refused"

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems if problem.is_error))
        self.problems = list(problems)
