"""Other ends and beginnings again: withdraw, reopen, a refused sample, closed by force, voided."""

import pytest

from dispatch.models import Outbox
from dispatch.outbox import drain
from events.models import OPEN_STATES, State
from tests.cast import CENTRE, FIRE_LANE, KITCHEN, POLICE, ROOM, Story, story_at, unit

# Withdraw -----------------------------------------------------------------------------------------


def test_the_reporter_takes_it_back_before_any_act(story):
    story.report().route().withdraw()
    event = story.event
    assert (event.state, event.holder, event.first_act_at, event.closed_at) == (State.VOID, None, None, None)
    assert (story.running, story.last.params) == ({}, {"reason": "withdrawn"})
    assert story.refused("withdraw") == "wrong_state"


def test_even_before_a_desk_is_found(story):
    story.report().withdraw()
    assert drain() == 2
    assert story.event.state == State.VOID
    assert not Outbox.objects.filter(step__event=story.id).exists()


@pytest.mark.parametrize(
    ("verb", "input"),
    [
        ("ask_check", {"question": ""}),
        ("correct", {"item": KITCHEN}),
        ("split", {"item": KITCHEN, "description": "x"}),
        ("escalate", {"reason": "x"}),
        ("transfer", {"desk": "ZHZX@330104006", "reason": "x"}),
    ],
)
def test_not_once_the_desk_has_acted(story, verb, input):
    story.report().route().do(verb, **input)
    assert story.refused("withdraw") == "desk_has_acted"


def test_a_reminder_and_a_comment_are_no_acts(story):
    story.report().route().wait(minutes=25).tick().comment(text="Look at it")
    assert story.withdraw().event.state == State.VOID


def test_nobody_else_takes_it_back(story):
    story.report().route()
    assert story.refused("withdraw", "colleague") == "not_permitted"
    assert story.accept().refused("withdraw") == "wrong_state"


# Reopen -------------------------------------------------------------------------------------------


@pytest.fixture
def closed(cast) -> Story:
    return story_at(cast, State.CLOSED)


def test_closed_badly_it_is_open_again_with_the_whole_deadline_it_had(closed):
    whole = closed.event.whole_due
    closed.wait(days=1).reopen(reason="The boxes are back")
    event = closed.event
    assert (event.state, event.desk.code, event.holder.code, event.lead) == (State.ACCEPTED, ROOM, ROOM, None)
    assert (event.closed_at, event.reopen_count, event.whole_due) == (None, 1, whole)
    assert closed.running == {"dispatch": "Tue 03-05 09:55", "whole": "Mon 03-04 17:30"}
    assert event.clocks.filter(kind="whole").count() == 1


def test_the_new_order_has_half_the_limit(closed):
    closed.reopen(reason="Back").dispatch(lead=POLICE)
    assert closed.running["handle"] == "Mon 03-04 11:25"
    again = closed.recall(reason="x")
    assert again.refused("dispatch", lead=POLICE, amount=3) == "amount:max_value"
    assert again.dispatch(lead=POLICE, amount=1).running["handle"] == "Mon 03-04 10:25"


def test_only_the_last_closing_counts(closed):
    first = closed.event.closed_at
    closed.wait(hours=1).reopen(reason="Back").dispatch(lead=POLICE).sign().feed_back().wait(minutes=5)
    closed.verify(note="Now")
    assert closed.event.closed_at == closed.now > first


def test_within_30_days(closed):
    assert closed.wait(days=30, seconds=1).refused("reopen", reason="Back") == "closed_long_ago"
    assert closed.wait(seconds=-1).reopen(reason="Back").event.state == State.ACCEPTED


def test_desk_or_supervisor_reopen_with_a_reason(closed):
    assert closed.refused("reopen") == "reason:required"
    for by in ("worker", "police", "dispatcher"):
        assert closed.refused("reopen", by, reason="x") == "not_permitted"
    assert closed.reopen("supervisor", reason="Bad").event.state == State.ACCEPTED


def test_what_was_told_and_rated_is_asked_anew(closed):
    closed.answer_reporter(answer="Done.").rate(rating="bad").reopen(reason="Rated bad")
    event = closed.event
    assert (event.rating, event.answered_at, event.flags) == ("", None, ["no_point"])


