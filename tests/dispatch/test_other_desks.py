"""Transfer, hand down, refuse a return: which desk decides, and who is bound by it."""

import pytest

from dispatch.models import Assignment
from events.models import Event, Level, State
from tests.cast import (
    BRAWL,
    CENTRE,
    CITY,
    DESK,
    FIRE,
    FIRE_LANE,
    LOAN_FIRM,
    NEXT_STREET,
    POLICE,
    ROOM,
    Story,
    story_at,
)

NEXT_ROOM = f"ZHZX@{NEXT_STREET}"
NOT_OURS = {"reason": "not_our_duty", "explanation": "Not us"}


# Transfer -----------------------------------------------------------------------------------------


@pytest.fixture
def asked(story) -> Story:
    return story.report().route().wait(minutes=10).transfer(desk=NEXT_ROOM, reason="Beyond the river")


def test_the_desk_acts_until_the_other_street_has_taken_it(asked):
    event = asked.event
    assert (event.desk.code, event.transfer_to.code, event.asks) == (ROOM, NEXT_ROOM, ["transfer"])
    assert asked.last.params == {"desk": NEXT_ROOM}
    assert asked.running["accept"] == "Mon 03-04 09:30"
    assert Event.objects.visible_to(asked.cast.neighbour).filter(pk=asked.id).exists()
    asked.accept().wait(minutes=5).accept_transfer()
    assert asked.event.desk.code == NEXT_ROOM


def test_taken_the_other_desk_decides_with_a_stage_of_its_own(asked):
    whole = asked.event.whole_due
    asked.wait(minutes=10).accept_transfer(note="Ours indeed")
    event = asked.event
    assert (event.state, event.desk.code, event.holder.code) == (State.REPORTED, NEXT_ROOM, NEXT_ROOM)
    assert (event.whole_due, event.transfer_to, asked.asked) == (whole, None, {"transfer": "granted"})
    assert asked.running == {"accept": "Mon 03-04 09:50", "whole": "Mon 03-04 17:30"}
    assert asked.last.params == {"desk": [ROOM, NEXT_ROOM]}
    assert asked.last.organization.code == NEXT_ROOM
    assert asked.refused("accept", "acceptor") == "not_permitted"
    assert asked.accept("neighbour").event.state == State.ACCEPTED


def test_refused_it_goes_to_the_district_centre_which_names_the_handler(asked):
    assert asked.refused("refuse_transfer") == "reason:required"
    asked.accept().wait(minutes=10).refuse_transfer(reason="The bridge is yours")
    event = asked.event
    assert (event.desk.code, event.level, event.state) == (CENTRE, Level.DISTRICT, State.ACCEPTED)
    assert (asked.asked, event.transfer_to) == ({"transfer": "refused"}, None)
    assert asked.running["dispatch"] == "Mon 03-04 09:50"
    asked.hand_down("centre", desk=ROOM, reason="Named by the centre")
    assert (asked.event.desk.code, asked.event.hand_down_count) == (ROOM, 1)


@pytest.mark.parametrize(
    ("verb", "input"),
    [
        ("escalate", {"reason": "Too big"}),
        ("self_close", {"by": "acceptor"}),
        ("reject", {"reason": "unclear", "answer": "?"}),
        ("void", {"reason": "Test"}),
    ],
)
def test_a_desk_that_goes_another_way_asks_no_longer(asked, verb, input):
    getattr(asked, verb)(**input)
    assert (asked.asked, asked.event.transfer_to) == ({"transfer": "lapsed"}, None)
    assert not Event.objects.visible_to(asked.cast.neighbour).filter(pk=asked.id).exists()


def test_a_dispatch_ends_it_too(asked):
    asked.accept().dispatch(lead=POLICE)
    assert (asked.asked, asked.event.transfer_to) == ({"transfer": "lapsed"}, None)


@pytest.mark.parametrize("desk", [ROOM, DESK, CENTRE, POLICE])
def test_only_another_desk_of_the_same_kind_is_asked(story, desk):
    assert story.report().route().refused("transfer", desk=desk, reason="x") == "desk:invalid_choice"


def test_one_at_a_time_and_never_from_the_centre(asked):
    assert asked.refused("transfer", desk=NEXT_ROOM, reason="x") == "transfer_already_asked"
    centre = Story(asked.cast, LOAN_FIRM).report().route()
    assert centre.refused("transfer", "centre", desk=NEXT_ROOM, reason="x") == "no_desk_beside"


def test_only_who_is_asked_answers(asked):
    for verb in ("accept_transfer", "refuse_transfer"):
        assert asked.refused(verb, "centre", reason="x") == "not_permitted"
        assert asked.refused(verb, "next_community", reason="x") == "not_found"


def test_a_community_asks_a_community(cast):
    story = Story(cast, FIRE_LANE).report().route()
    story.transfer("community", desk=f"COMMUNITY@{NEXT_STREET}001", reason="Behind the wall")
    story.accept_transfer("next_community")
    assert (story.event.desk.code, story.event.level) == (f"COMMUNITY@{NEXT_STREET}001", Level.COMMUNITY)


# Hand down ----------------------------------------------------------------------------------------


