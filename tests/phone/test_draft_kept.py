"""What of something unfinished comes back, and what must not."""

import json

from playwright.sync_api import expect

from complaints.models import Complaint
from dispatch import outbox
from events.models import Event, State
from tests.cast import Cast
from tests.phone.phones import IN_THE_GRID, fed_back, only_event, photo


def test_who_only_looked_in_is_located_anew_at_the_next_place(phone):
    mine = phone("worker")
    mine.context.set_geolocation({"longitude": 121.5, "latitude": 31.2, "accuracy": 10})
    page = mine.open("report")
    expect(page.locator("[data-where]")).to_contain_text("所属网格由受理台判断")
    mine.context.set_geolocation(IN_THE_GRID)
    page = mine.open("report")
    expect(page.locator("[data-restored]")).to_be_hidden()
    expect(page.locator("[data-where]")).to_contain_text("14")
    mine.fill()
    mine.send()
    mine.until_sent()
    assert only_event().flags == []


def test_who_added_oneself_is_still_added_after_a_reload(phone):
    mine = phone("worker")
    first = mine.add_oneself()
    page = mine.open("report")
    expect(page.locator("[data-join]").first).to_have_attribute("aria-pressed", "true")
    mine.send()
    mine.until_sent()
    outbox.drain()
    joined = Event.objects.exclude(pk=first.id).get()
    assert (joined.state, joined.leading_id) == (State.MERGED, first.id)


def test_a_check_that_was_begun_is_back_with_its_photo_and_stands_in_the_outbox(phone):
    story = fed_back()
    mine = phone("worker")
    page = mine.open(f"event/{story.id}/verify")
    page.fill("#need-note", "看过了，已清走")
    page.set_input_files("[data-tray=after_photo] [data-album]", [photo(3)])
    expect(page.locator("[data-tray=after_photo] .tile img")).to_have_count(1)
    page = mine.open("outbox")
    expect(page.locator("[data-drafts] li")).to_contain_text("核查通过")
    page.locator("[data-drafts] button").first.click()
    expect(page.locator("[data-restored]")).to_be_visible()
    expect(page.locator("#need-note")).to_have_value("看过了，已清走")
    expect(page.locator("[data-tray=after_photo] .tile img")).to_have_count(1)
    page.locator(".move .primary").click()
    expect(page.locator("body")).to_have_attribute("data-shown", "tasks")
    mine.until_sent()
    story.event.refresh_from_db()
    assert Event.objects.get(pk=story.id).state == State.CLOSED
    assert story.event.evidence.filter(uploaded_by=Cast().worker, kind="after_photo").count() == 1
    page = mine.open("outbox")
    expect(page.locator("[data-drafts] li")).to_have_count(0)


def test_a_refused_report_is_found_again_by_who_left_its_correction(phone):
    mine = phone("worker")
    page = mine.open("report")
    refusal = {"code": "invalid", "message": "请写清楚", "fields": {}}
    page.route(
        "**/api/v1/events/", lambda route: route.fulfill(status=400, body=json.dumps(refusal)), times=1
    )
    mine.fill("楼道堆放纸箱")
    page.locator("[data-send]").click()
    page.wait_for_selector("body[data-shown=outbox]")
    page.locator("[data-buttons] button").first.click()
    page.wait_for_selector("form[data-ready]")
    page = mine.open("outbox")
    expect(page.locator("[data-drafts] li")).to_contain_text("请写清楚")
    page.locator("[data-drafts] button").first.click()
    page.wait_for_selector("form[data-ready]")
    expect(page.locator("[data-tray=before_photo] .tile img")).to_have_count(1)
    mine.send()
    mine.until_sent()
    assert only_event().photos_missing == 0


def in_two_tabs(mine, text):
    """A draft with a photo, and a second tab opened upon it."""
    page = mine.open("report")
    mine.fill(text)
    second = mine.context.new_page()
    second.goto(f"{mine.site}/m/#/report")
    second.wait_for_selector("form[data-ready]")
    return page, second


