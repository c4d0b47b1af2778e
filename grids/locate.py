"""Which grid a point lies in.

A search tree over the district's boundaries is kept in memory, one per process and district. It is read
anew when the district's row, which the caller has at hand, shows another ``boundary_version``, or when
the day changes, since boundaries have dates. A warm call asks the database nothing. Of an earlier day the map is
read where a boundary has changed since; where that day knew no area, today's is asked.

The deepest level wins, so a point in a hole of an unfinished grid map still finds its community. On a
border (within EDGE) the lower code wins and the answer says so (rules.md section 11). A point of no
area gets the district's code and ``outside``. Degrees, WGS84.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import cos, isfinite, radians
from threading import Lock

import shapely
from django.db.models import Q
from django.utils import timezone

from grids.models import Boundary, District, Level

EDGE = 1e-9
"""Degrees, about 0.1 mm: closer than this is on the border."""
METRES_A_DEGREE = 111_195
PASTS = 31
"""Earlier days that are kept in mind."""


@dataclass(frozen=True)
class Place:
    area_code: str
    level: str
    on_edge: bool = False
    outside: bool = False


@dataclass(frozen=True)
class _Map:
    version: tuple[int, date]
    ranks: list[tuple[int, str]]
    """Depth (0 is deepest) and code of each area, in the tree's order."""
    tree: shapely.STRtree
    borders: list[shapely.Geometry]
    pasts: dict[date, "_Map"] = field(default_factory=dict)
    """Of earlier days; the same map where nothing has changed since."""


_LEVELS = list(reversed(Level.values))
"""Deepest first."""
_maps: dict[str, _Map] = {}
_loading = Lock()


def locate(district: District, lon: float, lat: float, *, on: date | None = None) -> Place:
    """The place of a WGS84 point, as of a day (today). A pair that is not two finite numbers is a ValueError."""
    if not (isfinite(lon) and isfinite(lat)):
        raise ValueError(f"({lon}, {lat}) is not a point")
    map_ = _map(district, on)
    point = shapely.Point(lon, lat)
    hits = map_.tree.query(point, predicate="dwithin", distance=EDGE)
    if not len(hits):
        if map_ is not _map(district):
            return locate(district, lon, lat)
        return Place(district.code, Level.DISTRICT, outside=True)
    best = min(hits, key=map_.ranks.__getitem__)
    depth, code = map_.ranks[best]
    return Place(code, _LEVELS[depth], on_edge=map_.borders[best].distance(point) <= EDGE)


def near(district: District, lon: float, lat: float, *, metres: float) -> list[str]:
    """Codes of the areas of every level that reach within so many metres of a WGS84 point; warm, no query.

    Counted in degrees of longitude, so a little too far to the north and south: for a first choice.
    """
    map_ = _map(district)
    degrees = metres / (METRES_A_DEGREE * cos(radians(lat)))
    hits = map_.tree.query(shapely.Point(lon, lat), predicate="dwithin", distance=degrees)
    return sorted({map_.ranks[hit][1] for hit in hits})


def locate_many(district: District, points: Sequence[tuple[float, float]]) -> list[Place]:
    """``locate`` for each of many finite WGS84 points, in their order: one question to the tree for all."""
    if not points:
        return []
    map_ = _map(district)
    shapes = shapely.points(points)
    best: dict[int, int] = {}
    for number, hit in zip(*map_.tree.query(shapes, predicate="dwithin", distance=EDGE), strict=True):
        known = best.get(number)
        if known is None or map_.ranks[hit] < map_.ranks[known]:
            best[number] = hit
    numbers = list(best)
    borders = [map_.borders[best[number]] for number in numbers]
    apart = shapely.distance(borders, [shapes[number] for number in numbers]) if numbers else []
    found = [Place(district.code, Level.DISTRICT, outside=True)] * len(points)
    for number, distance in zip(numbers, apart, strict=True):
        depth, code = map_.ranks[best[number]]
        found[number] = Place(code, _LEVELS[depth], on_edge=bool(distance <= EDGE))
    return found


def forget(district_code: str) -> None:
    """Drop this process's copy: for a database restored or rolled back under a running process."""
    _maps.pop(district_code, None)


def _map(district: District, on: date | None = None) -> _Map:
    today = timezone.localdate()
    if on and on < today:
        return _past(district, on, today)
    version = district.boundary_version, today
    found = _maps.get(district.code)
    if found is None or found.version != version:
        with _loading:
            found = _maps.get(district.code)
            if found is None or found.version != version:
                found = _maps[district.code] = _load(district, version)
    return found


def _past(district: District, on: date, today: date) -> _Map:
    map_ = _map(district)
    found = map_.pasts.get(on)
    if found is None:
        with _loading:
            found = map_.pasts.get(on)
            if found is None:
                found = _load(district, (map_.version[0], on)) if _changed(district, on, today) else map_
                if len(map_.pasts) == PASTS:
                    map_.pasts.clear()
                map_.pasts[on] = found
    return found


def _changed(district: District, on: date, today: date) -> bool:
    dates = ("valid_from", "valid_to", "area__valid_from", "area__valid_to")
    since = Q(*((f"{name}__range", (on + timedelta(days=1), today)) for name in dates), _connector=Q.OR)
    return Boundary.objects.filter(since, area__district=district).exists()


def _load(district: District, version: tuple[int, date]) -> _Map:
    depths = {level: depth for depth, level in enumerate(_LEVELS)}
    rows = (
        Boundary.objects.valid_on(version[1])
        .filter(area__district=district)
        .values_list("area__level", "area__code", "geometry")
    )
    ranks, shapes = [], []
    for level, code, geometry in rows:
        ranks.append((depths[level], code))
        shapes.append(shapely.geometry.shape(geometry))
    shapely.prepare(shapes)
    return _Map(version, ranks, shapely.STRtree(shapes), [shape.boundary for shape in shapes])
