"""Events near a named place: within 100 metres of it or of its parts, or with its name in their address.

An address is looked at in the communities that reach within 200 metres of the place, and of events whose place is known
by street or district alone: nobody names an estate from the other end of the city, and to read every address is slow.
"""

from math import cos, radians

from django.db.models import F, FloatField, Q, QuerySet
from django.db.models.expressions import ExpressionWrapper

from events.models import Event
from grids.locate import near
from grids.models import District, NamedPlace, after_prefix

METRES = 100
OF_A_DEGREE = 111_320
"""Metres of a degree of latitude."""
MOST_PARTS = 500
NAMED_METRES = 200
DISTRICT, STREET, COMMUNITY = 6, 9, 12
"""Digits of an area's code."""


def place_of(district: District, code: str) -> NamedPlace | None:
    """The place of the district with this code, ended ones too, with kind and parent. One query."""
    if not code or "\x00" in code:
        return None
    rows = NamedPlace.objects.filter(district=district, code=code)
    return rows.select_related("kind", "parent", "district").first()


def near_place(events: QuerySet[Event], place: NamedPlace) -> QuerySet[Event]:
    """Those of ``events`` that are near the place. Asks once for the points of its parts."""
    is_near = Q(address__contains=place.full_name) & _around(place)
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


def _around(place: NamedPlace) -> Q:
    codes = {place.area_code}
    if place.longitude is not None and place.latitude is not None:
        codes |= set(near(place.district, place.longitude, place.latitude, metres=NAMED_METRES))
    communities = {code[:COMMUNITY] for code in codes if len(code) >= COMMUNITY}
    above = {code[:length] for code in codes for length in (DISTRICT, STREET)}
    found = Q(area_code__in=above)
    for code in communities:
        found |= Q(area_code__gte=code, area_code__lt=after_prefix(code))
    return found


def _box(points: list[tuple[float, float]], reach: float) -> Q:
    longitudes, latitudes = zip(*points, strict=True)
    wide = reach / cos(radians(latitudes[0]))
    return Q(
        longitude__gte=min(longitudes) - wide,
        longitude__lte=max(longitudes) + wide,
        latitude__gte=min(latitudes) - reach,
        latitude__lte=max(latitudes) + reach,
    )
