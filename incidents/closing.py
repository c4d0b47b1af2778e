"""Closing an incident: each member is closed by a verb of the loop, or handed on and goes its own way.

1. ``start`` stores what is to become of each member the person sees; from then on nothing joins.
2. ``go_on`` does one member a transaction: the verb, then the step by which it leaves. What is refused stays in.
3. When nothing waits any more: with a refusal the incident is open again and the list shows why; else members the
   person could not see are handed on by the system, and it is closed.

Each part is safe to run again and by several at once: a member's row of choice is locked while it is worked on, and
who finds it locked leaves the rest to who holds it. Merges go first, for the leading event must still be open then.
"""

import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.scope import Actor
from desks.event_page import situation_of
from dispatch import conditions
from dispatch.advance import advance
from dispatch.errors import MoveError
from dispatch.models import Ask, Assignment, Clock
from dispatch.permission import authority, refusal
from dispatch.workflow import VERBS
from events.models import Event, State
from grid_platform.hints import nudge
from incidents.actions import commanded, log
from incidents.errors import NotAChoiceError, ReasonMissingError
from incidents.models import Choice, Incident, LogEntry, Membership
from incidents.queries import members_of

PATIENCE = 8.0
"""Seconds a request works on it; the rest is the worker's."""
What = Choice.What
Status = Choice.Status
CLOSING_VERBS = (What.VERIFY, What.MERGE, What.FORCE_CLOSE)


def options(
    actor: Actor, events: Iterable[Event], *, leading: uuid.UUID | None, now: datetime
) -> dict[uuid.UUID, list[What]]:
    """What may become of each event, what is proposed first. Three queries, however many events.

    Proposed is what closes it in good order: verified when it is fed back, merged before it is dispatched. Closing by
    force counts as late, so it is offered and never proposed.
    """
    events = list(events)
    situations = _situations(actor, events, now)
    goes_on = next((event for event in events if event.pk == leading and event.is_open), None)
    found = {}
    for event in events:
        if not event.is_open:
            found[event.pk] = [What.ENDED]
            continue
        legal = [what for what in CLOSING_VERBS if _may(what, situations[event.pk])]
        if What.MERGE in legal and (goes_on is None or event is goes_on):
            legal.remove(What.MERGE)
        proposed = [what for what in legal if what != What.FORCE_CLOSE]
        rest = [what for what in legal if what == What.FORCE_CLOSE]
        found[event.pk] = [*proposed, What.HAND_ON, *rest]
    return found


def _situations(actor: Actor, events: list[Event], now: datetime) -> dict:
    """With orders, clocks and asks read for all at once."""
    situations = {event.pk: situation_of(event, actor, now) for event in events}
    for situation in situations.values():
        situation.assignments, situation.clocks, situation.asks = [], [], []
    keys = list(situations)
    for row in Assignment.objects.filter(event__in=keys, ended_at=None).select_related("organization"):
        situations[row.event_id].assignments.append(row)
    for clock in Clock.objects.running().filter(event__in=keys):
        situations[clock.event_id].clocks.append(clock)
    for ask in Ask.objects.filter(event__in=keys, answer="").select_related("organization"):
        situations[ask.event_id].asks.append(ask)
    return situations


def _may(what: str, situation) -> bool:
    verb = VERBS[what]
    return (
        situation.event.state in verb.sources
        and authority(verb, situation)[0]
        and refusal(verb, situation) is None
    )


def leading_of(events: Iterable[Event]) -> uuid.UUID | None:
    """The event the others are merged into: the first that is at work, else the first that is open."""
    still_open = [event for event in events if event.is_open]
    at_work = [event for event in still_open if event.state not in (State.REPORTED, State.ACCEPTED)]
    return next((event.pk for event in (*at_work, *still_open)), None)


def start(
    *, actor: Actor, incident_id: int, choices: Mapping[uuid.UUID, str], conclusion: str, now: datetime
) -> Incident:
    """Store what is to become of each member; one the person did not see on the page gets what is proposed.

    Raises NotAChoiceError, ReasonMissingError, IncidentClosedError (another has begun), NotTheCommandError.
    """
    incident = commanded(actor, incident_id)
    if not conclusion.strip():
        raise ReasonMissingError()
    events = [row.event for row in members_of(actor.user, incident).filter(left_at=None)]  # type: ignore[arg-type]
    leading = leading_of(events)
    legal = options(actor, events, leading=leading, now=now)
    for event_id, what in choices.items():
        if event_id in legal and what not in legal[event_id]:
            raise NotAChoiceError()
    with transaction.atomic():
        incident = commanded(actor, incident_id, lock=True)
        incident.choices.all().delete()
        Choice.objects.bulk_create(
            Choice(
                incident=incident,
                event=event,
                what=(what := choices.get(event.pk, legal[event.pk][0])),
                position=0 if what == What.MERGE else 2 if event.pk == leading else 1,
            )
            for event in events
        )
        incident.state, incident.closed_by = Incident.State.CLOSING, actor.user
        incident.closing_at, incident.conclusion = now, conclusion.strip()
        incident.save(update_fields=["state", "closed_by", "closing_at", "conclusion"])
        log(incident, LogEntry.Kind.CLOSING, actor=actor, now=now, text=incident.conclusion)
        transaction.on_commit(lambda: nudge("incidents.tasks.work_on_closings"))
    return incident


