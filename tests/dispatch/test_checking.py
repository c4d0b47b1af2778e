"""Feed back, verify, rework, comment: evidence, who may check, and the half limit."""

import pytest

from dispatch.errors import InputError, MoveError, NotPermittedError, WrongStateError
from dispatch.models import Assignment
from events.models import NEVER, Evidence, State
from tests.cast import (
    CENTRE,
    CITY,
    DAMP_WALL,
    DESK,
    FIRE_LANE,
    GAMBLING,
    KITCHEN,
    POLICE,
    ROOM,
    SHOP_IN_ROAD,
    STREET,
    TEAM,
    VIOLENCE,
    WEB_FRAUD,
    Story,
    story_at,
)


def test_the_result_with_its_evidence_goes_to_the_check(cast):
    story = story_at(cast, State.HANDLING).wait(minutes=30).feed_back(result="Shop has moved inside")
    event = story.event
    assert (event.state, event.holder.code) == (State.FED_BACK, ROOM)
    assert story.running == {"check": "Mon 03-04 11:45", "whole": "Mon 03-04 17:30"}
    assert story.texts == {"result": "Shop has moved inside"}
    assert story.last.params == {"assistants_missing": [CITY]}
    assert list(story.last.evidence.values_list("kind", flat=True)) == ["after_photo"]
    row = Assignment.objects.get(event=story.id, part="lead")
    assert (row.status, row.fed_back_by) == ("done", cast.police)
    assert story.waiting[-1] == "feed_back"


def test_when_every_assistant_is_done_nobody_is_missing(cast):
    story = story_at(cast, State.HANDLING).assist_sign("city").assist_feed_back("city", result="Ok")
    assert story.feed_back().last.params == {}


def test_without_the_items_evidence_nothing_is_fed_back(cast):
    story = story_at(cast, State.HANDLING, DAMP_WALL, area_code=STREET)
    for kinds in ((), ("document",), ("signature",), ("after_photo",)):
        files = story.evidence("police", *kinds) if kinds else []
        with pytest.raises(InputError) as refusal:
            Story.do(story, "feed_back", "police", result="Agreed", evidence=files)
        assert refusal.value.fields["evidence"][0]["code"] in ("missing_evidence", "required")
    files = story.evidence("police", "document", "signature")
    assert Story.do(story, "feed_back", "police", result="Agreed", evidence=files).event.state == "fed_back"


def test_files_of_others_or_not_arrived_or_used_before_do_not_count(cast):
    story = story_at(cast, State.HANDLING)
    others = story.evidence("city")
    promised = story.evidence("police")
    Evidence.objects.filter(pk__in=promised).update(received_at=None)
    elsewhere = story_at(cast, State.HANDLING).evidence("police")
    for files in (others, promised, elsewhere):
        with pytest.raises(InputError) as refusal:
            Story.do(story, "feed_back", "police", result="Done", evidence=files)
        assert refusal.value.fields["evidence"][0]["code"] == "invalid_choice"
    used = story.evidence("police")
    Story.do(story, "feed_back", "police", result="Done", evidence=used).rework(missing="Closer, please")
    with pytest.raises(InputError):
        Story.do(story, "feed_back", "police", result="Done", evidence=used)


@pytest.mark.parametrize("by", ["city", "director", "worker", "centre"])
def test_only_the_lead_feeds_back(cast, by):
    with pytest.raises(NotPermittedError):
        story_at(cast, State.HANDLING).feed_back(by)


def test_the_grid_worker_of_the_place_verifies_and_the_event_is_over(cast):
    story = story_at(cast, State.FED_BACK).wait(minutes=20).verify(note="Free now")
    event = story.event
    assert (event.state, event.holder, event.due, event.closed_at) == (State.CLOSED, None, NEVER, story.now)
    assert event.self_closed is False
    assert story.running == {}
    assert not Assignment.objects.filter(event=story.id, ended_at=None).exists()
    assert (story.texts, story.waiting[-1]) == ({"note": "Free now"}, "verify")
    assert story.last.organization.code == TEAM


def test_a_check_brings_a_note_or_a_photo(cast):
    story = story_at(cast, State.FED_BACK)
    with pytest.raises(InputError) as refusal:
        story.verify()
    assert refusal.value.fields["note"][0]["code"] == "required"
    story.verify(evidence=story.evidence("worker", "after_photo"))
    assert story.last.evidence.count() == 1


def test_the_desk_checks_once_two_hours_are_over(cast):
    story = story_at(cast, State.FED_BACK).wait(hours=2)
    with pytest.raises(MoveError) as refusal:
        story.verify("verifier", note="By telephone")
    assert refusal.value.code == "grid_checks_first"
    assert story.wait(seconds=1).verify("verifier", note="By telephone").event.state == State.CLOSED


@pytest.mark.parametrize("item", [VIOLENCE, GAMBLING])
def test_what_is_sensitive_is_checked_by_the_desk_never_on_the_doorstep(cast, item):
    story = story_at(cast, State.FED_BACK, item)
    with pytest.raises(MoveError) as refusal:
        story.verify("worker", note="I asked her")
    assert refusal.value.code == "desk_checks"
    assert story.verify("verifier", note="Asked by telephone").event.state == State.CLOSED


