"""Closing on the spot: at once or when the photos are complete; the sample that is looked at later."""

import hashlib
import uuid
from io import BytesIO

import pytest
from PIL import Image

from dispatch import outbox, policy
from dispatch.errors import InputError, MoveError, NotFoundError, NotPermittedError
from dispatch.evidence import attach
from dispatch.verbs.desk import is_drawn
from events.models import Event, Item, State
from tests.cast import (
    ADVICE,
    CENTRE,
    DESK,
    FIRE_LANE,
    GRID,
    KITCHEN,
    NEXT_GRID,
    ROOM,
    SHOP_IN_ROAD,
    TEAM,
    Story,
    story_at,
)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def all_sampled(monkeypatch):
    monkeypatch.setattr(policy, "of", lambda district, at: policy.Policy(sample_percent=100))


@pytest.fixture
def none_sampled(monkeypatch):
    monkeypatch.setattr(policy, "of", lambda district, at: policy.Policy(sample_percent=0))


def picture(colour: str) -> bytes:
    data = BytesIO()
    Image.new("RGB", (32, 24), colour).save(data, "JPEG")
    return data.getvalue()


def send(story, by, kind, data):
    event, _row = attach(
        actor=story.cast.actor(by),
        event_id=story.id,
        kind=kind,
        upload=BytesIO(data),
        sha256=None,
        now=story.now,
    )
    return event


def named(kind, data):
    return {"kind": kind, "sha256": hashlib.sha256(data).hexdigest()}


def test_a_worker_closes_a_report_in_the_own_grid(cast, none_sampled):
    story = Story(cast, FIRE_LANE).report().route().wait(minutes=4)
    story.self_close("worker", result="The owner drove away", evidence=story.evidence("worker"))
    event = story.event
    assert (event.state, event.self_closed, event.holder) == (State.CLOSED, True, None)
    assert event.filed_at == event.closed_at == story.now
    assert (story.running, event.sample_state) == ({}, "")
    assert story.timeline[-1] == ("self_close", "closed")
    assert story.texts == {"result": "The owner drove away"}
    assert story.last.evidence.count() == 1
    assert story.waiting[-1] == "self_close"


@pytest.mark.parametrize(("by", "item"), [("community", FIRE_LANE), ("acceptor", SHOP_IN_ROAD)])
def test_a_desk_closes_what_it_can_settle_itself(cast, by, item, none_sampled):
    story = Story(cast, item).report().route().accept("director" if by == "acceptor" else by)
    story.self_close(by, result="Settled by telephone", evidence=story.evidence(by))
    assert (story.event.state, story.event.self_closed) == (State.CLOSED, True)


def test_with_the_report_it_takes_effect_when_the_last_photo_is_here(cast, none_sampled):
    before, after = picture("red"), picture("green")
    story = Story(cast, FIRE_LANE).report(
        photos=[named("before_photo", before), named("after_photo", after)],
        self_close=True,
        result="Moved it with the owner",
    )
    assert (story.event.state, story.event.photos_missing) == (State.REPORTED, 2)
    story.route()
    assert send(story, "worker", "before_photo", before).state == State.REPORTED
    assert story.event.photos_missing == 1
    assert send(story.wait(minutes=2), "worker", "after_photo", after).state == State.CLOSED
    event = story.event
    assert (event.self_closed, event.self_close_pending, event.photos_missing) == (True, False, 0)
    assert story.texts == {"result": "Moved it with the owner"}
    assert story.last.evidence.count() == 2


def test_photos_that_come_before_the_desk_is_found_close_it_all_the_same(cast, none_sampled):
    paper = picture("white")
    story = Story(cast, ADVICE).report(photos=[named("document", paper)], self_close=True, result="Explained")
    assert send(story, "worker", "document", paper).state == State.CLOSED
    assert story.route().event.desk.code == DESK
    assert story.event.holder is None


def test_a_desk_s_own_find_closes_as_soon_as_its_desk_is_known(cast, none_sampled):
    paper = picture("white")
    story = Story(cast, ADVICE).report(
        "community", photos=[named("document", paper)], self_close=True, result="Explained"
    )
    assert send(story, "community", "document", paper).state == State.REPORTED
    outbox.drain()
    assert story.event.state == State.CLOSED
    assert story.timeline[-1] == ("self_close", "closed")


def test_a_desk_that_was_quicker_keeps_the_event(cast):
    before, after = picture("red"), picture("green")
    photos = [named("before_photo", before), named("after_photo", after)]
    story = Story(cast).report(photos=photos, self_close=True, result="Moved").route()
    story.accept().dispatch(lead=ROOM)
    send(story, "worker", "before_photo", before)
    assert send(story, "worker", "after_photo", after).state == State.HANDLING


