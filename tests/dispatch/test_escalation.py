"""The ladder: reminded at 80 per cent, overdue at 100, once for each clock however many workers run."""

from collections import Counter
from datetime import timedelta

import pytest

from dispatch.escalation import tick
from dispatch.models import Clock, Rung
from dispatch.tasks import tick_clocks
from events.models import Event, State, Step
from tests.cast import BRAWL, DISTRICT, KITCHEN, SHANGHAI, Cast, Story, story_at
from tests.dispatch.test_outbox import at_once


def fired(story):
    return [
        (step.verb, step.params["clock"], step.params["percent"])
        for step in story.steps
        if "clock" in step.params
    ]


def test_a_clock_reminds_at_eighty_per_cent_and_is_overdue_after_its_limit(story):
    story.report().route()
    start = story.now
    assert tick(now=start + timedelta(minutes=24, seconds=-1)) == 0
    assert tick(now=start + timedelta(minutes=24)) == 1
    assert fired(story) == [("remind", "accept", 80)]
    assert tick(now=start + timedelta(minutes=29)) == 0
    assert tick(now=start + timedelta(minutes=30)) == 1
    assert fired(story)[-1] == ("mark_overdue", "accept", 100)
    assert tick(now=start + timedelta(hours=1)) == 0
    assert story.waiting[-2:] == ["remind", "mark_overdue"]


def test_a_rung_leaves_state_version_and_deadline_alone(story):
    before = story.report().route().event
    tick(now=story.now + timedelta(minutes=25))
    after = story.event
    assert (after.state, after.version, after.due, after.holder_id) == (
        before.state,
        before.version,
        before.due,
        before.holder_id,
    )
    assert after.sequence == before.sequence + 1
    assert (story.last.actor, story.last.params["due"]) == (None, before.due.isoformat())


def test_after_a_long_standstill_every_rung_is_made_up_for_in_order(story):
    story.report().route()
    later = story.now + timedelta(days=3)
    while tick(now=later):
        pass
    assert Counter(fired(story)) == Counter(
        (verb, clock, percent)
        for clock in ("accept", "whole")
        for verb, percent in (("remind", 80), ("mark_overdue", 100))
    )
    of_accept = [row for row in fired(story) if row[1] == "accept"]
    assert [percent for _verb, _clock, percent in of_accept] == [80, 100]


def test_a_clock_that_ended_is_silent(story):
    story.report().route().wait(minutes=1).accept()
    tick(now=story.now + timedelta(minutes=29))
    assert ("remind", "accept", 80) not in fired(story)
    assert fired(story) == [("remind", "dispatch", 80)]


@pytest.mark.parametrize("state", [State.CLOSED, State.REJECTED])
def test_an_event_that_is_over_has_no_clock(cast, state):
    story = story_at(cast, state)
    assert tick(now=story.now + timedelta(days=60)) == 0
    assert fired(story) == []


def test_a_deadline_counted_again_is_a_new_version_with_rungs_of_its_own(story):
    story.report().route()
    for _ in range(2):
        tick(now=story.event.whole_due)
    assert ("remind", "whole", 80) in fired(story)
    story.now = story.event.whole_due + timedelta(minutes=1)
    story.accept(item=KITCHEN)
    for _ in range(3):
        tick(now=story.event.whole_due)
    versions = {
        (step.verb, step.params["version"]) for step in story.steps if step.params.get("clock") == "whole"
    }
    assert versions == {("remind", 1), ("mark_overdue", 1), ("remind", 2), ("mark_overdue", 2)}


def test_the_marks_of_working_days_lie_in_working_time(cast):
    story = story_at(cast, State.DISPATCHED, KITCHEN)
    clock = Clock.objects.get(event=story.id, kind="handle")
    # Three working days of 7.5 hours from Tuesday's opening: 80 per cent are 18 hours.
    assert f"{clock.next_rung_at.astimezone(SHANGHAI):%a %m-%d %H:%M}" == "Thu 03-07 11:30"


def test_the_ladder_is_data(story, forget):
    Rung.objects.create(district=story.cast.district, percent=50, verb="remind")
    forget()
    story.report().route()
    assert tick(now=story.now + timedelta(minutes=15)) == 1
    assert fired(story) == [("remind", "accept", 50)]


def test_a_rung_this_version_cannot_climb_stops_no_other_clock(cast, forget, caplog):
    Rung.objects.filter(district=DISTRICT, percent=80).update(verb="levitate")
    forget()
    stuck, other = Story(cast).report().route(), Story(cast, BRAWL).report().route()
    other.event.clocks.update(rung=1)
    tick(now=stuck.now + timedelta(minutes=24))
    assert ("mark_overdue", "accept", 100) in fired(other)
    assert fired(stuck) == [] and Clock.objects.get(event=stuck.id, kind="accept").rung == 0
    assert "cannot fire" in caplog.text


@pytest.mark.usefixtures("fresh_database")
def test_four_workers_fire_each_rung_once():
    cast = Cast()
    stories = [Story(cast).report().route() for _ in range(8)]
    start = stories[0].now
    for minutes, verb in ((25, "remind"), (31, "mark_overdue")):
        sums = at_once(4, lambda _, m=minutes: sum(tick(now=start + timedelta(minutes=m)) for _ in range(2)))
        assert sum(sums) == 8
        for story in stories:
            assert [row[0] for row in fired(story)].count(verb) == 1
    assert Step.objects.filter(tenant=DISTRICT, verb__in=["remind", "mark_overdue"]).count() == 16
    assert Event.objects.filter(tenant=DISTRICT, sequence=4).count() == 8


def test_a_slice_of_time_that_is_over_leaves_the_rest_to_a_tick_it_asks_for(story, monkeypatch):
    asked = []
    monkeypatch.setattr("dispatch.escalation.nudge", asked.append)
    story.report().route()
    due = story.now + timedelta(minutes=24)
    assert (tick(now=due, seconds=0), fired(story), asked) == (0, [], [tick_clocks.name])
    assert (tick(now=due, seconds=60), len(fired(story)), asked) == (1, 1, [tick_clocks.name])
