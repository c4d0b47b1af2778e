"""Deciding by the keyboard: a duplicate merged in two keys, an event accepted and dispatched in four."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dispatch.models import Phrase
from events.models import State
from tests.browser.people import Office
from tests.cast import CITY, Cast, Story, unit


@pytest.fixture
def office(chromium, site, settings, tmp_path) -> Iterator[Office]:
    settings.MEDIA_ROOT = tmp_path
    office = Office(chromium, site, locale="en-GB")
    yield office
    office.close()


def report(minutes: int) -> Story:
    return Story(Cast(), at=timezone.now() - timedelta(minutes=minutes)).report().route()


def test_a_duplicate_is_merged_in_two_keys(office):
    first, story = report(40), report(5)
    page = office.page_of("director")
    page.goto(f"{office.site}/events/{story.id}/", wait_until="networkidle")

    page.keyboard.press("b")
    expect(page.locator("dialog[open] .compare")).to_be_visible()
    expect(page.locator("dialog[open] [data-send]")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert (story.event.state, story.event.leading_id) == (State.MERGED, first.id)


@pytest.mark.parametrize("pane", [False, True])
def test_not_the_same_is_said_and_taken_back_on_the_comparison(office, pane):
    first, story = report(40), report(5)
    page = office.page_of("director")
    address = f"/?queue=to_accept&open={story.id}" if pane else f"/events/{story.id}/"
    page.goto(office.site + address, wait_until="networkidle")

    page.locator(".p-likely").get_by_role("link", name="Compare").click()
    page.locator("dialog[open]").get_by_role("button", name="Not the same").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".p-likely [data-key=b]")).to_have_count(0)
    page.locator(".likely-rest summary").click()
    page.locator(".likely-rest").get_by_role("link", name="Compare").click()
    page.locator("dialog[open]").get_by_role("button", name="Take back").click()

    expect(page.locator(".p-likely [data-key=b]")).to_have_count(1)
    assert first.event.number in page.locator(".p-likely").inner_text()
    assert (story.event.state, page.url) == (State.REPORTED, office.site + address)


def test_an_event_is_accepted_and_dispatched_in_four_keys(office):
    story = report(5)
    page = office.page_of("director")
    page.goto(f"{office.site}/events/{story.id}/", wait_until="networkidle")

    for state, checked in ((State.ACCEPTED, None), (State.DISPATCHED, CITY)):
        page.keyboard.press("a")
        expect(page.locator("dialog[open] [data-send]")).to_be_visible()
        if checked:
            expect(page.locator("[name=lead]:checked")).to_have_value(str(unit(checked).pk))
            expect(page.locator("[name=lead]:checked")).to_be_focused()
        with page.expect_navigation(wait_until="networkidle"):
            page.keyboard.press("Enter")
        assert story.event.state == state
    assert story.event.lead.code == CITY


def test_after_accept_and_dispatch_beside_the_queue_the_next_event_opens(office):
    first, second = report(5), report(4)
    page = office.page_of("director")
    page.goto(f"{office.site}/?queue=to_accept&sort=oldest", wait_until="networkidle")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(f"#event-pane [data-event='{first.id}'][data-my-turn]")).to_be_visible()
    for _verb in ("accept", "dispatch"):
        page.keyboard.press("a")
        expect(page.locator("dialog[open] [data-send]")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.locator("dialog[open]")).to_have_count(0)
        page.wait_for_load_state("networkidle")
    expect(page.locator(f"#event-pane [data-event='{second.id}']")).to_be_visible()
    assert first.event.state == State.DISPATCHED


def test_a_digit_chooses_a_phrase_goes_in_and_escape_keeps_it(office):
    story = report(5).accept()
    page = office.page_of("director")
    page.goto(f"{office.site}/events/{story.id}/", wait_until="networkidle")
    page.keyboard.press("a")
    second = page.locator("[data-digit='2']")
    expect(second).to_be_visible()

    page.keyboard.press("2")
    expect(second).to_be_checked()
    name = second.get_attribute("data-name")
    page.locator("[name=note]").press_sequentially("Today: ")
    phrase = Phrase.objects.get(code="dispatch_plain")
    page.locator("[data-phrases] summary").click()
    page.locator(f"[data-phrase='{phrase.pk}']").press("Enter")
    typed = page.input_value("[name=note]")
    assert typed.startswith(f"Today: {name}: please deal with") and "{" not in typed

    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("a")
    assert page.input_value("[name=note]") == typed
    page.locator("[name=note]").focus()
    page.keyboard.press("Control+Enter")
    office.until(page, lambda: story.event.state == State.DISPATCHED)

    assert story.event.lead.name_en == name
    phrase.refresh_from_db()
    assert phrase.uses == 1
