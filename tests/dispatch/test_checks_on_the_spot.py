"""Ask for a check on the spot before accepting: the clocks stop and run on, an answer or its time ends it."""

from datetime import datetime

import pytest

from events.models import NEVER, Level, State
from tests.cast import BRAWL, FIRE_LANE, GAMBLING, SHANGHAI, STREET, TEAM, Story


@pytest.fixture
def asked(story) -> Story:
    """Asked at ten past nine, ten of the thirty minutes gone."""
    return story.report().route().wait(minutes=10).ask_check(question="Is it still there?")


def test_while_the_worker_looks_accept_and_whole_clock_stand_still(asked):
    event = asked.event
    assert (event.state, event.asks, event.due) == (State.REPORTED, ["check"], NEVER)
    assert {clock.kind: clock.stopped_at for clock in event.clocks.running()} == {
        "accept": asked.now,
        "whole": asked.now,
    }
    assert asked.texts == {"question": "Is it still there?"}
    assert event.first_act_at is None
    assert asked.tick().timeline[-1] == ("ask_check", "reported")


@pytest.mark.parametrize("finding", ["true", "not_a_fact", "other_place_or_item"])
def test_the_answer_gives_the_time_back(asked, finding):
    asked.wait(hours=1).answer_check(finding=finding, result="I stood there")
    assert (asked.last.params["finding"], asked.texts) == (finding, {"result": "I stood there"})
    assert asked.last.organization.code == TEAM
    assert asked.asked == {"check": "granted"}
    assert asked.running == {"accept": "Mon 03-04 10:30", "whole": "Tue 03-05 09:30"}
    assert asked.event.due == asked.clocks()["accept"][0]
    assert asked.event.whole_due == asked.clocks()["whole"][0]
    assert asked.accept().event.state == State.ACCEPTED


def test_the_step_keeps_the_old_and_the_new_whole_deadline(asked):
    asked.wait(hours=1).answer_check(finding="true", result="Yes")
    old, new = (datetime.fromisoformat(at).astimezone(SHANGHAI) for at in asked.last.params["whole_due"])
    assert (f"{old:%a %H:%M}", f"{new:%a %H:%M}") == ("Mon 17:30", "Tue 09:30")


@pytest.mark.parametrize("late", [{"seconds": 1}, {"hours": 6}], ids=["at once", "after a standstill"])
def test_without_an_answer_the_clocks_run_on_from_its_deadline(asked, late):
    """24 hours; however late the system notices, the deadlines are the same."""
    asked.wait(hours=24).tick()
    assert asked.asked == {"check": ""}
    asked.wait(**late).tick()
    assert ("lapse", "reported") in asked.timeline and asked.asked == {"check": "lapsed"}
    assert asked.running == {"accept": "Tue 03-05 09:30", "whole": "Tue 03-05 17:30"}
    assert asked.refused("answer_check", finding="true", result="Now") == "no_check_asked"


def test_an_urgent_event_waits_an_hour(cast):
    story = Story(cast, FIRE_LANE).report().route().ask_check("community", question="")
    story.wait(hours=1, seconds=1).tick()
    assert story.asked == {"check": "lapsed"}


def test_the_desk_may_go_on_without_the_answer(asked):
    asked.wait(minutes=30).accept()
    assert asked.asked == {"check": "lapsed"}
    assert asked.running == {"dispatch": "Mon 03-04 10:10", "whole": "Tue 03-05 09:00"}
    assert not asked.event.clocks.exclude(stopped_at=None).exists()


def test_a_rejected_report_ends_the_check(asked):
    asked.reject(reason="not_a_fact", answer="Nothing there.")
    assert (asked.asked, asked.running) == ({"check": "lapsed"}, {})


def test_raising_it_to_critical_waits_no_longer(asked):
    asked.correct(urgency="critical")
    assert asked.asked == {"check": "lapsed"}
    assert not asked.event.clocks.exclude(stopped_at=None).exists()


@pytest.mark.parametrize(
    ("item", "place", "code"),
    [(BRAWL, None, "critical"), (GAMBLING, None, "sensitive"), ("30202", STREET, "no_grid")],
)
def test_no_check_for_what_cannot_wait_or_what_nobody_there_may_see(cast, item, place, code):
    story = Story(cast, item).report(**({"area_code": place} if place else {})).route()
    assert story.refused("ask_check", question="") == code
    assert place is None or story.event.place_level == Level.STREET


def test_a_check_stops_the_clocks_once(asked):
    assert asked.refused("ask_check", question="And now?") == "check_already_asked"
    asked.answer_check(finding="true", result="Yes")
    assert asked.refused("ask_check", question="And now?") == "checked_before"


@pytest.mark.parametrize(("by", "code"), [("elsewhere", "not_found"), ("director", "not_permitted")])
def test_the_worker_of_the_place_answers(asked, by, code):
    assert asked.refused("answer_check", by, finding="true", result="Yes") == code


def test_an_answer_says_what_was_found(asked):
    assert asked.refused("answer_check", finding="perhaps", result="x") == "finding:invalid_choice"
    assert asked.refused("answer_check", finding="true") == "result:required"
