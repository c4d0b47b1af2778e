"""The desk by keyboard alone: ten events come in by API and are accepted one after the other; no mouse is moved."""

import re
import uuid

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dispatch import outbox
from events.models import Event, State
from tests.browser.people import Office
from tests.cast import GRID, KITCHEN, SHOP_IN_ROAD, Cast, Story, manifest

MOST_KEYS = 6
"""From a new event to 'dispatched'."""


@pytest.fixture
def office(chromium, site, settings):
    settings.DEMO_MODE = True
    office = Office(chromium, site, locale="en-GB")
    yield office
    office.close()


def report_by_api(office: Office) -> str:
    report = {"id": str(uuid.uuid4()), "item": SHOP_IN_ROAD, "area_code": GRID, "description": "Boxes"}
    status, answer = office.post("worker", "events/", report | {"photos": manifest("before_photo")})
    assert status == 201, answer
    return report["id"]


def test_ten_events_in_by_api_are_accepted_by_keyboard_alone(office):
    reported = [report_by_api(office) for _number in range(10)]
    outbox.drain()
    page = office.page_of("acceptor")
    page.goto(f"{office.site}/?queue=open&sort=oldest")
    page.wait_for_load_state("networkidle")
    keys = page.keyboard
    form = page.locator("[data-move-form='accept']")

    keys.press("?")
    expect(page.locator("#keys")).to_be_visible()
    keys.press("Escape")
    keys.press("g")
    keys.press("a")
    expect(page.locator("#queues [aria-current]")).to_contain_text("To accept")
    keys.press("j")
    keys.press("Enter")
    for number in range(10):
        expect(page.locator("#event-pane [data-my-turn]")).to_be_visible()
        keys.press("a")
        expect(form).to_be_visible()
        expect(form.locator(".move-foot button")).to_be_focused()
        keys.press("Enter")
        expect(page.locator("#q-to_accept .count")).to_have_text(str(9 - number))

    assert Event.objects.filter(pk__in=reported, state=State.ACCEPTED).count() == 10
    expect(page.get_by_text("Nothing waits here.")).to_be_visible()
    keys.press("Escape")
    expect(page.locator("#event-pane")).to_be_hidden()
    keys.press("/")
    expect(page.locator("#filter-q")).to_be_focused()
    keys.press("j")
    expect(page.locator("#filter-q")).to_have_value("j")


def test_the_open_event_and_the_panes_stand_in_the_address(office):
    story = Story(Cast(), at=timezone.now()).report().route()
    page = office.page_of("director")
    page.goto(f"{office.site}/?queue=to_accept")
    page.wait_for_load_state("networkidle")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{office.site}/?queue=to_accept&open={story.id}")
    expect(page.locator(f"#row-{story.id}")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("m")
    expect(page).to_have_url(f"{office.site}/?queue=to_accept&open={story.id}&fold=map")
    page.reload()
    expect(page.locator(f"#event-pane [data-event='{story.id}']")).to_be_visible()
    expect(page.locator("#map-pane")).to_be_hidden()
    page.go_back()
    expect(page.locator("#event-pane")).to_be_hidden()


def test_folded_groups_and_the_look_at_the_map_stand_in_the_address(office):
    cast = Cast()
    for item in (SHOP_IN_ROAD, KITCHEN):
        Story(cast, item, at=timezone.now()).report().route()
    page = office.page_of("director")
    page.goto(f"{office.site}/?queue=to_accept&group=item")
    page.wait_for_load_state("networkidle")

    folded = page.locator(f"[data-group='{SHOP_IN_ROAD}']")
    folded.click()
    expect(page).to_have_url(f"{office.site}/?queue=to_accept&group=item&closed=item:{SHOP_IN_ROAD}")
    page.locator("#board-map").focus()
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile(r"&at=30\.\d+,120\.\d+,[\d.]+$"))
    looked_at = page.url
    page.locator("#density").evaluate("box => box.click()")
    expect(page).to_have_url(re.compile(r"&closed=item:\d+&density=compact&at="))
    page.goto(looked_at)
    page.wait_for_load_state("networkidle")
    expect(folded).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#queue-list [data-row]:visible")).to_have_count(1)
    assert page.url == looked_at
    page.locator("#filter-q").fill("x")
    page.keyboard.press("Enter")
    another = f"{office.site}/?queue=to_accept&group=item&closed=item:{SHOP_IN_ROAD}&q=x"
    expect(page).to_have_url(another)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)  # The map is told once more when its pane has settled.
    assert page.url == another


def test_columns_are_chosen_one_after_the_other_without_a_mouse(office):
    Story(Cast(), at=timezone.now()).report().route()
    page = office.page_of("director")
    page.goto(f"{office.site}/?queue=to_accept")
    page.wait_for_load_state("networkidle")

    for key in ("s", "Tab", "Tab", "Enter", "Tab", "Space"):
        page.keyboard.press(key)
    expect(page).to_have_url(f"{office.site}/?queue=to_accept&cols=deadline.reported")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    expect(page.locator("#col-place")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page).to_have_url(f"{office.site}/?queue=to_accept&cols=state.deadline.reported")
