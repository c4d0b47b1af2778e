"""Open events of areas that have ended: each gets the code of the area that came after, by a step.

A grid is split, merged or renumbered with the day; its events then belong to the successor their point lies
in, to the only successor, or, where neither tells, to the lowest area that holds all successors (without any,
to the one above). Who decides and who handles goes on with it. The code a report was made under never changes.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.scope import Actor
from dispatch.advance import advance
from dispatch.errors import MoveError
from events.models import Event
from grids.locate import locate
from grids.models import Area, District

log = logging.getLogger(__name__)


def open_events_in(codes: Iterable[str]) -> QuerySet[Event]:
    """The open events that lie in exactly these areas."""
    return Event.objects.open().filter(area_code__in=list(codes))


def recode_events(*, now: datetime) -> int:
    """Recode what lies in ended areas; returns how many. One event, one transaction; workers may run together."""
    done = 0
    for district in District.objects.order_by("pk"):
        areas = Area.objects.filter(district=district)
        in_force = {area.code: area for area in areas.valid_on(timezone.localdate(now))}
        ended = areas.filter(valid_to__lte=timezone.localdate(now)).values_list("code", flat=True)
        events = open_events_in(ended).filter(tenant=district.pk).order_by("pk") if ended else []
        after = _successors(district) if events else {}
        for event in events:
            area = area_after(event, district, in_force, after)
            done += area is not None and _recode(event, area, district, now)
    return done


def area_after(
    event: Event, district: District, in_force: Mapping[str, Area], after: Mapping[str, list[str]]
) -> Area | None:
    """The area in force to which an event of an ended one belongs. ``after``: code -> its successors' codes."""
    successors = _latest(event.area_code, in_force, after)
    if successors and event.longitude is not None and event.latitude is not None:
        found = locate(district, event.longitude, event.latitude).area_code
        if found.startswith(tuple(successors)):
            return in_force.get(found)
    kept = successors or [event.area_code]
    holding = [code for code in in_force if all(each.startswith(code) for each in kept)]
    return in_force[max(holding, key=len)] if holding else None


def _successors(district: District) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    links = Area.predecessors.through.objects.filter(to_area__district=district)
    for old, new in links.order_by("from_area__code").values_list("to_area__code", "from_area__code"):
        found.setdefault(old, []).append(new)
    return found


def _latest(code: str, in_force: Mapping[str, Area], after: Mapping[str, list[str]]) -> list[str]:
    """The successors in force, or theirs where they have ended too."""
    waiting, seen = [code], []
    for each in waiting:
        if each not in seen:
            seen.append(each)
            waiting += after.get(each, ()) if each not in in_force else ()
    return [each for each in seen if each in in_force]


def _recode(event: Event, area: Area, district: District, now: datetime) -> bool:
    """False when somebody moved it meanwhile."""
    data = {"from": event.area_code, "area": area}
    try:
        advance("recode", actor=Actor.system(district), event_id=event.pk, now=now, data=data)
    except MoveError as error:
        log.info("event %s needs no recoding: %s", event.pk, error.code)
        return False
    return True