def test_closed_on_the_spot_and_reopened_it_is_no_self_closing_any_more(cast, monkeypatch):
    monkeypatch.setattr("dispatch.verbs.desk.is_drawn", lambda event, percent: True)
    story = Story(cast).report().route().self_close("colleague").reopen(reason="Still there")
    assert (story.event.self_closed, story.event.sample_state) == (False, "")


# A refused sample ---------------------------------------------------------------------------------


@pytest.fixture
def drawn(cast, monkeypatch) -> Story:
    monkeypatch.setattr("dispatch.verbs.desk.is_drawn", lambda event, percent: True)
    return Story(cast, FIRE_LANE).report().route().wait(minutes=5).self_close("colleague")


def test_a_refused_sample_is_reopened_and_counts_no_longer_as_self_closed(drawn):
    assert drawn.event.self_closed and drawn.refused("refuse_sample") == "reason:required"
    drawn.wait(days=1).refuse_sample(reason="The car stands there")
    event = drawn.event
    assert (event.state, event.self_closed, event.sample_state) == (State.ACCEPTED, False, "refused")
    assert (event.closed_at, event.reopen_count, event.holder_id) == (None, 1, event.desk_id)
    assert set(drawn.running) == {"dispatch", "whole"}
    assert drawn.refused("self_close", "colleague") == "sample_refused"
    assert drawn.timeline[-1] == ("refuse_sample", "accepted")


def test_the_sampler_alone_refuses_and_once(drawn):
    assert drawn.refused("refuse_sample", "colleague", reason="x") == "not_permitted"
    assert drawn.refused("refuse_sample", "director", reason="x") == "not_permitted"
    drawn.confirm_sample(note="Seen")
    assert drawn.refused("refuse_sample", reason="x") == "no_sample_pending"


def test_who_closed_it_does_not_judge_it(cast, monkeypatch):
    monkeypatch.setattr("dispatch.verbs.desk.is_drawn", lambda event, percent: True)
    story = Story(cast, FIRE_LANE).report("leader").route().self_close("leader")
    assert story.refused("refuse_sample", "leader", reason="x") == "not_permitted"
    assert story.event.sampler.code.startswith("COMMUNITY@")
    assert story.refuse_sample("community", reason="Still there").event.state == State.ACCEPTED


def test_a_sample_without_a_desk_yet_waits_for_it(cast, monkeypatch):
    monkeypatch.setattr("dispatch.verbs.desk.is_drawn", lambda event, percent: True)
    story = Story(cast, FIRE_LANE).report().self_close("colleague")
    assert story.refused("refuse_sample", reason="x") == "not_routed"


# By force, and void -------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in OPEN_STATES if state != State.ON_HOLD])
def test_the_centre_closes_any_open_event_by_force(cast, state):
    story = story_at(cast, state)
    assert story.refused("force_close") == "reason:required"
    assert story.refused("force_close", "director", reason="x") == "not_permitted"
    story.force_close(reason="The house was pulled down")
    event = story.event
    assert (event.state, event.forced, event.closed_at, event.holder) == (State.CLOSED, True, story.now, None)
    assert story.running == {}
    assert not event.assignments.filter(ended_at=None).exists()


def test_reopened_and_closed_in_the_ordinary_way_it_is_forced_no_more(cast):
    story = story_at(cast, State.ACCEPTED).force_close(reason="x").reopen(reason="y").dispatch(lead=POLICE)
    story.sign().feed_back().verify(note="Ok")
    assert (story.event.forced, story.event.state) == (False, State.CLOSED)


@pytest.mark.parametrize("state", [State.REPORTED, State.HANDLING, State.CLOSED, State.REJECTED])
def test_what_is_not_a_fact_is_voided_from_any_state(cast, state):
    story = story_at(cast, state)
    assert story.refused("void", "director", reason="x") == "not_permitted"
    filed = story.event.filed_at
    story.void(reason="A test")
    event = story.event
    assert (event.state, event.closed_at, event.holder, story.running) == (State.VOID, None, None, {})
    assert event.filed_at == filed
    assert story.refused("void", reason="x") == "wrong_state"
    assert unit(CENTRE).pk == story.last.organization_id


def test_a_voided_sample_is_checked_no_more(drawn):
    assert drawn.void(reason="A test").event.sample_state == ""
