"""One verb for many events: each is moved alone, and each gets its own answer."""

import uuid
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispatch.bulk import MOST, NotInBulkError, Target, TooManyError, move_each
from dispatch.routing import propose
from events.models import Event, State, Step
from tests.cast import POLICE, Story, story_at, unit


@pytest.fixture
def send(cast):
    def send_(verb, by, targets, bulk_id=None, **data):
        now = max((story.now for story in stories if story), default=None)
        return move_each(
            verb,
            actor=cast.actor(by),
            targets=targets,
            now=now,
            bulk_id=bulk_id or uuid.uuid4(),
            data=data,
        )

    stories: list[Story] = []
    send_.stories = stories
    return send_


def target(story, version=None):
    return Target(story.id, story.event.version if version is None else version)


@pytest.fixture
def ten(cast, send):
    """Seven to accept; one that is accepted already, one moved since it was looked at, one of no such key."""
    good = [story_at(cast, State.REPORTED) for _n in range(7)]
    accepted, moved = story_at(cast, State.ACCEPTED), story_at(cast, State.REPORTED)
    send.stories += [*good, accepted, moved]
    targets = [target(story) for story in good]
    targets += [target(accepted), target(moved, version=99), Target(uuid.uuid4())]
    return good, targets


def test_ten_of_which_three_are_refused(send, ten):
    good, targets = ten
    results = send("accept", "acceptor", targets)
    assert [result.event_id for result in results] == [each.event_id for each in targets]
    assert [result.code for result in results[7:]] == ["wrong_state", "stale_version", "not_found"]
    assert Counter(result.outcome for result in results) == {"done": 7, "refused": 2, "not_found": 1}
    assert {story.event.state for story in good} == {State.ACCEPTED}
    assert all(result.event is not None for result in results[:9]) and results[9].event is None


def test_sending_it_again_moves_nothing_and_answers_the_same(send, ten):
    _good, targets = ten
    key = uuid.uuid4()
    first = send("accept", "acceptor", targets, key)
    steps = Step.objects.count()
    again = send("accept", "acceptor", targets, key)
    assert Step.objects.count() == steps
    assert [(row.outcome, row.code) for row in again] == [(row.outcome, row.code) for row in first]


def test_an_outsider_is_told_of_each_that_there_is_none(send, ten):
    good, targets = ten
    results = send("accept", "neighbour", targets)
    assert {(row.outcome, row.code, row.event) for row in results} == {("not_found", "not_found", None)}
    assert {story.event.state for story in good} == {State.REPORTED}


def test_who_sees_them_but_may_not_is_refused_each(send, ten):
    _good, targets = ten
    assert {row.code for row in send("accept", "verifier", targets[:7])} == {"not_permitted"}


def test_each_order_goes_to_its_own_proposed_lead_or_all_to_one(cast, send):
    stories = [story_at(cast, State.ACCEPTED) for _n in range(3)]
    send.stories += stories
    assert {row.code for row in send("dispatch", "dispatcher", [target(stories[0])])} == {""}
    first = Event.objects.get(pk=stories[0].id)
    assert first.lead == propose(first, district=cast.district, at=stories[0].now).lead
    rest = [target(story) for story in stories[1:]]
    assert [row.event.lead.code for row in send("dispatch", "dispatcher", rest, lead=unit(POLICE).pk)] == [
        POLICE,
        POLICE,
    ]
    recalled = send("recall", "dispatcher", [target(story) for story in stories], reason="By mistake")
    assert {row.code for row in recalled} == {""}
    assert {story.event.state for story in stories} == {State.ACCEPTED}


def test_what_is_wrong_with_the_input_is_said_of_each(cast, send):
    story = story_at(cast, State.ACCEPTED)
    send.stories.append(story)
    (result,) = send("urge", "director", [target(story)], text="")
    assert result.code == "invalid_input" and "marked fields" not in str(result.words)


def test_what_is_not_for_many_is_refused_before_anything_moves(cast, send):
    story = story_at(cast, State.REPORTED)
    send.stories.append(story)
    with pytest.raises(NotInBulkError):
        send("void", "centre", [target(story)], reason="x")
    with pytest.raises(TooManyError):
        send("accept", "acceptor", [Target(uuid.uuid4()) for _n in range(MOST + 1)])


def test_the_statements_grow_by_the_moves_alone(cast, send):
    stories = [story_at(cast, State.REPORTED) for _n in range(6)]
    send.stories += stories
    send("accept", "acceptor", [target(stories[0])])
    counts = []
    for some in (stories[1:2], stories[2:6]):
        with CaptureQueriesContext(connection) as captured:
            send("accept", "acceptor", [target(story) for story in some])
        counts.append(len([row for row in captured if "SAVEPOINT" not in row["sql"]]))
    one, four = counts
    assert (four - one) / 3 <= 13