def go_on(incident_id: int, *, until: float, clock=timezone.now) -> bool:
    """Work on a closing until it is finished (True), time is up, or another works on it."""
    incident = Incident.objects.select_related("closed_by__district").get(pk=incident_id)
    if incident.state != Incident.State.CLOSING or incident.closed_by is None:
        return True
    actor = Actor.of(incident.closed_by)
    events = Event.objects.filter(pk__in=incident.choices.values("event"))
    leading = next((row.event_id for row in incident.choices.filter(position=2)), None)
    number = leading and events.filter(pk=leading).values_list("number", flat=True).first()
    while time.monotonic() < until:
        waiting = incident.choices.filter(status=Status.WAITING).first()
        if waiting is None:
            return _finish(incident, actor, clock())
        if not _do(waiting.pk, incident, actor, number or "", clock()):
            return False
    return False


@transaction.atomic
def _do(choice_id: int, incident: Incident, actor: Actor, leading: str, now: datetime) -> bool:
    """One member; False when another works on it at this moment."""
    choice = Choice.objects.select_for_update(skip_locked=True).filter(pk=choice_id).first()
    if choice is None:
        return False
    if choice.status != Status.WAITING:
        return True
    try:
        with transaction.atomic():
            if choice.what in CLOSING_VERBS:
                data = {
                    What.VERIFY: {"note": incident.conclusion},
                    What.FORCE_CLOSE: {"reason": incident.conclusion},
                    What.MERGE: {"leading": leading, "answer": ""},
                }[What(choice.what)]
                advance(choice.what, actor=actor, event_id=choice.event_id, now=now, data=data)
            if Membership.objects.filter(incident=incident, event=choice.event_id, left_at=None).exists():
                reason = {"reason": incident.conclusion}
                advance("leave_incident", actor=actor, event_id=choice.event_id, now=now, data=reason)
        choice.status = Status.DONE
    except MoveError as error:
        choice.status, choice.code = Status.REFUSED, error.code
    choice.save(update_fields=["status", "code"])
    return True


def _finish(incident: Incident, actor: Actor, now: datetime) -> bool:
    """Open again with what was refused, or closed; members nobody here could see go on by themselves."""
    refused = incident.choices.filter(status=Status.REFUSED).exists()
    if not refused:
        system = Actor.system(actor.district)
        for event_id in incident.members.filter(left_at=None).values_list("event_id", flat=True):
            advance("leave_incident", actor=system, event_id=event_id, now=now)
    with transaction.atomic():
        locked = Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
        if locked.state != Incident.State.CLOSING:
            return True
        if refused:
            locked.state, locked.closing_at = Incident.State.OPEN, None
            locked.save(update_fields=["state", "closing_at"])
            log(locked, LogEntry.Kind.RETURNED, actor=actor, now=now)
            return True
        locked.state, locked.closed_at = Incident.State.CLOSED, now
        locked.save(update_fields=["state", "closed_at"])
        log(locked, LogEntry.Kind.CLOSED, actor=actor, now=now, text=locked.conclusion)
    return True


def work_on_closings(*, seconds: float = 20) -> int:
    """What a request left undone, or a process that ended; for the worker. Returns how many are finished."""
    until = time.monotonic() + seconds
    under_way = list(Incident.objects.filter(state=Incident.State.CLOSING).values_list("pk", flat=True))
    return sum(go_on(pk, until=until) for pk in under_way)


WHY_REFUSED = {
    "wrong_state": lambda: _("It has moved on meanwhile."),
    "not_permitted": lambda: _("Another desk decides about it."),
    "not_found": lambda: _("It is out of your sight meanwhile."),
}


def why(choice: Choice) -> str:
    """A refusal in words, as far as they are known; else its code."""
    words = WHY_REFUSED.get(choice.code)
    if words:
        return words()
    known = [row for row in vars(conditions).values() if isinstance(row, conditions.Condition)]
    return next((str(row.message) for row in known if row.code == choice.code), choice.code)
