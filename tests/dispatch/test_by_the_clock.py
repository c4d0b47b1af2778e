"""What the system does when nobody does: dispatch, escalate, supervise."""

from datetime import timedelta

import pytest

from events.models import State
from tests.cast import BRAWL, CENTRE, GAMBLING, KITCHEN, POLICE, ROOM, Story, story_at


def verbs(story) -> list[str]:
    return [verb for verb, _state in story.timeline]


def test_a_critical_event_nobody_accepts_is_dispatched_after_five_minutes(cast):
    story = Story(cast, BRAWL).report().route().wait(minutes=5, seconds=-1).tick()
    assert story.event.state == State.REPORTED
    story.wait(seconds=1).tick()
    event = story.event
    assert (event.state, event.lead.code, event.holder.code) == (State.DISPATCHED, POLICE, POLICE)
    assert event.filed_at == event.first_act_at == story.now
    assert story.running == {
        "handle": "Mon 03-04 10:05",
        "sign": "Mon 03-04 09:10",
        "whole": "Mon 03-04 12:10",
    }
    step = next(step for step in story.steps if step.verb == "auto_dispatch")
    assert (step.actor, step.params["lead"], step.params["clock"]) == (None, POLICE, "accept")
    assert story.sign().feed_back().event.state == State.FED_BACK


def test_not_when_somebody_has_accepted_it_nor_a_normal_one(cast):
    accepted = Story(cast, BRAWL).report().route().wait(minutes=4).accept().wait(minutes=4).tick()
    assert "auto_dispatch" not in verbs(accepted)
    normal = Story(cast).report().route().wait(hours=3).tick()
    assert "auto_dispatch" not in verbs(normal) and normal.event.state == State.REPORTED


def test_the_desk_may_take_an_automatic_order_back(cast):
    story = (
        Story(cast, BRAWL).report().route().wait(minutes=5).tick().recall(reason="The fire station is nearer")
    )
    assert story.dispatch(lead=POLICE).event.state == State.DISPATCHED


def test_unsigned_at_twice_the_limit_it_goes_up_and_the_lead_keeps_its_order(cast):
    """Sent at ten past nine with an hour to sign."""
    story = story_at(cast, State.DISPATCHED)
    assert story.running["sign"] == "Mon 03-04 10:10"
    whole = story.event.whole_due
    story.wait(hours=2, seconds=-1).tick()
    assert story.event.desk.code == ROOM
    story.wait(seconds=1).tick()
    event = story.event
    assert (event.desk.code, event.state, event.holder.code) == (CENTRE, State.DISPATCHED, POLICE)
    assert (event.escalation_count, event.whole_due) == (1, whole)
    step = next(step for step in story.steps if step.verb == "auto_escalate")
    assert step.params["desk"] == [ROOM, CENTRE]
    assert story.sign().event.state == State.HANDLING
    assert story.feed_back().event.holder.code == CENTRE


def test_a_signed_order_does_not_go_up(cast):
    story = story_at(cast, State.HANDLING).wait(hours=3).tick()
    assert "auto_escalate" not in verbs(story)


@pytest.mark.parametrize("amount", [1, 2])
def test_a_shortened_order_is_signed_in_a_quarter_of_its_limit(cast, amount):
    story = story_at(cast, State.ACCEPTED).dispatch(lead=POLICE, amount=amount)
    sent, due = story.now, story.clocks()["sign"][0]
    assert due - sent == timedelta(minutes=15 * amount)


def test_overdue_by_one_limit_the_head_must_answer(cast):
    story = story_at(cast, State.HANDLING, KITCHEN)
    story.now = story.clocks()["handle"][0]
    assert story.tick().event.asks == []
    story.wait(days=7).tick()
    assert story.event.asks == ["supervision"]
    step = next(step for step in story.steps if step.verb == "supervise")
    assert (step.actor, step.params["percent"]) == (None, 200)
    assert "answer_by" in step.params
    assert story.answer_supervision(text="Tomorrow").event.asks == []


def test_the_system_moves_sensitive_events_too(cast):
    story = story_at(cast, State.DISPATCHED, GAMBLING).wait(days=1).tick()
    assert story.event.desk.code == CENTRE
