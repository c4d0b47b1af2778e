"""What the command of a major incident does: open, gather, tick off, note. Closing and telling have files of their own.

Members move by the loop's own verbs, each in a transaction of its own, so one refusal stops no other.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.scope import COMMAND_KINDS, Actor, HeldPost
from dispatch.advance import advance
from dispatch.bulk import Outcome, Result
from dispatch.errors import MoveError
from grids.models import District
from incidents.errors import (
    IncidentClosedError,
    KeyTakenError,
    NoCommandError,
    NoSuchIncidentError,
    NotTheCommandError,
    ReasonMissingError,
    TooManyAtOnceError,
)
from incidents.models import COMMANDING, Incident, LogEntry, Membership, Plan, Task

MOST_AT_ONCE = 200


def commanding_post(actor: Actor) -> HeldPost | None:
    """The post from which a person opens incidents, the first of several; none in training: incidents are real."""
    if actor.in_training:
        return None
    return next(
        (
            post
            for post in actor.scope.posts
            if post.organization_kind in COMMAND_KINDS and post.permissions & set(COMMANDING)
        ),
        None,
    )


@transaction.atomic
def open_incident(
    *,
    actor: Actor,
    name: str,
    plan: Plan | None,
    response: int,
    summary: str,
    now: datetime,
    first: uuid.UUID | None = None,
    request_id: uuid.UUID | None = None,
) -> Incident:
    """A new incident of the person's organisation, with the plan's checklist; ``first``: its first member.

    The same ``request_id`` again is the same incident. Raises NoCommandError, KeyTakenError, or the refusal of the
    first member's move.
    """
    post = commanding_post(actor)
    if post is None or actor.user is None:
        raise NoCommandError()
    number = _next_number(actor.district, now)
    before = request_id and Incident.objects.filter(tenant=actor.district.pk, request_id=request_id).first()
    if before:
        given = (name, plan and plan.code, summary, actor.user.pk)
        if (before.name, before.plan and before.plan.code, before.summary, before.opened_by_id) != given:
            raise KeyTakenError()
        return before
    incident = Incident.objects.create(
        tenant=actor.district.pk,
        number=number,
        request_id=request_id,
        name=name,
        plan=plan,
        items=list(plan.items) if plan else [],
        command_id=post.organization_id,
        response=response,
        summary=summary,
        opened_by=actor.user,
        opened_at=now,
    )
    if plan:
        Task.objects.bulk_create(
            Task(
                incident=incident,
                position=task.position,
                text_zh=task.text_zh,
                text_en=task.text_en,
                responsible_kind=task.responsible_kind,
                responsible_id=task.responsible_id,
                due=now + timedelta(minutes=task.minutes),
            )
            for task in plan.tasks.all()
        )
    log(incident, LogEntry.Kind.OPENED, actor=actor, now=now, text=summary)
    if first:
        join(actor=actor, incident=incident, event_id=first, reason=name, now=now)
    return incident


def _next_number(district: District, now: datetime) -> str:
    """ZX, the day, the serial of the day; the district's row serialises two openings."""
    District.objects.select_for_update().get(pk=district.pk)
    day = f"ZX{timezone.localtime(now):%Y%m%d}"
    taken = Incident.objects.filter(tenant=district.pk, number__startswith=day)
    serials = (int(number.removeprefix(day)) for number in taken.values_list("number", flat=True))
    return f"{day}{max(serials, default=0) + 1:02d}"


def join(
    *,
    actor: Actor,
    incident: Incident,
    event_id: uuid.UUID,
    reason: str,
    now: datetime,
    request_id: uuid.UUID | None = None,
) -> None:
    """One event into the incident, by the loop's verb."""
    data = {"incident": incident.number, "reason": reason}
    advance("join_incident", actor=actor, event_id=event_id, now=now, data=data, request_id=request_id)


