"""Closure and on-time closure (结案率, 按期结案率), counted from the events themselves.

Field rules, section 7. An event counts once, by what is known of it now: its own closing, its whole
deadline. A period is [start, end); one that is still running ends now. For a period:

- closed on time: closed in the period, at its whole deadline or before;
- closed late: closed in the period, after it, or by force at any time;
- overdue open: a stock at the period's end: recorded before, not closed then, past its whole deadline.

N (应结案数) is their sum. Open and not yet due, rejected, merged and void events are in no figure, nor is what
stands still, on hold or for a check on the spot, unless it was overdue when it was stopped.
Stocks add over areas and items, never over periods. Rates are made of added counts, never averaged.
Sensitive events are left out for everybody: whoever supervises may not read them, and a figure must
equal the list behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from operator import or_

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.scope import scope_of
from dispatch.models import Clock, ClockKind
from events.catalogue import versions
from events.models import OPEN_STATES, Event, Platform, State
from grids.models import Area, District, Level, after_prefix

PERMISSION = "supervise_area"


@dataclass(frozen=True)
class Period:
    """[start, end), UTC instants; ``end`` is never ahead of the clock."""

    start: datetime
    end: datetime

    @classmethod
    def until_now(cls, start: datetime, end: datetime, *, now: datetime) -> "Period":
        return cls(start, min(end, now))


@dataclass(frozen=True)
class Counts:
    """Events of one group in one period. ``+`` adds areas or items; periods must not be added."""

    closed_on_time: int = 0
    closed_late: int = 0
    overdue_open: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.closed_on_time + other.closed_on_time,
            self.closed_late + other.closed_late,
            self.overdue_open + other.overdue_open,
        )

    @property
    def closed(self) -> int:
        return self.closed_on_time + self.closed_late

    @property
    def should_close(self) -> int:
        return self.closed + self.overdue_open

    @property
    def closure_rate(self) -> Decimal | None:
        return percent(self.closed, self.should_close)

    @property
    def on_time_rate(self) -> Decimal | None:
        return percent(self.closed_on_time, self.should_close)


@dataclass(frozen=True)
class Row:
    key: str
    name: str
    counts: Counts


@dataclass(frozen=True)
class Group:
    """A way to cut the events. ``names`` gives every member of a district, also those without an event."""

    title: object
    unknown: object
    expression: Callable[[District], object]
    names: Callable[[District], dict[str, str]]


def _area_length(level: str) -> Callable[[District], object]:
    """The code's prefix at a level; a code that ends above it stays whole: the place is not known so well."""
    depth = {"street": 3, "community": 6}[level]
    return lambda district: Left("area_code", len(district.code) + depth)


def _area_names(level: str) -> Callable[[District], dict[str, str]]:
    return lambda district: {
        area.code: area.name for area in Area.objects.filter(district=district).of_level(level)
    }


GROUPS = {
    "street": Group(
        _("Street"), _("Street not known"), _area_length(Level.STREET), _area_names(Level.STREET)
    ),
    "community": Group(
        _("Community"),
        _("Community not known"),
        _area_length(Level.COMMUNITY),
        _area_names(Level.COMMUNITY),
    ),
    "item": Group(
        _("Item"),
        _("Item not in the list"),
        lambda district: F("item__code"),
        lambda district: {code: known[-1].name for code, known in versions(district).items()},
    ),
    "platform": Group(
        _("Platform"),
        _("Platform not in the list"),
        lambda district: F("item__category__platform"),
        lambda district: {value: str(label) for value, label in Platform.choices},
    ),
}


def figures(period: Period) -> dict[str, Q]:
    """The condition of each figure; the sums' conditions are the alternatives of their parts."""
    closed = Q(state=State.CLOSED, closed_at__gte=period.start, closed_at__lt=period.end)
    on_time = closed & Q(closed_at__lte=F("whole_due"), forced=False)
    late = closed & (Q(closed_at__gt=F("whole_due")) | Q(forced=True))
    not_closed_then = Q(state__in=OPEN_STATES) | Q(state=State.CLOSED, closed_at__gte=period.end)
    clocks = Clock.objects.filter(event=OuterRef("pk"), kind=ClockKind.WHOLE, ended_at=None)
    stopped_in_time = Q(Exists(clocks.filter(stopped_at__lte=F("due"))))
    overdue = not_closed_then & Q(recorded_at__lt=period.end, whole_due__lt=period.end) & ~stopped_in_time
    return {
        "closed_on_time": on_time,
        "closed_late": late,
        "overdue_open": overdue,
        "closed": closed,
        "should_close": closed | overdue,
    }


def supervised(user: User, area: str = "") -> QuerySet[Event]:
    """The events whose closing this person supervises, within ``area`` if one is given."""
    codes = scope_of(user).codes(PERMISSION)
    if not codes:
        return Event.objects.none()
    places = reduce(or_, (Q(area_code__gte=code, area_code__lt=after_prefix(code)) for code in sorted(codes)))
    events = Event.objects.visible_to(user).filter(places, sensitive=False)
    return events.within(area) if area else events


def closure(user: User, group: str, period: Period, *, area: str = "") -> list[Row]:
    """Rows by key, of every member of the group that the person supervises. One statement counts."""
    cut = GROUPS[group]
    conditions = figures(period)
    counted = (
        supervised(user, area)
        .filter(conditions["should_close"])
        .annotate(key=cut.expression(user.district))
        .values("key")
        .annotate(
            on_time=Count("pk", filter=conditions["closed_on_time"]),
            late=Count("pk", filter=conditions["closed_late"]),
            overdue=Count("pk", filter=conditions["overdue_open"]),
        )
    )
    counts = {row["key"]: Counts(row["on_time"], row["late"], row["overdue"]) for row in counted}
    names = cut.names(user.district)
    empty = [key for key in names if group == "street" and _supervises(user, key, area)]
    return [
        Row(key, names.get(key) or f"{cut.unknown} ({key})", counts.get(key, Counts()))
        for key in sorted({*counts, *empty})
    ]


def _supervises(user: User, code: str, area: str) -> bool:
    return scope_of(user).covers(PERMISSION, code) and code.startswith(area)


def events_behind(
    user: User, period: Period, figure: str, *, group: str = "", key: str = "", area: str = ""
) -> QuerySet[Event]:
    """The events of one cell of the table; without a group, of the totals row."""
    events = supervised(user, area).filter(figures(period)[figure])
    if group:
        events = events.annotate(key=GROUPS[group].expression(user.district)).filter(key=key)
    return events


def percent(part: int, whole: int) -> Decimal | None:
    """Per cent to two decimals, half up; nothing divided by nothing is no data."""
    if not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)
