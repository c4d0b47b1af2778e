"""How many statements each request costs, session and person included, in a warm process.

BEGIN, COMMIT and SAVEPOINT are not counted. The limits are the product's promise: report 9, list 10
whatever its length, event 15, move 13. Two are common to all: the session, the person with the district.
"""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.models import State
from tests.caller import EVENTS, Caller
from tests.cast import (
    CITY,
    DESK,
    FIRE_LANE,
    GRID,
    KITCHEN,
    NEXT_STREET,
    POLICE,
    SHOP_IN_ROAD,
    Story,
    manifest,
    story_at,
    unit,
)

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


def test_a_report_that_joins_another(warm, cast):
    """As a report, and the leading event; then as a move: the event, its step and text, its ended clocks, orders."""
    leading = Story(cast).report().route()
    found = statements(warm("colleague").post, EVENTS, a_report(same_as=str(leading.id)))
    assert len(found) <= 17, "\n".join(sql[:160] for sql in found)


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


HOLD = {
    "reason": "weather",
    "review_on": (timezone.localdate() + timedelta(days=9)).isoformat(),
    "safety_measure": "A fence",
}
RETURN = {"reason": "not_our_duty", "explanation": "Not us"}
GRANT = {"decision": "granted", "note": "Once"}
NEXT_ROOM = f"ZHZX@{NEXT_STREET}"
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
    (State.REPORTED, "acceptor", "ask_check", {"question": "Still there?"}),
    (State.REPORTED, "acceptor", "correct", {"item": KITCHEN, "urgency": "urgent"}),
    (State.REPORTED, "acceptor", "transfer", {"desk": f"ZHZX@{NEXT_STREET}", "reason": "Over there"}),
    (State.REPORTED, "worker", "withdraw", {}),
    (State.REPORTED, "centre", "void", {"reason": "A test"}),
    (State.ACCEPTED, "dispatcher", "hand_down", {"desk": DESK, "reason": "Small"}),
    (State.HANDLING, "city", "assist_decline", {"reason": "No squad"}),
    (State.HANDLING, "police", "request_extension", {"amount": 1, "reason": "Rain"}),
    (State.HANDLING, "police", "request_hold", HOLD),
    (State.HANDLING, "supervisor", "supervise", {"text": "Why?"}),
    (State.HANDLING, "centre", "force_close", {"reason": "Pulled down"}),
    (State.HANDLING, "director", "urge", {"text": "Please"}),
    (State.CLOSED, "acceptor", "reopen", {"reason": "Back again"}),
    (State.CLOSED, "acceptor", "answer_reporter", {"answer": "Done."}),
    (State.CLOSED, "worker", "rate", {"rating": "bad"}),
    (State.CLOSED, "centre", "correct", {"item": KITCHEN}),
    (State.REJECTED, "supervisor", "restore", {"reason": "It is clear"}),
]
ANSWERS = [
    (
        State.REPORTED,
        ("ask_check", {"question": ""}),
        "worker",
        "answer_check",
        {"finding": "true", "result": "Yes"},
    ),
    (State.REPORTED, ("ask_check", {"question": ""}), "acceptor", "accept", {"note": "Go on"}),
    (State.REPORTED, ("ask_check", {"question": ""}), "acceptor", "correct", {"urgency": "critical"}),
    (
        State.REPORTED,
        ("transfer", {"desk": NEXT_ROOM, "reason": "x"}),
        "neighbour",
        "accept_transfer",
        {"note": "Ours"},
    ),
    (
        State.REPORTED,
        ("transfer", {"desk": NEXT_ROOM, "reason": "x"}),
        "neighbour",
        "refuse_transfer",
        {"reason": "No"},
    ),
    (State.DISPATCHED, ("return", RETURN), "dispatcher", "refuse_return", {"reason": "Yours"}),
    (
        State.HANDLING,
        ("request_extension", {"amount": 1, "reason": "x"}),
        "dispatcher",
        "decide_extension",
        GRANT,
    ),
    (State.HANDLING, ("request_hold", HOLD), "centre", "hold", {"note": "Agreed"}),
    (State.HANDLING, ("request_hold", HOLD), "centre", "refuse_hold", {"reason": "No"}),
    (State.HANDLING, ("supervise", {"text": "Why?"}), "police_head", "answer_supervision", {"text": "So"}),
]


