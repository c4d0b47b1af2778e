"""Merge, split, restore, follow-up: one matter reported twice, two in one report, and what remains to be done."""

import pytest

from dispatch.models import Assignment
from events.models import Event, State
from tests.cast import DAMP_WALL, KITCHEN, LOAN_FIRM, NEXT_GRID, ROOM, SHOP_IN_ROAD, Story, story_at


def at(story: Story, event: Event) -> Story:
    """The story of another event, at the same instant."""
    other = Story(story.cast, event.item.code, at=story.now)
    other.id = event.pk
    return other


# Merge and restore --------------------------------------------------------------------------------


@pytest.fixture
def two(cast) -> tuple[Story, Story]:
    """Two reports of one matter."""
    first = Story(cast).report().route()
    return first, Story(cast, at=first.now).report("colleague").route()


def test_the_second_report_goes_on_under_the_first(two):
    first, second = two
    second.wait(minutes=5).merge(into=first, answer="It is being handled already.")
    event = second.event
    assert (event.state, event.holder, event.leading_id) == (State.MERGED, None, first.id)
    assert (event.first_act_at, event.filed_at, event.answered_at) == (second.now, None, second.now)
    assert second.running == {}
    assert second.last.params == {"leading": first.event.number}
    assert second.texts == {"answer": "It is being handled already."}
    assert first.event.state == State.REPORTED and len(first.steps) == 2
    assert Event.objects.visible_to(second.cast.colleague).filter(pk=second.id).exists()


def test_what_was_asked_lapses_with_the_merge(two):
    first, second = two
    second.transfer(desk="ZHZX@330104006", reason="Over there").merge(into=first)
    assert (second.asked, second.event.transfer_to) == ({"transfer": "lapsed"}, None)


def test_only_into_another_open_event_in_sight(two, cast):
    first, second = two
    assert second.refused("merge", into=second) == "leading:unknown_event"
    first.reject(reason="duplicate", answer="No.")
    assert second.refused("merge", into=first) == "leading:unknown_event"
    elsewhere = Story(cast).report("next_worker", area_code=NEXT_GRID).route()
    assert second.refused("merge", into=elsewhere) == "leading:unknown_event"
    assert second.refused("merge", "dispatcher", into=first) == "not_permitted"


def test_two_events_are_never_merged_into_each_other(two):
    first, second = two
    second.merge(into=first)
    assert first.refused("merge", into=second) == "leading:unknown_event"


def test_wrongly_merged_goes_back_to_the_desk_with_the_whole_deadline_it_had(two):
    first, second = two
    whole = second.event.whole_due
    second.merge(into=first, answer="Known.").wait(minutes=60).restore(reason="Another shop")
    event = second.event
    assert (event.state, event.desk.code, event.holder.code, event.leading) == (
        State.REPORTED,
        ROOM,
        ROOM,
        None,
    )
    assert (event.whole_due, event.answered_at) == (whole, None)
    assert second.running == {"accept": "Mon 03-04 10:30", "whole": "Mon 03-04 17:30"}
    assert second.event.clocks.filter(kind="whole").count() == 1
    assert second.accept().event.state == State.ACCEPTED


def test_wrongly_rejected_is_restored_by_desk_or_supervisor(cast):
    story = story_at(cast, State.ACCEPTED).reject(reason="unclear", answer="Where?")
    filed = story.event.filed_at
    assert story.refused("restore", "dispatcher", reason="Hm") == "not_permitted"
    assert story.refused("restore") == "reason:required"
    story.restore("supervisor", reason="It says where")
    assert (story.event.state, story.event.filed_at) == (State.REPORTED, filed)
    assert story.refused("restore", reason="Again") == "wrong_state"


def test_what_a_check_gave_back_before_the_rejection_stays(story):
    story.report().route().wait(minutes=10).ask_check(question="").wait(hours=1)
    story.reject(reason="unclear", answer="Where?").restore(reason="Found it")
    assert story.running["whole"] == "Tue 03-05 09:30"
    assert story.event.clocks.exclude(stopped_at=None).count() == 0


