"""Opens, ends and reads the clocks of an event (field rules, section 5).

The rules of counting are ``dispatch.working_time``; here stands which clock runs when.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db.models import Case, Q, Value, When
from django.utils import timezone

from dispatch import policy
from dispatch.models import CalendarDay, Clock, ClockKind, Rung
from dispatch.policy import Policy
from dispatch.working_time import ONE_WORKING_DAY, Limit, Unit, WorkCalendar
from events.models import NEVER, Event, Item, Urgency
from grids.memory import kept_under
from grids.models import District

Ladder = tuple[Rung, ...]
COUNTED = [
    "amount", "unit", "due", "calendar_version", "provisional", "version", "rung", "next_rung_at", "stopped_at",
    "holds",
]  # fmt: skip
"""What counting a clock again may change."""


def calendar_of(district: District) -> WorkCalendar:
    """The district's calendar; read again only when the district's ``calendar_version`` changed."""
    return _known(district)[0]


def ladder_of(clock: Clock, urgency: str, district: District) -> Ladder:
    """The rungs of a clock in order; kept with the calendar."""
    return tuple(
        rung
        for rung in _known(district)[1]
        if rung.clock in ("", clock.kind) and rung.urgency in ("", urgency)
    )


@kept_under("calendar_version")
def _known(district: District) -> tuple[WorkCalendar, Ladder]:
    days = dict(CalendarDay.objects.filter(district=district).values_list("date", "working"))
    calendar = WorkCalendar(
        days,
        last_date=max(days, default=date(date.today().year, 12, 31)).replace(month=12, day=31),
        version=district.calendar_version,
        periods=district.working_hours,
    )
    return calendar, tuple(Rung.objects.filter(district=district))


def handle_limit(item: Item) -> Limit:
    return Limit.from_item(item.handle_limit, item.limit_unit)


def accept_limit(event: Event, numbers: Policy) -> Limit:
    return _desk_limit(event, event.item.accept_minutes, numbers)


def dispatch_limit(event: Event, numbers: Policy) -> Limit:
    return _desk_limit(event, event.item.dispatch_minutes, numbers)


def _desk_limit(event: Event, minutes: int, numbers: Policy) -> Limit:
    """The item's minutes; an event raised above its item's urgency has at most those of the higher one."""
    return stage_limit(event, min(minutes, numbers.desk_minutes.get(event.urgency, minutes)))


def stage_limit(event: Event, minutes: int) -> Limit:
    """Minutes for a stage or a decision; a critical event counts day and night, whatever its item's unit."""
    return _day_and_night(event, handle_limit(event.item).stage(minutes))


def _day_and_night(event: Event, stage: Limit) -> Limit:
    return Limit(stage.amount, Unit.CALENDAR_MINUTES) if event.urgency == Urgency.CRITICAL else stage


def check_limit(event: Event, numbers: Policy) -> Limit:
    return stage_limit(event, numbers.check_limit_minutes)


def sign_limit(event: Event, handle: Limit, numbers: Policy) -> Limit:
    """For an order in hours at most a quarter of its limit (field rules, section 3)."""
    return _day_and_night(event, handle.capped(numbers.sign_minutes[event.urgency], 4))


def return_window_end(event: Event, signed_at: datetime, calendar: WorkCalendar, numbers: Policy) -> datetime:
    """When a signed order can no longer be returned (field rules, section 6)."""
    limit = handle_limit(event.item).capped(numbers.return_window_minutes[event.urgency], 2)
    return calendar.due(signed_at, _day_and_night(event, limit))


def whole_due(event: Event, district: District) -> datetime:
    """Accept, dispatch, handle and check limits counted one after the other from the server's record."""
    limits = _chain(event, handle_limit(event.item), district)
    return calendar_of(district).chain(event.recorded_at, limits)


def _chain(event: Event, handle: Limit, district: District) -> list[Limit]:
    """With the numbers of the instant of the record: a later change of them moves no whole deadline."""
    numbers = policy.of(district, at=event.recorded_at)
    return [
        accept_limit(event, numbers),
        dispatch_limit(event, numbers),
        handle,
        check_limit(event, numbers),
    ]


def new_clock(
    event: Event,
    kind: ClockKind,
    limit: Limit,
    *,
    start: datetime,
    district: District,
    due: datetime | None = None,
) -> Clock:
    """An unsaved running clock with its first rung."""
    calendar = calendar_of(district)
    clock = Clock(
        tenant=event.tenant,
        event=event,
        kind=kind,
        start=start,
        amount=limit.amount,
        unit=limit.unit.value,
        due=due or calendar.due(start, limit),
        calendar_version=calendar.version,
    )
    clock.provisional = calendar.is_provisional(clock.due)
    clock.next_rung_at = _rung_at(clock, event, district)
    return clock


def next_rung(clock: Clock, urgency: str, district: District) -> tuple[Rung | None, datetime | None]:
    """The rung after the last that fired, and when it comes; nothing when none is left or the clock stands still."""
    ladder = ladder_of(clock, urgency, district)
    if clock.rung >= len(ladder) or clock.stopped_at:
        return None, None
    rung = ladder[clock.rung]
    return rung, percent_mark(clock, rung.percent, district)


