"""The search among all events: filters in the address, pages by key, nothing beyond the scope."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from desks.keyset import page_of
from desks.queues import BY_DUE, NEWEST
from dispatch.outbox import drain
from events.models import Event
from tests.cast import COMMUNITY, FIRE_LANE, GRID, NEXT_GRID, SHOP_IN_ROAD, VIOLENCE, Story

EVENTS = reverse("desks:events")


def found(browser, **filters) -> set[uuid.UUID]:
    return {row.pk for row in browser.get(EVENTS, filters).context["page"].rows}


@pytest.fixture
def shop(cast) -> Story:
    """A shop in the road, reported yesterday by the grid worker and accepted."""
    yesterday = timezone.now() - timedelta(days=1)
    story = Story(cast, SHOP_IN_ROAD, at=yesterday)
    return (
        story.report(description="Crates before the noodle shop", address="5 Kaixuan Road").route().accept()
    )


@pytest.fixture
def lane(cast) -> Story:
    """A blocked fire lane, reported just now by the colleague."""
    return Story(cast, FIRE_LANE, at=timezone.now()).report("colleague", address="9 Fengqi Road").route()


def test_the_newest_stands_first(enter, shop, lane):
    rows = enter("director").get(EVENTS).context["page"].rows

    assert [row.pk for row in rows] == [lane.id, shop.id]


@pytest.mark.parametrize(
    ("filters", "which"),
    [
        ({"q": "noodle"}, {"shop"}),
        ({"q": "fengqi road"}, {"lane"}),
        ({"item": FIRE_LANE}, {"lane"}),
        ({"state": "accepted"}, {"shop"}),
        ({"state": ["accepted", "reported"]}, {"shop", "lane"}),
        ({"urgency": "urgent"}, {"lane"}),
        ({"area": COMMUNITY}, {"shop", "lane"}),
        ({"area": NEXT_GRID}, set()),
        ({"open": "true"}, {"shop", "lane"}),
        ({"mine": "true"}, {"shop"}),
        ({"q": "noodle", "state": "reported"}, set()),
    ],
)
def test_filters_are_in_the_address(enter, shop, lane, filters, which):
    drain()
    assert found(enter("worker"), **filters) == {{"shop": shop, "lane": lane}[name].id for name in which}


def test_an_event_is_found_by_its_number(enter, shop, lane):
    assert found(enter("director"), q=shop.event.number) == {shop.id}


def test_a_period_is_counted_in_days_of_shanghai(enter, shop, lane):
    today = timezone.localdate()

    assert found(enter("director"), since=today) == {lane.id}
    assert found(enter("director"), until=today - timedelta(days=1)) == {shop.id}


def test_a_date_that_is_none_is_said_and_finds_nothing(enter, shop):
    page = enter("director").get(EVENTS, {"since": "yesterday"})

    assert page.status_code == 200
    assert page.context["page"].rows == []
    assert "since" in page.context["errors"]
    assert 'role="alert"' in page.content.decode()


def test_another_street_finds_nothing_and_an_agency_only_its_own(cast, enter, shop):
    other = Story(cast, SHOP_IN_ROAD, at=timezone.now()).report().route().accept()
    other.dispatch(lead=f"GAFJ@{GRID[:9]}")

    assert found(enter("neighbour")) == set()
    assert found(enter("police")) == {other.id}


def test_a_sensitive_event_is_found_by_its_reporter_and_desk_only(cast, enter):
    story = Story(cast, VIOLENCE, at=timezone.now()).report().route()

    assert found(enter("worker")) == found(enter("director")) == {story.id}
    assert found(enter("colleague")) == found(enter("community")) == set()


@pytest.mark.parametrize("order", [NEWEST, BY_DUE])
def test_pages_show_every_event_once_even_where_times_are_equal(cast, order):
    instant = timezone.now()
    for number in range(7):
        Story(cast, SHOP_IN_ROAD, at=instant + timedelta(seconds=number // 3)).report().route()

    seen, after = [], ""
    for _page in range(3):
        page = page_of(Event.objects.all(), order=order, after=after, size=3)
        seen += [row.pk for row in page.rows]
        after = page.after

    assert after == ""
    assert len(seen) == len(set(seen)) == 7
    assert seen == list(Event.objects.order_by(*order).values_list("pk", flat=True))


def test_a_broken_cursor_is_the_first_page(enter, shop):
    for cursor in ("nonsense", "å", "MjAxOXx4", "2019-03-04T09:00|" + str(uuid.uuid4())):
        assert found(enter("director"), after=cursor) == {shop.id}


def test_the_next_page_keeps_the_filters(cast, enter):
    for _number in range(51):
        Story(cast, SHOP_IN_ROAD, at=timezone.now()).report().route()
    browser = enter("director")

    first = browser.get(EVENTS, {"item": SHOP_IN_ROAD})
    after = first.context["page"].after
    second = browser.get(EVENTS, {"item": SHOP_IN_ROAD, "after": after})

    assert f"?item={SHOP_IN_ROAD}&amp;after={after}" in first.content.decode()
    assert len(second.context["page"].rows) == 1
    assert not second.context["page"].is_first


def test_an_empty_list_says_how_events_get_there(enter):
    browser = enter("worker")

    assert "An event appears here as soon as" in browser.get(EVENTS).content.decode()
    assert "Nothing matches these filters." in browser.get(EVENTS, {"q": "noodle"}).content.decode()


def test_who_has_reported_nothing_is_told_what_comes_here(cast, enter):
    Story(cast).report().route()
    shown = enter("director").get("/events/?mine=true").content.decode()
    assert "What you report is listed here with its answer." in shown and "Clear all filters" not in shown


def test_htmx_gets_the_list_alone_but_the_whole_page_when_going_back(enter, shop):
    browser = enter("director")
    asks = {"HX-Request": "true", "HX-Target": "found"}

    fragment = browser.get(EVENTS, headers=asks)
    back = browser.get(EVENTS, headers=asks | {"HX-History-Restore-Request": "true"})

    assert b"<html" not in fragment.content
    assert b"<html" in back.content
    assert "HX-Request" in fragment["Vary"]


@pytest.mark.parametrize("length", [0, 1, 55])
def test_a_list_costs_at_most_ten_queries(cast, enter, length):
    for number in range(length):
        Story(cast, (SHOP_IN_ROAD, FIRE_LANE)[number % 2], at=timezone.now()).report().route()
    for who in ("worker", "director", "centre", "police"):
        browser = enter(who)
        browser.get(EVENTS)
        with CaptureQueriesContext(connection) as queries:
            browser.get(EVENTS)
        # Session, person, events with item and holder, running clocks.
        assert len(queries) <= 4, f"{who}: {len(queries)}"
