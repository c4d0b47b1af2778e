"""The chain of steps: each step's hash covers its facts and the hash of the step before it.

Free text stands beside the step and can be erased; the hash covers the text's salted digest. The
database refuses every update, delete and truncate of steps (migration ``guard_steps``).
"""

import hashlib
import json
import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import transaction

from events.models import Event, Step, StepText


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest_text(salt: str, content: dict[str, str]) -> str:
    return hashlib.sha256(salt.encode() + _canonical(content)).hexdigest()


def hash_step(step: Step) -> str:
    """sha256 over every column but the key and the hash itself; hexadecimal."""
    return hashlib.sha256(
        _canonical(
            [
                step.previous_hash,
                step.tenant,
                str(step.event_id),
                step.sequence,
                step.verb,
                step.from_state,
                step.to_state,
                step.at.astimezone(UTC).isoformat(timespec="microseconds"),
                step.actor_id,
                step.post_id,
                step.organization_id,
                str(step.request_id) if step.request_id else None,
                step.params,
                step.text_digest,
            ]
        )
    ).hexdigest()


def append_step(
    event: Event,
    *,
    verb: str,
    from_state: str,
    at: datetime,
    actor_id: int | None,
    post_id: int | None,
    organization_id: int | None,
    params: dict[str, Any],
    texts: dict[str, str],
    request_id: uuid.UUID | None = None,
) -> Step:
    """Write the event's next step and set the event's sequence and head hash; the caller saves the event.

    The caller holds the event's row lock. One insert, two when there is text.
    """
    texts = {name: value for name, value in texts.items() if value}
    salt = secrets.token_hex(16)
    step = Step(
        tenant=event.tenant,
        event=event,
        sequence=event.sequence + 1,
        verb=verb,
        from_state=from_state,
        to_state=event.state,
        at=at,
        actor_id=actor_id,
        post_id=post_id,
        organization_id=organization_id,
        request_id=request_id,
        params=params,
        text_digest=digest_text(salt, texts) if texts else "",
        previous_hash=event.head_hash,
    )
    step.hash = hash_step(step)
    step.save(force_insert=True)
    if texts:
        StepText(step=step, tenant=event.tenant, salt=salt, content=texts).save(force_insert=True)
    event.sequence = step.sequence
    event.head_hash = step.hash
    return step


@dataclass(frozen=True)
class BrokenStep:
    """The first step of an event that does not hold: its number and why."""

    event_number: str
    sequence: int
    reason: str


def verify_chains(tenant: str) -> Iterator[BrokenStep]:
    """The first broken step of every event whose chain does not hold. Memory stays flat.

    Events move meanwhile: whatever does not fit is read once more under the event's lock before it is told.
    """
    heads = {
        pk: (head, last)
        for pk, head, last in Event.with_training.filter(tenant=tenant).values_list(
            "pk", "head_hash", "sequence"
        )
    }
    steps = (
        Step.objects.filter(tenant=tenant)
        .select_related("text")
        .order_by("event_id", "sequence")
        .iterator(2000)
    )
    for event_id, chain in groupby(steps, key=attrgetter("event_id")):
        if _first_broken(list(chain), *heads.pop(event_id, ("", 0))):
            yield from _verify_again(event_id)
    for event_id in heads:
        yield from _verify_again(event_id)


def _verify_again(event_id: uuid.UUID) -> Iterator[BrokenStep]:
    with transaction.atomic():
        event = Event.with_training.select_for_update().get(pk=event_id)
        chain = list(event.steps.select_related("text").order_by("sequence"))
    if broken := _first_broken(chain, event.head_hash, event.sequence):
        yield BrokenStep(event.number, *broken)


def _first_broken(chain: list[Step], head: str, last: int) -> tuple[int, str] | None:
    previous = ""
    for sequence, step in enumerate(chain, start=1):
        if step.sequence != sequence:
            return sequence, "missing"
        if step.previous_hash != previous:
            return sequence, "does not follow the step before"
        if step.hash != hash_step(step):
            return sequence, "was changed"
        text = getattr(step, "text", None)
        if text and text.content and digest_text(text.salt, text.content) != step.text_digest:
            return sequence, "its text was changed"
        previous = step.hash
    if not chain:
        return 1, "missing"
    if len(chain) != last or previous != head:
        return len(chain) + 1, "was cut off the end"
    return None
