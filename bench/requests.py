"""The three requests, the same for the product and the bare views."""

import uuid
from functools import partial
from typing import Any

from django.utils import timezone

from bench.client import Person, per_second
from bench.place import PORTS
from dispatch import outbox
from dispatch.models import Outbox
from events.models import Event

REPORTER = "acceptor"
"""Writes down what the hotline says, and accepts it: a person of the street's command room."""
PLACE = (120.177, 30.271)
ITEM = "30604"
NAMES = ("report", "list", "move")
BEGAN = timezone.now()
"""Everything that was loaded lies before."""


def a_report(key: uuid.UUID) -> dict[str, Any]:
    return {
        "id": str(key),
        "item": ITEM,
        "description": "连续五盏路灯不亮，晚上很黑，学生放学要经过。",
        "address": "凯旋路120号附近",
        "longitude": PLACE[0],
        "latitude": PLACE[1],
        "source": "hotline",
    }


def measure(application: str, session: str, number: int) -> dict[str, float]:
    """Requests per second of each, one kind after the other; the reports made are the ones accepted then."""
    run = partial(per_second, PORTS[application], session)
    keys = [uuid.uuid4() for _ in range(number)]
    rates = {"report": run(keys, report)}
    if application == "product":
        outbox.drain()
    rates["list"] = run(range(number), read)
    rates["move"] = run(keys, accept)
    put_away()
    return rates


def report(person: Person, key: uuid.UUID) -> None:
    person.ask("POST", "/api/v1/events/", a_report(key))


def read(person: Person, _number: int) -> None:
    found = person.ask("GET", "/api/v1/events/?open=true")
    if len(found["results"]) != 50:
        raise RuntimeError(f"a list of {len(found['results'])} instead of 50")


def accept(person: Person, key: uuid.UUID) -> None:
    moved = person.ask("POST", f"/api/v1/events/{key}/moves/", {"verb": "accept", "data": {}})
    if moved["state"] != "accepted":
        raise RuntimeError(f"{key} is {moved['state']}")


def put_away() -> None:
    """What was reported for the measurement out of the open list, so that every run reads the same; and the outbox."""
    Outbox.objects.all().delete()
    made = Event.objects.filter(tenant="330104", recorded_at__gte=BEGAN, state__in=("reported", "accepted"))
    made.update(state="void")
