"""The outbox: routes, counts, retries, parks; many workers at once and the counts still add up."""

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from dispatch import outbox
from dispatch.models import DayCount, Outbox
from events.models import Event, State, Step
from tests.cast import BRAWL, CENTRE, DESK, DISTRICT, FIRE_LANE, LOAN_FIRM, ROOM, Cast, Story, story_at


def counted():
    return {
        (row.day, row.area_code, row.verb): row.number for row in DayCount.objects.filter(tenant=DISTRICT)
    }


def recounted():
    """From the steps, the slow way."""
    return Counter(
        (timezone.localdate(step.at), step.event.reported_area_code, step.verb)
        for step in Step.objects.filter(tenant=DISTRICT).select_related("event")
    )


def test_draining_routes_what_has_no_desk_and_empties_the_box(cast):
    stories = {item: Story(cast, item).report() for item in (FIRE_LANE, BRAWL, LOAN_FIRM)}
    assert outbox.drain() == 6, "three reports, and the three routes they lead to"
    assert {item: story.event.desk.code for item, story in stories.items()} == {
        FIRE_LANE: DESK,
        BRAWL: ROOM,
        LOAN_FIRM: CENTRE,
    }
    for story in stories.values():
        assert story.event.holder == story.event.desk
        assert story.timeline == [("report", "reported"), ("route", "reported")]
        assert story.last.params["why"] == story.event.routing
        assert (story.last.actor, story.waiting) == (None, [])
    assert outbox.drain() == 0


def test_what_was_closed_on_the_spot_gets_a_desk_and_no_holder(cast):
    story = Story(cast, FIRE_LANE).report()
    story.self_close("worker", result="Done", evidence=story.evidence("worker"))
    outbox.drain()
    assert (story.event.state, story.event.desk.code, story.event.holder) == (State.CLOSED, DESK, None)


def test_an_event_is_routed_once(cast):
    story = Story(cast).report()
    outbox.drain()
    Outbox.objects.create(tenant=DISTRICT, step=story.steps[0])
    outbox.drain()
    assert story.timeline == [("report", "reported"), ("route", "reported")]


def test_the_days_counts_equal_a_recount_from_the_steps(cast):
    for state in (State.CLOSED, State.REJECTED, State.HANDLING):
        story_at(cast, state)
    late = Story(cast).report().route()
    late.now = late.now.replace(hour=23, minute=59)
    late.accept().wait(minutes=2).dispatch(lead=ROOM)
    outbox.drain()
    assert counted() == recounted()
    days = {(verb, day.day) for day, _area, verb in counted() if verb in ("accept", "dispatch")}
    assert ("dispatch", 5) in days, "after midnight in Shanghai it is the next day"


def test_a_failing_row_is_tried_alone_counted_and_parked_while_the_others_pass(cast, monkeypatch, caplog):
    bad, good = Story(cast, FIRE_LANE).report(), Story(cast, BRAWL).report()
    route = outbox.advance

    def failing(verb, *, event_id, **more):
        if event_id == bad.id:
            raise LookupError("no desk")
        return route(verb, event_id=event_id, **more)

    monkeypatch.setattr(outbox, "advance", failing)
    with caplog.at_level(logging.ERROR):
        outbox.drain()
        assert (good.event.desk.code, bad.event.desk) == (ROOM, None)
        row = Outbox.objects.get(step__event=bad.id)
        assert (row.tries, row.parked_at, row.error) == (1, None, "LookupError: no desk")
        assert not caplog.records
        for tries in (2, 3, 4, 5):
            outbox.drain()
            row.refresh_from_db()
            assert (row.tries, row.parked_at is None) == (tries, tries < 5)
    assert [record.levelname for record in caplog.records] == ["ERROR"] and str(bad.id) in caplog.text
    assert Outbox.objects.filter(parked_at=None).count() == 0
    uncounted = recounted() - Counter([day_of(bad)])
    assert counted() == uncounted
    monkeypatch.undo()
    assert outbox.drain() == 0, "a parked row waits for a person"
    Outbox.objects.update(parked_at=None)
    outbox.drain()
    assert bad.event.desk.code == DESK
    assert counted() == recounted()


def day_of(story):
    return timezone.localdate(story.now), story.event.reported_area_code, "report"


def at_once(threads, work):
    """Run ``work(number)`` in so many threads that start together, each with its own connection."""
    barrier = Barrier(threads)

    def run(number):
        barrier.wait(timeout=20)
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


@pytest.mark.usefixtures("fresh_database")
def test_workers_that_drain_at_once_do_nothing_twice():
    cast = Cast()
    stories = [Story(cast, item).report() for item in (FIRE_LANE, BRAWL) for _ in range(15)]
    done = at_once(3, lambda _: outbox.drain())
    done.append(outbox.drain())
    assert sum(done) == 60
    assert all(story.timeline == [("report", "reported"), ("route", "reported")] for story in stories[::7])
    assert Step.objects.filter(tenant=DISTRICT, verb="route").count() == 30
    assert counted() == recounted()
    assert not Outbox.objects.exists()


@pytest.mark.usefixtures("fresh_database")
def test_moving_and_draining_at_once_loses_nothing():
    cast = Cast()
    stories = [story_at(cast, State.REPORTED) for _ in range(12)]
    for name in ("acceptor", "dispatcher"):
        cast.actor(name)

    def work(number):
        if number == 0:
            return sum(outbox.drain() for _ in range(10))
        for story in stories[number - 1 :: 2]:
            story.accept().dispatch(lead=ROOM)
        return 0

    at_once(3, work)
    outbox.drain()
    assert counted() == recounted()
    assert Event.objects.filter(tenant=DISTRICT, state=State.HANDLING).count() == 12
