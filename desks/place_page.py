"""What the pages and the API tell of a named place, its list and the map of an area's places."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User
from desks.near import near_place
from desks.places import path_of
from events.models import OPEN_STATES, Event
from grids.models import District, NamedPlace
from grids.place_search import find_places

ROWS = 50
FOUND = 100
ON_THE_MAP = 2000
LABELS = 120


@dataclass(frozen=True)
class PlaceList:
    """``after``: the code behind which the next page begins, empty on the last one and for what was searched."""

    rows: list[NamedPlace]
    after: str = ""


def told(district: District, place: NamedPlace) -> dict[str, Any]:
    """As the API shows it and the report page takes it."""
    return {
        "code": place.code,
        "name": place.full_name,
        "kind": place.kind_id,
        "kind_name": place.kind.name,
        "aliases": place.aliases,
        "parent": place.parent.code if place.parent else None,
        "address": address_of(place),
        "longitude": place.longitude,
        "latitude": place.latitude,
        "area_code": place.area_code,
        "path": path_of(district, place.area_code),
    }


def address_of(place: NamedPlace) -> str:
    """Road and number with the name behind, said once."""
    if not place.address or place.full_name in place.address:
        return place.address or place.full_name
    return f"{place.address} {place.full_name}"


def list_of(district: District, *, q: str = "", kind: str = "", area: str = "", after: str = "") -> PlaceList:
    """Places in force: the best for ``q``, or all in the order of their codes, a page behind ``after``. One query."""
    if q.strip():
        return PlaceList(find_places(district, q, kind=kind, within=area, most=FOUND))
    rows = NamedPlace.objects.filter(district=district).valid_on(timezone.localdate())
    if kind:
        rows = rows.filter(kind=kind)
    if area:
        rows = rows.within(area)
    if after:
        rows = rows.filter(code__gt=after)
    page = list(rows.select_related("kind", "parent").order_by("code")[: ROWS + 1])
    return PlaceList(page[:ROWS], page[ROWS - 1].code if len(page) > ROWS else "")


def map_of(district: District, *, area: str, kind: str = "") -> dict[str, Any]:
    """GeoJSON points of the places of an area, at most ON_THE_MAP. One query."""
    rows = NamedPlace.objects.filter(district=district).valid_on(timezone.localdate()).within(area)
    rows = rows.exclude(longitude=None)
    if kind:
        rows = rows.filter(kind=kind)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": row.code, "name": row.full_name},
                "geometry": {
                    "type": "Point",
                    "coordinates": [row.longitude, row.latitude],
                },
            }
            for row in rows.select_related("parent")[:ON_THE_MAP]
        ],
    }


def events_at(user: User, place: NamedPlace) -> dict[str, int]:
    """``open`` and ``all`` events near the place, of those the reader may see."""
    near = near_place(Event.objects.visible_to(user), place)
    return near.aggregate(open=Count("pk", filter=Q(state__in=OPEN_STATES)), all=Count("pk"))
