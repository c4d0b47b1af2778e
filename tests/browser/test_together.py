"""Two dispatchers at once: one moves, the other's open form says so and keeps what was typed; a row
marks a colleague; and a desk without a live connection finds a new event by asking."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dispatch import outbox
from tests.browser.people import Office
from tests.cast import POLICE, Cast, Story
from tests.live.test_process import told_by, wait_for


@pytest.fixture
def live(fresh_database, valkey, settings) -> Iterator[None]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    settings.LIVE_URL = f":{port}/live/"
    environment = os.environ | {"LIVE_URL": settings.LIVE_URL}
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "live.asgi:application",
        "--host",
        "localhost",
        "--port",
        port,
    ]
    process = subprocess.Popen([*command, "--log-level", "warning"], env=environment)
    try:
        wait_for(lambda: told_by(f"http://localhost:{port}/live/healthz").get("hears"))
        yield
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def office(chromium, site, settings, tmp_path) -> Iterator[Office]:
    settings.MEDIA_ROOT = tmp_path
    office = Office(chromium, site, locale="en-GB")
    yield office
    office.close()


def accepted(minutes: int = 30) -> Story:
    return (
        Story(Cast(), at=timezone.now() - timedelta(minutes=minutes))
        .report()
        .route()
        .wait(minutes=1)
        .accept()
    )


def test_a_colleagues_move_is_told_to_the_open_form_and_a_new_event_shows_and_sounds(live, office, settings):
    settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] = [
        "'self'",
        f"*{settings.LIVE_URL.split('/')[0]}",
    ]
    story = accepted()
    page = office.page_of("dispatcher")
    page.goto(f"{office.site}/events/{story.id}/")
    expect(page.locator("html[data-live=on]")).to_be_attached()
    page.locator("a[data-move='comment']").first.evaluate("link => link.click()")
    form = page.locator("dialog[open] [data-move-form]")
    form.locator("[name=text]").fill("Half a sentence")
    story.at = timezone.now()
    story.dispatch(lead=POLICE)
    expect(form.locator("[data-colleague]")).to_be_visible(timeout=3000)
    assert form.locator("[name=text]").input_value() == "Half a sentence"
    assert form.locator("[name=version]").input_value() == str(story.event.version)

    desk = page.context.new_page()  # Another tab: it shares the first one's connection.
    desk.goto(f"{office.site}/?queue=to_accept")
    expect(desk.locator("html[data-live=on]")).to_be_attached()
    desk.locator(".desk-head h1").click()
    expect(desk.locator("[data-sound] [data-when=on]")).to_be_visible()
    new = Story(Cast(), at=timezone.now()).report()
    outbox.drain()
    expect(desk.locator(f"[id='e-{new.id}']")).to_be_visible(timeout=3000)
    expect(desk.locator("html[data-sounded=arrived]")).to_be_attached()


def test_without_a_live_connection_a_new_event_still_shows(office):
    page = office.page_of("acceptor")
    page.goto(f"{office.site}/?queue=to_accept")
    expect(page.locator("#queue-list")).to_be_visible()
    page.evaluate(
        "document.body.dataset.pollMs = '400'; document.dispatchEvent(new Event('visibilitychange')); null"
    )
    story = Story(Cast(), at=timezone.now()).report()
    outbox.drain()
    expect(page.locator(f"[id='e-{story.id}']")).to_be_visible(timeout=10_000)


def test_a_row_marks_that_a_colleague_is_at_the_event(live, office, settings):
    settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] = [
        "'self'",
        f"*{settings.LIVE_URL.split('/')[0]}",
    ]
    story = accepted()
    desk = office.page_of("dispatcher")
    desk.goto(f"{office.site}/?queue=to_dispatch")
    expect(desk.locator("html[data-live=on]")).to_be_attached()
    row = desk.locator(f"#row-{story.id}")
    expect(row.locator(".at-event")).to_have_count(0)

    colleague = office.page_of("director")
    colleague.goto(f"{office.site}/events/{story.id}/")
    expect(row).to_contain_text("A colleague is looking at it", timeout=10_000)
    colleague.locator("a[data-move='comment']").first.evaluate("link => link.click()")
    expect(row).to_contain_text("A colleague is working on it", timeout=10_000)
    desk.locator(f"[id='e-{story.id}']").click()
    desk.locator("#event-pane a[data-move='dispatch']").first.click()
    form = desk.locator("dialog[open] [data-move-form]")  # It covers the event's own line.
    expect(form.locator(".move-head")).to_contain_text("is working on it", timeout=10_000)
    desk.keyboard.press("Escape")
    colleague.goto(f"{office.site}/inbox/")
    expect(row.locator(".at-event")).to_have_count(0, timeout=10_000)
