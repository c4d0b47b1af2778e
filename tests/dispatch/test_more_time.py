"""More time and hold: who may ask, until when, who decides, and what becomes of the deadlines."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import NEVER, State
from tests.cast import ADVICE, BRAWL, FIRE, GAMBLING, KITCHEN, POLICE, TEAM, Story, story_at

ASK = {"amount": 3, "reason": "The owner is away"}


@pytest.fixture
def handling(cast) -> Story:
    """Three working days from Monday, signed: due on Thursday at closing, the whole on Friday at 10:30."""
    story = story_at(cast, State.HANDLING, KITCHEN)
    assert story.running == {"handle": "Thu 03-07 17:30", "whole": "Fri 03-08 10:30"}
    return story


# More time ----------------------------------------------------------------------------------------


def test_granted_both_clocks_count_from_the_same_start_with_more(handling):
    handling.request_extension(**ASK)
    assert (handling.event.state, handling.event.asks) == (State.HANDLING, ["extension"])
    assert handling.last.params == {"amount": [3, "working_days"]}
    assert handling.running["handle"] == "Thu 03-07 17:30"
    handling.wait(days=1).decide_extension(decision="granted", note="Once")
    event = handling.event
    assert handling.running == {"handle": "Tue 03-12 17:30", "whole": "Wed 03-13 10:30"}
    assert (event.extension_count, event.whole_due) == (1, handling.clocks()["whole"][0])
    assert event.due == handling.clocks()["handle"][0]
    assert (handling.asked, handling.last.params["decision"]) == ({"extension": "granted"}, "granted")
    assert [clock.version for clock in event.clocks.running()] == [2, 2]
    assert "whole_due" in handling.last.params


def test_an_order_in_hours_gets_hours(cast):
    story = story_at(cast, State.HANDLING).request_extension(amount=2, reason="Rain")
    story.decide_extension(decision="granted")
    assert story.running == {"handle": "Mon 03-04 16:40", "whole": "Tue 03-05 10:30"}


def test_refused_nothing_moves(handling):
    handling.request_extension(**ASK).decide_extension(decision="refused", note="Begin")
    assert handling.running == {"handle": "Thu 03-07 17:30", "whole": "Fri 03-08 10:30"}
    assert (handling.asked, handling.event.extension_count) == ({"extension": "refused"}, 0)


def test_silence_is_refusal(handling):
    handling.request_extension(**ASK)
    handling.now = handling.clocks()["handle"][0]
    handling.wait(seconds=1)
    assert handling.refused("decide_extension", decision="granted") == "extension_lapsed"
    handling.tick()
    assert handling.asked == {"extension": "lapsed"}
    assert ("lapse", "handling") in handling.timeline
    assert handling.refused("decide_extension", decision="granted") == "no_extension_asked"


def test_it_is_asked_before_three_quarters_are_gone(handling):
    """Of three days of 7.5 hours: on Thursday, 1 hour 52 and a half minutes after the opening."""
    mark = handling.clocks()["handle"][0].replace(hour=10, minute=22, second=30)
    handling.now = mark
    assert handling.refused("request_extension", **ASK) == "too_late_to_extend"
    handling.now = mark - timedelta(seconds=1)
    assert handling.request_extension(**ASK).event.asks == ["extension"]


def test_it_is_asked_once(handling):
    handling.request_extension(**ASK)
    assert handling.refused("request_extension", **ASK) == "extended_before"
    handling.decide_extension(decision="refused")
    assert handling.refused("request_extension", **ASK) == "extended_before"


def test_the_next_lead_may_ask_where_the_first_was_refused_and_nobody_after_a_grant(handling):
    handling.request_extension(**ASK).recall(reason="Other squad")
    assert handling.asked == {"extension": "lapsed"}
    handling.wait(minutes=1).dispatch(lead=FIRE).sign().request_extension(**ASK)
    handling.decide_extension(decision="granted").recall(reason="Back").wait(minutes=1)
    handling.dispatch(lead=POLICE).sign()
    assert handling.refused("request_extension", **ASK) == "extended_before"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": 4}, "amount:max_value"),
        ({"amount": 0}, "amount:min_value"),
        ({"reason": ""}, "reason:required"),
    ],
)
def test_at_most_the_original_limit_and_with_a_reason(handling, change, code):
    assert handling.refused("request_extension", **(ASK | change)) == code


def test_never_for_a_critical_event_nor_in_rework(cast, handling):
    critical = story_at(cast, State.HANDLING, BRAWL)
    assert critical.refused("request_extension", amount=1, reason="x") == "critical"
    handling.feed_back().rework(missing="All")
    assert handling.refused("request_extension", **ASK) == "in_rework"


def test_after_a_rework_the_next_order_is_none(handling):
    handling.feed_back().rework(missing="All").recall(reason="Other squad").wait(minutes=1).dispatch(
        lead=FIRE
    )
    handling.return_(reason="not_our_duty", explanation="No")
    assert handling.event.return_count == 1


def test_half_a_day_is_extended_by_a_day_of_eight_hours(cast):
    """A reopened event of one working day has four working hours; more time is asked in days all the same."""
    story = Story(cast, ADVICE).report().route().accept("community").dispatch("community", lead=TEAM)
    story.sign("colleague").feed_back("colleague").verify("worker", note="Ok").reopen(
        "community", reason="No"
    )
    assert story.refused("dispatch", "community", lead=TEAM, amount=1) == "amount:max_value"
    story.dispatch("community", lead=TEAM).sign("colleague")
    assert story.running["handle"] == "Mon 03-04 14:30"
    story.request_extension("colleague", amount=1, reason="Ill").decide_extension(
        "community", decision="granted"
    )
    assert story.running["handle"] == "Tue 03-05 15:00"


def test_who_asks_and_who_decides(handling):
    assert handling.refused("request_extension", "city", **ASK) == "not_permitted"
    handling.request_extension(**ASK)
    for by in ("police", "acceptor", "centre"):
        assert handling.refused("decide_extension", by, decision="granted") == "not_permitted"
    handling.escalate(reason="Too big").decide_extension("centre", decision="granted")
    assert handling.event.extension_count == 1


# Hold ---------------------------------------------------------------------------------------------


def test_on_hold_handle_and_whole_clock_stand_still(handling):
    handling.request_hold(days=20)
    assert (handling.event.asks, handling.event.state) == (["hold"], State.HANDLING)
    assert handling.last.params == {"reason": "weather", "review_on": "2019-03-24"}
    assert handling.texts == {"safety_measure": "A fence stands round it"}
    handling.hold(note="Agreed")
    event = handling.event
    assert (event.state, event.holder.code, event.due) == (State.ON_HOLD, POLICE, NEVER)
    assert event.hold_review_on.isoformat() == "2019-03-24"
    assert timezone.localtime(event.held_until).isoformat() == "2019-08-31T00:00:00+08:00"
    assert {clock.kind for clock in event.clocks.running() if clock.stopped_at} == {"handle", "whole"}
    assert handling.asked == {"hold": "granted"}
    assert handling.wait(days=100).tick().timeline[-1] == ("hold", "on_hold")


@pytest.mark.parametrize("by", ["centre", "police"])
def test_resumed_a_day_limit_gets_back_the_working_days_of_the_hold(handling, by):
    """Monday to Friday: four working days."""
    handling.request_hold().hold().wait(days=4).resume(by, note="Dry again")
    event = handling.event
    assert (event.state, event.holder.code) == (State.HANDLING, POLICE)
    assert handling.running == {"handle": "Wed 03-13 17:30", "whole": "Thu 03-14 10:30"}
    assert (event.due, event.whole_due) == (handling.clocks()["handle"][0], handling.clocks()["whole"][0])
    assert (event.hold_review_on, event.held_until) == (None, None)
    assert handling.feed_back().verify(note="Dry").event.state == State.CLOSED


@pytest.mark.parametrize("late", [{}, {"days": 9}], ids=["at once", "after a standstill"])
def test_after_180_days_it_resumes_by_itself_and_for_the_last_time(handling, late):
    handling.request_hold().hold()
    until = handling.event.held_until
    handling.now = until - timedelta(seconds=1)
    assert handling.tick().event.state == State.ON_HOLD
    handling.now = until + timedelta(**late)
    handling.tick()
    assert handling.event.state == State.HANDLING
    assert ("auto_resume", "handling") in handling.timeline
    # Given back: the working days from the Monday of the dispatch on, so four are left from 2 September.
    assert handling.running["handle"] == "Thu 09-05 17:30"
    handling.now = until
    assert handling.refused("request_hold") == "held_long_enough"


def test_at_the_review_the_lead_asks_again_and_the_centre_decides_again(handling):
    """The review moves, the end of all holding and the standing clocks do not."""
    handling.request_hold(days=20).hold()
    until, stopped = handling.event.held_until, handling.event.clocks.get(kind="whole").stopped_at
    handling.wait(days=20).request_hold(days=30, reason="money").hold(note="Until the summer")
    event = handling.event
    assert (event.state, event.held_until, event.due) == (State.ON_HOLD, until, NEVER)
    assert event.hold_review_on.isoformat() == "2019-04-23"
    assert event.clocks.get(kind="whole").stopped_at == stopped
    handling.wait(days=30).request_hold().refuse_hold(reason="The money is there")
    assert handling.event.state == State.ON_HOLD
    handling.request_hold().resume()
    assert (handling.event.state, handling.asked) == (State.HANDLING, {"hold": "lapsed"})


def test_the_days_of_all_holds_are_counted_together(handling):
    handling.request_hold().hold().wait(days=100).resume().request_hold().hold()
    left = handling.event.held_until - handling.now
    assert 79 <= left.days <= 80


def test_refused_the_work_goes_on(handling):
    assert handling.request_hold().refused("refuse_hold") == "reason:required"
    handling.refuse_hold(reason="Work inside")
    assert (handling.event.state, handling.asked) == (State.HANDLING, {"hold": "refused"})
    assert handling.running == {"handle": "Thu 03-07 17:30", "whole": "Fri 03-08 10:30"}
    assert handling.request_hold().event.asks == ["hold"]


@pytest.mark.parametrize(
    ("input", "code"),
    [
        ({"days": 31}, "review_on:review_too_late"),
        ({"days": 0}, "review_on:review_too_late"),
        ({"reason": "lazy"}, "reason:invalid_choice"),
        ({"reason": "not_our_duty"}, "reason:invalid_choice"),
    ],
)
def test_a_hold_has_a_reason_of_the_list_and_a_review_within_30_days(handling, input, code):
    assert handling.refused("request_hold", **input) == code


def test_a_hold_names_the_safety_measure(handling):
    input = {"reason": "weather", "review_on": "2019-03-10"}
    with pytest.raises(Exception, match="invalid_input"):
        Story.do(handling, "request_hold", "police", **input)
    assert handling.event.asks == []


def test_a_hold_is_asked_before_the_deadline_and_never_for_a_critical_event(cast, handling):
    handling.now = handling.clocks()["handle"][0]
    assert handling.wait(seconds=1).refused("request_hold") == "deadline_over"
    assert story_at(cast, State.HANDLING, BRAWL).refused("request_hold") == "critical"


def test_the_district_centre_alone_decides_and_sees_what_it_decides(cast, handling):
    handling.request_hold()
    assert handling.refused("hold", "director") == "not_permitted"
    assert handling.refused("hold", "deployer") == "not_permitted"
    secret = story_at(cast, State.HANDLING, GAMBLING)
    assert secret.refused("hold") == "not_found"
    assert secret.request_hold().hold().event.state == State.ON_HOLD


@pytest.mark.parametrize("verb", ["feed_back", "recall"])
def test_what_was_asked_lapses_when_the_order_ends(handling, verb):
    handling.request_extension(**ASK).request_hold()
    handling.do(
        verb, "police", result="x", evidence=handling.evidence("police")
    ) if verb == "feed_back" else (handling.recall(reason="x"))
    assert handling.asked == {"extension": "lapsed", "hold": "lapsed"}


def test_closed_by_force_from_a_hold_and_reopened_the_deadline_has_moved(handling):
    handling.request_hold().hold().wait(days=4).force_close(reason="Demolished")
    event = handling.event
    assert (event.state, event.held_until, handling.running) == (State.CLOSED, None, {})
    assert f"{timezone.localtime(event.whole_due):%a %m-%d %H:%M}" == "Thu 03-14 10:30"
    handling.reopen(reason="It stands")
    assert handling.running["whole"] == "Thu 03-14 10:30"
    assert not handling.event.clocks.running().exclude(stopped_at=None).exists()
