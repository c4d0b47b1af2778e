"""Deadlines as a civil servant would check them: the examples and eight rules of field rules, section 5."""

import csv
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dispatch
from dispatch.working_time import Limit, Unit, WorkCalendar, read_days

SHANGHAI = ZoneInfo("Asia/Shanghai")
TABLE = Path(dispatch.__file__).parent / "data" / "holidays_2018_2020.csv"
DAYS = read_days(TABLE.read_text(encoding="utf-8").splitlines())
CALENDAR = WorkCalendar(days=DAYS, last_date=date(2020, 12, 31), version=1)
WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
UNITS = {
    "calendar minutes": (1, Unit.CALENDAR_MINUTES),
    "calendar hours": (60, Unit.CALENDAR_MINUTES),
    "working minutes": (1, Unit.WORKING_MINUTES),
    "working hours": (60, Unit.WORKING_MINUTES),
    "working days": (1, Unit.WORKING_DAYS),
}


def at(text: str) -> datetime:
    """'Fri 2018-09-28 16:00', Shanghai time; the weekday must be the true one."""
    weekday, rest = text.split(" ", 1)
    instant = datetime.fromisoformat(rest).replace(tzinfo=SHANGHAI)
    assert WEEKDAYS[instant.weekday()] == weekday, f"{rest} is a {WEEKDAYS[instant.weekday()]}"
    return instant


def limit(text: str) -> Limit:
    """'4 working hours'."""
    amount, unit = text.split(" ", 1)
    factor, unit = UNITS[unit]
    return Limit(int(amount) * factor, unit)


EXAMPLES = [
    ("Fri 2018-09-28 16:00", "4 working hours", "Sat 2018-09-29 11:00"),
    ("Fri 2018-09-28 16:00", "3 working days", "Mon 2018-10-08 17:30"),
    ("Tue 2019-04-30 17:00", "2 working hours", "Sun 2019-05-05 10:00"),
    ("Fri 2018-12-28 22:00", "2 working hours", "Sat 2018-12-29 10:30"),
    ("Thu 2020-01-23 15:00", "1 working days", "Mon 2020-02-03 17:30"),
    ("Thu 2020-01-23 15:00", "24 calendar hours", "Fri 2020-01-24 15:00"),
]

MORE_DEADLINES = [
    # rule 1: days do not count the starting day, however early it starts
    ("Mon 2019-06-10 08:30", "1 working days", "Tue 2019-06-11 17:30"),
    ("Mon 2019-06-10 06:00", "1 working days", "Tue 2019-06-11 17:30"),
    ("Fri 2019-06-14 16:00", "1 working days", "Mon 2019-06-17 17:30"),
    ("Fri 2019-06-14 22:00", "1 working days", "Mon 2019-06-17 17:30"),
    ("Sat 2019-06-15 10:00", "1 working days", "Mon 2019-06-17 17:30"),
    ("Sun 2019-06-16 23:59", "2 working days", "Tue 2019-06-18 17:30"),
    ("Thu 2019-09-12 09:00", "1 working days", "Mon 2019-09-16 17:30"),
    ("Mon 2019-09-23 09:00", "30 working days", "Thu 2019-11-07 17:30"),
    # rule 6: outside working time counts from the next opening; at 12:00 and 17:30 the time is used up
    ("Mon 2019-06-10 10:00", "2 working hours", "Mon 2019-06-10 12:00"),
    ("Mon 2019-06-10 10:01", "2 working hours", "Mon 2019-06-10 13:31"),
    ("Mon 2019-06-10 12:00", "30 working minutes", "Mon 2019-06-10 14:00"),
    ("Mon 2019-06-10 12:45", "30 working minutes", "Mon 2019-06-10 14:00"),
    ("Mon 2019-06-10 15:30", "2 working hours", "Mon 2019-06-10 17:30"),
    ("Mon 2019-06-10 17:30", "2 working hours", "Tue 2019-06-11 10:30"),
    ("Mon 2019-06-10 07:00", "30 working minutes", "Mon 2019-06-10 09:00"),
    ("Sat 2019-06-15 10:00", "4 working hours", "Mon 2019-06-17 14:00"),
    ("Mon 2019-06-10 08:30", "20 working hours", "Wed 2019-06-12 15:00"),
    ("Mon 2019-06-10 10:00:20", "2 working hours", "Mon 2019-06-10 13:30:20"),
    # calendar hours run day and night, weekends and holidays
    ("Fri 2019-06-14 23:30", "1 calendar hours", "Sat 2019-06-15 00:30"),
    ("Tue 2020-01-28 03:00", "5 calendar minutes", "Tue 2020-01-28 03:05"),
]


