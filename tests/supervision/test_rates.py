"""Closure and on-time closure: worked definitions (field rules, section 7) on events moved by the real actions."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from events.models import State
from supervision.rates import GROUPS, Counts, Period, closure, events_behind, figures, percent
from tests.cast import (
    CITY,
    GRID,
    KITCHEN,
    MONDAY,
    NEXT_GRID,
    NEXT_STREET,
    SHANGHAI,
    SHOP_IN_ROAD,
    STREET,
    VIOLENCE,
    Story,
    story_at,
)

SECOND = timedelta(seconds=1)
MARCH = Period(datetime(2019, 3, 1, tzinfo=SHANGHAI), datetime(2019, 4, 1, tzinfo=SHANGHAI))
APRIL = Period(datetime(2019, 4, 1, tzinfo=SHANGHAI), datetime(2019, 5, 1, tzinfo=SHANGHAI))


def reported(cast, item=SHOP_IN_ROAD, *, at=MONDAY, **data) -> Story:
    return Story(cast, item, at=at).report(**data).route()


def closed(cast, item=SHOP_IN_ROAD, *, when=None, at=MONDAY) -> Story:
    """Closed at ``when``; without it, at the very instant of the whole deadline."""
    story = reported(cast, item, at=at).accept().dispatch(lead=CITY).sign().feed_back()
    story.now = when or story.event.whole_due
    return story.verify(note="Seen")


def counts(cast, period=MARCH, by="supervisor") -> Counts:
    return sum((row.counts for row in closure(getattr(cast, by), "street", period)), Counts())


def test_closing_at_the_whole_deadline_is_in_time_and_a_second_later_is_late(cast):
    due = closed(cast).event.whole_due
    closed(cast, when=due + SECOND)

    assert counts(cast) == Counts(closed_on_time=1, closed_late=1)


def test_open_events_count_only_once_their_whole_deadline_is_over(cast):
    due = reported(cast).event.whole_due

    assert counts(cast, Period(MARCH.start, due)) == Counts()
    assert counts(cast, Period(MARCH.start, due + SECOND)) == Counts(overdue_open=1)


def test_closed_by_force_is_late_even_before_the_deadline(cast):
    story_at(cast, State.HANDLING).force_close(reason="Pulled down")

    assert counts(cast) == Counts(closed_late=1)


def test_what_is_on_hold_is_out_unless_it_was_overdue_when_held(cast):
    held = reported(cast, KITCHEN).accept().dispatch(lead=CITY).sign().request_hold().hold()
    assert counts(cast, Period(MARCH.start, held.event.whole_due + SECOND)) == Counts()

    late = reported(cast, KITCHEN)
    late.now = late.event.whole_due + SECOND
    late.accept().dispatch(lead=CITY).sign().request_hold().hold()
    assert counts(cast) == Counts(overdue_open=1)
    assert list(events_behind(cast.supervisor, MARCH, "overdue_open")) == [late.event]


def test_what_waits_for_a_check_on_the_spot_is_not_overdue(cast):
    story = reported(cast).ask_check(question="")

    assert counts(cast) == Counts()
    assert story.event.asks == ["check"]


def test_what_is_rejected_is_in_no_figure(cast):
    story_at(cast, State.REJECTED)

    assert counts(cast, APRIL) == counts(cast, MARCH) == Counts()


def test_a_stock_is_what_was_open_at_the_end_even_if_it_is_closed_by_now(cast):
    closed(cast, when=datetime(2019, 4, 2, 10, tzinfo=SHANGHAI))

    assert counts(cast, MARCH) == Counts(overdue_open=1)
    assert counts(cast, APRIL) == Counts(closed_late=1)


def test_what_was_reported_after_the_period_is_not_in_its_stock(cast):
    reported(cast, at=MONDAY + timedelta(days=35))

    assert counts(cast, MARCH) == Counts()
    assert counts(cast, APRIL) == Counts(overdue_open=1)


@pytest.mark.parametrize(
    ("when", "march", "april"),
    [
        ("2019-02-28T23:59:59", 0, 0),
        ("2019-03-01T00:00:00", 1, 0),
        ("2019-03-31T23:59:59", 1, 0),
        ("2019-04-01T00:00:00", 0, 1),
        ("2019-05-01T00:00:00", 0, 0),
    ],
)
def test_a_month_begins_and_ends_at_midnight_in_shanghai(cast, when, march, april):
    when = datetime.fromisoformat(when).replace(tzinfo=SHANGHAI)
    closed(cast, when=when, at=when - timedelta(days=14))

    assert counts(cast, MARCH).closed == march
    assert counts(cast, APRIL).closed == april


def test_a_running_period_ends_now(cast):
    now = MONDAY + timedelta(days=1)

    assert Period.until_now(MARCH.start, MARCH.end, now=now).end == now
    assert Period.until_now(MARCH.start, MARCH.end, now=APRIL.end).end == MARCH.end


def test_a_sensitive_event_is_in_no_figure_not_even_for_its_own_desk(cast):
    reported(cast, VIOLENCE)

    assert counts(cast) == Counts()
    assert counts(cast, by="director") == Counts()


def test_everybody_counts_only_what_they_supervise(cast):
    reported(cast)
    reported(cast, area_code=NEXT_GRID)

    assert {row.key: row.counts.overdue_open for row in closure(cast.director, "street", MARCH)} == {
        STREET: 1
    }
    assert counts(cast).overdue_open == 2
    assert counts(cast, by="worker") == Counts()


def test_every_street_stands_in_the_table_and_an_unknown_one_under_the_district(cast):
    reported(cast, area_code="")
    rows = {row.key: row.counts for row in closure(cast.supervisor, "street", MARCH)}

    assert len(rows) == 9
    assert rows["330104"] == Counts(overdue_open=1)
    assert rows[STREET] == Counts()


def test_an_area_narrows_every_group(cast):
    reported(cast)
    reported(cast, area_code=NEXT_GRID)

    (row,) = closure(cast.supervisor, "item", MARCH, area=NEXT_STREET)

    assert (row.key, row.counts) == (SHOP_IN_ROAD, Counts(overdue_open=1))


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("period", [MARCH, APRIL], ids=["March", "April"])
def test_every_cell_equals_its_list(cast, group, period):
    closed(cast)
    closed(cast, KITCHEN, when=MONDAY + timedelta(days=20))
    closed(cast, when=datetime(2019, 4, 2, 10, tzinfo=SHANGHAI))
    reported(cast, KITCHEN, area_code=NEXT_GRID)
    reported(cast, area_code=GRID[:12])
    reported(cast, area_code="")
    reported(cast, VIOLENCE)

    rows = closure(cast.supervisor, group, period)

    assert sum((row.counts for row in rows), Counts()).should_close > 0
    for row in rows:
        for figure in figures(period):
            behind = events_behind(cast.supervisor, period, figure, group=group, key=row.key)
            assert behind.count() == getattr(row.counts, figure), (row.key, figure)
    for figure in figures(period):
        total = sum(getattr(row.counts, figure) for row in rows)
        assert events_behind(cast.supervisor, period, figure).count() == total


def test_the_rates_of_the_rules_own_example():
    example = Counts(closed_on_time=92, closed_late=6, overdue_open=5)

    assert example.should_close == 103
    assert (example.closure_rate, example.on_time_rate) == (Decimal("95.15"), Decimal("89.32"))


@pytest.mark.parametrize(
    ("part", "whole", "rate"),
    [(1, 32, "3.13"), (1, 3, "33.33"), (2, 3, "66.67"), (1, 1, "100.00"), (0, 7, "0.00")],
)
def test_per_cent_has_two_decimals_half_up(part, whole, rate):
    assert str(percent(part, whole)) == rate


def test_nothing_divided_by_nothing_is_no_data():
    assert percent(0, 0) is None
    assert Counts().closure_rate is None


def test_rates_are_made_of_added_counts_not_averaged():
    one, many = Counts(closed_on_time=1), Counts(closed_on_time=1, overdue_open=8)

    assert (one + many).on_time_rate == Decimal("20.00")
