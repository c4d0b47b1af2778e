"""Accept, reject, escalate: the desk's first act, the row, the timeline, the clocks, the outbox."""

from datetime import datetime

import pytest

from dispatch.errors import InputError, MoveError, NotFoundError, NotPermittedError, WrongStateError
from events.models import Level, State
from tests.cast import (
    BRAWL,
    CENTRE,
    DESK,
    FIRE_LANE,
    GAMBLING,
    GRID,
    KITCHEN,
    LOAN_FIRM,
    NEXT_GRID,
    ROOM,
    SHOP_IN_ROAD,
    STREET,
    Story,
    story_at,
)  # fmt: skip


def test_the_desk_accepts_and_the_dispatch_clock_starts(story):
    story.report().route().wait(minutes=10).accept(note="Seen on the camera")
    event = story.event
    assert (event.state, event.desk.code, event.holder.code, event.version) == (State.ACCEPTED, ROOM, ROOM, 2)
    assert event.filed_at == story.now
    assert story.timeline == [("report", "reported"), ("route", "reported"), ("accept", "accepted")]
    assert story.running == {"dispatch": "Mon 03-04 09:40", "whole": "Mon 03-04 17:30"}
    assert event.due == story.clocks()["dispatch"][0]
    assert story.texts == {"note": "Seen on the camera"}
    assert story.last.post.organization.code == ROOM
    assert story.waiting == ["report", "route", "accept"]


def test_a_wrong_item_is_corrected_and_the_deadlines_count_again_from_the_report(story):
    story.report().route().wait(minutes=10).accept(item=KITCHEN)
    event = story.event
    assert event.item.code == KITCHEN
    assert story.last.params["item"] == [SHOP_IN_ROAD, KITCHEN]
    assert story.running["whole"] == "Fri 03-08 10:30"
    (whole,) = story.event.clocks.filter(kind="whole")
    assert (whole.version, whole.ended_at, whole.start) == (2, None, event.recorded_at)
    assert whole.due == event.whole_due == datetime.fromisoformat(story.last.params["whole_due"][1])


def test_a_corrected_item_brings_its_urgency_and_sensitivity(story):
    story.report().route().accept(item=GAMBLING)
    assert (story.event.sensitive, story.event.urgency) == (True, "normal")


def test_a_wrong_place_is_corrected_inside_the_desks_area_only(story):
    story.report().route()
    with pytest.raises(InputError) as refusal:
        story.accept(area_code=NEXT_GRID)
    assert refusal.value.fields["area_code"][0]["code"] == "wrong_place"
    other = f"{STREET}002001"
    story.accept(area_code=other)
    event = story.event
    assert (event.area_code, event.place_level, event.reported_area_code) == (other, Level.GRID, GRID)
    assert story.last.params == {"area": [GRID, other]}


def test_naming_the_same_item_and_place_is_no_correction(story):
    story.report().route().accept(item=SHOP_IN_ROAD, area_code=GRID)
    assert story.last.params == {}
    assert story.event.clocks.filter(kind="whole").count() == 1


@pytest.mark.parametrize("by", ["worker", "leader", "dispatcher", "verifier", "supervisor", "centre"])
def test_accepting_is_for_the_desk_alone(story, by):
    story.report().route()
    with pytest.raises(MoveError) as refusal:
        story.accept(by)
    assert refusal.value.code == ("not_critical" if by == "centre" else "not_permitted")
    assert refusal.value.status in (403, 409)
    assert refusal.value.extra["state"] == State.REPORTED
    assert story.event.version == 1 and len(story.steps) == 2


def test_a_critical_event_is_accepted_by_room_or_district_whoever_is_first(cast):
    story = Story(cast, BRAWL).report().route().wait(minutes=2).accept("centre")
    event = story.event
    assert (event.state, event.desk.code, event.level) == (State.ACCEPTED, CENTRE, Level.DISTRICT)
    with pytest.raises(WrongStateError) as refusal:
        story.accept("acceptor")
    assert refusal.value.extra["last"]["verb"] == "accept"
    assert refusal.value.extra["state"] == State.ACCEPTED


