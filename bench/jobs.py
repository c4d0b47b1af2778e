"""What the workers do in the background: draining the outbox, sweeping the ladder, writing an export."""

import multiprocessing
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import connection, connections
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from bench import place
from bench.latency import SUPERVISOR
from dispatch import escalation, outbox
from dispatch.models import Clock, Outbox
from events.models import OPEN_STATES, Step
from exports import actions
from exports.models import Status
from exports.writing import write_waiting

FAR = timedelta(days=60)
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


def stand_still() -> QuerySet[Clock]:
    """No rung of any running clock comes up; those of copied events would all at once."""
    running = Clock.objects.running().filter(stopped_at=None)
    running.update(next_rung_at=None)
    return running


def sweep(clocks: int) -> tuple[int, float]:
    """How many clocks were due at once, and the seconds until the rung of each has fired.

    Everything else stands still, and the deadlines of these lie far ahead, so that one rung of each is due.
    """
    now = timezone.now()
    running = stand_still()
    chosen = list(running.filter(event__state__in=OPEN_STATES).values_list("pk", flat=True)[:clocks])
    due = Clock.objects.filter(pk__in=chosen)
    due.update(rung=0, next_rung_at=now, start=now, due=now + FAR)
    place.owner("VACUUM ANALYZE dispatch_clock")
    before = Step.objects.count()
    seconds = _by_workers(lambda: escalation.tick(now=timezone.now()))
    fired = Step.objects.count() - before
    if fired != len(chosen) or Clock.objects.at_a_rung(now=timezone.now()).exists():
        raise RuntimeError(f"{fired} of {len(chosen)} clocks have fired")
    Outbox.objects.all().delete()
    return fired, seconds


def export() -> tuple[int, float]:
    """Rows and seconds of an export of every event the supervisor sees, to CSV."""
    user = User.objects.select_related("district").get(username=SUPERVISOR)
    with TemporaryDirectory() as folder:
        settings.MEDIA_ROOT = Path(folder)
        start = time.perf_counter()
        asked = actions.ask(user=user, kind="events", format="csv", query="", now=timezone.now())
        write_waiting()
        seconds = time.perf_counter() - start
    asked.refresh_from_db()
    if asked.status != Status.DONE:
        raise RuntimeError(f"the export is {asked.status}: {asked.failure_words}")
    return asked.rows_written, seconds


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
