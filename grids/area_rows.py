"""What the columns of a file mean: names in English or Chinese, foreign names by a mapping, datum to WGS84.

An empty cell says nothing: of a known area it keeps what is so. Codes are text; a number that has lost
digits is refused, never guessed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from itertools import islice
from typing import Any

import shapely
from shapely.errors import ShapelyError

from grids.area_columns import COLUMNS
from grids.area_files import Line, Table
from grids.datum import to_wgs84
from grids.models import Area, Level
from grids.problems import AreasRefusedError, Problem

LEVELS = {
    **dict.fromkeys(("district", "区", "县", "区县", "区级", "市"), Level.DISTRICT),
    **dict.fromkeys(("street", "town", "街道", "乡镇", "镇", "乡", "镇街", "街道级"), Level.STREET),
    **dict.fromkeys(("community", "village", "社区", "村", "村社", "社区级"), Level.COMMUNITY),
    **dict.fromkeys(("grid", "网格", "网格级"), Level.GRID),
}
DATUMS = {"wgs84": "WGS84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}
"""CGCS2000 differs from WGS84 by centimetres and is stored as it is."""
SAFE_NUMBER = 10**15
"""From here on Excel's numbers lose their last digits."""
DECIMALS = 8
"""Of converted degrees, about a millimetre."""


@dataclass(frozen=True)
class Reading:
    """How a file is meant. ``columns``: ours -> the file's. ``level``: of every row. ``complete``: what is in
    force, of a level the file has, and not in it, ends on ``day``. ``any_length``: codes of a level may differ.
    """

    datum: str = "wgs84"
    columns: Mapping[str, str] = field(default_factory=dict)
    level: str = ""
    encoding: str = ""
    complete: bool = False
    any_length: bool = True
    day: date | None = None


@dataclass(frozen=True)
class AreaRow:
    """An area as it shall be; the parts after ``predecessors`` are None where the present ones stay.

    ``geometry``: GeoJSON Polygon or MultiPolygon, WGS84. The raw ones are as given, in ``datum``.
    """

    number: int | None
    code: str
    level: str
    name_zh: str
    name_en: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    predecessors: tuple[str, ...] = ()
    geometry: dict[str, Any] | None = None
    raw_geometry: dict[str, Any] | None = None
    datum: str = "wgs84"
    source: str = ""
    synthetic: bool = False
    point: tuple[float, float] | None = None
    raw_point: tuple[float, float, str] | None = None

    @classmethod
    def of(cls, area: Area) -> "AreaRow":
        """The area as it is."""
        return cls(None, area.code, area.level, area.name_zh, area.name_en, area.valid_from, area.valid_to)


def area_rows(
    table: Table, reading: Reading, known: Mapping[str, Area]
) -> tuple[list[AreaRow], list[Problem]]:
    """The rows with a usable code and level, in the file's order, and what is wrong with the others.

    Raises AreasRefusedError where the columns themselves do not fit.
    """
    reader = _Reader(_columns(table, reading), reading, known)
    rows = [row for line in table.lines if (row := reader.row(line))]
    _refuse_swapped(rows)
    return rows, reader.problems


def _columns(table: Table, reading: Reading) -> dict[str, str]:
    """Ours -> the file's: the mapping, else our own name, else another it is known by."""
    by_name = {name.strip().lower(): name for name in reversed(table.columns)}
    found = {}
    for ours, others in COLUMNS.items():
        if wanted := reading.columns.get(ours):
            if wanted not in table.columns:
                raise _column_missing(wanted, table)
            found[ours] = wanted
        elif name := next(
            (by_name[each.lower()] for each in (ours, *others) if each.lower() in by_name), None
        ):
            found[ours] = name
    if "code" not in found:
        raise _column_missing("code", table)
    return found


def _column_missing(name: str, table: Table) -> AreasRefusedError:
    named = {"column": name, "columns": ", ".join(islice(table.columns, 30))}
    return AreasRefusedError(Problem("column_missing", field=name, params=named))