@pytest.mark.parametrize(("start", "within", "deadline"), EXAMPLES + MORE_DEADLINES)
def test_deadline(start: str, within: str, deadline: str):
    due = CALENDAR.due(at(start), limit(within))

    assert due == at(deadline)
    assert due.tzinfo is UTC


@pytest.mark.parametrize(
    ("instant", "opening"),
    [
        ("Mon 2019-06-10 08:29", "Mon 2019-06-10 08:30"),
        ("Mon 2019-06-10 08:30", "Mon 2019-06-10 08:30"),
        ("Mon 2019-06-10 11:59", "Mon 2019-06-10 11:59"),
        ("Mon 2019-06-10 12:00", "Mon 2019-06-10 13:30"),
        ("Fri 2019-06-14 17:30", "Mon 2019-06-17 08:30"),
        ("Fri 2018-09-28 20:00", "Sat 2018-09-29 08:30"),
        ("Thu 2020-01-23 17:30", "Mon 2020-02-03 08:30"),
    ],
)
def test_next_opening(instant: str, opening: str):
    assert CALENDAR.next_opening(at(instant)) == at(opening)


def test_rule_2_another_district_keeps_other_hours():
    early = WorkCalendar(
        days=DAYS, last_date=date(2020, 12, 31), version=1, periods=[["08:00", "12:00"], ["14:00", "18:00"]]
    )

    assert early.due(at("Mon 2019-06-10 11:30"), limit("1 working hours")) == at("Mon 2019-06-10 14:30")
    assert early.due(at("Mon 2019-06-10 11:30"), limit("1 working days")) == at("Tue 2019-06-11 18:00")
    assert early.mark(at("Mon 2019-06-10 11:30"), limit("1 working days"), 50) == at("Tue 2019-06-11 12:00")


@pytest.mark.parametrize(
    "periods",
    [[], [("12:00", "08:00")], [("08:00", "12:00"), ("11:00", "17:00")], [("09:00", "09:00")]],
)
def test_rule_2_hours_out_of_order_are_refused(periods: list):
    with pytest.raises(ValueError, match="working periods"):
        WorkCalendar(days={}, last_date=date(2020, 12, 31), version=1, periods=periods)


@pytest.mark.parametrize(("year", "working_days"), [(2018, 250), (2019, 250), (2020, 249)])
def test_rule_3_working_days_of_the_year(year: int, working_days: int):
    first = date(year, 1, 1)
    days = [first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days)]

    assert sum(map(CALENDAR.is_working_day, days)) == working_days


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2018-09-29", True),  # a Saturday worked for the National Day
        ("2019-05-05", True),  # a Sunday worked for Labour Day
        ("2020-01-31", False),  # the prolonged Spring Festival
        ("2020-02-03", True),
        ("2019-06-12", True),  # an ordinary Wednesday
        ("2019-06-15", False),  # an ordinary Saturday
        ("2021-01-04", True),  # beyond the table: Monday to Friday
    ],
)
def test_rule_3_the_table_goes_before_the_week(day: str, works: bool):
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is works


def test_rule_3_extra_closed_days_delay_the_deadline():
    resumption = DAYS | {date(2020, 2, 3) + timedelta(n): False for n in range(7)}
    delayed = WorkCalendar(days=resumption, last_date=date(2020, 12, 31), version=2)

    assert delayed.due(at("Thu 2020-01-23 15:00"), limit("1 working days")) == at("Mon 2020-02-10 17:30")


def test_rule_4_instants_of_any_zone_come_back_in_utc():
    start = datetime(2018, 9, 28, 8, 0, tzinfo=UTC)

    assert CALENDAR.due(start, limit("4 working hours")).isoformat() == "2018-09-29T03:00:00+00:00"
    assert CALENDAR.due(start, limit("4 working hours")) == CALENDAR.due(
        start.astimezone(ZoneInfo("America/New_York")), limit("4 working hours")
    )