def test_where_the_grid_is_unknown_the_desk_checks(cast):
    story = story_at(cast, State.FED_BACK, area_code=STREET)
    assert story.verify("verifier", note="By telephone").event.state == State.CLOSED


def test_who_handled_or_fed_back_does_not_check(cast):
    story = Story(cast, FIRE_LANE).report().route().accept("community").dispatch("community", lead=TEAM)
    story.sign("worker").feed_back("colleague")
    for by in ("worker", "colleague"):
        with pytest.raises(MoveError) as refusal:
            story.verify(by, note="I was there")
        assert refusal.value.code == "own_work"
    assert story.verify("leader", note="I looked").event.state == State.CLOSED


def test_the_dispatcher_of_ones_own_order_does_not_check_it(cast):
    story = story_at(cast, State.ACCEPTED).dispatch("director", lead=ROOM).feed_back("director")
    story.wait(hours=3)
    with pytest.raises(MoveError) as refusal:
        story.verify("director", note="Fine")
    assert refusal.value.code == "own_work"


@pytest.mark.parametrize("by", ["police", "city", "dispatcher", "acceptor", "supervisor", "centre"])
def test_nobody_else_checks(cast, by):
    story = story_at(cast, State.FED_BACK).wait(hours=5)
    with pytest.raises(NotPermittedError):
        story.verify(by, note="Looks good")


@pytest.mark.parametrize(
    ("item", "limit"),
    [
        (SHOP_IN_ROAD, (120, "working_minutes")),
        (KITCHEN, (2, "working_days")),
        (WEB_FRAUD, (60, "calendar_minutes")),
    ],
)
def test_rework_gives_half_the_limit_and_leaves_the_whole_deadline(cast, item, limit):
    story = story_at(cast, State.FED_BACK, item)
    whole = story.event.whole_due
    story.wait(minutes=10).rework(missing="The pavement")
    event = story.event
    assert (event.state, event.holder.code, event.rework_count) == (State.HANDLING, POLICE, 1)
    clock = event.clocks.running().get(kind="handle")
    assert (clock.amount, clock.unit) == limit
    assert (event.due, event.whole_due) == (clock.due, whole)
    assert set(story.running) == {"handle", "whole"}
    assert story.texts == {"missing": "The pavement"}
    lead = Assignment.objects.get(event=story.id, part="lead")
    assert (lead.status, lead.fed_back_at) == ("signed", None)
    assert story.feed_back().verify(note="Now it is good").event.state == State.CLOSED


def test_rework_says_what_is_missing(cast):
    story = story_at(cast, State.FED_BACK)
    with pytest.raises(InputError):
        story.rework()
    with pytest.raises(NotPermittedError):
        story.rework("dispatcher", missing="All")


def test_the_third_failed_check_takes_the_event_to_the_next_level_whose_desk_checks_from_then_on(cast):
    story = story_at(cast, State.FED_BACK)
    for _ in range(2):
        story.rework(missing="More").feed_back()
        assert story.event.desk.code == ROOM
    story.rework(missing="Still more")
    event = story.event
    assert (event.desk.code, event.rework_count, event.holder.code) == (CENTRE, 3, POLICE)
    assert story.last.params["desk"] == [ROOM, CENTRE] and "answer_by" in story.last.params
    story.feed_back()
    assert story.event.holder.code == CENTRE
    with pytest.raises(MoveError) as refusal:
        story.verify("worker", note="Fine")
    assert refusal.value.code == "desk_checks"
    assert story.verify("centre", note="Fine").event.state == State.CLOSED


def test_a_closed_event_is_not_checked_again(cast):
    story = story_at(cast, State.CLOSED)
    for verb, input in (("verify", {"note": "x"}), ("rework", {"missing": "x"})):
        with pytest.raises(WrongStateError):
            story.do(verb, "worker", **input)


@pytest.mark.parametrize("state", [State.REPORTED, State.HANDLING, State.CLOSED, State.REJECTED])
def test_a_comment_changes_nothing_but_the_timeline(cast, state):
    story = story_at(cast, state)
    before = story.event
    story.comment("supervisor", text="Report to me today")
    after = story.event
    assert (after.state, after.version, after.due, after.holder_id) == (
        before.state,
        before.version,
        before.due,
        before.holder_id,
    )
    assert after.sequence == before.sequence + 1
    assert story.texts == {"text": "Report to me today"}


def test_lead_assistant_and_desk_may_comment_a_grid_worker_not(cast):
    story = story_at(cast, State.HANDLING)
    for by in ("police", "city", "acceptor"):
        story.comment(by, text="On the way")
    assert [step.organization.code for step in story.steps[-3:]] == [POLICE, CITY, ROOM]
    with pytest.raises(NotPermittedError):
        story.comment("worker", text="Hm")
    with pytest.raises(InputError):
        story.comment("police", text="")
    assert DESK != ROOM
