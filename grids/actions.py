"""Verbs of the area tree: load areas and their boundaries, and say that a district's data changed.

Loading is all or nothing and may be repeated: what is already so is left alone. An area missing from
the rows stays as it is; it ends by a row with ``valid_to``. A changed boundary ends the day its
successor begins, so the history is kept.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import shapely
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from shapely.errors import ShapelyError

from grids.models import Area, Boundary, District, Level


@dataclass(frozen=True)
class AreaRow:
    code: str
    level: str
    name_zh: str
    name_en: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    predecessors: tuple[str, ...] = ()


@dataclass(frozen=True)
class BoundaryRow:
    """``geometry``: GeoJSON Polygon or MultiPolygon, WGS84."""

    area_code: str
    geometry: dict[str, Any]
    source: str = ""
    synthetic: bool = False


@dataclass(frozen=True)
class Report:
    """Counts of areas; one whose boundary alone is new counts as changed."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


class AreasRefusedError(Exception):
    """Nothing was loaded. ``problems``: one sentence each, naming the code."""

    code = "areas_refused"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def advance_version(
    *, district: District, of: Literal["catalogue_version", "boundary_version", "calendar_version"]
) -> None:
    """Tell every process that its copy is stale. Belongs in the transaction that changed the data."""
    District.objects.filter(pk=district.pk).update(**{of: F(of) + 1})
    district.refresh_from_db(fields=[of])


@transaction.atomic
def load_areas(
    *, district: District, rows: Iterable[AreaRow], boundaries: Iterable[BoundaryRow] = (), at: datetime
) -> Report:
    """Create and change areas and boundaries until they are as given.

    Raises AreasRefusedError, listing every problem, on duplicate codes, unknown levels, orphans (no
    parent one level up under a prefix of the code), foreign codes, and boundaries that are broken or
    of no area.
    """
    District.objects.select_for_update().get(pk=district.pk)
    rows, boundaries = sorted(rows, key=lambda row: row.code), list(boundaries)
    areas = {area.code: area for area in district.areas.all()}
    levels = {code: area.level for code, area in areas.items()} | {row.code: row.level for row in rows}
    if problems := [*_row_problems(district, rows, levels), *_boundary_problems(boundaries, levels)]:
        raise AreasRefusedError(problems)

    created, changed = _load_rows(district, rows, areas, levels)
    changed |= _link_predecessors(rows, areas)
    changed |= _load_boundaries(boundaries, areas, timezone.localdate(at))
    changed -= created
    if created or changed:
        advance_version(district=district, of="boundary_version")
    unchanged = {row.code for row in rows} - created - changed
    return Report(len(created), len(changed), len(unchanged))


@transaction.atomic
def load_geojson(*, collection: Mapping[str, Any], at: datetime) -> tuple[District, Report]:
    """Load a FeatureCollection that holds one district feature; makes the district when it is new.

    Properties: ``code``, ``level``, ``name_zh``; optional ``name_en``, ``valid_from``, ``valid_to``
    (ISO dates), ``predecessors`` (codes), ``source``, ``synthetic``. A null geometry is no boundary.
    """
    try:
        features = [(feature["properties"], feature["geometry"]) for feature in collection["features"]]
        rows = [_row(properties) for properties, _geometry in features]
    except (KeyError, TypeError, ValueError) as error:
        raise AreasRefusedError(
            [_("A feature lacks code, level, name_zh or geometry, or has a bad date: %r") % error]
        ) from error
    boundaries = [
        BoundaryRow(
            str(properties["code"]),
            geometry,
            properties.get("source") or "",
            bool(properties.get("synthetic")),
        )
        for properties, geometry in features
        if geometry
    ]
    top = [row for row in rows if row.level == Level.DISTRICT]
    if len({row.code for row in top}) != 1:
        raise AreasRefusedError([_("The file must hold exactly one area of level district.")])
    district, _created = District.objects.get_or_create(
        code=top[0].code, defaults={"name_zh": top[0].name_zh, "name_en": top[0].name_en}
    )
    report = load_areas(district=district, rows=rows, boundaries=boundaries, at=at)
    district.name_zh, district.name_en = top[0].name_zh, top[0].name_en
    for boundary in boundaries:
        if boundary.area_code == district.code:
            outline = shapely.geometry.shape(boundary.geometry)
            district.west, district.south, district.east, district.north = outline.bounds
    district.save(update_fields=["name_zh", "name_en", "west", "south", "east", "north"])
    return district, report


