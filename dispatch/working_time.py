"""Counts deadlines in calendar minutes, working minutes and working days.

Decides when a limit is used up, where its per cent marks lie and what a hold gives back (field rules,
section 5, rules 1 to 8). Instants are aware datetimes: any zone in, UTC out; a naive one raises ValueError.
Spans of time are half-open: a period holds its first instant, not its last (rule 6). Ignored: who may extend
or hold, and daylight saving; the zone's offset must be constant (rule 2).
"""

import csv
import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

DEFAULT_PERIODS = (("08:30", "12:00"), ("13:30", "17:30"))
SHANGHAI = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)

Hold = tuple[datetime, datetime]


class Unit(enum.StrEnum):
    """The three clock kinds (field rules, section 5); hours are kept as minutes."""

    CALENDAR_MINUTES = "calendar_minutes"
    WORKING_MINUTES = "working_minutes"
    WORKING_DAYS = "working_days"


ITEM_UNITS = {
    "calendar_hours": (60, Unit.CALENDAR_MINUTES),
    "working_hours": (60, Unit.WORKING_MINUTES),
    "working_days": (1, Unit.WORKING_DAYS),
}
SHORTEST_HALF = {Unit.CALENDAR_MINUTES: 60, Unit.WORKING_MINUTES: 120}
ONE_WORKING_DAY = 480


