"""What the event page shows of one event, read once: steps, evidence, orders and clocks, one statement each."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse

from accounts.models import User
from accounts.scope import Actor
from desks.clock_face import Face, face
from desks.places import path_of
from desks.timeline import FLAGS, Entry, Words, timeline
from dispatch.clocks import calendar_of
from dispatch.conditions import Situation
from dispatch.models import Assignment, ClockKind
from dispatch.permission import allowed_actions
from dispatch.workflow import Verb
from events.models import Event, Evidence, Step

RELATED = ("item__category", "desk__area", "holder", "lead", "sampler", "reporter")
OF_A_STEP = ("actor", "organization", "post__role", "text")


def visible_event(user: User, event_id: UUID) -> Event | None:
    return Event.objects.visible_to(user).select_related(*RELATED).filter(pk=event_id).first()


def visible_evidence(user: User) -> QuerySet[Evidence]:
    """The files of visible events, and those of an organisation's own steps of an event that left it."""
    events, steps = Event.objects.visible_to(user), Step.objects.visible_to(user)
    return Evidence.objects.filter(Q(event__in=events) | Q(step__in=steps)).exclude(received_at=None)


def situation_of(event: Event, actor: Actor, now: datetime) -> Situation:
    return Situation(event, actor, now, calendar_of(actor.district))


@dataclass
class EventPage:
    """An event seen in full by an actor at an instant."""

    event: Event
    actor: Actor
    now: datetime

    @cached_property
    def orders(self) -> list[Assignment]:
        """Every order, those at work first, the lead before the assistants."""
        rows = self.event.assignments.select_related("organization", "signed_by", "fed_back_by")
        return sorted(rows, key=lambda row: (row.status in ENDED, row.part != Assignment.Part.LEAD, row.pk))

    @property
    def orders_at_work(self) -> list[Assignment]:
        return [row for row in self.orders if row.status not in ENDED]

    @property
    def orders_ended(self) -> list[Assignment]:
        return [row for row in self.orders if row.status in ENDED]

    @cached_property
    def situation(self) -> Situation:
        situation = situation_of(self.event, self.actor, self.now)
        situation.assignments = [row for row in self.orders if row.ended_at is None]
        return situation

    @cached_property
    def actions(self) -> list[Verb]:
        """Primary ones first, then a comment, dangerous ones last, else as in the table."""
        return sorted(
            allowed_actions(self.situation),
            key=lambda verb: (not verb.primary, verb.danger, verb.code != "comment"),
        )

    @property
    def is_my_turn(self) -> bool:
        return any(verb.primary for verb in self.actions)

    @cached_property
    def clocks(self) -> list[Face]:
        return [face(clock, self.actor.district, now=self.now) for clock in self.event.clocks.all()]

    @property
    def running_clocks(self) -> list[Face]:
        """Of the stage, the nearest deadline first."""
        rows = [
            row for row in self.clocks if row.clock.kind != ClockKind.WHOLE and row.clock.ended_at is None
        ]
        return sorted(rows, key=lambda row: row.clock.due)

    @property
    def whole_clock(self) -> Face | None:
        """The last one: a corrected item counts the whole deadline again."""
        return next((row for row in reversed(self.clocks) if row.clock.kind == ClockKind.WHOLE), None)

    @property
    def ended_clocks(self) -> list[Face]:
        return [row for row in self.clocks if row.clock.ended_at and row is not self.whole_clock]

    @property
    def late_clocks(self) -> int:
        return sum(row.tone == "late" for row in self.ended_clocks)

    # Evidence -----------------------------------------------------------------------------------

    @cached_property
    def _evidence(self) -> list[Evidence]:
        """Received, and either the report's or attached to a step; what a form still holds is not shown."""
        rows = self.event.evidence.exclude(received_at=None).order_by("received_at", "pk")
        return [row for row in rows if row.step_id or row.kind == Evidence.Kind.BEFORE]

    def _of_kind(self, kind: str) -> list[Evidence]:
        return [row for row in self._evidence if row.kind == kind]

    @property
    def photos_before(self) -> list[Evidence]:
        return self._of_kind(Evidence.Kind.BEFORE)

    @property
    def photos_after(self) -> list[Evidence]:
        return self._of_kind(Evidence.Kind.AFTER)

    @property
    def documents(self) -> list[Evidence]:
        return self._of_kind(Evidence.Kind.DOCUMENT)

    @property
    def signatures(self) -> list[Evidence]:
        return self._of_kind(Evidence.Kind.SIGNATURE)

    # Words --------------------------------------------------------------------------------------

    @cached_property
    def _steps(self) -> list[Step]:
        return list(self.event.steps.select_related(*OF_A_STEP))

    @cached_property
    def _words(self) -> Words:
        routed = [why["desk"] for why in self.event.routing if "desk" in why]
        return Words(self.actor.district, self._steps, routed)

    @cached_property
    def timeline(self) -> list[Entry]:
        """Newest first."""
        by_step: defaultdict[int | None, list[Evidence]] = defaultdict(list)
        for row in self._evidence:
            by_step[row.step_id].append(row)
        entries = timeline(
            self._steps,
            words=self._words,
            with_persons=True,
            confidential_reporter=None if self.knows_reporter else self.event.reporter_id,
            evidence=by_step,
        )
        return entries[::-1]

    @property
    def why_here(self) -> list[str]:
        return self._words.why(self.event.routing)

    @property
    def flags(self) -> list:
        return [FLAGS.get(flag, flag) for flag in self.event.flags]

    @property
    def places(self) -> list[str]:
        return path_of(self.actor.district, self.event.area_code)

    @property
    def boundaries_url(self) -> str:
        return f"{reverse('api:boundaries')}?within={self.event.area_code}&level={self.event.place_level}"

    @property
    def knows_reporter(self) -> bool:
        """A reporter who asked for it is named to nobody but the desk that decides (design, section 6)."""
        event, scope = self.event, self.actor.scope
        if not event.reporter_confidential or event.reporter_id == self.actor.user_id:
            return True
        return event.desk_id in scope.units("view_org_events")

    @property
    def reporter_phone(self) -> str:
        """Masked: 138****1234 (field rules, section 10)."""
        phone = self.event.reporter.phone if self.event.reporter else ""
        return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****" if phone else ""


ENDED = (Assignment.Status.RETURNED, Assignment.Status.RECALLED)


@dataclass
class OwnSteps:
    """All that an organisation keeps of an event that left it: its own steps and their evidence."""

    number: str
    timeline: list[Entry]


def own_steps(actor: Actor, event_id: UUID) -> OwnSteps:
    """Raises Http404 when there is none; persons are not named."""
    steps = list(
        Step.objects.visible_to(actor.user)
        .filter(event=event_id)
        .select_related("event", *OF_A_STEP)
        .prefetch_related("evidence")
    )
    if not steps:
        raise Http404
    evidence = {step.pk: [row for row in step.evidence.all() if row.received_at] for step in steps}
    entries = timeline(steps, words=Words(actor.district, steps), with_persons=False, evidence=evidence)
    return OwnSteps(steps[0].event.number, entries[::-1])
