"""Dispatch, recall, sign, return: orders, their clocks, and who decides after a return."""

import pytest

from dispatch.errors import InputError, MoveError, NotFoundError, NotPermittedError, WrongStateError
from dispatch.models import Assignment
from events.models import Event, Level, State
from tests.cast import (
    BRAWL,
    CENTRE,
    CITY,
    DESK,
    FIRE,
    FIRE_LANE,
    GRID,
    KITCHEN,
    POLICE,
    ROOM,
    TEAM,
    Story,
    story_at,
    unit,
)


def orders(story):
    """(organisation, part, status, still at work) of every order so far."""
    rows = Assignment.objects.filter(event=story.id).select_related("organization").order_by("id")
    return [(row.organization.code, row.part, row.status, row.ended_at is None) for row in rows]


@pytest.fixture
def accepted(cast):
    return story_at(cast, State.ACCEPTED)


def test_a_lead_and_assistants_get_the_order_and_the_turn_passes(accepted):
    story = accepted.wait(minutes=5).dispatch(lead=POLICE, assistants=[CITY, FIRE], note="Go together")
    event = story.event
    assert (event.state, event.lead.code, event.holder.code) == (State.DISPATCHED, POLICE, POLICE)
    assert set(event.participants) == {unit(code).pk for code in (POLICE, CITY, FIRE)}
    assert orders(story)[0] == (POLICE, "lead", "sent", True)
    assert set(orders(story)[1:]) == {(CITY, "assistant", "sent", True), (FIRE, "assistant", "sent", True)}
    assert story.last.params == {"lead": POLICE, "assistants": [CITY, FIRE]}
    assert story.texts == {"note": "Go together"}
    # Four working hours: handled by 14:40; signed within an hour, a quarter of them.
    assert story.running == {
        "handle": "Mon 03-04 14:40",
        "sign": "Mon 03-04 10:10",
        "whole": "Mon 03-04 17:30",
    }
    assert event.due == story.clocks()["sign"][0]
    assert story.waiting[-1] == "dispatch"


def test_an_order_to_ones_own_organisation_is_signed_by_sending_it(accepted):
    story = accepted.dispatch(lead=ROOM)
    event = story.event
    assert (event.state, event.holder.code) == (State.HANDLING, ROOM)
    assert orders(story) == [(ROOM, "lead", "signed", True)]
    assert "sign" not in story.running
    row = Assignment.objects.get(event=story.id)
    assert (row.signed_at, row.signed_by) == (story.now, story.cast.dispatcher)


def test_one_does_not_return_what_one_sent_to_oneself(accepted):
    story = accepted.dispatch(lead=ROOM)
    with pytest.raises(MoveError) as refusal:
        story.return_("director", reason="not_our_duty", explanation="Not us")
    assert refusal.value.code == "own_order"


def test_the_limit_may_be_shortened_never_lengthened(cast):
    story = story_at(cast, State.ACCEPTED, KITCHEN)
    for amount in (4, 0, -1, "1.5", "soon"):
        with pytest.raises(InputError) as refusal:
            story.dispatch(lead=POLICE, amount=amount)
        assert list(refusal.value.fields) == ["amount"]
    whole = story.event.whole_due
    story.dispatch(lead=POLICE, amount=1)
    assert story.running["handle"] == "Tue 03-05 17:30"
    assert story.last.params["amount"] == [1, "working_days"]
    assert story.event.whole_due == whole


@pytest.mark.parametrize("lead", ["GAFJ@330104006", "ZHZX@330104006", CENTRE, "TEAM@330104005001002"])
def test_an_organisation_that_cannot_take_it_is_refused(accepted, lead):
    with pytest.raises(InputError) as refusal:
        accepted.dispatch(lead=lead)
    (error,) = refusal.value.fields["lead"]
    assert (error["code"] == "invalid_choice" and "cannot take" in error["message"]) or error["message"]
    with pytest.raises(InputError):
        accepted.dispatch(lead=POLICE, assistants=[lead])
    assert accepted.event.state == State.ACCEPTED
    assert orders(accepted) == []


