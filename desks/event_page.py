"""What the event page shows of one event, read once: steps, evidence, orders and clocks, one statement each."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.scope import Actor
from desks.asked import Asked, open_asks
from desks.clock_face import Face, face
from desks.likely import Likely, weighed
from desks.places import path_of
from desks.privacy import Privacy
from desks.timeline import FLAGS, Entry, Words, timeline
from dispatch.clocks import calendar_of
from dispatch.conditions import Situation
from dispatch.models import Assignment, ClockKind
from dispatch.permission import allowed_actions, authority, missing_condition
from dispatch.workflow import VERBS, Verb
from events.models import Event, Evidence, State, Step

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


@dataclass(frozen=True)
class Link:
    label: str
    event: Event


@dataclass(frozen=True)
class Answer:
    words: str
    at: datetime
    by: str


ASKS = {"ask_check", "transfer", "request_extension", "request_hold", "supervise", "urge"}
NOTES = {"comment", "answer_reporter", "rate", "answer_supervision"}
GROUPS: list[tuple[str | Promise, Callable[[Verb], bool]]] = [
    (gettext_lazy("Decide"), lambda verb: not verb.danger and verb.code not in ASKS | NOTES),
    (gettext_lazy("Ask"), lambda verb: verb.code in ASKS),
    (gettext_lazy("Note"), lambda verb: verb.code in NOTES),
    (gettext_lazy("With care"), lambda verb: verb.danger),
]
FEW_ACTIONS = 3
"""So many stand beside the first one on a desktop without being folded."""
COUNTERS = {
    "return_count": gettext_lazy("returned ×%(n)s"),
    "rework_count": gettext_lazy("reworked ×%(n)s"),
    "extension_count": gettext_lazy("extended ×%(n)s"),
    "escalation_count": gettext_lazy("escalated ×%(n)s"),
    "hand_down_count": gettext_lazy("handed down ×%(n)s"),
    "urge_count": gettext_lazy("urged ×%(n)s"),
    "reopen_count": gettext_lazy("reopened ×%(n)s"),
}


def _relation(event: Event, other: Event) -> str:
    """What the other is to the event. A split keeps the first report's time, a follow-up has its own."""
    if other.pk == event.leading_id:
        return _("Merged into")
    if other.leading_id == event.pk:
        return _("Merged here")
    is_split = other.recorded_at == event.recorded_at
    if other.pk == event.origin_id:
        return _("Split from") if is_split else _("Follows up")
    return _("Split off") if is_split else _("Follow-up event")


