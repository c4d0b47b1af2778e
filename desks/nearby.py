"""What is open near where somebody stands who is about to report: the same matter need not be told twice.

The same item within the district's metres and hours of a likely duplicate first, then the same item near, then its
category (``desks.likely`` ranks by the same numbers). Only what the person may see, and nothing sensitive but their
own; without a point an event is near to nothing. Distances are metres on a sphere.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, radians

from django.db.models import Q

from accounts.scope import Actor
from desks.likely import metres_from
from dispatch import policy
from dispatch.same_as import may_lead
from events.catalogue import item_by_id, versions
from events.models import Event, Evidence, Item
from grids.locate import METRES_A_DEGREE, near

SHOWN, LOOKED_AT = 5, 200


@dataclass(frozen=True)
class Nearby:
    """``minutes``: since it occurred; ``may_join``: whether a report of the item may be merged into it at once."""

    event: Event
    metres: int
    minutes: int
    is_likely: bool
    may_join: bool
    mine: bool
    photo: Evidence | None


def nearby(actor: Actor, item: Item, point: tuple[float, float], *, now: datetime) -> list[Nearby]:
    """Two statements: the events by the index of open ones, and their photos."""
    numbers = policy.of(actor.district, at=now)
    within = timedelta(hours=numbers.likely_hours)
    found = []
    for event in _open_near(actor, item, point, numbers.nearby_metres):
        event.item = item_by_id(actor.district, event.item_id)
        metres = metres_from(point, event)
        if metres is None or metres > numbers.nearby_metres:
            continue
        same = event.item.code == item.code
        is_likely = same and metres <= numbers.likely_metres and now - event.occurred_at <= within
        found.append((not is_likely, not same, metres, event.number, event))
    best = sorted(found, key=lambda row: row[:-1])[:SHOWN]
    photos = _photos([event for *_order, event in best])
    return [
        Nearby(
            event=event,
            metres=metres,
            minutes=max(int((now - event.occurred_at).total_seconds() // 60), 0),
            is_likely=not unlikely,
            may_join=may_lead(event, urgency=item.urgency, sensitive=item.sensitive),
            mine=event.reporter_id == actor.user_id,
            photo=photos.get(event.pk),
        )
        for unlikely, _other, metres, _number, event in best
    ]


def _open_near(actor: Actor, item: Item, point: tuple[float, float], metres: int) -> list[Event]:
    """By the codes of the areas within reach, for which there is an index of open events; then by the box."""
    longitude, latitude = point
    high = metres / METRES_A_DEGREE
    wide = high / max(cos(radians(latitude)), 1e-6)
    alike = [
        version.pk
        for code, known in versions(actor.district).items()
        for version in known
        if code == item.code or version.category_id == item.category_id
    ]
    rows = (
        Event.objects.visible_to(actor.user)
        .open()
        .filter(Q(sensitive=False) | Q(reporter=actor.user_id), item__in=alike)
        .filter(
            area_code__in=near(actor.district, longitude, latitude, metres=metres),
            longitude__range=(longitude - wide, longitude + wide),
            latitude__range=(latitude - high, latitude + high),
        )
    )
    return list(rows.order_by("-recorded_at")[:LOOKED_AT])


def _photos(events: list[Event]) -> dict:
    """The first photo before of each."""
    if not events:
        return {}
    rows = Evidence.objects.filter(event__in=events, kind=Evidence.Kind.BEFORE).exclude(received_at=None)
    return {row.event_id: row for row in rows.order_by("-received_at", "-pk")}
