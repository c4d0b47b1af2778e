"""Every address of the product: public, about oneself, or behind the scope rule.

The resolver is walked; an address that is not in the table fails the test, and one with the key of an
event, a step or a file must be 'scoped': whoever is outside the event's scope gets 'not found', by GET
and by POST, whatever the key belongs to.
"""

import json
import uuid
from collections.abc import Iterator
from functools import cache

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.people import ACTS
from complaints.actions import complain
from desks.models import SavedView
from desks.saved_views import save_view
from desks.views.area_imports import ACTS as AREA_ACTS
from dispatch import outbox
from events.models import Event, Evidence, State
from exports.models import Export
from inbox.models import Notice
from incidents.actions import open_incident
from incidents.models import Incident, Task
from tests.cast import GAMBLING, GRID, ROOM, SHOP_IN_ROAD, Cast, Story, story_at, unit
from webhooks.views import ACTS as WEBHOOK_ACTS

PUBLIC, OWN, SCOPED, ADMINISTRATOR = "public", "own", "scoped", "administrator"
DISTRICT = "everybody of the district"
"""One item, area or organisation: no event is in it."""
KEEPER = "keeper of the rules"
CASES = {
    "operations:healthz": PUBLIC,
    "operations:readyz": PUBLIC,
    "operations:metrics": PUBLIC,  # but for the token: tests/operations/test_metrics.py
    "phone:shell": PUBLIC,
    "phone:worker": PUBLIC,
    "phone:manifest": PUBLIC,
    "desks:home": OWN,
    "desks:desk_map": OWN,
    "desks:save_view": OWN,
    "desks:view_act": SCOPED,
    "desks:centre": OWN,
    "desks:letters": OWN,
    "desks:report": OWN,
    "desks:events": OWN,
    "desks:bulk": OWN,
    "desks:help": OWN,
    "desks:by_number": OWN,
    "desks:suggestions": OWN,
    "desks:event": SCOPED,
    "desks:move": SCOPED,
    "desks:since": SCOPED,
    "desks:presence": SCOPED,
    "desks:proposed": SCOPED,
    "desks:compare": SCOPED,
    "desks:say_not_same": SCOPED,
    "desks:take_back_not_same": SCOPED,
    "desks:order": SCOPED,
    "desks:case_file": SCOPED,
    "desks:letter": SCOPED,
    "desks:unmask": SCOPED,
    "desks:evidence": SCOPED,
    "desks:thumbnail": SCOPED,
    "accounts:login": PUBLIC,
    "accounts:demo_login": PUBLIC,
    "accounts:logout": PUBLIC,
    "accounts:password_change": OWN,
    "accounts:language": PUBLIC,
    "accounts:training": OWN,
    "accounts:own_unit": OWN,
    "accounts:end_deputy": OWN,
    "accounts:second_step": OWN,
    "accounts:passkey_challenge": OWN,
    "accounts:authenticator": OWN,
    "accounts:passkey_offer": OWN,
    "accounts:recovery_codes": OWN,
    "accounts:remove_factor": OWN,
    "accounts:own_log_ins": OWN,
    "accounts:end_log_in": OWN,
    "accounts:own_tokens": OWN,
    "accounts:revoke_token": OWN,
    "accounts:people": ADMINISTRATOR,
    "accounts:new_person": ADMINISTRATOR,
    "accounts:person": ADMINISTRATOR,
    "accounts:act": ADMINISTRATOR,
    "accounts:audit_log": ADMINISTRATOR,
    "accounts:audit_export": ADMINISTRATOR,
    "areas:areas": OWN,
    "areas:area": DISTRICT,
    "areas:map": DISTRICT,
    "areas:boundary": DISTRICT,
    "areas:places": OWN,
    "areas:place": DISTRICT,
    "areas:places_map": OWN,
    "areas:place_labels": OWN,
    "areas:new_place": ADMINISTRATOR,
    "areas:change_place": ADMINISTRATOR,
    "areas:retire_place": ADMINISTRATOR,
    "areas:imports": ADMINISTRATOR,
    "areas:template": ADMINISTRATOR,
    "areas:import": ADMINISTRATOR,
    "areas:import_map": ADMINISTRATOR,
    "areas:import_act": ADMINISTRATOR,
    "checklist:items": OWN,
    "checklist:item": DISTRICT,
    "checklist:new_item": KEEPER,
    "checklist:change_item": KEEPER,
    "checklist:retire_item": KEEPER,
    "checklist:switch": KEEPER,
    "imports:kinds": ADMINISTRATOR,
    "imports:kind": ADMINISTRATOR,
    "imports:template": ADMINISTRATOR,
    "imports:standing": ADMINISTRATOR,
    "imports:waiting": ADMINISTRATOR,
    "incidents:incidents": OWN,
    "incidents:new": OWN,
    "incidents:plans": OWN,
    "incidents:plan": DISTRICT,
    "incidents:new_plan": KEEPER,
    "incidents:change_plan": KEEPER,
    "incidents:retire_plan": KEEPER,
    "incidents:incident": SCOPED,
    "incidents:map": SCOPED,
    "incidents:report": SCOPED,
    "incidents:task": SCOPED,
    "incidents:note": SCOPED,
    "incidents:response": SCOPED,
    "incidents:gather": SCOPED,
    "incidents:message": SCOPED,
    "incidents:close": SCOPED,
    "inbox:inbox": OWN,
    "inbox:unread": OWN,
    "inbox:read": OWN,
    "inbox:ladder": OWN,
    "inbox:notice": SCOPED,
    "complaints:mine": OWN,
    "complaints:box": ADMINISTRATOR,
    "complaints:complaint": SCOPED,
    "complaints:close": SCOPED,
    "webhooks:webhooks": ADMINISTRATOR,
    "webhooks:new_webhook": ADMINISTRATOR,
    "webhooks:webhook": ADMINISTRATOR,
    "webhooks:change_webhook": ADMINISTRATOR,
    "webhooks:act": ADMINISTRATOR,
    "webhooks:delivery": ADMINISTRATOR,
    "webhooks:resend": ADMINISTRATOR,
    "rules:calendar": OWN,
    "rules:calendar_change": OWN,
    "rules:settings": OWN,
    "rules:routing": OWN,
    "rules:rule": OWN,
    "rules:period": OWN,
    "rules:try": OWN,
    "rules:phrases": OWN,
    "supervision:closure": OWN,
    "exports:mine": OWN,
    "exports:new": OWN,
    "exports:approvals": ADMINISTRATOR,
    "exports:file": SCOPED,
    "exports:cancel": SCOPED,
    "exports:decide": SCOPED,
    "supervision:rates": OWN,
    "supervision:daily": OWN,
    "supervision:events": OWN,
    "api:me": OWN,
    "api:tasks": OWN,
    "api:month": OWN,
    "api:nearby": OWN,
    "api:items": OWN,
    "api:hints": OWN,
    "api:areas": OWN,
    "api:boundaries": OWN,
    "api:locate": OWN,
    "api:places": OWN,
    "api:place": DISTRICT,
    "api:events": OWN,
    "api:event": SCOPED,
    "api:steps": SCOPED,
    "api:moves": SCOPED,
    "api:bulk_moves": OWN,
    "api:evidence": SCOPED,
    "api:upload": SCOPED,
    "api:organizations": SCOPED,
    "api:leads": SCOPED,
    "api:likely": SCOPED,
    "api:unmask": SCOPED,
    "api:file": SCOPED,
    "api:thumbnail": SCOPED,
    "api:item": DISTRICT,
    "api:area": DISTRICT,
    "api:district_organizations": OWN,
    "api:organization": DISTRICT,
    "api:inbox": OWN,
    "api:unread": OWN,
    "api:read": OWN,
    "api:schema": OWN,
    "api:docs": OWN,
    "incidents_api:incidents": OWN,
    "incidents_api:incident": SCOPED,
    "incidents_api:events": SCOPED,
    "incidents_api:tasks": SCOPED,
    "incidents_api:message": SCOPED,
    "incidents_api:closing": SCOPED,
    "complaints_api:complaints": OWN,
    "complaints_api:close": SCOPED,
    "push_api:push": OWN,
    "rates_api:rates": OWN,
}
KEYS = {
    "event_id",
    "other_id",
    "notice_id",
    "evidence_id",
    "step_id",
    "verb",
    "export_id",
    "view_id",
    "incident_id",
    "complaint_id",
}
OUTSIDERS = ["neighbour", "next_worker", "next_police", "next_community", "fire", "housing"]
"""Of another street, or of this one without a part in the event."""
VERBS = ["comment", "accept", "sign", "verify", "self_close"]


