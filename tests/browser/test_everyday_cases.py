"""The everyday cases of the field rules, section 3, by hand: each act on its page, the way there by the actions.

ALBUM keeps the screenshots: ``python -m tests.screenshots everyday``.
"""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from dispatch import outbox
from dispatch.escalation import tick
from dispatch.models import Assignment, ClockKind
from events.models import Event, State
from tests.browser.people import Office
from tests.cast import (
    BRAWL,
    CENTRE,
    DESK,
    FIRE,
    KITCHEN,
    NEXT_STREET,
    POLICE,
    ROOM,
    SHOP_IN_ROAD,
    WAYS,
    Cast,
    Story,
)

NEXT_ROOM = f"ZHZX@{NEXT_STREET}"


@pytest.fixture(scope="module")
def office(chromium, shared_site, tmp_path_factory) -> Iterator[Office]:
    """One for all cases, so that everybody logs in once."""
    album = Path(os.environ["ALBUM"]) if os.environ.get("ALBUM") else None
    office = Office(chromium, shared_site, album)
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        yield office
    office.close()


def told(
    state: State, item: str = SHOP_IN_ROAD, *, ago: timedelta = timedelta(minutes=30), **report
) -> Story:
    """An event reported some time ago and moved to a state at once."""
    story = Story(Cast(), item, at=timezone.now() - ago).report(**report).route()
    for verb, needed in WAYS[state]:
        getattr(story.wait(seconds=20), verb)(**needed)
    story.now = timezone.now()
    return story


def page_of(office: Office, who: str, story: Story | Event) -> Page:
    page = office.page_of(who)
    page.goto(f"{office.site}/events/{story.pk if isinstance(story, Event) else story.id}/")
    return page


def queue(office: Office, who: str, name: str) -> Page:
    page = office.page_of(who)
    page.goto(f"{office.site}/?queue={name}")
    return page


def offered(page: Page) -> list[str]:
    return page.locator("[data-move]").evaluate_all("all => all.map(it => it.dataset.move)")


def settle() -> None:
    """What the workers would do."""
    outbox.drain()


# Where it should have gone --------------------------------------------------------------------------


def test_a_wrong_item_is_corrected_and_the_deadlines_told_before(office):
    story = told(State.ACCEPTED)
    page = page_of(office, "director", story)
    page.wait_for_load_state("networkidle")
    page.locator("[popovertarget='more-actions']").click()
    office.snap(page, "more-director")
    page.locator("a[data-move='correct']").click()
    form = page.locator("[data-move-form='correct']")
    form.locator("[name='item']").fill(KITCHEN)
    form.get_by_role("option").first.click()
    told_before = form.locator("#deadlines dd b")
    expect(told_before).to_have_count(2)
    words = told_before.all_inner_texts()
    office.snap(page, "correct-director")
    with page.expect_navigation():
        form.locator(".move-foot button").last.click()

    event = story.event
    assert event.item.code == KITCHEN
    due = {row.kind: row.due for row in event.clocks.running()}
    assert set(due) == {ClockKind.DISPATCH, ClockKind.WHOLE}
    shown = [timezone.localtime(due[kind]) for kind in (ClockKind.WHOLE, ClockKind.DISPATCH)]
    for at in shown:
        assert any(f"{at.month}月{at.day}日 {at:%H:%M}" in text for text in words), words
    expect(page.locator(".timeline")).to_contain_text("→")


def test_a_wrong_agency_gives_it_back_without_blame_and_keeps_its_own_steps(office):
    story = told(State.HANDLING)

    office.move("dispatcher", "recall", story.event, reason="应由消防救援站处理。")
    office.move("dispatcher", "dispatch", story.event, lead=FIRE)

    assert story.event.return_count == 0
    page = queue(office, "police", "left")
    expect(page.locator("#queue-list")).to_contain_text(story.event.number)
    expect(page.locator("#queue-list")).not_to_contain_text("Boxes")
    office.snap(page, "left-police")
    page.get_by_role("link", name=story.event.number).click()
    expect(page.locator(".timeline .step")).to_have_count(1)


def test_not_ours_is_returned_and_a_groundless_return_refused(office):
    story = told(State.HANDLING)
    due = story.event.clocks.running().get(kind=ClockKind.HANDLE).due

    office.move("police", "return", story.event, reason="not_our_duty", explanation="店铺占道归城管。")
    asked = queue(office, "dispatcher", "asked")
    expect(asked.locator(f"#e-{story.id}")).to_be_visible()
    office.snap(asked, "asked-dispatcher")
    office.move("dispatcher", "refuse_return", story.event, reason="现场为打架隐患，属你单位职责。")

    event = story.event
    assert (event.state, event.lead.code) == (State.DISPATCHED, POLICE)
    assert event.clocks.running().get(kind=ClockKind.HANDLE).due == due
    assert Assignment.objects.filter(event=event, groundless=True).count() == 1
    office.move("police", "return", event, reason="wrong_item", explanation="事项不符。")
    assert story.event.desk.code == CENTRE, "the second return goes to the district"
    assert "return" not in offered(page_of(office, "police", story))


