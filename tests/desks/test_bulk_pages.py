"""The pages of a bulk move: first what it would do, then what became of each, then back."""

import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dispatch.routing import propose
from events.models import State
from tests.cast import POLICE, story_at, unit

URL = "/events/bulk/"


@pytest.fixture
def client_of(cast):
    def client_of_(name):
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(getattr(cast, name), backend="accounts.backends.PostBackend")
        return client

    return client_of_


def now_story(cast, state):
    return story_at(cast, state, at=timezone.now())


def chosen(*stories):
    return [f"{story.id}:{story.event.version}" for story in stories]


def test_it_says_before_what_would_be_refused_and_moves_nothing(cast, client_of):
    ready, late = now_story(cast, State.REPORTED), now_story(cast, State.ACCEPTED)
    foreign = f"{uuid.uuid4()}:1"
    page = client_of("acceptor").post(URL, {"verb": "accept", "event": [*chosen(ready, late), foreign]})
    text = page.content.decode()
    assert page.status_code == 200
    assert "2 would be refused" in text and "One goes ahead" in text
    assert "An event that is not in your area" in text
    assert re.findall(r'name="event" value="([^"]+)"', text) == chosen(ready)
    assert ready.event.state == State.REPORTED


def test_each_gets_its_answer_and_the_order_can_be_taken_back(cast, client_of):
    client = client_of("dispatcher")
    stories = [now_story(cast, State.ACCEPTED) for _n in range(2)]
    sent = {"verb": "dispatch", "event": chosen(*stories), "sure": "1", "bulk_id": str(uuid.uuid4())}
    text = client.post(URL, sent | {"lead": unit(POLICE).pk}).content.decode()
    assert "2 are done" in text and "Undo: recall all 2" in text
    assert {story.event.state for story in stories} == {State.DISPATCHED}
    back = re.findall(r'name="event" value="([^"]+)"', text)
    done = client.post(URL, {"verb": "recall", "event": back, "sure": "1", "reason": "By mistake"})
    assert "2 are done" in done.content.decode()
    assert {story.event.state for story in stories} == {State.ACCEPTED}


def test_each_row_of_a_dispatch_says_to_whom_it_would_go(cast, client_of):
    ready, sent = now_story(cast, State.ACCEPTED), now_story(cast, State.DISPATCHED)
    page = (
        client_of("dispatcher").post(URL, {"verb": "dispatch", "event": chosen(ready, sent)}).content.decode()
    )
    addresses = re.findall(r'hx-get="([^"]+/proposed/)"', page)
    assert addresses == [f"/events/{ready.id}/proposed/"]

    told = client_of("dispatcher").get(addresses[0]).content.decode()
    lead = propose(ready.event, district=cast.district, at=timezone.now()).lead
    assert lead.name in told
    assert lead.name not in client_of("worker").get(addresses[0]).content.decode()
    assert client_of("neighbour").get(addresses[0]).status_code == 404
    late = client_of("dispatcher").get(f"/events/{sent.id}/proposed/").content.decode()
    assert "bulk-why" in late and lead.name not in late


def test_words_are_asked_for_and_strange_input_is_no_fault(cast, client_of):
    story, client = now_story(cast, State.ACCEPTED), client_of("director")
    assert client.post(URL, {"verb": "urge", "event": chosen(story), "sure": "1"}).status_code == 400
    assert client.post(URL, {"verb": "accept"}).status_code == 400
    assert client.post(URL, {"verb": "accept", "event": ["nonsense", "::"]}).status_code == 400
    assert client.post(URL, {"verb": "void", "event": chosen(story)}).status_code == 404
    many = [f"{uuid.uuid4()}:1" for _n in range(101)]
    assert b"At most 100" in client.post(URL, {"verb": "accept", "event": many, "sure": "1"}).content
    assert client.get(URL).status_code == 302
    assert story.event.urge_count == 0


def test_the_page_that_asks_costs_at_most_ten_statements(cast, client_of):
    stories = [now_story(cast, State.REPORTED) for _n in range(4)]
    client = client_of("acceptor")
    client.post(URL, {"verb": "accept", "event": chosen(*stories)})
    with CaptureQueriesContext(connection) as captured:
        client.post(URL, {"verb": "accept", "event": chosen(*stories)})
    assert len([row for row in captured if "SAVEPOINT" not in row["sql"]]) <= 10


def test_the_bar_offers_what_the_posts_may_do(cast, client_of):
    now_story(cast, State.REPORTED)
    text = client_of("acceptor").get("/?queue=to_accept").content.decode()
    assert "data-bulk-row" in text
    assert re.findall(r'name="verb" value="(\w+)"', text) == ["accept", "comment"]
