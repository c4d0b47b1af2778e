"""The forms of the moves in a real browser: what goes wrong on the way loses nothing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Evidence, State
from tests.browser.people import Office, photo
from tests.cast import DAMP_WALL, DESK, POLICE, WAYS, Cast, Story, unit


@pytest.fixture
def office(chromium, site, settings, tmp_path) -> Iterator[Office]:
    settings.MEDIA_ROOT = tmp_path
    office = Office(chromium, site, locale="en-GB")
    yield office
    office.close()


def told(state: State) -> Story:
    """An event reported half an hour ago and moved to a state."""
    story = Story(Cast(), at=timezone.now() - timedelta(minutes=30)).report().route()
    for verb, needed in WAYS[state]:
        getattr(story.wait(minutes=1), verb)(**needed)
    return story


def opened(office: Office, who: str, story: Story, verb: str) -> Page:
    page = office.page_of(who)
    page.goto(f"{office.site}/events/{story.id}/", wait_until="networkidle")
    page.locator(f"a[data-move='{verb}']").click()
    expect(page.locator("dialog[open] [data-move-form]")).to_be_visible()
    return page


def send(page: Page) -> None:
    page.locator(".move-foot button").click()


def test_a_silent_network_keeps_the_form(office):
    story = told(State.HANDLING)
    page = opened(office, "police", story, "feed_back")
    page.fill("[name=result]", "Cleared the lane")
    page.locator("[data-slot=after_photo] input[type=file]").last.set_input_files(photo())
    expect(page.locator(".file-here")).to_have_count(1)

    page.context.set_offline(True)
    send(page)
    expect(page.locator("[data-trouble]")).to_be_visible()
    page.context.set_offline(False)

    assert page.input_value("[name=result]") == "Cleared the lane"
    with page.expect_navigation():
        send(page)
    assert story.event.state == State.FED_BACK


def test_closing_the_form_keeps_it_too(office):
    page = opened(office, "police", told(State.HANDLING), "feed_back")
    page.fill("[name=result]", "Half done")

    page.keyboard.press("Escape")
    page.locator("a[data-move='feed_back']").click()

    assert page.input_value("[name=result]") == "Half done"


def test_a_form_opened_again_has_the_keys_where_they_were_at_first(office):
    page = opened(office, "police", told(State.DISPATCHED), "sign")
    page.keyboard.press("Escape")
    page.locator("a[data-move='sign']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-move-form='sign'] [data-send]")).to_be_focused()


def test_a_file_that_is_none_can_be_removed_and_another_sent(office):
    story = told(State.HANDLING)
    page = opened(office, "police", story, "feed_back")
    slot = page.locator("[data-slot=after_photo]")

    slot.locator("input[type=file]").last.set_input_files(
        {"name": "fake.jpg", "mimeType": "image/jpeg", "buffer": b"only text"}
    )
    expect(slot.locator(".file-failed")).to_contain_text("fake.jpg")
    slot.locator("[data-remove]").click()
    slot.locator("input[type=file]").last.set_input_files(photo())

    expect(slot.locator(".file")).to_have_count(1)
    expect(slot.locator(".file-here [name=evidence]")).to_have_count(1)
    assert Evidence.objects.filter(event=story.id, uploaded_by__username="police").count() == 1


def test_a_file_cut_off_on_the_way_is_tried_again(office):
    page = opened(office, "police", told(State.HANDLING), "feed_back")
    slot = page.locator("[data-slot=after_photo]")
    page.route("**/evidence/", lambda route: route.abort())
    slot.locator("input[type=file]").last.set_input_files(photo())
    expect(slot.locator(".file-failed")).to_be_visible()

    page.unroute("**/evidence/")
    slot.get_by_role("button", name="Try again").click()

    expect(slot.locator(".file-here [name=evidence]")).to_have_count(1)


def test_a_signature_is_drawn_and_sent(office):
    story = Story(Cast(), DAMP_WALL, at=timezone.now()).report().route()
    story.accept("community").dispatch("community", lead=DESK)
    page = opened(office, "community", story, "feed_back")
    page.get_by_role("button", name="Sign on the screen").click()
    box = page.locator("canvas").bounding_box()

    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 90, steps=8)
    page.mouse.up()
    page.get_by_role("button", name="Use this signature").click()

    expect(page.locator("[data-slot=signature] .file-here")).to_have_count(1)
    signature = Evidence.objects.get(event=story.id, kind="signature")
    assert signature.content_type == "image/jpeg"


def test_the_second_of_two_keeps_what_was_typed(office):
    story = told(State.ACCEPTED)
    page = opened(office, "dispatcher", story, "dispatch")
    page.check(f"[name=lead][value='{unit(POLICE).pk}']")
    page.fill("[name=note]", "Today, please")
    story.now = timezone.now()
    story.dispatch("director", lead=POLICE).recall("director", reason="Wrong one")

    send(page)

    expect(page.locator("[data-error='stale_version']")).to_contain_text("recalled")
    assert page.input_value("[name=note]") == "Today, please"
    with page.expect_navigation():
        send(page)
    assert story.event.state == State.DISPATCHED


def test_the_deadline_follows_the_limit(office):
    page = opened(office, "dispatcher", told(State.ACCEPTED), "dispatch")
    expect(page.locator("#deadline")).to_contain_text("4 working hours")

    page.fill("[name=amount]", "1")

    expect(page.locator("#deadline")).to_contain_text("1 working hour:")


def test_photos_open_large_and_follow_the_arrows(office):
    story = told(State.REPORTED)
    for _number in range(2):
        office.upload("worker", story.event, Evidence.Kind.BEFORE)
    page = office.page_of("worker")
    page.goto(f"{office.site}/events/{story.id}/", wait_until="networkidle")

    page.locator("a[data-photo]").first.click()
    expect(page.locator(".viewer output")).to_have_text("1 / 2")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".viewer output")).to_have_text("2 / 2")
    page.keyboard.press("Escape")

    expect(page.locator("dialog.viewer[open]")).to_have_count(0)


def test_before_and_after_stand_side_by_side_on_a_phone_too(office):
    story = told(State.HANDLING)
    office.upload("worker", story.event, Evidence.Kind.BEFORE)
    office.move("police", "feed_back", story.event, result="Cleared", evidence=["after_photo"])
    page = office.page_of("police")
    page.goto(f"{office.site}/events/{story.id}/", wait_until="networkidle")
    before, after = (
        page.locator(f"[data-group={group}] img").bounding_box() for group in ("before", "after")
    )
    assert before and after and before["y"] == after["y"] and before["x"] + before["width"] < after["x"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_ended_log_in_keeps_the_form_until_the_next(office):
    story = told(State.HANDLING)
    page = opened(office, "police", story, "feed_back")
    page.fill("[name=result]", "Cleared the lane")
    page.context.clear_cookies(name="sessionid")

    send(page)
    expect(page.locator("[data-trouble]")).to_contain_text("Your log-in has ended.")
    with page.context.expect_page() as opening:
        page.locator("[data-trouble] a").click()
    opening.value.locator("form[action$='/police/'] button").click()
    opening.value.wait_for_url(f"{office.site}/")
    page.locator("[data-slot=after_photo] input[type=file]").last.set_input_files(photo())
    expect(page.locator(".file-here")).to_have_count(1)

    with page.expect_navigation():
        send(page)
    assert story.event.state == State.FED_BACK
    assert "Cleared the lane" in page.content()
