"""Figures of the whole service, counted in the database and Redis at each scrape, each source on its own.

Totals only: no area, unit or person, so that no figure tells of a sensitive event. A new source is a function
that yields metrics, in SOURCES; it is asked within ``bounded``, and when it fails ``grid_source_up`` says so and
the others are still told.
"""

import logging
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from dispatch.calendar import calendar_of
from dispatch.models import Clock, Outbox
from events.models import Event
from grids.models import District
from operations.models import Heartbeat
from operations.readiness import bounded, queue_length
from push.queries import backlog as to_phones
from webhooks.queries import backlog

log = logging.getLogger(__name__)


def queues(now: datetime) -> Iterator[Metric]:
    """Running clocks by kind: what waits to be accepted, dispatched, signed, handled, checked, and the whole."""
    waiting = GaugeMetricFamily(
        "grid_queue_events", "Events whose clock of this kind runs.", labels=["clock"]
    )
    overdue = GaugeMetricFamily("grid_queue_overdue", "Those past their deadline.", labels=["clock"])
    age = GaugeMetricFamily("grid_queue_oldest_seconds", "Age of the oldest of them.", labels=["clock"])
    rows = Clock.objects.running().filter(event__training=False).order_by().values("kind")
    late = Q(due__lt=now, stopped_at=None)
    for row in rows.annotate(number=Count("pk"), oldest=Min("start"), late=Count("pk", filter=late)):
        waiting.add_metric([row["kind"]], row["number"])
        overdue.add_metric([row["kind"]], row["late"])
        age.add_metric([row["kind"]], _seconds(now, row["oldest"]))
    yield from (waiting, overdue, age)


def unrouted(now: datetime) -> Iterator[Metric]:
    oldest = Event.objects.open().filter(desk=None).aggregate(at=Min("recorded_at"))["at"]
    yield _one(
        "grid_unrouted_oldest_seconds", "Age of the oldest report without a desk.", _seconds(now, oldest)
    )


def outbox(now: datetime) -> Iterator[Metric]:
    waiting = Q(parked_at=None)
    number, oldest, parked = Outbox.objects.aggregate(
        number=Count("pk", filter=waiting),
        oldest=Min("step__at", filter=waiting),
        parked=Count("pk", filter=~waiting),
    ).values()
    yield _one("grid_outbox_rows", "Steps waiting for what follows from them.", number)
    yield _one("grid_outbox_oldest_seconds", "Age of the oldest of them.", _seconds(now, oldest))
    yield _one("grid_outbox_parked", "Rows given up after five tries.", parked)


def beat(now: datetime) -> Iterator[Metric]:
    last = Heartbeat.objects.filter(name=Heartbeat.BEAT).values_list("at", flat=True).first()
    if last:
        yield _one(
            "grid_beat_last_tick_seconds", "Since a worker last did what beat asks for.", _seconds(now, last)
        )


def messages(now: datetime) -> Iterator[Metric]:
    length = queue_length()
    yield _one("grid_redis_up", "1 when Redis answers.", length is not None)
    if length is not None:
        yield _one("grid_redis_messages", "Messages waiting for a worker.", length)


def deliveries(now: datetime) -> Iterator[Metric]:
    """What other systems wait for (``webhooks``)."""
    found = backlog(now=now)
    yield _one("grid_webhook_waiting", "Messages to other systems that wait.", found.waiting)
    yield _one("grid_webhook_oldest_seconds", "Age of the oldest of them.", found.oldest_seconds)
    yield _one("grid_webhook_given_up", "Messages given up within a day.", found.failed_last_day)
    yield _one("grid_webhook_endpoints_failing", "Endpoints whose last try failed.", found.endpoints_failing)


def hints(now: datetime) -> Iterator[Metric]:
    """What is pushed to phones (``push``)."""
    found = to_phones(now=now)
    yield _one("grid_push_waiting", "Hints to phones that are due.", found.waiting)
    yield _one("grid_push_oldest_seconds", "Since the oldest of them was due.", found.oldest_seconds)
    yield _one("grid_push_services_failing", "Push services that do not answer.", found.services_failing)


def calendar(now: datetime) -> Iterator[Metric]:
    today = timezone.localdate(now)
    left = [(calendar_of(district).last_date - today).days for district in District.objects.all()]
    if left:
        yield _one("grid_calendar_days_left", "Days until the first district's calendar ends.", min(left))


def disk(now: datetime) -> Iterator[Metric]:
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    space = shutil.disk_usage(settings.MEDIA_ROOT)
    yield _one(
        "grid_media_free_ratio", "Free share of the disk with photos and documents.", space.free / space.total
    )


SOURCES: list[Callable[[datetime], Iterable[Metric]]] = [
    queues,
    unrouted,
    outbox,
    beat,
    messages,
    deliveries,
    hints,
    calendar,
    disk,
]


class ServiceCollector(Collector):
    """All SOURCES as Prometheus asks for them."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("grid_source_up", "1 when these figures could be counted.", labels=["source"])
        for source in SOURCES:
            found = _asked(source)
            up.add_metric([source.__name__], found is not None)
            yield from found or ()
        yield up


def _asked(source: Callable[[datetime], Iterable[Metric]]) -> list[Metric] | None:
    try:
        with bounded():
            return list(source(timezone.now()))
    except Exception:
        log.warning("no figures of %s", source.__name__, exc_info=True)
        return None


def _one(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help, value=value)


def _seconds(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
