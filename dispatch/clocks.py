"""Opens, ends and reads the clocks of an event (field rules, section 5).

The rules of counting are ``dispatch.working_time``; here stands which clock runs when.
"""

from collections.abc import Iterable
from datetime import date, datetime
from threading import Lock

from dispatch import policy
from dispatch.models import CalendarDay, Clock, ClockKind, Rung
from dispatch.working_time import Limit, WorkCalendar
from events.models import NEVER, Event, Item, Urgency
from grids.models import District

_cache: dict[str, tuple[int, WorkCalendar, tuple[tuple[int, str], ...]]] = {}
_loading = Lock()


def calendar_of(district: District) -> WorkCalendar:
    """The district's calendar; read again only when the district's ``calendar_version`` changed."""
    return _known(district)[0]


def rungs_of(district: District) -> tuple[tuple[int, str], ...]:
    """(per cent, verb) in order; kept with the calendar."""
    return _known(district)[1]


def _known(district: District) -> tuple[WorkCalendar, tuple[tuple[int, str], ...]]:
    found = _cache.get(district.pk)
    if found is None or found[0] != district.calendar_version:
        with _loading:
            days = dict(CalendarDay.objects.filter(district=district).values_list("date", "working"))
            calendar = WorkCalendar(
                days,
                last_date=max(days, default=date(date.today().year, 12, 31)).replace(month=12, day=31),
                version=district.calendar_version,
                periods=district.working_hours,
            )
            rungs = tuple(Rung.objects.filter(district=district).values_list("percent", "verb"))
            found = _cache[district.pk] = (district.calendar_version, calendar, rungs)
    return found[1], found[2]


def handle_limit(item: Item) -> Limit:
    return Limit.from_item(item.handle_limit, item.limit_unit)


def accept_limit(item: Item) -> Limit:
    return handle_limit(item).stage(item.accept_minutes)


def dispatch_limit(item: Item) -> Limit:
    return handle_limit(item).stage(item.dispatch_minutes)


def check_limit(item: Item) -> Limit:
    return handle_limit(item).stage(policy.CHECK_LIMIT_MINUTES)


def sign_limit(item: Item, urgency: str) -> Limit:
    return handle_limit(item).capped(policy.SIGN_MINUTES[Urgency(urgency)], 4)


def return_window_end(event: Event, signed_at: datetime, calendar: WorkCalendar) -> datetime:
    """When a signed order can no longer be returned (field rules, section 6)."""
    limit = handle_limit(event.item).capped(policy.RETURN_WINDOW_MINUTES[Urgency(event.urgency)], 2)
    return calendar.due(signed_at, limit)


def whole_due(item: Item, start: datetime, calendar: WorkCalendar) -> datetime:
    """Accept, dispatch, handle and check limits counted one after the other."""
    return calendar.chain(
        start, [accept_limit(item), dispatch_limit(item), handle_limit(item), check_limit(item)]
    )


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
    clock.next_rung_at = next_rung(clock, district)[1]
    return clock


def next_rung(clock: Clock, district: District) -> tuple[str, datetime | None, int]:
    """(verb, instant, per cent) of the rung after the one that fired last; no instant when none is left.

    The whole clock's marks are taken between its start and its deadline, in elapsed time: its limit is a
    chain of limits in several units.
    """
    for percent, verb in rungs_of(district):
        if percent <= clock.rung:
            continue
        if percent == 100:
            return verb, clock.due, percent
        if clock.kind == ClockKind.WHOLE:
            return verb, clock.start + (clock.due - clock.start) * percent / 100, percent
        return verb, calendar_of(district).mark(clock.start, clock.limit, percent), percent
    return "", None, 0


def end_clocks(event: Event, kinds: Iterable[ClockKind], *, at: datetime) -> None:
    Clock.objects.filter(tenant=event.tenant, event=event, kind__in=list(kinds)).running().update(ended_at=at)


def next_due(clocks: Iterable[Clock]) -> datetime:
    """What the queues sort by: the nearest deadline of the stage, the whole one when no stage runs."""
    stage = [clock.due for clock in clocks if clock.kind != ClockKind.WHOLE]
    whole = [clock.due for clock in clocks if clock.kind == ClockKind.WHOLE]
    return min(stage or whole, default=NEVER)