@cache
def addresses() -> dict[str, set[str]]:
    """The full name of every URL pattern and the names of its keys."""
    found: dict[str, set[str]] = {}

    def walk(resolver: URLResolver, namespaces: list[str]) -> None:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern, [*namespaces, *([pattern.namespace] if pattern.namespace else [])])
            elif isinstance(pattern, URLPattern):
                name = ":".join([*namespaces, pattern.name or f"<{pattern.pattern}>"])
                found[name] = set(pattern.pattern.converters)

    walk(get_resolver(), [])
    return found


def scoped_urls(story: Story, evidence: uuid.UUID) -> dict[str, str]:
    outbox.drain()
    notice = Notice.objects.filter(event=story.id).values_list("pk", flat=True).first() or 0
    values = {
        "event_id": story.id,
        "other_id": story.id,
        "evidence_id": evidence,
        "verb": VERBS[0],
        "notice_id": notice,
        "export_id": an_export(story.cast),
        "view_id": a_view(story.cast),
        "act": "delete",
        "complaint_id": a_complaint(story.cast),
        "kind": "after_photo",
        "sha256": "0" * 64,
        **an_incident(story.cast),
    }
    return {
        name: reverse(name, kwargs={key: values[key] for key in keys})
        for name, keys in addresses().items()
        if CASES[name] == SCOPED
    }


