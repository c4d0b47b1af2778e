"""The screens themselves: for a screen reader and a keyboard, on small and large phones; the scanner and the recorder."""

import io
import uuid

import pytest
import segno
from django.utils import timezone
from playwright.sync_api import Page, expect

from complaints.actions import answer, complain
from events.models import Event
from grids import memory
from grids.place_book import save_places
from tests.browser.test_axe import AXE, RUN
from tests.cast import GRID, SHOP_IN_ROAD, Cast, Story
from tests.phone.phones import IN_THE_GRID, only_event, photo

SCREENS = ["tasks", "report", "outbox", "inbox", "me"]
HERE = {name: IN_THE_GRID[name] for name in ("longitude", "latitude")}
SIZES = [(360, 640), (390, 844), (820, 1180)]


def serious(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(RUN)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_screen(phone, language):
    story = Story(Cast(), SHOP_IN_ROAD, at=timezone.now()).report().route()
    story.accept().dispatch(lead="CGJ@330104005").sign().feed_back()
    mine, found = phone("worker", locale=language), {}
    page = mine.page
    for screen in [*SCREENS, f"event/{story.id}", f"event/{story.id}/rework"]:
        mine.open(screen)
        page.wait_for_load_state("networkidle")
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (screen, width)
        if problems := serious(page):
            found[screen] = problems
    mine.open("report")
    page.locator("[data-proposals] .all").click()
    found |= {"items": problems} if (problems := serious(page)) else {}
    assert found == {}


def test_a_sheet_is_left_by_escape_and_by_back_and_gives_the_focus_back(phone):
    page = phone("worker").open("report")
    page.fill("#description", "楼道堆放纸箱")
    for leave in (lambda: page.keyboard.press("Escape"), page.go_back):
        page.locator("[data-proposals] .all").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#item-search")).to_be_focused()
        leave()
        expect(page.locator(".sheet")).to_have_count(0)
        expect(page.locator("[data-proposals] .all")).to_be_focused()
    expect(page.locator("#description")).to_have_value("楼道堆放纸箱")


def test_the_label_of_a_place_says_where_it_is(phone):
    memory.forget()
    row = {"code": "JTXQ", "kind": "estate", "name": "嘉泰小区", "address": "凯旋路88号", "area": GRID}
    point = {"longitude": IN_THE_GRID["longitude"], "latitude": IN_THE_GRID["latitude"]}
    save_places(district=Cast().district, rows=[row | point])
    label = io.BytesIO()
    segno.make("https://grid.example.gov.cn/report/?place=JTXQ").save(label, kind="png", scale=8)
    mine = phone("worker")
    page = mine.open("report")
    page.locator("[data-scan]").click()
    page.set_input_files(
        "[data-picture]", {"name": "l.png", "mimeType": "image/png", "buffer": label.getvalue()}
    )
    expect(page.locator("[data-where]")).to_contain_text("嘉泰小区", timeout=15_000)
    mine.fill()
    mine.send()
    mine.until_sent()
    assert only_event().address == "凯旋路88号 嘉泰小区"

    other = io.BytesIO()
    segno.make("https://shop.example/?item=1").save(other, kind="png", scale=8)
    mine.open("report")
    page.locator("[data-scan]").click()
    page.set_input_files(
        "[data-picture]", {"name": "o.png", "mimeType": "image/png", "buffer": other.getvalue()}
    )
    expect(page.locator(".sheet")).to_contain_text("没有认出本区的标牌")


def test_a_dragged_pin_beats_what_the_photo_and_the_phone_say(phone):
    mine = phone("worker")
    mine.context.clear_permissions()
    page = mine.open("report")
    here, away = (IN_THE_GRID["longitude"], IN_THE_GRID["latitude"]), (121.5, 31.2)
    page.set_input_files("[data-tray=before_photo] input[multiple]", [photo(3, place=here)])
    expect(page.locator("[data-where]")).to_contain_text("来自照片")
    page.locator("[data-where]").click()
    pin = page.locator(".map-pin").bounding_box()
    x, y = pin["x"] + pin["width"] / 2, pin["y"] + 8
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 20, steps=4)
    page.mouse.up()
    expect(page.locator(".sheet-foot")).to_contain_text("地图上选定")
    page.locator("[data-take]").click()
    mine.context.grant_permissions(["geolocation"])
    page.set_input_files("[data-tray=before_photo] input[multiple]", [photo(4, place=away)])
    mine.fill(photos=0)
    expect(page.locator("[data-where]")).to_contain_text("地图上选定")
    mine.send()
    mine.until_sent()
    event = only_event()
    assert 0 < event.longitude - here[0] < 0.01
    assert 0 < here[1] - event.latitude < 0.01
    assert event.flags == []


def test_voice_and_video_go_with_the_report(phone):
    mine = phone("worker")
    page = mine.open("report")
    for kind in ("voice", "video"):
        page.locator(f"[data-{kind}]").click()
        expect(page.locator(".record-time")).to_contain_text("1 s", timeout=15_000)
        page.locator("[data-stop]").click()
        expect(page.locator(f"[data-tray={kind}] .tile")).to_have_count(1)
    mine.fill()
    mine.send()
    mine.until_sent()
    event = only_event()
    kinds = set(event.evidence.exclude(received_at=None).values_list("kind", flat=True))
    assert (kinds, event.photos_missing) == ({"before_photo", "voice", "video"}, 0)


