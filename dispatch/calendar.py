"""The district's calendar: change its days, and count open deadlines again where that is wanted.

A change tells beforehand which deadlines it would move. Only running clocks that do not stand still are meant:
one that is stopped is counted by the calendar of its resuming. Moving them is the workers' part, an event at
a time, so that a change of thousands of deadlines holds nobody up (field rules, section 5, rules 3, 4 and 8).
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.scope import Actor
from dispatch.advance import advance
from dispatch.clocks import calendar_of, counted_due
from dispatch.errors import MoveError
from dispatch.models import CalendarChange, CalendarDay, Clock
from dispatch.working_time import ONE_DAY, WorkCalendar
from events.models import Event
from grid_platform.hints import nudge
from grids.actions import advance_version
from grids.models import District

log = logging.getLogger(__name__)

WARN_DAYS = 90
OWN = "district"
"""The source of days the district itself has set."""
Days = Mapping[date, bool | None]


@dataclass(frozen=True)
class Move:
    """One deadline that a change of the calendar moves."""

    clock: Clock
    becomes: datetime


def runs_out(district: District, today: date) -> date | None:
    """The calendar's last day, when that is less than WARN_DAYS away; no query when warm."""
    last = calendar_of(district).last_date
    return last if last - today < timedelta(days=WARN_DAYS) else None


def days_of(kind: str, first: date, last: date) -> dict[date, bool]:
    """What each day of a range becomes."""
    days = [first + ONE_DAY * n for n in range((last - first).days + 1)]
    if kind == CalendarChange.Kind.WEEKDAY:
        return {day: day.weekday() < 5 for day in days}
    return dict.fromkeys(days, kind == CalendarChange.Kind.WORK)


def would_move(district: District, days: Days) -> list[Move]:
    """The deadlines that would move if these days were so, by the number of their events."""
    was = calendar_of(district)
    return list(_moves(district, was, was.changed(days), days, Clock.objects.filter(event__training=False)))


def moved_by(change: CalendarChange, event: Event | None = None) -> list[Move]:
    """The deadlines a change has left to move; of one event only."""
    now = calendar_of(change.district)
    days = {date.fromisoformat(day): working for day, working in change.before.items()}
    left = Clock.objects.filter(calendar_version__lt=change.version, event__training=False)
    left = left.filter(event=event) if event else left
    return list(_moves(change.district, now.changed(days), now, days, left))


def _moves(
    district: District,
    was: WorkCalendar,
    becomes: WorkCalendar,
    days: Days,
    clocks: QuerySet[Clock],
) -> Iterator[Move]:
    """A deadline before the first changed day, or a start after the last one, cannot move."""
    if not days:
        return
    clocks = clocks.filter(
        tenant=district.pk,
        ended_at=None,
        stopped_at=None,
        due__gte=_midnight(min(days)),
        start__lt=_midnight(max(days) + ONE_DAY),
    )
    for clock in clocks.select_related("event__item").order_by("event__number", "id"):
        due = counted_due(clock, clock.event, district, becomes)
        if due not in (clock.due, counted_due(clock, clock.event, district, was)):
            yield Move(clock, due)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@transaction.atomic
def change_calendar(
    *,
    district: District,
    kind: str,
    first: date,
    last: date,
    name: str,
    moves_open: bool,
    by: User | None,
    now: datetime,
) -> CalendarChange:
    """Set the days of a range; ``moves_open``: count the open deadlines it touches again."""
    District.objects.select_for_update().get(pk=district.pk)
    days = days_of(kind, first, last)
    before = dict(CalendarDay.objects.filter(district=district, date__in=days).values_list("date", "working"))
    CalendarDay.objects.bulk_create(
        [
            CalendarDay(district=district, date=day, working=works, name=name, source=OWN)
            for day, works in days.items()
        ],
        update_conflicts=True,
        unique_fields=["district", "date"],
        update_fields=["working", "name", "source"],
    )
    return record(
        district=district,
        kind=kind,
        before={day: before.get(day) for day in days},
        name=name,
        moves_open=moves_open,
        by=by,
        now=now,
    )


def record(
    *,
    district: District,
    kind: str,
    before: Days,
    name: str,
    moves_open: bool,
    by: User | None,
    now: datetime,
) -> CalendarChange:
    """Write what was done to the calendar, in the transaction that did it, and wake the workers."""
    advance_version(district=district, of="calendar_version")
    change = CalendarChange.objects.create(
        district=district,
        kind=kind,
        first=min(before),
        last=max(before),
        name=name,
        before={day.isoformat(): working for day, working in before.items()},
        moves_open=moves_open,
        version=district.calendar_version,
        changed_by=by,
        changed_at=now,
        done_at=None if moves_open else now,
    )
    if moves_open:
        transaction.on_commit(lambda: nudge("dispatch.tasks.recount_deadlines"))
    return change


def recount_deadlines(*, now: datetime) -> int:
    """Count the deadlines again that changes of the calendar have left to move; returns how many events moved.

    One event, one transaction, by the system's verb ``recount``. A clock counted by the change's calendar or
    a later one is left alone, so workers may run together and a killed one leaves the rest to the next.
    """
    done = 0
    for change in CalendarChange.objects.filter(done_at=None).select_related("district").order_by("id"):
        moved = 0
        for event_id in dict.fromkeys(move.clock.event_id for move in moved_by(change)):
            try:
                advance(
                    "recount",
                    actor=Actor.system(change.district),
                    event_id=event_id,
                    now=now,
                    data={"change": change},
                )
                moved += 1
            except MoveError as error:
                log.info("event %s needs no recount: %s", event_id, error.code)
        _settle_provisional(change.district)
        CalendarChange.objects.filter(pk=change.pk).update(moved=F("moved") + moved, done_at=now)
        done += moved
    return done


def _settle_provisional(district: District) -> None:
    """Deadlines that the calendar now speaks for are no longer provisional, though they did not move."""
    known = _midnight(calendar_of(district).last_date + ONE_DAY)
    clocks = Clock.objects.running().filter(tenant=district.pk, provisional=True, due__lt=known)
    clocks.update(provisional=False)