def test_a_border_matter_is_taken_by_the_other_street_or_named_by_the_district(office):
    taken, refused = told(State.REPORTED), told(State.REPORTED)

    office.move("acceptor", "transfer", taken.event, desk=NEXT_ROOM, reason="位于两街道交界，属对面街道。")
    assert taken.event.desk.code == ROOM, "the desk of the place acts until the other has taken it"
    page = queue(office, "neighbour", "asked")
    expect(page.locator(f"#e-{taken.id}")).to_be_visible()
    office.move("neighbour", "accept_transfer", taken.event, note="由我街道办理。")
    assert taken.event.desk.code == NEXT_ROOM

    refused.transfer("acceptor", desk=NEXT_ROOM, reason="属对面街道")
    office.move("neighbour", "refuse_transfer", refused.event, reason="界线在路中，主要占我方对面。")
    assert refused.event.desk.code == CENTRE
    page = queue(office, "centre", "come_up")
    expect(page.locator(f"#e-{refused.id}")).to_be_visible()
    office.snap(page, "come-up-centre")
    office.move("centre", "accept", refused.event, note="指定管辖。")
    office.move("centre", "hand_down", refused.event, desk=ROOM, reason="指定凯旋街道办理。")
    assert refused.event.desk.code == ROOM


# What the report was worth --------------------------------------------------------------------------


def test_three_matters_in_one_report_become_three_events(office):
    story = told(State.REPORTED)

    for item, words in ((KITCHEN, "后厨油烟直排。"), ("30101", "门口垃圾成堆。")):
        office.move("acceptor", "split", story.event, item=item, description=words)
    settle()

    new = list(Event.objects.filter(origin=story.id).order_by("number"))
    assert [(row.item.code, row.recorded_at) for row in new] == [
        (KITCHEN, story.event.recorded_at),
        ("30101", story.event.recorded_at),
    ]
    page = page_of(office, "director", story)
    expect(page.locator(".links li")).to_have_count(2)
    office.snap(page, "split-links")
    page.locator(".links a").first.click()
    expect(page.locator(".links li")).to_contain_text("拆分自")


def test_a_reporter_takes_it_back_before_the_desk_has_acted(office):
    untouched, accepted = told(State.REPORTED), told(State.ACCEPTED)

    office.move("worker", "withdraw", untouched.event)

    assert untouched.event.state == State.VOID
    assert "withdraw" not in offered(page_of(office, "worker", accepted))


def test_what_was_wrongly_merged_or_rejected_comes_back(office):
    leading, story = told(State.HANDLING), told(State.REPORTED)

    office.move(
        "acceptor", "merge", story.event, leading=leading.event.number, answer="已并入正在处理的事件。"
    )
    assert (story.event.state, story.event.leading_id) == (State.MERGED, leading.id)
    page = page_of(office, "director", leading)
    expect(page.locator(".links li")).to_contain_text("已并入本件")
    page = page_of(office, "worker", story)
    expect(page.locator(".p-answer")).to_contain_text("已并入正在处理的事件。")
    office.move("director", "restore", story.event, reason="不是同一家店。")
    assert (story.event.state, story.event.leading_id) == (State.REPORTED, None)

    story.now = timezone.now()
    story.reject(reason="unclear", answer="请补充地址")
    office.move("supervisor", "restore", story.event, reason="地址清楚，应当受理。")
    assert story.event.state == State.REPORTED


def test_a_false_report_is_looked_at_and_rejected_with_an_answer(office):
    story = told(State.REPORTED)

    office.move("acceptor", "ask_check", story.event, question="店门口是否有占道？")
    accept = story.event.clocks.running().get(kind=ClockKind.ACCEPT)
    assert accept.stopped_at is not None, "the clock stands still"
    page = office.page_of("worker")
    page.goto(office.site)
    expect(page.locator(".tasks h2").first).to_have_text("待核实 1")
    office.snap(page, "home-worker-check")
    office.move("worker", "answer_check", story.event, finding="not_a_fact", result="现场无占道，已拍照。")
    assert story.event.clocks.running().get(kind=ClockKind.ACCEPT).stopped_at is None
    office.move("acceptor", "reject", story.event, reason="not_a_fact", answer="经现场核实，未发现占道。")

    assert story.event.state == State.REJECTED
    page = page_of(office, "worker", story)
    expect(page.locator(".p-answer")).to_contain_text("经现场核实，未发现占道。")


# Time -----------------------------------------------------------------------------------------------


