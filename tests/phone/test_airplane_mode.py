"""Out of the network with a real Chromium: nothing is lost, nothing doubled, whatever happens to the phone meanwhile."""

import pytest
from playwright.sync_api import expect

from events.models import Event
from tests.browser.chromium import CHROMIUM
from tests.cast import Cast
from tests.phone.phones import Phone, only_event


@pytest.fixture
def program() -> str:
    """The whole browser."""
    return CHROMIUM


@pytest.fixture
def ready(phone) -> Phone:
    """The app has been opened once with a network, and its report screen too."""
    mine = phone("worker")
    mine.open("report")
    mine.kept()
    mine.open("tasks")
    return mine


def test_reported_in_a_basement_and_sent_by_itself_afterwards(ready):
    ready.context.set_offline(True)
    ready.open("report")
    ready.fill(photos=2)
    ready.send()
    expect(ready.page.locator(".sent")).to_have_attribute("data-state", "kept")
    expect(ready.page.locator("[data-mark=outbox]")).to_have_text("1")  # A report, not its three records.
    assert not Event.objects.exists()
    ready.context.set_offline(False)
    ready.until_sent()
    event = only_event()
    assert (event.photos_missing, event.evidence.count()) == (0, 2)
    expect(ready.page.locator(".sent")).to_have_attribute("data-state", "complete")
    expect(ready.page.locator(".sent-number")).to_have_text(event.number)


def test_the_battery_dies_with_a_report_in_the_outbox(ready):
    ready.context.set_offline(True)
    ready.open("report")
    ready.fill(photos=1)
    ready.send()
    ready.kill()
    ready.charge("worker")
    ready.open("outbox")
    ready.until_sent()
    event = only_event()
    assert (event.photos_missing, event.evidence.count()) == (0, 1)


def test_the_battery_dies_while_it_is_written(ready):
    ready.context.set_offline(True)
    ready.open("report")
    ready.fill("三楼消防通道堆满杂物", photos=1)
    ready.page.wait_for_timeout(300)
    ready.kill()
    ready.charge("worker")
    ready.context.set_offline(True)
    page = ready.open("report")
    expect(page.locator("[data-restored]")).to_be_visible()
    expect(page.locator("#description")).to_have_value("三楼消防通道堆满杂物")
    expect(page.locator("[data-tray=before_photo] .tile img")).to_have_count(1)
    expect(page.locator("[data-chosen]")).to_be_visible()
    ready.send()
    ready.context.set_offline(False)
    ready.until_sent()
    assert only_event().photos_missing == 0


def test_a_log_in_that_ended_keeps_the_queue_until_the_same_person_is_back(ready):
    ready.open("report")
    ready.fill()
    ready.context.clear_cookies(name="sessionid")
    ready.send()
    page = ready.page
    expect(page.locator("[data-log-in]")).to_be_visible()
    expect(page.locator("[data-log-in-words]")).to_contain_text("登录已过期")
    ready.log_in("colleague")
    ready.open("outbox")
    expect(page.locator("[data-waiting] li")).to_have_count(0)
    assert not Event.objects.exists()
    ready.log_in("worker")
    ready.open("outbox")
    ready.until_sent()
    event = only_event()
    assert (event.reporter, event.photos_missing) == (Cast().worker, 0)


def test_who_logs_out_without_a_network_is_out(ready):
    ready.context.set_offline(True)
    page = ready.open("me")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("[data-log-out]").click()
    expect(page.locator("#screen")).to_contain_text("没有网络")
    ready.context.set_offline(False)
    expect(page.locator("#screen")).to_contain_text("请先登录")
    expect(page.locator("[data-tabs]")).to_be_hidden()


def test_who_logs_out_is_out_at_the_next_look_too(ready):
    page = ready.page
    page.goto(f"{ready.site}/m/#/me")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("[data-log-out]").click()
    expect(page.locator("#screen")).to_contain_text("请先登录")
    with page.expect_response("**/api/v1/me/") as asked:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")
    assert asked.value.status == 401
    expect(page.locator("#screen")).to_contain_text("请先登录")
    expect(page.locator("[data-tabs]")).to_be_hidden()


def test_who_has_only_seen_the_tasks_can_report_in_the_basement_too(phone):
    mine = phone("worker")
    page = mine.open("tasks")
    with page.expect_response("**/api/v1/boundaries/**"):
        pass  # The last of what is fetched ahead.
    mine.kept()
    mine.context.set_offline(True)
    page = mine.open("report")
    expect(page.locator("[data-where]")).to_contain_text("第1网格")
    mine.fill()
    mine.send()
    mine.context.set_offline(False)
    mine.until_sent()
    assert only_event().photos_missing == 0


def test_notices_that_were_never_fetched_are_not_called_none(ready):
    ready.context.set_offline(True)
    page = ready.open("inbox")
    expect(page.locator("[data-as-of]")).to_contain_text("以前也没有打开过")
    expect(page.locator("[data-empty]")).to_be_hidden()


def test_photos_that_cannot_be_fetched_leave_no_broken_pictures(ready):
    ready.open("report")
    ready.fill(photos=1)
    ready.send()
    ready.until_sent()
    page = ready.open(f"event/{only_event().pk}")
    expect(page.locator(".photo img")).to_be_visible()
    ready.context.set_offline(True)
    page = ready.open(f"event/{only_event().pk}")
    expect(page.locator(".photo img")).to_be_hidden()
    page.locator(".photo").click()
    expect(page.locator(".photo-full")).to_have_text("无网络")


def test_tasks_and_their_forms_are_there_without_a_network(ready):
    ready.open("tasks")
    ready.context.set_offline(True)
    page = ready.open("tasks")
    expect(page.locator("[data-as-of]")).to_be_visible()
    expect(page.locator("[data-net]")).to_have_class("net is-offline")
