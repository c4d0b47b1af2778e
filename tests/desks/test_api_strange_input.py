"""Whatever a program sends, the API answers with a code: never a server's error."""

import uuid
from base64 import b64encode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.workflow import VERBS
from events.models import State
from tests.caller import EVENTS, Caller
from tests.cast import GRID, SHOP_IN_ROAD, manifest, story_at


@pytest.fixture
def call(cast):
    callers = {name: Caller(getattr(cast, name)) for name in ("worker", "acceptor", "dispatcher", "police")}
    return callers.__getitem__


def a_report(**change):
    data = {
        "id": str(uuid.uuid4()),
        "item": SHOP_IN_ROAD,
        "area_code": GRID,
        "description": "Boxes on the pavement",
        "photos": manifest("before_photo"),
    }
    return data | change


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["\x00", "x" * 3000, "9999-12-31", "0001-01-01T00:00:00+14:00", "1e400", "%s", "' OR 1=1"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
QUIETLY = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
REPORT_FIELDS = [
    "item", "description", "address", "longitude", "latitude", "datum", "area_code", "occurred_at", "sent_at",
    "source", "confidential", "photos", "self_close", "result", "id",
]  # fmt: skip


@QUIETLY
@given(junk=st.dictionaries(st.sampled_from(REPORT_FIELDS), JUNK, max_size=3))
def test_no_report_is_too_strange_to_be_answered(call, junk):
    status, body = call("worker").post(EVENTS, a_report(**junk))
    assert status in (200, 201, 400, 409)
    assert status < 400 or (body["code"] and body["message"])


@QUIETLY
@given(
    case=st.sampled_from(
        [
            (State.REPORTED, "acceptor", "accept", ["item", "area_code", "note"]),
            (State.REPORTED, "acceptor", "reject", ["reason", "answer"]),
            (State.ACCEPTED, "dispatcher", "dispatch", ["lead", "assistants", "amount", "note"]),
            (State.DISPATCHED, "police", "return", ["reason", "explanation"]),
            (State.HANDLING, "police", "feed_back", ["result", "evidence"]),
            (State.FED_BACK, "worker", "verify", ["note", "evidence"]),
        ]
    ),
    data=st.data(),
)
def test_no_move_is_too_strange_to_be_answered(call, cast, case, data):
    state, by, verb, fields = case
    story = story_at(cast, state)
    junk = data.draw(st.dictionaries(st.sampled_from(fields), JUNK, max_size=3))
    status, body = call(by).move(story, verb, **junk)
    assert status in (200, 400)
    assert status == 200 or (body["code"] == "invalid_input" and body["fields"])
    assert verb in VERBS


@pytest.mark.parametrize("inside", ["p=2026", "p=notadate", "p=2026-13-40T00:00:00Z", "o=-1", "o=x", "r=x"])
def test_a_forged_cursor_is_not_found(call, inside):
    status, body = call("worker").get(EVENTS, cursor=b64encode(inside.encode()).decode())
    assert (status, body["code"]) == (404, "not_found")


def test_a_cursor_beyond_every_event_finds_none(call):
    status, body = call("worker").get(EVENTS, cursor=b64encode(b"o=" + b"9" * 30).decode())
    assert (status, body["results"]) == (200, [])


def test_a_body_nested_too_deeply_is_unreadable_with_csrf_checks_too(cast):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.worker, backend="accounts.backends.PostBackend")
    token = browser.get("/events/").cookies["csrftoken"].value
    answer = browser.post(
        EVENTS, "[" * 100_000, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable_body")


def test_without_the_csrf_token_the_log_in_has_changed(cast):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.worker, backend="accounts.backends.PostBackend")
    answer = browser.post(EVENTS, "{}", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_expired")


def test_a_file_is_no_check_sum(call, cast):
    story = story_at(cast, State.REPORTED)
    files = {
        "kind": "before_photo",
        "file": SimpleUploadedFile("a.jpg", b"no picture"),
        "sha256": SimpleUploadedFile("s", b"0"),
    }
    answer = call("worker").client.post(f"{EVENTS}{story.id}/evidence/", files)
    assert (answer.status_code, answer.json()["code"]) == (400, "not_an_image")


@pytest.mark.parametrize("address", ["/", "/events/"])
def test_a_list_is_only_read(call, address):
    assert call("worker").client.post(address).status_code == 405
