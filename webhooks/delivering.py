"""Sends what waits: at least once, in each event's order, one worker at a time.

1. Claim: take due deliveries, skipping those another worker has locked, and lease them for LEASE. At most
   PER_ENDPOINT of one endpoint are in the air, and only the earliest of an event.
2. Ask the scope once more: what the endpoint may no longer see is dropped, not sent.
3. Send in threads, which know no database.
4. Record: a row of the log, and the delivery's and the endpoint's new state, where the lease is still ours.

Killed after sending and before recording, the lease runs out and the message is sent again under the same id. A
delivery is tried for a day, at growing intervals; so is an endpoint: while nothing arrives only the first of its
queue is tried, and after a day it is switched off. The receiver's answer 410 does so at once.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from accounts import audit
from events.models import Step
from webhooks import flights
from webhooks.flights import LEASE, MOST_HELD, pause
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.queueing import GIVEN_UP_AFTER
from webhooks.sending import Message, send
from webhooks.signing import UnreadableSecretError
from webhooks.wire import FAILING_ALL, Answer

log = logging.getLogger(__name__)

PER_ENDPOINT = 4


@dataclass(frozen=True)
class InTheAir:
    delivery: Delivery
    lease: datetime


def deliver() -> int:
    """Send until nothing is due or the run's time is over; returns how many sends were tried.

    While another worker's leases run there is nothing to do: slow receivers may hold one worker, never all.
    """
    if Delivery.objects.waiting().filter(leased_until__gt=timezone.now()).exists():
        return 0
    return flights.run(claim=_claim, ready=_ready, record=_record)


@transaction.atomic
def _claim(free: int, flying: Collection[InTheAir], now: datetime) -> list[InTheAir]:
    """Up to ``free`` due deliveries, leased; fair to the endpoints, each of which has its own places."""
    busy = Counter(flight.delivery.endpoint_id for flight in flying)
    taken: list[Delivery] = []
    for endpoint in Endpoint.objects.ready(at=now).select_related("area", "organization", "district"):
        places = (1 if endpoint.failures else PER_ENDPOINT) - busy[endpoint.pk]
        most = min(places, free - len(taken))
        if most > 0:
            due = endpoint.deliveries.due(at=now).order_by("next_try_at", "id")
            rows = list(due.select_for_update(skip_locked=True, of=("self",))[:most])
            for row in rows:
                row.endpoint, row.leased_until, row.tries = endpoint, now + LEASE, row.tries + 1
            taken += rows
    Delivery.objects.bulk_update(taken, ["leased_until", "tries"])
    return [InTheAir(row, now + LEASE) for row in taken]


def _ready(claimed: list[InTheAir], now: datetime) -> Iterator[tuple[InTheAir, Callable[[], Answer]]]:
    for flight in _still_in_scope(claimed):
        if message := _message(flight, now):
            yield flight, partial(send, message, at=now)


def _still_in_scope(claimed: Sequence[InTheAir]) -> list[InTheAir]:
    """Those that may leave, tests among them; the others are dropped. At most 4 statements for an endpoint."""
    allowed: list[InTheAir] = []
    for endpoint, group in groupby(claimed, key=lambda flight: flight.delivery.endpoint):
        mine = list(group)
        events = {flight.delivery.event_id for flight in mine} - {None}
        steps = endpoint.steps().filter(event__in=events) if events else Step.objects.none()
        seen = {(None, 0), *steps.values_list("event", "sequence")}
        left = [each for each in mine if (each.delivery.event_id, each.delivery.sequence) not in seen]
        Delivery.objects.filter(pk__in=[each.delivery.pk for each in left]).update(
            state=Delivery.State.DROPPED, why="out_of_scope", leased_until=None
        )
        allowed += [each for each in mine if each not in left]
    return allowed


def _message(flight: InTheAir, now: datetime) -> Message | None:
    """What to send; None, and it is written down why, where the secret cannot be opened."""
    delivery, endpoint = flight.delivery, flight.delivery.endpoint
    try:
        secrets = endpoint.secrets(at=now)
    except UnreadableSecretError as error:
        _record(flight, Answer(now, why=error.code))
        return None
    return Message(endpoint.url, delivery.message_id, delivery.body, secrets)


@transaction.atomic
def _record(flight: InTheAir, answer: Answer) -> None:
    """Two statements for what arrived at an endpoint that has no failures to forget."""
    now, delivery = timezone.now(), flight.delivery
    Attempt.objects.create(
        delivery=delivery,
        number=delivery.tries,
        at=answer.at,
        milliseconds=answer.milliseconds,
        address=answer.address,
        status=answer.status,
        why=answer.why,
        request_headers=answer.request_headers,
        answer_headers=answer.headers,
        answer=answer.body,
    )
    # The endpoint is locked before the delivery, as in webhooks.actions.
    endpoint = _locked(delivery.endpoint_id) if answer.why or delivery.endpoint.failures else None
    ours = Delivery.objects.filter(pk=delivery.pk, leased_until=flight.lease)
    if not answer.why:
        arrived = {"state": Delivery.State.DELIVERED, "delivered_at": now, "why": "", "leased_until": None}
        if ours.update(**arrived) and endpoint:
            _judge(endpoint, answer, now)
        return
    failed = ours.select_for_update().first()
    if failed is None:  # the lease ran out, and another worker has it
        return
    failed.leased_until, failed.why = None, answer.why
    failed.next_try_at = min(now + pause(failed.tries), failed.expires_at - timedelta(minutes=1))
    if failed.next_try_at <= now and failed.state == Delivery.State.WAITING:
        failed.state = Delivery.State.FAILED
    failed.save()
    if endpoint:
        _judge(endpoint, answer, now)


def _locked(endpoint_id: int) -> Endpoint:
    endpoints = Endpoint.objects.select_for_update(no_key=True, of=("self",)).select_related("district")
    return endpoints.get(pk=endpoint_id)


def _judge(endpoint: Endpoint, answer: Answer, now: datetime) -> None:
    """What one answer says of the endpoint."""
    if answer.why == "gone":
        disable(endpoint, why="gone")
    elif answer.why in FAILING_ALL:
        endpoint.failing_since = endpoint.failing_since or now
        endpoint.failures += 1
        endpoint.held_until = now + min(pause(endpoint.failures), MOST_HELD)
        if now - endpoint.failing_since >= GIVEN_UP_AFTER:
            disable(endpoint, why="failing")
    elif endpoint.failures:
        endpoint.failing_since, endpoint.failures, endpoint.held_until = None, 0, None
        endpoint.deliveries.waiting().filter(why__in=FAILING_ALL).update(next_try_at=now)
    endpoint.save()


def disable(endpoint: Endpoint, *, why: str) -> None:
    """Nothing is sent or queued any more until an administrator resumes it; what waited has failed."""
    if endpoint.state not in (Endpoint.State.ACTIVE, Endpoint.State.PAUSED):
        return
    endpoint.state, endpoint.disabled_why = Endpoint.State.DISABLED, why
    endpoint.deliveries.waiting().update(
        state=Delivery.State.FAILED, why=_last_or("switched_off"), leased_until=None
    )
    audit.record(
        kind="webhook_disabled",
        actor=None,
        subject=endpoint.name,
        detail={"why": why},
        district=endpoint.district,
    )
    log.error("webhook endpoint %s is switched off: %s", endpoint.pk, why)


def give_up(*, now: datetime) -> int:
    """Deliveries whose day is over without a last try, because their endpoint was paused or held back."""
    over = Delivery.objects.waiting().filter(expires_at__lte=now)
    over = over.filter(Q(leased_until=None) | Q(leased_until__lte=now))
    return over.update(state=Delivery.State.FAILED, why=_last_or("too_old"))


def _last_or(code: str) -> Coalesce:
    """The last failure; the code for what was never tried."""
    return Coalesce(NullIf("why", Value("")), Value(code))
