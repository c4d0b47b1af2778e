"""One message to all reporters of an incident, each told once however many of their reports are in it.

A reporter is told by a step ``answer_reporter`` of one of their events, under a key made of the message's and the
event's: whatever is tried again is the same step. Who told it to a desk has no inbox and is listed to be called.
"""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.scope import Actor
from dispatch.advance import advance
from dispatch.errors import MoveError
from grid_platform.hints import nudge
from incidents.actions import commanded, log
from incidents.errors import KeyTakenError, NothingToSendError, ReasonMissingError
from incidents.models import LogEntry, Message, Recipient
from incidents.queries import reporters_of

PATIENCE = 8.0
"""Seconds a request works on it; the rest is the worker's."""


@dataclass(frozen=True)
class Sent:
    """``is_new`` is for one request alone, however many come with the same key at once."""

    message: Message
    is_new: bool


def send_message(*, actor: Actor, incident_id: int, key: uuid.UUID, text: str, now: datetime) -> Sent:
    """Write the message and tell as many as there is time for; the same key again is the same message."""
    sent = _write(actor, incident_id, key, text.strip(), now)
    deliver(sent.message, until=time.monotonic() + PATIENCE, now=now)
    return sent


@transaction.atomic
def _write(actor: Actor, incident_id: int, key: uuid.UUID, text: str, now: datetime) -> Sent:
    incident = commanded(actor, incident_id, lock=True)
    before = Message.objects.filter(pk=key).first()
    if before:
        if (before.incident_id, before.text, before.sent_by_id) != (incident.pk, text, actor.user_id):
            raise KeyTakenError()
        return Sent(before, is_new=False)
    if not text:
        raise ReasonMissingError()
    reached = reporters_of(actor.user, incident)  # type: ignore[arg-type]
    if not reached:
        raise NothingToSendError()
    message = Message(id=key, incident=incident, text=text, sent_at=now)
    message.sent_by_id = actor.user_id  # type: ignore[assignment]
    message.save(force_insert=True)
    Recipient.objects.bulk_create(
        Recipient(
            message=message,
            key=row.key,
            event_id=row.event_id,
            status=Recipient.Status.TO_CALL if row.by_phone else Recipient.Status.WAITING,
        )
        for row in reached
    )
    log(incident, LogEntry.Kind.MESSAGE, actor=actor, now=now, text=text, params={"message": str(key)})
    transaction.on_commit(lambda: nudge("incidents.tasks.send_messages"))
    return Sent(message, is_new=True)


def deliver(message: Message, *, until: float, now: datetime) -> int:
    """Tell those who wait, one event a transaction; returns how many events told."""
    waiting = message.recipients.filter(status=Recipient.Status.WAITING)
    events = list(dict.fromkeys(waiting.order_by("id").values_list("event_id", flat=True)))
    actor, told = Actor.of(message.sent_by), 0
    for event_id in events:
        if time.monotonic() > until:
            break
        told += _tell(message, actor, event_id, now)
    return told


def _tell(message: Message, actor: Actor, event_id: uuid.UUID, now: datetime) -> bool:
    rows = message.recipients.filter(event=event_id, status=Recipient.Status.WAITING)
    try:
        advance(
            "answer_reporter",
            actor=actor,
            event_id=event_id,
            now=now,
            data={"answer": message.text},
            request_id=uuid.uuid5(message.pk, str(event_id)),
        )
    except MoveError as error:
        rows.update(status=Recipient.Status.REFUSED, code=error.code)
        return False
    rows.update(status=Recipient.Status.TOLD)
    return True


def send_waiting(*, seconds: float = 20) -> int:
    """What a request left undone, or a process that ended; for the worker."""
    until, told = time.monotonic() + seconds, 0
    waiting = Message.objects.filter(recipients__status=Recipient.Status.WAITING).distinct()
    for message in waiting.select_related("sent_by__district").order_by("sent_at"):
        told += deliver(message, until=until, now=timezone.now())
    return told
