"""Which steps leave for whom: an endpoint sees what a post of its scope would, and never a sensitive event."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Post, User
from dispatch import outbox
from dispatch.models import Outbox
from events.models import State, Step
from tests.cast import (
    CENTRE,
    CITY,
    COMMUNITY,
    DISTRICT,
    FIRE,
    GAMBLING,
    GRID,
    KITCHEN,
    NEXT_STREET,
    POLICE,
    ROOM,
    STREET,
    VIOLENCE,
    Story,
    story_at,
)  # fmt: skip
from tests.webhooks.endpoints import endpoint_at, queued
from webhooks import queueing
from webhooks.models import Delivery, Endpoint

LOOP = ["report", "route", "accept", "dispatch", "sign", "feed_back", "verify"]


def test_every_step_of_the_area_is_queued_once_in_its_order(cast, receiver):
    endpoint = endpoint_at(cast, receiver)
    story = story_at(cast, State.CLOSED)
    assert queued(endpoint) == LOOP
    Outbox.objects.bulk_create(Outbox(tenant=DISTRICT, step=step) for step in story.steps)
    assert queued(endpoint) == LOOP, "however often the worker comes"
    rows = endpoint.deliveries.order_by("sequence")
    assert [row.message_id for row in rows] == [f"msg_{story.id.hex}_{n}" for n in range(1, 8)]


@pytest.mark.parametrize(
    ("where", "sees"),
    [(DISTRICT, True), (STREET, True), (COMMUNITY, True), (GRID, True), (NEXT_STREET, False), (f"{STREET}002", False)],
)  # fmt: skip
def test_an_area_is_a_prefix(cast, receiver, where, sees):
    endpoint = endpoint_at(cast, receiver, area=where)
    story_at(cast, State.ACCEPTED)
    assert bool(queued(endpoint)) is sees


@pytest.mark.parametrize(
    ("unit", "steps"),
    [
        (ROOM, LOOP),  # the desk
        (POLICE, ["dispatch", "sign", "feed_back", "verify"]),  # the lead, from the order on
        (CITY, ["dispatch", "sign", "feed_back", "verify"]),  # an assistant
        (FIRE, []),
        (CENTRE, []),
        (f"ZHZX@{NEXT_STREET}", []),
    ],
)
def test_an_organisation_gets_what_it_works_on(cast, receiver, unit, steps):
    endpoint = endpoint_at(cast, receiver, organization=unit)
    story = Story(cast).report().route()
    outbox.drain()
    story.accept()
    outbox.drain()
    story.dispatch(lead=POLICE, assistants=[CITY]).sign().feed_back().verify(note="Seen")
    assert queued(endpoint) == steps


def test_what_an_agency_returned_leaves_only_its_own_step(cast, receiver):
    endpoint = endpoint_at(cast, receiver, organization=POLICE)
    story = story_at(cast, State.ACCEPTED)
    outbox.drain()
    story.dispatch(lead=POLICE)
    outbox.drain()
    story.return_(reason="not_our_duty", explanation="Not us")
    story.dispatch(lead=FIRE).sign()
    assert queued(endpoint) == ["dispatch", "return"]


@pytest.mark.parametrize("scope", [{"area": DISTRICT}, {"organization": ROOM}, {"organization": POLICE}])
@pytest.mark.parametrize("item", [GAMBLING, VIOLENCE])
def test_a_sensitive_event_never_leaves_not_even_for_its_desk_and_holder(cast, receiver, scope, item):
    endpoint = endpoint_at(cast, receiver, **scope)
    story_at(cast, State.FED_BACK, item)
    assert queued(endpoint) == []


def test_only_the_chosen_verbs_are_sent(cast, receiver):
    endpoint = endpoint_at(cast, receiver, verbs=["accept", "verify"])
    story_at(cast, State.CLOSED)
    assert queued(endpoint) == ["accept", "verify"]


def test_what_an_endpoint_sees_is_what_a_post_of_that_scope_sees(cast, receiver):
    """The guard is the pages' own rule: held against people of the same scope, over a varied day."""
    for state in (State.REPORTED, State.HANDLING, State.CLOSED, State.REJECTED):
        story_at(cast, state)
        story_at(cast, state, KITCHEN, area_code=GRID)
    story_at(cast, State.HANDLING, GAMBLING)
    pairs = [("supervisor", {"area": DISTRICT}), ("police", {"organization": POLICE})]
    for name, scope in pairs:
        person: User = getattr(cast, name)
        assert Post.objects.filter(user=person).count() == 1
        seen = set(
            Step.objects.visible_to(person).filter(event__sensitive=False).values_list("pk", flat=True)
        )
        steps = set(endpoint_at(cast, receiver, **scope).steps().values_list("pk", flat=True))
        assert steps == seen and seen