def gather(
    *,
    actor: Actor,
    incident_id: int,
    event_ids: Iterable[uuid.UUID],
    reason: str,
    now: datetime,
    request_id: uuid.UUID | None = None,
) -> list[Result]:
    """Each event into the incident, as far as the loop allows it; safe to send twice.

    Under the same ``request_id`` an event that left meanwhile does not come back.

    Raises NotTheCommandError, IncidentClosedError, TooManyAtOnceError.
    """
    wanted = list(dict.fromkeys(event_ids))
    if len(wanted) > MOST_AT_ONCE:
        raise TooManyAtOnceError()
    incident = commanded(actor, incident_id)
    already = set(
        Membership.objects.filter(incident=incident, left_at=None).values_list("event_id", flat=True)
    )
    results = []
    for event_id in wanted:
        if event_id in already:
            results.append(Result(event_id, Outcome.DONE))
            continue
        try:
            key = uuid.uuid5(request_id, str(event_id)) if request_id else None
            join(actor=actor, incident=incident, event_id=event_id, reason=reason, now=now, request_id=key)
            results.append(Result(event_id, Outcome.DONE))
        except MoveError as error:
            results.append(Result(event_id, Outcome.REFUSED, code=error.code, words=error.message))
    return results


def commanded(actor: Actor, incident_id: int, *, lock: bool = False) -> Incident:
    """The open incident, if the person commands it. Raises NoSuchIncidentError, NotTheCommandError, IncidentClosedError.

    The lock is taken after those of events, never before one.
    """
    rows = Incident.objects.visible_to(actor.user).select_related("command__area")  # type: ignore[arg-type]
    if lock:
        rows = rows.select_for_update(no_key=True, of=("self",))
    incident = rows.filter(pk=incident_id).first()
    if incident is None:
        raise NoSuchIncidentError(status=404)
    if actor.in_training or not incident.is_commanded_by(actor.scope):
        raise NotTheCommandError()
    if not incident.is_open:
        raise IncidentClosedError()
    return incident


# The checklist and the log -----------------------------------------------------------------------


@transaction.atomic
def set_task(
    *, actor: Actor, incident_id: int, task_id: int, to: str, now: datetime, note: str = ""
) -> Task | None:
    """Tick a task off (``done``), take the tick away (``open``), or set it aside (``not_applicable``, with a reason).

    None when the incident has no such task. The same again changes nothing.
    """
    incident = commanded(actor, incident_id, lock=True)
    task = incident.tasks.select_for_update().filter(pk=task_id).first()
    if task is None:
        return None
    was = "not_applicable" if not task.is_applicable else "done" if task.done_at else "open"
    if to == was:
        return task
    if to == "not_applicable" and not note.strip():
        raise ReasonMissingError()
    task.done_at, task.done_by = (now, actor.user) if to == "done" else (None, None)
    task.is_applicable, task.note = to != "not_applicable", note.strip()
    task.save(update_fields=["done_at", "done_by", "is_applicable", "note"])
    kind = {
        "done": LogEntry.Kind.DONE,
        "open": LogEntry.Kind.UNDONE,
        "not_applicable": LogEntry.Kind.NOT_APPLICABLE,
    }[to]
    log(incident, kind, actor=actor, now=now, task=task, text=task.note)
    return task


@transaction.atomic
def add_note(*, actor: Actor, incident_id: int, text: str, now: datetime) -> LogEntry:
    incident = commanded(actor, incident_id)
    if not text.strip():
        raise ReasonMissingError()
    return log(incident, LogEntry.Kind.NOTE, actor=actor, now=now, text=text.strip())


@transaction.atomic
def change_response(*, actor: Actor, incident_id: int, response: int, now: datetime) -> Incident:
    """Another level of response; the same again changes nothing."""
    incident = commanded(actor, incident_id, lock=True)
    if incident.response != response:
        params = {"response": [incident.response, response]}
        incident.response = response
        incident.save(update_fields=["response"])
        log(incident, LogEntry.Kind.CHANGED, actor=actor, now=now, params=params)
    return incident


def log(
    incident: Incident,
    kind: LogEntry.Kind,
    *,
    actor: Actor,
    now: datetime,
    text: str = "",
    task: Task | None = None,
    params: dict | None = None,
) -> LogEntry:
    post = actor.scope.post_in(incident.command_id, COMMANDING[0])
    return LogEntry.objects.create(
        incident=incident,
        kind=kind,
        at=now,
        actor=actor.user,
        post_id=post.id if post else None,
        task=task,
        text=text,
        params=params or {},
    )
