"""A recount in plain Python, step by step, of a random history made by the real actions: it must equal the SQL.

What happened is read from the steps alone, never from the event's own columns; only deadlines come from the clocks.
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, radians

import pytest

from dispatch import escalation
from dispatch.advance import advance
from dispatch.models import Ask, Clock
from dispatch.permission import allowed_actions
from events.models import OPEN_STATES, Event, Step
from supervision.cuts import CUTS
from supervision.facts import Period
from supervision.figures import FIGURES, parts_of
from supervision.indicators import Owner
from supervision.rates import count, events_behind, shown
from tests.cast import FIRE_LANE, KITCHEN, MONDAY, SHOP_IN_ROAD, Story
from tests.dispatch.test_random_walks import made_up

ITEMS = [FIRE_LANE, SHOP_IN_ROAD, SHOP_IN_ROAD, KITCHEN]
PEOPLE = ["worker", "colleague", "leader", "director", "community", "police", "city", "fire", "centre"]
SELDOM = {
    "void",
    "force_close",
    "withdraw",
    "reject",
    "merge",
    "split",
    "escalate",
    "transfer",
    "comment",
    "urge",
    "hand_to",
    "join_incident",
    "leave_incident",
}
EVENTS, MOVES = int(os.environ.get("RECOUNTED", "30")), 18
DAY = timedelta(days=1)
FILINGS = {"accept", "self_close", "auto_dispatch"}
REOPENINGS = {"reopen", "refuse_sample"}


def history(cast, dice: random.Random) -> None:
    """Events moved by whoever may, mostly onwards, with leaps of time between."""
    for _event in range(EVENTS):
        story = Story(cast, dice.choice(ITEMS), at=MONDAY + dice.random() * 20 * DAY).report().route()
        Event.objects.filter(pk=story.id).update(
            longitude=120.2 + dice.choice([0, 0.0004, 0.01]), latitude=30.3 + dice.choice([0, 0.0004])
        )
        for _move in range(MOVES):
            story.now += timedelta(minutes=dice.choice([1, 5, 20, 90, 1000, 3000]))
            escalation.tick(now=story.now)
            name = dice.choice(PEOPLE)
            if not Event.objects.visible_to(getattr(cast, name)).filter(pk=story.id).exists():
                continue
            offered = [
                verb
                for verb in allowed_actions(story.situation(name))
                if verb.code not in SELDOM or dice.random() < 0.1
            ]
            if offered:
                verb = dice.choice([one for one in offered if one.primary] or offered)
                data = made_up(verb, story, name, dice)
                advance(verb.code, actor=cast.actor(name), event_id=story.id, now=story.now, data=data)


@dataclass
class Told:
    """One event's life, from its steps and clocks."""

    event: Event
    steps: list[Step]
    clocks: list[Clock]
    checks: list[Ask]

    def last(self, *verbs: str) -> Step | None:
        return next((step for step in reversed(self.steps) if step.verb in verbs), None)

    def first(self, *verbs: str) -> Step | None:
        return next((step for step in self.steps if step.verb in verbs), None)

    def due(self, kind: str, ended: datetime) -> datetime | None:
        """The deadline of the clock that ended then."""
        return next(
            (row.due for row in reversed(self.clocks) if (row.kind, row.ended_at) == (kind, ended)), None
        )

    def running(self, kind: str, at: datetime) -> Clock | None:
        alive = [row for row in self.clocks if row.kind == kind and row.start < at]
        return next((row for row in reversed(alive) if row.ended_at is None or row.ended_at >= at), None)


def figures_of(told: Told, period: Period, everything: list[Told]) -> Iterator[str]:
    """The code of every figure that is no sum and counts this event."""
    within: Callable[[datetime], bool] = lambda at: period.start <= at < period.end  # noqa: E731
    t1, steps, state = period.end, told.steps, told.steps[-1].to_state
    filing = told.first(*FILINGS)
    if state == "merged" or (state == "void" and filing is None):
        return
    reported = told.event.recorded_at
    filed = filing if state != "rejected" else None
    if within(reported):
        yield "reported"
        if filed and filed.at < t1:
            yield "valid"
    act = told.first(*FILINGS, "reject", "merge")
    if act and within(act.at):
        due = told.due("accept", act.at)
        yield "accepted_on_time" if due and act.at <= due else "accepted_late"
    if filed and within(filed.at):
        due = told.due("accept", filed.at)
        yield "filed_on_time" if due and filed.at <= due else "filed_late"
    if state == "void":
        return
    if filed and within(filed.at):
        yield "filed_accurate"
    yield from spot_checks(told, within)

    closing = next((step for step in reversed(steps) if step.to_state == "closed" != step.from_state), None)
    if state != "closed":
        closing = None
    open_then = reported < t1 and (state in OPEN_STATES or (closing is not None and closing.at >= t1))
    sent = told.first("dispatch", "auto_dispatch")
    with_cause = sum((step.verb == "return") - (step.verb == "refuse_return") for step in steps) > 0
    if sent and within(sent.at):
        due = told.due("dispatch", sent.at)
        yield "dispatched_on_time" if due and sent.at <= due else "dispatched_late"
        if not with_cause and not told.first("recall"):
            yield "dispatched_accurate"
    waits = told.running("dispatch", t1)
    if open_then and waits and waits.due < t1 and not (sent and sent.at < t1):
        yield "overdue_undispatched"
    back = told.last("return")
    if back and within(back.at):
        answered = told.last("refuse_return")
        yield "returned_refused" if answered and answered.sequence > back.sequence else "returned_upheld"

    standing, late = None, False
    for step in steps:
        if step.verb == "feed_back":
            standing = step
            late |= step.at > told.due("handle", step.at)
        elif step.verb == "rework" or step.verb in REOPENINGS:
            standing = None
    if standing and within(standing.at):
        yield "handled_late" if late else "handled_on_time"
    if open_then and overdue(told.running("handle", t1), t1):
        yield "overdue_unhandled"
    check = told.last("verify", "rework")
    if check and within(check.at):
        due = told.due("check", check.at)
        yield "checked_on_time" if due and check.at <= due else "checked_late"
        if told.first("rework"):
            yield "reworked"
    if open_then and overdue(told.running("check", t1), t1):
        yield "overdue_unchecked"

    whole = next(row for row in told.clocks if row.kind == "whole")
    if closing and within(closing.at):
        on_time = closing.at <= whole.due and closing.verb != "force_close"
        yield "closed_on_time" if on_time else "closed_late"
        if closing.verb == "self_close":
            yield "self_closed"
        else:
            yield "flow_on_time" if on_time else "flow_late"
        if any(recurs(told.event, closing.at, other) for other in everything):
            yield "recurred"
    if open_then and overdue(whole, t1):
        yield "overdue_open"
    rating = told.last("rate", *REOPENINGS)
    if rating and rating.verb == "rate" and within(rating.at):
        yield "satisfied" if rating.params["rating"] in ("very_good", "good") else "unsatisfied"


