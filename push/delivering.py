"""Sends the hints that are due: one of a topic to a device, however many notices it stands for.

1. Claim: due hints of devices nobody sends to just now, leased; of each device one topic with all of its hints.
2. Ask once more what the person may see and has not read (``Notice.visible_to``): the post may have ended, the event
   may have moved on. Nothing left: dropped. Else the title tells how many matters wait.
3. Send in threads, which know no database.
4. Record, where the lease is still ours. 404 and 410 end the subscription, and so does a week of refusals.

A push service that does not answer is left alone, for growing intervals, and all its hints wait.
"""

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from events.models import Urgency
from inbox.models import Notice
from push import words
from push.keys import vapid
from push.models import Hint, Service, Subscription
from push.sending import Message, send
from webhooks import flights
from webhooks.flights import LEASE, MOST_HELD, pause
from webhooks.wire import FAILING_ALL, Answer

log = logging.getLogger(__name__)

LOOKED_AT = 200
"""Due hints looked at in one claim."""
MOST_COUNTED = 99
REFUSED_FOR = timedelta(days=7)
"""A subscription that was refused all the time is given up."""
GONE = (404, 410)


@dataclass(frozen=True)
class InTheAir:
    """The hints of one topic for one device."""

    subscription: Subscription
    topic: str
    hints: list[Hint]
    lease: datetime


def deliver() -> int:
    """Send until nothing is due or the run's time is over; returns how many sends were tried.

    While another worker's leases run there is nothing to do: slow services may hold one worker, never all.
    """
    if vapid() is None or Hint.objects.waiting().filter(leased_until__gt=timezone.now()).exists():
        return 0
    return flights.run(claim=_claim, ready=_ready, record=_record)


@transaction.atomic
def _claim(free: int, flying: Collection[InTheAir], now: datetime) -> list[InTheAir]:
    """Up to ``free`` devices; to a service that failed one at a time, to find out."""
    tried = {flight.subscription.service_id for flight in flying}
    due = Hint.objects.due(at=now).exclude(subscription__in=[flight.subscription.pk for flight in flying])
    due = due.select_related("subscription__service", "subscription__user__district")
    rows = due.order_by("next_try_at", "id").select_for_update(skip_locked=True, of=("self",))
    taken: dict[int, InTheAir] = {}
    for hint in rows[:LOOKED_AT]:
        subscription = hint.subscription
        if subscription.pk not in taken:
            failing = subscription.service.failures and subscription.service_id in tried
            if failing or len(taken) >= free:
                continue
            tried.add(subscription.service_id)
            taken[subscription.pk] = InTheAir(subscription, hint.topic, [], now + LEASE)
        if hint.topic == taken[subscription.pk].topic:
            hint.leased_until, hint.tries = now + LEASE, hint.tries + 1
            taken[subscription.pk].hints.append(hint)
    hints = [hint for flight in taken.values() for hint in flight.hints]
    Hint.objects.bulk_update(hints, ["leased_until", "tries"])
    return list(taken.values())


def _ready(claimed: list[InTheAir], now: datetime) -> Iterator[tuple[InTheAir, Callable[[], Answer]]]:
    for flight in claimed:
        if message := _message(flight, now):
            yield flight, partial(send, message, at=now)
        else:
            _ours(flight).update(state=Hint.State.DROPPED, why="not_for_them", leased_until=None)


def _message(flight: InTheAir, now: datetime) -> Message | None:
    """What to send; None when the person has nothing of it to look at any more. One statement beside the scope's."""
    user, topic = flight.subscription.user, words.TOPICS[flight.topic]
    if not user.is_active:
        return None
    unread = Notice.objects.visible_to(user, now=now).unread_by(user).filter(kind__in=topic.kinds)
    newest = unread.order_by("-visible_from", "-pk").values_list("pk", "event_id", "event__urgency")
    events = {pk: (event, urgency) for pk, event, urgency in newest[: MOST_COUNTED + len(flight.hints)]}
    told = [hint.notice_id for hint in flight.hints if hint.notice_id in events]
    if not told:
        return None
    number = min(len({event for event, _urgency in events.values()}), MOST_COUNTED)
    with translation.override(user.language or settings.LANGUAGE_CODE):
        title = words.title(flight.topic, number)
    return Message(
        endpoint=flight.subscription.endpoint,
        p256dh=flight.subscription.p256dh,
        auth=flight.subscription.auth,
        payload={"tag": flight.topic, "title": title, "url": topic.url, "notice": max(told)},
        seconds=int((max(hint.expires_at for hint in flight.hints) - now).total_seconds()),
        is_urgent=any(events[pk][1] == Urgency.CRITICAL for pk in told),
    )


@transaction.atomic
def _record(flight: InTheAir, answer: Answer) -> None:
    now = timezone.now()
    if answer.status in GONE:
        Subscription.objects.filter(pk=flight.subscription.pk).delete()
        return
    _note_service(flight.subscription.service, answer, now)
    if not answer.why:
        _ours(flight).update(state=Hint.State.SENT, why="", leased_until=None)
        Subscription.objects.filter(pk=flight.subscription.pk).update(ok_at=now)
        return
    tries = max(hint.tries for hint in flight.hints)
    again = now + max(pause(tries), _asked_for(answer))
    ours = _ours(flight)
    ours.filter(expires_at__lte=again).update(state=Hint.State.FAILED, why=answer.why, leased_until=None)
    ours.filter(expires_at__gt=again).update(next_try_at=again, why=answer.why, leased_until=None)
    Subscription.objects.filter(pk=flight.subscription.pk).update(failed_at=now)
    if answer.why not in FAILING_ALL and now - _last_good(flight.subscription) >= REFUSED_FOR:
        log.warning("a push subscription of %s is given up: %s", flight.subscription.service_id, answer.why)
        Subscription.objects.filter(pk=flight.subscription.pk).delete()


def _ours(flight: InTheAir):
    """Its hints, unless the lease ran out and another worker has them."""
    return Hint.objects.filter(
        pk__in=[hint.pk for hint in flight.hints], leased_until=flight.lease, state=Hint.State.WAITING
    )


def _note_service(service: Service, answer: Answer, now: datetime) -> None:
    """No statement for what arrived at a service that has no failures to forget."""
    is_failing = answer.why in FAILING_ALL
    if not is_failing and not service.failures:
        return
    row = Service.objects.select_for_update().get(pk=service.pk)
    if not is_failing:
        row.failures, row.held_until = 0, None
    elif row.held_until is None or row.held_until <= now:  # those in the air together fail once
        row.failures += 1
        row.held_until = now + max(min(pause(row.failures), MOST_HELD), _asked_for(answer))
    row.save()


def _asked_for(answer: Answer) -> timedelta:
    """What the service asks for by Retry-After in seconds; at most an hour."""
    told = answer.headers.get("retry-after", "")
    return timedelta(seconds=min(int(told), 3600)) if told.isdecimal() and len(told) < 9 else timedelta()


def _last_good(subscription: Subscription) -> datetime:
    return subscription.ok_at or subscription.created_at