def test_a_report_on_its_way_to_a_desk_cannot_be_accepted_yet(story):
    story.report()
    with pytest.raises(MoveError) as refusal:
        Story.do(story, "accept", "acceptor")
    assert refusal.value.code == "not_permitted"
    critical = Story(story.cast, BRAWL).report()
    with pytest.raises(MoveError) as refusal:
        critical.accept("centre")
    assert refusal.value.code == "not_routed"


def test_a_report_is_not_accepted_with_the_reason_and_an_answer(story):
    story.report().route().wait(minutes=3).reject(reason="not_a_fact", answer="The road is free.")
    event = story.event
    assert (event.state, event.holder, event.closed_at, event.filed_at) == (State.REJECTED, None, None, None)
    assert story.running == {}
    assert (story.last.params, story.texts) == ({"reason": "not_a_fact"}, {"answer": "The road is free."})
    assert story.waiting[-1] == "reject"


@pytest.mark.parametrize(
    ("input", "field", "code"),
    [
        ({"answer": "No."}, "reason", "required"),
        ({"reason": "unclear"}, "answer", "required"),
        ({"reason": "not_our_duty", "answer": "No."}, "reason", "invalid_choice"),
        ({"reason": "because", "answer": "No."}, "reason", "invalid_choice"),
        ({"reason": "unclear", "answer": "x" * 2001}, "answer", "max_length"),
    ],
)
def test_a_refusal_needs_a_listed_reason_and_an_answer(story, input, field, code):
    story.report().route()
    with pytest.raises(InputError) as refusal:
        story.reject(**input)
    assert refusal.value.fields[field][0]["code"] == code
    assert story.event.state == State.REPORTED


def test_an_accepted_event_may_still_turn_out_to_be_none(cast):
    story = story_at(cast, State.ACCEPTED).reject(reason="duplicate", answer="Known since Sunday.")
    assert story.timeline[-1] == ("reject", "rejected")
    with pytest.raises(WrongStateError):
        story.accept()


def test_a_community_desk_escalates_an_unaccepted_report_to_the_room(cast):
    story = Story(cast, FIRE_LANE).report().route()
    assert story.event.desk.code == DESK
    story.wait(minutes=5).escalate("community", reason="Two cars without owners")
    event = story.event
    assert (event.state, event.desk.code, event.holder.code) == (State.REPORTED, ROOM, ROOM)
    assert event.level == Level.STREET
    assert story.last.params == {"desk": [DESK, ROOM]}
    assert story.running["accept"] == "Mon 03-04 09:20"
    assert story.accept().event.state == State.ACCEPTED


def test_an_agency_keeps_working_while_the_desk_moves_up(cast):
    story = story_at(cast, State.HANDLING)
    before = story.event
    story.escalate(reason="Eleven people are hurt")
    event = story.event
    assert (event.state, event.desk.code, event.holder_id) == (State.HANDLING, CENTRE, before.holder_id)
    assert (event.due, event.whole_due) == (before.due, before.whole_due)
    assert story.feed_back().event.holder.code == CENTRE


def test_escalating_a_result_gives_the_check_to_the_upper_desk(cast):
    story = story_at(cast, State.FED_BACK).wait(minutes=30).escalate(reason="The press is here")
    assert story.event.holder.code == CENTRE
    assert story.clocks("check")["check"][1]


def test_the_district_centre_has_nobody_above_it(cast):
    story = Story(cast, LOAN_FIRM).report().route()
    assert story.event.desk.code == CENTRE
    with pytest.raises(MoveError) as refusal:
        story.escalate("centre", reason="Too big")
    assert refusal.value.code == "highest_desk"


def test_escalating_needs_a_reason_and_the_deciding_desk(cast):
    story = story_at(cast, State.ACCEPTED)
    with pytest.raises(InputError):
        story.escalate(reason=" ")
    with pytest.raises(NotPermittedError):
        story.escalate("dispatcher", reason="Mine")
    with pytest.raises(NotFoundError):
        story.escalate("neighbour", reason="Ours")
