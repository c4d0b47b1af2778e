"""The one function that moves an event.

``advance`` in one transaction

1. locks the event's row among those the actor may see (else 'not found'),
2. checks the version and the state, then the person, the row's conditions and the input,
3. lets the verb's effect change the locked row, open and end clocks, and name the step's parameters,
4. saves the row, appends the step and writes the outbox row;

after the commit the workers and the live processes get a hint. A refused move raises a MoveError, writes nothing and tells
the present state. A repeat with the same ``request_id`` gets the first one's answer.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organization
from accounts.scope import Actor, HeldPost
from dispatch.clocks import calendar_of, end_clocks, new_clock, next_due, resume_clocks
from dispatch.conditions import Situation
from dispatch.errors import (
    InputError,
    MoveError,
    NotFoundError,
    NotPermittedError,
    RequestTakenError,
    StaleVersionError,
    WrongStateError,
)
from dispatch.forms import MoveForm
from dispatch.models import Ask, Clock, ClockKind, Outbox
from dispatch.permission import authority, missing_condition, refusal
from dispatch.policy import Policy
from dispatch.workflow import VERBS, Verb
from dispatch.working_time import Limit, WorkCalendar
from events.catalogue import item_by_id
from events.models import NEVER, Event, State, Step
from events.sight import Facts
from events.steps import append_step
from grid_platform.hints import nudge
from grid_platform.live_messages import publish

FIRST_ACTS = frozenset({"accept", "reject", "merge", "self_close", "auto_dispatch"})
"""What counts as the desk's first act (受理)."""


@dataclass
class Move:
    """What an effect works on: the locked event, who moves it and with what; the effect fills the rest."""

    verb: Verb
    situation: Situation
    post: HeldPost | None
    data: Mapping[str, Any]
    params: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    opened: list[Clock] = field(default_factory=list)

    @property
    def event(self) -> Event:
        return self.situation.event

    @property
    def actor(self) -> Actor:
        return self.situation.actor

    @property
    def now(self) -> datetime:
        return self.situation.now

    @property
    def desk(self) -> Organization:
        """The event's desk; asked only of routed events."""
        if self.event.desk is None:
            raise AssertionError(f"{self.verb.code} needs a routed event")
        return self.event.desk

    def running(self, kind: ClockKind) -> Clock:
        """The running clock of a kind; asked only in states in which it runs."""
        clock = self.situation.clock(kind)
        if clock is None:
            raise AssertionError(f"{self.verb.code} needs a running {kind} clock")
        return clock

    @property
    def calendar(self) -> WorkCalendar:
        return self.situation.calendar

    @property
    def policy(self) -> Policy:
        return self.situation.policy

    def go(self, state: State, *, holder: Organization | None) -> None:
        """To a state of the verb's targets, the turn passing to ``holder``."""
        if state not in self.verb.target:
            raise AssertionError(f"{self.verb.code} does not lead to {state}")
        self.event.state, self.event.holder = state, holder

    def end(self, *kinds: ClockKind) -> None:
        end_clocks(self.event, kinds, at=self.now)

    def start(
        self, kind: ClockKind, limit: Limit, *, start: datetime | None = None, due: datetime | None = None
    ) -> Clock:
        clock = new_clock(
            self.event, kind, limit, start=start or self.now, district=self.actor.district, due=due
        )
        self.opened.append(clock)
        return clock

    def ask(
        self, kind: Ask.Kind, *, to: Organization | None = None, due: datetime | None = None, **params
    ) -> Ask:
        """Ask somebody something; the event remembers that an answer is open."""
        asked = Ask.objects.create(
            tenant=self.event.tenant,
            event=self.event,
            kind=kind,
            organization_id=self.post.organization_id if self.post else None,
            to=to,
            asked_at=self.now,
            due=due,
            params=params,
        )
        self.event.asks = [*self.event.asks, kind.value]
        return asked

    def answer(self, kind: Ask.Kind, answer: Ask.Answer) -> Ask | None:
        """Answer what was asked, if it was; returns it."""
        if kind not in self.event.asks:
            return None
        ask = next(ask for ask in self.situation.asks if ask.kind == kind)
        ask.answer, ask.answered_at = answer, self.now
        ask.save(update_fields=["answer", "answered_at"])
        self.event.asks = [other for other in self.event.asks if other != kind]
        return ask

    def finish(self) -> None:
        """The event is over for now: every clock ends, nobody's turn is left, nothing waits for an answer."""
        if self.event.state == State.ON_HOLD:
            self.run_on(latest=self.event.held_until)
            self.event.hold_review_on = self.event.held_until = None
        elif Ask.Kind.CHECK in self.event.asks:
            self.run_on(latest=next(ask.due for ask in self.situation.asks if ask.kind == Ask.Kind.CHECK))
        self.end(*ClockKind)
        self.event.assignments.filter(ended_at=None).update(ended_at=self.now)
        if self.event.asks:
            open_asks = self.event.asked.filter(answer="")
            open_asks.update(answer=Ask.Answer.LAPSED, answered_at=self.now)
            self.event.asks, self.event.transfer_to = [], None
        self.event.due = NEVER

    def close(self) -> None:
        self.finish()
        self.event.closed_at = self.now

    def run_on(self, *, latest: datetime | None) -> None:
        """What stood still runs on: from now, or from ``latest`` when that has passed and the system was late."""
        at = min(self.now, latest) if latest else self.now
        clocks = resume_clocks(self.event, at=at, district=self.actor.district)
        self.event.due = next_due(clocks)

    def reopen_at_desk(self) -> None:
        """A finished event is open again at its desk; its whole clock runs on with the deadline it had."""
        event = self.event
        event.closed_at, event.lead, event.participants = None, None, []
        event.clocks.filter(kind=ClockKind.WHOLE).update(ended_at=None)