def test_an_item_without_evidence_closes_with_its_report(cast, none_sampled, forget):
    Item.objects.filter(code=ADVICE).update(evidence=[])
    forget()
    story = Story(cast, ADVICE).report(photos=[], self_close=True, result="Explained")
    assert story.timeline == [("report", "reported"), ("self_close", "closed")]


def test_outside_the_own_grid_the_report_goes_its_ordinary_way(cast):
    paper = picture("white")
    photos = [named("document", paper)]
    story = Story(cast, ADVICE).report(
        area_code=NEXT_GRID, photos=photos, self_close=True, result="Explained"
    )
    assert story.event.self_close_pending is False
    assert send(story, "worker", "document", paper).state == State.REPORTED


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"item": KITCHEN}, "self_close", "item_not_self_handled"),
        ({"result": ""}, "result", "required"),
        ({"photos": []}, "photos", "missing_evidence"),
    ],
)
def test_closing_with_the_report_needs_an_item_that_allows_it_a_result_and_the_evidence(
    cast, change, field, code
):
    data = {"photos": [named("document", b"x")], "self_close": True, "result": "Explained"} | change
    with pytest.raises(InputError) as refusal:
        Story(cast, ADVICE).report(**data)
    assert refusal.value.fields[field][0]["code"] == code


def test_who_may_not_close_on_the_spot(cast):
    story = Story(cast, FIRE_LANE).report().route()
    for by in ("director", "acceptor", "supervisor"):
        with pytest.raises(NotPermittedError):
            story.self_close(by, result="Done", evidence=[])
    with pytest.raises(NotFoundError):
        story.self_close("next_worker", result="Done", evidence=[])
    with pytest.raises(InputError) as refusal:
        story.self_close("worker", result="Done", evidence=[])
    assert refusal.value.fields["evidence"][0]["code"] in ("required", "missing_evidence")
    kitchen = Story(cast, KITCHEN).report().route()
    with pytest.raises(MoveError) as refusal:
        kitchen.self_close("worker", result="Done", evidence=[])
    assert refusal.value.code == "item_not_self_handled"


@pytest.mark.parametrize(
    ("by", "item", "sampler", "checker"),
    [
        ("worker", FIRE_LANE, TEAM, "leader"),
        ("leader", FIRE_LANE, DESK, "community"),
        ("community", FIRE_LANE, ROOM, "verifier"),
        ("acceptor", SHOP_IN_ROAD, CENTRE, "centre"),
    ],
)
def test_the_leader_or_the_next_desk_up_looks_at_the_sample(cast, by, item, sampler, checker, all_sampled):
    story = Story(cast, item).report().route()
    story.self_close(by, result="Done", evidence=story.evidence(by))
    assert (story.event.sample_state, story.event.sampler.code) == ("pending", sampler)
    story.confirm_sample(checker, note="I went there")
    assert (story.event.state, story.event.sample_state) == (State.CLOSED, "confirmed")
    assert story.last.organization.code == sampler
    with pytest.raises(MoveError) as refusal:
        story.confirm_sample(checker)
    assert refusal.value.code == "no_sample_pending"


def test_who_closed_it_does_not_check_the_sample(cast, all_sampled):
    story = Story(cast, FIRE_LANE).report().route()
    story.self_close("worker", result="Done", evidence=story.evidence("worker"))
    for by in ("worker", "community", "verifier"):
        with pytest.raises(NotPermittedError):
            story.confirm_sample(by)


def test_an_event_out_of_the_sample_is_not_confirmed(cast, none_sampled):
    story = Story(cast, FIRE_LANE).report().route()
    story.self_close("worker", result="Done", evidence=story.evidence("worker"))
    with pytest.raises(NotPermittedError):
        story.confirm_sample("leader")
    with pytest.raises(NotPermittedError):
        story_at(cast, State.CLOSED).confirm_sample("leader")
    assert story.event.area_code == GRID


def test_about_one_in_ten_is_sampled_and_the_same_event_always_alike():
    events = [Event(pk=uuid.UUID(int=number)) for number in range(2000)]

    drawn = [is_drawn(event, 10) for event in events]

    assert 150 < sum(drawn) < 250
    assert drawn == [is_drawn(event, 10) for event in events]
    assert not any(is_drawn(event, 0) for event in events) and all(is_drawn(event, 100) for event in events)


def test_another_secret_draws_other_events(settings):
    events = [Event(pk=uuid.UUID(int=number)) for number in range(300)]
    before = [is_drawn(event, 10) for event in events]
    settings.SECRET_KEY = "another"

    assert [is_drawn(event, 10) for event in events] != before
