"""The ladder: what a running clock does at its next rung (field rules, section 6; the rungs are data).

One due clock, one transaction: the event's row is locked first, as every move does, then the clock is
read again; only a clock still running, at the same version and rung, fires. So each rung fires once per
clock and version, however many workers and beats run, and a killed worker leaves it to the next. A clock
that fails is logged and tried again at the next tick; it stops no other.

A worker gives a tick a slice of time and then asks for another, which waits its turn: however many clocks
ring at once, a new report is routed between two slices.
"""

import logging
import math
import random
import time
import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from accounts.scope import Actor
from dispatch.advance import advance
from dispatch.clocks import next_rung
from dispatch.errors import MoveError
from dispatch.models import Ask, Clock
from events.models import Event, EventQuerySet, State
from grid_platform.hints import nudge
from grids.models import District

log = logging.getLogger(__name__)
BLOCK = 200


def tick(*, now: datetime, events: EventQuerySet | None = None, seconds: float = math.inf) -> int:
    """Fire every rung whose time has come, of all or of some events; returns how many fired.

    After ``seconds`` the rest is left to another tick, which is asked for.
    """
    stop = time.monotonic() + seconds
    districts = {district.pk: district for district in District.objects.all()}
    _settle(districts, now, events)
    fired = 0
    for pk, event_id, tenant in _due(_of(events, Clock.objects.at_a_rung(now=now))):
        if time.monotonic() >= stop:
            nudge("dispatch.tasks.tick_clocks")
            break
        try:
            fired += _fire(pk, event_id, districts[tenant], now)
        except (MoveError, LookupError, DatabaseError):
            log.exception("clock %s of event %s cannot fire", pk, event_id, extra={"event": event_id})
    return fired


def _due(clocks: QuerySet) -> Iterator[tuple[int, uuid.UUID, str]]:
    """In the order of their rungs. Of many, each worker begins somewhere else and looks again before each block
    which have not fired meanwhile, so that several share the work instead of walking behind each other."""
    rows = list(clocks.order_by("next_rung_at").values_list("pk", "event_id", "tenant"))
    begin = random.randrange(len(rows)) if len(rows) > BLOCK else 0
    rows = rows[begin:] + rows[:begin]
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        if start:
            left = set(clocks.filter(pk__in=[pk for pk, *_ in block]).values_list("pk", flat=True))
            block = [row for row in block if row[0] in left]
        yield from block


@transaction.atomic
def _fire(clock_id: int, event_id: uuid.UUID, district: District, now: datetime) -> bool:
    """False when the clock was ended, moved or fired meanwhile, or its event is being moved right now."""
    lock = Event.objects.select_for_update(skip_locked=True).filter(pk=event_id)
    locked = list(lock.values_list("urgency", flat=True))
    clock = Clock.objects.at_a_rung(now=now).filter(pk=clock_id).first() if locked else None
    if clock is None:
        return False
    urgency = locked[0]
    rung, _at = next_rung(clock, urgency, district)
    if rung is None:  # the ladder has become shorter
        Clock.objects.filter(pk=clock_id).update(next_rung_at=None)
        return False
    params = {
        "clock": clock.kind,
        "percent": rung.percent,
        "due": clock.due.isoformat(),
        "version": clock.version,
    }
    if rung.recipients:
        params["tell"] = rung.recipients
    clock.rung += 1
    clock.next_rung_at = next_rung(clock, urgency, district)[1]
    clock.save(update_fields=["rung", "next_rung_at"])
    try:
        advance(rung.verb, actor=Actor.system(district), event_id=event_id, now=now, data=params)
    except MoveError as error:
        log.info("rung %s of event %s does not apply: %s", rung.verb, event_id, error.code)
    return True


def _of(events: EventQuerySet | None, rows: QuerySet) -> QuerySet:
    return rows if events is None else rows.filter(event__in=events)


def _settle(districts: dict[str, District], now: datetime, events: EventQuerySet | None) -> None:
    """What was asked and not answered in time lapses; a hold at its end resumes."""
    asks = _of(events, Ask.objects.filter(answer="", due__lt=now, event__training=False)).values_list(
        "event_id", "tenant", "kind"
    )
    held = Event.objects.all() if events is None else events
    holds = held.filter(state=State.ON_HOLD, held_until__lte=now).values_list("pk", "tenant")
    todo = [(event, tenant, "lapse", {"kind": kind}) for event, tenant, kind in asks]
    todo += [(event, tenant, "auto_resume", {}) for event, tenant in holds]
    for event_id, tenant, verb, data in todo:
        try:
            advance(verb, actor=Actor.system(districts[tenant]), event_id=event_id, now=now, data=data)
        except MoveError as error:
            log.info("%s of event %s does not apply: %s", verb, event_id, error.code)
        except (LookupError, DatabaseError):
            log.exception("%s of event %s failed", verb, event_id, extra={"event": event_id})