def test_an_organisation_that_was_closed_down_takes_nothing(accepted):
    type(unit(POLICE)).objects.filter(pk=unit(POLICE).pk).update(is_active=False)
    with pytest.raises(InputError):
        accepted.dispatch(lead=POLICE)


def test_the_lead_does_not_assist_itself(accepted):
    with pytest.raises(InputError) as refusal:
        accepted.dispatch(lead=POLICE, assistants=[POLICE, CITY])
    assert refusal.value.fields["assistants"][0]["code"] == "lead_assists"


def test_a_community_desk_sends_the_grids_team_or_goes_itself(cast):
    story = Story(cast, FIRE_LANE).report().route().accept("community")
    with pytest.raises(InputError):
        story.dispatch("community", lead=POLICE)
    story.dispatch("community", lead=TEAM)
    assert (story.event.state, story.event.desk.code) == (State.DISPATCHED, DESK)
    story.sign("leader")
    assert story.event.state == State.HANDLING


def test_dispatching_is_for_the_desk_and_accepted_events(accepted):
    for by in ("worker", "acceptor", "verifier", "centre", "supervisor"):
        with pytest.raises(NotPermittedError):
            accepted.dispatch(by, lead=POLICE)
    for by in ("police", "neighbour", "community"):
        with pytest.raises(MoveError) as refusal:
            accepted.dispatch(by, lead=POLICE)
        assert refusal.value.code == ("not_permitted" if by == "community" else "not_found")
    accepted.dispatch(lead=POLICE)
    with pytest.raises(WrongStateError):
        accepted.dispatch(lead=FIRE)


def test_the_lead_signs_and_the_sign_clock_ends(cast):
    story = story_at(cast, State.DISPATCHED).wait(minutes=7).sign()
    event = story.event
    assert (event.state, event.holder.code) == (State.HANDLING, POLICE)
    assert set(story.running) == {"handle", "whole"}
    assert event.due == story.clocks()["handle"][0]
    row = Assignment.objects.get(event=story.id, part="lead")
    assert (row.status, row.signed_at, row.signed_by) == ("signed", story.now, cast.police)
    assert story.last.organization.code == POLICE


@pytest.mark.parametrize("by", ["city", "director", "dispatcher", "worker"])
def test_only_the_lead_signs(cast, by):
    story = story_at(cast, State.DISPATCHED)
    with pytest.raises(NotPermittedError):
        story.sign(by)


def test_recalling_ends_every_order_and_the_desk_decides_again(cast):
    story = story_at(cast, State.HANDLING).wait(minutes=5).recall(reason="The city squad is nearer")
    event = story.event
    assert (event.state, event.holder.code, event.lead, event.participants) == (
        State.ACCEPTED,
        ROOM,
        None,
        [],
    )
    assert orders(story) == [(POLICE, "lead", "recalled", False), (CITY, "assistant", "recalled", False)]
    assert set(story.running) == {"dispatch", "whole"}
    assert event.return_count == 0
    assert not Event.objects.visible_to(cast.police).filter(pk=story.id).exists()
    assert story.dispatch(lead=CITY).event.lead.code == CITY


def test_recalling_needs_a_reason_and_an_order(cast):
    story = story_at(cast, State.DISPATCHED)
    with pytest.raises(InputError):
        story.recall()
    with pytest.raises(NotPermittedError):
        story.recall("verifier", reason="No")
    story.recall(reason="Wrong one")
    with pytest.raises(WrongStateError):
        story.recall(reason="Again")


def test_the_lead_returns_what_is_not_its_duty(cast):
    story = story_at(cast, State.DISPATCHED).wait(minutes=5)
    story.return_(reason="not_our_duty", explanation="A matter for the city squad")
    event = story.event
    assert (event.state, event.desk.code, event.holder.code) == (State.ACCEPTED, ROOM, ROOM)
    assert (event.return_count, event.lead) == (1, None)
    assert orders(story)[0] == (POLICE, "lead", "returned", False)
    assert story.last.params == {"reason": "not_our_duty", "lead": POLICE}
    assert story.texts == {"explanation": "A matter for the city squad"}
    assert "dispatch" in story.running and "handle" not in story.running


