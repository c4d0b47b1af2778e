"""Reminders come once per clock version, however many beats and workers run and whatever happens to them."""

from collections import Counter
from uuid import UUID

from django.utils import timezone

from dispatch import outbox
from dispatch.escalation import tick
from dispatch.models import Clock, ClockKind
from events.models import Event, State, Step
from grid_platform.celery import app
from tests.processes.product import OWN_GRID, all_routed, counted, recounted, report_from, wait_for


def make_due(keys: list[UUID], version: int) -> Counter:
    """The accept clocks come to their first rung now, the whole clocks to their second; what that must fire."""
    clocks = Clock.objects.filter(event__in=keys)
    now = timezone.now()
    clocks.filter(kind=ClockKind.ACCEPT).update(version=version, rung=0, next_rung_at=now)
    clocks.filter(kind=ClockKind.WHOLE).update(version=version, rung=1, next_rung_at=now)
    rungs = (("remind", "accept", version), ("mark_overdue", "whole", version))
    return Counter((key, *rung) for key in keys for rung in rungs)


def fired(keys: list[UUID]) -> Counter:
    steps = Step.objects.filter(event__in=keys, verb__in=["remind", "mark_overdue"])
    return Counter(
        (event, verb, params["clock"], params["version"])
        for event, verb, params in steps.values_list("event", "verb", "params")
    )


def test_four_workers_and_two_beats_remind_once_per_clock_version_whoever_is_killed(product):
    keys = report_from([OWN_GRID] * 20)
    workers = [product.worker(concurrency=1) for _ in range(4)]
    beats = [product.beat("first"), product.beat("second")]
    wait_for(all_routed, "the desks")

    expected = make_due(keys, version=1)
    for _ in range(20):
        app.send_task("dispatch.tasks.tick_clocks")
    wait_for(lambda: fired(keys), "the first reminder")
    workers[0].kill()
    wait_for(lambda: fired(keys) == expected, "the reminders of twenty ticks at once")

    expected += make_due(keys[:10], version=2)
    wait_for(lambda: fired(keys) == expected, "the reminders of two beats")

    for beat in beats:
        beat.kill()
    expected += make_due(keys[10:], version=2)
    product.beat("first")
    wait_for(lambda: fired(keys) == expected, "the reminders of the beat that came back")
    wait_for(all_routed, "the counts of the reminders")
    assert fired(keys) == expected
    assert counted() == recounted()


def test_a_clock_whose_rung_is_gone_from_the_ladder_stands_still(fresh_database):
    first, second = report_from([OWN_GRID] * 2)
    outbox.drain()
    Clock.objects.filter(event=first, kind=ClockKind.WHOLE).update(rung=80, next_rung_at=timezone.now())
    expected = make_due([second], version=1)
    tick(now=timezone.now())
    assert fired([first, second]) == expected
    assert Clock.objects.get(event=first, kind=ClockKind.WHOLE).next_rung_at is None


def test_a_rung_that_does_not_apply_any_more_is_passed_over(fresh_database):
    first, second = report_from([OWN_GRID] * 2)
    outbox.drain()
    make_due([first], version=1)
    expected = make_due([second], version=1)
    Event.objects.filter(pk=first).update(state=State.CLOSED)
    tick(now=timezone.now())
    assert fired([first, second]) == expected
    assert not Clock.objects.filter(event=first, next_rung_at__lte=timezone.now()).exists()


def test_a_clock_that_cannot_fire_stops_no_other(fresh_database, caplog):
    first, *others = report_from([OWN_GRID] * 4)
    outbox.drain()
    make_due([first], version=1)
    expected = make_due(others, version=1)
    Clock.objects.filter(event=first).update(tenant="999999")
    assert tick(now=timezone.now()) == 6
    assert fired([first, *others]) == expected
    assert f"of event {first} cannot fire" in caplog.text
    assert tick(now=timezone.now()) == 0
