"""Who else is at an event: colleagues by name, others by their organisation if it takes part, else nobody."""

import pytest
import redis

from accounts.scope import scope_of
from live import presence
from live.presence import colleagues_at, look, others
from tests.cast import GAMBLING, POLICE, Cast, Story
from tests.test_leaks import client_of


@pytest.fixture
def cast(db, valkey, monkeypatch) -> Cast:
    monkeypatch.setattr(presence, "_rests_until", 0.0)
    return Cast()


def seen_by(story: Story, cast: Cast, name: str) -> set[str]:
    user = getattr(cast, name)
    return {each.name for each in others(story.event, user, scope_of(user))}


def comes(story: Story, cast: Cast, name: str, **how: bool) -> None:
    user = getattr(cast, name)
    look(story.event, user, scope_of(user), **how)


def test_names_stay_within_the_organisation_and_strangers_are_not_told(cast):
    story = Story(cast).report().route().accept().dispatch(lead=POLICE)
    for name in ("acceptor", "dispatcher", "police", "supervisor"):
        comes(story, cast, name)
    room = story.event.desk.name
    station = story.event.lead.name
    assert seen_by(story, cast, "acceptor") == {cast.dispatcher.display_name, station}
    assert seen_by(story, cast, "police") == {room}
    assert seen_by(story, cast, "supervisor") == {room, station}
    comes(story, cast, "police", leaves=True)
    assert station not in seen_by(story, cast, "acceptor")


def test_who_is_out_of_scope_is_neither_told_nor_noted(cast):
    story = Story(cast, GAMBLING).report().route()
    answer = client_of(cast.neighbour).post(f"/events/{story.id}/presence/")
    assert answer.status_code == 404
    assert seen_by(story, cast, "acceptor") == set()
    page = client_of(cast.dispatcher).post(f"/events/{story.id}/presence/", {"works": "1"})
    assert page.status_code == 200
    assert [each.works for each in others(story.event, cast.acceptor, scope_of(cast.acceptor))] == [True]


def test_a_reporter_whose_name_is_kept_is_not_there(cast):
    story = Story(cast).report("colleague", confidential=True).route()
    comes(story, cast, "colleague")
    assert seen_by(story, cast, "worker") == seen_by(story, cast, "acceptor") == set()


def test_changes_are_hinted_once(cast, monkeypatch):
    told: list[dict] = []
    monkeypatch.setattr(presence, "publish", told.append)
    story = Story(cast).report().route()
    comes(story, cast, "acceptor")
    comes(story, cast, "acceptor")
    comes(story, cast, "acceptor", works=True)
    comes(story, cast, "acceptor", leaves=True)
    assert len(told) == 3 and all(each["presence"] for each in told)


def test_without_valkey_nobody_is_there_and_nothing_fails(cast, valkey):
    story = Story(cast).report().route()
    valkey.kill()
    comes(story, cast, "acceptor")
    assert seen_by(story, cast, "dispatcher") == set()


def row_marks(story: Story, cast: Cast, name: str) -> dict:
    user = getattr(cast, name)
    return colleagues_at([story.id], user, scope_of(user))


def test_a_row_tells_that_a_colleague_is_there_and_names_nobody(cast):
    story = Story(cast).report().route().accept().dispatch(lead=POLICE)
    comes(story, cast, "acceptor")
    assert row_marks(story, cast, "dispatcher") == {story.id: False}
    assert row_marks(story, cast, "acceptor") == {}  # Oneself is no colleague.
    assert row_marks(story, cast, "police") == row_marks(story, cast, "supervisor") == {}
    page = client_of(cast.dispatcher).get("/?queue=open").content.decode()
    assert page.count("at-event") == 1 and "ti-eye" in page
    assert cast.acceptor.display_name not in page
    comes(story, cast, "acceptor", works=True)
    assert (
        'class="flag at-event is-working"' in client_of(cast.dispatcher).get("/?queue=open").content.decode()
    )
    assert "at-event" not in client_of(cast.police).get("/?queue=in_hand").content.decode()
    assert "at-event is-working" in client_of(cast.dispatcher).get("/events/").content.decode()
    assert "at-event" not in client_of(cast.police).get("/events/").content.decode()
    comes(story, cast, "acceptor", leaves=True)
    assert row_marks(story, cast, "dispatcher") == {}


def test_a_page_of_rows_costs_one_round_trip_to_valkey_and_no_query(
    cast, monkeypatch, django_assert_num_queries
):
    stories = [Story(cast).report().route() for _number in range(5)]
    for story in stories:
        comes(story, cast, "acceptor")
    scope, sent = scope_of(cast.dispatcher), []
    execute = redis.client.Pipeline.execute
    monkeypatch.setattr(redis.client.Pipeline, "execute", lambda self: sent.append(1) or execute(self))
    with django_assert_num_queries(0):
        there = colleagues_at([story.id for story in stories], cast.dispatcher, scope)
    assert len(there) == 5 and len(sent) == 1


def test_without_valkey_rows_show_nobody_and_the_page_stands(cast, valkey):
    story = Story(cast).report().route()
    comes(story, cast, "acceptor")
    valkey.kill()
    page = client_of(cast.dispatcher).get("/?queue=open")
    assert page.status_code == 200 and "at-event" not in page.content.decode()
    assert f"row-{story.id}" in page.content.decode()