def test_rule_4_instants_without_zone_are_refused():
    naive, aware, hour = datetime(2019, 6, 10, 9), at("Mon 2019-06-10 09:00"), limit("1 working hours")

    for count in (
        lambda: CALENDAR.due(naive, hour),
        lambda: CALENDAR.next_opening(naive),
        lambda: CALENDAR.chain(naive, []),
        lambda: CALENDAR.working_minutes_between(aware, naive),
        lambda: CALENDAR.due_after_hold(aware, hour, [(aware, naive)]),
        lambda: CALENDAR.is_provisional(naive),
    ):
        with pytest.raises(ValueError, match="needs a time zone"):
            count()


def test_rule_4_a_calendar_keeps_its_version_and_never_changes():
    days = dict(DAYS)
    calendar = WorkCalendar(days=days, last_date=date(2020, 12, 31), version=7)
    days[date(2019, 6, 12)] = False

    assert calendar.version == 7
    assert calendar.is_working_day(date(2019, 6, 12))
    assert deepcopy(calendar) == calendar
    with pytest.raises(AttributeError):
        calendar.version = 8


HOLDS = [
    # hours do not count inside the hold
    ("Mon 2019-06-10 09:00", "4 working hours", [("Mon 10:00", "Mon 11:00")], "Mon 2019-06-10 15:30"),
    ("Mon 2019-06-10 09:00", "4 working hours", [("Mon 10:00", "Wed 10:00")], "Wed 2019-06-12 14:30"),
    ("Mon 2019-06-10 09:00", "4 working hours", [("Mon 18:00", "Wed 10:00")], "Mon 2019-06-10 14:30"),
    ("Mon 2019-06-10 09:00", "4 working hours", [("Mon 14:30", "Wed 10:00")], "Mon 2019-06-10 14:30"),
    ("Mon 2019-06-10 09:00", "4 calendar hours", [("Mon 10:00", "Mon 23:00")], "Tue 2019-06-11 02:00"),
    (
        "Mon 2019-06-10 09:00",
        "4 calendar hours",
        [("Tue 10:00", "Tue 11:00"), ("Mon 10:00", "Tue 09:00")],
        "Tue 2019-06-11 13:00",
    ),
    (
        "Mon 2019-06-10 09:00",
        "4 working hours",
        [("Mon 10:00", "Mon 14:30"), ("Mon 11:00", "Mon 13:45")],
        "Mon 2019-06-10 17:30",
    ),
    # a day limit gets back Tuesday and Wednesday, not the Thursday on which it resumes
    ("Mon 2019-06-10 09:00", "3 working days", [("Tue 15:00", "Thu 09:00")], "Mon 2019-06-17 17:30"),
    ("Mon 2019-06-10 09:00", "3 working days", [("Tue 09:00", "Tue 16:00")], "Thu 2019-06-13 17:30"),
    # as rule 5 is written, a hold on the starting day gives that day back too
    ("Mon 2019-06-10 09:00", "3 working days", [("Mon 15:00", "Wed 09:00")], "Mon 2019-06-17 17:30"),
    # a weekend inside gives nothing back
    ("Mon 2019-06-10 09:00", "5 working days", [("Fri 09:00", "Mon+1 09:00")], "Tue 2019-06-18 17:30"),
    # resumed after closing on Thursday: counts from Friday's opening
    ("Mon 2019-06-10 09:00", "3 working days", [("Wed 15:00", "Thu 17:00")], "Fri 2019-06-14 17:30"),
    ("Mon 2019-06-10 09:00", "3 working days", [("Wed 15:00", "Thu 19:00")], "Mon 2019-06-17 17:30"),
    # two holds on one day give it back once
    (
        "Mon 2019-06-10 09:00",
        "3 working days",
        [("Tue 09:00", "Tue 19:00"), ("Tue 20:00", "Wed 09:00")],
        "Fri 2019-06-14 17:30",
    ),
    (
        "Mon 2019-06-10 09:00",
        "3 working days",
        [("Tue 09:00", "Wed 09:00"), ("Tue 10:00", "Thu 09:00")],
        "Mon 2019-06-17 17:30",
    ),
    # on the last day before closing the hold still helps, at closing it is too late
    ("Mon 2019-06-10 09:00", "1 working days", [("Tue 17:29", "Thu 09:00")], "Thu 2019-06-13 17:30"),
    ("Mon 2019-06-10 09:00", "1 working days", [("Tue 17:30", "Thu 09:00")], "Tue 2019-06-11 17:30"),
]


