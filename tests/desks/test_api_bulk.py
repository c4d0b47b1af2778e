"""One verb for many events by API: a result for each, refusals among them, and the whole may be sent again."""

import uuid

import pytest

from events.models import State, Step
from tests.caller import Caller
from tests.cast import GAMBLING, NEXT_GRID, Story, story_at

MOVES = "/api/v1/moves/"


@pytest.fixture
def stories(cast):
    """Ten: seven to be accepted, one accepted meanwhile, one out of sight, one that a colleague has moved on."""
    good = [Story(cast).report().route() for _ in range(7)]
    accepted = story_at(cast, State.ACCEPTED)
    elsewhere = Story(cast, GAMBLING).report("next_worker", area_code=NEXT_GRID).route()
    stale = Story(cast).report().route()
    return [*good[:4], accepted, elsewhere, stale, *good[4:]]


def asked(stories, **change):
    events = [{"event": str(story.id), "version": story.event.version} for story in stories]
    events[6]["version"] -= 1
    return {"verb": "accept", "request_id": str(uuid.uuid4()), "events": events} | change


def test_three_of_ten_are_refused_and_a_repeat_moves_nothing_twice(cast, stories):
    caller, body = Caller(cast.acceptor), asked(stories)
    status, first = caller.post(MOVES, body)
    assert (status, first["done"]) == (200, 7)
    assert [row["event"] for row in first["results"]] == [str(story.id) for story in stories]
    told = {n: (row["outcome"], row["code"], row["state"]) for n, row in enumerate(first["results"])}
    assert told == dict.fromkeys(range(10), ("done", "", "accepted")) | {
        4: ("refused", "wrong_state", "accepted"),
        5: ("not_found", "not_found", None),
        6: ("refused", "stale_version", "reported"),
    }
    assert all(row["message"] for row in first["results"] if row["code"])

    steps = Step.objects.count()
    assert caller.post(MOVES, body) == (200, first)
    assert Step.objects.count() == steps
    other = caller.post(MOVES, body | {"verb": "comment", "data": {"text": "Soon"}})[1]
    assert {row["code"] for row in other["results"][:4]} == {"stale_version"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"verb": "reject"}, "verb"),
        ({"events": []}, "events"),
        ({"events": [{"event": str(uuid.UUID(int=n))} for n in range(101)]}, "events"),
        ({"events": [{"event": "x"}]}, "events"),
        ({"request_id": None}, "request_id"),
        ({"data": {"note": ["x"]}}, "note"),
    ],
)
def test_what_cannot_be_read_moves_nothing(cast, stories, change, field):
    status, body = Caller(cast.acceptor).post(MOVES, asked(stories, **change))
    assert (status, body["code"], list(body["fields"])) == (400, "invalid_input", [field])
    assert body["fields"][field][0]["message"]
    assert not Step.objects.filter(event=stories[0].id, verb="accept").exists()
