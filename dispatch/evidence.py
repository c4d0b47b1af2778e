"""A file arrives for an event: stored by ``events.evidence``, and a pending self-close takes effect."""

import uuid
from datetime import datetime

from accounts.scope import Actor
from dispatch.advance import advance
from dispatch.clocks import calendar_of
from dispatch.conditions import Situation
from dispatch.errors import MoveError, NotFoundError, NotPermittedError
from dispatch.permission import allowed_actions
from dispatch.workflow import Kind
from events.evidence import receive
from events.models import Event, Evidence


def attach(
    *, actor: Actor, event_id: uuid.UUID, kind: str, upload, sha256: str | None, now: datetime
) -> tuple[Event, Evidence]:
    """Store one file of a visible event: the reporter's, or of one whose next move takes evidence.

    Raises NotFoundError, NotPermittedError or an evidence error.
    """
    try:
        event = Event.objects.visible_to(actor.user).select_related("item").get(pk=event_id)
    except Event.DoesNotExist:
        raise NotFoundError() from None
    if not may_attach(event, actor, now):
        raise NotPermittedError()
    post = actor.scope.post_in(event.lead_id) or actor.scope.post_in(event.desk_id)
    post = post or actor.scope.post_over(event.area_code) or next(iter(actor.scope.posts), None)
    evidence = receive(
        event=event,
        kind=kind,
        upload=upload,
        user=actor.user,
        organization_id=post.organization_id if post else None,
        now=now,
        sha256=sha256,
    )
    return close_if_complete(actor=actor, event_id=event_id, now=now) or event, evidence


def may_attach(event: Event, actor: Actor, now: datetime) -> bool:
    """The reporter, and whoever's next move takes evidence."""
    if event.reporter_id == actor.user_id:
        return True
    offered = allowed_actions(Situation(event, actor, now, calendar_of(actor.district)))
    return any(need.kind is Kind.EVIDENCE for verb in offered for need in verb.needs)


def close_if_complete(*, actor: Actor, event_id: uuid.UUID, now: datetime) -> Event | None:
    """The self-close a report asked for takes effect when its photos are complete."""
    event = Event.with_training.get(pk=event_id)
    if not event.self_close_pending or event.photos_missing:
        return None
    result = event.steps.get(sequence=1).text.content.get("result", "")
    evidence = [str(pk) for pk in event.evidence.filter(step=None).values_list("pk", flat=True)]
    try:
        return advance(
            "self_close",
            actor=actor,
            event_id=event_id,
            now=now,
            data={"result": result, "evidence": evidence},
        )
    except MoveError:
        return None  # A desk was quicker; the event goes its ordinary way.
