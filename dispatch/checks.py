"""System checks of what a district must keep: its calendar."""

from django.core import checks
from django.db import DatabaseError
from django.utils import timezone

from dispatch.calendar import WARN_DAYS, runs_out
from grids.models import District


@checks.register(checks.Tags.database)
def calendars_reach_far_enough(app_configs, databases, **options) -> list[checks.CheckMessage]:
    """A deadline beyond the calendar is provisional; the keeper of the rules extends it in time."""
    if not databases:
        return []
    try:
        ends = {district: runs_out(district, timezone.localdate()) for district in District.objects.all()}
    except DatabaseError:  # Before the first migration there is nothing to check.
        return []
    return [
        checks.Warning(
            f"The calendar of {district.pk} ends on {end}, less than {WARN_DAYS} days from now.",
            hint="Extend it on the page of the calendar, or run manage.py load_rules.",
            id="dispatch.W001",
        )
        for district, end in ends.items()
        if end
    ]