def in_the_week_of(start: datetime, text: str) -> datetime:
    """'Wed 10:00' in the week of a Monday, 'Mon+1 09:00' in the next one."""
    name, clock = text.split()
    day, _, weeks = name.partition("+")
    hour, minute = map(int, clock.split(":"))
    shift = timedelta(days=WEEKDAYS.index(day), weeks=int(weeks or 0))
    return start.replace(hour=hour, minute=minute) + shift


@pytest.mark.parametrize(("start", "within", "holds", "deadline"), HOLDS)
def test_rule_5_a_hold_stops_the_clock(start: str, within: str, holds: list, deadline: str):
    begin = at(start)
    pauses = [(in_the_week_of(begin, held), in_the_week_of(begin, resumed)) for held, resumed in holds]

    assert CALENDAR.due_after_hold(begin, limit(within), pauses) == at(deadline)


def test_rule_5_a_hold_that_ends_before_it_begins_is_refused():
    start = at("Mon 2019-06-10 09:00")

    with pytest.raises(ValueError, match="resumes before"):
        CALENDAR.due_after_hold(start, limit("1 working days"), [(start, start - timedelta(minutes=1))])


def test_rule_5_a_hold_moves_the_marks_that_were_not_reached():
    start = at("Mon 2019-06-10 09:00")
    days, hold = limit("2 working days"), [(at("Wed 2019-06-12 14:00"), at("Fri 2019-06-14 09:00"))]

    assert CALENDAR.mark(start, days, 50, hold) == at("Tue 2019-06-11 17:30")
    assert CALENDAR.mark(start, days, 80, hold) == at("Fri 2019-06-14 14:30")
    assert CALENDAR.mark(start, days, 200, hold) == at("Tue 2019-06-18 17:30")


def test_rule_5_an_extension_counts_from_the_same_start():
    start = at("Mon 2019-06-10 16:00")

    assert CALENDAR.due(start, limit("3 working days").extended(2)) == at("Mon 2019-06-17 17:30")
    assert CALENDAR.due(start, limit("2 working hours").extended(120)) == at("Tue 2019-06-11 11:00")


@pytest.mark.parametrize(
    ("whole", "half"),
    [
        ("1 calendar hours", "1 calendar hours"),
        ("2 calendar hours", "1 calendar hours"),
        ("24 calendar hours", "12 calendar hours"),
        ("125 calendar minutes", "63 calendar minutes"),
        ("1 working hours", "2 working hours"),
        ("2 working hours", "2 working hours"),
        ("4 working hours", "2 working hours"),
        ("8 working hours", "4 working hours"),
        ("1 working days", "4 working hours"),
        ("2 working days", "1 working days"),
        ("3 working days", "2 working days"),
        ("5 working days", "3 working days"),
        ("20 working days", "10 working days"),
    ],
)
def test_rule_7_half_limits(whole: str, half: str):
    assert limit(whole).half() == limit(half)


MARKS = [
    ("Mon 2019-06-10 16:00", "1 working days", 50, "Tue 2019-06-11 13:45"),
    ("Mon 2019-06-10 16:00", "1 working days", 80, "Tue 2019-06-11 16:00"),
    ("Mon 2019-06-10 16:00", "1 working days", 100, "Tue 2019-06-11 17:30"),
    ("Mon 2019-06-10 16:00", "1 working days", 200, "Wed 2019-06-12 17:30"),
    ("Mon 2019-06-10 16:00", "2 working days", 50, "Tue 2019-06-11 17:30"),
    ("Mon 2019-06-10 16:00", "5 working days", 80, "Fri 2019-06-14 17:30"),
    ("Mon 2019-06-10 16:00", "3 working days", 75, "Thu 2019-06-13 10:22:30"),
    ("Mon 2019-06-10 16:00", "2 working hours", 75, "Mon 2019-06-10 17:30"),
    ("Mon 2019-06-10 16:00", "2 working hours", 80, "Tue 2019-06-11 08:36"),
    ("Mon 2019-06-10 16:00", "2 working hours", 200, "Tue 2019-06-11 11:00"),
    ("Mon 2019-06-10 16:00", "5 calendar minutes", 75, "Mon 2019-06-10 16:03:45"),
    ("Mon 2019-06-10 16:00", "24 calendar hours", 200, "Wed 2019-06-12 16:00"),
    ("Tue 2018-09-25 10:00", "3 working days", 200, "Mon 2018-10-08 17:30"),
]


