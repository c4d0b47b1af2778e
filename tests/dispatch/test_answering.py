"""Words with the reporter and with whoever is late: answer, rate, urge, supervise."""

import pytest

from events.models import State
from tests.cast import ADVICE, CENTRE, POLICE, ROOM, Story, story_at

# The reporter -------------------------------------------------------------------------------------


def test_the_desk_answers_in_any_state(cast):
    for state in (State.REPORTED, State.HANDLING, State.CLOSED):
        story = story_at(cast, state)
        version = story.event.version
        story.answer_reporter(answer="We are on it.")
        assert (story.event.answered_at, story.event.version, story.event.state) == (
            story.now,
            version,
            state,
        )
        assert story.texts == {"answer": "We are on it."}
    assert story.refused("answer_reporter", "police", answer="x") == "not_permitted"
    assert story.refused("answer_reporter") == "answer:required"


@pytest.fixture
def called(cast) -> Story:
    """A hotline case, closed on Monday at nine in the morning."""
    return Story(cast, ADVICE).report("community", source="hotline").route().self_close("community")


def test_a_hotline_case_is_answered_by_a_recorded_call(called):
    assert called.refused("answer_reporter", "community", answer="Paid.") == "reached:required"
    called.answer_reporter("community", answer="Paid.", reached="reached")
    assert (called.event.answered_at, called.last.params) == (called.now, {"reached": "reached"})


def test_three_tries_on_different_half_days_count(called):
    for hours, answered in ((0, False), (1, False), (4, False), (3, False), (17, True)):
        called.wait(hours=hours).answer_reporter("community", answer="Nobody", reached="not_reached")
        assert bool(called.event.answered_at) is answered, called.now
    assert called.event.answered_at == called.now


def test_after_reopening_the_tries_begin_anew(called):
    for _ in range(2):
        called.answer_reporter("community", answer="Nobody", reached="not_reached").wait(hours=5)
    called.reopen("community", reason="Wrong").dispatch(
        "community", lead=f"COMMUNITY@{called.event.area_code[:12]}"
    )
    called.feed_back("community").wait(days=1).verify("worker", note="Told")
    called.answer_reporter("community", answer="Nobody", reached="not_reached")
    assert called.event.answered_at is None


def test_the_reporter_rates_once_and_a_bad_rating_asks_for_a_review(cast):
    story = story_at(cast, State.CLOSED)
    assert story.refused("rate", rating="splendid") == "rating:invalid_choice"
    assert story.refused("rate", "colleague", rating="good") == "not_permitted"
    story.rate(rating="bad", note="Not done")
    assert (story.event.rating, story.event.state) == ("bad", State.CLOSED)
    assert "bad_rating" in story.event.flags
    assert story.refused("rate", rating="good") == "rated_already"
    assert story_at(cast, State.HANDLING).refused("rate", rating="good") == "wrong_state"


def test_a_good_rating_asks_for_nothing(cast):
    assert "bad_rating" not in story_at(cast, State.CLOSED).rate(rating="very_good").event.flags


# Who is late --------------------------------------------------------------------------------------


def test_urging_is_counted_and_moves_nothing(cast):
    story = story_at(cast, State.HANDLING)
    before = story.event
    for by in ("director", "chaser", "supervisor", "centre"):
        story.urge(by, text="Please")
    event = story.event
    assert (event.urge_count, event.version, event.due) == (4, before.version, before.due)
    assert story.refused("urge", "acceptor", text="x") == "not_permitted"
    assert story.refused("urge") == "text:required"


def test_a_supervision_is_answered_by_the_head_of_the_lead(cast):
    story = story_at(cast, State.HANDLING).wait(minutes=5).supervise(text="Why so slow?")
    assert story.event.asks == ["supervision"]
    assert story.last.params == {"answer_by": "2019-03-05T09:30:00+00:00"}
    assert story.refused("supervise", text="Again") == "supervision_already_asked"
    assert story.refused("answer_supervision", "police", text="x") == "not_permitted"
    assert story.refused("answer_supervision") == "text:required"
    story.answer_supervision(text="We began")
    assert (story.asked, story.texts) == ({"supervision": "granted"}, {"text": "We began"})
    assert story.last.organization.code == POLICE
    assert story.refused("answer_supervision", text="x") == "no_supervision_asked"


def test_without_a_lead_the_head_of_the_desk_answers(cast):
    story = story_at(cast, State.ACCEPTED).supervise("centre", text="Dispatch it")
    assert story.event.asked.get().to.code == ROOM
    assert story.refused("answer_supervision", "acceptor", text="x") == "not_permitted"
    story.answer_supervision("director", text="Done")
    assert story.event.asks == []


def test_the_supervision_ends_with_the_event(cast):
    story = story_at(cast, State.FED_BACK).supervise(text="Check it").verify(note="Seen")
    assert story.asked == {"supervision": "lapsed"}


def test_the_third_failed_check_is_supervised(cast):
    story = story_at(cast, State.FED_BACK).rework(missing="1").feed_back().rework(missing="2").feed_back()
    story.rework(missing="3")
    assert (story.asked, story.event.desk.code) == ({"supervision": ""}, CENTRE)
    assert story.answer_supervision(text="Sorry").event.asks == []
