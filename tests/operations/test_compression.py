"""Texts leave compressed, nothing else does, and what the browser has already is not sent again."""

import gzip
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from whitenoise.middleware import WhiteNoiseMiddleware

from events.models import State
from tests.cast import Cast, story_at
from tests.desks.test_evidence_files import a_photo, file_of, media, sent

__all__ = ["media"]  # a fixture


@pytest.fixture
def cast(db) -> Cast:
    return Cast()


@pytest.fixture
def story(cast):
    return story_at(cast, State.HANDLING, at=timezone.now())


@pytest.fixture
def phone(cast) -> Client:
    client = Client(headers={"Accept-Encoding": "gzip, deflate, br", "accept-language": "en"})
    client.force_login(cast.worker, backend="accounts.backends.PostBackend")
    return client


def body_of(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize("fragment", [False, True], ids=["page", "fragment"])
def test_a_page_is_much_smaller_and_the_same(story, phone, cast, fragment):
    address = reverse("desks:event", args=[story.id])
    headers = {"HX-Request": "true", "HX-Target": "event-pane"} if fragment else {}
    answer = phone.get(address, headers=headers)
    plain = Client(headers={"accept-language": "en"} | headers)
    plain.force_login(cast.worker, backend="accounts.backends.PostBackend")
    whole = plain.get(address)
    assert "Content-Encoding" not in whole and "Accept-Encoding" in whole["Vary"]
    assert answer["Content-Encoding"] == "gzip" and "Accept-Encoding" in answer["Vary"]
    assert int(answer["Content-Length"]) == len(answer.content) < len(whole.content) / 2
    token = re.compile(rb'csrf\w+["\' :value=]+[A-Za-z0-9]{64}|"X-CSRFToken": "[^"]+"')
    same = [token.sub(b"", text) for text in (gzip.decompress(answer.content), whole.content)]
    assert abs(len(same[0]) - len(same[1])) < 200


def test_the_length_of_a_page_tells_nothing(story, phone):
    """BREACH: the same page has another length each time."""
    lengths = {len(phone.get(reverse("desks:event", args=[story.id])).content) for _time in range(12)}
    assert len(lengths) > 3


def test_json_is_compressed_and_its_etag_goes_on_to_work(story, phone, cast):
    phone.force_login(cast.director, backend="accounts.backends.PostBackend")
    address = reverse("api:event", args=[story.id])
    first = phone.get(address)
    assert first["Content-Encoding"] == "gzip" and first["ETag"].startswith('W/"')
    again = phone.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    move = {"verb": "comment", "data": {"text": "Soon"}}
    moved = phone.post(
        reverse("api:moves", args=[story.id]),
        move,
        content_type="application/json",
        headers={"If-Match": first["ETag"]},
    )
    assert moved.status_code == 200
    items = phone.get(reverse("api:items"))
    assert phone.get(reverse("api:items"), headers={"If-None-Match": items["ETag"]}).status_code == 304


@pytest.mark.parametrize("name", ["app.css", "app.js", "mark.svg"])
def test_static_texts_are_compressed_in_the_demo_and_asked_for_once(phone, name):
    address = f"/static/grid/{name}"
    answer, file = phone.get(address), Path("static/grid") / name
    assert answer["Content-Encoding"] == "gzip"
    sent_ = body_of(answer)
    assert gzip.decompress(sent_) == file.read_bytes()
    assert len(sent_) < file.stat().st_size
    again = phone.get(address, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_a_part_of_a_static_text_is_of_the_text_as_it_is(phone):
    answer = phone.get("/static/grid/app.css", headers={"Range": "bytes=0-299"})
    assert answer.status_code == 206 and "Content-Encoding" not in answer
    assert body_of(answer) == Path("static/grid/app.css").read_bytes()[:300]


def test_pictures_and_files_to_save_stay_as_they_are(story, phone, cast):
    photo = sent(cast, story, "police", "document", b"%PDF-" + b"a" * 5000)
    answer = phone.get(file_of(photo))
    assert "Content-Encoding" not in answer and len(body_of(answer)) == 5005
    photo = sent(cast, story, "worker", "before_photo", a_photo())
    answer = phone.get(file_of(photo))
    assert "Content-Encoding" not in answer and answer["ETag"].startswith('"')


def test_in_service_static_texts_are_compressed_beforehand(settings, tmp_path):
    """collectstatic does it once; the web process sends what lies there."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / "phone.css").write_text("a { color: red; }\n" * 200)
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], target
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.WHITENOISE_USE_FINDERS = False
    call_command("collectstatic", interactive=False, verbosity=0)
    lying = (target / "phone.css.gz").read_bytes()
    serve = WhiteNoiseMiddleware(lambda request: None)
    answer = serve.files["/static/phone.css"].get_response("GET", {"HTTP_ACCEPT_ENCODING": "gzip"})
    assert dict(answer.headers)["Content-Encoding"] == "gzip"
    assert answer.file.read() == lying and len(lying) < 400
    answer.file.close()
