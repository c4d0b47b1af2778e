"""Drains the outbox: routes new reports and applies the projections.

One batch, one transaction:

1. take up to BATCH waiting rows, skipping those another worker has locked;
2. route the events that have no desk yet, in the order of their keys, so that two workers never
   wait for each other in a circle;
3. hand the steps to the projections: the day's counts, in the order of their keys, and those of
   applications above this one;
4. delete the rows.

Killed before the commit, nothing happened and the rows wait; killed after it, they are gone with their
work done. When a batch fails each of its rows is tried alone and counted; after MOST_TRIES it is parked
with an alarm in the log.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence

from django.db import connection, transaction
from django.utils import timezone

from accounts.scope import Actor
from dispatch.advance import advance
from dispatch.evidence import close_if_complete
from dispatch.models import Outbox
from dispatch.workflow import VERBS
from events.models import Event, Step
from grids.models import District

log = logging.getLogger(__name__)

BATCH = 100
ROUTED_VERBS = {"report", "self_close"}
MOST_TRIES = 5


def drain() -> int:
    """Work until nothing waits that this worker can take; returns the number of rows done."""
    done = 0
    while True:
        try:
            taken = _drain_batch()
        except Exception:
            log.warning("an outbox batch failed, its rows are tried alone", exc_info=True)
            return done + _drain_alone()
        if not taken:
            return done
        done += taken


@transaction.atomic
def _drain_batch(ids: Sequence[int] | None = None) -> int:
    waiting = Outbox.objects.filter(parked_at=None).order_by("id")
    if ids is not None:
        waiting = waiting.filter(pk__in=ids)
    rows = list(
        waiting.select_for_update(skip_locked=True, of=("self",)).select_related("step", "step__event")[
            :BATCH
        ]
    )
    if rows:
        _route([row.step for row in rows])
        for project in PROJECTIONS:
            project([row.step for row in rows])
        Outbox.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _drain_alone() -> int:
    """Each waiting row in its own transaction, so that one bad row stops no other."""
    done = 0
    for pk in list(Outbox.objects.filter(parked_at=None).order_by("id").values_list("pk", flat=True)[:BATCH]):
        try:
            done += _drain_batch([pk])
        except Exception as error:
            _count_failure(pk, error)
    return done


@transaction.atomic
def _count_failure(pk: int, error: Exception) -> None:
    row = Outbox.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        return
    row.tries += 1
    row.error = f"{type(error).__name__}: {error}"
    if row.tries >= MOST_TRIES:
        row.parked_at = timezone.now()
        event = row.step.event_id
        log.error("outbox row %s of event %s is parked: %s", pk, event, row.error, extra={"event": event})
    row.save()


def _route(steps: Sequence[Step]) -> None:
    """Lock the events without a desk in the order of their keys, then route each.

    One that was withdrawn or voided meanwhile needs no desk.
    """
    events = {step.event_id for step in steps if step.verb in ROUTED_VERBS}
    unrouted = Event.objects.filter(pk__in=events, desk=None, state__in=VERBS["route"].sources)
    unrouted = unrouted.select_for_update().order_by("pk")
    for event_id, tenant in unrouted.values_list("pk", "tenant"):
        now = timezone.now()
        event = advance("route", actor=Actor.system(_district(tenant)), event_id=event_id, now=now)
        if event.self_close_pending and event.reporter:
            # A desk may close its own find, and which desk it is at is known only now.
            close_if_complete(actor=Actor.of(event.reporter), event_id=event_id, now=now)


def _district(tenant: str) -> District:
    return District.objects.get(pk=tenant)


def _count(steps: Sequence[Step]) -> None:
    """Steps of a verb in a place on a day (Asia/Shanghai), added in one statement in the keys' order.

    Sensitive events are in no figure: a number would tell those who may not see them.
    """
    counts = Counter(
        (step.tenant, timezone.localdate(step.at), step.event.reported_area_code, step.verb)
        for step in steps
        if not step.event.sensitive
    )
    keys = sorted(counts)
    if not keys:
        return
    with connection.cursor() as cursor:
        values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(keys))
        cursor.execute(
            f"""INSERT INTO dispatch_daycount (tenant, day, area_code, verb, number) VALUES {values}
                ON CONFLICT (tenant, day, area_code, verb)
                DO UPDATE SET number = dispatch_daycount.number + excluded.number""",
            [value for key in keys for value in (*key, counts[key])],
        )


PROJECTIONS: list[Callable[[Sequence[Step]], None]] = [_count]
"""What is derived from steps in the worker's transaction, exactly once; applications above add theirs."""
