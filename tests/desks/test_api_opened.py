"""What programs need beside reports and moves: lists, versions, files, the inbox, repeats, ETags, refusals."""

import json
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Organization
from dispatch import outbox
from events.models import Evidence, Item, State
from grids import memory
from grids.models import District
from inbox.models import Notice
from tests.caller import EVENTS, Caller
from tests.cast import (
    CENTRE,
    CITY,
    DISTRICT,
    GAMBLING,
    GRID,
    NEXT_STREET,
    POLICE,
    SHOP_IN_ROAD,
    STREET,
    Story,
    manifest,
    story_at,
)

API = "/api/v1/"
PDF = b"%PDF-1.4 \xe5\x8a\x9e\xe7\xbb\x93"


@pytest.fixture
def call(cast):
    callers = {}

    def call_(name):
        if name not in callers:
            callers[name] = Caller(getattr(cast, name))
        return callers[name]

    return call_


def an_hour_ago():
    return timezone.now() - timedelta(hours=1)


def a_report(**change):
    data = {"id": str(uuid.uuid4()), "item": SHOP_IN_ROAD, "area_code": GRID, "description": "占道"}
    return data | {"photos": manifest("before_photo")} | change


# Versions, repeats, ETags -----------------------------------------------------------------------------


def test_an_event_that_did_not_change_is_not_sent_again(call, cast, monkeypatch):
    at = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: at)
    story = Story(cast, at=at).report().route()
    client = call("acceptor").client
    first = client.get(f"{EVENTS}{story.id}/")
    again = client.get(f"{EVENTS}{story.id}/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert first["Cache-Control"] == "private, no-cache"
    story.accept()
    changed = client.get(f"{EVENTS}{story.id}/", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200 and changed["ETag"] != first["ETag"]


def test_a_move_goes_by_the_version_that_was_read(call, cast):
    story = Story(cast).report().route()
    url = f"{EVENTS}{story.id}/"
    seen = call("second_acceptor").client.get(url)["ETag"]
    move = json.dumps({"verb": "accept"})

    def accept(**headers):
        client = call("second_acceptor").client
        return client.post(f"{url}moves/", move, content_type="application/json", headers=headers)

    call("acceptor").move(story, "comment", text="x")
    assert call("second_acceptor").client.get(url)["ETag"] == seen, "a comment is no move"
    call("acceptor").move(story, "accept")
    refused = accept(**{"If-Match": seen})
    assert (refused.status_code, refused.json()["code"]) == (412, "stale_version")
    assert (refused.json()["state"], refused.json()["version"]) == ("accepted", 2)
    assert accept(**{"If-Match": '"2"'}).json()["code"] == "wrong_state"
    assert accept(**{"If-Match": "*"}).json()["code"] == "wrong_state"
    told = accept(**{"If-Match": "two"})
    assert (told.status_code, list(told.json()["fields"])) == (400, ["If-Match"])


def test_a_repeated_return_is_answered_though_the_event_left(call, cast):
    story, key = story_at(cast, State.DISPATCHED), uuid.uuid4()
    given = {"reason": "not_our_duty", "explanation": "Not us"}
    assert call("police").move(story, "return", request_id=key, **given)[0] == 200
    assert call("police").get(f"{EVENTS}{story.id}/")[0] == 404
    story.dispatch(lead=CITY)
    status, body = call("police").move(story, "return", request_id=key, **given)
    assert status == 200
    assert (body["id"], body["left"], body["verb"], body["state"]) == (
        str(story.id),
        True,
        "return",
        "accepted",
    )
    assert set(body) == {"id", "left", "verb", "state", "state_name", "at"}, "nothing of what came later"
    for who, verb, other in (
        ("police", "return", uuid.uuid4()),
        ("police", "sign", key),
        ("fire", "return", key),
        ("police_head", "return", key),
    ):
        assert call(who).move(story, verb, request_id=other, **given)[0] == 404, (who, verb)
    assert [verb for verb, _state in story.timeline].count("return") == 1


# JSON types -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", ["占道"]), ("description", 7), ("address", {"road": 1}), ("item", 30202),
        ("area_code", 330104), ("occurred_at", 1551661200), ("confidential", "no"), ("self_close", 1),
        ("longitude", [120.2]), ("longitude", True), ("result", False), ("source", ["grid"]),
        ("same_as", 12),
    ],
)  # fmt: skip
def test_a_report_of_another_json_type_is_refused(call, field, value):
    status, body = call("worker").post(EVENTS, a_report(**{field: value}))
    assert (status, body["code"]) == (400, "invalid_input")
    assert body["fields"][field][0]["code"] == "wrong_type" and body["fields"][field][0]["message"]


