"""Two people, one event, one instant: the first wins, the second learns what the first did."""

import uuid
from datetime import timedelta

import pytest

from dispatch.errors import MoveError
from dispatch.escalation import tick
from dispatch.report import report
from events.models import Event, State
from tests.cast import (
    BRAWL,
    CITY,
    DISTRICT,
    GRID,
    MONDAY,
    NEXT_STREET,
    POLICE,
    Cast,
    Story,
    manifest,
    story_at,
)
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


def codes(told):
    return [answer if answer == "done" else answer.code for answer in told]


def test_two_verifiers():
    story = story_at(Cast(), State.FED_BACK)
    told = race(story, ("verify", "worker", {"note": "Free"}), ("verify", "leader", {"note": "Free"}))
    assert sorted(codes(told)) == ["done", "wrong_state"]
    assert [verb for verb, _state in story.timeline].count("verify") == 1
    assert story.event.clocks.running().count() == 0


def test_one_verifies_and_one_sends_it_back():
    story = story_at(Cast(), State.FED_BACK)
    told = race(story, ("verify", "worker", {"note": "Free"}), ("rework", "leader", {"missing": "All"}))
    assert sorted(codes(told)) == ["done", "wrong_state"]
    assert story.event.state == (State.CLOSED if told[0] == "done" else State.HANDLING)


def test_two_dispatchers_send_it_to_two_agencies():
    story = story_at(Cast(), State.ACCEPTED)
    told = race(story, ("dispatch", "dispatcher", {"lead": POLICE}), ("dispatch", "director", {"lead": CITY}))
    assert sorted(codes(told)) == ["done", "wrong_state"]
    assert story.event.assignments.filter(ended_at=None).count() == 1
    assert story.event.clocks.running().filter(kind="handle").count() == 1


def test_the_desk_dispatches_anew_while_another_recalls():
    """In either order there is one order at work or none, and no clock twice."""
    story = story_at(Cast(), State.DISPATCHED)
    told = race(
        story,
        ("recall", "director", {"reason": "No"}),
        ("dispatch", "dispatcher", {"lead": CITY}),
    )
    assert codes(told) in (["done", "done"], ["done", "wrong_state"])
    event = story.event
    again = told[1] == "done"
    assert (event.state, event.lead and event.lead.code) == (
        (State.DISPATCHED, CITY) if again else (State.ACCEPTED, None)
    )
    assert event.assignments.filter(ended_at=None).count() == int(again)


def test_one_desk_merges_what_another_accepts():
    """The acceptance comes in time or too late; the merge may follow it."""
    cast = Cast()
    leading, story = Story(cast).report().route(), Story(cast).report("colleague").route()
    number = leading.event.number
    told = race(story, ("merge", "acceptor", {"leading": number}), ("accept", "director", {"version": 1}))
    assert codes(told) in (["done", "done"], ["done", "wrong_state"], ["done", "stale_version"])
    assert story.event.state == State.MERGED
    assert story.event.clocks.running().count() == 0


def test_two_events_merged_into_each_other():
    """Never both: each would wait for the other's end."""
    cast = Cast()
    first, second = Story(cast).report().route(), Story(cast).report("colleague").route()
    numbers = {first: second.event.number, second: first.event.number}
    cast.actor("acceptor")

    def merge(story):
        try:
            story.do("merge", leading=numbers[story])
            return "done"
        except MoveError as refusal:
            return refusal

    told = at_once(2, lambda number: merge((first, second)[number]))
    assert codes(told).count("done") == 1
    (refusal,) = [answer for answer in told if answer != "done"]
    assert refusal.code in ("leading_moves", "invalid_input", "wrong_state")
    assert sorted((first.event.state, second.event.state)) == [State.MERGED, State.REPORTED]


def test_it_is_merged_into_an_event_that_ends():
    """Either the merge sees it open, or it is told that there is no such open event."""
    cast = Cast()
    leading, story = Story(cast).report().route(), Story(cast).report("colleague").route()
    number = leading.event.number
    for name in ("acceptor", "director"):
        cast.actor(name)

    def move(which):
        try:
            if which:
                leading.do("reject", "director", reason="unclear", answer="Where?")
            else:
                story.do("merge", leading=number)
            return "done"
        except MoveError as refusal:
            return refusal

    told = at_once(2, move)
    assert told[1] == "done"
    assert codes(told)[0] in ("done", "leading_moves", "invalid_input")
    assert story.event.state == (State.MERGED if told[0] == "done" else State.REPORTED)


def test_two_join_a_report_that_is_ended_at_this_moment():
    """Whoever is quicker, nothing waits for ever: a report is merged into what was open, or goes its own way."""
    cast = Cast()
    leading = Story(cast).report().route()
    for name in ("colleague", "leader", "director"):
        cast.actor(name)
    joining = {"colleague": Story(cast), "leader": Story(cast)}

    def move(number):
        if number == 2:
            leading.do("reject", "director", reason="unclear", answer="Where?")
        else:
            name = list(joining)[number]
            joining[name].report(name, same_as=str(leading.id))

    at_once(3, move)
    assert leading.event.state == State.REJECTED
    for story in joining.values():
        event = story.event
        missed = event.state == State.REPORTED and "same_as_missed" in event.flags
        assert missed or (event.state, event.leading_id) == (State.MERGED, leading.id)


def test_two_desks_take_and_refuse_one_transfer():
    story = Story(Cast()).report().route().transfer(desk=f"ZHZX@{NEXT_STREET}", reason="Yours")
    told = race(
        story,
        ("accept_transfer", "neighbour", {"note": ""}),
        ("refuse_transfer", "neighbour", {"reason": "No"}),
    )
    assert codes(told).count("done") == 1
    assert set(codes(told)) <= {"done", "not_permitted", "not_found"}
    assert story.event.clocks.running().filter(kind="accept").count() == 1


def test_four_workers_let_an_ask_lapse_once():
    story = Story(Cast()).report().route().ask_check(question="")
    at_once(4, lambda _: tick(now=MONDAY + timedelta(hours=25)))
    assert [verb for verb, _state in story.timeline].count("lapse") == 1
    assert story.asked == {"check": "lapsed"}


def test_four_workers_dispatch_a_critical_event_once():
    story = Story(Cast(), BRAWL).report().route()
    late = MONDAY + timedelta(minutes=6)
    at_once(4, lambda _: [tick(now=late) for _time in range(3)])
    while tick(now=late):  # who met another at the event's row left it to the next tick
        pass
    assert [verb for verb, _state in story.timeline].count("auto_dispatch") == 1
    assert story.event.assignments.count() == 1


def test_fifty_identical_reports_are_one():
    cast, key = Cast(), uuid.uuid4()
    actor = cast.actor("worker")
    data = {"item": "30202", "area_code": GRID, "photos": manifest("before_photo")}
    done = at_once(50, lambda _: report(actor=actor, event_id=key, data=data, now=MONDAY))
    assert [reported.created for reported in done].count(True) == 1
    assert len({reported.event.number for reported in done}) == 1
    event = Event.objects.get(tenant=DISTRICT)
    assert (event.steps.count(), event.evidence.count(), event.clocks.count()) == (1, 1, 2)