@dataclass
class EventPage:
    """An event seen in full by an actor at an instant."""

    event: Event
    actor: Actor
    now: datetime
    unmasked: bool = False

    @cached_property
    def privacy(self) -> Privacy:
        return Privacy(self.event, self.actor, self.unmasked)

    @property
    def may_unmask(self) -> bool:
        return self.privacy.may_unmask and self.privacy.hides(self._steps)

    @cached_property
    def orders(self) -> list[Assignment]:
        """Every order, those at work first, the lead before the assistants."""
        rows = self.event.assignments.select_related("organization", "signed_by", "fed_back_by", "handler")
        return sorted(rows, key=lambda row: (row.status in ENDED, row.part != Assignment.Part.LEAD, row.pk))

    @property
    def orders_at_work(self) -> list[Assignment]:
        return [row for row in self.orders if row.status not in ENDED]

    @property
    def orders_ended(self) -> list[Assignment]:
        return [row for row in self.orders if row.status in ENDED]

    @property
    def has_order_paper(self) -> bool:
        """Whether this person may print the dispatch order: the desk's, the lead's and the assistants' paper."""
        units = self.actor.scope.units("view_org_events")
        rows = self.orders_at_work
        has_lead = any(row.part == Assignment.Part.LEAD for row in rows)
        return has_lead and bool(units & {self.event.desk_id, *(row.organization_id for row in rows)})

    @property
    def was_supervised(self) -> bool:
        """Whether a step asked for the answer that a letter demands."""
        return any("answer_by" in step.params for step in self._steps)

    @cached_property
    def situation(self) -> Situation:
        """With the rows the page has read anyway."""
        situation = situation_of(self.event, self.actor, self.now)
        situation.assignments = [row for row in self.orders if row.ended_at is None]
        situation.clocks = [row.clock for row in self.clocks if row.clock.ended_at is None]
        asked = self.event.asked.filter(answer="").select_related("organization", "to")
        situation.asks = list(asked) if self.event.asks else []
        return situation

    @cached_property
    def actions(self) -> list[Verb]:
        return allowed_actions(self.situation)

    @cached_property
    def first_actions(self) -> list[Verb]:
        """What the person came for: the primary ones, else the comment, else the first of the rest."""
        primary = [verb for verb in self.actions if verb.primary]
        comment = [verb for verb in self.actions if verb.code == "comment"]
        return primary or comment or self.actions[:1]

    @cached_property
    def more_actions(self) -> list[tuple[str | Promise, list[Verb]]]:
        """The rest by what they are for; what cannot be taken back comes last."""
        rest = [verb for verb in self.actions if verb not in self.first_actions]
        groups = [(label, [verb for verb in rest if holds(verb)]) for label, holds in GROUPS]
        return [(label, verbs) for label, verbs in groups if verbs]

    @property
    def has_few_actions(self) -> bool:
        return sum(len(verbs) for _label, verbs in self.more_actions) <= FEW_ACTIONS

    @property
    def is_my_turn(self) -> bool:
        return any(verb.primary for verb in self.actions)

    @property
    def checked_first(self) -> str | Promise:
        """Why somebody who checks results may not check this one yet, in the table's words."""
        verify = VERBS["verify"]
        if self.event.state not in verify.sources or authority(verify, self.situation)[0]:
            return ""
        condition = missing_condition(verify, self.situation)
        return condition.message if condition else ""

    # Clocks -------------------------------------------------------------------------------------

    @cached_property
    def clocks(self) -> list[Face]:
        return [face(clock, self.actor.district, now=self.now) for clock in self.event.clocks.all()]

    @property
    def running_clocks(self) -> list[Face]:
        """Of the stage, the nearest deadline first, those that stand still last."""
        rows = [
            row for row in self.clocks if row.clock.kind != ClockKind.WHOLE and row.clock.ended_at is None
        ]
        return sorted(rows, key=lambda row: (row.clock.stopped_at is not None, row.clock.due))

    @property
    def next_clock(self) -> Face | None:
        """The nearest deadline that is coming; none while the clocks stand still."""
        return next((row for row in self.running_clocks if row.clock.stopped_at is None), None)

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
        return [row for row in rows if row.step_id or self._is_reports(row)]

    @staticmethod
    def _is_reports(row: Evidence) -> bool:
        return row.kind == Evidence.Kind.BEFORE or (row.is_recorded and row.came_with_report)

    def _of_kind(self, kind: str) -> list[Evidence]:
        return [row for row in self._evidence if row.kind == kind]

    @property
    def photos_before(self) -> list[Evidence]:
        return self._of_kind(Evidence.Kind.BEFORE)

    @property
    def photos_after(self) -> list[Evidence]:
        return self._of_kind(Evidence.Kind.AFTER)

    @property
    def voices(self) -> list[Evidence]:
        return self._of_kind(Evidence.Kind.VOICE)

    @property
    def videos(self) -> list[Evidence]:
        return self._of_kind(Evidence.Kind.VIDEO)

    @property
    def documents(self) -> list[Evidence]:
        return self._of_kind(Evidence.Kind.DOCUMENT)

    @property
    def signatures(self) -> list[Evidence]:
        return self._of_kind(Evidence.Kind.SIGNATURE)

    # Asks and links -----------------------------------------------------------------------------

    @cached_property
    def asked(self) -> list[Asked]:
        return open_asks(self.situation, self._steps, self._words)

    @cached_property
    def links(self) -> list[Link]:
        """Other events this one belongs to or that belong to it, as far as the reader may see them."""
        event = self.event
        related = Q(leading=event) | Q(origin=event) | Q(pk__in=[event.leading_id, event.origin_id])
        rows = Event.objects.visible_to(self.actor.user).filter(related).select_related("item")
        return [Link(_relation(event, row), row) for row in rows.order_by("recorded_at", "number")]

    @cached_property
    def _weighed(self) -> tuple[list[Likely], list[Likely]]:
        may_merge = any(verb.code == "merge" for verb in self.actions)
        return weighed(self.event, self.actor) if may_merge else ([], [])

    @property
    def likely(self) -> list[Likely]:
        """Reports it may belong to, for those who may merge it."""
        return self._weighed[0]

    @property
    def not_same(self) -> list[Likely]:
        """Those the desk found to be another matter, as long as they could still be merged."""
        return [row for row in self._weighed[1] if row.may_lead]

    @property
    def best_likely(self) -> Likely | None:
        """The first it could be merged into."""
        return next((row for row in self.likely if row.may_lead), None)

    @property
    def counters(self) -> list[str]:
        """How often what should be rare has happened."""
        return [words % {"n": n} for name, words in COUNTERS.items() if (n := getattr(self.event, name))]

    # The reporter -------------------------------------------------------------------------------

    @property
    def is_reporter(self) -> bool:
        return self.privacy.is_reporter

    @property
    def may_rate(self) -> bool:
        return any(verb.code == "rate" for verb in self.actions)

    @property
    def ratings(self) -> tuple[tuple[str, str | Promise], ...]:
        return VERBS["rate"].needs[0].options

    @cached_property
    def answer(self) -> Answer | None:
        """The last words to the reporter: an answer, or what was done once the event is closed."""
        closed = self.event.state == State.CLOSED
        for step in reversed(self._steps):
            text = getattr(step, "text", None)
            words = text and (text.content.get("answer") or (closed and text.content.get("result")))
            if words:
                return Answer(
                    self.privacy.words(words), step.at, step.organization.name if step.organization else ""
                )
        return None

    # Words --------------------------------------------------------------------------------------

    @cached_property
    def _steps(self) -> list[Step]:
        return list(self.event.steps.select_related(*OF_A_STEP))

    @cached_property
    def _words(self) -> Words:
        routed = [why["desk"] for why in self.event.routing if "desk" in why]
        return Words(self.actor.district, self._steps, routed, is_whole=self.privacy.is_whole)

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
            confidential_reporter=None if self.privacy.knows_reporter else self.event.reporter_id,
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
    words = Words(actor.district, steps, is_whole=lambda step: step.actor_id == actor.user_id)
    entries = timeline(steps, words=words, with_persons=False, evidence=evidence)
    return OwnSteps(steps[0].event.number, entries[::-1])
