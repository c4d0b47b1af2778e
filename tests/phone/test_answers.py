"""What the app does where the phone, the browser or the server says no; tests/phone/outbox.test.mjs has every answer of the server."""

import json

import pytest
from playwright.sync_api import expect

from dispatch import outbox
from events.models import Event, State
from phone import parts
from tests.cast import GRID, SHOP_IN_ROAD, Cast, Story
from tests.phone.phones import fed_back, only_event, photo

NO_STORE = "Object.defineProperty(window, 'indexedDB', { get() { return undefined; } })"
NO_ROOM = """() => {
    window.put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => { throw new DOMException("no room", "QuotaExceededError"); };
}"""
"""Chromium's own quota can be set, and is not kept to for IndexedDB."""
NO_WORKER = "delete Navigator.prototype.serviceWorker"


def test_private_mode_sends_and_says_that_nothing_is_kept(phone):
    mine = phone("worker")
    mine.context.add_init_script(NO_STORE)
    page = mine.open("report")
    expect(page.locator("[data-fleeting]")).to_be_visible()
    mine.fill()
    mine.send()
    mine.until_sent()
    assert only_event().photos_missing == 0


def test_a_webview_without_a_service_worker_works_online(phone):
    mine = phone("worker")
    mine.context.add_init_script(NO_WORKER)
    mine.open("report")
    mine.fill()
    mine.send()
    mine.until_sent()
    assert only_event().photos_missing == 0


def test_a_full_phone_says_so_and_loses_no_word(phone):
    mine = phone("worker")
    page = mine.open("report")
    page.fill("#description", "楼道堆放纸箱")
    page.locator("[data-proposals] button:not(.all)").first.click()
    page.evaluate(NO_ROOM)
    page.set_input_files("[data-tray=before_photo] input[multiple]", [photo(5)])
    expect(page.locator("[data-problem=photos]")).to_contain_text("手机存储已满")
    page.locator("[data-send]").click()
    expect(page.locator("[data-problem=all]")).to_contain_text("手机存储已满")
    expect(page.locator("#description")).to_have_value("楼道堆放纸箱")
    assert not Event.objects.exists()
    page.evaluate("() => { IDBObjectStore.prototype.put = window.put; }")
    mine.send()
    mine.until_sent()
    assert only_event().photos_missing == 0


def test_a_new_version_waits_until_it_is_taken_and_the_queue_stays(phone, monkeypatch):
    mine = phone("worker")
    mine.open("report")
    mine.kept()
    page = mine.open("report")
    mine.context.set_offline(True)
    mine.fill()
    mine.send()
    mine.context.set_offline(False)
    page.route("**/api/v1/events/", lambda route: route.abort())
    monkeypatch.setattr(parts, "version", lambda: "0123456789ab")
    page.evaluate("navigator.serviceWorker.ready.then((registration) => registration.update())")
    page.locator("[data-update-now]").click()
    expect(page.locator("body")).to_have_attribute("data-version", "0123456789ab", timeout=15_000)
    page.unroute("**/api/v1/events/")
    page.evaluate("dispatchEvent(new Event('online'))")
    mine.until_sent()
    assert only_event().photos_missing == 0


def test_what_the_server_refuses_is_corrected_in_the_form_with_its_photos(phone):
    mine = phone("worker")
    page = mine.open("report")
    refusal = {
        "code": "invalid",
        "message": "No",
        "fields": {"description": [{"code": "x", "message": "太短"}]},
    }
    page.route(
        "**/api/v1/events/", lambda route: route.fulfill(status=400, body=json.dumps(refusal)), times=1
    )
    mine.fill("楼道堆放纸箱")
    page.locator("[data-send]").click()
    page.wait_for_selector("body[data-shown=outbox]")
    expect(page.locator("[data-waiting]")).to_contain_text("太短")
    page.locator("[data-buttons] button").first.click()
    page.wait_for_selector("form[data-ready]")
    expect(page.locator("[data-problem=description]")).to_contain_text("太短")
    expect(page.locator("[data-tray=before_photo] .tile img")).to_have_count(1)
    page.fill("#description", "楼道里堆放了很多纸箱")
    mine.send()
    mine.until_sent()
    event = only_event()
    assert (event.description, event.photos_missing) == ("楼道里堆放了很多纸箱", 0)


def test_the_same_key_with_other_content_can_be_sent_as_a_new_report(phone):
    mine = phone("worker")
    page = mine.open("report")
    taken = {"code": "different_content", "message": "Taken", "fields": {}}
    page.route("**/api/v1/events/", lambda route: route.fulfill(status=409, body=json.dumps(taken)), times=1)
    mine.fill()
    page.locator("[data-send]").click()
    page.wait_for_selector("body[data-shown=outbox]")
    page.locator("[data-buttons] button").first.click()
    mine.until_sent()
    assert only_event().photos_missing == 0


def test_a_place_outside_of_the_district_is_flagged_and_never_refused(phone):
    mine = phone("worker")
    mine.context.set_geolocation({"longitude": 121.5, "latitude": 31.2, "accuracy": 10})
    page = mine.open("report")
    expect(page.locator("[data-where]")).to_contain_text("所属网格由受理台判断")
    mine.fill()
    mine.send()
    mine.until_sent()
    assert "outside_district" in only_event().flags


def test_a_phone_clock_wrong_by_hours_is_corrected(phone):
    mine = phone("worker")
    mine.context.add_init_script("const real = Date.now; Date.now = () => real() + 5 * 3600_000;")
    mine.open("report")
    mine.fill()
    mine.send()
    mine.until_sent()
    event = only_event()
    assert abs((event.recorded_at - event.occurred_at).total_seconds()) < 600


