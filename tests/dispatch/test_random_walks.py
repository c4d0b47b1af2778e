"""Random walks through the whole table: whatever people do in whatever order, the loop's invariants hold.

Each walk reports an event and lets random people of the cast do what they are offered, with input made
from the table's needs, while time passes in random leaps and the clocks tick.
"""

import os
import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import Q

from dispatch import escalation, outbox
from dispatch.advance import advance
from dispatch.clocks import next_due
from dispatch.errors import MoveError
from dispatch.forms import MoveForm
from dispatch.models import ClockKind
from dispatch.permission import allowed_actions
from dispatch.same_as import MISSED
from dispatch.workflow import VERBS, Kind, Verb
from events.models import NEVER, OPEN_STATES, Event, State, Urgency
from events.steps import verify_chains
from incidents.actions import open_incident
from tests.cast import ADVICE, BRAWL, DAMP_WALL, FIRE_LANE, GAMBLING, KITCHEN, LOAN_FIRM, SHOP_IN_ROAD, Story

pytestmark = pytest.mark.django_db

ITEMS = [FIRE_LANE, SHOP_IN_ROAD, KITCHEN, DAMP_WALL, ADVICE, BRAWL, GAMBLING, LOAN_FIRM]
PEOPLE = [
    "worker",
    "colleague",
    "leader",
    "community",
    "director",
    "police",
    "fire",
    "police_head",
    "centre",
    "neighbour",
]
RARE = ("void", "force_close", "withdraw")


def made_up(verb: Verb, story: Story, name: str, dice: random.Random) -> dict:
    """Input for a verb from its needs; files are uploaded first."""
    form = MoveForm(verb, story.situation(name))
    data: dict = {}
    for need in verb.needs:
        field = form.fields[need.name]
        match need.kind:
            case Kind.TEXT:
                data[need.name] = "说明"
            case Kind.EVIDENCE:
                data[need.name] = story.evidence(name)
            case Kind.REASON | Kind.LEAD | Kind.DESK | Kind.PERSON:
                rows = list(field.queryset[:6])
                assert rows, f"{verb.code} is offered with nothing to choose for {need.name}"
                row = dice.choice(rows)
                data[need.name] = getattr(row, field.to_field_name or "pk")
            case Kind.CHOICE:
                data[need.name] = dice.choice([code for code, _label in need.options])
            case Kind.ITEM:
                others = [code for code in ITEMS if code != story.event.item.code]
                data[need.name] = dice.choice(
                    others if need.required or verb.code == "correct" else [*others, ""]
                )
            case Kind.URGENCY:
                data[need.name] = dice.choice([code for code, _label in field.choices])
            case Kind.AMOUNT:
                data[need.name] = 1 if field.max_value else ""
            case Kind.DATE:
                data[need.name] = (story.now + timedelta(days=dice.randint(1, 30))).date().isoformat()
            case Kind.INCIDENT:
                given = {"name": "专项", "plan": None, "response": 4, "summary": "", "now": story.now}
                data[need.name] = open_incident(actor=story.cast.actor(name), **given).number
            case Kind.EVENT:
                others = Event.objects.exclude(pk=story.id).filter(state__in=OPEN_STATES)
                data[need.name] = others.latest("recorded_at").number
    return data


def check(event: Event) -> None:
    """What must be true of an event at any moment."""
    running = list(event.clocks.running())
    kinds = [clock.kind for clock in running]
    assert len(kinds) == len(set(kinds))
    if event.state in OPEN_STATES:
        assert ClockKind.WHOLE in kinds
        assert event.due == next_due(running)
        assert event.closed_at is None
        assert event.holder_id == (
            event.desk_id
            if event.state in (State.REPORTED, State.ACCEPTED, State.FED_BACK)
            else event.lead_id
        )
    else:
        assert not running
        assert event.due == NEVER
        assert event.holder_id is None
        assert (event.closed_at is not None) == (event.state == State.CLOSED)
    if event.state in (State.DISPATCHED, State.HANDLING, State.ON_HOLD, State.FED_BACK):
        leads = [row for row in event.assignments.filter(ended_at=None) if row.part == "lead"]
        assert [row.organization_id for row in leads] == [event.lead_id]
    stopped = {clock.kind for clock in running if clock.stopped_at}
    assert stopped == (
        {ClockKind.HANDLE, ClockKind.WHOLE}
        if event.state == State.ON_HOLD
        else {ClockKind.ACCEPT, ClockKind.WHOLE}
        if "check" in event.asks
        else set()
    )
    assert sorted(event.asks) == sorted(event.asked.filter(answer="").values_list("kind", flat=True))
    assert ("transfer" in event.asks) == (event.transfer_to_id is not None)
    whole = event.clocks.get(kind=ClockKind.WHOLE)
    assert (event.whole_due, whole.start) == (whole.due, event.recorded_at)
    assert_replayed(event)


