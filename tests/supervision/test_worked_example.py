"""The worked example of the field rules, section 7: 120 events of a month, every figure and every rate.

The events are written in bulk with the steps and clocks the moves would have left, at limits that are easy to
reckon with: 30 minutes to accept, 30 to dispatch, two days to handle, a day in rework, two hours to check, and
five days for the whole.
"""

import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from accounts.models import Organization
from dispatch.models import Clock, ClockKind
from events.models import NEVER, Event, Item, State, Step
from events.steps import hash_step, verify_chains
from supervision.facts import Period
from supervision.indicators import INDICATORS
from supervision.rates import count, events_behind, rate
from tests.cast import CITY, DISTRICT, GRID, POLICE, ROOM, SHANGHAI, SHOP_IN_ROAD, STREET, Cast, unit

MARCH = Period(datetime(2019, 3, 1, tzinfo=SHANGHAI), datetime(2019, 4, 1, tzinfo=SHANGHAI))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIMITS = {
    ClockKind.ACCEPT: 30 * MINUTE,
    ClockKind.DISPATCH: 30 * MINUTE,
    ClockKind.HANDLE: 2 * DAY,
    ClockKind.CHECK: 2 * HOUR,
    ClockKind.WHOLE: 5 * DAY,
}
ENDS = {
    "accept": [ClockKind.ACCEPT],
    "dispatch": [ClockKind.DISPATCH],
    "return": [ClockKind.HANDLE],
    "feed_back": [ClockKind.HANDLE],
    "rework": [ClockKind.CHECK],
    "reject": list(ClockKind),
    "self_close": list(ClockKind),
    "verify": list(ClockKind),
    "void": list(ClockKind),
}
STARTS = {
    "report": ClockKind.ACCEPT,
    "accept": ClockKind.DISPATCH,
    "dispatch": ClockKind.HANDLE,
    "return": ClockKind.DISPATCH,
    "feed_back": ClockKind.CHECK,
    "rework": ClockKind.HANDLE,
}
LEADS_TO = {
    "report": State.REPORTED,
    "accept": State.ACCEPTED,
    "reject": State.REJECTED,
    "self_close": State.CLOSED,
    "dispatch": State.HANDLING,
    "return": State.ACCEPTED,
    "feed_back": State.FED_BACK,
    "rework": State.HANDLING,
    "verify": State.CLOSED,
    "hold": State.ON_HOLD,
    "void": State.VOID,
}


@dataclass
class Month:
    """Events with what belongs to them, until ``save``."""

    item: Item
    room: Organization
    lead: Organization
    other: Organization
    events: list[Event] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)

    def event(self, *moves: tuple[str, timedelta], at: datetime) -> None:
        """One event reported at ``at`` and moved after the waits given."""
        event = Event(
            id=uuid.uuid4(),
            tenant=DISTRICT,
            number=f"{DISTRICT}20190304{len(self.events):05d}",
            item=self.item,
            urgency=self.item.urgency,
            level="street",
            source="grid",
            area_code=GRID,
            place_level="grid",
            reported_area_code=GRID,
            occurred_at=at,
            recorded_at=at,
            whole_due=at + LIMITS[ClockKind.WHOLE],
            desk=self.room,
            due=NEVER,
        )
        clocks = {ClockKind.WHOLE: self._clock(event, ClockKind.WHOLE, at)}
        for verb, wait in (("report", timedelta()), *moves):
            at += wait
            self._step(event, verb, at)
            for kind in ENDS.get(verb, ()):
                if kind in clocks:
                    clocks.pop(kind).ended_at = at
            if verb == "hold":
                clocks[ClockKind.HANDLE].stopped_at = clocks[ClockKind.WHOLE].stopped_at = at
            if verb in STARTS:
                kind = STARTS[verb]
                clocks[kind] = self._clock(event, kind, at, halved=verb == "rework")
        self.events.append(event)

    def _step(self, event: Event, verb: str, at: datetime) -> None:
        if verb in ("accept", "reject", "self_close"):
            event.first_act_at = event.first_act_at or at
        if verb in ("accept", "self_close"):
            event.filed_at = event.filed_at or at
        if verb in ("self_close", "verify"):
            event.closed_at, event.self_closed = at, verb == "self_close"
        if verb == "void":
            event.closed_at = None
        if verb == "dispatch":
            event.lead = self.other if event.return_count else self.lead
        own = {"return": event.lead, "feed_back": event.lead}.get(verb, self.room)
        if verb == "return":
            event.return_count, event.lead = 1, None
        event.rework_count += verb == "rework"
        step = Step(
            tenant=DISTRICT,
            event=event,
            sequence=event.sequence + 1,
            verb=verb,
            from_state=event.state,
            to_state=LEADS_TO[verb],
            at=at,
            organization=own,
            previous_hash=event.head_hash,
        )
        step.hash = hash_step(step)
        event.state, event.sequence, event.head_hash = LEADS_TO[verb], step.sequence, step.hash
        self.steps.append(step)

    def _clock(self, event: Event, kind: ClockKind, at: datetime, *, halved: bool = False) -> Clock:
        limit = LIMITS[kind] / (2 if halved else 1)
        clock = Clock(
            tenant=DISTRICT,
            event=event,
            kind=kind,
            start=at,
            amount=limit // MINUTE,
            unit="calendar_minutes",
            due=at + limit,
            calendar_version=1,
        )
        self.clocks.append(clock)
        return clock

    def save(self) -> None:
        Event.objects.bulk_create(self.events)
        Step.objects.bulk_create(self.steps)
        Clock.objects.bulk_create(self.clocks)