def test_two_tabs_with_one_draft_send_it_once_and_the_next_report_is_another(phone):
    mine = phone("worker")
    page, second = in_two_tabs(mine, "楼道堆放纸箱")
    expect(second.locator("[data-restored]")).to_be_visible()
    page.bring_to_front()
    mine.send()
    expect(second.locator("#description")).to_have_value("")
    expect(second.locator(".tile img")).to_have_count(0)
    mine.page = second
    mine.fill("店铺占道经营")
    mine.send()
    mine.until_sent()
    expect(second.locator(".sent")).to_have_attribute("data-state", "complete")
    assert sorted(Event.objects.values_list("description", flat=True)) == ["店铺占道经营", "楼道堆放纸箱"]
    assert not Event.objects.exclude(photos_missing=0).exists()


def test_what_was_written_in_another_tab_meanwhile_is_another_report(phone):
    mine = phone("worker")
    page, second = in_two_tabs(mine, "楼道堆放纸箱")
    second.fill("#description", "楼道又堆放了杂物")
    page.bring_to_front()
    mine.send()
    mine.until_sent()
    expect(second.locator("#description")).to_have_value("楼道又堆放了杂物")
    expect(second.locator("[data-tray=before_photo] .tile img")).to_have_count(1)
    mine.page = second
    second.wait_for_selector("form[data-ready]")
    mine.send()
    mine.until_sent()
    expect(second.locator(".sent")).to_have_attribute("data-state", "complete")
    assert Event.objects.count() == 2
    assert not Event.objects.exclude(photos_missing=0).exists()


def test_a_photo_taken_in_another_tab_meanwhile_is_not_lost(phone):
    mine = phone("worker")
    page, second = in_two_tabs(mine, "楼道堆放纸箱")
    second.set_input_files("[data-tray=before_photo] input[multiple]", [photo(7)])
    expect(second.locator("[data-tray=before_photo] .tile img")).to_have_count(2)
    page.bring_to_front()
    mine.send()
    mine.until_sent()
    expect(second.locator("[data-tray=before_photo] .tile img")).to_have_count(2)
    expect(second.locator("#description")).to_have_value("楼道堆放纸箱")


def test_two_tabs_with_one_complaint_send_both_that_were_written(phone):
    mine = phone("worker")
    page = mine.open("me")
    page.fill("[data-complain] textarea", "地图打不开")
    second = mine.context.new_page()
    second.goto(f"{mine.site}/m/#/me")
    expect(second.locator("[data-complain] textarea")).to_have_value("地图打不开")
    page.bring_to_front()
    page.locator("[data-complain] button").click()
    expect(page.locator("[data-complaints]")).to_contain_text("地图打不开")
    second.fill("[data-complain] textarea", "字太小")
    second.locator("[data-complain] button").click()
    expect(second.locator("[data-complaints]")).to_contain_text("字太小")
    mine.page = second
    mine.until_sent()
    assert set(Complaint.objects.values_list("text", flat=True)) == {"地图打不开", "字太小"}


def test_a_complaint_half_written_is_still_there(phone):
    mine = phone("worker")
    page = mine.open("me")
    page.fill("#complaint", "字太小")
    page = mine.open("me")
    expect(page.locator("#complaint")).to_have_value("字太小")
    page.locator("[data-complain] .button").click()
    expect(page.locator("#complaint")).to_have_value("")
    mine.until_sent()
    page = mine.open("me")
    expect(page.locator("#complaint")).to_have_value("")
    expect(page.locator("[data-complaints] li")).to_have_count(1)


def test_a_long_text_is_two_lines_of_the_outbox_and_no_wider_than_the_phone(phone):
    page = (mine := phone("worker")).open("report")
    page.fill("#description", "Cardboard boxes on the stairs of " * 9)
    page = mine.open("outbox")
    title = page.locator("[data-drafts] b")
    assert title.bounding_box()["height"] < 60
    assert page.evaluate("document.querySelector('[data-drafts] li').getBoundingClientRect().right") <= 390
