"""Reads that pages and API share: boundaries for maps, the tree for pickers, predecessors for scopes."""

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils import timezone

from grids.models import Area, Boundary, District, after_prefix


def boundaries(
    district: District, within: str, level: str, on: date | None = None, digits: int = 6
) -> dict[str, Any]:
    """A GeoJSON FeatureCollection of the areas of ``level`` under the code ``within``, in code order.

    Properties: ``code``, ``name``, ``synthetic``. Coordinates are WGS84 degrees with ``digits`` decimals
    (6 is a decimetre, 5 a metre); rounding alike on both sides leaves no gap. One query.
    """
    rows = (
        Boundary.objects.valid_on(on or timezone.localdate())
        .filter(area__in=Area.objects.filter(district=district).within(within).of_level(level))
        .select_related("area")
        .order_by("area__code")
    )
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": row.area.code, "name": row.area.name, "synthetic": row.synthetic},
                "geometry": rounded(row.geometry, digits),
            }
            for row in rows
        ],
    }


def features(district: District, code: str, on: date, *, below: bool) -> dict[str, Any]:
    """The area, with ``below`` all under it too, as the file an import reads: in force, with boundary or null.

    WGS84, every decimal. Three queries.
    """
    areas = Area.objects.filter(district=district).valid_on(on)
    areas = areas.within(code) if below else areas.filter(code=code)
    drawn = {row.area_id: row for row in Boundary.objects.valid_on(on).filter(area__in=areas)}
    return {
        "type": "FeatureCollection",
        "features": [
            _feature(area, drawn.get(area.pk))
            for area in areas.order_by("code").prefetch_related("predecessors")
        ],
    }


def _feature(area: Area, boundary: Boundary | None) -> dict[str, Any]:
    point = None
    if area.longitude is not None:
        point = {"type": "Point", "coordinates": [area.longitude, area.latitude]}
    return {
        "type": "Feature",
        "properties": {
            "code": area.code,
            "level": area.level,
            "name_zh": area.name_zh,
            "name_en": area.name_en,
            "valid_from": area.valid_from and area.valid_from.isoformat(),
            "valid_to": area.valid_to and area.valid_to.isoformat(),
            "predecessors": [old.code for old in area.predecessors.all()],
            "source": boundary.source if boundary else "",
            "synthetic": bool(boundary and boundary.synthetic),
        },
        "geometry": boundary.geometry if boundary else point,
    }


def rounded(geometry: dict[str, Any], digits: int) -> dict[str, Any]:
    """A GeoJSON geometry with so many decimals."""
    return {"type": geometry["type"], "coordinates": _rounded(geometry["coordinates"], digits)}


def _rounded(coordinates: Any, digits: int) -> Any:
    if isinstance(coordinates, int | float):
        return round(coordinates, digits)
    return [_rounded(part, digits) for part in coordinates]


def with_predecessors(prefixes: Iterable[str]) -> set[str]:
    """The code prefixes and those of all areas that went into areas below them, however long ago: what a
    scope on them covers. One query, and one more for each generation of splits and merges.
    """
    found = layer = set(prefixes)
    while layer:
        below = [Q(successors__code__gte=code, successors__code__lt=after_prefix(code)) for code in layer]
        older = Area.objects.filter(reduce(or_, below)).values_list("code", flat=True)
        layer = {code for code in older if not code.startswith(tuple(found))}
        found = found | layer
    return found


def chain(code: str) -> list[Area]:
    """The areas from the district down to the one with this code. One query."""
    return list(Area.objects.filter(code__in=[code[:length] for length in range(1, len(code) + 1)]))