def test_an_upper_desk_hands_down_once_to_any_lower_desk(cast):
    story = story_at(cast, State.ACCEPTED).escalate(reason="Too big").wait(minutes=10)
    whole = story.event.whole_due
    assert story.refused("hand_down", "centre", desk=DESK) == "reason:required"
    story.hand_down("centre", desk=DESK, reason="Small enough")
    event = story.event
    assert (event.desk.code, event.holder.code, event.level) == (DESK, DESK, Level.COMMUNITY)
    assert (event.state, event.hand_down_count, event.whole_due) == (State.ACCEPTED, 1, whole)
    assert story.last.params == {"desk": [CENTRE, DESK]}
    assert story.running["dispatch"] == "Mon 03-04 09:45"
    story.escalate("community", reason="No, it is not")
    assert story.event.desk.code == ROOM
    assert story.refused("hand_down", desk=DESK, reason="Again") == "handed_down_before"


@pytest.mark.parametrize("desk", [CENTRE, ROOM, NEXT_ROOM, f"COMMUNITY@{NEXT_STREET}001", POLICE])
def test_only_to_a_desk_below(cast, desk):
    assert story_at(cast, State.ACCEPTED).refused("hand_down", desk=desk, reason="x") == "desk:invalid_choice"


def test_a_community_has_nobody_below(cast):
    story = Story(cast, FIRE_LANE).report().route().accept("community")
    assert story.refused("hand_down", "community", desk=DESK, reason="x") == "lowest_desk"


# A return refused ---------------------------------------------------------------------------------


@pytest.fixture
def returned(cast) -> Story:
    """Dispatched at ten past nine, due at 14:40, signed, returned at a quarter to ten."""
    story = story_at(cast, State.HANDLING)
    assert story.running["handle"] == "Mon 03-04 14:40"
    return story.wait(minutes=30).return_(**NOT_OURS)


def test_a_refused_return_leaves_the_lead_and_the_old_deadline(returned):
    assert returned.asked == {"return": ""}
    assert returned.refused("refuse_return") == "reason:required"
    returned.wait(minutes=10).refuse_return(reason="It is your street")
    event = returned.event
    assert (event.state, event.lead.code, event.holder.code) == (State.DISPATCHED, POLICE, POLICE)
    assert returned.running == {
        "handle": "Mon 03-04 14:40",
        "sign": "Mon 03-04 10:55",
        "whole": "Mon 03-04 17:30",
    }
    assert event.due == returned.clocks()["sign"][0]
    assert returned.asked == {"return": "refused"}
    assert event.clocks.filter(kind="handle").count() == 1
    rows = Assignment.objects.filter(event=returned.id).order_by("id")
    assert [(row.organization.code, row.status, row.groundless, row.ended_at is None) for row in rows] == [
        (POLICE, "sent", True, True),
        (CITY, "sent", False, True),
    ]
    assert returned.sign().feed_back().event.state == State.FED_BACK


@pytest.mark.parametrize(("item", "minutes"), [("30202", 15), (BRAWL, 5)])
def test_after_its_time_a_return_stands(cast, item, minutes):
    story = story_at(cast, State.DISPATCHED, item).return_(**NOT_OURS)
    at = story.now
    story.wait(minutes=minutes, seconds=1)
    assert story.refused("refuse_return", reason="Yours") == "return_stands"
    story.tick()
    assert story.asked == {"return": "lapsed"}
    assert story.refused("refuse_return", reason="Yours") == "no_return_asked"
    other = story_at(cast, State.DISPATCHED, item).return_(**NOT_OURS)
    other.now = at
    assert other.wait(minutes=minutes).refuse_return(reason="Yours").event.state == State.DISPATCHED


def test_another_lead_upholds_it_and_gets_a_full_clock(returned):
    returned.wait(minutes=10).dispatch(lead=FIRE)
    assert returned.asked == {"return": "granted"}
    assert returned.running["handle"] == "Mon 03-04 15:25"
    assert returned.event.clocks.filter(kind="handle").count() == 2


def test_a_desk_that_passes_it_on_lets_the_return_stand(returned):
    returned.hand_down(desk=DESK, reason="Small")
    assert returned.asked == {"return": "granted"}
    assert returned.refused("refuse_return", "community", reason="x") == "no_return_asked"


def test_the_second_groundless_return_must_be_answered_by_the_head(returned):
    returned.refuse_return(reason="Yours").return_(**NOT_OURS)
    assert (returned.event.desk.code, returned.event.return_count) == (CENTRE, 2)
    returned.refuse_return("centre", reason="Yours, says the district")
    event = returned.event
    assert (event.state, event.lead.code, event.asks) == (State.DISPATCHED, POLICE, ["supervision"])
    assert "answer_by" in returned.last.params
    assert returned.refused("return_", **NOT_OURS) == "district_order"
    returned.answer_supervision(text="We go")
    assert returned.asked == {"return": "refused", "supervision": "granted"}


def test_an_assistants_work_is_not_lost_by_a_refused_return(cast):
    story = story_at(cast, State.DISPATCHED).assist_sign("city").assist_feed_back("city", result="Swept")
    story.wait(minutes=5).return_(**NOT_OURS).wait(minutes=5).refuse_return(reason="Yours")
    assert story.refused("assist_sign", "city") == "already_signed"
    assert story.sign().feed_back().last.params == {}


def test_the_agency_does_not_refuse_its_own_return(returned):
    assert returned.refused("refuse_return", "acceptor", reason="x") == "not_permitted"
    assert returned.refused("refuse_return", "police", reason="x") == "not_found"
