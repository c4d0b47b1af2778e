"""The desk's list as a map: counts by area for all events of the queue, or its events one by one when near.

Both read the queue with its filters and never the page alone. Degrees are WGS84. An event without a point is
counted in its area and drawn nowhere.
"""

from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet
from django.db.models.functions import Left
from django.urls import reverse

from accounts.scope import Actor
from desks import clock_words, places
from desks.listing import load_clocks
from events.models import OPEN_STATES, Event, Urgency

DIGITS = {"street": 9, "community": 12, "grid": 15}
MOST = 300
"""Events drawn at once; beyond that one comes nearer, or looks at areas."""


def by_area(events: QuerySet[Event], level: str, actor: Actor, *, now: datetime) -> list[dict[str, Any]]:
    """Per area of ``level``: code, name, number, how many are late and critical, where they lie on average.

    What is known less exactly stands under the code it has. One query.
    """
    late = Q(state__in=OPEN_STATES, due__lt=now)
    rows = (
        events.order_by()
        .annotate(part=Left("area_code", DIGITS[level]))
        .values("part")
        .annotate(
            number=Count("pk"),
            late=Count("pk", filter=late),
            critical=Count("pk", filter=Q(urgency=Urgency.CRITICAL)),
            longitude=Avg("longitude"),
            latitude=Avg("latitude"),
        )
    )
    return [
        {
            "code": row["part"],
            "name": places.name_of(actor.district, row["part"]),
            **{name: row[name] for name in ("number", "late", "critical", "longitude", "latitude")},
        }
        for row in rows.order_by("part")
    ]


def one_by_one(events: QuerySet[Event], actor: Actor, *, now: datetime) -> dict[str, Any]:
    """The first ``MOST`` events that have a point, the nearest deadline first, and whether there are more.

    Two queries.
    """
    drawn = events.exclude(longitude=None).select_related("item").order_by("due", "id")
    rows = list(drawn[: MOST + 1])
    load_clocks(rows[:MOST])
    return {"events": [_dot(event, actor, now) for event in rows[:MOST]], "more": len(rows) > MOST}


def _dot(event: Event, actor: Actor, now: datetime) -> dict[str, Any]:
    chip = clock_words.of_event(event, actor.district, now=now)
    return {
        "id": str(event.pk),
        "title": event.item.name,
        "words": chip.words,
        "tone": chip.tone,
        "urgency": event.urgency,
        "area": event.area_code,
        "longitude": event.longitude,
        "latitude": event.latitude,
        "url": reverse("desks:event", args=[event.pk]),
    }
