"""Figures for monitoring."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from push.models import Hint, Service


@dataclass(frozen=True)
class Backlog:
    """Of all districts. ``oldest_seconds``: since it was due."""

    waiting: int
    oldest_seconds: float
    services_failing: int


def backlog(*, now: datetime) -> Backlog:
    """2 statements."""
    due = Hint.objects.waiting().filter(next_try_at__lte=now)
    found = due.aggregate(number=Count("pk"), oldest=Min("next_try_at"))
    return Backlog(
        waiting=found["number"],
        oldest_seconds=(now - found["oldest"]).total_seconds() if found["oldest"] else 0.0,
        services_failing=Service.objects.filter(failures__gt=0).count(),
    )
