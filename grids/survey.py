"""Where a district's map does not fit together: gaps, overlaps, areas that reach beyond their parent.

Real maps have all three, so they are told and not refused. Areas are in square metres, measured on a
plane fitted to the district's latitude; less than TOLERANCE is drawing noise.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import cos, radians
from typing import Any

import numpy as np
import shapely
from django.utils import timezone
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from grids.models import Boundary, District

METRES_PER_DEGREE = 111_320
TOLERANCE = 10.0
"""Square metres."""


Outline = tuple[str, str, str | None, dict[str, Any]]
"""Code, level, the parent's code, GeoJSON geometry."""


@dataclass(frozen=True)
class Fault:
    """``kind``: gap (in ``code``, not covered by the areas below it), overlap (of two areas of one level)
    or beyond (``code`` reaches out of its parent ``other``)."""

    kind: str
    code: str
    other: str
    square_metres: int

    def __str__(self) -> str:
        words = {
            "gap": _("%(code)s has %(size)s m² that belong to no area below it."),
            "overlap": _("%(code)s and %(other)s overlap by %(size)s m²."),
            "beyond": _("%(code)s reaches %(size)s m² beyond %(other)s."),
        }
        return words[self.kind] % {"code": self.code, "other": self.other, "size": self.square_metres}


def faults(district: District, on: date | None = None) -> list[Fault]:
    """All faults of the boundaries in force on a day (default: today), in code order. One query.

    An area none of whose children has a boundary is unfinished, not faulty.
    """
    rows = Boundary.objects.valid_on(on or timezone.localdate()).filter(area__district=district)
    columns = ("area__code", "area__level", "area__parent__code", "geometry")
    return faults_of(list(rows.order_by("area__code").values_list(*columns)))


def faults_of(rows: list[Outline]) -> list[Fault]:
    """The same of boundaries at hand."""
    if not rows:
        return []
    shapes = _on_a_plane({code: shapely.geometry.shape(geometry) for code, _level, _parent, geometry in rows})
    levels, children = defaultdict(list), defaultdict(list)
    for code, level, parent, _geometry in rows:
        levels[level].append(code)
        if parent in shapes:
            children[parent].append(code)
    found = [fault for codes in levels.values() for fault in _overlaps(codes, shapes)]
    for parent, codes in children.items():
        covered = shapely.union_all([shapes[code] for code in codes])
        found.append(Fault("gap", parent, "", _size(shapes[parent].difference(covered))))
        found += [
            Fault("beyond", code, parent, _size(shapes[code].difference(shapes[parent]))) for code in codes
        ]
    found = [fault for fault in found if fault.square_metres > TOLERANCE]
    return sorted(found, key=lambda fault: (fault.code, fault.kind, fault.other))


def _overlaps(codes: list[str], shapes: Mapping[str, BaseGeometry]) -> Iterator[Fault]:
    outlines = [shapes[code] for code in codes]
    pairs = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    for first, second in zip(*pairs, strict=True):
        if first < second:
            common = outlines[first].intersection(outlines[second])
            yield Fault("overlap", codes[first], codes[second], _size(common))


def square_metres(geometry: dict[str, Any]) -> int:
    """How large an area is, from its GeoJSON boundary in degrees."""
    return _size(_on_a_plane({"": shapely.geometry.shape(geometry)})[""])


def _size(shape: BaseGeometry) -> int:
    return round(shape.area)


def _on_a_plane(shapes: dict[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """From degrees to metres, true to area across one district."""
    _west, south, _east, north = shapely.total_bounds(list(shapes.values()))
    scale = np.array([cos(radians((south + north) / 2)), 1]) * METRES_PER_DEGREE
    return {code: shapely.transform(shape, lambda pairs: pairs * scale) for code, shape in shapes.items()}
