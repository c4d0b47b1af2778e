"""The district's calendar: the year at a glance, a change that first tells what it moves, the extension."""

from datetime import date, datetime, timedelta

import pytest

from desks.calendar_page import year_of
from dispatch.actions import load_calendar
from dispatch.calendar import change_calendar, days_of, recount_deadlines, runs_out, would_move
from dispatch.checks import calendars_reach_far_enough
from dispatch.clocks import calendar_of
from dispatch.models import CalendarChange, CalendarDay, Clock
from events.models import Event
from events.steps import verify_chains
from grids import memory
from grids.models import District
from tests.cast import BRAWL, DISTRICT, KITCHEN, MONDAY, POLICE, SHANGHAI, SHOP_IN_ROAD, Story

URL = "/rules/calendar/"
TUESDAY = date(2019, 3, 5)
CLOSED = {"first": "2019-03-05", "last": "2019-03-06", "kind": "off", "name": "Flood"}


@pytest.fixture(autouse=True)
def forget():
    """What a test changed is rolled back with its version."""
    yield
    memory.forget()


@pytest.fixture
def close(cast):
    """``close()``: Tuesday and Wednesday become days off; open deadlines move."""

    def close_(kind="off", first=TUESDAY, last=TUESDAY + timedelta(days=1), moves_open=True):
        return change_calendar(
            district=cast.district,
            kind=kind,
            first=first,
            last=last,
            name="Flood",
            moves_open=moves_open,
            by=cast.admin,
            now=MONDAY,
        )

    return close_


def kitchen(cast):
    """Three working days to handle: due on Thursday evening."""
    return Story(cast, KITCHEN).report().route().accept().dispatch(lead=POLICE).sign()


def told(moves):
    return [(move.clock.kind, f"{move.becomes.astimezone(SHANGHAI):%a %m-%d %H:%M}") for move in moves]


# What a change would move ---------------------------------------------------------------------------


def test_it_tells_the_deadlines_that_would_move_and_moves_none(cast):
    story, near = kitchen(cast), Story(cast, SHOP_IN_ROAD).report()
    critical = Story(cast, BRAWL).report()
    before = [row.running for row in (story, near, critical)]
    moves = would_move(cast.district, days_of("off", TUESDAY, TUESDAY + timedelta(days=1)))
    assert {move.clock.event_id for move in moves} == {story.id}, "the others are due today"
    assert sorted(told(moves)) == [("handle", "Mon 03-11 17:30"), ("whole", "Tue 03-12 10:30")]
    assert [row.running for row in (story, near, critical)] == before


def test_a_deadline_that_stands_still_is_left_to_its_resuming(cast, close):
    story = kitchen(cast)
    Clock.objects.filter(event=story.id).update(stopped_at=MONDAY)
    assert would_move(cast.district, days_of("off", TUESDAY, TUESDAY)) == []


def test_confirmed_the_open_deadlines_are_counted_again_by_a_step_each(cast, close):
    story = kitchen(cast)
    steps = len(story.steps)
    change = close()
    assert story.running["handle"] == "Thu 03-07 17:30", "the workers move them"
    assert recount_deadlines(now=MONDAY) == 1
    assert story.running == {"handle": "Mon 03-11 17:30", "whole": "Tue 03-12 10:30"}
    event = story.event
    assert event.due.astimezone(SHANGHAI) == datetime(2019, 3, 11, 17, 30, tzinfo=SHANGHAI)
    assert event.whole_due.astimezone(SHANGHAI) == datetime(2019, 3, 12, 10, 30, tzinfo=SHANGHAI)
    assert len(story.steps) == steps + 1
    step = story.last
    assert (step.verb, step.from_state, step.to_state) == ("recount", "handling", "handling")
    assert {kind for kind, _was, _is in step.params["clocks"]} == {"handle", "whole"}
    assert all(was < becomes for _kind, was, becomes in step.params["clocks"])
    assert not list(verify_chains(DISTRICT))
    change.refresh_from_db()
    assert (change.moved, change.changed_by, change.done_at) == (1, cast.admin, MONDAY)
    assert Clock.objects.get(event=story.id, kind="handle", ended_at=None).calendar_version == change.version


