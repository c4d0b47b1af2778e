"""A worker is killed at the worst moments: what it leaves equals an undisturbed run, to the last count.

Each test first lets reports be worked off in peace, then makes the same reports again and kills the worker
where it stands: another session holds a row it needs, so the moment is always the same one.
"""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psutil
import psycopg2
import pytest
from django.db import connection, transaction

from dispatch import outbox
from dispatch.models import Outbox
from events.models import Event
from grid_platform.hints import nudge
from tests.processes.product import (
    OWN_GRID,
    Process,
    Product,
    all_routed,
    counted,
    recounted,
    report_from,
    story,
    wait_for,
)

OTHER_STREET = "330104006001001"
LAST_STREET = "330104008001001"
PLACES = [OWN_GRID] * 4 + [OTHER_STREET] * 4
"""Of one batch: the desks of two streets, in the order of the events' keys."""

STEP = """INSERT INTO events_step (tenant, event_id, sequence, verb, from_state, to_state, at, params, text_digest,
                                   previous_hash, hash)
          SELECT tenant, event_id, 2, verb, from_state, to_state, at, params, text_digest, previous_hash, hash
          FROM events_step WHERE event_id = %s"""
"""A second step that is never committed: whoever would write it too waits."""
EVENT = "SELECT 1 FROM events_event WHERE id = %s FOR UPDATE"
DESK = "SELECT 1 FROM accounts_organization WHERE id = %s FOR UPDATE"
COUNT = "SELECT 1 FROM dispatch_daycount WHERE verb = 'report' AND area_code = %s FOR UPDATE"


@pytest.fixture
def url(fresh_database) -> str:
    """Of another session, of somebody who may lock whatever a worker needs."""
    return fresh_database["DATABASE_OWNER_URL"]


@contextmanager
def held(url: str, statement: str, parameter: object) -> Iterator[None]:
    other = psycopg2.connect(url)
    try:
        cursor = other.cursor()
        cursor.execute(statement, [str(parameter)])
        assert cursor.rowcount, "nothing was locked"
        yield
    finally:
        other.close()


def sessions(condition: str) -> int:
    """How many sessions of the product are in such a state."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            f"AND usename = current_user AND pid <> pg_backend_pid() AND {condition}"
        )
        return cursor.fetchone()[0]


def worker_at_a_lock(product: Product) -> Process:
    """One child only: two would share the batch, each time differently."""
    nudge("dispatch.tasks.drain_outbox")
    worker = product.worker(concurrency=1)
    wait_for(lambda: sessions("wait_event_type = 'Lock'"), "the worker to need the row")
    return worker


def in_peace(places: list[str]) -> tuple[list[list[tuple]], Counter]:
    """The steps and the counts that reports from these places lead to."""
    keys = report_from(places)
    outbox.drain()
    assert all_routed()
    return story(keys), counted()


def assert_as_in_peace(keys: list[UUID], steps: list[list[tuple]], counts: Counter) -> None:
    """The same steps, and every count just twice what it was."""
    assert story(keys) == steps
    assert counted() == counts + counts == recounted()


def test_killed_anywhere_before_the_commit_nothing_has_happened(product, url):
    steps, counts = in_peace(PLACES)
    keys = report_from(PLACES)

    def assert_nothing_happened():
        wait_for(lambda: not sessions("true"), "the dead worker's sessions to end")
        assert Event.objects.filter(desk=None).count() == Outbox.objects.count() == len(PLACES)
        assert counted() == counts

    for where, which in (
        (EVENT, keys[4]),  # half of the events locked
        (STEP, keys[4]),  # half of them routed
        (COUNT, OTHER_STREET),  # all of them routed, some counted
    ):
        with held(url, where, which):
            worker_at_a_lock(product).kill()
        assert_nothing_happened()

    with held(url, EVENT, keys[-1]):
        worker = worker_at_a_lock(product)
        worker.pause()
    wait_for(lambda: sessions("state = 'idle in transaction'"), "the stopped worker to have every lock")
    worker.kill()
    assert_nothing_happened()
    with transaction.atomic():
        assert len(Event.objects.select_for_update(nowait=True).filter(pk__in=keys)) == len(PLACES)

    nudge("dispatch.tasks.drain_outbox")
    product.worker()
    wait_for(all_routed, "the next worker")
    assert_as_in_peace(keys, steps, counts)


def test_killed_in_the_commit_all_of_it_has_happened(product, url):
    """The foreign keys are checked in the commit: with the desk's row held, PostgreSQL waits in there."""
    steps, counts = in_peace(PLACES)
    keys = report_from(PLACES)
    desk = Event.objects.filter(desk__isnull=False)[0].desk_id
    with held(url, DESK, desk):
        worker_at_a_lock(product).kill()
    wait_for(lambda: not sessions("true"), "the dead worker's sessions to end")
    assert not Event.objects.filter(desk=None).exists()

    nudge("dispatch.tasks.drain_outbox")
    product.worker()
    wait_for(all_routed, "the routing steps' counts")
    assert_as_in_peace(keys, steps, counts)


def test_killed_between_two_batches_the_first_stays_and_the_second_is_done_again(product, url):
    places = [OWN_GRID] * outbox.BATCH + [LAST_STREET] * 5
    steps, counts = in_peace(places)
    keys = report_from(places)
    with held(url, COUNT, LAST_STREET):
        worker_at_a_lock(product).kill()
    wait_for(lambda: not sessions("true"), "the dead worker's sessions to end")
    assert list(Event.objects.filter(desk=None).order_by("pk").values_list("pk", flat=True)) == keys[-5:]

    nudge("dispatch.tasks.drain_outbox")
    product.worker()
    wait_for(all_routed, "the second batch")
    assert_as_in_peace(keys, steps, counts)


def test_a_killed_child_of_the_pool_is_replaced_and_its_work_done_again(product, url):
    steps, counts = in_peace(PLACES)
    keys = report_from(PLACES)
    with held(url, COUNT, OTHER_STREET):
        worker = worker_at_a_lock(product)
        for child in psutil.Process(worker.pid).children():
            os.kill(child.pid, signal.SIGKILL)
    wait_for(all_routed, "the pool's next child")
    assert_as_in_peace(keys, steps, counts)


@pytest.mark.parametrize("trouble", ["kill", "pause"])
def test_redis_lost_in_the_middle_of_a_task_the_same_worker_goes_on_after_its_return(
    product, valkey, url, trouble
):
    steps, counts = in_peace(PLACES)
    keys = report_from(PLACES)
    with held(url, COUNT, OTHER_STREET):
        worker = worker_at_a_lock(product)
        getattr(valkey, trouble)()
    wait_for(all_routed, "the task begun before")
    {"kill": valkey.start, "pause": valkey.resume}[trouble]()
    more = report_from(PLACES)

    def routed_by_a_later_hint() -> bool:
        nudge("dispatch.tasks.drain_outbox")
        assert worker.says("ready")
        return all_routed()

    wait_for(routed_by_a_later_hint, "the worker to come back")
    assert story(keys) == story(more) == steps
    assert counted() == counts + counts + counts == recounted()