def percent_mark(clock: Clock, percent: int, district: District) -> datetime:
    """When ``percent`` of the limit is gone.

    The whole clock's marks are taken between its start and its deadline, in elapsed time: its limit is a
    chain of limits in several units.
    """
    if percent == 100:
        return clock.due
    if clock.kind == ClockKind.WHOLE:
        return clock.start + (clock.due - clock.start) * percent / 100
    return calendar_of(district).mark(clock.start, clock.limit, percent, _holds(clock))


def stop_clocks(event: Event, kinds: Iterable[ClockKind], *, at: datetime) -> None:
    """From now on no time counts (field rules, section 5, rule 5)."""
    running = event.clocks.running().filter(kind__in=list(kinds), stopped_at=None)
    running.update(stopped_at=at, next_rung_at=None)


def resume_clocks(event: Event, *, at: datetime, district: District) -> list[Clock]:
    """The stopped clocks run on and are counted again; returns every running clock."""
    clocks = list(event.clocks.running())
    stopped = []
    for clock in clocks:
        if clock.stopped_at:
            clock.holds = [*clock.holds, [clock.stopped_at.isoformat(), at.isoformat()]]
            clock.stopped_at = None
            stopped.append(clock)
    recount(stopped, event, at=at, district=district)
    return clocks


def recount(clocks: Sequence[Clock], event: Event, *, at: datetime, district: District) -> None:
    """Count clocks again from their starts, with limits and holds as they now are; one statement saves them all."""
    for clock in clocks:
        _count_again(clock, event, at, district)
    Clock.objects.bulk_update(clocks, COUNTED)


def _count_again(clock: Clock, event: Event, at: datetime, district: District) -> None:
    """A new version: rungs that have fired and still lie in the past stay fired, the others come again."""
    calendar = calendar_of(district)
    clock.due = counted_due(clock, event, district)
    if clock.kind == ClockKind.WHOLE:
        event.whole_due = clock.due
    clock.version += 1
    clock.calendar_version = calendar.version
    clock.provisional = calendar.is_provisional(clock.due)
    fired = ladder_of(clock, event.urgency, district)[: clock.rung]
    clock.rung = sum(percent_mark(clock, rung.percent, district) <= at for rung in fired)
    clock.next_rung_at = _rung_at(clock, event, district)


def _rung_at(clock: Clock, event: Event, district: District) -> datetime | None:
    """The ladder stands at no event of training: nobody is reminded of it, and no order is sent by itself."""
    return None if event.training else next_rung(clock, event.urgency, district)[1]


def counted_due(
    clock: Clock, event: Event, district: District, calendar: WorkCalendar | None = None
) -> datetime:
    """A clock's deadline from its start, with its limit and holds as they now are; by another calendar if given."""
    calendar = calendar or calendar_of(district)
    if clock.kind == ClockKind.WHOLE:
        return calendar.chain(clock.start, _chain(event, clock.limit, district), _holds(clock))
    return calendar.due_after_hold(clock.start, clock.limit, _holds(clock))


def _holds(clock: Clock) -> list[tuple[datetime, datetime]]:
    return [(datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in clock.holds]


def end_clocks(event: Event, kinds: Iterable[ClockKind], *, at: datetime) -> None:
    Clock.objects.filter(tenant=event.tenant, event=event, kind__in=list(kinds)).running().update(ended_at=at)


def days_held(clock: Clock | None) -> int:
    """The calendar days it has stood still so far (Asia/Shanghai), a stop that lasts left out."""
    holds = _holds(clock) if clock else []
    return sum((timezone.localdate(end) - timezone.localdate(begin)).days for begin, end in holds)


def run_again(clock: Clock, *, instead_of: ClockKind, at: datetime) -> None:
    """A clock that had ended runs on with its old deadline, in place of one that ends; one statement."""
    rows = Clock.objects.filter(Q(pk=clock.pk) | Q(event=clock.event_id, kind=instead_of, ended_at=None))
    rows.update(ended_at=Case(When(pk=clock.pk, then=None), default=Value(at)))


def corrected_limit(clock: Clock, event: Event, numbers: Policy, *, new_item: bool) -> Limit:
    """The limit of a clock of a corrected event; without another item the whole one keeps an extension."""
    match clock.kind:
        case ClockKind.ACCEPT:
            return accept_limit(event, numbers)
        case ClockKind.DISPATCH:
            return dispatch_limit(event, numbers)
        case _:
            return handle_limit(event.item) if new_item else clock.limit


def extended_limit(clock: Clock, amount: int, item: Item) -> Limit:
    """The limit of a clock with ``amount`` more of the item's unit; days are hours where it counts hours (a half day)."""
    more = Limit.from_item(amount, item.limit_unit)
    if more.unit is Unit.WORKING_DAYS and clock.limit.unit is not more.unit:
        return clock.limit.extended(more.amount * ONE_WORKING_DAY)
    return clock.limit.extended(more.amount)


def next_due(clocks: Iterable[Clock]) -> datetime:
    """What the queues sort by: the nearest deadline of the stage, the whole one when no stage runs."""
    going = [clock for clock in clocks if clock.stopped_at is None]
    stage = [clock.due for clock in going if clock.kind != ClockKind.WHOLE]
    whole = [clock.due for clock in going if clock.kind == ClockKind.WHOLE]
    return min(stage or whole, default=NEVER)
