"""The 'when' of the table: what must hold of an event beyond its state.

A condition reads a ``Situation`` and carries the code and words of its refusal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.scope import Actor
from dispatch import policy
from dispatch.clocks import return_window_end
from dispatch.models import Assignment, ClockKind
from dispatch.working_time import WorkCalendar
from events.models import Event, Level, State, Urgency


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


def _inside_return_window(situation: Situation) -> bool:
    event, lead = situation.event, situation.lead
    if event.state == State.DISPATCHED or lead is None or lead.signed_at is None:
        return True
    return situation.now <= return_window_end(event, lead.signed_at, situation.calendar)


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
    lambda s: s.event.rework_count == 0,
)
ROUTED = Condition(
    "not_routed",
    _("The event is still on its way to a desk. Try again in a moment."),
    lambda s: s.event.desk_id is not None,
)
A_DESK_ABOVE = Condition(
    "highest_desk",
    _("There is no desk above yours. Decide here."),
    lambda s: s.event.level != Level.DISTRICT,
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


def _desk_checked(event: Event) -> bool:
    """Sensitive and desk-checked items are never verified on the doorstep; without a grid nobody stands there.

    Nor are they after the third failed check.
    """
    return (
        event.sensitive
        or event.item.desk_checked
        or event.place_level != Level.GRID
        or event.rework_count >= policy.REWORKS_TO_NEXT_LEVEL
    )


def _desk_may_verify(situation: Situation) -> bool:
    if _desk_checked(situation.event):
        return True
    return any(
        clock.kind == ClockKind.CHECK and situation.now > clock.due
        for clock in situation.event.clocks.running()
    )


def _not_the_handler(situation: Situation) -> bool:
    user_id = situation.actor.user_id
    return not any(user_id in (row.signed_by_id, row.fed_back_by_id) for row in situation.assignments)


CHECKED_ON_THE_DOORSTEP = Condition(
    "desk_checks",
    _("The desk checks this item."),
    lambda s: not _desk_checked(s.event),
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
    lambda s: not s.event.steps.filter(verb="self_close", actor_id=s.actor.user_id).exists(),
)