# Split --------------------------------------------------------------------------------------------


def test_another_matter_of_the_report_gets_clocks_from_the_first_reports_time(cast):
    story = Story(cast).report().route().wait(hours=1)
    story.split(item=DAMP_WALL, description="And the wall behind is wet")
    new = Event.objects.get(origin=story.id)
    other = at(story, new)
    assert story.last.params == {"new": new.number}
    assert (new.item.code, new.description, new.level) == (
        DAMP_WALL,
        "And the wall behind is wet",
        "community",
    )
    assert (new.recorded_at, new.reporter, new.source) == (
        story.event.recorded_at,
        cast.worker,
        story.event.source,
    )
    assert other.timeline == [("report", "reported")]
    assert other.last.params["origin"] == story.event.number
    assert other.running["accept"] == "Mon 03-04 09:30"
    assert (story.event.state, story.event.version) == (State.REPORTED, 2)
    assert story.waiting == ["report", "route", "split"] and other.waiting == ["report"]
    assert other.route().event.desk.code.startswith("COMMUNITY@")


def test_neither_part_is_taken_back_by_the_reporter(cast):
    story = Story(cast).report().route().split(item=KITCHEN, description="Oil in the drain")
    assert story.refused("withdraw") == "desk_has_acted"
    assert at(story, Event.objects.get(origin=story.id)).route().refused("withdraw") == "desk_has_acted"


def test_a_split_names_item_and_matter_and_comes_before_the_dispatch(cast):
    story = story_at(cast, State.ACCEPTED)
    assert story.refused("split", item=KITCHEN) == "description:required"
    assert story.refused("split", description="x") == "item:required"
    assert (
        story.refused("split", item=KITCHEN, area_code=NEXT_GRID, description="x") == "area_code:wrong_place"
    )
    assert not Event.objects.filter(origin=story.id).exists()
    later = story_at(cast, State.DISPATCHED)
    assert later.refused("split", item=KITCHEN, description="x") == "wrong_state"


# Follow-up ----------------------------------------------------------------------------------------


def test_what_remains_to_be_done_becomes_an_event_of_its_own(cast):
    story = story_at(cast, State.HANDLING).wait(hours=1)
    files = story.evidence("police")
    input = {"result": "Cleared", "evidence": files, "item": LOAN_FIRM}
    with pytest.raises(Exception, match="invalid_input"):
        Story.do(story, "feed_back", "police", **input)
    Story.do(story, "feed_back", "police", **input, description="The lender behind it")
    new = Event.objects.get(origin=story.id)
    assert story.event.state == State.FED_BACK
    assert story.last.params["follow_up"] == new.number
    assert (new.recorded_at, new.item.code, new.area_code) == (story.now, LOAN_FIRM, story.event.area_code)
    other = at(story, new).route()
    assert other.clocks("accept")["accept"][0] > story.now
    assert other.refused("withdraw") == "desk_has_acted"


# Assistants ---------------------------------------------------------------------------------------


def test_an_assistant_declines_for_itself(cast):
    story = story_at(cast, State.HANDLING)
    before = story.event
    assert story.refused("assist_decline") == "reason:required"
    story.assist_decline(reason="No squad free")
    event = story.event
    assert (event.state, event.version, event.due) == (State.HANDLING, before.version, before.due)
    assert [row.status for row in Assignment.objects.filter(event=story.id, part="assistant")] == ["declined"]
    assert story.refused("assist_decline", reason="Again") == "not_found"
    assert story.feed_back().last.params == {}


def test_who_has_fed_back_declines_no_more(cast):
    story = story_at(cast, State.HANDLING).assist_sign("city").assist_feed_back("city", result="Swept")
    assert story.refused("assist_decline", reason="Late") == "assistance_done"
    assert story.event.item.code == SHOP_IN_ROAD
