"""The verbs that write what the loop needs to know: reasons, the ladder, the calendar.

The verbs of the loop itself are the table's: ``dispatch.report.report`` and ``dispatch.advance.advance``.
"""

import csv
from datetime import date, timedelta
from pathlib import Path

import holidays
from django.db import transaction

from dispatch.models import CalendarDay, Reason, Rung
from dispatch.working_time import read_days
from grids.actions import advance_version
from grids.models import District

DATA = Path(__file__).parent / "data"
LADDER = ((80, "remind"), (100, "mark_overdue"))


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
def load_ladder(*, district: District, ladder: tuple[tuple[int, str], ...] = LADDER) -> int:
    """Remind at 80 per cent of a limit, overdue at 100. Idempotent."""
    rows = [Rung(district=district, percent=percent, verb=verb) for percent, verb in ladder]
    Rung.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["district", "percent"], update_fields=["verb"]
    )
    return len(rows)


@transaction.atomic
def load_calendar(*, district: District, years: range) -> int:
    """Fill the calendar: the State Council's table where the product carries it, else the ``holidays`` library.

    Days already there are kept, for a district may have changed them. Returns how many days are new.
    """
    table = read_days((DATA / "holidays_2018_2020.csv").open(encoding="utf-8"))
    days = [(day, works, "State Council") for day, works in table.items() if day.year in years]
    carried = {day.year for day in table}
    library = holidays.country_holidays(
        "CN", years=[year for year in years if year not in carried], language="zh_CN"
    )
    for year in years:
        if year not in carried:
            days += [(day, works, "holidays") for day, works in _exceptions(year, library)]
    before = district.calendar_days.count()
    CalendarDay.objects.bulk_create(
        [
            CalendarDay(
                district=district, date=day, working=works, name=library.get(day, "") or "", source=source
            )
            for day, works, source in days
        ],
        ignore_conflicts=True,
    )
    new = district.calendar_days.count() - before
    if new:
        advance_version(district=district, of="calendar_version")
    return new


def _exceptions(year: int, library: holidays.HolidayBase):
    """(date, works) of the days of a year that are not what their weekday says."""
    day = date(year, 1, 1)
    while day.year == year:
        works = library.is_working_day(day)
        if works != (day.weekday() < 5):
            yield day, works
        day += timedelta(days=1)
