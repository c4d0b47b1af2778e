"""Compares the calendar with an oracle that walks the clock minute by minute and shares no code with it.

A few hundred random cases run each time, ten thousand with ORACLE_CASES=10000. A failure names its seed.
"""

import csv
import os
import random
from bisect import bisect_left
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import dispatch
from dispatch.working_time import Limit, Unit, WorkCalendar, read_days

CASES = int(os.environ.get("ORACLE_CASES", "400"))
BATCH = 100
SHANGHAI = ZoneInfo("Asia/Shanghai")
TABLE = Path(dispatch.__file__).parent / "data" / "holidays_2018_2020.csv"
FIRST, END = date(2018, 1, 1), date(2022, 1, 1)
DAY = 24 * 60
OPENS, NOON, AFTERNOON, CLOSES = 510, 720, 810, 1050  # minutes of the day: 08:30, 12:00, 13:30, 17:30


def worked_dates() -> list[bool]:
    """For each date from FIRST: is it worked? Written from the table, not from the module."""
    dates = [FIRST + timedelta(n) for n in range((END - FIRST).days)]
    with TABLE.open(encoding="utf-8", newline="") as lines:
        table = {row["date"]: row["kind"] for row in csv.DictReader(lines)}
    return [table.get(str(day), "off" if day.isoweekday() > 5 else "work") == "work" for day in dates]


WORKED = worked_dates()
WORKING_MINUTE = [
    worked and (OPENS <= minute < NOON or AFTERNOON <= minute < CLOSES)
    for worked in WORKED
    for minute in range(DAY)
]


def walk(position: Fraction, needed: Fraction, counts) -> Fraction:
    """The position, in minutes since FIRST, at which `needed` minutes that count have passed."""
    while True:
        minute = floor(position)
        if counts(minute):
            room = minute + 1 - position
            if needed <= room:
                return position + needed
            needed -= room
        position = Fraction(minute + 1)


def oracle(start: Fraction, amount: int, unit: str, percent: int, holds: list[tuple[int, int]]) -> Fraction:
    """Minutes since FIRST; holds are ordered, apart and after the start."""
    if unit != "working_days":

        def counts(minute: int) -> bool:
            held = any(held <= minute < resumed for held, resumed in holds)
            return not held and (unit == "calendar_minutes" or WORKING_MINUTE[minute])

        return walk(start, Fraction(amount * percent, 100), counts)

    counted = Fraction(amount * percent, 100)
    given_back: set[int] = set()
    tomorrow = Fraction((floor(start) // DAY + 1) * DAY)
    while True:
        needed = (counted + len(given_back)) * (NOON - OPENS + CLOSES - AFTERNOON)
        mark = walk(tomorrow, needed, WORKING_MINUTE.__getitem__)
        reached = [hold for hold in holds if hold[0] < mark]
        days = {
            day
            for held, resumed in reached
            for day in range(held // DAY, resumed // DAY + (resumed % DAY >= CLOSES))
            if WORKED[day]
        }
        if days == given_back:
            return mark
        given_back = days


def oracle_half(amount: int, unit: str) -> tuple[int, str]:
    if unit == "working_days":
        return (240, "working_minutes") if amount == 1 else (ceil(amount / 2), unit)
    return max(ceil(amount / 2), 120 if unit == "working_minutes" else 60), unit


def instant(position: Fraction) -> datetime:
    midnight = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=SHANGHAI)
    return midnight + timedelta(microseconds=int(position * 60_000_000))


def random_start(rng: random.Random) -> Fraction:
    day = rng.randrange((date(2021, 1, 1) - FIRST).days)
    minute = rng.choice([rng.randrange(DAY), rng.randrange(OPENS, CLOSES), OPENS, NOON, AFTERNOON, CLOSES, 0])
    return day * DAY + minute + rng.choice([Fraction(0), Fraction(rng.randrange(60), 60)])


def random_holds(rng: random.Random, start: Fraction, due: Fraction) -> list[tuple[int, int]]:
    """Up to three holds that begin around the running time, on odd minutes and on the edges of the day."""
    edges: set[int] = set()
    last = ceil(due) + rng.choice([1, 60, 3 * DAY])
    while len(edges) < 2 * rng.choice([1, 1, 2, 3]):
        minute = rng.randint(ceil(start), last + len(edges))
        on_edge = minute // DAY * DAY + rng.choice([0, OPENS, NOON, AFTERNOON, CLOSES])
        edges.add(on_edge if rng.random() < 0.3 and on_edge >= start else minute)
    ordered = sorted(edges)
    return [(ordered[n], ordered[n + 1]) for n in range(0, len(ordered) - 1, 2)]


LARGEST = {"calendar_minutes": 3000, "working_minutes": 1500, "working_days": 30}


def check(seed: int, calendar: WorkCalendar) -> None:
    rng = random.Random(seed)
    unit = rng.choice(list(LARGEST))
    amount = rng.choice([1, 2, 3, 5, rng.randint(1, LARGEST[unit]), 450 if unit != "working_days" else 10])
    limit = Limit(amount, Unit(unit))
    start = random_start(rng)
    kind = rng.choice(["due", "due", "mark", "holds", "holds", "mark in holds", "extension", "half"])
    percent, holds = 100, []
    if kind == "extension":
        more = rng.randint(1, amount)
        amount, limit = amount + more, limit.extended(more)
    elif kind == "half":
        (amount, unit), limit = oracle_half(amount, unit), limit.half()
    if "mark" in kind:
        percent = rng.choice([50, 75, 80, 200, rng.randint(1, 250)])
    if "holds" in kind:
        holds = random_holds(rng, start, oracle(start, amount, unit, percent, []))

    shuffled = [(instant(Fraction(held)), instant(Fraction(resumed))) for held, resumed in holds]
    rng.shuffle(shuffled)
    expected = instant(oracle(start, amount, unit, percent, holds))
    shown = f"seed {seed}: {kind}, {limit}, {percent} %, from {instant(start)}, holds {shuffled}"

    assert calendar.mark(instant(start), limit, percent, shuffled) == expected, shown
    if percent == 100:
        assert calendar.due_after_hold(instant(start), limit, shuffled) == expected, shown
        if not holds:
            assert calendar.due(instant(start), limit) == expected, shown


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    days = read_days(TABLE.read_text(encoding="utf-8").splitlines())
    return WorkCalendar(days=days, last_date=date(2020, 12, 31), version=1)


@pytest.mark.parametrize("first_seed", range(0, CASES, BATCH))
def test_the_calendar_agrees_with_walking_the_minutes(calendar: WorkCalendar, first_seed: int):
    for seed in range(first_seed, min(first_seed + BATCH, CASES)):
        check(seed, calendar)


def test_working_minutes_between_agree_with_walking_the_minutes(calendar: WorkCalendar):
    rng = random.Random(2018)
    last = (date(2021, 1, 1) - FIRST).days * DAY
    for _ in range(BATCH):
        a = rng.randrange(last)
        b = min(a + rng.choice([1, 60, DAY, 20 * DAY]) * rng.randint(1, 9), last)
        assert calendar.working_minutes_between(instant(Fraction(a)), instant(Fraction(b))) == sum(
            WORKING_MINUTE[a:b]
        )


def test_next_opening_agrees_with_walking_the_minutes(calendar: WorkCalendar):
    working = [minute for minute, works in enumerate(WORKING_MINUTE) if works]
    rng = random.Random(2019)
    for _ in range(BATCH):
        minute = floor(random_start(rng))
        opening = working[bisect_left(working, minute)]
        assert calendar.next_opening(instant(Fraction(minute))) == instant(Fraction(opening))