def test_run_twice_nothing_moves_twice(cast, close):
    story = kitchen(cast)
    change = close()
    recount_deadlines(now=MONDAY)
    steps = len(story.steps)
    assert recount_deadlines(now=MONDAY) == 0
    CalendarChange.objects.filter(pk=change.pk).update(
        done_at=None
    )  # a worker was killed before it noted the end
    assert recount_deadlines(now=MONDAY) == 0
    assert len(story.steps) == steps


def test_kept_the_open_deadlines_stay_and_new_ones_count_by_the_change(cast, close):
    story = kitchen(cast)
    before = story.running
    close(moves_open=False)
    assert recount_deadlines(now=MONDAY) == 0
    assert story.running == before
    cast.__dict__.clear()
    assert kitchen(cast).running["handle"] == "Mon 03-11 17:30"


def test_back_to_the_weekday_the_deadlines_come_back(cast, close):
    story = kitchen(cast)
    before = story.running
    close()
    recount_deadlines(now=MONDAY)
    close(kind="weekday")
    recount_deadlines(now=MONDAY)
    assert story.running == before


def test_a_made_up_saturday_brings_deadlines_nearer(cast, close):
    story = Story(cast, "10201").report().route()  # ten working days
    close(kind="work", first=date(2019, 3, 9), last=date(2019, 3, 9))
    assert recount_deadlines(now=MONDAY) == 1
    kind, was, becomes = story.last.params["clocks"][0]
    assert kind == "whole" and becomes < was


# The end of the calendar ----------------------------------------------------------------------------


@pytest.fixture
def short(cast):
    """A calendar that ends with 2019."""
    CalendarDay.objects.filter(district=cast.district, date__year__gte=2020).delete()
    memory.forget()
    return cast.district


def test_ninety_days_before_its_end_the_calendar_warns(short):
    assert runs_out(short, date(2019, 10, 2)) is None
    assert runs_out(short, date(2019, 10, 3)) == date(2019, 12, 31)


def test_the_check_and_the_pages_warn(short, enter):
    found = [message.id for message in calendars_reach_far_enough(None, ["default"])]
    assert found == ["dispatch.W001"]
    for person, url in (("admin", URL), ("director", URL), ("centre", "/")):
        assert "The calendar ends on 2019-12-31" in enter(person).get(url).content.decode(), person
    assert "The calendar ends" not in enter("director").get("/").content.decode()


def test_a_long_calendar_says_nothing(enter):
    assert calendars_reach_far_enough(None, ["default"]) == []
    assert "The calendar ends" not in enter("admin").get(URL).content.decode()


def test_extended_the_provisional_deadlines_are_counted_again(cast, short):
    late = datetime(2019, 12, 27, 9, 0, tzinfo=SHANGHAI)
    story = Story(cast, KITCHEN, at=late).report()
    whole = Clock.objects.get(event=story.id, kind="whole")
    assert whole.provisional, "New Year's day is not known yet"
    load_calendar(district=short, years=range(2020, 2021), now=late, by=cast.admin)
    recount_deadlines(now=late)
    again = Clock.objects.get(event=story.id, kind="whole")
    assert not again.provisional and again.due == whole.due + timedelta(days=1)
    change = CalendarChange.objects.get()
    assert (change.kind, change.moved, change.changed_by) == ("extend", 1, cast.admin)


def test_the_page_adds_the_next_year(short, enter):
    answer = enter("admin").post(URL, follow=True)
    assert "now reaches to the end of 2020" in answer.content.decode()
    assert CalendarDay.objects.filter(date=date(2020, 1, 27), working=False, name="春节").exists()
    assert calendar_of(District.objects.get(pk=short.pk)).last_date == date(2020, 12, 31)


# The pages ------------------------------------------------------------------------------------------


def test_a_year_at_a_glance(cast):
    year = year_of(cast.district, calendar_of(cast.district), 2019, date(2019, 3, 4))
    assert len(year.months) == 12 and year.working_days == 250
    days = {day.date: day for month in year.months for week in month.weeks for day in week if day}
    assert len(days) == 365
    kinds = [days[date(2019, month, day)].kind for month, day in ((2, 5), (2, 2), (3, 4), (3, 9))]
    assert kinds == ["off", "made-up", "work", "weekend"]
    assert days[date(2019, 3, 4)].is_today
    spring = next(row for row in year.stretches if row.day.kind == "off" and row.first.month == 2)
    assert (spring.first, spring.last, spring.day.name) == (date(2019, 2, 4), date(2019, 2, 10), "春节")


