"""How long one request takes, by itself, and how long a report is on its way to its queue."""

import statistics
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from bench.client import CLIENTS, Person, log_in, seconds_of, together
from bench.place import PORTS
from bench.requests import REPORTER, a_report, put_away
from dispatch import outbox

PATIENCE = 20.0
PAUSE = 0.01
"""Seconds between two looks at the list."""
SUPERVISOR = "supervisor"
LIST = "/api/v1/events/?open=true"


@dataclass(frozen=True)
class Times:
    """Seconds of the requests, in order."""

    seconds: list[float]

    @property
    def p50(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        return self.seconds[round(0.95 * (len(self.seconds) - 1))]

    def as_json(self) -> dict[str, float | int]:
        return {
            "requests": len(self.seconds),
            "p50_ms": round(self.p50 * 1000, 1),
            "p95_ms": round(self.p95 * 1000, 1),
            "longest_ms": round(self.seconds[-1] * 1000, 1),
        }


def one_by_one(number: int) -> dict[str, Times]:
    """Report, list, move and the rates page, by one client and warm; the list by eight clients too."""
    port, session = PORTS["product"], log_in(REPORTER)
    person = Person(port, session)
    keys = [uuid.uuid4() for _ in range(number)]
    warm(person, number // 4)

    def each(work: Iterable[Any], ask: Callable[[Person, Any], object]) -> Times:
        return Times(sorted(seconds_of(person, work, ask)))

    times = {"report": each(keys, lambda who, key: who.ask("POST", "/api/v1/events/", a_report(key)))}
    outbox.drain()
    person = Person(port, session)  # The server closes a connection that was idle for long.
    times["list of 50"] = each(range(number), lambda who, _n: who.ask("GET", LIST))
    times["move"] = each(
        keys,
        lambda who, key: who.ask("POST", f"/api/v1/events/{key}/moves/", {"verb": "accept", "data": {}}),
    )
    put_away()
    times[f"list of 50, {CLIENTS} clients"] = Times(
        sorted(together(port, session, range(number), lambda who, _n: who.ask("GET", LIST)))
    )
    path, reader = reverse("supervision:rates"), Person(port, log_in(SUPERVISOR))
    reader.read(path)
    times["rates page"] = Times(
        sorted(seconds_of(reader, range(max(5, number // 10)), lambda who, _n: who.read(path)))
    )
    return times


def warm(person: Person, number: int) -> None:
    """Every process and thread of the server has answered before anything is measured."""
    together(PORTS["product"], log_in(REPORTER), range(CLIENTS * 4), lambda who, _n: who.ask("GET", LIST))
    for _ in range(number):
        person.ask("GET", LIST)


def report_to_queue(number: int) -> Times:
    """With a real Celery worker and beat; TimeoutError when one does not arrive."""
    session, seconds = log_in(REPORTER), []
    for turn in range(number):
        time.sleep(0.05 + turn % 7 * 0.11)
        reporter, reader = Person(PORTS["product"], session), Person(PORTS["product"], session)
        start = time.perf_counter()
        made = reporter.ask("POST", "/api/v1/events/", a_report(uuid.uuid4()))
        while not _is_routed(reader, made["number"]):
            if time.perf_counter() - start > PATIENCE:
                raise TimeoutError(f"{made['number']} is in no queue after {PATIENCE} seconds")
            time.sleep(PAUSE)
        seconds.append(time.perf_counter() - start)
    return Times(sorted(seconds))


def _is_routed(reader: Person, number: str) -> bool:
    found = reader.ask("GET", f"{LIST}&state=reported&q={number}")["results"]
    return bool(found) and found[0]["desk"] == "ZHZX@330104005"