@pytest.mark.parametrize(("state", "by", "verb", "input"), MOVES)
def test_a_move(warm, cast, state, by, verb, input):
    """1 session, 2 person, 3 the locked event with item and desk, 4 its orders, then what the verb's input
    names; at the end the step, its text, the event, ended and opened clocks, the files, the outbox."""
    assert_costs(13, warm(by), lately(cast, state), verb, input)


@pytest.mark.parametrize(("state", "asked", "by", "verb", "input"), ANSWERS)
def test_an_answer(warm, cast, state, asked, by, verb, input):
    """As a move, and what was asked; clocks that stood still are each written again."""
    story = lately(cast, state)
    story.now = timezone.now() - timedelta(minutes=1)  # a return can be refused for some working minutes only
    assert_costs(13, warm(by), story.do(asked[0], **asked[1]), verb, input)


def test_a_merge(warm, cast):
    """As a move, and the leading event, seen and then locked; what was asked lapses and the clocks run on."""
    leading, story = Story(cast).report().route(), Story(cast).report("colleague").route()
    story.ask_check(question="").transfer(desk=NEXT_ROOM, reason="x")
    input = {"leading": leading.event.number, "answer": "Known."}
    assert_costs(18, warm("acceptor"), story, "merge", input)


@pytest.mark.parametrize("verb", ["split", "feed_back"])
def test_a_move_that_reports_another_event(warm, cast, verb):
    """As a move, and the new event's number, step, text, row, clocks and outbox row."""
    state, by = (State.ACCEPTED, "acceptor") if verb == "split" else (State.HANDLING, "police")
    story = lately(cast, state)
    input = {"item": KITCHEN, "description": "And this"}
    if verb == "feed_back":
        input |= {"result": "Done", "evidence": "police"}
    assert_costs(20, warm(by), story, verb, input)


def lately(cast, state):
    """An event of this half hour, for the API moves it now."""
    return story_at(cast, state, at=timezone.now() - timedelta(minutes=25))


def assert_costs(most, caller, story, verb, input):
    input = dict(input)
    if "lead" in input:
        input["lead"] = unit(input["lead"]).pk
        input["assistants"] = [unit(code).pk for code in input.get("assistants", [])]
    if "desk" in input:
        input["desk"] = unit(input["desk"]).pk
    if "evidence" in input:
        input["evidence"] = story.evidence(input["evidence"], "after_photo")
    caller.get(EVENTS)
    at = {"request_id": uuid.uuid4(), "version": story.event.version}
    found = statements(caller.move, story, verb, **at, **input)
    assert len(found) <= most, "\n".join(sql[:160] for sql in found)


def test_a_desk_in_every_state(cast, enter, warm):
    """1 session, 2 person, 3 counts, 4 numbers of the day, 5 rows, 6 their clocks, 7 numbers of the groups,
    8 saved views. The map: 1, 2, 3 areas, or events and their clocks."""
    warm("director")
    for number in range(4):
        Story(cast, (SHOP_IN_ROAD, KITCHEN)[number % 2], at=timezone.now()).report().route()
    browser = enter("director")

    def get(path, **query):
        answer = browser.get(path, query)
        return answer.status_code, answer.content

    desk = {"queue": "open", "sort": "urgent", "cols": "place.number"}
    for query in (
        {},
        desk | {"group": "item"},
        desk | {"group": "place"},
        desk | {"group": "unit"},
        {"wall": "1"},
    ):
        get(reverse("desks:home"), **query)
        found = statements(get, reverse("desks:home"), **query)
        assert len(found) <= 9, "\n".join(sql[:160] for sql in found)
    for level in ("street", "event"):
        found = statements(get, reverse("desks:desk_map"), queue="open", level=level)
        assert len(found) <= 4, found
