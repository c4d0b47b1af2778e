"""The situations of many events at once, for a list that offers the moves of each: four statements, however long it is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.scope import Actor
from dispatch.clocks import calendar_of
from dispatch.conditions import OWN_WORK, Situation
from dispatch.models import Ask, Assignment, Clock
from events.models import Event, Step


def situations_of(events: Sequence[Event], actor: Actor, now: datetime) -> dict[UUID, Situation]:
    """By event. An event comes with its item; where its desk may be asked about, with that and its area."""
    calendar = calendar_of(actor.district)
    orders = Assignment.objects.filter(event__in=events, ended_at=None).select_related("organization")
    assignments = _by_event(orders)
    clocks = _by_event(Clock.objects.running().filter(event__in=events))
    asks = _by_event(Ask.objects.filter(event__in=events).select_related("organization"))
    own_work: dict[UUID, list[tuple[str, datetime]]] = defaultdict(list)
    steps = Step.objects.filter(event__in=events, verb__in=OWN_WORK, actor=actor.user_id)
    for event_id, verb, at in steps.values_list("event_id", "verb", "at"):
        own_work[event_id].append((verb, at))
    found = {}
    for event in events:
        situation = found[event.pk] = Situation(event, actor, now, calendar)
        situation.assignments = assignments[event.pk]
        situation.clocks = clocks[event.pk]
        situation.every_ask = asks[event.pk]
        situation.own_work = own_work[event.pk]
    return found


def _by_event(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.event_id].append(row)
    return found
