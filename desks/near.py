"""Events near a named place: within 100 metres of it or of its parts, or with its name in their address."""

from math import cos, radians

from django.db.models import F, FloatField, Q, QuerySet
from django.db.models.expressions import ExpressionWrapper

from events.models import Event
from grids.models import District, NamedPlace

METRES = 100
OF_A_DEGREE = 111_320
"""Metres of a degree of latitude."""
MOST_PARTS = 500


def place_of(district: District, code: str) -> NamedPlace | None:
    """The place of the district with this code, ended ones too, with kind and parent. One query."""
    if not code or "\x00" in code:
        return None
    rows = NamedPlace.objects.filter(district=district, code=code)
    return rows.select_related("kind", "parent").first()


def near_place(events: QuerySet[Event], place: NamedPlace) -> QuerySet[Event]:
    """Those of ``events`` that are near the place. Asks once for the points of its parts."""
    is_near = Q(address__contains=place.full_name)
    reach = METRES / OF_A_DEGREE
    if place.longitude is not None and place.latitude is not None:
        narrow = cos(radians(place.latitude))
        north, east = F("latitude") - place.latitude, (F("longitude") - place.longitude) * narrow
        events = events.alias(apart=ExpressionWrapper(north * north + east * east, FloatField()))
        is_near |= _box([(place.longitude, place.latitude)], reach) & Q(apart__lte=reach * reach)
    parts = place.parts.exclude(longitude=None).values_list("longitude", "latitude")[:MOST_PARTS]
    if points := [(lon, lat) for lon, lat in parts if lon is not None and lat is not None]:
        is_near |= _box(points, reach)
    return events.filter(is_near)


def _box(points: list[tuple[float, float]], reach: float) -> Q:
    longitudes, latitudes = zip(*points, strict=True)
    wide = reach / cos(radians(latitudes[0]))
    return Q(
        longitude__gte=min(longitudes) - wide,
        longitude__lte=max(longitudes) + wide,
        latitude__gte=min(latitudes) - reach,
        latitude__lte=max(latitudes) + reach,
    )
