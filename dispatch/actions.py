"""The verbs that write what the loop needs to know: reasons, the ladder, the calendar.

The verbs of the loop itself are the table's: ``dispatch.report.report`` and ``dispatch.advance.advance``.
"""

import csv
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

import holidays
from django.db import transaction

from accounts.models import User
from dispatch.calendar import record
from dispatch.models import CalendarChange, CalendarDay, Reason, Rung
from dispatch.recipients import Recipient
from dispatch.working_time import read_days
from grids.actions import advance_version
from grids.models import District

DATA = Path(__file__).parent / "data"
LADDER: tuple[tuple[str, str, int, str, list[Recipient]], ...] = (
    ("", "", 80, "remind", []),
    ("", "", 100, "mark_overdue", []),
    ("accept", "critical", 100, "auto_dispatch", []),
    ("sign", "critical", 100, "remind", [Recipient.HEAD, Recipient.CENTRE]),
    ("sign", "", 200, "auto_escalate", []),
    ("handle", "", 200, "supervise", []),
)
"""(clock, urgency, per cent, verb, who is told); empty: every, and whoever is told of the verb anyway
(field rules, sections 3, 4 and 6). Nobody answering at night is a rung too: a critical event that nobody
accepts is dispatched, one that nobody signs is told to the lead's head and the district centre."""


@transaction.atomic
def load_reasons(*, district: District, path: Path = DATA / "reasons.csv") -> int:
    """Bring the reasons to what the list says. Idempotent."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [Reason(district=district, position=n, **row) for n, row in enumerate(csv.DictReader(file))]
    Reason.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["district", "kind", "code"],
        update_fields=["name_zh", "name_en", "position"],
    )
    return len(rows)


@transaction.atomic
def load_ladder(
    *, district: District, ladder: Iterable[tuple[str, str, int, str, list[Recipient]]] = LADDER
) -> int:
    """Add the rungs that are missing; every process reads the ladder anew with the calendar. Idempotent."""
    rows = [
        Rung(
            district=district, clock=clock, urgency=urgency, percent=percent, verb=verb, recipients=recipients
        )
        for clock, urgency, percent, verb, recipients in ladder
    ]
    before = Rung.objects.filter(district=district).count()
    Rung.objects.bulk_create(rows, ignore_conflicts=True)
    if Rung.objects.filter(district=district).count() != before:
        advance_version(district=district, of="calendar_version")
    return len(rows)


@transaction.atomic
def load_calendar(*, district: District, years: range, now: datetime, by: User | None = None) -> int:
    """Fill the calendar: the State Council's table where the product carries it, else the ``holidays`` library.

    Days already there are kept, for a district may have changed them. A calendar that becomes longer counts the
    deadlines again that were provisional (field rules, section 5, rule 8). Returns how many days are new.
    """
    lines = (DATA / "holidays_2018_2020.csv").read_text(encoding="utf-8").splitlines()
    table, names = read_days(lines), {row["date"]: row["name_zh"] for row in csv.DictReader(lines)}
    days = [(day, works, "State Council") for day, works in table.items() if day.year in years]
    carried = {day.year for day in table}
    library = holidays.country_holidays(
        "CN", years=[year for year in years if year not in carried], language="zh_CN"
    )
    for year in years:
        if year not in carried:
            days += [(day, works, "holidays") for day, works in _exceptions(year, library)]
    known = set(district.calendar_days.values_list("date", flat=True))
    new = [
        CalendarDay(
            district=district,
            date=day,
            working=works,
            name=names.get(day.isoformat()) or library.get(day, "") or "",
            source=source,
        )
        for day, works, source in days
        if day not in known
    ]
    CalendarDay.objects.bulk_create(new)
    if known and new:
        record(
            district=district,
            kind=CalendarChange.Kind.EXTEND,
            before={row.date: None for row in new},
            name="",
            moves_open=True,
            by=by,
            now=now,
        )
    elif new:
        advance_version(district=district, of="calendar_version")
    return len(new)


def _exceptions(year: int, library: holidays.HolidayBase):
    """(date, works) of the days of a year that are not what their weekday says."""
    day = date(year, 1, 1)
    while day.year == year:
        works = library.is_working_day(day)
        if works != (day.weekday() < 5):
            yield day, works
        day += timedelta(days=1)
