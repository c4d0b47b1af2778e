"""The 'when' of the table: what must hold of an event beyond its state.

A condition reads a ``Situation`` and carries the code and words of its refusal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from accounts.scope import Actor
from dispatch import policy
from dispatch.clocks import days_held, percent_mark, return_window_end
from dispatch.models import Ask, Assignment, Clock, ClockKind
from dispatch.policy import Policy
from dispatch.working_time import WorkCalendar
from events.models import Event, Level, State, Urgency

OWN_WORK = ("self_close", "feed_back")
"""Nobody checks what is their own."""


@dataclass
class Situation:
    """An event at an instant, seen by an actor; assignments and clocks are read once, when asked for."""

    event: Event
    actor: Actor
    now: datetime
    calendar: WorkCalendar

    @cached_property
    def assignments(self) -> list[Assignment]:
        """Those now at work."""
        return list(self.event.assignments.filter(ended_at=None).select_related("organization"))

    @cached_property
    def clocks(self) -> list[Clock]:
        """Those running."""
        return list(self.event.clocks.running())

    @cached_property
    def every_ask(self) -> list[Ask]:
        """Answered or not."""
        return list(self.event.asked.select_related("organization"))

    @cached_property
    def asks(self) -> list[Ask]:
        """Those without an answer."""
        return [ask for ask in self.every_ask if not ask.answer]

    @cached_property
    def own_work(self) -> list[tuple[str, datetime]]:
        """(verb, instant) of what the actor has closed on the spot and fed back."""
        steps = self.event.steps.filter(verb__in=OWN_WORK, actor=self.actor.user_id)
        return list(steps.values_list("verb", "at"))

    @property
    def plays_every_part(self) -> bool:
        """Of a training event of one's own one plays the other side too: who practises alone comes round the loop."""
        return self.event.training and self.event.reporter_id == self.actor.user_id

    @property
    def policy(self) -> Policy:
        """The district's numbers as they stand now."""
        return policy.of(self.actor.district, at=self.now)

    def clock(self, kind: ClockKind) -> Clock | None:
        return next((clock for clock in self.clocks if clock.kind == kind), None)

    @property
    def lead(self) -> Assignment | None:
        return next((row for row in self.assignments if row.part == Assignment.Part.LEAD), None)

    @property
    def assistants(self) -> list[Assignment]:
        return [row for row in self.assignments if row.part == Assignment.Part.ASSISTANT]

    def own_assistance(self, *statuses: str) -> Assignment | None:
        """The assistant's order of the actor's organisation, in one of the statuses (any when none is named)."""
        units = self.actor.scope.units("handle_events")
        return next(
            (
                row
                for row in self.assistants
                if row.organization_id in units and (not statuses or row.status in statuses)
            ),
            None,
        )


@dataclass(frozen=True)
class Condition:
    code: str
    message: str | Promise
    holds: Callable[[Situation], bool]


def _has_asked_for_more_time(situation: Situation) -> bool:
    """Whether the present lead has, with its present order."""
    since = situation.lead.dispatched_at if situation.lead else situation.event.recorded_at
    return any(ask.kind == Ask.Kind.EXTENSION and ask.asked_at >= since for ask in situation.every_ask)


def _inside_return_window(situation: Situation) -> bool:
    event, lead = situation.event, situation.lead
    if event.state == State.DISPATCHED or lead is None or lead.signed_at is None:
        return True
    return situation.now <= return_window_end(event, lead.signed_at, situation.calendar, situation.policy)


ITEM_ALLOWS_SELF_CLOSE = Condition(
    "item_not_self_handled",
    _("This item must go to the desk. Report it and let the desk dispatch it."),
    lambda s: s.event.item.self_handle and s.event.urgency != Urgency.CRITICAL,
)
SAMPLE_PENDING = Condition(
    "no_sample_pending",
    _("This event is not in the sample to check."),
    lambda s: s.event.sample_state == "pending",
)
CRITICAL = Condition(
    "not_critical",
    _("Only critical events are accepted by the district directly."),
    lambda s: s.event.urgency == Urgency.CRITICAL,
)
NOT_CRITICAL = Condition(
    "critical", _("A critical event never waits for this."), lambda s: s.event.urgency != Urgency.CRITICAL
)
NOT_REWORK = Condition(
    "in_rework",
    _("An event in rework cannot do this. Feed back, or comment."),
    lambda s: s.lead is None or s.lead.fed_back_by_id is None,
)
"""An order that has been fed back once is in rework; the next lead's is not."""
SAMPLE_NOT_REFUSED = Condition(
    "sample_refused",
    _("Its closing on the spot was refused before. Let the desk dispatch it."),
    lambda s: s.event.sample_state != "refused",
)
ROUTED = Condition(
    "not_routed",
    _("The event is still on its way to a desk. Try again in a moment."),
    lambda s: s.event.desk_id is not None,
)