def test_the_page_shows_the_year_asked_for_its_days_in_words_and_their_source(enter):
    shown = enter("director").get(URL, {"year": "2019"}).content.decode()
    assert "Calendar 2019" in shown and "02-04 – 02-10" in shown and "State Council&#x27;s notice" in shown
    assert "Show what would move" not in shown
    assert "Calendar 2018" in enter("director").get(URL, {"year": "1"}).content.decode()


def test_the_administrator_is_told_the_events_then_confirms(cast, enter):
    story, browser = kitchen(cast), enter("admin")
    preview = browser.get(f"{URL}change/", CLOSED)
    shown = preview.content.decode()
    assert story.event.number in shown and "1 open event with 2 deadlines would move, 2 of them" in shown
    assert not CalendarChange.objects.exists()
    query = "&".join(f"{name}={value}" for name, value in CLOSED.items())
    confirm = {"open": "move", "version": preview.context["version"]}
    assert browser.post(f"{URL}change/?{query}", confirm).status_code == 302
    assert recount_deadlines(now=MONDAY) == 1
    history = browser.get(URL).content.decode()
    assert "1 event moved" in history and cast.admin.display_name in history
    timeline = enter("director").get(f"/events/{story.id}/").content.decode()
    assert "Deadlines counted again: the calendar has changed" in timeline


def test_the_events_that_would_move_are_paged(cast, enter, monkeypatch):
    monkeypatch.setattr("desks.views.calendar.EVENTS", 1)
    stories = [kitchen(cast), kitchen(cast)]
    pages = [enter("admin").get(f"{URL}change/", CLOSED | {"page": number}).context for number in (1, 2)]
    assert [page["counts"]["events"] for page in pages] == [2, 2]
    shown = [event.number for page in pages for event, _moves in page["events"]]
    assert shown == [Event.objects.get(pk=story.id).number for story in stories]


def test_a_preview_that_is_stale_is_shown_again(cast, enter, close):
    browser = enter("admin")
    version = browser.get(f"{URL}change/", CLOSED).context["version"]
    close(first=date(2019, 4, 1), last=date(2019, 4, 1))
    query = "&".join(f"{name}={value}" for name, value in CLOSED.items())
    answer = browser.post(f"{URL}change/?{query}", {"open": "move", "version": version})
    assert answer.status_code == 409 and "Look again" in answer.content.decode()
    assert CalendarChange.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"first": ""}, "first"),
        ({"last": "2019-03-01"}, "last"),
        ({"last": "2019-06-01"}, "last"),
        ({"first": "2017-03-05", "last": "2017-03-06"}, "first"),
        ({"last": "2090-01-01", "first": "2090-01-01"}, "first"),
        ({"kind": "party"}, "kind"),
        ({"kind": "extend"}, "kind"),
    ],
    ids=str,
)
def test_a_refused_change_is_marked(enter, change, field):
    answer = enter("admin").get(f"{URL}change/", CLOSED | change)
    assert answer.status_code == 400 and field in answer.context["form"].errors
    assert not CalendarChange.objects.exists()


@pytest.mark.parametrize("reader", ["director", "community", "centre"])
def test_desks_read_and_do_not_change(enter, reader):
    browser = enter(reader)
    assert browser.get(URL).status_code == 200
    assert browser.get(f"{URL}change/", CLOSED).status_code == 403
    assert browser.post(URL).status_code == 403
    assert browser.post(f"{URL}change/?first=2019-03-05&kind=off", {"open": "move"}).status_code == 403
    assert not CalendarChange.objects.exists()


@pytest.mark.parametrize("other", ["worker", "police", "housing"])
def test_others_are_refused(enter, other):
    assert enter(other).get(URL).status_code == 403
    assert enter(other).get(f"{URL}change/", CLOSED).status_code == 403


def test_who_keeps_the_rules_begins_there(enter):
    assert enter("admin").get("/")["Location"] == URL