@dataclass(frozen=True)
class Limit:
    """How long something may take: `amount` (whole, at least 1) of `unit`."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise ValueError(f"a limit is at least 1, not {self.amount}")

    @classmethod
    def from_item(cls, handle_limit: int, limit_unit: str) -> "Limit":
        """The limit of a checklist item; `limit_unit` is calendar_hours, working_hours or working_days."""
        if limit_unit not in ITEM_UNITS:
            raise ValueError(f"limit unit {limit_unit!r} is none of {', '.join(ITEM_UNITS)}")
        factor, unit = ITEM_UNITS[limit_unit]
        return cls(handle_limit * factor, unit)

    def half(self, percent: int = 50) -> "Limit":
        """Half the limit, or the district's own share, for rework and reopening (field rules, section 5, rule 7).

        Decided: an odd number of minutes is rounded up, and the least half (2 working hours, 1 calendar hour)
        holds even where the limit itself is shorter.
        """
        share = -(-self.amount * percent // 100)
        if self.unit is not Unit.WORKING_DAYS:
            return Limit(max(share, SHORTEST_HALF[self.unit]), self.unit)
        if self.amount == 1 and percent < 100:
            return Limit(-(-ONE_WORKING_DAY * percent // 100), Unit.WORKING_MINUTES)
        return Limit(share, Unit.WORKING_DAYS)

    def extended(self, by: int) -> "Limit":
        """The limit with `by` more of its unit, to count from the same start (section 5, rule 5)."""
        return Limit(self.amount + by, self.unit)

    def stage(self, minutes: int) -> "Limit":
        """`minutes` for a stage of an event with this handle limit: accept, dispatch, check or a decision.

        They run in calendar time when this limit does, else in working time (field rules, section 5).
        """
        calendar = self.unit is Unit.CALENDAR_MINUTES
        return Limit(minutes, Unit.CALENDAR_MINUTES if calendar else Unit.WORKING_MINUTES)

    def capped(self, minutes: int, share: int) -> "Limit":
        """As `stage`, but for a limit in hours at most one `share`-th of it.

        Signing has 5, 30 or 120 minutes and share 4 (field rules, section 3), the return window 10, 30 or 120
        and share 2 (section 6). Decided: a part of a minute is dropped, but one minute always remains.
        """
        if self.unit is not Unit.WORKING_DAYS:
            minutes = min(minutes, max(self.amount // share, 1))
        return self.stage(minutes)


@dataclass(frozen=True)
class WorkCalendar:
    """The working days and hours of a district, one version of them (field rules, section 5, rules 2 to 4).

    days       date -> True for a make-up workday, False for a day off; an absent date: Monday to Friday
    last_date  last date the table speaks for; a deadline after it is provisional (rule 8)
    version    stored beside every deadline counted with this calendar (rule 4)
    periods    working hours of every working day, local "HH:MM" pairs in order of the day
    tz         the zone of dates and hours
    """

    days: InitVar[Mapping[date, bool]]
    last_date: date
    version: int
    periods: Sequence[Sequence[str]] = DEFAULT_PERIODS
    tz: tzinfo = SHANGHAI
    made_up: frozenset[date] = field(init=False, repr=False)
    closed: frozenset[date] = field(init=False, repr=False)
    hours: tuple[tuple[timedelta, timedelta], ...] = field(init=False, repr=False, compare=False)
    full_day: timedelta = field(init=False, repr=False, compare=False)

    def __post_init__(self, days: Mapping[date, bool]) -> None:
        hours = tuple((_since_midnight(opens), _since_midnight(closes)) for opens, closes in self.periods)
        edges = [edge for period in hours for edge in period]
        if not edges or any(earlier >= later for earlier, later in pairwise(edges)):
            raise ValueError(f"working periods must follow one another within a day: {self.periods}")
        derived = {
            "periods": tuple((opens, closes) for opens, closes in self.periods),
            "made_up": frozenset(day for day, works in days.items() if works),
            "closed": frozenset(day for day, works in days.items() if not works),
            "hours": hours,
            "full_day": sum((closes - opens for opens, closes in hours), timedelta()),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def is_working_day(self, day: date) -> bool:
        """Whether the local date is a working day (field rules, section 5, rule 3)."""
        return day in self.made_up or (day.weekday() < 5 and day not in self.closed)

    def changed(self, days: Mapping[date, bool | None]) -> "WorkCalendar":
        """This calendar with some days otherwise; None: the table says nothing of the day."""
        known = {day: works for works in (True, False) for day in (self.made_up if works else self.closed)}
        known = {day: works for day, works in (known | dict(days)).items() if works is not None}
        return replace(self, days=known)

    def next_opening(self, instant: datetime) -> datetime:
        """The instant itself when it lies in working time, else the next opening (section 5, rule 6)."""
        return self._utc(self._opening(self._local(instant)))

    def due(self, start: datetime, limit: Limit) -> datetime:
        """The deadline of a limit counted from `start` (field rules, section 5, rules 1 and 6).

        In time is up to and including this instant. A limit used up exactly at a closing is due then.
        Decided: the starting day of a day limit is the local date of `start`, also after hours or on a day
        off, so one working day from Friday 22:00 or from Saturday is due on Monday at closing.
        """
        return self.mark(start, limit, 100)

    def mark(self, start: datetime, limit: Limit, percent: int, holds: Iterable[Hold] = ()) -> datetime:
        """When `percent` (at least 1) of the limit is used up; 100 is the deadline, 200 overdue by one limit.

        Marks of a day limit are taken of full working days from the opening of the first counted day
        (field rules, section 5, rule 7). `holds` as in `due_after_hold`. Decided: the day of resuming counts
        in full, so its mark below 100 per cent can lie in held hours; it is then reached on resuming.
        """
        if percent < 1:
            raise ValueError(f"a mark is at least 1 per cent, not {percent}")
        begin = self._local(start)
        pauses = self._merged(holds, begin)
        if limit.unit is Unit.WORKING_DAYS:
            local = self._day_mark(begin, self.full_day * limit.amount * percent / 100, pauses)
        else:
            span = timedelta(minutes=limit.amount) * percent / 100
            local = self._minute_mark(begin, span, pauses, working=limit.unit is Unit.WORKING_MINUTES)
        return self._utc(local)

    def due_after_hold(self, start: datetime, limit: Limit, holds: Iterable[Hold]) -> datetime:
        """The deadline when the clock stood still in each (held, resumed) of `holds` (section 5, rule 5).

        Hours do not count inside a hold. A day limit gets back each working day d with hold date <= d <
        resume date, once, though two holds touch it. Decided: that includes the starting day, as rule 5 is
        written; a resumption after closing counts from the next opening (rule 6), so no deadline falls inside
        a hold; a hold that begins at or after the deadline gives nothing back.
        """
        return self.mark(start, limit, 100, holds)

    def chain(self, start: datetime, limits: Iterable[Limit], holds: Iterable[Hold] = ()) -> datetime:
        """The deadline of limits counted one after the other: the whole clock (field rules, section 5)."""
        pauses = list(holds)
        deadline = self._utc(self._local(start))
        for limit in limits:
            deadline = self.due_after_hold(deadline, limit, pauses)
        return deadline

    def working_minutes_between(self, a: datetime, b: datetime) -> float:
        """Working minutes in [a, b); ValueError when b lies before a."""
        begin, end = self._local(a), self._local(b)
        if end < begin:
            raise ValueError("the end lies before the beginning")
        return self._worked(begin, end) / timedelta(minutes=1)

    def is_provisional(self, due: datetime) -> bool:
        """Whether the table ends before the deadline, which is then counted again (section 5, rule 8)."""
        return self._local(due).date() > self.last_date

    # Below, instants are naive and local: a constant offset leaves the arithmetic alone.

    def _local(self, instant: datetime) -> datetime:
        if instant.utcoffset() is None:
            raise ValueError(f"an instant needs a time zone: {instant}")
        return instant.astimezone(self.tz).replace(tzinfo=None)

    def _utc(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.tz).astimezone(UTC)

    def _merged(self, holds: Iterable[Hold], begin: datetime) -> list[Hold]:
        """The holds in order, without overlap, from `begin` on."""
        merged: list[Hold] = []
        for held, resumed in sorted((self._local(held), self._local(resumed)) for held, resumed in holds):
            if resumed < held:
                raise ValueError("a hold resumes before it begins")
            held = max(held, merged[-1][1] if merged else begin)
            if held < resumed:
                merged.append((held, resumed))
        return merged

    def _minute_mark(
        self, begin: datetime, span: timedelta, pauses: list[Hold], *, working: bool
    ) -> datetime:
        for held, resumed in pauses:
            counted = self._worked(begin, held) if working else held - begin
            if counted >= span:
                break
            span -= counted
            begin = resumed
        return self._used_up(begin.date(), self._worked_today(begin) + span) if working else begin + span

    def _day_mark(self, begin: datetime, span: timedelta, pauses: list[Hold]) -> datetime:
        first = given_back = begin.date()
        mark = self._used_up(first + ONE_DAY, span)
        for held, resumed in pauses:
            if held >= mark:
                break
            since, given_back = max(held.date(), given_back), self._opening(resumed).date()
            span += self.full_day * self._working_days(since, given_back)
            mark = self._used_up(first + ONE_DAY, span)
        return mark

    def _used_up(self, day: date, span: timedelta) -> datetime:
        """When `span` (above zero) of working time is used up from the first opening on or after `day`."""
        days, rest = divmod(span, self.full_day)
        if not rest:
            days, rest = days - 1, self.full_day
        last = _midnight(next(islice(self._working_days_from(day), days, None)))
        for opens, closes in self.hours:
            if rest <= closes - opens:
                break
            rest -= closes - opens
        return last + opens + rest

    def _worked_today(self, instant: datetime) -> timedelta:
        if not self.is_working_day(instant.date()):
            return timedelta()
        now = instant - _midnight(instant)
        return sum((min(now, closes) - opens for opens, closes in self.hours if now > opens), timedelta())

    def _worked(self, begin: datetime, end: datetime) -> timedelta:
        whole = self.full_day * self._working_days(begin.date(), end.date())
        return whole + self._worked_today(end) - self._worked_today(begin)

    def _opening(self, instant: datetime) -> datetime:
        for day in self._working_days_from(instant.date()):
            for opens, closes in self.hours:
                if instant < _midnight(day) + closes:
                    return max(instant, _midnight(day) + opens)
        raise AssertionError("working days do not end")

    def _working_days(self, first: date, end: date) -> int:
        """How many working days lie in [first, end)."""
        return sum(self.is_working_day(first + ONE_DAY * n) for n in range((end - first).days))

    def _working_days_from(self, day: date) -> Iterator[date]:
        while True:
            if self.is_working_day(day):
                yield day
            day += ONE_DAY


def read_days(lines: Iterable[str]) -> dict[date, bool]:
    """The table for `WorkCalendar` from CSV lines with columns date (ISO) and kind (work or off)."""
    works = {"work": True, "off": False}
    return {date.fromisoformat(row["date"]): works[row["kind"]] for row in csv.DictReader(lines)}


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def _since_midnight(clock: str) -> timedelta:
    return datetime.combine(date.min, time.fromisoformat(clock)) - datetime.min
