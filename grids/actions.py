"""Verbs of the area tree: import areas and their boundaries, and say that a district's data changed.

An import is all or nothing and may be repeated: what is already so is left alone. A changed boundary ends
the day its successor begins, so the history is kept; a code ends and is never used again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import shapely
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grids.area_files import AreaFile, Table, read_table, table_of
from grids.area_plan import Change, Levels, Plan, plan_table, values_of
from grids.area_rows import Reading
from grids.models import Area, Boundary, District, Level
from grids.problems import AreasRefusedError

IMPORT_LOCK = 0x6172_6561
"""First key of the advisory lock; the second is the district's code."""


@dataclass(frozen=True)
class Report:
    """Counts of areas; one whose boundary alone is new counts as changed, and so does one that ends."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


class ImportRefusedError(Exception):
    """Somebody else has the tree, or had it since the plan was looked at."""

    def __init__(self, code: str, message: Any) -> None:
        super().__init__(message)
        self.code = code


def advance_version(
    *,
    district: District,
    of: Literal["catalogue_version", "boundary_version", "calendar_version", "place_version"],
) -> None:
    """Tell every process that its copy is stale. Belongs in the transaction that changed the data."""
    District.objects.filter(pk=district.pk).update(**{of: F(of) + 1})
    district.refresh_from_db(fields=[of])


def import_file(
    *, district_code: str, file: AreaFile, reading: Reading, at: datetime, version: int | None = None
) -> tuple[District, Plan]:
    """Bring the tree to what a file says; see ``import_table``."""
    table = read_table(file, encoding=reading.encoding)
    return import_table(district_code=district_code, table=table, reading=reading, at=at, version=version)


@transaction.atomic
def import_table(
    *, district_code: str, table: Table, reading: Reading, at: datetime, version: int | None = None
) -> tuple[District, Plan]:
    """The plan is made anew behind the lock, and done. ``version``: of the plan that was agreed to.

    Raises AreasRefusedError, with every problem; ImportRefusedError ``import_running`` while another import of
    the district runs, ``tree_changed`` where the tree has another version than the plan's. A district that is
    not known yet is made from the file's row of that level.
    """
    _lock(district_code)
    plan = plan_table(district_code=district_code, table=table, reading=reading, at=at)
    if plan.errors:
        raise AreasRefusedError(*plan.problems)
    if version not in (None, plan.version):
        raise ImportRefusedError(
            "tree_changed", _("The areas have changed since this was checked. Check the file again.")
        )
    district = _district(plan)
    if plan.changes:
        _write(district, plan, reading.day or timezone.localdate(at))
        advance_version(district=district, of="boundary_version")
    return district, plan


def load_geojson(*, collection: Mapping[str, Any], at: datetime) -> tuple[District, Report]:
    """Import a FeatureCollection that holds the one district it is of."""
    table = table_of(collection)
    codes = {
        str(line.values.get("code")) for line in table.lines if line.values.get("level") == Level.DISTRICT
    }
    code = codes.pop() if len(codes) == 1 else ""
    district, plan = import_table(district_code=code, table=table, reading=Reading(), at=at)
    new = len(plan.of_kind("new"))
    return district, Report(new, len(plan.changes) - new, plan.unchanged)


def _lock(district_code: str) -> None:
    """Until the transaction ends; the district's row stays free, for every event's audit refers to it."""
    key = int(district_code) if district_code.isdecimal() else 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [IMPORT_LOCK, key])
        if not cursor.fetchone()[0]:
            raise ImportRefusedError(
                "import_running",
                _("Another import of this district is running. Try again when it is done."),
            )


def _district(plan: Plan) -> District:
    """The district, named and boxed as the file says where it says so."""
    row = next((row for row in plan.rows if row.level == Level.DISTRICT), None)
    if row is None:
        return District.objects.get(pk=plan.district)
    named: dict[str, Any] = {"name_zh": row.name_zh, "name_en": row.name_en}
    if row.geometry:
        bounds = shapely.geometry.shape(row.geometry).bounds
        named |= dict(zip(("west", "south", "east", "north"), bounds, strict=True))
    return District.objects.update_or_create(code=plan.district, defaults=named)[0]


def _write(district: District, plan: Plan, day: date) -> None:
    areas = {area.code: area for area in Area.objects.filter(district=district)}
    levels = Levels.of(areas.values(), plan.rows)
    for level in Level.values:
        here = [change for change in plan.changes if change.row.level == level]
        _write_areas(district, here, areas, levels)
    _link_predecessors(plan.changes, areas)
    _write_boundaries([change for change in plan.changes if "boundary" in change.fields], areas, day)


def _write_areas(district: District, changes: list[Change], areas: dict[str, Area], levels: Levels) -> None:
    """Save the areas of one level, which come after those above them, and add the new to ``areas``."""
    new, old = [], []
    for change in changes:
        row = change.row
        area = areas.setdefault(row.code, Area(code=row.code, district=district))
        (old if area.pk else new).append(area)
        for name, value in values_of(row).items():
            setattr(area, name, value)
        parent = levels.parent(row.code)
        area.parent_id = areas[parent].pk if parent else None
    Area.objects.bulk_create(new)
    written = [*values_of(changes[0].row), "parent", "longitude", "latitude", "raw_point"] if changes else []
    if old:
        Area.objects.bulk_update(old, dict.fromkeys(written), batch_size=500)


def _link_predecessors(changes: list[Change], areas: Mapping[str, Area]) -> None:
    """Add the links that are missing. A link once made is history and stays."""
    link = Area.predecessors.through
    link.objects.bulk_create(
        link(from_area_id=areas[change.code].pk, to_area_id=areas[old].pk)
        for change in changes
        for old in (change.fields.get("predecessors") or [None, ""])[1].split()
    )


def _write_boundaries(changes: list[Change], areas: Mapping[str, Area], day: date) -> None:
    """Replace the open boundaries."""
    open_ones = Boundary.objects.filter(valid_to=None, area__in=[areas[change.code].pk for change in changes])
    present = {boundary.area_id: boundary for boundary in open_ones}
    new, ended = [], []
    for change in changes:
        row, area = change.row, areas[change.code]
        old = present.get(area.pk)
        if old:
            # Loaded twice on one day: the first was never in force for a whole day and ends empty.
            old.valid_to = max(day, old.valid_from or day)
            ended.append(old)
        new.append(
            Boundary(
                area=area,
                geometry=row.geometry,
                valid_from=day if old else area.valid_from,
                source=row.source or (old.source if old else ""),
                synthetic=row.synthetic,
                datum=row.datum,
                raw_geometry=row.raw_geometry,
            )
        )
    Boundary.objects.bulk_update(ended, ["valid_to"], batch_size=500)
    Boundary.objects.bulk_create(new)
