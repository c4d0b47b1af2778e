"""The document's own receiver verifies what the product sends, and its table of pauses is the code's."""

import json
import re
import time

import pytest

from events.models import State
from grid_platform.translations import PROJECT
from tests.cast import story_at
from tests.webhooks.endpoints import endpoint_at, queued
from webhooks import flights, messages
from webhooks.delivering import deliver

TEXT = (PROJECT / "docs" / "webhooks.md").read_text(encoding="utf-8")


@pytest.fixture
def verify():
    scope: dict = {}
    exec(re.search(r"```python\n(.+?)```", TEXT, re.DOTALL).group(1), scope)
    return scope["verify"]


def test_the_documents_example_verifies_what_arrives_and_nothing_else(cast, receiver, verify, monkeypatch):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    story_at(cast, State.ACCEPTED)
    queued(endpoint)
    deliver()
    (got,) = receiver.got
    body = got.body.encode()
    assert verify(receiver.secret, got.headers, body)
    assert not verify("whsec_" + "A" * 43 + "=", got.headers, body)
    assert not verify(receiver.secret, got.headers, body + b" ")
    assert not verify(receiver.secret, got.headers | {"webhook-id": "msg_other"}, body)
    assert not verify(receiver.secret, {}, body)
    assert not verify(receiver.secret, got.headers | {"webhook-timestamp": "soon"}, body)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 301)
    assert not verify(receiver.secret, got.headers, body), "a replay"


def test_the_documents_message_has_the_fields_of_a_real_one(cast, receiver):
    endpoint = endpoint_at(cast, receiver, verbs=["dispatch"])
    story_at(cast, State.DISPATCHED)
    queued(endpoint)
    real = json.loads(endpoint.deliveries.get().body)
    told = json.loads(re.search(r"```json\n(.+?)```", TEXT, re.DOTALL).group(1))
    assert told["version"] == messages.VERSION
    for part in ("event", "step"):
        assert list(told["data"][part]) == list(real["data"][part])


def test_the_documents_pauses_are_the_codes():
    words = re.search(r"tried again after about (.+?), …", TEXT).group(1)
    units = {"s": 1, "min": 60, "h": 3600}
    told = [int(number) * units[unit] for number, unit in (each.split() for each in words.split(", "))]
    assert told == list(flights.PAUSES)
