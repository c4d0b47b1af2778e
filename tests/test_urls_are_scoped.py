"""Every address of the product: public, about oneself, or behind the scope rule.

The resolver is walked; an address that is not in the table fails the test, and one with the key of an
event, a step or a file must be 'scoped': whoever is outside the event's scope gets 'not found', by GET
and by POST, whatever the key belongs to.
"""

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.people import ACTS
from dispatch import outbox
from events.models import Event, Evidence, State
from inbox.models import Notice
from tests.cast import GAMBLING, GRID, Cast, Story, story_at

PUBLIC, OWN, SCOPED, ADMINISTRATOR = "public", "own", "scoped", "administrator"
CASES = {
    "desks:healthz": PUBLIC,
    "desks:home": OWN,
    "desks:report": OWN,
    "desks:events": OWN,
    "desks:event": SCOPED,
    "desks:move": SCOPED,
    "desks:unmask": SCOPED,
    "desks:evidence": SCOPED,
    "desks:thumbnail": SCOPED,
    "accounts:login": PUBLIC,
    "accounts:demo_login": PUBLIC,
    "accounts:logout": PUBLIC,
    "accounts:password_change": OWN,
    "accounts:language": PUBLIC,
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
    "accounts:people": ADMINISTRATOR,
    "accounts:new_person": ADMINISTRATOR,
    "accounts:person": ADMINISTRATOR,
    "accounts:act": ADMINISTRATOR,
    "accounts:audit_log": ADMINISTRATOR,
    "accounts:audit_export": ADMINISTRATOR,
    "inbox:inbox": OWN,
    "inbox:unread": OWN,
    "inbox:read": OWN,
    "inbox:ladder": OWN,
    "inbox:notice": SCOPED,
    "rules:calendar": OWN,
    "rules:calendar_change": OWN,
    "rules:settings": OWN,
    "rules:routing": OWN,
    "rules:rule": OWN,
    "rules:period": OWN,
    "rules:try": OWN,
    "supervision:closure": OWN,
    "supervision:rates": OWN,
    "supervision:events": OWN,
    "api:me": OWN,
    "api:items": OWN,
    "api:areas": OWN,
    "api:boundaries": OWN,
    "api:locate": OWN,
    "api:events": OWN,
    "api:event": SCOPED,
    "api:steps": SCOPED,
    "api:moves": SCOPED,
    "api:evidence": SCOPED,
    "api:organizations": SCOPED,
    "api:schema": OWN,
}
KEYS = {"event_id", "notice_id", "evidence_id", "step_id", "verb"}
OUTSIDERS = ["neighbour", "next_worker", "next_police", "next_community", "fire", "housing"]
"""Of another street, or of this one without a part in the event."""
VERBS = ["comment", "accept", "sign", "verify", "self_close"]


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


def scoped_urls(story: Story, evidence: uuid.UUID, verb: str = "comment") -> dict[str, str]:
    outbox.drain()
    notice = Notice.objects.filter(event=story.id).values_list("pk", flat=True).first() or 0
    values = {"event_id": story.id, "evidence_id": evidence, "verb": verb, "notice_id": notice}
    return {
        name: reverse(name, kwargs={key: values[key] for key in keys})
        for name, keys in addresses().items()
        if CASES[name] == SCOPED
    }


def administrators_urls(cast: Cast) -> dict[str, str]:
    """What only an administrator opens; ``accounts:act`` once for each act."""
    urls = {
        name: reverse(name) for name, case in CASES.items() if case == ADMINISTRATOR and not addresses()[name]
    }
    urls["accounts:person"] = reverse("accounts:person", args=[cast.worker.pk])
    for act in ACTS:
        urls[f"accounts:act {act}"] = reverse("accounts:act", args=[cast.worker.pk, act])
    return urls


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
        *(name for name, case in CASES.items() if case == ADMINISTRATOR and addresses()[name]),
    }


def test_nothing_but_the_public_pages_opens_without_a_log_in(cast):
    story = story_at(cast, State.HANDLING)
    evidence = story.event.evidence.first().pk
    closed = {
        **scoped_urls(story, evidence),
        **{name: reverse(name) for name, case in CASES.items() if case == OWN},
        **administrators_urls(cast),
    }
    for name, url in closed.items():
        for answer in (Client().get(url), Client().post(url)):
            to_log_in = answer.status_code == 302 and answer["Location"].startswith(reverse("accounts:login"))
            assert to_log_in or answer.status_code == 403, f"{name}: {answer.status_code}"


@pytest.mark.parametrize("outsider", OUTSIDERS)
@pytest.mark.parametrize("item", ["30202", GAMBLING], ids=["ordinary", "sensitive"])
def test_outside_the_scope_nothing_is_found(cast, client_of, outsider, item):
    story = story_at(cast, State.HANDLING, item)
    story.evidence("police", "after_photo")
    client = client_of(outsider)
    before, files = story.event.sequence, story.event.evidence.count()
    for row in story.event.evidence.all():
        for verb in VERBS:
            move = json.dumps({"verb": verb, "data": {"text": "Hello", "note": "x", "result": "x"}})
            for name, url in scoped_urls(story, row.pk, verb).items():
                if verb != VERBS[0] and not name.endswith(("move", "moves")):
                    continue
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
        if name not in ("api:steps", "desks:event"):
            assert police.get(url).status_code in (404, 405), name
    steps = police.get(reverse("api:steps", args=[story.id])).json()
    assert [step["verb"] for step in steps] == ["return"]
    page = police.get(reverse("desks:event", args=[story.id]))
    assert "Boxes block the way" not in page.content.decode()