def test_a_critical_event_nobody_accepts_at_night_is_sent_by_the_clock(office):
    story = Story(Cast(), BRAWL, at=timezone.now() - timedelta(minutes=6)).report().route()
    for who, name in (("director", "to_accept"), ("centre", "critical")):
        expect(queue(office, who, name).locator(f"#e-{story.id}")).to_be_visible()

    while tick(now=timezone.now()):
        pass

    assert (story.event.state, story.event.lead.code) == (State.DISPATCHED, POLICE)
    page = page_of(office, "police", story)
    expect(page.locator(".step-system .ti-send")).to_have_count(1)
    office.move("police", "sign", story.event)
    assert story.event.state == State.HANDLING


def test_more_time_and_a_hold_are_asked_for_and_decided(office):
    story = told(State.HANDLING, KITCHEN)
    whole = story.event.whole_due

    office.move("police", "request_extension", story.event, amount=2, reason="需等待配件。")
    page = page_of(office, "dispatcher", story)
    expect(page.locator(".asked")).to_contain_text("需等待配件。")
    office.move("dispatcher", "decide_extension", story.event, decision="granted")
    assert story.event.whole_due > whole

    review = timezone.localdate() + timedelta(days=20)
    inputs = {"reason": "weather", "review_on": review.isoformat(), "safety_measure": "已设围挡。"}
    office.move("police", "request_hold", story.event, **inputs)
    page = queue(office, "centre", "holds")
    expect(page.locator(f"#e-{story.id}")).to_be_visible()
    office.move("centre", "hold", story.event, note="同意挂账。")
    page = page_of(office, "police", story)
    expect(page.locator(".asked")).to_contain_text("已设围挡。")
    office.move("centre", "resume", story.event, note="汛期已过。")
    assert story.event.state == State.HANDLING
    assert story.event.clocks.running().filter(stopped_at=None).count() == 2


# After the work -------------------------------------------------------------------------------------


def test_what_needs_long_work_goes_on_as_an_event_of_its_own(office):
    story = told(State.HANDLING)

    office.move(
        "police",
        "feed_back",
        story.event,
        result="通道已清出。",
        evidence=["after_photo"],
        item="30101",
        description="垃圾房需要改建。",
    )
    settle()

    new = Event.objects.get(origin=story.id)
    assert (new.item.code, new.description) == ("30101", "垃圾房需要改建。")
    assert new.recorded_at > story.event.recorded_at
    page = page_of(office, "worker", story)
    expect(page.locator(".links")).to_contain_text(new.number)


def test_an_unsatisfied_resident_is_called_back_and_the_desk_reopens(office):
    story = Story(Cast(), "10201", at=timezone.now() - timedelta(minutes=30))
    story.report("community", source="hotline", photos=[]).route()
    story.accept("community").dispatch("community", lead=DESK).feed_back("community")
    story.now = timezone.now() + timedelta(hours=30)
    story.verify("worker", note="看过")
    Event.objects.filter(pk=story.id).update(closed_at=timezone.now())

    page = page_of(office, "community", story)
    page.wait_for_load_state("networkidle")
    page.locator(".rate-bad").click()
    form = page.locator("[data-move-form='rate']")
    expect(form.locator("[value='bad']")).to_be_checked()
    form.locator("[name='note']").fill("墙面仍然渗水。")
    office.snap(page, "rate-community")
    with page.expect_navigation():
        form.locator(".move-foot button").last.click()
    expect(page.locator(".event-flags")).to_contain_text("上报人不满意")
    office.move("community", "answer_reporter", story.event, answer="我们明天再来看。", reached="reached")
    assert story.event.answered_at is not None
    office.move("community", "reopen", story.event, reason="居民不满意，仍渗水。")

    event = story.event
    assert (event.state, event.reopen_count, event.closed_at) == (State.ACCEPTED, 1, None)
    assert event.whole_due < timezone.now() + timedelta(days=60), "the whole deadline stays"


def test_a_hazard_that_is_back_within_thirty_days_is_reopened_and_the_new_report_merged(office):
    old = told(State.CLOSED, ago=timedelta(days=10))
    older = told(State.CLOSED, KITCHEN, ago=timedelta(days=40))
    again = told(State.REPORTED)
    assert "reopen" not in offered(page_of(office, "director", older)), "later it is a new event"

    page = page_of(office, "director", again)
    page.wait_for_load_state("networkidle")
    page.locator("[popovertarget='more-actions']").click()
    page.locator("a[data-move='merge']").click()
    page.locator(".closed-here a").first.click()
    page.wait_for_url(re.compile(str(old.id)))
    office.move("director", "reopen", old.event, reason="同一处再次占道。")
    office.move("director", "merge", again.event, leading=old.event.number, answer="已重新处理原事件。")

    assert old.event.reopen_count == 1
    assert (again.event.state, again.event.leading_id) == (State.MERGED, old.id)
