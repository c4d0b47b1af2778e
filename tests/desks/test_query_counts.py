"""How many statements each request costs, session and person included, in a warm process.

BEGIN, COMMIT and SAVEPOINT are not counted. The limits are the product's promise: report 9, list 10
whatever its length, event 15, move 13. Two are common to all: the session, the person with the district.
"""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import State
from tests.caller import EVENTS, Caller
from tests.cast import CITY, FIRE_LANE, GRID, POLICE, SHOP_IN_ROAD, Story, manifest, story_at, unit

TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")


def statements(call, *args, **options):
    """The statements of a call that succeeds, without those of the transaction."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        status, body = call(*args, **options)
    assert status < 300, body
    return [query["sql"] for query in captured if not query["sql"].startswith(TRANSACTION)]


@pytest.fixture
def warm(cast):
    """A caller whose scope, list and calendar are in memory."""

    def warm_(name):
        caller = Caller(getattr(cast, name))
        caller.get("/api/v1/me/")
        caller.get("/api/v1/items/")
        Story(cast).report().route()
        caller.get(EVENTS)
        return caller

    return warm_


def a_report(**change):
    return {
        "id": str(uuid.uuid4()),
        "item": SHOP_IN_ROAD,
        "area_code": GRID,
        "description": "Boxes",
        "photos": manifest("before_photo"),
    } | change


def test_a_report(warm):
    """1 session, 2 person, 3 key and number, 4 step, 5 its text, 6 event, 7 clocks, 8 manifest, 9 outbox.

    The place, by a point or by name, is found in memory.
    """
    worker = warm("worker")
    worker.post(EVENTS, a_report())
    point = {"longitude": 120.177, "latitude": 30.271, "area_code": ""}
    worker.post(EVENTS, a_report(**point))
    assert len(statements(worker.post, EVENTS, a_report(**point))) <= 9
    found = statements(worker.post, EVENTS, a_report(item="10101", photos=[]))
    assert len(found) <= 9, found
    found = statements(worker.post, EVENTS, a_report())
    assert len(found) <= 9, found


@pytest.mark.parametrize("number", [1, 60])
def test_a_list_of_any_length(warm, cast, number):
    """1 session, 2 person, 3 the rows with item, desk, holder and lead."""
    director = warm("director")
    for _ in range(number):
        Story(cast).report().route()
    for query in ({}, {"state": "reported"}, {"area": GRID, "open": "true"}):
        found = statements(director.get, EVENTS, **query)
        assert len(found) <= 10, found


@pytest.mark.parametrize("state", list(State)[:6])
@pytest.mark.parametrize("by", ["director", "worker", "police"])
def test_an_event(warm, cast, state, by):
    """1 session, 2 person, 3 the event, 4 its orders, 5 running clocks (once for verify, once for rework),
    then its evidence and what the conditions of single verbs ask."""
    if state == State.ON_HOLD or (by == "police" and state in (State.REPORTED, State.ACCEPTED)):
        state = State.HANDLING
    caller, story = warm(by), story_at(cast, state)
    found = statements(caller.get, f"{EVENTS}{story.id}/")
    assert len(found) <= 15, found


MOVES = [
    (State.REPORTED, "acceptor", "accept", {}),
    (
        State.REPORTED,
        "acceptor",
        "accept",
        {"item": FIRE_LANE, "area_code": "330104005002001", "note": "Moved"},
    ),
    (State.REPORTED, "acceptor", "reject", {"reason": "unclear", "answer": "Where?"}),
    (State.REPORTED, "acceptor", "escalate", {"reason": "Too big"}),
    (State.REPORTED, "worker", "self_close", {"result": "Done", "evidence": "worker"}),
    (State.ACCEPTED, "dispatcher", "dispatch", {"lead": POLICE}),
    (State.ACCEPTED, "dispatcher", "dispatch", {"lead": POLICE, "assistants": [CITY], "note": "Go"}),
    (State.DISPATCHED, "dispatcher", "recall", {"reason": "No"}),
    (State.DISPATCHED, "police", "sign", {}),
    (State.DISPATCHED, "police", "return", {"reason": "not_our_duty", "explanation": "Not us"}),
    (State.DISPATCHED, "city", "assist_sign", {}),
    (State.HANDLING, "police", "feed_back", {"result": "Done", "evidence": "police"}),
    (State.FED_BACK, "worker", "verify", {"note": "Fine"}),
    (State.FED_BACK, "worker", "verify", {"note": "Fine", "evidence": "worker"}),
    (State.FED_BACK, "worker", "rework", {"missing": "More"}),
    (State.HANDLING, "director", "comment", {"text": "Soon"}),
]


@pytest.mark.parametrize(("state", "by", "verb", "input"), MOVES)
def test_a_move(warm, cast, state, by, verb, input):
    """1 session, 2 person, 3 the locked event with item and desk, 4 its orders, then what the verb's input
    names; at the end the step, its text, the event, ended and opened clocks, the files, the outbox."""
    caller, story = warm(by), story_at(cast, state)
    input = dict(input)
    if "lead" in input:
        input["lead"] = unit(input["lead"]).pk
        input["assistants"] = [unit(code).pk for code in input.get("assistants", [])]
    if "evidence" in input:
        input["evidence"] = story.evidence(input["evidence"], "after_photo")
    found = statements(
        caller.move, story, verb, request_id=uuid.uuid4(), version=story.event.version, **input
    )
    assert len(found) <= 13, "\n".join(sql[:160] for sql in found)