@pytest.mark.parametrize(("start", "within", "percent", "instant"), MARKS)
def test_rule_7_per_cent_marks(start: str, within: str, percent: int, instant: str):
    assert CALENDAR.mark(at(start), limit(within), percent) == at(instant)


@pytest.mark.parametrize(
    ("deadline", "provisional"),
    [("Thu 2020-12-31 17:30", False), ("Fri 2021-01-01 00:00", True), ("Mon 2021-01-04 17:30", True)],
)
def test_rule_8_beyond_the_table_is_provisional(deadline: str, provisional: bool):
    assert CALENDAR.is_provisional(at(deadline)) is provisional


def test_the_whole_clock_counts_its_stages_one_after_the_other():
    handle = limit("1 working days")
    stages = [handle.stage(30), handle.stage(30), handle, handle.stage(120)]

    # accepted and dispatched by Friday's closing, handled on Monday, checked on Tuesday
    assert CALENDAR.chain(at("Fri 2019-06-14 16:30"), stages) == at("Tue 2019-06-18 10:30")
    # one minute later the dispatch falls due on Monday, and handling has all Tuesday
    assert CALENDAR.chain(at("Fri 2019-06-14 16:31"), stages) == at("Wed 2019-06-19 10:30")


def test_the_whole_clock_of_a_critical_event_runs_at_night():
    handle = limit("1 calendar hours")
    stages = [handle.stage(5), handle.stage(5), handle, handle.stage(120)]

    assert CALENDAR.chain(at("Fri 2019-06-14 22:00"), stages) == at("Sat 2019-06-15 01:10")


def test_the_whole_clock_waits_during_a_hold():
    handle = limit("1 working days")
    stages = [handle.stage(30), handle.stage(30), handle, handle.stage(120)]
    hold = (at("Tue 2019-06-11 10:00"), at("Thu 2019-06-13 09:00"))

    assert CALENDAR.chain(at("Mon 2019-06-10 09:00"), stages, [hold]) == at("Fri 2019-06-14 10:30")


@pytest.mark.parametrize(
    ("handle", "minutes", "share", "stage"),
    [
        ("1 calendar hours", 5, 4, "5 calendar minutes"),
        ("1 calendar hours", 30, 4, "15 calendar minutes"),
        ("24 calendar hours", 30, 4, "30 calendar minutes"),
        ("2 working hours", 120, 4, "30 working minutes"),
        ("2 working hours", 120, 2, "60 working minutes"),
        ("4 working hours", 120, 2, "120 working minutes"),
        ("1 working days", 120, 4, "120 working minutes"),
        ("1 working days", 30, 4, "30 working minutes"),
        ("3 working minutes", 30, 4, "1 working minutes"),
    ],
)
def test_signing_and_returning_take_a_share_of_hour_limits(handle: str, minutes: int, share: int, stage: str):
    assert limit(handle).capped(minutes, share) == limit(stage)


@pytest.mark.parametrize(
    ("a", "b", "minutes"),
    [
        ("Mon 2019-06-10 08:00", "Mon 2019-06-10 18:00", 450),
        ("Mon 2019-06-10 11:30", "Mon 2019-06-10 13:45", 45),
        ("Fri 2019-06-14 17:00", "Mon 2019-06-17 09:00", 60),
        ("Sat 2019-06-15 09:00", "Sun 2019-06-16 09:00", 0),
        ("Mon 2019-06-10 09:00", "Mon 2019-06-10 09:00:30", 0.5),
        ("Mon 2018-01-01 00:00", "Fri 2021-01-01 00:00", 749 * 450),
    ],
)
def test_working_minutes_between(a: str, b: str, minutes: float):
    assert CALENDAR.working_minutes_between(at(a), at(b)) == minutes