def overdue(clock: Clock | None, at: datetime) -> bool:
    """Past its deadline, and not stopped before."""
    return bool(clock and clock.due < at and (clock.stopped_at is None or clock.stopped_at > clock.due))


def spot_checks(told: Told, within: Callable[[datetime], bool]) -> Iterator[str]:
    for ask in told.checks:
        if ask.answer == "granted":
            if within(ask.answered_at):
                yield "spot_on_time" if ask.answered_at <= ask.due else "spot_late"
        elif within(ask.due) and (ask.answered_at is None or ask.answered_at >= ask.due):
            yield "spot_missed"


def recurs(event: Event, closed_at: datetime, other: Told) -> bool:
    again = other.event
    if again.pk == event.pk or other.steps[-1].to_state in ("merged", "void", "rejected"):
        return False
    if event.latitude is None or again.latitude is None or again.item.code != event.item.code:
        return False
    east = (again.longitude - event.longitude) * cos(radians(event.latitude))
    near = hypot(east, again.latitude - event.latitude) * 111_195 <= 50
    return near and closed_at < again.recorded_at <= closed_at + 30 * DAY


def recount(everything: list[Told], period: Period, owner: Callable[[Told, str], str]) -> dict[str, Counter]:
    """Of each owner the figures, the sums too."""
    found: dict[str, Counter] = {}
    for told in everything:
        mine = set(figures_of(told, period, everything))
        for code in FIGURES:
            if mine & set(parts_of(code)):
                found.setdefault(owner(told, code), Counter())[code] += 1
    return found


@pytest.mark.parametrize("seed", range(int(os.environ.get("RECOUNTS", "2"))))
def test_the_figures_equal_a_recount_of_the_steps(cast, seed):
    dice = random.Random(seed)
    history(cast, dice)
    everything = [
        Told(
            event,
            list(event.steps.order_by("sequence")),
            list(event.clocks.order_by("id")),
            list(event.asked.filter(kind="check")),
        )
        for event in Event.objects.filter(sensitive=False).select_related("item")
    ]
    moments = sorted(step.at for told in everything for step in told.steps)
    periods = [
        Period(moments[0], moments[-1] + DAY),
        *(Period(*sorted(dice.sample(moments, 2))) for _n in range(3)),
    ]
    seen: Counter[str] = Counter()
    for period in periods:
        brute = recount(everything, period, lambda told, code: told.event.area_code)
        asked = count(cast.supervisor, "grid", period)
        figures = {code for one in shown(CUTS["grid"]) for code in one.figures}
        assert asked == {
            key: kept
            for key, row in brute.items()
            if (kept := Counter({code: number for code, number in row.items() if code in figures}))
        }, (seed, period)
        seen += sum(brute.values(), Counter())

        by_unit = recount(everything, period, unit_of)
        figures = {code: CUTS["desk"].fact_of(one) for one in shown(CUTS["desk"]) for code in one.figures}
        found = count(cast.supervisor, "desk", period)
        for key, row in found.items():
            expected = {code: by_unit.get(f"{fact} {key}", {}).get(code, 0) for code, fact in figures.items()}
            if key != "-":
                assert {code: row[code] for code in figures} == expected, (seed, period, key)

    whole = periods[0]
    behind = {code: events_behind(cast.supervisor, whole, code).count() for code in FIGURES}
    brute = sum(recount(everything, whole, lambda told, code: "").values(), Counter())
    assert behind == {code: brute[code] for code in FIGURES}
    assert len(seen) > len(FIGURES) * 0.6, sorted(set(FIGURES) - set(seen))


def unit_of(told: Told, code: str) -> str:
    """By the owner of the figure in the cut by desk: who dispatched first, else the present desk."""
    owner = next((one.owner for one in shown(CUTS["desk"]) if code in one.figures), None)
    sent = told.first("dispatch", "auto_dispatch") if owner == Owner.SENDER else None
    return f"{owner} {(sent.organization_id if sent else None) or told.event.desk_id}"
