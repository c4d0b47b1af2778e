"""A year of the district's calendar, day by day and in words."""

from calendar import Calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dispatch.calendar import OWN
from dispatch.models import CalendarDay
from dispatch.working_time import WorkCalendar
from grids.models import District

SOURCES = {
    "State Council": _("State Council's notice"),
    "holidays": _("computed in advance"),
    OWN: _("the district"),
}
KINDS = {
    "work": _("working day"),
    "made-up": _("working day made up for"),
    "weekend": _("weekend"),
    "off": _("day off"),
}
MARKS = {"made-up": pgettext_lazy("mark of a day", "work"), "off": pgettext_lazy("mark of a day", "off")}
"""The sign in the corner of a day that is not what its weekday says; one letter in Chinese."""


@dataclass(frozen=True)
class Day:
    date: date
    kind: str
    name: str
    source: Any
    is_today: bool

    @property
    def words(self) -> Any:
        return KINDS[self.kind]

    @property
    def mark(self) -> Any:
        return MARKS.get(self.kind, "")


@dataclass(frozen=True)
class Month:
    first: date
    weeks: list[list[Day | None]]


@dataclass(frozen=True)
class Stretch:
    """Days in a row that are alike and not what their weekday says, or that the district has set."""

    first: date
    last: date
    day: Day


@dataclass(frozen=True)
class Year:
    number: int
    months: list[Month]
    stretches: list[Stretch]
    working_days: int


def year_of(district: District, calendar: WorkCalendar, number: int, today: date) -> Year:
    """One query."""
    rows = {row.date: row for row in CalendarDay.objects.filter(district=district, date__year=number)}

    def day_of(day: date) -> Day:
        row = rows.get(day)
        source = SOURCES.get(row.source, row.source) if row else ""
        return Day(day, _kind(calendar, day), row.name if row else "", source, day == today)

    months = [
        Month(
            date(number, month, 1),
            [
                [day_of(day) if day.month == month else None for day in week]
                for week in Calendar().monthdatescalendar(number, month)
            ],
        )
        for month in range(1, 13)
    ]
    days = [day for month in months for week in month.weeks for day in week if day]
    told = [day for day in days if day.date in rows]
    works = sum(day.kind in ("work", "made-up") for day in days)
    return Year(number, months, list(_in_rows(told)), works)


def _kind(calendar: WorkCalendar, day: date) -> str:
    if calendar.is_working_day(day):
        return "work" if day.weekday() < 5 else "made-up"
    return "off" if day in calendar.closed else "weekend"


def _in_rows(days: list[Day]) -> Iterator[Stretch]:
    first: Day | None = None
    for day, following in zip(days, [*days[1:], None], strict=True):
        first = first or day
        alike = (
            following is not None
            and following.date - day.date == timedelta(days=1)
            and (following.kind, following.name, following.source) == (day.kind, day.name, day.source)
        )
        if not alike:
            yield Stretch(first.date, day.date, first)
            first = None
