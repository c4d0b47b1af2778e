"""Role x verb x state: what is offered is what is allowed, for everybody of the cast, in every state.

The table below was read by a person; that ``allowed_actions`` and ``advance`` agree with each other and
with the rows of ``dispatch.workflow`` is tried for every combination.
"""

import pytest
from django.db import transaction

from dispatch.advance import EFFECTS, advance
from dispatch.errors import InputError, MoveError, NotYetError
from dispatch.permission import allowed_actions
from dispatch.workflow import VERBS
from events.models import Event, State
from tests.cast import EVERYBODY, WAYS, Story, story_at

DESK_TALK = dict.fromkeys(("dispatcher", "verifier", "centre", "supervisor"), "comment")
OFFERED = {
    State.REPORTED: DESK_TALK
    | {
        "worker": "self_close",
        "colleague": "self_close",
        "leader": "self_close",
        "director": "self_close accept reject escalate comment",
        "acceptor": "self_close accept reject escalate comment",
    },
    State.ACCEPTED: DESK_TALK
    | {
        "worker": "self_close",
        "colleague": "self_close",
        "leader": "self_close",
        "director": "self_close reject escalate dispatch comment",
        "acceptor": "self_close reject escalate comment",
        "dispatcher": "dispatch comment",
    },
    State.DISPATCHED: DESK_TALK
    | {
        "director": "escalate recall comment",
        "acceptor": "escalate comment",
        "dispatcher": "recall comment",
        "police": "sign return comment",
        "city": "assist_sign comment",
    },
    State.HANDLING: DESK_TALK
    | {
        "director": "escalate recall comment",
        "acceptor": "escalate comment",
        "dispatcher": "recall comment",
        "police": "return feed_back comment",
        "city": "assist_sign comment",
    },
    State.FED_BACK: DESK_TALK
    | {
        "worker": "verify rework",
        "colleague": "verify rework",
        "leader": "verify rework",
        "director": "escalate comment",
        "acceptor": "escalate comment",
        "police": "comment",
        "city": "comment",
    },
    State.CLOSED: DESK_TALK | {"director": "comment", "acceptor": "comment", "police": "comment"},
    State.REJECTED: DESK_TALK | {"director": "comment", "acceptor": "comment"},
}
"""An order of the room to the police, the city squad assisting, before any check is due."""


class Undo(Exception):
    """Rolls the savepoint back."""


def outcome(story: Story, person: str, verb: str) -> str:
    """'' when the move is allowed (as far as its input), else the code of the refusal; nothing stays done."""
    try:
        with transaction.atomic():
            advance(verb, actor=story.cast.actor(person), event_id=story.id, now=story.now)
            raise Undo
    except (Undo, InputError):
        return ""
    except MoveError as refusal:
        return refusal.code


def offered(story: Story, person: str) -> list[str]:
    user = getattr(story.cast, person)
    if not Event.objects.visible_to(user).filter(pk=story.id).exists():
        return []
    return [verb.code for verb in allowed_actions(story.situation(person))]


@pytest.mark.parametrize("state", WAYS)
def test_in_each_state_everybody_is_offered_what_the_table_says(cast, state):
    story = story_at(cast, state)
    found = {person: verbs for person in EVERYBODY if (verbs := " ".join(offered(story, person)))}
    assert found == OFFERED[state]


@pytest.mark.parametrize("state", WAYS)
def test_what_is_offered_is_allowed_and_nothing_else(cast, state):
    story = story_at(cast, state)
    for person in EVERYBODY:
        visible = Event.objects.visible_to(getattr(cast, person)).filter(pk=story.id).exists()
        choices = offered(story, person)
        for code, verb in VERBS.items():
            if verb.creates:
                continue
            told = outcome(story, person, code)
            if not verb.ready:
                expected = {"not_yet"}
            elif not visible:
                expected = {"not_found"}
            elif state not in verb.sources:
                expected = {"wrong_state"}
            elif code in choices:
                expected = {""}
            else:
                conditions = [*verb.when, *(who.only for who in verb.who if who.only)]
                expected = {"not_permitted"} | {condition.code for condition in conditions}
            assert told in expected, f"{person} {code} in {state}: {told or 'allowed'}"
    assert story.event.sequence == len(story.steps) == len(WAYS[state]) + 2


def test_every_verb_that_is_ready_has_its_effect_and_no_other(db):
    assert set(EFFECTS) == {code for code, verb in VERBS.items() if verb.ready}


@pytest.mark.parametrize("verb", [code for code, verb in VERBS.items() if not verb.ready])
def test_a_verb_of_a_later_version_says_so_and_is_never_offered(cast, verb):
    with pytest.raises(NotYetError) as refusal:
        advance(verb, actor=cast.actor("centre"), event_id=Story(cast).id, now=Story(cast).now)
    assert (refusal.value.code, refusal.value.status) == ("not_yet", 501)
    assert all(verb not in words.split() for people in OFFERED.values() for words in people.values())


def test_a_move_leads_where_its_row_says_and_nowhere_else(cast):
    for state, way in WAYS.items():
        for (verb, _input), step in zip(way, story_at(cast, state).steps[2:], strict=True):
            row = VERBS[verb]
            assert step.verb == verb
            assert step.from_state in row.sources
            assert step.to_state in (row.target or (step.from_state,))


def test_the_loop_can_be_closed_from_every_open_state():
    """Along the rows that are ready, an event in any open state they reach can still get to an end."""
    reached, ends = {State.REPORTED}, {State.CLOSED, State.REJECTED}
    moves = {
        (source, target)
        for verb in VERBS.values()
        if verb.ready
        for source in verb.sources
        for target in verb.target
    }
    while new := {target for source, target in moves if source in reached} - reached:
        reached |= new
    for state in reached:
        onward = {state}
        while new := {target for source, target in moves if source in onward} - onward:
            onward |= new
        assert onward & ends, f"no way out of {state}"