Effect = Callable[[Move], None]
EFFECTS: dict[str, Effect] = {}


def effect(code: str) -> Callable[[Effect], Effect]:
    """Register what a verb of the table does."""

    def register(function: Effect) -> Effect:
        EFFECTS[VERBS[code].code] = function
        return function

    return register


def advance(
    verb_code: str,
    *,
    actor: Actor,
    event_id: uuid.UUID,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    version: int | None = None,
    request_id: uuid.UUID | None = None,
) -> Event:
    """Move an event by a verb of the table and return it as it is afterwards.

    ``data`` is raw input by the names of the row's ``needs``; ``version`` is the one the person looked
    at. Raises a MoveError of ``dispatch.errors``.
    """
    verb = VERBS[verb_code]
    try:
        with transaction.atomic():
            event = _locked(actor, event_id)
            situation = Situation(event, actor, now, calendar_of(actor.district))
            post = _check(verb, situation, version)
            move = Move(verb, situation, post, _clean(verb, situation, data or {}))
            write_step(move, request_id=request_id)
            return event
    except (MoveError, IntegrityError) as error:
        if (
            request_id
            and not isinstance(error, NotFoundError)
            and (done := _repeated(verb, actor, event_id, request_id))
        ):
            return done
        if isinstance(error, IntegrityError) and "step_request" in str(error):
            raise RequestTakenError() from error
        raise


def _repeated(verb: Verb, actor: Actor, event_id: uuid.UUID, request_id: uuid.UUID) -> Event | None:
    """The event, when this very request of this person has moved it before."""
    events = Event.objects.visible_to(actor.user).filter(
        steps__request_id=request_id, steps__verb=verb.code, steps__actor=actor.user
    )
    return events.select_related("item__category", "desk__area").filter(pk=event_id).first()


def own_step(verb_code: str, *, actor: Actor, event_id: uuid.UUID, request_id: uuid.UUID) -> Step | None:
    """What this very request of this person did to an event, though it may be out of sight since."""
    done = Step.objects.filter(request_id=request_id, verb=verb_code, actor=actor.user)
    return done.filter(event=event_id, tenant=actor.district.pk).first()


