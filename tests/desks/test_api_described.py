"""The API is what it says of itself: Schemathesis calls every operation as every role.

Each operation is called once as it should be and, by what its description allows and what it does not, with made-up
input; keys of events in sight and of one that is not are among it. Everybody gets an answer of a described status
and shape, never a server's error, and whoever the operation is for succeeds (``FOR``, written by hand). Words of the
sensitive event of another street come back to nobody but the auditor. Every call is rolled back.

``API_EXAMPLES`` (1) made-up inputs of either kind for an operation; ``make soak`` takes many.
"""

import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts import tokens
from accounts.models import Role, User
from accounts.tokens import TokenScope
from complaints.actions import complain
from dispatch import outbox
from events.models import Evidence, State
from grid_platform.wsgi import application
from grids.place_book import save_places
from incidents.actions import open_incident
from incidents.models import Incident, Task
from push.api_examples import SUBSCRIBE
from tests.cast import (
    FIRE_LANE,
    GAMBLING,
    GRID,
    LOAN_FIRM,
    NEXT_GRID,
    SHOP_IN_ROAD,
    TEAM,
    Cast,
    Story,
    manifest,
    story_at,
)

EXAMPLES = int(os.environ.get("API_EXAMPLES", "1"))
MARKS = ("MARKDESCRIPTION", "MARKADDRESS", "MARKCOMMENT", "13900001111")
PARTS = ["complaints", "events", "evidence", "inbox", "incidents", "moves", "reference"]
"""Operations by the first part of their path; all others are reference."""
PIECE = b"%PDF-1.4 2"
TYPES = {"events_attach": "multipart/form-data", "events_upload": "application/octet-stream"}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

PEOPLE = {
    "worker": "grid_worker", "leader": "grid_leader", "instructor": "grid_instructor",
    "community": "community_acceptor", "director": "room_director", "acceptor": "room_acceptor",
    "dispatcher": "room_dispatcher", "chaser": "room_supervisor", "verifier": "room_verifier",
    "police": "agency_handler", "police_head": "agency_head", "housing": "department_liaison",
    "centre": "centre_duty", "deployer": "centre_dispatcher", "supervisor": "supervisor",
    "admin": "system_admin", "security": "security_admin", "auditor": "audit_admin",
}  # fmt: skip
"""One of every role."""
ALL = set(PEOPLE)
SEEING = ALL - {"admin", "security"}
"""Who sees the event that is theirs in ``Seeds.of``."""
ROOM = {"director", "acceptor", "dispatcher", "chaser", "verifier"}
AT_WORK = {"worker", "leader", "police", "police_head", "housing"}
COMMAND = {"director", "acceptor", "dispatcher"}
"""Who commands the street's incidents."""
OF_THE_FLOOD = ROOM | {"police", "police_head", "centre", "supervisor", "auditor"}
"""Who sees the incident of ``Seeds``: its member is the street's, in the hands of the police."""
FOR = {
    "complaints_close": {"worker"},
    "tasks_read": {"worker", "leader", "instructor", "community"},
    "events_read": SEEING,
    "events_steps": SEEING,
    "events_candidates": SEEING,
    "events_files": SEEING,
    "files_read": SEEING,
    "files_thumbnail": SEEING,
    "events_report": {
        "worker", "leader", "instructor", "community", "director", "acceptor", "centre", "deployer",
    },
    "events_leads": {"community", "director", "dispatcher", "deployer"},
    "events_likely": {"community", "director", "acceptor", "deployer"},
    "events_move": SEEING - {"instructor", "auditor"},
    "events_attach": AT_WORK,
    "events_upload": AT_WORK,
    "events_upload_read": SEEING,
    "events_unmask": ROOM | AT_WORK | {"community", "deployer"},
    "incidents_read": OF_THE_FLOOD,
    "incidents_events": OF_THE_FLOOD,
    "incidents_tasks": OF_THE_FLOOD,
    "incidents_open": COMMAND | {"centre", "deployer"},
    "incidents_gather": COMMAND,
    "incidents_message": COMMAND,
    "incidents_closing": COMMAND,
    "incidents_close": COMMAND,
    "push_subscribe": set(),
    "rates_read": {"director", "chaser", "centre", "supervisor"},
}  # fmt: skip
"""Operations that are not everybody's, and whose they are."""


