"""What a phone kept for one person is never done in another's session, nor in the other mode."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import training
from accounts.models import Session
from events.models import Event, Evidence, State, Step
from inbox.models import Notice
from tests.caller import EVENTS
from tests.cast import GRID, KITCHEN, Cast, manifest, story_at
from tests.test_urls_are_scoped import CASES, DISTRICT, OWN, district_urls, reverse, scoped_urls

INBOX = "/api/v1/inbox/"


@pytest.fixture
def cast(db) -> Cast:
    return Cast()


def phone(session_of, *, meant_for, **headers: str) -> Client:
    """A phone whose queue is of one person, while its session may be another's."""
    client = Client(headers={"X-Person": str(meant_for.pk), "accept-language": "en"} | headers)
    client.force_login(session_of, backend="accounts.backends.PostBackend")
    return client


def a_report() -> dict:
    photos = manifest("before_photo")
    return {
        "id": str(uuid.uuid4()),
        "item": KITCHEN,
        "area_code": GRID,
        "description": "x",
        "photos": photos,
    }


def code_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_in_the_session_of_another_person_nothing_is_done(cast):
    story = story_at(cast, State.REPORTED, at=timezone.now())
    before = Step.objects.count(), Evidence.objects.count(), Notice.objects.count()
    client = phone(cast.acceptor, meant_for=cast.worker)
    report = client.post(EVENTS, a_report(), content_type="application/json")
    move = client.post(
        f"{EVENTS}{story.id}/moves/", {"verb": "accept", "data": {}}, content_type="application/json"
    )
    photo = SimpleUploadedFile("photo.jpg", b"any bytes")
    file = client.post(f"{EVENTS}{story.id}/evidence/", {"kind": "before_photo", "file": photo})
    read = client.post(f"{INBOX}read/", {"until": "2030-01-01T00:00:00Z"}, content_type="application/json")
    for answer in (report, move, file, read, client.get(INBOX), client.get(EVENTS)):
        assert code_of(answer) == (409, "other_person")
        assert answer.json()["message"] and answer.json()["fields"] == {}
    assert (Step.objects.count(), Evidence.objects.count(), Notice.objects.count()) == before
    assert story.event.state == State.REPORTED


def test_every_address_of_the_api_asks_for_whom(cast):
    """Those to come too: whoever adds one lists it in CASES."""
    story = story_at(cast, State.HANDLING)
    urls = {name: reverse(name) for name, case in CASES.items() if case == OWN}
    urls |= scoped_urls(story, story.event.evidence.first().pk)
    urls |= {name: url for name, url in district_urls().items() if CASES[name] == DISTRICT}
    api = {name: url for name, url in urls.items() if url.startswith("/api/v1/")}
    assert len(api) > 30
    client = phone(cast.director, meant_for=cast.worker)
    for name, url in api.items():
        for method in ("get", "post", "put", "delete"):
            assert code_of(getattr(client, method)(url)) == (409, "other_person"), f"{method} {name}"


def test_in_the_own_session_the_header_changes_nothing(cast):
    mine, plain = phone(cast.worker, meant_for=cast.worker), Client()
    plain.force_login(cast.worker, backend="accounts.backends.PostBackend")
    body = a_report()
    assert mine.post(EVENTS, body, content_type="application/json").status_code == 201
    assert plain.post(EVENTS, body, content_type="application/json").status_code == 200
    assert mine.get(f"{EVENTS}{body['id']}/").status_code == 200


def test_being_refused_asks_for_the_session_and_its_person_only(cast, django_assert_num_queries):
    client = phone(cast.acceptor, meant_for=cast.worker)
    with django_assert_num_queries(2):
        assert client.get(INBOX).status_code == 409


def test_the_other_person_is_told_before_a_missing_second_step_or_a_stale_token(cast, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    client = phone(cast.acceptor, meant_for=cast.worker)
    assert code_of(client.get(INBOX)) == (409, "other_person")
    assert code_of(phone(cast.acceptor, meant_for=cast.acceptor).get(INBOX))[0] == 403
    strict = Client(enforce_csrf_checks=True, headers={"X-Person": str(cast.worker.pk)})
    strict.force_login(cast.acceptor, backend="accounts.backends.PostBackend")
    assert code_of(strict.post(EVENTS, a_report(), content_type="application/json")) == (409, "other_person")


@pytest.mark.parametrize("told", ["", "0", "worker", "１"])
def test_a_strange_value_is_nobody(cast, told):
    client = Client(headers={"X-Person": told})
    client.force_login(cast.worker, backend="accounts.backends.PostBackend")
    assert code_of(client.get(INBOX)) == (409, "other_person")


def test_without_a_log_in_it_is_the_log_in_that_is_missing(cast):
    assert code_of(Client(headers={"X-Person": "1"}).get(INBOX)) == (401, "not_logged_in")


def test_a_request_for_another_is_no_sign_of_life(cast):
    """A phone in a pocket must not keep open the log-in of whoever has the desk's browser now."""
    client = phone(cast.acceptor, meant_for=cast.worker)
    Session.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    before = Session.objects.get().seen_at
    assert client.get(INBOX).status_code == 409
    assert Session.objects.get().seen_at == before
    assert client.get(INBOX, headers={"X-Person": str(cast.acceptor.pk)}).status_code == 200
    assert Session.objects.get().seen_at > before


def test_pages_do_not_ask(cast):
    assert phone(cast.director, meant_for=cast.worker).get("/events/").status_code == 200


def test_whatever_writes_is_refused_in_the_other_mode_and_reading_is_not(cast):
    """A photo of a real report, met in training, would else be told that its event does not exist."""
    story = story_at(cast, State.REPORTED, at=timezone.now())
    training.begin(user=cast.worker, now=timezone.now())
    client = phone(cast.worker, meant_for=cast.worker, **{"X-Training": "0"})
    file = {"kind": "before_photo", "file": SimpleUploadedFile("photo.jpg", b"any bytes")}
    assert code_of(client.post(f"{EVENTS}{story.id}/evidence/", file)) == (409, "training_changed")
    assert code_of(client.post(EVENTS, a_report(), content_type="application/json")) == (
        409,
        "training_changed",
    )
    assert client.get("/api/v1/me/").status_code == 200
    assert Event.with_training.count() == 1