ACCEPT, ACCEPT_LATE = ("accept", 10 * MINUTE), ("accept", 31 * MINUTE)
SEND, SEND_LATE = ("dispatch", 10 * MINUTE), ("dispatch", 31 * MINUTE)
RETURN = ("return", 10 * MINUTE)
DONE, DONE_LATE = ("feed_back", DAY), ("feed_back", 3 * DAY)
CHECK, CHECK_LATE, FAIL = ("verify", HOUR), ("verify", 10 * DAY), ("rework", HOUR)
PLAN: list[tuple[int, list[tuple[str, timedelta]]]] = [
    (4, [("reject", 10 * MINUTE)]),
    (2, [ACCEPT, ("void", DAY)]),
    (20, [("self_close", 10 * MINUTE)]),
    (3, [ACCEPT, SEND, ("hold", DAY)]),
    (3, [ACCEPT, SEND]),
    (2, [ACCEPT, SEND, DONE, FAIL, DONE_AGAIN := ("feed_back", HOUR)]),
    (3, [ACCEPT_LATE, SEND, DONE, FAIL, DONE_AGAIN, CHECK]),
    (6, [ACCEPT, SEND, RETURN, SEND, DONE, CHECK]),
    (2, [ACCEPT, SEND_LATE, DONE, CHECK]),
    (4, [ACCEPT, SEND, DONE_LATE, CHECK]),
    (6, [ACCEPT, SEND, DONE, CHECK_LATE]),
    (57, [ACCEPT, SEND, DONE, CHECK]),
]
"""How many events, and their moves; all begin on 4 March. The last eight are of the month's last minutes."""
JUST_REPORTED = 8
FIGURES = {
    "reported": 120,
    "valid": 108,
    "accepted": 112,
    "filed": 108,
    "filed_on_time": 105,
    "filed_accurate": 106,
    "should_dispatch": 86,
    "dispatched": 86,
    "dispatched_on_time": 84,
    "dispatched_accurate": 80,
    "returned": 6,
    "returned_upheld": 6,
    "should_handle": 83,
    "handled": 80,
    "handled_on_time": 76,
    "handled_late": 4,
    "overdue_unhandled": 3,
    "checked": 80,
    "reworked": 5,
    "closed_on_time": 92,
    "closed_late": 6,
    "overdue_open": 5,
    "closed": 98,
    "should_close": 103,
    "self_closed": 20,
    "flow_on_time": 72,
    "flow_should_close": 83,
}
RATES = {
    "valid_reports": "90.00",
    "filing": "96.43",
    "on_time_filing": "97.22",
    "accurate_filing": "98.15",
    "on_time_dispatch": "97.67",
    "accurate_dispatch": "93.02",
    "returns": "6.98",
    "handling": "96.39",
    "on_time_handling": "91.57",
    "rework": "6.25",
    "closure": "95.15",
    "on_time_closure": "89.32",
    "late_closure": "5.83",
    "overdue_rate": "4.85",
    "flow_closure": "86.75",
    "self_close": "20.41",
}


@pytest.fixture
def month(db) -> Cast:
    item = Item.objects.get(district=DISTRICT, code=SHOP_IN_ROAD)
    made = Month(item, unit(ROOM), unit(CITY), unit(POLICE))
    for number, moves in PLAN:
        for _n in range(number):
            made.event(*moves, at=datetime(2019, 3, 4, 9, len(made.events) % 60, tzinfo=SHANGHAI))
    for n in range(JUST_REPORTED):
        made.event(at=MARCH.end - (n + 1) * MINUTE)
    made.save()
    return Cast()


def counts(cast: Cast, group: str = "street") -> Counter:
    return sum(count(cast.supervisor, group, MARCH).values(), Counter())


def test_the_chains_of_the_months_steps_hold(month):
    assert list(verify_chains(DISTRICT)) == []


def test_every_figure_of_the_example(month):
    found = counts(month)

    assert {code: found[code] for code in FIGURES} == FIGURES


def test_every_rate_of_the_example(month):
    found = counts(month)

    assert {code: str(rate(INDICATORS[code], found)) for code in RATES} == RATES


def test_every_list_of_the_example_is_as_long_as_its_figure(month):
    for code, number in FIGURES.items():
        assert events_behind(month.supervisor, MARCH, code, key=STREET).count() == number, code


def test_the_lead_answers_for_what_it_handled_and_the_returner_for_what_it_returned(month):
    by_agency = count(month.supervisor, "agency", MARCH)
    city, police = (by_agency[str(unit(code).pk)] for code in (CITY, POLICE))

    assert (city["returned"], police["returned"]) == (6, 0)
    assert (city["handled"], police["handled"]) == (74, 6)
    assert city["closed"] + police["closed"] == 78
    assert by_agency["-"]["closed"] == 20
