"""Which events a report may belong to: the same item close by and of the same day first, then what is open nearby.

50 metres and 24 hours make a likely duplicate (field rules, section 3); a person decides. Distances are metres on
a sphere, good to a metre over such a short way.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, radians

from django.db.models import Q

from accounts.scope import Actor
from events.models import Event, State

LIKELY_METRES = 50
LIKELY_WITHIN = timedelta(hours=24)
NEARBY_METRES = 300
METRES_A_DEGREE = 111_195
SHOWN, LOOKED_AT = 6, 200


@dataclass(frozen=True)
class Likely:
    """``metres`` is None where one of the two has no point and only the grid is shared."""

    event: Event
    is_likely: bool
    metres: int | None


def likely_leading(event: Event, actor: Actor) -> list[Likely]:
    """Open events the person may see, those that look like the same matter first. One statement."""
    others = Event.objects.visible_to(actor.user).open().exclude(pk=event.pk).filter(_nearby(event))
    rows = others.select_related("item").order_by("-recorded_at")[:LOOKED_AT]
    found = [_compare(event, other) for other in rows]
    found.sort(key=lambda row: (not row.is_likely, row.metres is None, row.metres or 0))
    return found[:SHOWN]


def closed_here(event: Event, actor: Actor, *, since: datetime) -> list[Event]:
    """The same item closed nearby since then: a hazard that is back. One statement."""
    closed = Event.objects.visible_to(actor.user).filter(state=State.CLOSED, closed_at__gte=since)
    rows = (
        closed.filter(_nearby(event), item__code=event.item.code)
        .select_related("item")
        .order_by("-closed_at")
    )
    close = [row for row in rows[:LOOKED_AT] if (metres_between(event, row) or 0) <= LIKELY_METRES]
    return close[:SHOWN]


def _nearby(event: Event) -> Q:
    nearby = Q(area_code=event.area_code)
    if event.longitude is not None and event.latitude is not None:
        high = NEARBY_METRES / METRES_A_DEGREE
        wide = high / cos(radians(event.latitude))
        nearby |= Q(
            longitude__range=(event.longitude - wide, event.longitude + wide),
            latitude__range=(event.latitude - high, event.latitude + high),
        )
    return nearby


def _compare(event: Event, other: Event) -> Likely:
    metres = metres_between(event, other)
    same_place = metres <= LIKELY_METRES if metres is not None else event.area_code == other.area_code
    same_day = abs(event.occurred_at - other.occurred_at) <= LIKELY_WITHIN
    same_item = event.item.code == other.item.code  # whatever its version
    return Likely(other, same_item and same_place and same_day, metres)


def metres_between(event: Event, other: Event) -> int | None:
    if event.longitude is None or event.latitude is None or other.longitude is None or other.latitude is None:
        return None
    east = (event.longitude - other.longitude) * cos(radians(event.latitude))
    return round(hypot(east, event.latitude - other.latitude) * METRES_A_DEGREE)
