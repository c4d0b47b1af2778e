"""A real worker writes an export; killed in the middle it leaves nothing, and the next one writes it whole."""

import csv

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from bench.copies import copy_event
from dispatch import outbox
from events.models import Event
from exports import actions, writing
from exports.models import Export
from grid_platform.hints import nudge
from tests.processes.product import OWN_GRID, Product, report_from, wait_for

EVENTS = 2_001
HELD = "LOCK TABLE events_reportercontact IN ACCESS EXCLUSIVE MODE"
"""Every batch reads the callers: with the table locked a worker stands still in the middle."""


@pytest.fixture
def export(media) -> Export:
    key = report_from([OWN_GRID])[0]
    outbox.drain()
    Event.objects.filter(pk=key).update(source="hotline")
    copy_event(Event.objects.get(pk=key), EVENTS - 1)
    director = User.objects.select_related("district").get(username="director")
    return actions.ask(user=director, kind="events", format="csv", query="", now=timezone.now())


def status_of(export: Export) -> str:
    export.refresh_from_db()
    return export.status


def test_a_worker_killed_in_the_middle_leaves_no_file_and_the_next_one_writes_it_whole(
    export, media, product: Product, fresh_database
):
    other = psycopg2.connect(fresh_database["DATABASE_OWNER_URL"])
    try:
        other.cursor().execute(HELD)
        worker = product.worker(concurrency=1)
        worker_at_work(export)
        worker.kill()
    finally:
        other.close()
    assert status_of(export) == "running" and export.file == ""
    assert len(list((media / "exports").iterdir())) == 1, "what the dead one had begun"

    Export.objects.update(beat_at=timezone.now() - writing.SILENCE * 2)  # so long nobody heard of it
    nudge(actions.TASK)
    product.worker(concurrency=1)
    wait_for(lambda: status_of(export) == "done", "the next worker")
    assert (export.tries, export.rows_written) == (2, EVENTS)
    with (settings.MEDIA_ROOT / export.file).open(encoding="utf-8-sig", newline="") as file:
        numbers = [line[0] for line in csv.reader(file)][1:-1]
    assert len(numbers) == len(set(numbers)) == EVENTS
    writing.clear_away(now=timezone.now())
    assert len(list((media / "exports").iterdir())) == 1, "the whole one"


def test_cancelled_while_a_worker_writes_it_ends_there(export, media, product: Product, fresh_database):
    other = psycopg2.connect(fresh_database["DATABASE_OWNER_URL"])
    try:
        other.cursor().execute(HELD)
        product.worker(concurrency=1)
        worker_at_work(export)
        actions.cancel(export_id=export.pk, user=export.user, now=timezone.now())
    finally:
        other.close()
    wait_for(lambda: not list((media / "exports").iterdir()), "the worker to clear up")
    assert (status_of(export), export.file) == ("cancelled", "")


def worker_at_work(export: Export) -> None:
    """Takes it, and stands before the locked table."""
    nudge(actions.TASK)
    wait_for(lambda: status_of(export) == "running" and _waits(), "the worker to need the table")


def _waits() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]
