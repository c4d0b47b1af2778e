"""What the area browser shows: the tree along the path, an area's facts, the units on it, its open events.

Areas are no secret: everybody of the district reads them. Of posts only the roles and how many hold them are
told, never who; events are counted as the reader may see them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import Organization, Post, User
from events.models import Event
from grids import survey
from grids.models import Area, Boundary, District, Level, after_prefix
from grids.places import Place, chain_of, children_of, places_of
from grids.queries import with_predecessors

FOUND = 40


@dataclass(frozen=True)
class Node:
    """A line of the tree; ``depth`` 0 is the district."""

    place: Place
    depth: int
    is_open: bool
    is_current: bool
    below: int


def tree_of(district: District, code: str, day: date) -> list[Node]:
    """From the district down, opened along the path to the area. No query when warm."""
    path = {place.code for place in chain_of(district, code)}
    below = children_of(district)

    def nodes(place: Place, depth: int) -> Iterator[Node]:
        here = [child for child in below.get(place.code, ()) if child.is_in_force(day)]
        is_open = place.code in path
        yield Node(place, depth, is_open and bool(here), place.code == code, len(here))
        if is_open:
            for child in here:
                yield from nodes(child, depth + 1)

    return list(nodes(places_of(district)[district.pk], 0))


def search(district: District, asked: str) -> list[Place]:
    """Areas whose code begins so or whose name has the words in it, in force or not; FOUND at most."""
    words = asked.strip().lower()
    found = (
        place
        for place in places_of(district).values()
        if place.code.startswith(words) or words in place.name_zh or words in place.name_en.lower()
    )
    return [place for place, _number in zip(found, range(FOUND), strict=False)]


def area_of(user: User, area: Area, *, now: datetime) -> dict[str, Any]:
    """Everything the page tells of an area, by the template's names."""
    district, day = user.district, timezone.localdate(now)
    place = places_of(district)[area.code]
    below = [each for each in children_of(district).get(area.code, ()) if each.is_in_force(day)]
    boundary = Boundary.objects.valid_on(day).filter(area=area).first()
    return {
        "area": area,
        "path": chain_of(district, area.code)[:-1],
        "is_in_force": place.is_in_force(day),
        "tree": tree_of(district, area.code, day),
        "counts": _counts(district, area.code, day),
        "predecessors": area.predecessors.order_by("code"),
        "successors": area.successors.order_by("code"),
        "boundary": boundary,
        "hectares": survey.square_metres(boundary.geometry) / 10_000 if boundary else None,
        "units": _units(area, now),
        "open_events": _open_events(user, area.code),
        "map": {"within": area.code, "level": below[0].level, "own": ""}
        if below
        else {"within": place.parent or area.code, "level": area.level, "own": area.code},
    }


def _counts(district: District, code: str, day: date) -> list[tuple[str, int]]:
    """How many areas of each level lie below, in words of the level."""
    here = [
        place.level
        for place in places_of(district).values()
        if place.code.startswith(code) and place.code != code and place.is_in_force(day)
    ]
    return [(str(level.label), here.count(level)) for level in Level if level in here]


def _units(area: Area, now: datetime) -> list[tuple[Organization, list[tuple[str, int]]]]:
    """The organisations on the area, its desk first, with the roles held in each and by how many. Two queries."""
    units = list(Organization.objects.active().filter(area=area))
    units.sort(key=lambda unit: (not unit.is_desk, unit.kind, unit.code))
    held = (
        Post.objects.valid_at(now)
        .filter(organization__in=units, user__is_active=True)
        .order_by("organization_id", "role__position")
        .values_list("organization_id", "role__name_zh", "role__name_en")
        .annotate(people=Count("user_id", distinct=True))
    )
    roles: dict[int, list[tuple[str, int]]] = {}
    for unit, name_zh, name_en, people in held:
        roles.setdefault(unit, []).append((Place("", "", name_zh, name_en).name, people))
    return [(unit, roles.get(unit.pk, [])) for unit in units]


def _open_events(user: User, code: str) -> int:
    """Of those the reader may see; of areas that went into this one too."""
    places = [Q(area_code__gte=each, area_code__lt=after_prefix(each)) for each in with_predecessors([code])]
    return Event.objects.visible_to(user).open().filter(reduce(or_, places)).count()


def picture(district: District, within: str, level: str, day: date) -> list[dict[str, Any]]:
    """Points of the areas that have no boundary, as GeoJSON features beside the boundaries."""
    areas = Area.objects.filter(district=district).valid_on(day).within(within).of_level(level)
    undrawn = areas.exclude(longitude=None).exclude(boundaries__in=Boundary.objects.valid_on(day))
    return [
        {
            "type": "Feature",
            "properties": {"code": area.code, "name": area.name},
            "geometry": {"type": "Point", "coordinates": [area.longitude, area.latitude]},
        }
        for area in undrawn
    ]
