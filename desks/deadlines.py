"""What would become of the deadlines, told before a move is sent: the counting is that of ``dispatch.clocks``."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from dispatch.clocks import corrected_limit, counted_due, extended_limit
from dispatch.conditions import Situation
from dispatch.models import Clock, ClockKind
from dispatch.verbs.correcting import corrected_urgency
from dispatch.working_time import Limit
from events.models import Event, Item


@dataclass(frozen=True)
class Change:
    label: str
    was: datetime
    becomes: datetime

    @property
    def is_new(self) -> bool:
        return self.was != self.becomes


def corrected(situation: Situation, item: Item | None, urgency: str = "") -> list[Change]:
    """Every running clock, and the whole one, counted from the same start with another item or urgency."""
    event = copy(situation.event)
    item = item or event.item
    new_item = item.pk != event.item_id
    event.urgency = corrected_urgency(event, item, urgency)
    event.item = item
    is_changed = new_item or event.urgency != situation.event.urgency
    return [
        _change(clock, corrected_limit(clock, event, situation.policy, new_item=new_item), event, situation)
        if is_changed
        else _unchanged(clock)
        for clock in situation.clocks or _last_whole(event)
    ]


def _last_whole(event: Event) -> QuerySet[Clock]:
    """Of a closed event: by it the closing was in time or late."""
    return event.clocks.filter(kind=ClockKind.WHOLE).order_by("-id")[:1]


def extended(situation: Situation, amount: int) -> list[Change]:
    """The running clocks with ``amount`` more of the item's unit."""
    event = situation.event
    if not amount:
        return [_unchanged(clock) for clock in situation.clocks]
    return [
        _change(clock, extended_limit(clock, amount, event.item), event, situation)
        for clock in situation.clocks
    ]


def _change(clock: Clock, limit: Limit, event: Event, situation: Situation) -> Change:
    counted = copy(clock)
    counted.amount, counted.unit = limit.amount, limit.unit.value
    return Change(_label(clock), clock.due, counted_due(counted, event, situation.actor.district))


def _unchanged(clock: Clock) -> Change:
    return Change(_label(clock), clock.due, clock.due)


def _label(clock: Clock) -> str:
    return _("Whole deadline") if clock.kind == ClockKind.WHOLE else str(ClockKind(clock.kind).label)
