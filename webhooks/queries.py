"""Reads that pages and the operator's figures share: the log, and how much waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from accounts.audit import between
from events.models import Event
from grids.models import District
from webhooks.models import Delivery, Endpoint


@dataclass(frozen=True)
class Backlog:
    """Of all districts. ``oldest_seconds``: of what waits at endpoints that are neither paused nor switched off."""

    waiting: int
    failed_last_day: int
    oldest_seconds: float
    endpoints_failing: int
    endpoints_disabled: int


def backlog(*, now: datetime) -> Backlog:
    """Figures for monitoring. 3 statements."""
    active = Delivery.objects.waiting().filter(endpoint__state=Endpoint.State.ACTIVE)
    waiting = active.aggregate(number=Count("pk"), oldest=Min("created_at"))
    failed = Delivery.objects.failed().filter(created_at__gte=now - timedelta(days=1))
    endpoints = Endpoint.objects.aggregate(
        failing=Count("pk", filter=Q(state=Endpoint.State.ACTIVE, failures__gt=0)),
        disabled=Count("pk", filter=Q(state=Endpoint.State.DISABLED)),
    )
    return Backlog(
        waiting=waiting["number"],
        failed_last_day=failed.count(),
        oldest_seconds=(now - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0.0,
        endpoints_failing=endpoints["failing"],
        endpoints_disabled=endpoints["disabled"],
    )


def endpoints_of(district: District) -> QuerySet[Endpoint]:
    """With ``waiting`` and ``failed``, the numbers in the log. One statement."""
    counts = {
        state.value: Count("deliveries", filter=Q(deliveries__state=state))
        for state in (Delivery.State.WAITING, Delivery.State.FAILED)
    }
    found = Endpoint.objects.there().filter(district=district).select_related("area", "organization")
    return found.annotate(**counts).order_by("name", "pk")


def troubled(district: District) -> bool:
    """Whether an endpoint was switched off by its failures, and nobody has looked after it yet."""
    return Endpoint.objects.filter(district=district, state=Endpoint.State.DISABLED).exists()


def log_of(
    endpoint: Endpoint, *, state: str = "", number: str = "", first=None, last=None, before: int | None = None
) -> QuerySet[Delivery]:
    """The newest first, each with its event; ``first`` and ``last``: local days of making, both included."""
    rows = endpoint.deliveries.filter(tenant=endpoint.district_id).select_related("event").order_by("-pk")
    if state:
        rows = rows.filter(state=state)
    if number:
        events = Event.objects.filter(tenant=endpoint.district_id, number=number)
        rows = rows.filter(event__in=events.values("pk"))
    if before:
        rows = rows.filter(pk__lt=before)
    return rows.filter(between(first, last, "created_at"))
