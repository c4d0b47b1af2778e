"""The desks' report page in a real browser: what is typed survives every error, and a report is stored once."""

import hashlib
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page, expect

from accounts.models import User
from dispatch import outbox
from events.models import Event, Evidence
from tests.cast import COMMUNITY, FIRE_LANE, GRID, STREET

PAGE = reverse("desks:report")
IN_THE_GRID = {"longitude": 120.1625, "latitude": 30.2835, "accuracy": 18}
LAMP = "30604"


def photo(seed: int = 40, size: tuple[int, int] = (2400, 1800)) -> dict:
    """A JPEG as a phone takes it, for set_input_files."""
    file = io.BytesIO()
    Image.effect_noise((size[0] // 8, size[1] // 8), seed).resize(size).convert("RGB").save(file, "JPEG")
    return {"name": f"{seed}.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def session(name: str) -> str:
    browser = Client()
    browser.force_login(User.objects.get(username=name), backend="accounts.backends.PostBackend")
    return browser.cookies["sessionid"].value


@pytest.fixture
def desk(site, chromium):
    """``desk("community")``: that person's browser on the report page, in English."""
    contexts = []

    def opened(name: str) -> Page:
        context = chromium.new_context(
            viewport={"width": 1440, "height": 900},
            locale="en",
            timezone_id="Asia/Shanghai",
            geolocation=IN_THE_GRID,
            permissions=["geolocation"],
        )
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": session(name), "url": site}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(site + PAGE)
        ready(page)
        return page

    yield opened
    for context in contexts:
        context.close()


def ready(page: Page) -> None:
    page.wait_for_selector("form[data-ready]")


def choose(page: Page, words: str) -> None:
    page.fill("#item-search", words)
    page.wait_for_selector("#item-search-options li")
    page.keyboard.press("Enter")
    expect(page.locator("[data-chosen]")).to_be_visible()


def add(page: Page, kind: str, *files: dict) -> None:
    page.set_input_files(f"[data-tray={kind}] input[multiple]", list(files))
    expect(page.locator(f"[data-tray={kind}] figure:not(.is-busy)")).to_have_count(len(files))


def send(page: Page) -> None:
    page.click("[data-send]")


def filled(page: Page) -> None:
    """A lamp that is out, in front of the desk's door, with its photo."""
    page.click("[data-gps]")
    expect(page.locator("[data-located]")).to_contain_text("Grid 1")
    choose(page, "路灯坏了")
    page.fill("#description", "Dark since Monday")
    page.fill("#address", "5 Kaixuan Road")
    add(page, "before_photo", photo())


def arrived(page: Page) -> Event:
    """The event the page says it sent, all photos with it."""
    expect(page.locator("[data-sent-number]")).not_to_be_empty()
    if page.locator("[data-sent-photos]").is_visible():
        expect(page.locator("[data-sent-progress]")).to_have_text("All photos have arrived.")
    return Event.objects.select_related("item").get(number=page.inner_text("[data-sent-number]"))


def test_a_desk_reports_what_it_saw(desk):
    page = desk("community")
    filled(page)
    send(page)
    event = arrived(page)

    assert (event.item.code, event.area_code, event.description) == (LAMP, GRID, "Dark since Monday")
    assert event.id.version == 7
    assert event.photos_missing == 0
    assert page.get_attribute("[data-sent-event]", "href") == reverse("desks:event", args=[event.pk])
    picture = Evidence.objects.get(event=event)
    assert (picture.width, picture.height) == (1600, 1200)

    page.click("[data-sent-another]")
    ready(page)
    assert page.input_value("#description") == ""
    expect(page.locator("[data-recents] button")).to_have_text("Street-light failure")


def test_items_are_found_in_ones_own_words_and_by_platform(desk):
    page = desk("community")
    for words, code in {
        "路灯坏了": LAMP,
        "消防通道堵了": FIRE_LANE,
        "street-light": LAMP,
        FIRE_LANE: FIRE_LANE,
    }.items():
        choose(page, words)
        assert page.input_value("[name=item_code]") == code
        page.click("[data-change]")

    page.click("[data-browse] summary")
    page.click(".browse-tabs button:has-text('Integrated enforcement')")
    page.click(".browse-items button >> nth=0")
    assert page.input_value("[name=item_code]").startswith("3")


def test_everything_typed_is_there_after_a_reload(desk):
    page = desk("community")
    choose(page, "消防通道堵了")
    page.fill("#description", "Cars in the fire lane")
    page.check("[name=self_close]")
    page.fill("#result", "Owner moved them")
    page.press("[name=confidential]", "Space")
    page.fill("#occurred_at", "2026-01-02T08:30")
    key = page.evaluate("Object.values(localStorage).map(JSON.parse).find((kept) => kept.fields).id")
    page.reload()
    ready(page)

    assert page.input_value("[name=item_code]") == FIRE_LANE
    assert page.input_value("#description") == "Cars in the fire lane"
    assert page.input_value("#result") == "Owner moved them"
    assert page.is_checked("[name=self_close]") and page.is_checked("[name=confidential]")
    assert page.input_value("#occurred_at") == "2026-01-02T08:30"
    assert page.evaluate("Object.values(localStorage).map(JSON.parse).find((kept) => kept.fields).id") == key
    expect(page.locator("[data-restored]")).to_be_visible()


def test_a_report_whose_answer_was_lost_is_stored_once(desk):
    page = desk("community")
    filled(page)

    def lose_the_answer(route):
        route.fetch()
        route.abort()

    page.route("**/api/v1/events/", lose_the_answer, times=1)
    send(page)
    expect(page.locator("[data-notice-words]")).to_contain_text("No connection.")
    expect(page.locator("[data-send-words]")).to_have_text("Send again")
    assert Event.objects.count() == 1

    send(page)
    arrived(page)
    assert Event.objects.count() == 1


def test_a_stored_report_changed_before_the_repeat_can_be_sent_as_a_new_one(desk):
    page = desk("community")
    filled(page)
    page.route("**/api/v1/events/", lambda route: (route.fetch(), route.abort()), times=1)
    send(page)
    expect(page.locator("[data-notice]")).to_be_visible()
    page.fill("#description", "Dark since Sunday")
    send(page)

    expect(page.locator("[data-notice-event]")).to_be_visible()
    page.click("[data-notice-new]")
    assert arrived(page).description == "Dark since Sunday"
    assert Event.objects.count() == 2


def test_photos_lost_on_the_way_are_sent_again(desk):
    page = desk("community")
    filled(page)
    page.route(
        "**/evidence/", lambda route: route.fulfill(status=400, json={"message": "Not now", "fields": {}})
    )
    send(page)
    expect(page.locator("[data-sent-failures]")).to_contain_text("40.jpg: Not now")
    assert Event.objects.get().photos_missing == 1

    page.unroute("**/evidence/")
    page.click("[data-sent-retry]")
    assert arrived(page).photos_missing == 0


def test_after_the_log_in_has_ended_the_report_waits_for_the_next(desk, site):
    page = desk("community")
    filled(page)
    page.context.clear_cookies(name="sessionid")
    send(page)
    expect(page.locator("[data-notice-words]")).to_contain_text("Your log-in has ended.")
    expect(page.locator("[data-notice-login]")).to_be_visible()

    page.context.add_cookies([{"name": "sessionid", "value": session("community"), "url": site}])
    send(page)
    assert arrived(page).photos_missing == 0


def test_closed_on_the_spot_with_result_and_photo_after(desk):
    page = desk("community")
    page.click("[data-gps]")
    expect(page.locator("[data-located]")).to_be_visible()
    choose(page, "消防通道堵了")
    add(page, "before_photo", photo())
    page.check("[name=self_close]")
    send(page)
    expect(page.locator("#error-result")).to_have_text("Write what was done.")

    page.fill("#result", "Owner moved the cars")
    add(page, "after_photo", photo(90))
    send(page)
    event = arrived(page)
    outbox.drain()  # Which desk it is at is known when it is routed.
    event.refresh_from_db()

    assert event.self_closed and event.state == "closed"
    assert set(event.evidence.values_list("kind", flat=True)) == {"before_photo", "after_photo"}


def test_a_desk_writes_down_what_the_hotline_said_and_chooses_the_area(desk):
    page = desk("acceptor")
    send(page)
    expect(page.locator("#error-item")).to_have_text("Choose what it is about.")
    expect(page.locator("#error-longitude")).to_contain_text("Say where it is")

    choose(page, "路灯坏了")
    expect(page.locator("[data-on-the-spot]")).to_be_hidden()
    page.select_option("#source", "hotline")
    page.click("[data-by-area] summary")
    selects = page.locator("[data-area-selects] select")
    for at, code in enumerate((STREET, COMMUNITY)):
        expect(selects.nth(at).locator(f"option[value='{code}']")).to_be_attached()
        selects.nth(at).select_option(code)
    send(page)
    event = arrived(page)

    assert (event.source, event.area_code, event.flags) == ("hotline", COMMUNITY, ["no_point"])


def test_nine_photos_at_most_and_the_same_one_once(desk):
    page = desk("community")
    twice = photo(7, (160, 120))
    page.set_input_files("[data-tray=before_photo] input[multiple]", [twice, twice])
    tiles = page.locator("[data-tray=before_photo] figure:not(.is-busy)")
    expect(tiles).to_have_count(1)

    page.set_input_files(
        "[data-tray=before_photo] input[multiple]", [photo(seed, (160, 120)) for seed in range(20, 29)]
    )
    expect(page.locator("#error-photos")).to_have_text("At most 9 photos.")
    expect(tiles).to_have_count(9)


@pytest.mark.parametrize("content", [b"", b"only text"])
def test_a_file_that_is_no_picture_is_told_at_once(desk, content):
    page = desk("community")

    page.set_input_files(
        "[data-tray=before_photo] input[multiple]",
        {"name": "fake.jpg", "mimeType": "image/jpeg", "buffer": content},
    )

    expect(page.locator("#error-photos")).to_have_text("This file cannot be read. Choose another.")
    expect(page.locator("[data-tray=before_photo] figure")).to_have_count(0)


def test_the_hash_without_a_secure_context_is_sha256(desk):
    page = desk("community")
    script = """async (bytes) => {
        const { digest } = await import("/static/grid/report/sha256.js");
        return [...new Uint8Array(digest(new Uint8Array(bytes)))].map((b) => b.toString(16).padStart(2, "0")).join("");
    }"""
    for size in (0, 1, 55, 56, 64, 1000):
        data = bytes(at % 251 for at in range(size))
        assert page.evaluate(script, list(data)) == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("person", ["police", "supervisor", "verifier", "auditor"])
def test_who_may_not_report_is_refused(enter, person):
    assert enter(person).get(PAGE).status_code == 403


def test_a_desk_is_asked_for_the_source(enter):
    assert 'name="source"' in enter("acceptor").get(PAGE).text


def test_the_alarm_numbers_stand_first(enter):
    text = enter("community").get(PAGE).text

    assert [text.index(f'href="tel:{number}"') < text.index('id="report"') for number in (110, 119, 120)] == [
        True
    ] * 3


def test_ten_queries_at_most(enter):
    browser = enter("community")
    browser.get(PAGE)
    with CaptureQueriesContext(connection) as asked:
        browser.get(PAGE)

    assert len(asked) <= 10
