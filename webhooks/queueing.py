"""The projection that queues: each step becomes a delivery for every endpoint it may leave for.

Runs in the worker's transaction of ``dispatch.outbox``, so no step is queued twice or forgotten; one that was is
refused by the unique key of endpoint, event and sequence. An endpoint's queue is bounded: beyond MOST_WAITING
steps are counted as missed, not kept.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from events.models import Event, Step
from grid_platform.hints import nudge
from webhooks import messages
from webhooks.models import Delivery, Endpoint

MOST_WAITING = 20_000
"""Deliveries that wait for one endpoint; a day of a large district."""
GIVEN_UP_AFTER = timedelta(days=1)


def queue(steps: Sequence[Step]) -> None:
    """One statement where a district has no endpoint; else 4, and at most 4 for each endpoint."""
    tenants = {step.tenant for step in steps}
    receivers = Endpoint.objects.filter(
        district__in=tenants, state__in=[Endpoint.State.ACTIVE, Endpoint.State.PAUSED]
    )
    endpoints = list(receivers.select_related("area", "organization").order_by("pk"))
    if not endpoints:
        return
    now = timezone.now()
    # Read anew: this very batch may have given the event its desk.
    found = Event.objects.filter(pk__in={step.event_id for step in steps}, sensitive=False)
    events = {event.pk: event for event in found.select_related("item", "desk", "holder", "lead")}
    full = _full(endpoints)
    deliveries, missed = [], Counter()
    for endpoint in endpoints:
        for step in _leaving(endpoint, steps):
            if endpoint.pk in full:
                missed[endpoint.pk] += 1
            elif step.event_id in events:
                deliveries.append(_delivery(endpoint, step, events[step.event_id], now))
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    for pk in sorted(missed):
        Endpoint.objects.filter(pk=pk).update(missed=F("missed") + missed[pk])
    if deliveries:
        transaction.on_commit(lambda: nudge("webhooks.tasks.deliver"))


def _leaving(endpoint: Endpoint, steps: Sequence[Step]) -> list[Step]:
    mine = [step.pk for step in steps if step.tenant == endpoint.district_id and step.verb in endpoint.verbs]
    if not mine:
        return []
    allowed = endpoint.steps().filter(pk__in=mine).select_related("organization")
    return list(allowed.order_by("event", "sequence"))


def _full(endpoints: Sequence[Endpoint]) -> set[int]:
    """Those whose queue takes no more, counted before this batch."""
    waiting = Delivery.objects.waiting().filter(endpoint__in=endpoints).values("endpoint")
    counts = waiting.annotate(number=Count("pk")).order_by()
    return {row["endpoint"] for row in counts if row["number"] >= MOST_WAITING}


def _delivery(endpoint: Endpoint, step: Step, event: Event, now: datetime) -> Delivery:
    return Delivery(
        tenant=step.tenant,
        endpoint=endpoint,
        message_id=messages.id_of_step(step),
        event=event,
        sequence=step.sequence,
        verb=step.verb,
        body=messages.of_step(step, event),
        created_at=now,
        next_try_at=now,
        expires_at=now + GIVEN_UP_AFTER,
    )
