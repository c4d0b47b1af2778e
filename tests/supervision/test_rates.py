"""What a figure counts (field rules, section 7), on events moved by the real actions."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from events.models import Event, State
from supervision.facts import Period
from supervision.figures import FIGURES, parts_of
from supervision.indicators import INDICATORS
from supervision.rates import events_behind, percent, rate, table, total
from tests.cast import (
    BRAWL,
    CITY,
    KITCHEN,
    MONDAY,
    NEXT_GRID,
    NEXT_STREET,
    POLICE,
    SHANGHAI,
    SHOP_IN_ROAD,
    VIOLENCE,
    Story,
    story_at,
)
from tests.supervision.months import (
    APRIL,
    DAY,
    FEBRUARY,
    HOUR,
    MARCH,
    SECOND,
    closed,
    counts,
    fed_back,
    of,
    reported,
    sent,
)

CLOSING = ("closed_on_time", "closed_late", "overdue_open")
DISPATCHING = ("dispatched_on_time", "dispatched_late", "overdue_undispatched", "dispatched_accurate")
HANDLING = ("handled_on_time", "handled_late", "overdue_unhandled")
CHECKING = ("checked_on_time", "checked_late", "overdue_unchecked", "reworked")
RETURNING = ("returned", "returned_upheld", "returned_refused")


# Closing -----------------------------------------------------------------------------------------


def test_closing_at_the_whole_deadline_is_in_time_and_a_second_later_is_late(cast):
    due = closed(cast).event.whole_due
    closed(cast, when=due + SECOND)

    assert of(cast, *CLOSING, "closed") == {"closed_on_time": 1, "closed_late": 1, "closed": 2}


def test_open_events_count_only_once_their_whole_deadline_is_over(cast):
    due = reported(cast).event.whole_due

    assert of(cast, *CLOSING, period=Period(MARCH.start, due)) == {}
    assert of(cast, *CLOSING, period=Period(MARCH.start, due + SECOND)) == {"overdue_open": 1}


def test_closed_by_force_is_late_even_before_the_deadline(cast):
    story_at(cast, State.HANDLING).force_close(reason="Pulled down")

    assert of(cast, *CLOSING) == {"closed_late": 1}


def test_what_is_on_hold_is_out_unless_it_was_overdue_when_held(cast):
    held = sent(cast, KITCHEN).sign().request_hold().hold()
    assert of(cast, *CLOSING, *HANDLING, period=Period(MARCH.start, held.event.whole_due + SECOND)) == {}

    late = reported(cast, KITCHEN)
    late.now = late.event.whole_due + SECOND
    late.accept().dispatch(lead=CITY).sign().request_hold().hold()
    assert of(cast, *CLOSING) == {"overdue_open": 1}
    assert list(events_behind(cast.supervisor, MARCH, "overdue_open")) == [late.event]


def test_a_hold_that_is_over_moves_the_deadlines_it_is_judged_by(cast):
    story = sent(cast, KITCHEN).sign().request_hold().hold()
    due = story.event.whole_due
    story.wait(days=10).resume()
    assert story.event.whole_due > due
    story.now = story.clocks("handle")["handle"][0]
    story.feed_back()
    story.now = story.event.whole_due
    story.verify(note="Seen")

    assert of(cast, *CLOSING, *HANDLING) == {"closed_on_time": 1, "handled_on_time": 1}


def test_what_waits_for_a_check_on_the_spot_is_not_overdue(cast):
    story = reported(cast).ask_check(question="")

    assert of(cast, *CLOSING) == {}
    assert story.event.asks == ["check"]


def test_what_is_rejected_is_accepted_but_neither_filed_nor_closed(cast):
    story_at(cast, State.REJECTED)
    story_at(cast, State.ACCEPTED).reject(reason="unclear", answer="Where was it?")

    assert counts(cast) == Counter(reported=2, accepted=2, accepted_on_time=2)
    assert counts(cast, APRIL) == Counter()


def test_a_stock_is_what_was_open_at_the_end_even_if_it_is_closed_by_now(cast):
    closed(cast, when=datetime(2019, 4, 2, 10, tzinfo=SHANGHAI))

    assert of(cast, *CLOSING) == {"overdue_open": 1}
    assert of(cast, *CLOSING, period=APRIL) == {"closed_late": 1}


def test_what_was_reported_after_the_period_is_not_in_its_stock(cast):
    reported(cast, at=MONDAY + 35 * DAY)

    assert counts(cast) == Counter()
    assert of(cast, *CLOSING, period=APRIL) == {"overdue_open": 1}


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
    closed(cast, when=when, at=when - 14 * DAY)

    assert counts(cast)["closed"] == march
    assert counts(cast, APRIL)["closed"] == april


def test_each_fact_counts_in_the_month_of_its_own_instant(cast):
    story = sent(cast, KITCHEN, at=datetime(2019, 3, 29, 16, tzinfo=SHANGHAI))
    story.now = datetime(2019, 4, 1, 9, tzinfo=SHANGHAI)
    story.sign().feed_back().verify(note="Seen")
    flows = ("reported", "filed", "dispatched", "handled", "checked", "closed")

    assert of(cast, *flows) == {"reported": 1, "filed": 1, "dispatched": 1}
    assert of(cast, *flows, period=APRIL) == {"handled": 1, "checked": 1, "closed": 1}


def test_only_the_last_closing_counts(cast):
    story = closed(cast, KITCHEN, when=MONDAY + 2 * DAY)
    assert of(cast, "closed_on_time", "handled_on_time") == {"closed_on_time": 1, "handled_on_time": 1}

    story.wait(days=1).reopen(reason="It is back")
    assert of(cast, *CLOSING, "handled", period=Period(MARCH.start, story.now)) == {}

    story.now = datetime(2019, 4, 2, 10, tzinfo=SHANGHAI)
    story.dispatch(lead=CITY).sign().feed_back().verify(note="Seen")
    assert of(cast, *CLOSING, "handled", "checked") == {"overdue_open": 1}
    assert of(cast, *CLOSING, "handled", "checked", "dispatched", period=APRIL) == {
        "closed_late": 1,
        "handled": 1,
        "checked": 1,
    }


def test_closed_on_the_spot_is_no_flow_and_no_longer_so_once_its_sample_is_refused(cast, monkeypatch):
    monkeypatch.setattr("dispatch.verbs.desk.is_drawn", lambda event, percent: True)
    story = reported(cast).self_close()
    flow = ("self_closed", "flow_on_time", "flow_should_close", "closed", "accepted", "filed", "dispatched")
    assert of(cast, *flow) == {"self_closed": 1, "closed": 1, "accepted": 1, "filed": 1}

    story.refuse_sample(reason="Still there")
    assert of(cast, *flow) == {"accepted": 1, "filed": 1, "flow_should_close": 1}


# What stays out ----------------------------------------------------------------------------------


def test_a_merged_report_is_out_everywhere_and_back_once_restored(cast):
    story = story_at(cast, State.ACCEPTED).merge()
    assert counts(cast) == Counter(reported=1, overdue_open=1, should_close=1, flow_should_close=1)

    story.restore(reason="Another matter")
    assert counts(cast)["reported"] == 2
    assert counts(cast)["filed"] == 1


def test_a_report_withdrawn_before_any_act_of_the_desk_is_in_no_figure(cast):
    reported(cast).withdraw()

    assert counts(cast) == Counter()


def test_what_is_voided_after_its_filing_stays_in_what_was_filed_alone(cast):
    closed(cast).void(reason="A test")
    reported(cast).void(reason="A test")

    assert counts(cast) == Counter(
        reported=1, valid=1, accepted=1, accepted_on_time=1, filed=1, filed_on_time=1
    )


def test_a_sensitive_event_is_in_no_figure_not_even_for_its_own_desk(cast):
    reported(cast, VIOLENCE)

    assert counts(cast) == Counter()
    assert counts(cast, by="director") == Counter()


# Reports -----------------------------------------------------------------------------------------


def test_a_report_is_valid_once_it_is_filed_before_the_periods_end(cast):
    story = reported(cast, at=datetime(2019, 3, 31, 23, tzinfo=SHANGHAI))
    story.now = datetime(2019, 4, 1, 9, tzinfo=SHANGHAI)
    story.accept()

    assert of(cast, "reported", "valid", "filed") == {"reported": 1}
    assert of(cast, "valid", "filed", period=APRIL) == {"filed": 1}
    assert of(cast, "valid", period=Period(MARCH.start, APRIL.end)) == {"valid": 1}


def test_the_desks_first_act_is_in_time_at_its_deadline(cast):
    for late in (timedelta(), SECOND):
        story = reported(cast)
        story.now = story.clocks("accept")["accept"][0] + late
        story.accept()

    assert of(cast, "accepted_on_time", "accepted_late") == {"accepted_on_time": 1, "accepted_late": 1}
    assert of(cast, "filed_on_time", "filed_late") == {"filed_on_time": 1, "filed_late": 1}


def test_a_restored_report_keeps_its_first_act_and_is_filed_by_the_new_clock(cast):
    story = reported(cast).reject(reason="unclear", answer="Where?")
    story.wait(days=2).restore(reason="Found")
    story.wait(minutes=5).accept()

    assert of(cast, "accepted_on_time", "filed_on_time") == {"accepted_on_time": 1, "filed_on_time": 1}


def test_a_corrected_event_counts_under_the_right_item_and_place_and_by_the_new_deadline(cast):
    story = closed(cast, KITCHEN)
    story.do("correct", "centre", item=SHOP_IN_ROAD, area_code=NEXT_GRID)

    assert counts(cast, item=KITCHEN) == Counter()
    assert counts(cast, item=SHOP_IN_ROAD, area=NEXT_STREET)["closed_late"] == 1
    assert story.event.closed_at > story.event.whole_due


def test_a_check_on_the_spot_counts_as_answered_or_as_missed(cast):
    for hours in (1, 25):
        reported(cast).ask_check(question="").wait(hours=hours).answer_check(finding="true", result="Seen")
    reported(cast).ask_check(question="")
    reported(cast).ask_check(question="").wait(hours=1).accept()
    checks = ("spot_on_time", "spot_late", "spot_missed", "spot_expected")

    assert of(cast, *checks, period=Period(MARCH.start, MONDAY + 24 * HOUR)) == {
        "spot_on_time": 1,
        "spot_expected": 1,
    }
    assert of(cast, *checks) == {"spot_on_time": 1, "spot_late": 1, "spot_missed": 1, "spot_expected": 3}


# Dispatch and returns ----------------------------------------------------------------------------


def test_first_dispatches_and_what_waits_for_one_past_its_deadline(cast):
    for late in (timedelta(), SECOND):
        story = reported(cast).accept()
        story.now = story.clocks("dispatch")["dispatch"][0] + late
        story.dispatch(lead=CITY)
    due = reported(cast).accept().clocks("dispatch")["dispatch"][0]

    assert of(cast, *DISPATCHING, period=Period(MARCH.start, due)) == {}
    assert of(cast, *DISPATCHING) == {
        "dispatched_on_time": 1,
        "dispatched_late": 1,
        "overdue_undispatched": 1,
        "dispatched_accurate": 2,
    }


def test_what_the_system_dispatched_is_late_for_the_desk(cast):
    story = reported(cast, BRAWL).wait(minutes=6).tick()
    assert "auto_dispatch" in [verb for verb, _state in story.timeline]

    assert of(cast, *DISPATCHING[:3], "accepted_late", "filed_late") == {
        "dispatched_late": 1,
        "accepted_late": 1,
        "filed_late": 1,
    }


def test_a_return_makes_a_dispatch_inaccurate_unless_it_is_refused(cast):
    stands = sent(cast).return_(reason="not_our_duty", explanation="The police")
    stands.dispatch(lead=POLICE)
    refused = sent(cast).return_(reason="not_our_duty", explanation="The police")
    refused.refuse_return(reason="It is yours")

    assert of(cast, *RETURNING, "dispatched", "dispatched_accurate") == {
        "returned": 2,
        "returned_upheld": 1,
        "returned_refused": 1,
        "dispatched": 2,
        "dispatched_accurate": 1,
    }


def test_a_recall_makes_a_dispatch_inaccurate_and_is_no_return(cast):
    sent(cast).recall(reason="Wrong unit")

    assert of(cast, *RETURNING, "dispatched", "dispatched_accurate") == {"dispatched": 1}


# Handling and checks -----------------------------------------------------------------------------


def test_handling_is_in_time_at_its_deadline_and_overdue_while_it_waits(cast):
    for late in (timedelta(), SECOND):
        story = sent(cast).sign()
        story.now = story.clocks("handle")["handle"][0] + late
        story.feed_back()
    due = sent(cast).sign().clocks("handle")["handle"][0]

    assert of(cast, *HANDLING, period=Period(MARCH.start, due)) == {}
    assert of(cast, *HANDLING) == {"handled_on_time": 1, "handled_late": 1, "overdue_unhandled": 1}


def test_in_rework_no_feedback_stands_and_every_round_must_be_in_time(cast):
    story = sent(cast, KITCHEN).sign()
    story.now = story.clocks("handle")["handle"][0] + SECOND
    story.feed_back().wait(minutes=5).rework(missing="The corner")
    assert of(cast, *HANDLING, "checked", "reworked", period=Period(MARCH.start, story.now + SECOND)) == {
        "checked": 1,
        "reworked": 1,
    }

    story.wait(minutes=5).feed_back()
    assert of(cast, *HANDLING) == {"handled_late": 1}


def test_results_are_checked_in_time_late_or_not_yet(cast):
    for late in (timedelta(), SECOND):
        story = fed_back(cast)
        story.now = story.clocks("check")["check"][0] + late
        story.do("verify", note="Seen")
    fed_back(cast)

    assert of(cast, *CHECKING) == {"checked_on_time": 1, "checked_late": 1, "overdue_unchecked": 1}


# What came of it ---------------------------------------------------------------------------------


def test_ratings_count_in_the_month_they_were_given(cast):
    for rating in ("very_good", "good", "fair", "bad"):
        story = closed(cast)
        story.now = APRIL.start
        story.rate(rating=rating)

    assert of(cast, "rated") == {}
    assert of(cast, "rated", "satisfied", period=APRIL) == {"rated": 4, "satisfied": 2}


def test_a_matter_recurs_within_fifty_metres_and_thirty_days(cast):
    first = at_point(reported(cast).self_close(), 120.20, 30.3)
    at_point(reported(cast, at=MONDAY + 30 * DAY), 120.20, 30.30044)
    second = at_point(reported(cast).self_close(), 120.21, 30.3)
    at_point(reported(cast, at=MONDAY + 30 * DAY + SECOND), 120.21, 30.3)
    at_point(reported(cast, at=MONDAY + DAY), 120.21055, 30.3)
    at_point(reported(cast, KITCHEN, at=MONDAY + DAY), 120.21, 30.3)
    at_point(reported(cast, at=MONDAY + DAY), 120.21, 30.3).withdraw()
    at_point(reported(cast, at=MONDAY), 120.21, 30.3)

    assert of(cast, "recurred", "closed") == {"recurred": 1, "closed": 2}
    assert list(events_behind(cast.supervisor, MARCH, "recurred")) == [first.event]
    assert second.event.closed_at == MONDAY


def at_point(story: Story, longitude: float, latitude: float) -> Story:
    """Put where the test says, whatever grid that is in."""
    Event.objects.filter(pk=story.id).update(longitude=longitude, latitude=latitude)
    return story


# Numbers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "whole", "rate"),
    [(1, 32, "3.13"), (1, 3, "33.33"), (2, 3, "66.67"), (1, 1, "100.00"), (0, 7, "0.00")],
)
def test_per_cent_has_two_decimals_half_up(part, whole, rate):
    assert str(percent(part, whole)) == rate


def test_nothing_divided_by_nothing_is_no_data():
    assert percent(0, 0) is None
    assert all(rate(one, Counter()) is None for one in INDICATORS.values())


def test_rates_are_made_of_added_counts_not_averaged(cast):
    closed(cast)
    for _n in range(4):
        reported(cast, area_code=NEXT_GRID)
    rows = table(cast.supervisor, "street", MARCH, FEBRUARY)

    assert rate(INDICATORS["on_time_closure"], total(rows).counts) == percent(1, 5)


def test_a_sum_is_made_of_figures_that_are_no_sums():
    assert all(not FIGURES[part].parts for code in FIGURES for part in parts_of(code))
    assert not set(INDICATORS) & set(FIGURES)
