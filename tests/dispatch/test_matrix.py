"""Role x verb x state x scope: every person with every verb in every situation, against ``tests.dispatch.who_may``.

What is offered must be what is allowed, and a refusal must tell its code.
"""

from collections.abc import Iterable

import pytest
from django.db import transaction

from dispatch.advance import EFFECTS, advance
from dispatch.errors import InputError, MoveError
from dispatch.permission import allowed_actions
from dispatch.workflow import VERBS
from events.models import Event, State
from tests.cast import CITY, COMMUNITY, FIRE, NEXT_STREET, POLICE, SHOP_IN_ROAD, TEAM, Story, story_at, unit
from tests.dispatch.who_may import MAY, PEOPLE, told

RETURNED = [
    ("accept", {}),
    ("dispatch", {"lead": FIRE}),
    ("return_", {"reason": "not_our_duty", "explanation": "No smoke"}),
]
DISPATCHED = [*RETURNED, ("dispatch", {"lead": POLICE, "assistants": [CITY]})]
HANDLING = [*DISPATCHED, ("sign", {})]
FED_BACK = [*HANDLING, ("feed_back", {})]
WAYS = {
    "reported": [],
    "check asked": [("ask_check", {})],
    "transfer asked": [("transfer", {"desk": f"ZHZX@{NEXT_STREET}", "reason": "Over there"})],
    "accepted": [("accept", {})],
    "returned": RETURNED,
    "handed down before": [
        ("accept", {}),
        ("hand_down", {"desk": f"COMMUNITY@{COMMUNITY}", "reason": "Small"}),
    ],
    "dispatched": DISPATCHED,
    "handling": HANDLING,
    "extension asked": [*HANDLING, ("request_extension", {"amount": 1, "reason": "Rain"})],
    "hold asked": [*HANDLING, ("request_hold", {})],
    "in rework": [*FED_BACK, ("rework", {"missing": "All"})],
    "supervised": [*HANDLING, ("supervise", {"text": "Why so slow?"})],
    "in an incident": [*HANDLING, ("join_incident", {})],
    "fed_back": FED_BACK,
    "check due": [*FED_BACK, ("wait", {"hours": 5})],
    "on_hold": [*HANDLING, ("request_hold", {}), ("hold", {})],
    "closed": [*FED_BACK, ("verify", {"note": "Seen"})],
    "sample drawn": [("self_close", {"by": "colleague"})],
    "rejected": [("reject", {"reason": "unclear", "answer": "Where was it?"})],
    "merged": [("merge", {})],
    "void": [("void", {"reason": "A test"})],
}


STRONGEST = {"director", "centre", "police_head", "leader"}
"""Who tries the verbs that nobody may in a state, too."""


def situation(cast, name: str, monkeypatch) -> Story:
    """The event of ``who_may`` in a named situation."""
    if name == "sample drawn":
        monkeypatch.setattr("dispatch.verbs.desk.is_drawn", lambda event, percent: True)
    story = Story(cast, SHOP_IN_ROAD).report().route()
    for verb, input in WAYS[name]:
        if verb != "wait":
            story.wait(minutes=5)
        getattr(story, verb)(**input)
    return story


def verbs_of(lines: str) -> set[str]:
    return {line.split()[0] for line in lines.splitlines() if line.strip()}


def outcomes(story: Story, person: str, verbs: Iterable[str]) -> dict[str, str]:
    """By verb '' when the move is allowed (as far as its input), else the code of the refusal; nothing stays done.

    A refused move undoes itself (the test counts the steps afterwards); one savepoint undoes those that are allowed.
    """
    found, before = {}, transaction.savepoint()
    for verb in verbs:
        try:
            advance(verb, actor=story.cast.actor(person), event_id=story.id, now=story.now)
        except InputError:
            found[verb] = ""
        except MoveError as refusal:
            found[verb] = refusal.code
        else:
            found[verb] = ""
            transaction.savepoint_rollback(before)
    transaction.savepoint_commit(before)
    return found


