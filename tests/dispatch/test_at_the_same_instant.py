"""Two people, one event, one instant: the first wins, the second learns what the first did."""

import uuid

import pytest

from dispatch.errors import MoveError
from dispatch.report import report
from events.models import Event, State
from tests.cast import BRAWL, DISTRICT, GRID, MONDAY, Cast, Story, manifest, story_at
from tests.dispatch.test_outbox import at_once

pytestmark = pytest.mark.usefixtures("fresh_database")


def race(story, *moves):
    """Each move (verb, by, input) in a thread of its own; 'done', or the refusal of each."""
    for _verb, by, _input in moves:
        story.cast.actor(by)

    def run(number):
        verb, by, input = moves[number]
        try:
            story.do(verb, by, **input)
            return "done"
        except MoveError as refusal:
            return refusal

    return at_once(len(moves), run)


def test_two_acceptors_accept():
    story = Story(Cast()).report().route()
    told = race(story, ("accept", "acceptor", {"version": 1}), ("accept", "second_acceptor", {"version": 1}))
    (refusal,) = [answer for answer in told if answer != "done"]
    assert (refusal.code, refusal.status) == ("stale_version", 409)
    assert refusal.extra["state"] == State.ACCEPTED and refusal.extra["last"]["verb"] == "accept"
    assert story.timeline == [("report", "reported"), ("route", "reported"), ("accept", "accepted")]
    assert story.event.clocks.running().count() == 2


def test_room_and_district_accept_a_critical_event():
    story = Story(Cast(), BRAWL).report().route()
    told = race(story, ("accept", "acceptor", {}), ("accept", "centre", {}), ("accept", "second_officer", {}))
    refused = [answer.code for answer in told if answer != "done"]
    assert len(refused) == 2 and set(refused) <= {"wrong_state", "not_critical"}
    assert story.timeline[-1] == ("accept", "accepted") and len(story.steps) == 3


def test_the_agency_signs_while_the_desk_recalls():
    story = story_at(Cast(), State.DISPATCHED)
    told = race(story, ("sign", "police", {}), ("recall", "dispatcher", {"reason": "No"}))
    assert told[1] == "done"
    assert story.event.state == State.ACCEPTED
    assert told[0] == "done" or told[0].code in ("wrong_state", "not_found")


def test_one_request_arriving_twice_at_once_is_done_once():
    story, key = Story(Cast()).report().route(), uuid.uuid4()
    told = race(story, *[("accept", "acceptor", {"request_id": key})] * 3)
    assert told == ["done"] * 3
    told = race(story, *[("comment", "acceptor", {"text": "Soon", "request_id": uuid.UUID(int=7)})] * 3)
    assert told == ["done"] * 3
    assert story.timeline[2:] == [("accept", "accepted"), ("comment", "accepted")]


def test_one_report_arriving_twice_at_once_is_stored_once():
    cast, key = Cast(), uuid.uuid4()
    actor = cast.actor("worker")
    data = {"item": "30202", "area_code": GRID, "photos": manifest("before_photo")}
    done = at_once(4, lambda _: report(actor=actor, event_id=key, data=data, now=MONDAY))
    assert [reported.created for reported in done].count(True) == 1
    assert len({reported.event.number for reported in done}) == 1
    event = Event.objects.get(tenant=DISTRICT)
    assert (event.steps.count(), event.evidence.count(), event.clocks.count()) == (1, 1, 2)