def test_a_video_of_the_phone_s_own_camera_may_be_too_long(phone):
    mine = phone("worker")
    mine.context.add_init_script("delete window.MediaRecorder")
    page = mine.open("report")
    film = {"name": "v.mp4", "mimeType": "video/mp4"}
    for megabytes in (21, 1):
        with page.expect_file_chooser() as chooser:
            page.locator("[data-video]").click()
        chooser.value.set_files(film | {"buffer": b"\0" * 1_000_000 * megabytes})
        expect(page.locator("[data-problem=photos]")).to_have_text(
            "最大 20 MB，请拍短一些。" if megabytes > 20 else ""
        )
    expect(page.locator("[data-tray=video] .tile")).to_have_count(1)


def test_of_many_photos_at_once_no_more_are_taken_than_the_server_takes(phone):
    page = phone("worker").open("report")
    most = 9
    page.set_input_files(
        "[data-tray=before_photo] input[multiple]", [photo(seed, (300, 200)) for seed in range(most + 2)]
    )
    expect(page.locator("[data-problem=photos]")).to_contain_text(f"最多 {most} 张")
    expect(page.locator("[data-tray=before_photo] .tile img")).to_have_count(most)
    page.wait_for_timeout(500)
    expect(page.locator("[data-tray=before_photo] .tile img")).to_have_count(most)
    expect(page.locator("[data-problem=photos]")).to_contain_text(f"最多 {most} 张")


def test_closed_on_the_spot_with_the_photo_after(phone):
    mine = phone("worker")
    page = mine.open("report")
    mine.fill()
    page.locator("[name=self_close]").check()
    page.locator("[data-send]").click()
    expect(page.locator("[data-problem~=result]")).to_have_text("这一项必填。")
    page.fill("#result", "已清理")
    page.set_input_files("[data-spot-trays] [data-album]", photo(77))
    expect(page.locator("[data-tray=after_photo] .tile img")).to_have_count(1)
    mine.send()
    mine.until_sent()
    event = only_event()
    assert (event.state, event.self_closed) == ("closed", True)


def test_the_camera_opens_at_the_first_touch_again_and_again(phone):
    mine = phone("worker")
    page = mine.open("tasks")
    for seed, button in enumerate(["[data-report]", "[data-again]"]):
        with page.expect_file_chooser() as chooser:
            page.locator(button).click()
        chooser.value.set_files(photo(seed))
        expect(page.locator("[data-tray=before_photo] .tile img")).to_have_count(1)
        mine.fill(photos=0)
        mine.send()
    mine.until_sent()
    assert [event.photos_missing for event in Event.objects.all()] == [0, 0]


def test_big_letters_are_still_big_at_the_next_start(phone):
    mine = phone("worker")
    page = mine.open("me")
    page.locator("button[data-size=big]").click()
    page = mine.open("tasks")
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "19.5px"
    page = mine.open("me")
    expect(page.locator("button[data-size=big]")).to_have_attribute("aria-pressed", "true")


def test_an_answer_of_the_complaint_box_is_marked_at_the_start_until_it_is_read(phone):
    cast = Cast()
    key, now = uuid.uuid4(), timezone.now()
    complain(author=cast.worker, key=key, text="地图打不开", app="", now=now)
    answer(complaint_id=key, by=cast.admin, text="已修好", now=now)
    mine = phone("worker")
    page = mine.open("tasks")
    expect(page.locator("[data-mark=me]")).to_have_text("1", timeout=10_000)
    page = mine.open("me")
    expect(page.locator("[data-complaints]")).to_contain_text("已修好")
    page.locator("[data-complaints] [data-read]").click()
    expect(page.locator("[data-mark=me]")).to_be_hidden()
    expect(page.locator("[data-complaints] [data-read]")).to_be_hidden()
    expect(page.locator("[data-complaints]")).to_contain_text("已修好")


def test_the_map_shows_largely_what_waits_for_me(phone):
    check = Story(Cast(), SHOP_IN_ROAD, at=timezone.now()).report(**HERE).route()
    check.accept().dispatch(lead="CGJ@330104005").sign().feed_back()
    Story(Cast(), SHOP_IN_ROAD, at=timezone.now()).report("colleague", **HERE).route()
    mine, held = phone("worker"), []
    mine.page.route("**/api/v1/tasks/", lambda route: held.append(route))
    page = mine.open("tasks")
    page.locator("[data-as=map]").click()  # Before the tasks are there.
    for question in held:
        question.continue_()
    mine.page.unroute("**/api/v1/tasks/")
    expect(page.locator(".task-point")).to_have_count(2)
    expect(page.locator(".task-point.task-other")).to_have_count(1)


def test_what_is_reported_already_is_brought_above_the_send_button(phone):
    for _number in range(3):
        Story(Cast(), SHOP_IN_ROAD, at=timezone.now()).report("colleague", **HERE).route()
    mine = phone("worker", viewport={"width": 360, "height": 640})
    page = mine.open("report")
    mine.fill("店铺占道经营", photos=5)
    expect(page.locator("[data-join]").first).to_be_visible()
    bar = page.locator(".send-bar").bounding_box()["y"]
    box = page.locator(".near-event").first.bounding_box()
    assert box["y"] + box["height"] <= bar
