"""docs/api.md says what is so: its requests are sent as they stand there, and answered as it says."""

import re
import shlex
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts import tokens
from accounts.tokens import TokenScope
from desks.api.openapi import PARTS, REFUSALS
from dispatch import outbox
from events.models import Event
from grid_platform.translations import PROJECT
from tests.cast import Cast

GUIDE = (PROJECT / "docs" / "api.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"^(curl .+?)\s+# (\d{3})$", re.DOTALL | re.MULTILINE)
COMMANDS = [
    found for block in re.findall(r"```sh\n(.+?)```", GUIDE, re.DOTALL) for found in COMMAND.findall(block)
]


def send(command: str, token: str):
    """What curl would send, through the test's client."""
    words = shlex.split(command.replace("\\\n", " ").replace("$SITE", "").replace("$TOKEN", token))
    url, options = words[1], list(zip(words[2::2], words[3::2], strict=True))
    headers = dict(value.split(": ", 1) for name, value in options if name == "-H")
    client = Client(headers=headers)
    body = next((value for name, value in options if name == "--json"), None)
    if body is not None:
        return client.post(url, body, content_type="application/json")
    if any(name == "-T" for name, _value in options):
        return client.put(url, b"a piece", content_type=headers["Content-Type"])
    form = dict(value.split("=", 1) for name, value in options if name == "-F")
    if not form:
        return client.get(url)
    picture = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(picture, "JPEG")
    sent = {
        name: SimpleUploadedFile(v[1:], picture.getvalue()) if v[:1] == "@" else v for name, v in form.items()
    }
    return client.post(url, sent)


def test_every_request_of_the_guide_is_answered_as_it_says(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    _row, token = tokens.make(
        user=cast.director,
        name="x",
        scopes=TokenScope.values,
        days=7,
        with_second_step=False,
        now=timezone.now(),
    )
    assert len(COMMANDS) >= 10
    for command, status in COMMANDS:
        answer = send(command, token)
        assert answer.status_code == int(status), f"{command}\n{answer.content.decode()}"
        while outbox.drain():
            pass
    event = Event.objects.get(pk="0193f0c2-5d1e-7a64-9b1f-2f6f7d0c8a11")
    assert (event.state, event.version) == ("accepted", 2)


def test_the_guide_names_every_scope_and_every_refusal():
    rows = "\n".join(re.findall(r"^\| (.+?) \|", GUIDE, re.MULTILINE))
    assert set(re.findall(r"`(\w+)`", rows)) == set(TokenScope.values)
    assert set(re.findall(r"\b(4\d\d)\b", rows)) == set(REFUSALS)


@pytest.mark.parametrize("address", sorted(set(re.findall(r"`(/api/v1/\w+/)`", GUIDE))))
def test_the_addresses_named_exist(cast, address):
    browser = Client()
    browser.force_login(cast.director, backend="accounts.backends.PostBackend")
    assert browser.get(address).status_code == 200


def test_the_description_names_its_parts_and_refusals_in_the_readers_language(db):
    browser = Client(headers={"accept-language": "zh-hans"})
    browser.force_login(Cast().director, backend="accounts.backends.PostBackend")
    told = browser.get("/api/v1/schema/?format=json").json()
    used = {each["tags"][0] for operations in told["paths"].values() for each in operations.values()}
    named = {tag["name"]: tag["description"] for tag in told["tags"]}
    assert set(named) == used == set(PARTS)
    refusals = [refusal["description"] for refusal in told["components"]["responses"].values()]
    for words in (*named.values(), *refusals):
        assert re.search("[\u4e00-\u9fff]", words), words