def test_two_tabs_send_once(phone):
    mine = phone("worker")
    mine.open("report")
    second = mine.context.new_page()
    second.goto(f"{mine.site}/m/#/outbox")
    second.wait_for_selector("body[data-shown=outbox]")
    mine.fill(photos=2)
    mine.send()
    mine.until_sent()
    expect(second.locator("[data-sent] li")).to_have_count(1)
    assert only_event().evidence.exclude(received_at=None).count() == 2


def test_without_a_position_the_own_grid_is_where_it_is(phone):
    mine = phone("worker")
    mine.context.clear_permissions()
    page = mine.open("report")
    expect(page.locator("[data-where]")).to_contain_text("第1网格")
    expect(page.locator("[data-where]")).to_contain_text("没有定位权限")
    mine.fill()
    mine.send()
    mine.until_sent()
    event = only_event()
    assert (event.area_code, event.longitude) == (GRID, None)


def test_somebody_who_may_not_report_is_sent_to_the_desk(phone):
    mine = phone("supervisor")
    mine.page.goto(f"{mine.site}/m/")
    expect(mine.page.locator("#screen")).to_contain_text("这个应用供网格使用")


@pytest.mark.parametrize("offline", [False, True])
def test_a_result_is_checked_on_the_doorstep(phone, offline):
    story = fed_back()
    mine = phone("worker")
    mine.open("tasks")
    mine.kept()
    page = mine.open("tasks")
    mine.context.set_offline(offline)
    page.locator(f"a[href='#/event/{story.id}']").first.click()
    page.locator(f"a[href='#/event/{story.id}/verify']").click()
    page.locator("#need-note").fill("看过了，已清走")
    page.locator(".move .primary").click()
    expect(page.locator("body")).to_have_attribute("data-shown", "tasks")
    mine.context.set_offline(False)
    mine.until_sent()
    story.event.refresh_from_db()
    assert Event.objects.get(pk=story.id).state == State.CLOSED


def test_a_check_that_says_nothing_and_shows_nothing_is_not_sent(phone):
    story = fed_back()
    page = phone("worker").open(f"event/{story.id}/verify")
    page.locator(".move .primary").click()
    expect(page.locator(".need .problem").first).to_be_visible()
    page.set_input_files("[data-tray=after_photo] [data-album]", [photo(3)])
    expect(page.locator("[data-tray=after_photo] .tile img")).to_have_count(1)
    page.locator(".move .primary").click()
    expect(page.locator("body")).to_have_attribute("data-shown", "tasks")


def test_who_checked_while_the_event_moved_on_decides_again_with_what_was_written(phone):
    story = fed_back()
    mine = phone("worker")
    page = mine.open(f"event/{story.id}/verify")
    page.wait_for_selector(".move")
    mine.context.set_offline(True)
    page.fill("#need-note", "看过了，已清走")
    page.set_input_files("[data-tray=after_photo] [data-album]", [photo(3)])
    expect(page.locator("[data-tray=after_photo] .tile img")).to_have_count(1)
    page.locator(".move .primary").click()
    expect(page.locator("body")).to_have_attribute("data-shown", "tasks")
    story.rework(missing="还有一半").feed_back(result="全部收走")
    mine.context.set_offline(False)
    page = mine.open("outbox")
    expect(page.locator("[data-waiting] li.is-stopped")).to_have_count(1, timeout=20_000)
    page.locator("[data-waiting] [data-buttons] button").first.click()
    expect(page.locator("#need-note")).to_have_value("看过了，已清走")
    expect(page.locator(".move")).to_contain_text("已有 1 个文件送达")
    page.locator(".move .primary").click()
    expect(page.locator("body")).to_have_attribute("data-shown", "tasks")
    mine.until_sent()
    assert Event.objects.get(pk=story.id).state == State.CLOSED


def test_a_check_of_what_is_over_stays_in_the_outbox_until_it_is_deleted(phone):
    story = fed_back()
    mine = phone("worker")
    page = mine.open(f"event/{story.id}/verify")
    page.wait_for_selector(".move")
    mine.context.set_offline(True)
    page.fill("#need-note", "看过了，已清走")
    page.locator(".move .primary").click()
    expect(page.locator("body")).to_have_attribute("data-shown", "tasks")
    story.verify(by="colleague", note="好了")
    mine.context.set_offline(False)
    page = mine.open("outbox")
    expect(page.locator("[data-waiting] li.is-stopped")).to_have_count(1, timeout=20_000)
    page.locator("[data-waiting] [data-buttons] button").first.click()
    expect(page.locator("[data-toast]")).to_contain_text("已结案")
    expect(page.locator("[data-waiting] li.is-stopped")).to_have_count(1)


def test_what_is_to_be_checked_are_the_newest_words(phone):
    story = Story(Cast(), SHOP_IN_ROAD).report().route()
    story.accept().dispatch(lead="CGJ@330104005").sign().feed_back(result="收走一半")
    mine = phone("worker")
    page = mine.open("tasks")
    expect(page.locator(".card .note").first).to_contain_text("收走一半")
    page.goto(f"{mine.site}/m/#/outbox")
    story.rework(missing="还有一半").feed_back(result="全部收走")
    page.goto(f"{mine.site}/m/#/event/{story.id}")
    expect(page.locator(".event")).to_contain_text("全部收走")
    expect(page.locator(".event")).not_to_contain_text("收走一半")
    assert page.locator(".event").inner_text().count("全部收走") == 1


def test_reported_already_adds_one_to_the_event_that_is_there(phone):
    mine = phone("worker")
    first = mine.add_oneself()
    mine.send()
    mine.until_sent()
    outbox.drain()
    joined = Event.objects.exclude(pk=first.id).get()
    assert (joined.state, joined.leading_id) == (State.MERGED, first.id)
