"""Organisations that have open events in hand and nobody in post: the desk above is told.

One alarm an organisation at a time: about its event with the nearest deadline, told once for that event's last
step; when that event has moved on, the next one speaks.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from accounts.models import Organization
from dispatch.routing import next_desk_up
from events.models import Event
from grids.models import District
from inbox.models import Notice
from inbox.recipients import UNMANNED


@dataclass(frozen=True)
class Unmanned:
    """An organisation without anybody, and how many open events it has in hand."""

    organization: Organization
    events: int


def unmanned(district: District, *, at: datetime) -> list[Unmanned]:
    """Those with open events in hand, the most first. Two statements."""
    empty = Organization.objects.filter(district=district).with_staff(at=at).filter(has_staff=False)
    held = Event.objects.open().filter(tenant=district.pk, holder__in=empty.values("pk"))
    counts = dict(held.values_list("holder").annotate(Count("pk")))
    units = Organization.objects.select_related("area").in_bulk(counts)
    found = [Unmanned(units[pk], number) for pk, number in counts.items()]
    return sorted(found, key=lambda row: (-row.events, row.organization.code))


def alarm(*, now: datetime) -> int:
    """Tell the desks above; returns how many organisations are unmanned. Safe to run twice."""
    rows = [row for district in District.objects.all() for row in unmanned(district, at=now)]
    for row in rows:
        held = Event.objects.open().filter(holder=row.organization).order_by("due", "pk")
        event = held.select_related("desk__area").first()
        if event is None:
            continue
        notice = Notice(
            tenant=event.tenant,
            step=event.steps.latest("sequence"),
            event=event,
            kind=UNMANNED,
            organization=_desk_above(row.organization, event, at=now),
            visible_from=now,
        )
        Notice.objects.bulk_create([notice], ignore_conflicts=True)
    return len(rows)


def _desk_above(unit: Organization, event: Event, *, at: datetime) -> Organization:
    """The event's desk, or the next one up, that has somebody; the highest in the end."""
    desk = event.desk if event.desk and event.desk_id != unit.pk else next_desk_up(unit)
    while not Organization.objects.with_staff(at=at).get(pk=desk.pk).has_staff:
        above = next_desk_up(desk)
        if above.pk == desk.pk:
            break
        desk = above
    return desk