def test_the_second_return_goes_to_the_district_whose_order_stands(cast):
    story = story_at(cast, State.DISPATCHED).return_(reason="not_our_duty", explanation="Not us")
    story.dispatch(lead=CITY).return_(reason="not_our_duty", explanation="Nor us")
    event = story.event
    assert (event.desk.code, event.holder.code, event.level, event.return_count) == (
        CENTRE,
        CENTRE,
        Level.DISTRICT,
        2,
    )
    assert story.last.params["desk"] == CENTRE
    with pytest.raises(NotPermittedError):
        story.dispatch("dispatcher", lead=POLICE)
    story.dispatch("centre", lead=POLICE)
    with pytest.raises(MoveError) as refusal:
        story.return_(reason="not_our_duty", explanation="Still not us")
    assert refusal.value.code == "district_order"
    assert story.sign().event.state == State.HANDLING


@pytest.mark.parametrize(("item", "window"), [(KITCHEN, 120), (BRAWL, 10)], ids=["normal", "critical"])
def test_after_signing_the_window_to_return_closes(cast, item, window):
    story = story_at(cast, State.DISPATCHED, item).sign()
    signed = story.now
    story.now = signed
    story.wait(minutes=window, seconds=1)
    with pytest.raises(MoveError) as refusal:
        story.return_(reason="wrong_place", explanation="Another street")
    assert refusal.value.code == "return_window_over"
    story.now = signed
    assert story.wait(minutes=window).return_(reason="wrong_place", explanation="There").event.state == (
        State.ACCEPTED
    )


def test_a_return_needs_a_reason_of_its_own_list_and_words(cast):
    story = story_at(cast, State.DISPATCHED)
    for input in ({"reason": "in_court", "explanation": "x"}, {"reason": "wrong_item"}, {}):
        with pytest.raises(InputError):
            story.return_(**input)
    with pytest.raises(NotPermittedError):
        story.return_("city", reason="wrong_item", explanation="An assistant cannot")


def test_an_event_in_rework_is_not_returned(cast):
    story = story_at(cast, State.FED_BACK).rework(missing="The picture")
    with pytest.raises(MoveError) as refusal:
        story.return_(reason="wrong_item", explanation="Hm")
    assert refusal.value.code == "in_rework"


def test_assistants_sign_and_feed_back_without_moving_the_event(cast):
    story = story_at(cast, State.HANDLING)
    before = story.event
    story.wait(minutes=1).assist_sign("city")
    with pytest.raises(MoveError) as refusal:
        story.assist_sign("city")
    assert refusal.value.code == "already_signed"
    story.wait(minutes=1).assist_feed_back("city", result="Road is swept", evidence=story.evidence("city"))
    event = story.event
    assert (event.state, event.version, event.holder_id, event.due) == (
        before.state,
        before.version,
        before.holder_id,
        before.due,
    )
    row = Assignment.objects.get(event=story.id, part="assistant")
    assert (row.status, row.signed_by, row.fed_back_by) == ("done", cast.city, cast.city)
    assert story.timeline[-2:] == [("assist_sign", "handling"), ("assist_feed_back", "handling")]
    assert story.last.evidence.count() == 1
    assert story.waiting[-1] == "assist_feed_back"


def test_an_assistant_signs_before_it_feeds_back_and_feeds_back_once(cast):
    story = story_at(cast, State.DISPATCHED)
    with pytest.raises(MoveError) as refusal:
        story.assist_feed_back("city", result="Done")
    assert refusal.value.code == "sign_first"
    story.assist_sign("city").assist_feed_back("city", result="Done")
    with pytest.raises(MoveError) as refusal:
        story.assist_feed_back("city", result="More")
    assert refusal.value.code == "sign_first"


def test_who_does_not_assist_has_no_assistants_verbs(cast):
    story = story_at(cast, State.HANDLING)
    for by in ("police", "dispatcher", "worker"):
        with pytest.raises(NotPermittedError):
            story.assist_sign(by)
    with pytest.raises(NotFoundError):
        story.assist_sign("fire")
    assert story.event.area_code == GRID
