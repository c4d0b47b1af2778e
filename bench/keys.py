"""How many keys, and how long, from a new event in the list to 'dispatched'; by the keyboard alone, in Chromium.

``python -m bench.keys``: calls are reported by the API one after the other; a director of the room opens each from
the queue, accepts it and sends it to the first of the ranked leads. Every key is one of ``KEYS`` and is counted; the
goal is at most ``GOAL``. Seconds count from the row in the list to the step in the database.
"""

import argparse
import os
import shutil
import statistics
import sys
import time
import uuid
from dataclasses import dataclass

from playwright.sync_api import Page, sync_playwright

from bench import place

GOAL = 6
EVENTS = 10
WHO = "director"
PATIENCE = 15_000
"""Milliseconds to wait for what a key brings."""
ROW = "#queue-list [id='e-{}']"
FORM = "dialog[open] [data-move-form='{}'] [data-send]:not([disabled])"


@dataclass(frozen=True)
class Press:
    """A key, and what must stand on the page before the next one; ``state``: what the event must have become."""

    key: str
    brings: str = ""
    state: str = ""


KEYS = [
    Press("j"),  # the first row of the list
    Press("Enter", brings=".p-actions .btn-first[data-move=accept]"),
    Press("a", brings=FORM.format("accept")),
    Press("Enter", brings=".p-actions .btn-first[data-move=dispatch]", state="accepted"),
    Press("a", brings=FORM.format("dispatch")),
    Press("Enter", state="dispatched"),
]
"""The way through the desk. Another way changes this table alone."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.keys", description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS, help="how many events are handled")
    options = parser.parse_args()
    with place.database():
        import django

        django.setup()
        with place.web("product"):
            seconds = handled(options.events)
    print(
        f"{len(KEYS)} keys from the list to 'dispatched', goal {GOAL}: {' '.join(each.key for each in KEYS)}"
    )
    print(
        f"{len(seconds)} events, seconds each: fastest {min(seconds):.1f}, middle "
        f"{statistics.median(seconds):.1f}, slowest {max(seconds):.1f}"
    )
    sys.exit(len(KEYS) > GOAL)


def handled(number: int) -> list[float]:
    """Seconds of each event."""
    from bench.client import Person, log_in
    from bench.requests import REPORTER, a_report
    from dispatch import outbox

    port = place.PORTS["product"]
    session, site = log_in(REPORTER), f"http://127.0.0.1:{port}"
    cookie = {"name": "sessionid", "value": log_in(WHO), "url": site}
    found = []
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread.
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        context.add_cookies([cookie])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        for _ in range(number):
            key = uuid.uuid4()
            Person(port, session).ask(
                "POST", "/api/v1/events/", a_report(key)
            )  # its connection rests too long
            outbox.drain()
            page.goto(f"{site}/?queue=to_accept", wait_until="networkidle")
            page.wait_for_selector(ROW.format(key))
            found.append(timed(page, key))
        browser.close()
    return found


def timed(page: Page, event: uuid.UUID) -> float:
    """Press the keys for one event that stands in the list; seconds."""
    began = time.monotonic()
    for press in KEYS:
        page.keyboard.press(press.key)
        if press.key == "j":
            _on_row(page, event)
        if press.brings:
            page.wait_for_selector(press.brings)
        if press.state:
            _until(page, event, press.state)
    return time.monotonic() - began


def _on_row(page: Page, event: uuid.UUID) -> None:
    page.wait_for_function(
        "row => document.querySelector(row)?.contains(document.activeElement)", arg=ROW.format(event)
    )


def _until(page: Page, event: uuid.UUID, state: str) -> None:
    from events.models import Event

    ends = time.monotonic() + PATIENCE / 1000
    while Event.objects.values_list("state", flat=True).get(pk=event) not in (state, "handling"):
        if time.monotonic() > ends:
            sys.exit(f"The event is not {state} after {PATIENCE / 1000:.0f} s: {page.url}")
        page.wait_for_timeout(20)


if __name__ == "__main__":
    main()