def asked(kind: str) -> Condition:
    return Condition(
        f"no_{kind}_asked",
        _("Nothing of the kind is asked, or it has been answered already."),
        lambda s: kind in s.event.asks,
    )


def not_asked(kind: str) -> Condition:
    return Condition(
        f"{kind}_already_asked",
        _("This has been asked already and waits for its answer."),
        lambda s: kind not in s.event.asks,
    )


PLACE_HAS_A_GRID = Condition(
    "no_grid",
    _("The grid of the place is not known, so nobody can be asked. Correct the place first."),
    lambda s: s.event.place_level == Level.GRID,
)
NOT_SENSITIVE = Condition(
    "sensitive",
    _("Only the desk may read this event. Ask the reporter, or decide without a check."),
    lambda s: not s.event.sensitive,
)
NEVER_CHECKED = Condition(
    "checked_before",
    _("A check is asked for once. Decide with what is known."),
    lambda s: all(ask.kind != Ask.Kind.CHECK for ask in s.every_ask),
)
"""Each check lets the clocks stand still."""
CLOSED = Condition(
    "not_closed",
    _("The district centre corrects closed events; until then the desk does."),
    lambda s: s.event.state == State.CLOSED,
)
NOT_CLOSED = Condition(
    "closed", _("Only the district centre corrects a closed event."), lambda s: s.event.state != State.CLOSED
)
HANDED_DOWN_ONCE = Condition(
    "handed_down_before",
    _("An event is handed down once. Dispatch it, or escalate it."),
    lambda s: s.event.hand_down_count == 0,
)
A_DESK_BESIDE = Condition(
    "no_desk_beside",
    _("The district centre has no desk beside it. Hand the event down."),
    lambda s: s.event.desk is not None and s.event.desk.kind != Organization.Kind.CENTRE,
)
A_DESK_BELOW = Condition(
    "lowest_desk",
    _("There is no desk below yours. Dispatch it."),
    lambda s: s.event.desk is not None and s.event.desk.kind != Organization.Kind.COMMUNITY,
)
NO_LEAD = Condition("has_a_lead", _("The head of the lead answers."), lambda s: s.event.lead_id is None)
NO_DESK_ACT = Condition(
    "desk_has_acted",
    _("The desk has begun to work on it. Ask the desk to end it."),
    lambda s: s.event.first_act_at is None and s.event.version == 1 and s.event.origin_id is None,
)
"""Every act of a desk counts in the version; what was split off or follows was reported by a desk or a lead."""
IN_AN_INCIDENT = Condition(
    "not_in_an_incident",
    _("The event is in no major incident."),
    lambda s: "in_incident" in s.event.flags,
)
IN_NO_INCIDENT = Condition(
    "in_an_incident",
    _("The event is in a major incident already. Take it out of that one first."),
    lambda s: "in_incident" not in s.event.flags,
)
NOT_RATED = Condition("rated_already", _("You have rated it already."), lambda s: not s.event.rating)
CLOSED_LATELY = Condition(
    "closed_long_ago",
    _("It was closed too long ago to be reopened. Make a new report."),
    lambda s: (
        s.event.closed_at is not None
        and s.now <= s.event.closed_at + timedelta(days=s.policy.reopen_within_days)
    ),
)
NEVER_EXTENDED = Condition(
    "extended_before",
    _("More time is asked for once. Ask for a hold, or feed back what is done."),
    lambda s: s.event.extension_count == 0 and not _has_asked_for_more_time(s),
)
EXTENSION_STILL_OPEN = Condition(
    "extension_lapsed",
    _("The deadline is over, and no decision was a refusal."),
    lambda s: any(ask.kind == Ask.Kind.EXTENSION and ask.due and s.now <= ask.due for ask in s.asks),
)
HOLD_DAYS_LEFT = Condition(
    "held_long_enough",
    _("It has been on hold as long as it may be. Feed back what is done and name a follow-up event."),
    lambda s: days_held(s.clock(ClockKind.HANDLE)) < s.policy.hold_most_days,
)
BEFORE_THREE_QUARTERS = Condition(
    "too_late_to_extend",
    _("Too much of the limit is gone to ask for more time. Ask for a hold, or feed back what is done."),
    lambda s: (
        (clock := s.clock(ClockKind.HANDLE)) is not None
        and s.now < percent_mark(clock, s.policy.extension_before_percent, s.actor.district)
    ),
)
BEFORE_THE_DEADLINE = Condition(
    "deadline_over",
    _("A hold is asked for before the deadline. Feed back, or ask the desk."),
    lambda s: (
        (clock := s.clock(ClockKind.HANDLE)) is not None
        and (clock.stopped_at is not None or s.now <= clock.due)
    ),
)
RETURN_STILL_FRESH = Condition(
    "return_stands",
    _("The time to refuse the return is over. Dispatch the event again."),
    lambda s: any(ask.kind == Ask.Kind.RETURN and ask.due and s.now <= ask.due for ask in s.asks),
)
ASSISTANT_AT_WORK = Condition(
    "assistance_done",
    _("Your organisation has fed back already."),
    lambda s: s.own_assistance(Assignment.Status.SENT, Assignment.Status.SIGNED) is not None,
)
A_DESK_ABOVE = Condition(
    "highest_desk",
    _("There is no desk above yours. Decide here."),
    lambda s: s.event.desk is not None and s.event.desk.kind != Organization.Kind.CENTRE,
)
INSIDE_RETURN_WINDOW = Condition(
    "return_window_over",
    _("The time to return it is over. Ask the desk to recall it."),
    _inside_return_window,
)
NOT_THE_DISTRICTS_ORDER = Condition(
    "district_order",
    _("The district centre named you; its order cannot be returned."),
    lambda s: s.lead is None or not s.lead.by_district,
)
NOT_OWN_ORDER = Condition(
    "own_order",
    _("You sent this order to yourselves. Recall it instead."),
    lambda s: s.event.lead_id != s.event.desk_id,
)
ASSISTANT_UNSIGNED = Condition(
    "already_signed",
    _("Your organisation has signed already."),
    lambda s: s.own_assistance(Assignment.Status.SENT) is not None,
)
ASSISTANT_SIGNED = Condition(
    "sign_first",
    _("Sign as assistant first; after feeding back there is nothing left to do."),
    lambda s: s.own_assistance(Assignment.Status.SIGNED) is not None,
)