class _Reader:
    """Reads one line after the other and remembers what is wrong."""

    def __init__(self, columns: Mapping[str, str], reading: Reading, known: Mapping[str, Area]):
        self.columns, self.reading, self.known = columns, reading, known
        self.problems: list[Problem] = []
        self.convert = cache(lambda lon, lat: _rounded(to_wgs84(_stored(reading.datum), lon, lat)))
        in_force = [area for area in known.values() if area.valid_to is None]
        self.level_of_length = _level_of_length(in_force)

    def row(self, line: Line) -> AreaRow | None:
        code = self._code(line)
        level = self._level(line, code) if code else ""
        if not level:
            return None
        known = self.known.get(code)
        row = AreaRow(
            number=line.number,
            code=code,
            level=level,
            name_zh=self._text(line, "name_zh") or (known.name_zh if known else ""),
            name_en=self._text(line, "name_en") or (known.name_en if known else ""),
            valid_from=self._day(line, "valid_from") or (known.valid_from if known else None),
            valid_to=self._day(line, "valid_to") or (known.valid_to if known else None),
            predecessors=self._predecessors(line),
            datum=self.reading.datum,
            source=self._text(line, "source")[:200],
            synthetic=self._text(line, "synthetic").lower() in ("true", "1", "yes", "是"),
        )
        return self._placed(row, line)

    def _code(self, line: Line) -> str:
        value = line.values.get(self.columns["code"])
        code = self._text(line, "code")
        if not code:
            return self._wrong("code_missing", line, "code")
        if isinstance(value, float) and value >= SAFE_NUMBER:
            return self._wrong("code_is_number", line, "code", code=code)
        if not (code.isascii() and code.isdigit() and len(code) <= 20):
            return self._wrong("code_not_digits", line, "code", code=code)
        return code

    def _level(self, line: Line, code: str) -> str:
        """Given for the file, in the row, known of the area, or that of all codes of this length."""
        said = self.reading.level or self._text(line, "level")
        if said:
            return LEVELS.get(said.lower()) or self._wrong(
                "level_unknown", line, "level", code=code, level=said
            )
        known = self.known.get(code)
        found = known.level if known else self.level_of_length.get(len(code))
        return found or self._wrong("level_missing", line, "level", code=code)

    def _day(self, line: Line, name: str) -> date | None:
        value = line.values.get(self.columns.get(name, ""))
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date) or value in (None, ""):
            return value or None
        try:
            return date.fromisoformat(str(value).strip().replace("/", "-"))
        except ValueError:
            self._wrong("date_wrong", line, name, value=str(value)[:40])
            return None

    def _predecessors(self, line: Line) -> tuple[str, ...]:
        value = line.values.get(self.columns.get("predecessors", ""))
        if isinstance(value, list | tuple):
            return tuple(str(code) for code in value)
        return tuple(
            _as_text(value).replace("，", " ").replace(",", " ").replace("、", " ").replace(";", " ").split()
        )

    def _placed(self, row: AreaRow, line: Line) -> AreaRow:
        """With its boundary, its point, or neither."""
        geometry = line.geometry or self._wkt(row, line)
        kind = geometry.get("type") if isinstance(geometry, dict) else geometry
        if geometry and kind == "Point":
            return self._at(row, line, *geometry["coordinates"][:2])
        if geometry and kind not in ("Polygon", "MultiPolygon"):
            self._wrong("boundary_kind", line, "wkt", code=row.code, kind=str(kind)[:40])
        elif geometry:
            return self._drawn(row, line, geometry)
        pair = self._text(line, "longitude"), self._text(line, "latitude")
        return self._at(row, line, *pair) if any(pair) else row

    def _wkt(self, row: AreaRow, line: Line) -> dict[str, Any] | None:
        text = self._text(line, "wkt")
        if not text:
            return None
        try:
            return _plain(shapely.geometry.mapping(shapely.from_wkt(text)))
        except ShapelyError as error:
            self._wrong("boundary_broken", line, "wkt", code=row.code, reason=str(error)[:200])
            return None

    def _drawn(self, row: AreaRow, line: Line, geometry: dict[str, Any]) -> AreaRow:
        if problem := _broken(geometry):
            code, reason = problem
            self._wrong(code, line, "wkt", code=row.code, reason=reason)
            return row
        flat = {"type": geometry["type"], "coordinates": _flat(geometry["coordinates"])}
        if _stored(self.reading.datum) == "wgs84":
            return replace(row, geometry=flat)
        moved = {"type": flat["type"], "coordinates": _each(flat["coordinates"], self.convert)}
        return replace(row, geometry=moved, raw_geometry=flat)

    def _at(self, row: AreaRow, line: Line, longitude: Any, latitude: Any) -> AreaRow:
        try:
            pair = float(longitude), float(latitude)
            if not (abs(pair[0]) <= 180 and abs(pair[1]) <= 90):
                raise ValueError(pair)
        except (TypeError, ValueError):
            named = {"longitude": str(longitude)[:40], "latitude": str(latitude)[:40]}
            self._wrong("point_wrong", line, "longitude", **named)
            return row
        longitude, latitude = self.convert(*pair)
        return replace(row, point=(longitude, latitude), raw_point=(*pair, self.reading.datum))

    def _text(self, line: Line, name: str) -> str:
        return _as_text(line.values.get(self.columns.get(name, "")))

    def _wrong(self, problem: str, line: Line, name: str, **params: str) -> str:
        self.problems.append(Problem(problem, line.number, name, params))
        return ""


