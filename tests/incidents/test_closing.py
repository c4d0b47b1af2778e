"""Closing: each member by a legal verb or handed on, refusals named, forty in a bounded number of statements."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispatch import outbox
from dispatch.errors import MoveError
from events.models import Event, State
from inbox.models import Notice
from incidents.closing import go_on, leading_of, options, start
from incidents.models import Incident, Membership
from tests.cast import FIRE_LANE, GAMBLING, MONDAY, Story, story_at
from tests.incidents.conftest import gathered, opened

LATER = MONDAY + timedelta(hours=6)


def closed(cast, flood, choices=None, by="director", at=LATER) -> Incident:
    actor = cast.actor(by)
    start(actor=actor, incident_id=flood.pk, choices=choices or {}, conclusion="The water is gone", now=at)
    go_on(flood.pk, until=time.monotonic() + 30, clock=lambda: at)
    return Incident.objects.get(pk=flood.pk)


def proposed(cast, flood, by="director", at=LATER) -> dict:
    events = [row.event for row in flood.members.select_related("event__item", "event__desk", "event__lead")]
    found = options(cast.actor(by), events, leading=leading_of(events), now=at)
    return {pk: [str(what) for what in whats] for pk, whats in found.items()}


def test_each_member_ends_as_proposed(cast, flood):
    fed_back, handling, accepted, over = (
        story_at(cast, state) for state in (State.FED_BACK, State.HANDLING, State.ACCEPTED, State.FED_BACK)
    )
    gathered(cast, flood, fed_back, handling, accepted, over)
    over.wait(minutes=5).verify(note="Seen")
    assert proposed(cast, flood) == {
        fed_back.id: ["verify", "hand_on"],
        handling.id: ["hand_on"],
        accepted.id: ["merge", "hand_on"],
        over.id: ["ended"],
    }

    incident = closed(cast, flood)

    assert (incident.state, incident.closed_at) == ("closed", LATER)
    assert [story.event.state for story in (fed_back, handling, accepted)] == ["closed", "handling", "merged"]
    assert accepted.event.leading_id == fed_back.id
    for story in (fed_back, handling, accepted, over):
        assert (story.last.verb, "in_incident" in story.event.flags) == ("leave_incident", False)
    handed_on = Membership.objects.filter(incident=flood, at_the_end=True, open_when_left=True)
    assert [row.event_id for row in handed_on] == [handling.id]
    outbox.drain()
    told = Notice.objects.filter(step__verb="leave_incident", kind="desk")
    assert {row.event_id for row in told} == {handling.id}, "its desk is told, of the others nobody"


def test_what_is_refused_stays_in_and_the_incident_with_it(cast, flood):
    refused, good = story_at(cast, State.FED_BACK), story_at(cast, State.HANDLING)
    gathered(cast, flood, refused, good)
    actor = cast.actor("director")
    start(actor=actor, incident_id=flood.pk, choices={}, conclusion="Gone", now=LATER)
    refused.now = LATER
    refused.rework("verifier", missing="All of it")
    go_on(flood.pk, until=time.monotonic() + 30, clock=lambda: LATER)

    flood.refresh_from_db()
    assert flood.state == "open" and "in_incident" in refused.event.flags
    assert list(flood.choices.values_list("event", "code").filter(status="refused")) == [
        (refused.id, "wrong_state")
    ]
    assert "in_incident" not in good.event.flags
    assert closed(cast, flood).state == "closed", "handed on the second time"
    assert Membership.objects.filter(incident=flood, open_when_left=True).count() == 2


def test_the_centre_may_close_by_force_and_it_is_never_proposed(cast):
    incident = opened(cast, by="centre")
    story = story_at(cast, State.HANDLING)
    gathered(cast, incident, story, by="centre")
    assert proposed(cast, incident, by="centre") == {story.id: ["hand_on", "force_close"]}
    assert closed(cast, incident, {story.id: "force_close"}, by="centre").state == "closed"
    assert (story.event.state, story.event.forced) == ("closed", True)


def test_what_is_not_legal_is_refused_before_anything_is_done(cast, flood):
    story = story_at(cast, State.HANDLING)
    gathered(cast, flood, story)
    for by, choices, code in (
        ("director", {story.id: "force_close"}, "not_a_choice"),
        ("centre", {}, "not_the_command"),
        ("police", {}, "not_the_command"),
        ("neighbour", {}, "no_such_incident"),
    ):
        with pytest.raises(MoveError) as refused:
            closed(cast, flood, choices, by=by)
        assert refused.value.code == code, by
    with pytest.raises(MoveError) as refused:
        start(actor=cast.actor("director"), incident_id=flood.pk, choices={}, conclusion=" ", now=LATER)
    assert refused.value.code == "reason_missing"
    assert Incident.objects.get(pk=flood.pk).state == "open"


def test_of_two_who_close_at_once_the_second_is_refused_and_nothing_joins_meanwhile(cast, flood):
    story, late = story_at(cast, State.HANDLING), Story(cast).report().route()
    gathered(cast, flood, story)
    given = {"incident_id": flood.pk, "choices": {}, "conclusion": "Gone", "now": LATER}
    start(actor=cast.actor("director"), **given)
    with pytest.raises(MoveError) as refused:
        start(actor=cast.actor("dispatcher"), **given)
    assert refused.value.code == "incident_closed"
    assert late.refused("join_incident", "director", incident=flood.number, reason="x") == "incident_closed"
    for _again in range(2):
        assert go_on(flood.pk, until=time.monotonic() + 30, clock=lambda: LATER)
    assert [verb for verb, _state in story.timeline].count("leave_incident") == 1


def test_a_member_the_closer_cannot_see_goes_on_by_itself(cast, flood):
    """Gathered by the room, then taken over by the police's own sensitive item: only the desk sees it."""
    story = story_at(cast, State.HANDLING, GAMBLING)
    gathered(cast, flood, story)
    Event.objects.filter(pk=story.id).update(desk=Event.objects.get(pk=story.id).lead)
    assert closed(cast, flood).state == "closed"
    assert (story.last.verb, story.last.actor_id) == ("leave_incident", None)


def test_forty_reports_are_closed_within_seconds(cast, flood):
    stories = [Story(cast, FIRE_LANE if n % 2 else "30202").report().route() for n in range(40)]
    gathered(cast, flood, *stories)
    begun = time.monotonic()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        incident = closed(cast, flood)
    assert incident.state == "closed"
    assert len(queries) < 60 * 40
    assert time.monotonic() - begun < 12
    with CaptureQueriesContext(connection) as queries:
        proposed(cast, flood)
    assert len(queries) <= 6
