"""An event's way, move by move: whose browsers are told, of what kind, and whose are not."""

import json

import pytest
from django.utils import timezone

from accounts.actions import end_post
from accounts.models import Post
from accounts.sessions import Session
from dispatch import advance
from events.models import Event
from live.matching import Moved, kind_for
from live.session import Listener, listener_of, still_listening
from tests.cast import EVERYBODY, GAMBLING, POLICE, SHOP_IN_ROAD, Cast, Story
from tests.test_leaks import client_of

WAY = [
    # move, its arguments, who gets 'arrived', some who get nothing
    ("report", {}, set(), {"police", "fire", "neighbour"}),
    ("route", {}, {"acceptor", "dispatcher", "verifier", "director"}, {"police", "fire", "neighbour"}),
    ("accept", {}, set(), {"police", "fire", "neighbour"}),
    ("dispatch", {"lead": POLICE}, {"police"}, {"fire", "neighbour"}),
    ("sign", {}, set(), {"fire", "neighbour"}),
    ("feed_back", {}, {"acceptor", "dispatcher", "verifier", "director"}, {"fire", "neighbour"}),
]


@pytest.fixture
def told(monkeypatch) -> list[dict]:
    messages: list[dict] = []
    monkeypatch.setattr(advance, "publish", lambda message: messages.append(json.loads(json.dumps(message))))
    return messages


def listeners(cast: Cast) -> dict[str, Listener]:
    found = {}
    for name in EVERYBODY:
        key = client_of(getattr(cast, name)).session.session_key
        found[name] = listener_of(key)
        assert found[name], name
    return found


@pytest.mark.parametrize("item", [SHOP_IN_ROAD, GAMBLING])
def test_each_move_is_told_to_those_who_see_the_event_and_to_nobody_else(
    db, told, item, django_capture_on_commit_callbacks
):
    cast = Cast()
    browsers, story = listeners(cast), Story(cast, item)
    before: set[str] = set()
    for verb, arguments, arrived, nobody in WAY:
        with django_capture_on_commit_callbacks(execute=True):
            getattr(story, verb)(**arguments)
        moved = Moved.read(told.pop())
        kinds = {name: kind_for(listener, moved) for name, listener in browsers.items()}
        sees = {
            name for name in browsers if Event.objects.visible_to(getattr(cast, name)).filter(pk=story.id)
        }
        assert {name for name, kind in kinds.items() if kind in ("arrived", "changed")} == sees, verb
        assert {name for name, kind in kinds.items() if kind == "left"} == before - sees, verb
        assert arrived - {name for name, kind in kinds.items() if kind == "arrived"} <= _movers(cast, moved)
        assert not {name for name in nobody if kinds[name]}, verb
        told.clear()
        before = sees


def _movers(cast: Cast, moved: Moved) -> set[str]:
    """Who moved it is not told that it arrived."""
    return {name for name in EVERYBODY if getattr(cast, name).pk == moved.by}


def test_a_hint_holds_no_content(db, told, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        Story(Cast()).report(description="MARKTEXT", address="MARKPLACE")
    assert "MARK" not in json.dumps(told)


def test_a_session_that_ended_and_a_post_that_was_lost_are_told_nothing_more(db):
    cast = Cast()
    now = timezone.now()
    browsers = listeners(cast)
    three = [browsers[name] for name in ("acceptor", "dispatcher", "verifier")]
    assert len(still_listening(three, now=now)) == 3
    Session.objects.filter(pk=three[0].session_key).delete()
    for post in Post.objects.filter(user=cast.dispatcher):
        end_post(post=post, by=None, at=now)
    assert set(still_listening(three, now=timezone.now())) == {three[2].session_key}


def test_listening_is_no_sign_of_life(db):
    key = client_of(Cast().acceptor).session.session_key
    before = Session.objects.values_list("expire_date", "seen_at").get(pk=key)
    listener_of(key)
    assert Session.objects.values_list("expire_date", "seen_at").get(pk=key) == before
    assert listener_of("no-such-key") is None
