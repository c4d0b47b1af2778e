"""What the log tells: the request, the task and the event, never the person it is about or what was typed."""

import io
import json
import logging
import uuid

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from grid_platform import log_context
from grid_platform.log_lines import FIELDS, JsonLine
from tests.cast import COMMUNITY, Cast, Story, story_at

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
MARKS = ["欧阳标记", "13500003333", "MARKDESCRIPTION", "MARKSEARCH", "MARKREASON", "MARKNAME", "MARKADDRESS", "MARKPASSWORD"]  # fmt: skip


@pytest.fixture
def cast(db) -> Cast:
    return Cast()


@pytest.fixture
def lines(monkeypatch):
    """Everything the process logs from here on, at every level, as it stands in service."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine())
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    monkeypatch.setattr(root, "level", logging.DEBUG)
    monkeypatch.setattr(logging.getLogger("grid_platform.log_context"), "level", logging.INFO)
    for logger in (logging.getLogger(), logging.getLogger("grid_platform.log_context")):
        logger.manager._clear_cache()
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.manager._clear_cache()


def browser_of(person: User) -> Client:
    browser = Client(raise_request_exception=False, headers={"accept-language": "en"})
    browser.force_login(person, backend="accounts.backends.PostBackend")
    return browser


def requests(lines) -> list[dict]:
    return [line for line in lines() if line["logger"] == "grid_platform.log_context"]


def test_a_request_is_one_line_with_its_route_its_person_and_its_event(cast, lines):
    story = story_at(cast, "accepted")
    path = reverse("desks:event", args=[story.id])
    answer = browser_of(cast.director).get(path, {"q": "MARKSEARCH"}, headers={"X-Request-ID": ID})
    assert answer.headers["X-Request-ID"] == ID
    (line,) = requests(lines)
    assert line | {"time": "", "milliseconds": 0} == {
        "time": "",
        "level": "INFO",
        "logger": "grid_platform.log_context",
        "message": line["message"],
        "request_id": ID,
        "method": "GET",
        "route": "events/<uuid:event_id>/",
        "status": 200,
        "milliseconds": 0,
        "user": cast.director.pk,
        "event": str(story.id),
    }


@pytest.mark.parametrize(
    "told", ["", "short", "张三-0123456789abcdef01", "a" * 65, "0123456789 0123456789 01"]
)
def test_an_id_that_is_none_is_replaced(cast, told):
    answer = Client().get("/healthz", headers={"X-Request-ID": told.encode().decode("latin-1")})
    assert uuid.UUID(answer.headers["X-Request-ID"])


def test_nothing_of_one_request_is_left_in_the_next(cast, lines):
    browser = browser_of(cast.director)
    browser.get(reverse("desks:event", args=[story_at(cast, "accepted").id]))
    Client().get("/healthz")
    assert log_context.facts() == {}
    assert set(requests(lines)[-1]) & {"user", "event"} == set()


def test_a_line_holds_the_fields_of_the_list_and_no_other(lines):
    told = {"request": "MARKNAME", "status": 500, "event": uuid.UUID(ID), "form": "MARKSEARCH"}
    logging.getLogger("somewhere").warning("told", extra=told)
    assert set(lines()[0]) == {"time", "level", "logger", "message", "status", "event"}
    assert {"status", "event"} < set(FIELDS)


def test_what_a_database_quotes_of_a_row_is_in_no_line(cast, lines):
    person = cast.worker
    try:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO accounts_user SELECT * FROM accounts_user WHERE id = %s", [person.pk])
    except DatabaseError:
        logging.getLogger("somewhere").exception("refused")
    (line,) = lines()
    assert "duplicate key" in line["error"] and f"({person.pk})" not in line["error"]


def test_nothing_personal_of_a_report_a_search_an_unmasking_a_wrong_log_in_or_an_error(
    cast, lines, monkeypatch
):
    data = {"source": "hotline", "reporter_name": "欧阳标记", "reporter_phone": "13500003333"}
    community = browser_of(cast.community)
    body = data | {"id": ID, "item": "30202", "area_code": COMMUNITY, "description": "MARKDESCRIPTION"}
    told = community.post(
        "/api/v1/events/", json.dumps(body | {"address": "MARKADDRESS"}), "application/json"
    )
    assert told.status_code == 201
    story = Story(cast)
    story.id = uuid.UUID(ID)
    story.route()
    community.post("/api/v1/events/", json.dumps(body | {"area_code": "MARKADDRESS"}), "application/json")
    community.post("/api/v1/events/", '{"description": "MARKDESCRIPTION', "application/json")
    for name in ("desks:events", "desks:home", "api:events"):
        community.get(reverse(name), {"q": "MARKSEARCH"})
    room = browser_of(cast.acceptor)
    unmasked = room.post(reverse("desks:unmask", args=[ID]), {"reason": "MARKREASON to call back"})
    assert unmasked.status_code == 200 and "欧阳标记" in unmasked.content.decode()
    for _ in range(6):
        Client().post(reverse("accounts:login"), {"username": "MARKNAME", "password": "MARKPASSWORD"})
    Client(enforce_csrf_checks=True).post(reverse("accounts:login"), {"username": "MARKNAME"})
    room.get(f"/events/{ID}/no-such-page/", {"q": "MARKSEARCH"})

    def fails(*_, **__):
        raise RuntimeError("on our side")

    monkeypatch.setattr("desks.views.lists.render", fails)
    assert room.get(reverse("desks:events"), {"q": "MARKSEARCH"}).status_code == 500
    logged = json.dumps(lines(), ensure_ascii=False)
    assert "on our side" in logged and logged.count('"route"') > 10
    assert not [mark for mark in MARKS if mark in logged]