def attempts(story: Story) -> Iterator[tuple[str, str, str]]:
    """(name, address, verb): each address once, those of a file for every file, moves by every verb."""
    first, *others = story.event.evidence.values_list("pk", flat=True)
    yield from ((name, url, VERBS[0]) for name, url in scoped_urls(story, first).items())
    of_files = [name for name in scoped_urls(story, first) if "evidence_id" in addresses()[name]]
    for evidence in others:
        yield from ((name, reverse(name, args=[evidence]), VERBS[0]) for name in of_files)
    for verb in VERBS[1:]:
        yield "desks:move", reverse("desks:move", args=[story.id, verb]), verb
        yield "api:moves", reverse("api:moves", args=[story.id]), verb


def an_export(cast: Cast) -> int:
    """Of the room's director, whom nobody in these tests is."""
    given = {"tenant": cast.director.district_id, "user": cast.director, "kind": "events", "format": "csv"}
    return Export.objects.get_or_create(**given, defaults={"asked_at": timezone.now()})[0].pk


def a_view(cast: Cast) -> int:
    """Shared in the room, where nobody of the outsiders sits."""
    found = SavedView.objects.filter(owner=cast.director).first()
    given = {"unit": unit(ROOM).pk, "name": "Late", "query": "queue=overdue", "shared": True}
    return (found or save_view(user=cast.director, now=timezone.now(), **given)).pk


def a_complaint(cast: Cast) -> uuid.UUID:
    """Of the room's director."""
    given = {"key": uuid.UUID(int=7), "text": "Slow", "app": "", "now": timezone.now()}
    return complain(author=cast.director, **given)[0].pk


def an_incident(cast: Cast) -> dict[str, int]:
    """Of the street's room, with a task and without a member."""
    incident = Incident.objects.filter(name="Flood").first()
    if incident is None:
        given = {"name": "Flood", "plan": None, "response": 4, "summary": "", "now": timezone.now()}
        incident = open_incident(actor=cast.actor("director"), **given)
        Task.objects.create(incident=incident, position=1, text_zh="x", due=timezone.now())
    return {"incident_id": incident.pk, "task_id": incident.tasks.get().pk}


def administrators_urls(cast: Cast) -> dict[str, str]:
    """What only an administrator opens; ``accounts:act`` once for each act."""
    keys = {
        "person_id": cast.worker.pk,
        "kind": "people",
        "upload_id": uuid.uuid4(),
        "import_id": 1,
        "endpoint_id": 1,
        "delivery_id": 1,
        "code": SHOP_IN_ROAD,
        "name": "epidemic",
    }
    acts = {"accounts:act": ACTS, "webhooks:act": WEBHOOK_ACTS, "areas:import_act": AREA_ACTS}
    urls = {}
    for name, case in CASES.items():
        if case in (ADMINISTRATOR, KEEPER):
            for act in acts.get(name, [""]):
                values = keys | {"act": act}
                urls[f"{name} {act}"] = reverse(name, kwargs={key: values[key] for key in addresses()[name]})
    return urls


def district_urls() -> dict[str, str]:
    """What everybody of the district may open, of something that is there."""
    things = {"items": SHOP_IN_ROAD, "item": SHOP_IN_ROAD, "organization": ROOM, "plan": "flooding"}
    return {
        name: reverse(name, args=[things.get(name.split(":")[1], GRID)])
        for name, case in CASES.items()
        if case == DISTRICT
    }


@pytest.fixture
def cast(db):
    return Cast()


@pytest.fixture
def client_of(cast):
    def client_of_(name):
        client = Client()
        client.force_login(getattr(cast, name), backend="accounts.backends.PostBackend")
        return client

    return client_of_


def test_every_address_has_a_case():
    assert set(addresses()) == set(CASES), "decide what a new address shows to whom, and list it"


def test_an_address_with_a_key_is_scoped():
    foreign = {name for name, keys in addresses().items() if keys & KEYS}
    assert foreign == {name for name, case in CASES.items() if case == SCOPED}
    assert {name for name, keys in addresses().items() if keys and name not in foreign} == {
        "accounts:demo_login",
        *(
            name
            for name, case in CASES.items()
            if case in (ADMINISTRATOR, DISTRICT, KEEPER) and addresses()[name]
        ),
    }


