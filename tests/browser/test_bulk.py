"""A bulk move in a real browser, by keyboard: ten events, three of them refused, and back again."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from events.models import State
from tests.browser.people import PHONE, Office
from tests.cast import Cast, Story, story_at


@pytest.fixture
def office(chromium, site, settings):
    settings.DEMO_MODE = True
    office = Office(chromium, site, locale="en-GB")
    yield office
    office.close()


def test_ten_are_dispatched_three_are_refused_and_the_rest_is_recalled(office):
    stories = [story_at(Cast(), State.ACCEPTED, at=timezone.now()) for _n in range(10)]
    page = office.page_of("dispatcher")
    page.goto(f"{office.site}/?queue=to_dispatch")
    ticks = page.locator("input[data-bulk-row]")
    expect(ticks).to_have_count(10)

    ticks.first.focus()
    page.keyboard.press("Space")
    ticks.last.focus()
    page.keyboard.press("Shift+Space")
    expect(page.locator("[data-bulk-number]")).to_have_text("10")

    # Three are moved by a colleague between the looking and the sending.
    page.locator("#bulk button[value='dispatch']").press("Enter")
    expect(page.get_by_text("10 go ahead")).to_be_visible()
    expect(page.locator(".bulk-to").first).to_have_text(
        "→ Urban Management and Law Enforcement Bureau, Kaixuan Street"
    )
    page.locator("#bulk-lead").select_option(
        index=2
    )  # One for all: what was proposed for each no longer holds.
    expect(page.locator(".bulk-to").first).to_be_hidden()
    page.locator("#bulk-lead").select_option(index=0)
    expect(page.locator(".bulk-to").first).to_be_visible()
    for story in stories[:3]:
        _by_a_colleague(story)
    page.locator(".bulk-ask button.btn-primary").press("Enter")

    expect(page.get_by_text("3 were refused and stay as they were")).to_be_visible()
    expect(page.get_by_text("7 are done")).to_be_visible()
    expect(page.locator("li[data-code='stale_version']")).to_have_count(3)
    page.get_by_role("button", name="Undo: recall all 7").press("Enter")

    expect(page.get_by_text("7 are done")).to_be_visible()
    assert {story.event.state for story in stories[3:]} == {State.ACCEPTED}
    assert {story.event.state for story in stories[:3]} == {State.REJECTED}


def test_on_a_phone_rows_are_ticked_by_thumb_and_accepted_together(office):
    stories = [Story(Cast(), at=timezone.now()).report().route() for _n in range(3)]
    logged_in = office.page_of("acceptor").context.storage_state()
    page = office.browser.new_context(**PHONE, storage_state=logged_in, locale="en-GB").new_page()
    page.goto(f"{office.site}/?queue=to_accept")
    expect(page.locator("#bulk")).to_be_hidden()

    for story in stories[:2]:
        target = page.locator(f"#row-{story.id} .pick label")
        assert target.bounding_box()["width"] >= 44 and target.bounding_box()["height"] >= 44
        target.tap()  # Not a click: Chromium gives a touch to what it thinks was meant, such as the row's link.
    expect(page.locator("[data-bulk-number]")).to_have_text("2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#bulk button[value='accept']").click()
    page.locator(".bulk-ask button.btn-primary").click()

    expect(page.get_by_text("2 are done")).to_be_visible()
    assert [story.event.state for story in stories] == [State.ACCEPTED, State.ACCEPTED, State.REPORTED]


def _by_a_colleague(story: Story) -> None:
    story.wait(seconds=1).reject(reason="unclear", answer="Where was it?")
