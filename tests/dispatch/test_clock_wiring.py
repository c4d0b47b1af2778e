"""Which clock runs when: the stages from the report to the closing, an item of each unit.

Every time is Shanghai; the report comes on Monday 2019-03-04 at nine, each move five minutes after the
one before. Working hours are 08:30 to 12:00 and 13:30 to 17:30.
"""

from datetime import timedelta

import pytest

from dispatch.models import Clock
from events.models import NEVER, State
from tests.cast import BRAWL, DISTRICT, KITCHEN, SHOP_IN_ROAD, WAYS, Story, story_at

RUNNING = {
    # four working hours; 30 minutes to accept and to dispatch, an hour (a quarter) to sign
    SHOP_IN_ROAD: [
        ("report", {"accept": "Mon 03-04 09:30", "whole": "Mon 03-04 17:30"}),
        ("accept", {"dispatch": "Mon 03-04 09:35", "whole": "Mon 03-04 17:30"}),
        ("dispatch", {"handle": "Mon 03-04 14:40", "sign": "Mon 03-04 10:10", "whole": "Mon 03-04 17:30"}),
        ("sign", {"handle": "Mon 03-04 14:40", "whole": "Mon 03-04 17:30"}),
        ("feed_back", {"check": "Mon 03-04 11:20", "whole": "Mon 03-04 17:30"}),
        ("verify", {}),
    ],
    # three working days, the day of the dispatch not counted; two hours to sign
    KITCHEN: [
        ("report", {"accept": "Mon 03-04 09:30", "whole": "Fri 03-08 10:30"}),
        ("accept", {"dispatch": "Mon 03-04 09:35", "whole": "Fri 03-08 10:30"}),
        ("dispatch", {"handle": "Thu 03-07 17:30", "sign": "Mon 03-04 11:10", "whole": "Fri 03-08 10:30"}),
        ("sign", {"handle": "Thu 03-07 17:30", "whole": "Fri 03-08 10:30"}),
        ("feed_back", {"check": "Mon 03-04 11:20", "whole": "Fri 03-08 10:30"}),
        ("verify", {}),
    ],
    # one calendar hour; five minutes each to accept, dispatch and sign
    BRAWL: [
        ("report", {"accept": "Mon 03-04 09:05", "whole": "Mon 03-04 12:10"}),
        ("accept", {"dispatch": "Mon 03-04 09:10", "whole": "Mon 03-04 12:10"}),
        ("dispatch", {"handle": "Mon 03-04 10:10", "sign": "Mon 03-04 09:15", "whole": "Mon 03-04 12:10"}),
        ("sign", {"handle": "Mon 03-04 10:10", "whole": "Mon 03-04 12:10"}),
        ("feed_back", {"check": "Mon 03-04 11:20", "whole": "Mon 03-04 12:10"}),
        ("verify", {}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("item", RUNNING)
def test_from_the_report_to_the_closing(cast, item):
    story = Story(cast, item).report()
    found = [("report", story.running)]
    story.route()
    for verb, input in WAYS[State.CLOSED]:
        getattr(story.wait(minutes=5), verb)(**input)
        found.append((verb, story.running))
        nearest = [due for kind, (due, runs) in story.clocks().items() if runs and kind != "whole"]
        assert story.event.due == min(nearest, default=NEVER), verb
    assert found == RUNNING[item]


@pytest.mark.parametrize("item", RUNNING)
def test_no_move_but_a_corrected_item_moves_the_whole_deadline(cast, item):
    story = Story(cast, item).report()
    whole = story.event.whole_due
    story.route().accept().escalate(reason="Big").dispatch("centre", lead="GAFJ@330104005")
    story.sign().recall("centre", reason="No").dispatch("centre", lead="CGJ@330104005").sign().feed_back()
    story.rework(missing="All")
    assert story.event.whole_due == whole
    assert Clock.objects.filter(event=story.id, kind="whole").count() == 1


def test_a_report_at_night_counts_from_the_morning_unless_it_counts_day_and_night(cast):
    night = Story(cast).now.replace(hour=22)
    assert Story(cast, at=night).report().running["accept"] == "Tue 03-05 09:00"
    assert Story(cast, BRAWL, at=night).report().running["accept"] == "Mon 03-04 22:05"


def test_each_dispatch_gets_a_full_handle_clock(cast):
    story = story_at(cast, State.DISPATCHED).wait(hours=1)
    story.return_(reason="not_our_duty", explanation="Not us").wait(minutes=5).dispatch(lead="CGJ@330104005")
    assert story.running["handle"] == "Mon 03-04 15:45"
    assert Clock.objects.filter(event=story.id, kind="handle", ended_at=None).count() == 1


def test_a_clock_that_ends_keeps_the_instant(cast):
    story = story_at(cast, State.ACCEPTED)
    ended = Clock.objects.get(event=story.id, kind="accept")
    assert (ended.ended_at, ended.start) == (story.now, story.now - timedelta(minutes=5))
    assert not Clock.objects.filter(tenant=DISTRICT, ended_at=None, event__state=State.CLOSED).exists()


def test_a_deadline_beyond_the_calendar_is_provisional(cast):
    last = Story(cast).now.replace(year=2027, month=12, day=31)
    story = Story(cast, KITCHEN, at=last).report()
    assert Clock.objects.get(event=story.id, kind="whole").provisional is True
    assert Clock.objects.get(event=story.id, kind="accept").provisional is False