def _locked(actor: Actor, event_id: uuid.UUID) -> Event:
    events = (
        Event.objects.visible_to(actor.user)
        if actor.user
        else Event.with_training.filter(tenant=actor.district.pk)
    )
    try:
        locked = events.select_for_update(of=("self",)).select_related("desk__area", "lead", "holder")
        event = locked.get(pk=event_id)
    except Event.DoesNotExist:
        raise NotFoundError() from None
    event.item = item_by_id(actor.district, event.item_id)
    return event


def _check(verb: Verb, situation: Situation, version: int | None) -> HeldPost | None:
    """State, person and conditions; returns the post acted from. A refusal tells the present state."""
    try:
        return _permitted(verb, situation, version)
    except MoveError as error:
        error.extra |= present_state(situation.event)
        raise


def _permitted(verb: Verb, situation: Situation, version: int | None) -> HeldPost | None:
    event = situation.event
    if version is not None and version != event.version:
        raise StaleVersionError()
    if event.state not in verb.sources:
        raise WrongStateError()
    permitted, post = authority(verb, situation)
    if not permitted:
        condition = missing_condition(verb, situation)
        if condition:
            raise MoveError(condition.message, code=condition.code)
        raise NotPermittedError()
    condition = refusal(verb, situation)
    if condition:
        raise MoveError(condition.message, code=condition.code)
    return post


def _clean(verb: Verb, situation: Situation, data: Mapping[str, Any]) -> Mapping[str, Any]:
    if not verb.needs or situation.actor.is_system:
        return data
    form = MoveForm(verb, situation, data)
    if not form.is_valid():
        raise InputError(fields=form.errors.get_json_data(), **present_state(situation.event))
    return form.cleaned_data


def write_step(move: Move, *, request_id: uuid.UUID | None = None) -> Step:
    """Apply the verb's effect and write all that follows from it; also the end of ``report``."""
    event, from_state, whole_due = move.event, move.event.state, move.event.whole_due
    before = Facts.of(event).told() if from_state else None
    EFFECTS[move.verb.code](move)
    if from_state and event.whole_due != whole_due:
        move.params["whole_due"] = [whole_due.isoformat(), event.whole_due.isoformat()]
    if move.verb.is_move:
        event.version += 1
    if move.verb.code in FIRST_ACTS and event.first_act_at is None:
        event.first_act_at = move.now
    user = move.actor.user
    step = append_step(
        event,
        verb=move.verb.code,
        from_state=from_state,
        at=move.now,
        actor_id=user.pk if user else None,
        post_id=move.post.id if move.post else None,
        organization_id=move.post.organization_id if move.post else None,
        params=move.params,
        texts=move.texts,
        request_id=request_id,
    )
    event.save()
    Clock.objects.bulk_create(move.opened)
    _attach(move.data.get("evidence"), step)
    if not event.training:  # Of training nothing follows: no count, notice, message to another system.
        Outbox.objects.create(tenant=event.tenant, step=step)
        transaction.on_commit(lambda: nudge("dispatch.tasks.drain_outbox"))
    told = {"id": str(event.pk), "by": step.actor_id, "before": before, "after": Facts.of(event).told()}
    transaction.on_commit(lambda: publish(told))
    return step


def _attach(evidence: Iterable | None, step: Step) -> None:
    rows = [row.pk for row in evidence or ()]
    if rows:
        step.event.evidence.filter(pk__in=rows).update(step=step)


def present_state(event: Event) -> dict[str, Any]:
    """What a refused caller is told: where the event is now, and who moved it last and how.

    A confidential reporter's unit is not told.
    """
    last = event.steps.select_related("organization").order_by("-sequence").first()
    hidden = last and event.reporter_confidential and last.actor_id == event.reporter_id
    return {
        "state": event.state,
        "version": event.version,
        "last": last
        and {
            "verb": last.verb,
            "at": timezone.localtime(last.at).isoformat(),
            "by": last.organization.name if last.organization and not hidden else "",
        },
    }