def _row(properties: Mapping[str, Any]) -> AreaRow:
    return AreaRow(
        code=str(properties["code"]),
        level=properties["level"],
        name_zh=properties["name_zh"],
        name_en=properties.get("name_en") or "",
        valid_from=_day(properties.get("valid_from")),
        valid_to=_day(properties.get("valid_to")),
        predecessors=tuple(properties.get("predecessors") or ()),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _parent_code(row: AreaRow, levels: Mapping[str, str]) -> str | None:
    """The longest known code that begins this one, if it lies exactly one level up."""
    if row.level == Level.DISTRICT:
        return None
    above = Level.values[Level.values.index(row.level) - 1]
    for length in range(len(row.code) - 1, 0, -1):
        if level := levels.get(row.code[:length]):
            return row.code[:length] if level == above else None
    return None


def _row_problems(district: District, rows: list[AreaRow], levels: Mapping[str, str]) -> Iterable[str]:
    for code, times in Counter(row.code for row in rows).items():
        if times > 1:
            yield _("Code %(code)s is given %(times)s times.") % {"code": code, "times": times}
    for row in rows:
        if not (row.code.isascii() and row.code.isdigit()):
            yield _("Code %s must be digits only.") % row.code
        elif row.level not in Level.values:
            yield _("Area %(code)s has the unknown level %(level)s.") % {"code": row.code, "level": row.level}
        elif not row.code.startswith(district.code) or (row.level == Level.DISTRICT) != (
            row.code == district.code
        ):
            yield _("Area %(code)s does not belong to district %(district)s.") % {
                "code": row.code,
                "district": district.code,
            }
        elif row.level != Level.DISTRICT and _parent_code(row, levels) is None:
            yield _("Area %s is an orphan: no area one level up has a code that begins its own.") % row.code
        if not row.name_zh:
            yield _("Area %s has no Chinese name.") % row.code
        if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
            yield _("Area %s ends before it begins.") % row.code
        for predecessor in row.predecessors:
            if predecessor not in levels:
                yield _("Area %(code)s names the unknown predecessor %(predecessor)s.") % {
                    "code": row.code,
                    "predecessor": predecessor,
                }


def _boundary_problems(boundaries: list[BoundaryRow], levels: Mapping[str, str]) -> Iterable[str]:
    for code, times in Counter(boundary.area_code for boundary in boundaries).items():
        if times > 1:
            yield _("Area %(code)s has %(times)s boundaries.") % {"code": code, "times": times}
    for boundary in boundaries:
        if boundary.area_code not in levels:
            yield _("The boundary of %s belongs to no known area.") % boundary.area_code
        if reason := _broken(boundary.geometry):
            yield _("The boundary of %(code)s is not usable: %(reason)s.") % {
                "code": boundary.area_code,
                "reason": reason,
            }


def _broken(geometry: dict[str, Any]) -> str | None:
    try:
        shape = shapely.geometry.shape(geometry)
    except (ShapelyError, KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        return str(error) or type(error).__name__
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        return _("it must be a Polygon or MultiPolygon")
    west, south, east, north = shape.bounds
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        return _("it must be in degrees, longitude first")
    return None if shape.is_valid else shapely.is_valid_reason(shape)


def _load_rows(
    district: District, rows: list[AreaRow], areas: dict[str, Area], levels: Mapping[str, str]
) -> tuple[set[str], set[str]]:
    """Save what differs, parents before children, and add it to ``areas``; codes created and changed."""
    created, changed = set(), set()
    for level in Level.values:
        new: list[Area] = []
        old: list[Area] = []
        for row in rows:
            if row.level != level:
                continue
            area = areas.setdefault(row.code, Area(code=row.code, district=district))
            parent = _parent_code(row, levels)
            values = {
                "level": level,
                "parent_id": areas[parent].pk if parent else None,
                "name_zh": row.name_zh,
                "name_en": row.name_en,
                "valid_from": row.valid_from,
                "valid_to": row.valid_to,
            }
            if any(getattr(area, name) != value for name, value in values.items()):
                (old if area.pk else new).append(area)
                for name, value in values.items():
                    setattr(area, name, value)
        Area.objects.bulk_create(new)
        Area.objects.bulk_update(
            old, ["level", "parent", "name_zh", "name_en", "valid_from", "valid_to"], batch_size=500
        )
        created |= {area.code for area in new}
        changed |= {area.code for area in old}
    return created, changed


def _link_predecessors(rows: list[AreaRow], areas: Mapping[str, Area]) -> set[str]:
    """Add the links that are missing; the codes that got one. A link once made is history and stays."""
    link = Area.predecessors.through
    wanted = {(areas[row.code].pk, areas[old].pk): row.code for row in rows for old in row.predecessors}
    known = set(
        link.objects.filter(from_area__in={new for new, _old in wanted}).values_list(
            "from_area_id", "to_area_id"
        )
    )
    missing = wanted.keys() - known
    link.objects.bulk_create(link(from_area_id=new, to_area_id=old) for new, old in missing)
    return {wanted[pair] for pair in missing}


def _load_boundaries(boundaries: list[BoundaryRow], areas: Mapping[str, Area], day: date) -> set[str]:
    """Replace the open boundaries that differ; the codes of their areas."""
    present = {
        boundary.area_id: boundary
        for boundary in Boundary.objects.filter(
            valid_to=None, area__in=[areas[row.area_code].pk for row in boundaries]
        )
    }
    new, ended, codes = [], [], set()
    for row in boundaries:
        area = areas[row.area_code]
        old = present.get(area.pk)
        if old and (old.geometry, old.source, old.synthetic) == (row.geometry, row.source, row.synthetic):
            continue
        if old:
            # Loaded twice on one day: the first was never in force for a whole day and ends empty.
            old.valid_to = max(day, old.valid_from or day)
            ended.append(old)
        new.append(
            Boundary(
                area=area,
                geometry=row.geometry,
                valid_from=day if old else area.valid_from,
                source=row.source,
                synthetic=row.synthetic,
            )
        )
        codes.add(area.code)
    Boundary.objects.bulk_update(ended, ["valid_to"], batch_size=500)
    Boundary.objects.bulk_create(new)
    return codes
