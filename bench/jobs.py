"""What the workers do in the background: draining the outbox, sweeping the ladder, writing an export."""

import multiprocessing
import time
from collections.abc import Callable
from importlib import import_module
from tempfile import TemporaryDirectory

from django.apps import apps
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from accounts.models import User
from bench import place
from bench.latency import SUPERVISOR
from dispatch import escalation, outbox
from dispatch.models import Clock, Outbox
from events.models import OPEN_STATES

WORKERS = 2
"""As many as the demo's Celery worker has processes."""


def drain(rows: int) -> float:
    """Rows a second that WORKERS get done, of outbox rows of real steps."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO dispatch_outbox (tenant, step_id, created_at, tries, error)
               SELECT tenant, id, now(), 0, '' FROM events_step ORDER BY id DESC LIMIT %s""",
            [rows],
        )
    seconds = _by_workers(outbox.drain)
    if left := Outbox.objects.count():
        raise RuntimeError(f"{left} rows are left in the outbox")
    return rows / seconds


def sweep(clocks: int) -> tuple[int, float]:
    """How many clocks were due at once, and the seconds until the rungs of all have fired."""
    now = timezone.now()
    running = Clock.objects.running().filter(event__state__in=OPEN_STATES, stopped_at=None)
    due = running.filter(rung=0).values("pk")[:clocks]
    number = Clock.objects.filter(pk__in=list(due.values_list("pk", flat=True))).update(next_rung_at=now)
    place.owner("VACUUM ANALYZE dispatch_clock")
    seconds = _by_workers(_tick)
    if left := Clock.objects.at_a_rung(now=now).count():
        raise RuntimeError(f"{left} clocks have not fired")
    Outbox.objects.all().delete()
    return number, seconds


def _tick() -> None:
    while escalation.tick(now=timezone.now()):
        pass


def export(rows_of: str = "events") -> tuple[int, float] | None:
    """Rows and seconds of an export of everything the supervisor sees, to CSV; nothing while there is no export."""
    if not apps.is_installed("exports"):
        return None
    asking, writing = import_module("exports.actions"), import_module("exports.writing")
    user = User.objects.select_related("district").get(username=SUPERVISOR)
    with TemporaryDirectory() as folder:
        settings.MEDIA_ROOT = settings.VAR_DIR.__class__(folder)
        start = time.perf_counter()
        asked = asking.ask(user=user, kind=rows_of, format="csv", query="", now=timezone.now())
        writing.write_waiting()
        seconds = time.perf_counter() - start
    asked.refresh_from_db()
    return asked.rows, seconds


def _by_workers(work: Callable[[], object]) -> float:
    """Seconds until WORKERS processes, each with its own connection, have nothing left to do."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    ready = context.Barrier(WORKERS + 1)
    workers = [context.Process(target=_worker, args=(work, ready)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    ready.wait()
    start = time.perf_counter()
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - start
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("a worker failed; its message is above")
    return seconds


def _worker(work: Callable[[], object], ready) -> None:
    connection.ensure_connection()
    ready.wait()
    work()
    connections.close_all()