def test_a_message_holds_codes_and_times_alone(cast, receiver):
    endpoint = endpoint_at(cast, receiver)
    story = Story(cast).report(
        "colleague",
        description="MARK 13900001111",
        address="MARK",
        confidential=True,
        longitude=120.177,
        latitude=30.271,
    )
    story.route().accept(note="MARK").dispatch(lead=POLICE, note="MARK").comment("director", text="MARK")
    story.return_(reason="not_our_duty", explanation="MARK").merge(answer="MARK")
    outbox.drain()
    bodies = list(
        endpoint.deliveries.filter(event=story.id).order_by("sequence").values_list("body", flat=True)
    )
    assert len(bodies) == len(story.steps)
    told = "".join(bodies)
    person = cast.colleague
    for private in (
        "MARK",
        "13900001111",
        person.username,
        person.display_name,
        "120.17",
        story.event.leading.number,
    ):
        assert private not in told
    first, *_, returned, _merged = [json.loads(body)["data"]["step"] for body in bodies]
    assert first["verb"] == "report" and first["organization"] is None, "the reporter asked to be kept secret"
    assert (returned["organization"], returned["params"]["reason"]) == (POLICE, "not_our_duty")


def test_a_message_in_full(cast, receiver):
    endpoint = endpoint_at(cast, receiver, verbs=["dispatch"])
    story = story_at(cast, State.DISPATCHED)
    queued(endpoint)
    event = story.event
    assert json.loads(endpoint.deliveries.get().body) == {
        "type": "event.step",
        "version": 1,
        "timestamp": "2019-03-04T01:10:00.000Z",
        "data": {
            "event": {
                "id": str(story.id),
                "number": event.number,
                "sequence": 4,
                "state": "dispatched",
                "item": "30202",
                "urgency": "normal",
                "level": "street",
                "source": "grid",
                "area": GRID,
                "desk": ROOM,
                "holder": POLICE,
                "lead": POLICE,
                "recorded_at": "2019-03-04T01:00:00.000Z",
                "due": event.due.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "whole_due": event.whole_due.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "closed_at": None,
            },
            "step": {
                "sequence": 4,
                "verb": "dispatch",
                "from_state": "accepted",
                "to_state": "dispatched",
                "at": "2019-03-04T01:10:00.000Z",
                "organization": ROOM,
                "params": {},
            },
        },
    }


def test_a_paused_endpoint_gathers_and_one_switched_off_does_not(cast, receiver):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    for state, why, number in (("paused", "", 1), ("disabled", "gone", 1), ("removed", "", 1)):
        Endpoint.objects.filter(pk=endpoint.pk).update(state=state, disabled_why=why)
        story_at(cast, State.ACCEPTED)
        assert len(queued(endpoint)) == number, state


def test_a_queue_has_an_end_and_what_is_missed_is_counted(cast, receiver, monkeypatch):
    monkeypatch.setattr(queueing, "MOST_WAITING", 1)
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    for _ in range(3):
        story_at(cast, State.ACCEPTED)
        outbox.drain()
    endpoint.refresh_from_db()
    assert (len(queued(endpoint)), endpoint.missed) == (1, 2)


def test_without_an_endpoint_a_batch_costs_one_statement_more(cast):
    steps = [step for _ in range(3) for step in story_at(cast, State.CLOSED).steps]
    with CaptureQueriesContext(connection) as captured:
        queueing.queue(steps)
    assert len(captured) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_with_endpoints_a_batch_costs_the_same_however_many_steps_it_has(cast, receiver, number):
    for _ in range(number):
        endpoint_at(cast, receiver)
    counts = []
    for size in (1, 6):
        steps = [step for _ in range(size) for step in story_at(cast, State.ACCEPTED).steps]
        with CaptureQueriesContext(connection) as captured:
            queueing.queue(steps)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 4 + 4 * number
    assert Delivery.objects.count() == number * 7 * 3