def _desk_checked(situation: Situation) -> bool:
    """Sensitive and desk-checked items are never verified on the doorstep; without a grid nobody stands there.

    Nor are they after the failed check that goes one level up.
    """
    event = situation.event
    return (
        event.sensitive
        or event.item.desk_checked
        or event.place_level != Level.GRID
        or event.rework_count >= situation.policy.reworks_to_next_level
    )


def _desk_may_verify(situation: Situation) -> bool:
    if _desk_checked(situation):
        return True
    clock = situation.clock(ClockKind.CHECK)
    return clock is not None and situation.now > clock.due


def _not_the_handler(situation: Situation) -> bool:
    """Nor does who fed back an earlier round of the same order."""
    user_id, lead = situation.actor.user_id, situation.lead
    if situation.plays_every_part:
        return True
    if any(user_id in (row.signed_by_id, row.fed_back_by_id) for row in situation.assignments):
        return False
    if lead is None or not situation.event.rework_count:
        return True
    return not any(verb == "feed_back" and at >= lead.dispatched_at for verb, at in situation.own_work)


CHECKED_ON_THE_DOORSTEP = Condition(
    "desk_checks",
    _("The desk checks this item."),
    lambda s: not _desk_checked(s),
)
DESK_MAY_VERIFY = Condition(
    "grid_checks_first",
    _("The grid worker of the place checks first; the desk may when the check is due."),
    _desk_may_verify,
)
NOT_THE_HANDLER = Condition(
    "own_work",
    _("Who signed or fed back does not verify. Leave it to a colleague."),
    _not_the_handler,
)
NOT_THE_CLOSER = Condition(
    "own_work",
    _("Who closed it does not check the sample. Leave it to a colleague."),
    lambda s: s.plays_every_part or all(verb != "self_close" for verb, _at in s.own_work),
)
