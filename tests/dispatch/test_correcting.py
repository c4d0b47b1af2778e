"""Correct: item, place and urgency set right, the deadlines counted again from the same start."""

from datetime import datetime

import pytest

from events.models import NEVER, State
from tests.cast import (
    BRAWL,
    GAMBLING,
    GRID,
    KITCHEN,
    NEXT_GRID,
    SHANGHAI,
    SHOP_IN_ROAD,
    STREET,
    Story,
    story_at,
)

OTHER_GRID = f"{STREET}002001"


def deadlines(step) -> list[str]:
    """Old and new whole deadline of a step."""
    instants = [datetime.fromisoformat(at).astimezone(SHANGHAI) for at in step.params.get("whole_due", [])]
    return [f"{at:%a %m-%d %H:%M}" for at in instants]


@pytest.fixture
def reported(story) -> Story:
    return story.report().route().wait(minutes=10)


def test_the_right_item_counts_every_deadline_again_from_its_own_start(reported):
    reported.correct(item=KITCHEN)
    event = reported.event
    assert (event.item.code, event.state, event.version) == (KITCHEN, State.REPORTED, 2)
    assert reported.running == {"accept": "Mon 03-04 09:30", "whole": "Fri 03-08 10:30"}
    assert event.whole_due == reported.clocks()["whole"][0]
    assert reported.last.params["item"] == [SHOP_IN_ROAD, KITCHEN]
    assert deadlines(reported.last) == ["Mon 03-04 17:30", "Fri 03-08 10:30"]
    (whole,) = event.clocks.filter(kind="whole")
    assert (whole.version, whole.start, whole.limit.amount) == (2, event.recorded_at, 3)
    assert event.first_act_at is None


def test_in_accepted_the_dispatch_clock_is_counted_again(cast):
    story = story_at(cast, State.ACCEPTED).correct(urgency="urgent")
    assert story.running == {"dispatch": "Mon 03-04 09:20", "whole": "Mon 03-04 17:00"}
    assert story.last.params["urgency"] == ["normal", "urgent"]


def test_raised_to_critical_the_stages_count_day_and_night(reported):
    reported.correct(urgency="critical")
    assert reported.running == {"accept": "Mon 03-04 09:05", "whole": "Mon 03-04 16:40"}
    assert reported.event.due < reported.now
    reported.tick()
    assert "auto_dispatch" in [verb for verb, _state in reported.timeline]


def test_urgency_is_never_lowered(reported):
    assert reported.refused("correct", urgency="normal") == "urgency:invalid_choice"
    reported.correct(urgency="urgent")
    assert reported.refused("correct", urgency="normal") == "urgency:invalid_choice"
    reported.correct(item=KITCHEN)
    assert (reported.event.item.code, reported.event.urgency) == (KITCHEN, "urgent")


def test_the_right_item_brings_its_own_urgency_and_sensitivity(reported):
    reported.correct(item=BRAWL)
    assert reported.event.urgency == "critical"
    assert reported.last.params["urgency"] == ["normal", "critical"]
    reported.correct(item=GAMBLING)
    assert (reported.event.urgency, reported.event.sensitive) == ("normal", True)


def test_the_place_is_set_right_inside_the_desks_area(reported):
    assert reported.refused("correct", area_code=NEXT_GRID) == "area_code:wrong_place"
    reported.correct(area_code=OTHER_GRID)
    event = reported.event
    assert (event.area_code, event.reported_area_code) == (OTHER_GRID, GRID)
    assert reported.last.params == {"area": [GRID, OTHER_GRID]}


def test_something_must_be_wrong(reported):
    assert reported.refused("correct") == "__all__:nothing_to_correct"
    assert reported.refused("correct", item=SHOP_IN_ROAD, area_code=GRID) == "__all__:nothing_to_correct"
    assert reported.refused("correct", item="99999") == "item:unknown_item"


def test_a_closed_event_is_corrected_by_the_district_only(cast):
    story = story_at(cast, State.CLOSED)
    assert story.refused("correct", item=KITCHEN) == "closed"
    story.correct("centre", item=KITCHEN, area_code=NEXT_GRID)
    event = story.event
    assert (event.state, event.due, story.running) == (State.CLOSED, NEVER, {})
    assert deadlines(story.last) == ["Mon 03-04 17:30", "Fri 03-08 10:30"]
    assert event.area_code == NEXT_GRID
    assert f"{event.whole_due.astimezone(SHANGHAI):%a %m-%d %H:%M}" == "Fri 03-08 10:30"


def test_an_open_one_not(cast):
    assert story_at(cast, State.ACCEPTED).refused("correct", "centre", item=KITCHEN) == "not_closed"


def test_after_the_dispatch_it_is_recalled_first(cast):
    story = story_at(cast, State.DISPATCHED)
    assert story.refused("correct", item=KITCHEN) == "wrong_state"
    story.recall(reason="Wrong item").correct(item=KITCHEN)
    assert story.event.item.code == KITCHEN


def test_a_closed_event_keeps_what_a_check_gave_back(story):
    story.report().route().wait(minutes=10).ask_check(question="").wait(hours=1)
    story.answer_check(finding="true", result="Yes").accept().dispatch(lead=f"GAFJ@{STREET}").sign()
    story.feed_back().verify(note="Seen")
    assert story.event.whole_due == story.clocks()["whole"][0]
    story.correct("centre", item=KITCHEN)
    assert deadlines(story.last) == ["Tue 03-05 09:30", "Fri 03-08 10:30"]


def test_without_another_item_an_extension_is_kept(cast):
    story = story_at(cast, State.HANDLING).request_extension(amount=2, reason="Rain")
    story.decide_extension(decision="granted").recall(reason="Other squad").correct(urgency="urgent")
    assert story.running["whole"] == "Tue 03-05 10:00"


def test_only_the_desk_corrects(reported):
    for by in ("worker", "dispatcher", "supervisor"):
        assert reported.refused("correct", by, item=KITCHEN) == "not_permitted"
    assert reported.refused("correct", "neighbour", item=KITCHEN) == "not_found"