@dataclass
class Seeds:
    """The events of the three levels, all in hand, and one of another street that is nobody's here."""

    team: Story
    street: Story
    district: Story
    hidden: Story
    flood: Incident
    complaint: uuid.UUID

    def of(self, who: str) -> Story:
        """The event this person has to do with."""
        if who in ("worker", "leader", "instructor", "community"):
            return self.team
        return self.district if who in ("housing", "deployer") else self.street

    @property
    def all(self) -> list[Story]:
        return [self.team, self.street, self.district, self.hidden]

    def files_of(self, story: Story) -> list[Evidence]:
        return list(Evidence.objects.filter(event=story.id).exclude(received_at=None))


@pytest.fixture
def seeds(db, settings, tmp_path) -> Seeds:
    settings.MEDIA_ROOT = tmp_path
    cast, now = Cast(), timezone.now()
    team = Story(cast, FIRE_LANE, at=now).report().route().accept("community")
    team.dispatch("community", lead=TEAM).sign("colleague")
    street = story_at(cast, State.HANDLING, at=now)
    district = Story(cast, LOAN_FIRM, at=now).report().route().accept("centre")
    district.dispatch("centre", lead="ZJJ").sign("housing")
    hidden = Story(cast, GAMBLING, at=now).report(
        "next_worker", area_code=NEXT_GRID, description="MARKDESCRIPTION 13900001111", address="MARKADDRESS"
    )
    hidden.route().comment("neighbour", text="MARKCOMMENT")
    given = {"name": "Flood", "plan": None, "response": 4, "summary": "", "now": now, "first": street.id}
    flood = open_incident(actor=cast.actor("director"), **given)
    Task.objects.create(incident=flood, position=1, text_zh="抽水", due=now)
    given = {"key": uuid.uuid4(), "text": "MARKCOMPLAINT", "app": "", "now": now}
    seeds = Seeds(team, street, district, hidden, flood, complain(author=cast.worker, **given)[0].pk)
    for story in (team, street, district):
        program_of(cast.worker).post(
            f"/api/v1/events/{story.id}/evidence/",
            {"kind": "before_photo", "file": SimpleUploadedFile("a.jpg", a_photo())},
        )
    outbox.drain()
    place = {"code": "JTXQ", "kind": "estate", "name": "嘉泰小区", "longitude": 120.18, "latitude": 30.27}
    save_places(district=cast.district, rows=[place | {"area": GRID}])
    return seeds


def a_photo() -> bytes:
    file = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(file, "JPEG")
    return file.getvalue()


def program_of(person: User) -> Client:
    return Client(headers={"authorization": f"Bearer {a_token(person)}"})


def a_token(person: User) -> str:
    given = {"name": "x", "days": 7, "with_second_step": False, "now": timezone.now()}
    return tokens.make(user=person, scopes=TokenScope.values, **given)[1]


def everybody() -> dict[str, str]:
    """A token of each person."""
    cast = Cast()
    people = {who: getattr(cast, who) for who in PEOPLE if who != "security"}
    people["security"] = User.objects.select_related("district").get(username="security")
    return {who: a_token(person) for who, person in people.items()}


