"""The API: reports, moves and lists as JSON; every refusal with code, field, and what to do."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Event, Item, State
from grids import memory
from tests.caller import EVENTS, Caller
from tests.cast import (
    BRAWL,
    CITY,
    DISTRICT,
    GRID,
    KITCHEN,
    POLICE,
    SHOP_IN_ROAD,
    Story,
    manifest,
    story_at,
    unit,
)


@pytest.fixture
def call(cast):
    callers = {}

    def call_(name):
        if name not in callers:
            callers[name] = Caller(getattr(cast, name))
        return callers[name]

    return call_


def a_report(**change):
    data = {
        "id": str(uuid.uuid4()),
        "item": SHOP_IN_ROAD,
        "area_code": GRID,
        "description": "Boxes on the pavement",
        "photos": manifest("before_photo"),
    }
    return data | change


def code_of(body, field):
    return body["fields"][field][0]["code"]


# Report -------------------------------------------------------------------------------------------


def test_a_report_is_created_and_its_repeat_gets_the_same_answer(call):
    data = a_report()
    status, first = call("worker").post(EVENTS, data)
    assert (status, first["state"], first["item"]) == (201, "reported", SHOP_IN_ROAD)
    status, again = call("worker").post(EVENTS, data)
    assert (status, again["number"], again["id"]) == (200, first["number"], data["id"])
    assert Event.objects.filter(tenant=DISTRICT).count() == 1


def test_the_same_key_with_other_content_or_from_another_person_is_a_conflict(call):
    data = a_report()
    call("worker").post(EVENTS, data)
    for by, change in (("worker", {"description": "Other"}), ("colleague", {})):
        status, body = call(by).post(EVENTS, data | change)
        assert (status, body["code"]) == (409, "different_content")
        assert body["message"] and "number" not in body


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"item": "99999"}, "item", "unknown_item"),
        ({"description": "x" * 2001}, "description", "max_length"),
        ({"photos": manifest(*["before_photo"] * 10)}, "photos", "too_many_photos"),
        ({"latitude": 30.3}, "longitude", "half_point"),
        ({"photos": []}, "photos", "missing_evidence"),
        ({"id": "seven"}, "id", "invalid_key"),
        ({"id": None}, "id", "invalid_key"),
        ({"description": "a\x00b"}, "description", "null_characters_not_allowed"),
    ],
)
def test_a_bad_report_names_field_code_and_what_to_do(call, change, field, code):
    status, body = call("worker").post(EVENTS, a_report(**change))
    assert (status, body["code"]) == (400, "invalid_input")
    assert code_of(body, field) == code
    assert body["message"] and body["fields"][field][0]["message"]


def test_the_words_come_in_the_readers_language_and_the_code_does_not(call):
    caller = call("worker").client
    bodies = [
        caller.post(
            EVENTS,
            json.dumps(a_report(item="99999")),
            content_type="application/json",
            headers={"Accept-Language": language},
        ).json()
        for language in ("zh-hans", "en")
    ]
    assert bodies[0]["code"] == bodies[1]["code"] == "invalid_input"
    assert bodies[1]["fields"]["item"][0]["message"].startswith("There is no item with this code")


def test_an_item_that_was_retired_then_is_refused(call, monkeypatch):
    Item.objects.filter(district=DISTRICT, code=SHOP_IN_ROAD).update(valid_to="2019-01-01")
    memory.forget()
    status, body = call("worker").post(EVENTS, a_report())
    assert (status, code_of(body, "item")) == (400, "retired_item")
    status, body = call("worker").post(EVENTS, a_report(occurred_at="2018-12-31T23:00"))
    assert status == 201 and "long_ago" in body["flags"]
    memory.forget()


def test_a_phone_hours_wrong_is_corrected_and_flagged(call):
    now = timezone.now()
    wrong = now - timedelta(hours=5)
    status, body = call("worker").post(
        EVENTS, a_report(occurred_at=(wrong - timedelta(minutes=9)).isoformat(), sent_at=wrong.isoformat())
    )
    assert status == 201 and "clock_corrected" in body["flags"]
    stored = Event.objects.get(pk=body["id"]).occurred_at
    assert abs(stored - (now - timedelta(minutes=9))) < timedelta(seconds=30)
    status, body = call("worker").post(EVENTS, a_report(occurred_at=(now + timedelta(hours=3)).isoformat()))
    assert status == 201 and "clock_ahead" in body["flags"]
    event = Event.objects.get(pk=body["id"])
    assert event.occurred_at == event.recorded_at


@pytest.mark.parametrize(
    "body",
    ["no json", "[]", '"text"', "null", "3", "[" * 100_000, '{"id": 1e400}', '{"item": "\\ud800"}', b"\xff\xfe"],
)  # fmt: skip
def test_a_body_that_is_no_object_is_unreadable(call, body, cast):
    for path in (EVENTS, f"{EVENTS}{uuid.uuid4()}/moves/"):
        status, answer = call("worker").post(path, body)
        assert (status, answer["code"]) == (400, "unreadable_body")
        assert answer["message"] == "无法读取请求内容。请按接口文档的格式提交。"


def test_a_form_is_not_json(call):
    response = call("worker").client.post(EVENTS, a_report() | {"photos": "[]"})
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


def test_who_is_not_logged_in_learns_that(db):
    for method, path in (("get", EVENTS), ("post", EVENTS), ("get", f"{EVENTS}{uuid.uuid4()}/")):
        response = getattr(Client(headers={"accept-language": "en"}), method)(path)
        assert (response.status_code, response.json()["code"]) == (401, "not_logged_in")
        assert "send an API token" in response.json()["message"]
        assert response["WWW-Authenticate"] == "Bearer"


def test_who_may_not_report_is_told_so(call):
    status, body = call("police").post(EVENTS, a_report())
    assert (status, body["code"]) == (403, "not_permitted")


# Moves --------------------------------------------------------------------------------------------


def test_a_whole_loop_by_api(call, cast):
    status, body = call("worker").post(EVENTS, a_report())
    story = Story(cast)
    story.id = uuid.UUID(body["id"])
    story.now = timezone.now()
    story.route()
    assert call("acceptor").move(story, "accept")[1]["state"] == "accepted"
    lead, helper = unit(POLICE).pk, unit(CITY).pk
    assert call("dispatcher").move(story, "dispatch", lead=lead, assistants=[helper])[1]["lead"] == POLICE
    assert call("police").move(story, "sign")[1]["state"] == "handling"
    assert call("city").move(story, "assist_sign")[0] == 200
    assert call("city").move(story, "assist_feed_back", result="Swept")[0] == 200
    proof = story.evidence("police")
    assert call("police").move(story, "feed_back", result="Gone", evidence=proof)[1]["state"] == "fed_back"
    assert call("worker").move(story, "rework", missing="A picture from the front")[1]["rework_count"] == 1
    proof = story.evidence("police")
    assert call("police").move(story, "feed_back", result="Here", evidence=proof)[0] == 200
    status, body = call("worker").move(story, "verify", note="Free")
    assert (status, body["state"], body["holder"]) == (200, "closed", None)
    status, steps = call("director").get(f"{EVENTS}{story.id}/steps/")
    assert [step["verb"] for step in steps][-2:] == ["feed_back", "verify"]
    assert [step["sequence"] for step in steps] == list(range(1, len(steps) + 1))


def test_the_second_of_two_learns_what_the_first_did(call, cast):
    story = Story(cast).report().route()
    seen = call("second_acceptor").get(f"{EVENTS}{story.id}/")[1]["version"]
    call("acceptor").move(story, "accept", version=seen)
    status, body = call("second_acceptor").move(story, "accept", version=seen)
    assert (status, body["code"], body["state"], body["version"]) == (
        409,
        "stale_version",
        "accepted",
        seen + 1,
    )
    assert body["last"]["verb"] == "accept" and body["last"]["by"] and body["last"]["at"]
    status, body = call("second_acceptor").move(story, "accept")
    assert (status, body["code"], body["state"]) == (409, "wrong_state", "accepted")


def test_a_move_is_refused_by_role_by_scope_and_by_state(call, cast):
    story = story_at(cast, State.ACCEPTED)
    refusals = [("verifier", "dispatch", 403, "not_permitted"), ("neighbour", "dispatch", 404, "not_found")]
    refusals += [("police", "sign", 404, "not_found"), ("director", "sign", 409, "wrong_state")]
    refusals += [("director", "route", 409, "wrong_state"), ("director", "remind", 403, "not_permitted")]
    refusals += [("centre", "accept_transfer", 403, "not_permitted")]
    refusals += [("dispatcher", "refuse_return", 409, "no_return_asked")]
    for by, verb, status, code in refusals:
        told, body = call(by).move(story, verb, lead=unit(POLICE).pk)
        assert (told, body["code"]) == (status, code), (by, verb)
        assert ("state" in body) == (status in (403, 409))
    assert story.event.version == 2


def test_a_move_names_the_fields_that_are_wrong_and_the_present_state(call, cast):
    story = story_at(cast, State.ACCEPTED)
    status, body = call("dispatcher").move(story, "dispatch", lead=unit("GAFJ@330104006").pk)
    assert (status, code_of(body, "lead"), body["state"]) == (400, "invalid_choice", "accepted")
    status, body = call("dispatcher").move(story, "dispatch")
    assert (status, code_of(body, "lead")) == (400, "required")
    story = story_at(cast, State.HANDLING)
    status, body = call("police").move(story, "feed_back", result="Done", evidence=[])
    assert (status, code_of(body, "evidence")) == (400, "missing_evidence")
    paper = story.evidence("police", "document")
    status, body = call("police").move(story, "feed_back", result="Done", evidence=paper)
    assert (status, code_of(body, "evidence")) == (400, "missing_evidence")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"verb": "teleport"}, "verb", "invalid_choice"),
        ({}, "verb", "required"),
        ({"verb": None}, "verb", "null"),
        ({"verb": ["accept"]}, "verb", "invalid_choice"),
        ({"verb": "report"}, "verb", "not_a_move"),
        ({"verb": "accept", "version": "new"}, "version", "invalid"),
        ({"verb": "accept", "version": -1}, "version", "min_value"),
        ({"verb": "accept", "request_id": "mine"}, "request_id", "invalid"),
        ({"verb": "accept", "data": "item"}, "data", "not_a_dict"),
    ],
)
def test_a_move_that_cannot_be_read_says_which_part(call, cast, body, field, code):
    story = Story(cast).report().route()
    status, answer = call("acceptor").post(f"{EVENTS}{story.id}/moves/", body)
    assert (status, answer["code"], code_of(answer, field)) == (400, "invalid_input", code)


def test_a_move_sent_twice_is_done_once(call, cast):
    story, key = Story(cast).report().route(), uuid.uuid4()
    first = call("acceptor").move(story, "accept", request_id=key, version=1)
    assert call("acceptor").move(story, "accept", request_id=key, version=1) == first
    for _ in range(2):
        status, _body = call("acceptor").move(story, "comment", request_id=uuid.UUID(int=5), text="Soon")
        assert status == 200
    assert story.timeline[2:] == [("accept", "accepted"), ("comment", "accepted")]


def test_a_request_key_serves_one_move_of_one_person(call, cast):
    story, key = Story(cast).report().route(), uuid.uuid4()
    call("acceptor").move(story, "comment", request_id=key, text="Soon")
    for by, verb in (("director", "comment"), ("acceptor", "accept")):
        status, body = call(by).move(story, verb, request_id=key, text="Now")
        assert (status, body["code"]) == (409, "request_taken")
    assert story.event.state == State.REPORTED


# Lists and details --------------------------------------------------------------------------------


def test_the_list_shows_what_the_caller_may_see_the_nearest_deadline_first(call, cast):
    slow, quick, elsewhere = Story(cast, KITCHEN).report(), Story(cast, BRAWL).report(), Story(cast)
    elsewhere.report("next_worker", area_code="330104006001001")
    _status, body = call("director").get(EVENTS)
    assert [row["id"] for row in body["results"]] == [str(quick.id), str(slow.id)]
    _status, body = call("neighbour").get(EVENTS)
    assert [row["id"] for row in body["results"]] == [str(elsewhere.id)]
    assert call("police").get(EVENTS)[1]["results"] == []


def test_pages_follow_one_another_without_a_gap(call, cast):
    stories = {str(Story(cast).report().id) for _ in range(7)}
    seen, link = [], f"{EVENTS}?page_size=3"
    while link:
        _status, body = call("director").get(link)
        seen += [row["id"] for row in body["results"]]
        link = body["next"]
    assert len(seen) == 7 and set(seen) == stories


def test_filters_narrow_the_list_and_bad_ones_are_refused(call, cast):
    story = story_at(cast, State.ACCEPTED)
    Story(cast, BRAWL).report()
    for query in (
        {"state": "accepted"},
        {"item": SHOP_IN_ROAD},
        {"q": story.event.number},
        {"urgency": "normal"},
    ):
        assert [row["id"] for row in call("director").get(EVENTS, **query)[1]["results"]] == [str(story.id)]
    for query in ({"state": "lost"}, {"since": "soon"}, {"q": "a\x00"}, {"item": "\x00"}):
        status, body = call("director").get(EVENTS, **query)
        assert (status, body["code"]) == (400, "invalid_input")
    for query in ({"area": "\x00"}, {"area": "33010x"}, {"area": "²"}, {"area": "330104006"}):
        assert call("director").get(EVENTS, **query)[0] in (200, 400)
    assert call("director").get(EVENTS, cursor="nonsense")[0] == 404


def test_the_detail_offers_the_moves_with_what_they_need(call, cast):
    story = Story(cast).report().route()
    _status, body = call("acceptor").get(f"{EVENTS}{story.id}/")
    offered = {
        action["verb"]: [need["name"] for need in action["needs"]] for action in body["allowed_actions"]
    }
    assert list(offered) == [
        "self_close", "ask_check", "accept", "reject", "merge", "split", "correct", "transfer", "escalate",
        "answer_reporter", "comment", "join_incident",
    ]  # fmt: skip
    assert offered["correct"] == ["item", "area_code", "urgency"]
    assert offered["reject"] == ["reason", "answer"]
    assert [row["received"] for row in body["evidence"]] == [False]
    assert call("verifier").get(f"{EVENTS}{story.id}/")[1]["allowed_actions"][0]["verb"] == "comment"


def test_the_organisations_that_can_take_it_the_proposed_one_named(call, cast):
    story = story_at(cast, State.ACCEPTED)
    _status, body = call("dispatcher").get(f"{EVENTS}{story.id}/organizations/")
    assert body["proposed"] == unit(CITY).pk
    assert {POLICE, CITY} <= {row["code"] for row in body["organizations"]}


@pytest.mark.parametrize(
    "path",
    [
        "areas/?parent=%00", "areas/?parent=x", "boundaries/?within=330104%00", "boundaries/?within=33010400x",
        "boundaries/?within=110101", "boundaries/?level=planet",
    ],
)  # fmt: skip
def test_a_place_that_cannot_be_is_not_found(call, path):
    assert call("worker").get(f"/api/v1/{path}")[0] == 404


@pytest.mark.parametrize(
    "query", ["", "?longitude=nan&latitude=1", "?longitude=1e999&latitude=1", "?longitude=a"]
)
def test_a_point_that_is_none_is_refused(call, query):
    status, body = call("worker").get(f"/api/v1/locate/{query}")
    assert (status, code_of(body, "longitude")) == (400, "invalid_point")


def test_reference_data_is_sent_once(call):
    for path in ("items/", "boundaries/?level=street"):
        client = call("worker").client
        first = client.get(f"/api/v1/{path}")
        assert first.status_code == 200
        assert client.get(f"/api/v1/{path}", headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert call("worker").get("/api/v1/me/")[1]["username"] == "worker"