def test_working_minutes_do_not_run_backwards():
    with pytest.raises(ValueError, match="before the beginning"):
        CALENDAR.working_minutes_between(at("Tue 2019-06-11 09:00"), at("Mon 2019-06-10 09:00"))


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        (24, "calendar_hours", "24 calendar hours"),
        (4, "working_hours", "4 working hours"),
        (30, "working_days", "30 working days"),
    ],
)
def test_the_limit_of_an_item(amount: int, unit: str, expected: str):
    assert Limit.from_item(amount, unit) == limit(expected)


def test_impossible_limits_and_marks_are_refused():
    with pytest.raises(ValueError, match="none of"):
        Limit.from_item(3, "weeks")
    with pytest.raises(ValueError, match="at least 1"):
        Limit(0, Unit.WORKING_DAYS)
    with pytest.raises(ValueError, match="at least 1 per cent"):
        CALENDAR.mark(at("Mon 2019-06-10 09:00"), limit("1 working days"), 0)


def test_the_table_is_read_whole():
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))[1:]

    assert len(DAYS) == len(rows) == 96
    assert DAYS[date(2018, 9, 29)] is True
    assert DAYS[date(2018, 10, 1)] is False


INSTANTS = st.datetimes(datetime(2018, 1, 1), datetime(2020, 12, 31), timezones=st.just(SHANGHAI))
LIMITS = st.one_of(
    st.builds(Limit, st.integers(1, 40), st.just(Unit.WORKING_DAYS)),
    st.builds(Limit, st.integers(1, 3000), st.sampled_from([Unit.WORKING_MINUTES, Unit.CALENDAR_MINUTES])),
)
quick = settings(max_examples=150, deadline=None, database=None, derandomize=True)


@quick
@given(INSTANTS, INSTANTS, LIMITS)
def test_a_later_start_is_never_due_earlier(a: datetime, b: datetime, within: Limit):
    earlier, later = sorted((a, b))

    assert CALENDAR.due(earlier, within) <= CALENDAR.due(later, within)


@quick
@given(INSTANTS, LIMITS, st.integers(1, 500))
def test_more_time_is_always_due_later(start: datetime, within: Limit, more: int):
    assert start < CALENDAR.due(start, within) < CALENDAR.due(start, within.extended(more))


@quick
@given(INSTANTS, LIMITS, st.integers(1, 250))
def test_marks_follow_one_another(start: datetime, within: Limit, percent: int):
    assert start < CALENDAR.mark(start, within, percent) < CALENDAR.mark(start, within, percent + 1)


@quick
@given(INSTANTS, LIMITS, st.sets(st.integers(0, 60), max_size=12))
def test_a_new_holiday_never_makes_a_deadline_earlier(start: datetime, within: Limit, off: set[int]):
    holidays = {start.date() + timedelta(n): False for n in off}
    fewer = WorkCalendar(days=DAYS | holidays, last_date=CALENDAR.last_date, version=2)

    assert fewer.due(start, within) >= CALENDAR.due(start, within)


@quick
@given(INSTANTS, LIMITS, st.integers(0, 20_000), st.integers(0, 20_000), st.integers(0, 20_000))
def test_a_longer_hold_never_makes_a_deadline_earlier(
    start: datetime, within: Limit, before: int, minutes: int, longer: int
):
    held = start + timedelta(minutes=before)
    resumed = held + timedelta(minutes=minutes)
    free = CALENDAR.due(start, within)
    short = CALENDAR.due_after_hold(start, within, [(held, resumed)])

    assert (
        free <= short <= CALENDAR.due_after_hold(start, within, [(held, resumed + timedelta(minutes=longer))])
    )
    assert not held < short < resumed


@quick
@given(INSTANTS, st.integers(1, 3000))
def test_working_minutes_up_to_the_deadline_are_the_limit(start: datetime, minutes: int):
    due = CALENDAR.due(start, Limit(minutes, Unit.WORKING_MINUTES))

    assert CALENDAR.working_minutes_between(start, due) == minutes
