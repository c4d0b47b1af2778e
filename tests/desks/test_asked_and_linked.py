"""What an event page and a move's form tell beside the form: asks, links, deadlines to come, likely events."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.scope import Actor
from desks.likely import likely_leading
from dispatch import outbox
from dispatch.models import ClockKind
from events.models import Event, State
from tests.cast import FIRE_LANE, KITCHEN, NEXT_STREET, POLICE, SHOP_IN_ROAD, WAYS, Cast, Story

NEXT_ROOM = f"ZHZX@{NEXT_STREET}"
POINT = (120.2100, 30.2500)
HOME = reverse("desks:home")


def told(cast: Cast, state: State, item: str = SHOP_IN_ROAD, **report) -> Story:
    """An event reported half an hour ago and moved to a state."""
    story = Story(cast, item, at=timezone.now() - timedelta(minutes=30)).report(**report).route()
    for verb, needed in WAYS[state]:
        getattr(story.wait(minutes=1), verb)(**needed)
    return story


def move_of(browser: Client, story: Story, verb: str, **query):
    return browser.get(reverse("desks:move", args=[story.id, verb]), query)


def event_of(browser: Client, story: Story):
    return browser.get(reverse("desks:event", args=[story.id])).context["page"]


def rows_of(browser: Client, queue: str) -> list:
    return [row.pk for row in browser.get(HOME, {"queue": queue}).context["page"].rows]


# What is asked --------------------------------------------------------------------------------------


def test_an_ask_tells_by_whom_since_when_until_when_and_why(cast, enter):
    story = told(cast, State.HANDLING, KITCHEN).request_extension(amount=1, reason="Parts are late")

    (asked,) = event_of(enter("dispatcher"), story).asked

    assert (asked.title, asked.since) == ("more time", story.now)
    assert asked.until == story.event.clocks.running().get(kind=ClockKind.HANDLE).due
    assert [str(line.value) for line in asked.lines] == ["1 working day", "Parts are late"]
    form = move_of(enter("dispatcher"), story, "decide_extension")
    assert [row.title for row in form.context["page"].asked] == ["more time"]
    assert "Parts are late" in form.content.decode()


def test_a_hold_tells_review_and_safety_measure_to_the_centre_and_while_it_lasts(cast, enter):
    story = told(cast, State.HANDLING).request_hold()

    assert "A fence stands round it" in move_of(enter("centre"), story, "hold").content.decode()
    story.hold()
    (asked,) = event_of(enter("police"), story).asked
    assert asked.title == "On hold" and asked.until == story.event.held_until
    assert "A fence stands round it" in [str(line.value) for line in asked.lines]
    assert "A fence stands round it" in move_of(enter("centre"), story, "resume").content.decode()


def test_supervision_tells_its_answer_by(cast, enter):
    story = told(cast, State.HANDLING).supervise(text="Why so slow?")

    (asked,) = event_of(enter("director"), story).asked

    assert asked.until is not None and not asked.late
    assert "Why so slow?" in [str(line.value) for line in asked.lines]


# Deadlines to come ----------------------------------------------------------------------------------


def test_the_deadlines_told_before_a_correction_are_those_after_it(cast, enter):
    story = told(cast, State.ACCEPTED)

    page = move_of(enter("director"), story, "correct", item=KITCHEN).context["page"]
    before = {row.becomes for row in page.deadlines}
    story.correct("director", item=KITCHEN)

    assert page.changes_deadlines
    assert before == set(story.event.clocks.running().values_list("due", flat=True))


def test_the_deadlines_told_before_more_time_are_those_after_it(cast, enter):
    story = told(cast, State.HANDLING, KITCHEN)
    asked = move_of(enter("police"), story, "request_extension", amount=2).context["page"].deadlines
    story.request_extension(amount=2, reason="Parts")
    decided = move_of(enter("dispatcher"), story, "decide_extension").context["page"].deadlines
    story.decide_extension(decision="granted")

    running = set(story.event.clocks.running().values_list("due", flat=True))
    assert {row.becomes for row in asked} == {row.becomes for row in decided} == running


def test_without_a_change_no_deadline_moves(cast, enter):
    for state, who, verb in (
        (State.REPORTED, "acceptor", "correct"),
        (State.HANDLING, "police", "request_extension"),
        (State.CLOSED, "centre", "correct"),
    ):
        page = move_of(enter(who), told(cast, state), verb).context["page"]
        assert page.deadlines and not page.changes_deadlines, verb


def test_a_reopened_event_is_sent_with_half_the_limit(cast, enter):
    story = told(cast, State.CLOSED).reopen(reason="Back again")

    page = move_of(enter("dispatcher"), story, "dispatch").context["page"]
    story.dispatch(lead=POLICE)

    assert page.limit == "2 working hours"
    assert abs(story.event.clocks.running().get(kind=ClockKind.HANDLE).due - page.deadline) < timedelta(
        hours=2
    )


# Links ----------------------------------------------------------------------------------------------


def labels(browser: Client, story: Story) -> list[str]:
    return [link.label for link in event_of(browser, story).links]


def test_links_tell_what_the_other_event_is(cast, enter):
    leading, merged, first = (told(cast, State.REPORTED) for _number in range(3))
    merged.merge(into=leading)
    first.split(item=KITCHEN, description="Grease")
    outbox.drain()
    (new,) = Event.objects.filter(origin=first.id)
    director = enter("director")

    assert labels(director, leading) == ["Merged here"]
    assert labels(director, merged) == ["Merged into"]
    assert labels(director, first) == ["Split off"]
    first.id = new.pk
    assert labels(director, first) == ["Split from"]


def test_a_link_leads_nobody_out_of_their_scope(cast, enter):
    story = told(cast, State.REPORTED).transfer(desk=NEXT_ROOM, reason="Theirs")
    other = told(cast, State.REPORTED)
    Event.objects.filter(pk=other.id).update(origin=story.id)

    assert labels(enter("director"), story) == ["Follow-up event"]
    assert labels(enter("neighbour"), story) == []


# Merging --------------------------------------------------------------------------------------------


def at_point(story: Story, metres_north: float) -> Story:
    longitude, latitude = POINT
    Event.objects.filter(pk=story.id).update(longitude=longitude, latitude=latitude + metres_north / 111_195)
    return story


def test_the_same_item_close_by_and_of_the_same_day_is_offered_first(cast):
    story = at_point(told(cast, State.REPORTED), 0)
    far = at_point(told(cast, State.REPORTED), 120)
    other_item = at_point(told(cast, State.REPORTED, FIRE_LANE), 5)
    old = at_point(told(cast, State.REPORTED), 10)
    Event.objects.filter(pk=old.id).update(occurred_at=timezone.now() - timedelta(days=2))
    twin = at_point(told(cast, State.REPORTED), 40)

    found = likely_leading(story.event, Actor.of(cast.director))

    assert [(row.event.pk, row.is_likely, row.metres) for row in found] == [
        (twin.id, True, 40),
        (other_item.id, False, 5),
        (old.id, False, 10),
        (far.id, False, 120),
    ]


def test_no_closed_and_no_hidden_event_is_offered(cast):
    story = told(cast, State.REPORTED)
    told(cast, State.CLOSED)
    told(cast, State.REPORTED, "10203", photos=[])  # sensitive

    assert likely_leading(story.event, Actor.of(cast.community)) == []


def test_an_offered_event_is_chosen_and_a_number_typed(cast, enter):
    story, twin = told(cast, State.REPORTED), told(cast, State.REPORTED)
    browser, page = enter("acceptor"), reverse("desks:move", args=[story.id, "merge"])

    refused = browser.post(page, {"leading": "1" * 19})
    assert 'value="1111111111111111111"' in refused.content.decode()
    assert browser.post(page, {"leading": ["", twin.event.number]}).status_code == 302
    assert story.event.leading_id == twin.id


# Without return -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "verb"), [("centre", "void"), ("centre", "force_close"), ("worker", "withdraw")]
)
def test_what_nothing_brings_back_is_confirmed(cast, enter, who, verb):
    story = told(cast, State.REPORTED)

    text = move_of(enter(who), story, verb).content.decode()

    assert re.search(r'<input type="checkbox" required>', text)
    assert story.event.number in text


# Queues ---------------------------------------------------------------------------------------------


def test_what_is_asked_of_a_desk_stands_in_its_queue(cast, enter):
    transfer = told(cast, State.REPORTED).transfer(desk=NEXT_ROOM, reason="Theirs")
    more_time = told(cast, State.HANDLING).request_extension(amount=1, reason="Late")
    returned = told(cast, State.DISPATCHED)
    returned.now = timezone.now()
    returned.return_(reason="not_our_duty", explanation="No")

    assert rows_of(enter("neighbour"), "asked") == [transfer.id]
    assert set(rows_of(enter("dispatcher"), "asked")) == {more_time.id, returned.id}


def test_the_centre_finds_holds_and_what_has_come_up(cast, enter):
    hold = told(cast, State.HANDLING).request_hold()
    refused = (
        told(cast, State.REPORTED).transfer(desk=NEXT_ROOM, reason="Theirs").refuse_transfer(reason="No")
    )
    escalated = told(cast, State.REPORTED).escalate(reason="Too big")
    centre = enter("centre")

    assert rows_of(centre, "holds") == [hold.id]
    assert set(rows_of(centre, "come_up")) == {refused.id, escalated.id}
    hold.hold()
    assert rows_of(centre, "on_hold") == rows_of(enter("director"), "on_hold") == [hold.id]
    assert rows_of(centre, "holds_to_review") == []
    Event.objects.filter(pk=hold.id).update(hold_review_on=timezone.localdate())
    assert rows_of(centre, "holds_to_review") == rows_of(enter("director"), "holds_to_review") == [hold.id]


def test_supervision_stands_with_desk_centre_and_agency(cast, enter):
    story = told(cast, State.HANDLING).supervise(text="Why?")

    assert rows_of(enter("police_head"), "supervision") == [story.id]
    assert rows_of(enter("director"), "supervised") == rows_of(enter("centre"), "supervised") == [story.id]
    assert rows_of(enter("neighbour"), "supervised") == []


def test_what_left_an_agency_shows_its_number_and_own_steps_only(cast, enter):
    story = told(cast, State.DISPATCHED).return_(reason="not_our_duty", explanation="No")
    browser = enter("police")

    answer = browser.get(HOME, {"queue": "left"})
    text = answer.content.decode()

    assert [(row.pk, row.own_verb) for row in answer.context["page"].rows] == [(story.id, "return")]
    assert story.event.number in text and "Boxes block the way" not in text
    assert 'id="filter-q"' not in text, "a search would tell what stands in it"
    assert len(browser.get(HOME, {"queue": "left", "q": "nowhere"}).context["page"].rows) == 1
    assert rows_of(enter("fire"), "left") == []


def test_a_closed_report_waits_for_its_rating_once(cast, enter):
    story = told(cast, State.CLOSED)
    worker = enter("worker")

    assert rows_of(worker, "to_rate") == [story.id]
    story.rate(rating="good")
    assert rows_of(worker, "to_rate") == []


def test_a_check_stands_on_the_page_of_the_team_of_the_place(cast, enter):
    story = told(cast, State.REPORTED).ask_check(question="Is it so?")

    assert rows_of(enter("worker"), "checks") == [story.id]
    assert rows_of(enter("next_worker"), "checks") == []