def outcome(story: Story, person: str, verb: str) -> str:
    return outcomes(story, person, [verb])[verb]


def offered(story: Story, person: str) -> set[str]:
    user = getattr(story.cast, person)
    if not Event.objects.visible_to(user).filter(pk=story.id).exists():
        return set()
    return {verb.code for verb in allowed_actions(story.situation(person))}


@pytest.mark.parametrize("name", MAY)
def test_every_person_with_every_verb(cast, name, monkeypatch):
    story = situation(cast, name, monkeypatch)
    steps = story.event.sequence
    wrong = []
    named = verbs_of(MAY[name])
    for person in PEOPLE.split():
        choices = offered(story, person)
        tried = [
            code
            for code, verb in VERBS.items()
            if not verb.creates and (code in named or person in STRONGEST)
        ]
        for code, found in outcomes(story, person, tried).items():
            expected = told(name, code, person)
            if found != expected:
                wrong.append(f"{person} {code}: {found or 'allowed'}, not {expected or 'allowed'}")
            if (code in choices) != (expected == ""):
                wrong.append(f"{person} {code}: {'offered' if code in choices else 'not offered'}")
    assert not wrong, "\n".join(wrong)
    assert story.event.sequence == steps == len(story.steps)


def test_the_expectation_knows_every_state_and_every_verb_of_the_loop():
    assert {state.value for state in State} <= set(MAY)
    named = set().union(*map(verbs_of, MAY.values()))
    assert named == {code for code, verb in VERBS.items() if not verb.creates}


def test_a_desk_of_each_kind_decides_about_its_own(cast):
    """The same person is the desk of one event and only a watcher of the next."""
    low = Story(cast, "10501").report().route()
    high = Story(cast, "10801").report().route()
    assert "accept" in offered(low, "community") and "accept" not in offered(low, "director")
    assert "accept" in offered(high, "centre") and "accept" not in offered(high, "director")
    assert "hand_down" not in offered(low.accept("community"), "community")
    assert "escalate" not in offered(high.accept("centre"), "centre")
    assert outcome(low, "community", "hand_down") == "lowest_desk"
    assert (outcome(high, "centre", "escalate"), outcome(high, "centre", "transfer")) == (
        "highest_desk",
        "no_desk_beside",
    )


def test_every_verb_has_its_effect_and_no_other(db):
    assert set(EFFECTS) == set(VERBS)


@pytest.mark.parametrize("name", MAY)
def test_a_move_leads_where_its_row_says_and_nowhere_else(cast, name, monkeypatch):
    story = situation(cast, name, monkeypatch)
    for step in story.steps[1:]:
        row = VERBS[step.verb]
        assert step.from_state in row.sources
        assert step.to_state in (row.target or (step.from_state,))
    assert story.event.state == story.steps[-1].to_state


def test_the_loop_can_be_closed_from_every_state_but_its_ends():
    """Along the rows of people, an event in any state they reach can still get to a good end."""
    reached, ends = {State.REPORTED}, {State.CLOSED, State.VOID}
    rows = [verb for verb in VERBS.values() if not verb.is_system and verb.code != "force_close"]
    moves = {(source, target) for verb in rows for source in verb.sources for target in verb.target}
    while new := {target for source, target in moves if source in reached} - reached:
        reached |= new
    assert reached == set(State)
    for state in reached - {State.VOID}:
        onward = {state}
        while (
            new := {target for source, target in moves - {(state, State.VOID)} if source in onward} - onward
        ):
            onward |= new
        assert onward & ends, f"no way out of {state}"


def test_the_team_is_the_lead_of_its_own_order_and_of_no_other(cast):
    story = story_at(cast, State.ACCEPTED).dispatch(lead=TEAM)
    assert {"sign", "return"} <= offered(story, "colleague")
    assert unit(TEAM).pk == story.event.lead_id
    assert not {"sign", "return"} & offered(story, "elsewhere")