def _as_text(value: Any) -> str:
    """A cell as text: a whole number without a fraction, nothing for nothing."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _level_of_length(areas: list[Area]) -> dict[int, str]:
    """The level of codes of a length, where they are all of one."""
    found: dict[int, set[str]] = {}
    for area in areas:
        found.setdefault(len(area.code), set()).add(area.level)
    return {length: levels.pop() for length, levels in found.items() if len(levels) == 1}


def _stored(datum: str) -> str:
    return "wgs84" if datum == "cgcs2000" else datum


def _rounded(point: tuple[float, float]) -> list[float]:
    return [round(degrees, DECIMALS) for degrees in point]


def _flat(coordinates: Any) -> Any:
    """Lists of (longitude, latitude); a height is left out."""
    return _each(coordinates, lambda lon, lat: [lon, lat])


def _each(coordinates: Any, convert: Callable[[float, float], Any]) -> Any:
    if isinstance(coordinates[0], int | float):
        return convert(coordinates[0], coordinates[1])
    return [_each(part, convert) for part in coordinates]


def _plain(value: Any) -> Any:
    """Tuples as lists, as JSON would bring them."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value


def _broken(geometry: dict[str, Any]) -> tuple[str, str] | None:
    """The problem's code and reason, if there is one."""
    try:
        shape = shapely.geometry.shape(geometry)
        _flat(geometry["coordinates"])
    except (ShapelyError, KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        return "boundary_broken", (str(error) or type(error).__name__)[:200]
    if shape.is_empty:
        return "boundary_broken", "empty"
    west, south, east, north = shape.bounds
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        return "boundary_far_off", ""
    return None if shape.is_valid else ("boundary_broken", shapely.is_valid_reason(shape))


def _refuse_swapped(rows: list[AreaRow]) -> None:
    """China lies at 73-135 east, 18-54 north: what stands the other way round is swapped."""
    pairs = [pair for row in rows for pair in _pairs(row)]
    if pairs and all(18 <= lon <= 54 and 73 <= lat <= 135 for lon, lat in pairs):
        raise AreasRefusedError(Problem("axes_swapped", field="wkt"))


def _pairs(row: AreaRow) -> Iterator[tuple[float, float]]:
    """One corner is enough to tell."""
    if row.point:
        yield row.point
    if row.geometry:
        corner = row.geometry["coordinates"]
        while not isinstance(corner[0], int | float):
            corner = corner[0]
        yield corner[0], corner[1]
