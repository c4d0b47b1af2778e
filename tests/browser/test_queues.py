"""The queues in a real browser: they refresh by themselves and disturb nobody."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.people import DESKTOP, PHONE, Office
from tests.cast import POLICE, Cast, Story

LOOK_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
"""What the browser says when somebody comes back to the tab: the queue asks for itself at once."""


@pytest.fixture
def office(chromium, site, settings):
    settings.DEMO_MODE = True
    office = Office(chromium, site, locale="en-GB")
    yield office
    office.close()


def test_a_new_report_comes_into_the_queue_and_takes_the_focus_from_nobody(office):
    page = office.page_of("director")
    page.goto(f"{office.site}/?queue=to_accept")
    expect(page.get_by_text("Nothing waits here.")).to_be_visible()
    page.locator("#filter-q").press_sequentially("Kaix")

    story = Story(Cast(), at=timezone.now()).report().route()
    page.evaluate(LOOK_AGAIN)

    expect(page.locator(f"#e-{story.id}")).to_be_visible()
    expect(page.locator("#q-to_accept .count")).to_have_text("1")
    expect(page).to_have_title("(1) To accept · Kaixuan Street Command Room")
    expect(page.locator("#filter-q")).to_be_focused()
    expect(page.locator("#filter-q")).to_have_value("Kaix")

    page.locator("#filter-q").fill("")
    row = page.locator(f"#e-{story.id}")
    row.focus()
    with page.expect_response(lambda answer: answer.request.headers.get("hx-target") == "queue-list"):
        page.evaluate(LOOK_AGAIN)
    expect(row).to_be_focused()


def test_queues_and_filters_are_addresses_one_can_go_back_to(office):
    Story(Cast(), at=timezone.now()).report().route()
    page = office.page_of("director")
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))

    page.locator("#q-to_verify").click()
    expect(page).to_have_url(f"{office.site}/?queue=to_verify")
    page.locator("#filter-urgency").select_option("urgent")
    expect(page).to_have_url(f"{office.site}/?queue=to_verify&urgency=urgent")
    expect(page.get_by_text("Nothing matches these filters.")).to_be_visible()
    page.go_back()
    expect(page.locator("#filter-urgency")).to_have_value("")
    page.go_back()

    expect(page.locator("#queues [aria-current]")).to_contain_text("To accept")
    expect(page.locator(".topbar")).to_have_count(1)
    assert broken == []


def test_a_narrow_list_stays_in_its_form_when_it_is_sorted_anew(office):
    story = Story(Cast(), at=timezone.now()).report().route()
    page = office.page_of("director")
    page.goto(f"{office.site}/?queue=to_accept&open={story.id}")
    pane = page.locator("#list-pane")
    expect(pane).to_have_class(re.compile("is-narrow"))

    page.locator("#list-sort").select_option("newest")

    expect(page).to_have_url(f"{office.site}/?queue=to_accept&sort=newest&open={story.id}")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    expect(pane).to_have_class(re.compile("is-narrow"))


def test_a_heading_of_what_is_due_is_as_wide_as_the_narrow_list(office):
    story = Story(Cast(), at=timezone.now()).report().route().accept().dispatch(lead=POLICE)
    page = office.browser.new_context(
        storage_state=office.page_of("police").context.storage_state(), viewport=DESKTOP["viewport"]
    ).new_page()
    page.goto(f"{office.site}/?queue=to_sign&open={story.id}")
    expect(page.locator("#list-pane")).to_have_class(re.compile("is-narrow"))
    heading, row = (
        page.locator(f"#queue-list {each}").bounding_box() for each in (".due-section th", "[data-row]")
    )
    assert (heading["x"], heading["width"]) == (row["x"], row["width"])


def test_on_a_phone_the_filters_wait_behind_a_button(office):
    Story(Cast(), at=timezone.now()).report().route()
    logged_in = office.page_of("director").context.storage_state()
    # In Chinese the sound's button stood in a row of its own until the first touch, which then missed what it meant.
    page = office.browser.new_context(**PHONE, storage_state=logged_in, locale="zh-CN").new_page()
    page.goto(f"{office.site}/?queue=to_accept")
    expect(page.locator("#filter-item")).to_be_hidden()

    page.get_by_role("button", name="筛选").tap()
    page.locator("#filter-urgency").select_option("urgent")

    expect(page.get_by_text("没有符合条件的事件。")).to_be_visible()
    expect(page.locator("#filter-urgency")).to_be_visible()


def test_a_session_that_ended_shows_the_whole_log_in(office):
    page = office.page_of("director")
    page.context.clear_cookies()

    page.evaluate(LOOK_AGAIN)

    page.wait_for_url(f"{office.site}/accounts/login/**")
    expect(page.get_by_label("User name")).to_be_visible()
    expect(page.locator("#queue-list")).to_have_count(0)


def test_nothing_is_wider_than_the_phone(office):
    Story(Cast(), at=timezone.now()).report(address="9 " + "Kaixuan" * 20).route()
    page = office.page_of("worker")

    for address in ("/events/", "/accounts/password/"):
        page.goto(office.site + address)
        expect(page.locator(".tabbar a")).to_have_count(4)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