def test_nothing_but_the_public_pages_opens_without_a_log_in(cast):
    story = story_at(cast, State.HANDLING)
    evidence = story.event.evidence.first().pk
    closed = {
        **scoped_urls(story, evidence),
        **{name: reverse(name) for name, case in CASES.items() if case == OWN},
        **administrators_urls(cast),
        **district_urls(),
    }
    for name, url in closed.items():
        for answer in (Client().get(url), Client().post(url)):
            to_log_in = answer.status_code == 302 and answer["Location"].startswith(reverse("accounts:login"))
            assert to_log_in or answer.status_code in (401, 403), f"{name}: {answer.status_code}"


@pytest.mark.parametrize("outsider", OUTSIDERS)
@pytest.mark.parametrize("item", ["30202", GAMBLING], ids=["ordinary", "sensitive"])
def test_outside_the_scope_nothing_is_found(cast, client_of, outsider, item):
    story = story_at(cast, State.HANDLING, item)
    story.evidence("police", "after_photo")
    client = client_of(outsider)
    before, files = story.event.sequence, story.event.evidence.count()
    for name, url, verb in attempts(story):
        move = json.dumps({"verb": verb, "data": {"text": "Hello", "note": "x", "result": "x"}})
        file = SimpleUploadedFile("photo.jpg", b"any bytes")
        answers = [
            client.get(url),
            client.get(url, headers={"HX-Request": "true"}),
            client.post(url, {"text": "x", "kind": "after_photo", "file": file}),
            client.post(url, move, content_type="application/json"),
        ]
        told = [answer.status_code for answer in answers]
        # 405 and 415 are said to anybody, before a key is looked up.
        assert set(told) <= {404, 405, 415} and 404 in told, f"{name} as {outsider}: {told}"
    assert story.event.sequence == before
    assert Evidence.objects.filter(event=story.id).count() == files


def test_a_key_nobody_has_and_one_out_of_scope_get_the_same_answer(cast, client_of):
    story = story_at(cast, State.HANDLING)
    nobody = Story(cast)
    neighbour = client_of("neighbour")
    evidence = story.event.evidence.first().pk
    there, nowhere = scoped_urls(story, evidence), scoped_urls(nobody, uuid.uuid4())
    for name in there:
        if name.startswith("api:"):
            assert neighbour.get(there[name]).content == neighbour.get(nowhere[name]).content
            assert neighbour.get(there[name]).status_code == neighbour.get(nowhere[name]).status_code


@pytest.mark.parametrize("outsider", ["neighbour", "next_worker", "next_police", "fire"])
def test_no_page_about_oneself_shows_an_event_out_of_scope(cast, client_of, outsider):
    story = Story(cast).report(description="Unmistakable words").route()
    client = client_of(outsider)
    for name in (name for name, case in CASES.items() if case == OWN):
        for query in ({}, {"q": story.event.number}, {"area": GRID, "within": GRID}, {"mine": "true"}):
            answer = client.get(reverse(name), query)
            assert answer.status_code in (200, 302, 304, 400, 403, 404, 405), f"{name}: {answer.status_code}"
            shown = answer.content.decode()
            assert "Unmistakable words" not in shown and str(story.id) not in shown, f"{name} as {outsider}"


@pytest.mark.parametrize("person", ["worker", "director", "centre", "supervisor", "police"])
def test_nobody_but_an_administrator_opens_their_pages(cast, client_of, person):
    client = client_of(person)
    for name, url in administrators_urls(cast).items():
        assert {client.get(url).status_code, client.post(url).status_code} <= {403, 405}, name


def test_who_belongs_to_it_finds_it(cast, client_of):
    story = story_at(cast, State.HANDLING)
    for person in ("worker", "director", "police", "city", "centre"):
        client = client_of(person)
        assert client.get(reverse("api:event", args=[story.id])).status_code == 200
        assert client.get(reverse("api:steps", args=[story.id])).status_code == 200
    assert Event.objects.visible_to(cast.supervisor).filter(pk=story.id).exists()


def test_who_returned_it_finds_only_the_own_steps(cast, client_of):
    story = story_at(cast, State.DISPATCHED).return_(reason="not_our_duty", explanation="Not us")
    police = client_of("police")
    evidence = story.event.evidence.first().pk
    for name, url in scoped_urls(story, evidence).items():
        if name not in ("api:steps", "desks:event", "desks:case_file"):
            assert police.get(url).status_code in (404, 405), name
    steps = police.get(reverse("api:steps", args=[story.id])).json()
    assert [step["verb"] for step in steps] == ["return"]
    page = police.get(reverse("desks:event", args=[story.id]))
    assert "Boxes block the way" not in page.content.decode()