@pytest.fixture
def open_connection() -> Iterator[None]:
    """Django closes connections around a request of WSGI; the test's transaction must outlive them."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_there_is_somebody_of_every_role(db):
    assert set(PEOPLE.values()) == set(Role.objects.values_list("pk", flat=True))


def operations(part: str, token: str) -> Iterator[APIOperation]:
    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/schema/?format=json", application, headers=headers_of(token)
    )
    for found in schema.get_all_operations():
        operation = found.ok()
        first = operation.path.split("/")[3]
        if part == (first if first in PARTS else "reference"):
            yield operation


def headers_of(token: str) -> dict[str, str]:
    """Answers come as they are: neither the checks nor the search for marks unpacks them."""
    return {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}


def name_of(operation: APIOperation) -> str:
    return operation.definition.raw["operationId"]


def right_call(operation: APIOperation, who: str, seeds: Seeds) -> dict[str, Any]:
    """How the operation is called as it should be."""
    story = seeds.of(who)
    keys = {
        "event_id": str(story.id),
        "evidence_id": str(seeds.files_of(story)[0].pk),
        "incident_id": seeds.flood.pk,
        "complaint_id": str(seeds.complaint),
        "kind": "document",
        "sha256": hashlib.sha256(PIECE).hexdigest(),
        "code": {
            "items_read": SHOP_IN_ROAD,
            "areas_read": GRID,
            "organizations_read": TEAM,
            "places_read": "JTXQ",
        }.get(name_of(operation)),
    }
    bodies: dict[str, Any] = {
        "events_report": {
            "id": str(uuid.uuid4()),
            "item": SHOP_IN_ROAD,
            "area_code": GRID,
            "photos": manifest("before_photo"),
        },
        "events_move": {"verb": "comment", "data": {"text": "请尽快"}},
        "events_move_many": {
            "verb": "comment",
            "request_id": str(uuid.uuid4()),
            "events": [{"event": str(each.id)} for each in (story, seeds.hidden)],
            "data": {"text": "请尽快"},
        },
        "events_unmask": {"reason": "回访报告人"},
        "complaints_complain": {"id": str(uuid.uuid4()), "text": "列表太慢"},
        "incidents_open": {"request_id": str(uuid.uuid4()), "name": "内涝"},
        "push_subscribe": SUBSCRIBE.value,
        "incidents_gather": {"request_id": str(uuid.uuid4()), "events": [str(story.id)]},
        "incidents_message": {"request_id": str(uuid.uuid4()), "text": "正在抽水"},
        "incidents_close": {"conclusion": "已排净"},
        "inbox_mark_read": {"until": timezone.now().isoformat()},
        "events_attach": {"kind": "document", "file": b"%PDF-1.4 1"},
        "events_upload": PIECE,
    }
    point = {"longitude": 120.2, "latitude": 30.3}
    queries = {
        "areas_locate": point,
        "places_list": {"q": "jtxq"},
        "events_nearby": point | {"item": SHOP_IN_ROAD},
        "month_read": {"month": "2019-03"},
        "events_upload": {"offset": 0},
    }
    call: dict[str, Any] = {
        "path_parameters": {each.name: keys[each.name] for each in operation.path_parameters},
        "query": queries.get(name_of(operation), {}),
    }
    if body := bodies.get(name_of(operation)):
        call |= {"body": body, "media_type": TYPES.get(name_of(operation), "application/json")}
    if name_of(operation) == "events_upload":
        call["headers"] = {"X-Size": str(len(PIECE))}
    return call


def made_up(operation: APIOperation, mode: GenerationMode, seeds: Seeds) -> st.SearchStrategy:
    """Input by the description or against it, for events and files in sight and out of it."""
    keys = {
        "event_id": [str(story.id) for story in seeds.all],
        "evidence_id": [str(row.pk) for row in seeds.files_of(seeds.street)] + [str(uuid.UUID(int=1))],
        "incident_id": [seeds.flood.pk, 1],
        "complaint_id": [str(seeds.complaint), str(uuid.UUID(int=1))],
        "code": [SHOP_IN_ROAD, GRID, TEAM, "JTXQ", "\u2460", "%00"],
    }
    names = [each.name for each in operation.path_parameters]
    if not names:
        return operation.as_strategy(generation_mode=mode)
    return st.sampled_from(keys[names[0]]).flatmap(
        lambda key: operation.as_strategy(generation_mode=mode, path_parameters={names[0]: key})
    )


def answered(case: schemathesis.Case, who: str, token: str) -> int:
    """The status of a call whose answer is as described and tells nothing of the hidden event; rolled back."""
    with transaction.atomic():
        answer = case.call(headers=headers_of(token))
        transaction.set_rollback(True)
    case.validate_response(answer, checks=CHECKS)
    if who != "auditor":
        told = answer.content.decode(errors="replace")
        assert not [mark for mark in MARKS if mark in told], f"{case.operation.label} as {who}"
    return answer.status_code


@pytest.mark.parametrize("part", PARTS)
def test_every_operation_answers_as_described_to_every_role(seeds, open_connection, part):
    programs = everybody()
    strangers = ["worker", "centre"] if part == "reference" else list(programs)  # the district is everybody's
    quietly = settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    for operation in operations(part, programs["worker"]):
        right = {
            who: answered(operation.Case(**right_call(operation, who, seeds)), who, token)
            for who, token in programs.items()
        }
        succeeding = {who for who, status in right.items() if status < 300}
        assert succeeding == FOR.get(name_of(operation), ALL), f"{operation.label}: {right}"
        for mode in GenerationMode:

            @quietly
            @given(case=made_up(operation, mode, seeds))
            def call(case):
                for who in strangers:
                    answered(case, who, programs[who])

            call()