def assert_replayed(event: Event) -> None:
    """What the row says is what its steps say: the state, the counts, the version."""
    steps = list(event.steps.order_by("sequence"))
    assert [step.sequence for step in steps] == list(range(1, event.sequence + 1))
    state = ""
    for step in steps:
        assert step.from_state == state
        state = step.to_state
    verbs = Counter(step.verb for step in steps)
    granted = [step for step in steps if step.params.get("decision") == "granted"]
    assert (event.state, event.version) == (state, sum(VERBS[step.verb].is_move for step in steps))
    assert {
        "return_count": event.return_count,
        "rework_count": event.rework_count,
        "hand_down_count": event.hand_down_count,
        "urge_count": event.urge_count,
        "extension_count": event.extension_count,
        "reopen_count": event.reopen_count,
    } == {
        "return_count": verbs["return"],
        "rework_count": verbs["rework"],
        "hand_down_count": verbs["hand_down"],
        "urge_count": verbs["urge"],
        "extension_count": len(granted),
        "reopen_count": verbs["reopen"] + verbs["refuse_sample"],
    }


def attempt(verb: Verb, name: str, story: Story, data: dict) -> str:
    """'' when the move was done, else its refusal."""
    try:
        advance(verb.code, actor=story.cast.actor(name), event_id=story.id, now=story.now, data=data)
        return ""
    except MoveError as error:
        return f"{verb.code}: {error.code} {error.fields or ''}"


def told_once_more(story: Story, name: str) -> Story:
    """Another report of the same, whose reporter says so: merged where the first can lead, else by itself."""
    first = story.event
    in_sight = Event.objects.visible_to(getattr(story.cast, name)).open().filter(pk=first.pk).exists()
    other = Story(story.cast, story.item, at=story.now).report(name, same_as=str(first.pk))
    event = other.event
    as_urgent = Urgency.values.index(first.urgency) >= Urgency.values.index(event.urgency)
    may_lead = in_sight and as_urgent and not first.sensitive and not event.sensitive
    assert (event.state == State.MERGED, MISSED in event.flags) == (may_lead, not may_lead)
    return other


@pytest.mark.parametrize("seed", range(int(os.environ.get("WALKS", "20"))))
def test_the_invariants_hold_on_a_random_walk(cast, seed):
    """What is offered succeeds; what is not offered is refused, and changes nothing."""
    dice = random.Random(seed)
    Story(cast).report().route()
    story = Story(cast, dice.choice(ITEMS)).report().route()
    told_again: list[Story] = []
    for _step in range(25):
        name = dice.choice(PEOPLE)
        seen = Event.objects.visible_to(getattr(cast, name)).filter(pk=story.id).exists()
        offered = allowed_actions(story.situation(name)) if seen else []
        others = [verb for verb in VERBS.values() if not verb.creates and verb not in offered]
        sequence = story.event.sequence
        forbidden = dice.choice(others)
        assert attempt(forbidden, name, story, {}), f"{name} was not offered {forbidden.code}"
        assert story.event.sequence == sequence
        offered = [verb for verb in offered if verb.code not in RARE or dice.random() < 0.1]
        if offered:
            verb = dice.choice(offered)
            assert not attempt(verb, name, story, made_up(verb, story, name, dice))
        if dice.random() < 0.15:
            told_again.append(told_once_more(story, dice.choice(["worker", "colleague", "leader"])))
        story.now += timedelta(minutes=dice.choice([1, 10, 90, 1500, 6000]))
        if dice.random() < 0.4:
            escalation.tick(now=story.now)
        for event in Event.objects.filter(Q(pk=story.id) | Q(origin=story.id)):
            check(event)
    outbox.drain()
    for other in told_again:
        check(other.event)
        if other.event.state == State.MERGED:
            check(other.restore("supervisor", reason="Another matter").event)
    assert not list(verify_chains(story.event.tenant))