@pytest.mark.parametrize(
    ("by", "verb", "given"),
    [
        ("dispatcher", "dispatch", {"lead": [1]}), ("dispatcher", "dispatch", {"assistants": {"id": 1}}),
        ("dispatcher", "dispatch", {"assistants": [True]}), ("dispatcher", "dispatch", {"note": 5}),
        ("director", "comment", {"text": ["soon"]}), ("acceptor", "reject", {"reason": 3}),
    ],
)  # fmt: skip
def test_a_move_of_another_json_type_is_refused(call, cast, by, verb, given):
    story = story_at(cast, State.ACCEPTED)
    status, body = call(by).move(story, verb, **given)
    assert (status, body["fields"][next(iter(given))][0]["code"]) == (400, "wrong_type")
    assert story.event.state == State.ACCEPTED


def test_null_stands_for_nothing(call):
    assert call("worker").post(EVENTS, a_report(address=None, longitude=None, confidential=None))[0] == 201


def test_a_body_that_is_too_large_is_refused(call, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2000
    status, body = call("worker").post(EVENTS, a_report(description="占" * 2000))
    assert (status, body["code"]) == (413, "too_big")


# Reference --------------------------------------------------------------------------------------------


def test_an_item_shows_its_versions_and_the_list_is_of_a_day(call):
    old = Item.objects.get(district=DISTRICT, code=SHOP_IN_ROAD)
    Item.objects.filter(pk=old.pk).update(valid_to="2019-01-01")
    old.pk, old.valid_from, old.valid_to, old.handle_limit = None, "2019-01-01", None, 8
    old.save()
    memory.forget()
    _status, versions = call("worker").get(f"{API}items/{SHOP_IN_ROAD}/")
    assert [(row["valid_from"], row["valid_to"], row["handle_limit"]) for row in versions] == [
        ("2018-01-01", "2019-01-01", 4),
        ("2019-01-01", None, 8),
    ]
    limits = {
        day: {row["code"]: row["handle_limit"] for row in call("worker").get(f"{API}items/", as_of=day)[1]}
        for day in ("2018-12-31", "2019-01-01")
    }
    assert [limits[day][SHOP_IN_ROAD] for day in limits] == [4, 8]
    assert call("worker").get(f"{API}items/", as_of="1999-01-01")[1] == []
    memory.forget()


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("items/99999/", 404, "not_found"), ("items/?as_of=soon", 400, "invalid_input"),
        ("items/?as_of=2019-02-30", 400, "invalid_input"), ("areas/33010499/", 404, "not_found"),
        ("areas/x/", 404, "not_found"), ("organizations/nobody/", 404, "not_found"),
        ("organizations/%00/", 404, "not_found"), ("organizations/?kind=club", 400, "invalid_input"),
        ("organizations/?area=x", 404, "not_found"), ("organizations/?cursor=cD0lMDA", 404, "not_found"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_with_a_code(call, path, status, code):
    told, body = call("worker").get(API + path)
    assert (told, body["code"]) == (status, code) and body["message"]


def test_an_area_comes_with_its_boundary_and_what_it_lies_in(call):
    _status, body = call("worker").get(f"{API}areas/{GRID}/")
    assert (body["code"], body["level"], body["parent"]) == (GRID, "grid", GRID[:12])
    assert body["boundary"]["type"] in ("Polygon", "MultiPolygon") and body["boundary"]["coordinates"]
    assert body["predecessors"] == [] and body["valid_to"] is None


def test_organisations_come_in_pages_of_their_codes(call):
    seen, link = [], f"{API}organizations/?area={STREET}&kind=agency&page_size=5"
    while link:
        _status, page = call("worker").get(link)
        seen += [row["code"] for row in page["results"]]
        link = page["next"]
    assert seen == sorted(seen) and POLICE in seen and f"GAFJ@{NEXT_STREET}" not in seen
    agencies = Organization.objects.filter(district=DISTRICT, kind="agency", area__code__startswith=STREET)
    assert len(seen) == agencies.count()
    assert call("worker").get(f"{API}organizations/{POLICE}/")[1]["area"] == STREET


def test_nothing_of_another_district_is_found(call):
    other = District.objects.create(code="330105", name_zh="别区")
    there = Organization.objects.get(district=DISTRICT, code=CENTRE)
    there.pk, there.district, there.code = None, other, "ELSEWHERE"
    there.save()
    assert call("worker").get(f"{API}organizations/ELSEWHERE/")[0] == 404


# Files ------------------------------------------------------------------------------------------------


def test_a_file_is_sent_listed_and_fetched(call, cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    story = story_at(cast, State.HANDLING)
    files = f"{EVENTS}{story.id}/evidence/"
    sent = {"kind": "document", "file": SimpleUploadedFile("办结.pdf", PDF, "application/pdf")}
    row = call("police").client.post(files, sent)
    assert row.status_code == 201
    listed = call("director").get(files)[1]
    assert [(each["kind"], each["received"]) for each in listed] == [
        ("before_photo", False),
        ("document", True),
    ]
    answer = call("director").client.get(row.json()["url"])
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, PDF)
    assert (
        answer["Content-Disposition"].startswith("attachment")
        and "sandbox" in answer["Content-Security-Policy"]
    )
    client = call("director").client
    assert client.get(row.json()["url"], headers={"If-None-Match": answer["ETag"]}).status_code == 304
    for path in (row.json()["url"], files):
        status, body = call("neighbour").get(path)
        assert (status, body["code"]) == (404, "not_found") and body["message"]


def test_a_file_needs_a_kind_and_bytes(call, cast):
    story = story_at(cast, State.HANDLING)
    answer = call("police").client.post(f"{EVENTS}{story.id}/evidence/", {"kind": "film"})
    assert {name: errors[0]["code"] for name, errors in answer.json()["fields"].items()} == {
        "kind": "unknown_kind",
        "file": "required",
    }
    assert not Evidence.objects.filter(event=story.id).exclude(received_at=None).exists()


# Inbox ------------------------------------------------------------------------------------------------


def test_the_inbox_is_listed_counted_and_read(call, cast):
    stories = [story_at(cast, State.DISPATCHED, at=an_hour_ago()) for _ in range(2)]
    outbox.drain()
    police = call("police")
    assert police.get(f"{API}inbox/unread/")[1] == {"unread": 2}
    rows = police.get(f"{API}inbox/")[1]["results"]
    assert {row["event"] for row in rows} == {str(story.id) for story in stories}
    assert {(row["verb"], row["kind"], row["is_read"]) for row in rows} == {("dispatch", "lead", False)}
    assert police.post(f"{API}inbox/read/", {"notice": rows[0]["id"]}) == (200, {"marked": 1})
    assert police.get(f"{API}inbox/unread/")[1] == {"unread": 1}
    assert police.post(f"{API}inbox/read/", {"until": timezone.now().isoformat()}) == (200, {"marked": 1})
    assert police.get(f"{API}inbox/")[1]["results"] == []
    assert [row["is_read"] for row in police.get(f"{API}inbox/", show="all")[1]["results"]] == [True, True]


def test_the_inbox_comes_in_pages(call, cast, monkeypatch):
    for _ in range(3):
        story_at(cast, State.DISPATCHED, at=an_hour_ago())
    outbox.drain()
    monkeypatch.setattr("inbox.queries.SIZE", 2)
    seen, link = [], f"{API}inbox/?show=all"
    while link:
        _status, page = call("police").get(link)
        seen += [row["id"] for row in page["results"]]
        link = page["next"]
    assert len(seen) == len(set(seen)) == 3 and seen == sorted(seen, reverse=True)


def test_only_ones_own_notices_are_there(call, cast):
    story_at(cast, State.DISPATCHED)
    outbox.drain()
    notice = Notice.objects.filter(kind="lead").latest("pk")
    for who in ("fire", "neighbour"):
        status, body = call(who).post(f"{API}inbox/read/", {"notice": notice.pk})
        assert (status, body["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"notice": 1, "until": "2019-03-04T00:00:00Z"},
        {"notice": "x"},
        {"notice": 10**30},
        {"until": "soon"},
    ],
)
def test_what_is_to_be_marked_read_must_be_said(call, body):
    status, answer = call("worker").post(f"{API}inbox/read/", body)
    assert (status, answer["code"]) == (400, "invalid_input") and answer["fields"]


# Personal data ----------------------------------------------------------------------------------------


def test_personal_data_is_unmasked_for_a_reason_that_is_kept(call, cast):
    story = Story(cast).report(description="车主 13800001111 不在").route()
    url = f"{EVENTS}{story.id}/"
    assert "13800001111" not in call("acceptor").get(url)[1]["description"]
    status, body = call("acceptor").post(f"{url}unmask/", {"reason": "联系车主"})
    assert status == 200 and "13800001111" in body["description"]
    assert "13800001111" in body["texts"]["1"]["description"]
    entry = AuditEntry.objects.get(kind="unmask")
    assert (entry.actor, entry.subject) == (cast.acceptor, story.event.number)
    assert entry.detail == {"reason": "联系车主"}
    assert "13800001111" not in call("acceptor").get(url)[1]["description"], "for one answer only"


@pytest.mark.parametrize(
    "body", [{}, {"reason": " "}, {"reason": "x" * 201}, {"reason": ["x"]}, {"reason": 7}]
)
def test_without_a_reason_nothing_is_unmasked(call, cast, body):
    story = Story(cast).report().route()
    status, answer = call("acceptor").post(f"{EVENTS}{story.id}/unmask/", body)
    assert (status, list(answer["fields"])) == (400, ["reason"])
    assert not AuditEntry.objects.filter(kind="unmask").exists()


def test_who_may_not_unmask_is_told_so_and_who_does_not_see_it_is_not(call, cast):
    story = Story(cast, GAMBLING).report().route()
    for who, status in (("worker", 403), ("auditor", 403), ("neighbour", 404), ("supervisor", 404)):
        assert call(who).post(f"{EVENTS}{story.id}/unmask/", {"reason": "x"})[0] == status, who


# Rates ------------------------------------------------------------------------------------------------


def test_the_rates_are_those_of_the_page(call, cast):
    story_at(cast, State.CLOSED, at=an_hour_ago())
    _status, table = call("supervisor").get(f"{API}rates/", period="last_30_days", group="street")
    keys = [column["key"] for column in table["columns"]]
    total = dict(zip(keys, table["rows"][-1], strict=True))
    assert (total["key"], total["closed"], total["should_close"]) == ("", 1, 1)
    status, body = call("supervisor").get(f"{API}rates/", **{"from": "2019-03-05", "to": "2019-03-04"})
    assert (status, body["code"], list(body["fields"])) == (400, "invalid_input", ["to"])
    assert call("worker").get(f"{API}rates/")[0] == 403


# The description --------------------------------------------------------------------------------------


def test_the_description_is_valid_and_complete(tmp_path):
    """Without a warning; every operation says what it does, with an example of its body or answer."""
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--format=openapi-json", file=tmp_path / "api.json"
    )
    described = json.loads((tmp_path / "api.json").read_text())
    assert described["components"]["securitySchemes"].keys() == {"token", "cookieAuth"}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            name = f"{method} {path}"
            assert operation["summary"] and {"token": []} in operation["security"], name
            assert {"400", "401", "403", "404", "429"} <= operation["responses"].keys(), name
            assert operation.get("x-token-scopes") or path == f"{API}me/", name
            told = [
                body
                for answer in operation["responses"].values()
                for body in answer.get("content", {}).values()
            ]
            is_json = any(
                "application/json" in answer.get("content", {}) for answer in operation["responses"].values()
            )
            assert not is_json or any("examples" in body for body in told), name


def test_the_description_is_for_who_is_logged_in_and_the_page_loads_nothing_from_elsewhere(call):
    assert Client().get(f"{API}schema/").status_code == 401
    described = call("worker").get(f"{API}schema/", format="json")[1]
    assert described["openapi"].startswith("3.")
    page = call("worker").client.get(f"{API}docs/")
    assert page.status_code == 200 and "default-src 'self'" in page["Content-Security-Policy"]
    assert "https://" not in page.content.decode() and "http://" not in page.content.decode()
    assert Client().get(f"{API}docs/").status_code == 302
