"""How a deadline looks: green, yellow from 80 % of its limit, red when it has passed; always with words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from dispatch.clocks import calendar_of
from dispatch.models import Clock, ClockKind
from events.models import NEVER, Event
from grids.models import District

WARN_PERCENT = 80


@dataclass(frozen=True)
class Chip:
    """``tone`` is green, yellow, red or grey."""

    tone: str
    words: str
    due: datetime | None = None


def of_event(event: Event, district: District, *, now: datetime) -> Chip:
    """The nearest deadline of an event; its running clocks are taken from ``running_clocks`` when loaded."""
    if not event.is_open or event.due == NEVER:
        return Chip("grey", "")
    clocks = event.running_clocks if hasattr(event, "running_clocks") else event.clocks.running()
    clock = next((clock for clock in clocks if clock.due == event.due), None)
    return of_clock(clock, district, now=now) if clock else _chip(event.due, warned=False, now=now)


def of_clock(clock: Clock, district: District, *, now: datetime) -> Chip:
    return _chip(clock.due, warned=now >= warns_at(clock, district), now=now)


def warns_at(clock: Clock, district: District) -> datetime:
    """When 80 % of the limit is gone, counted as the limit is; the whole clock in elapsed time."""
    if clock.kind == ClockKind.WHOLE:
        return clock.start + (clock.due - clock.start) * WARN_PERCENT / 100
    return calendar_of(district).mark(clock.start, clock.limit, WARN_PERCENT)


def _chip(due: datetime, *, warned: bool, now: datetime) -> Chip:
    if now > due:
        return Chip("red", _("overdue by %(span)s") % {"span": span(now - due)}, due)
    return Chip("yellow" if warned else "green", _("%(span)s left") % {"span": span(due - now)}, due)


def span(length: timedelta) -> str:
    """The two largest units: '3 d 4 h', '2 h 10 min', '7 min'; nobody reads '0 min left'."""
    minutes = int(length.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return _("%(days)s d %(hours)s h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
    if not minutes:
        return _("less than 1 min")
    return _("%(minutes)s min") % {"minutes": rest}
