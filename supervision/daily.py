"""The daily list of what is overdue (督查通报; field rules, section 6): a stock at the close of a day, Asia/Shanghai.

The events are those behind the figure ``overdue_open`` of that one day, so each number here and the list it leads
to are the same query. Streets and organisations stand in the order of their codes: it ranks nobody. What is with none of them comes last.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from supervision import rates
from supervision.cuts import NOBODY
from supervision.facts import Period
from supervision.indicators import INDICATORS

FIGURE = "overdue_open"
GROUPS = ("street", "agency")


@dataclass(frozen=True)
class Line:
    name: str
    number: int
    url: str


def period_of(day: date, *, now: datetime) -> Period:
    """The day; today as far as it has come."""
    start = timezone.make_aware(datetime.combine(day, time()))
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
    return Period.until_now(start, end, now=now)


def lines(user: User, group: str, day: date, *, now: datetime) -> list[Line]:
    """The rows of a cut with something overdue. One statement counts."""
    found = rates.count(user, group, period_of(day, now=now), of=[INDICATORS["overdue_rate"]])
    return [
        Line(rates.name_of_row(user.district, group, key), counts[FIGURE], address(day, now, group, key))
        for key, counts in sorted(found.items(), key=lambda row: (row[0] == NOBODY, row[0]))
        if counts[FIGURE]
    ]


def address(day: date, now: datetime, group: str, key: str) -> str:
    asked = {"from": day.isoformat(), "to": day.isoformat(), "group": group, "figure": FIGURE, "key": key}
    return f"{reverse('supervision:events')}?{urlencode(asked | {'at': now.isoformat()})}"
