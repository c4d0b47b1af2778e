"""From the sending of a report to its place in the room's queue, with a real Celery worker and beat."""

import time
import uuid

from bench.client import Person, log_in
from bench.place import PORTS
from bench.requests import REPORTER, a_report

PATIENCE = 20.0
PAUSE = 0.01
"""Seconds between two looks at the list."""


def report_to_queue(number: int) -> list[float]:
    """Seconds of each of the reports, in order; TimeoutError when one does not arrive."""
    session = log_in(REPORTER)
    reporter, reader = Person(PORTS["product"], session), Person(PORTS["product"], session)
    seconds = []
    for turn in range(number):
        time.sleep(0.05 + turn % 7 * 0.11)
        start = time.perf_counter()
        made = reporter.ask("POST", "/api/v1/events/", a_report(uuid.uuid4()))
        while not _is_routed(reader, made["number"]):
            if time.perf_counter() - start > PATIENCE:
                raise TimeoutError(f"{made['number']} is in no queue after {PATIENCE} seconds")
            time.sleep(PAUSE)
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)


def _is_routed(reader: Person, number: str) -> bool:
    found = reader.ask("GET", f"/api/v1/events/?open=true&state=reported&q={number}")["results"]
    return bool(found) and found[0]["desk"] == "ZHZX@330104005"
