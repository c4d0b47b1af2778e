"""The pages: who reads which members and figures, in how many statements; each act's way by page."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import State
from incidents.models import Incident
from tests.cast import GAMBLING, Story, story_at
from tests.incidents.conftest import gathered, opened


@pytest.fixture
def members(cast, flood):
    """Led by the police, nobody's yet, and a sensitive one of the police."""
    stories = [
        story_at(cast, State.HANDLING),
        Story(cast).report().route(),
        story_at(cast, State.HANDLING, GAMBLING),
    ]
    assert not any(gathered(cast, flood, *stories).values())
    return stories


def page(client, flood, **query):
    return client.get(reverse("incidents:incident", args=[flood.pk]), query)


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("director", {0, 1, 2}),
        ("chaser", {0, 1, 2}),
        ("centre", {0, 1}),
        ("supervisor", {0, 1}),
        ("auditor", {0, 1, 2}),
        ("police", {0, 2}),
        ("city", {0, 2}),
    ],
)
def test_each_reads_and_counts_the_members_they_may_see(cast, flood, members, enter, who, seen):
    client = enter(who)
    answer = page(client, flood)
    assert answer.status_code == 200
    assert {row.event_id for row in answer.context["page"].members} == {members[n].id for n in seen}
    assert answer.context["page"].number == len(seen)
    texts = [
        answer.content.decode(),
        client.get(reverse("incidents:report", args=[flood.pk])).content.decode(),
        client.get(reverse("incidents:map", args=[flood.pk])).content.decode(),
        page(client, flood, show="steps").content.decode(),
    ]
    for number, story in enumerate(members):
        shown = any(str(story.id) in text or story.event.number in text for text in texts)
        assert shown == (number in seen), f"{who} and member {number}"
    listed = client.get(reverse("incidents:incidents")).context["incidents"]
    assert [row.number_of_members for row in listed] == [len(seen)]


@pytest.mark.parametrize("who", ["neighbour", "next_police", "fire", "housing", "worker", "admin"])
def test_others_find_nothing(cast, flood, members, enter, who):
    client = enter(who)
    assert page(client, flood).status_code == 404
    assert client.get(reverse("incidents:incidents")).context["incidents"] == []


def test_an_agency_reads_no_message_and_no_button(cast, flood, members, enter):
    enter("director").post(
        reverse("incidents:message", args=[flood.pk]), {"key": uuid.uuid4(), "text": "All is well, soon"}
    )
    assert "told 1" in page(enter("director"), flood).content.decode()
    shown = page(enter("city"), flood, show="log").content.decode()
    assert "All is well, soon" not in shown
    for name in ("gather", "close", "note"):
        assert reverse(f"incidents:{name}", args=[flood.pk]) not in shown


def test_a_members_page_names_the_incident(cast, flood, members, enter):
    for who, named in (("director", True), ("city", True), ("worker", False)):
        shown = enter(who).get(reverse("desks:event", args=[members[0].id])).content.decode()
        assert (flood.name in shown) == named, who


def test_a_task_is_ticked_untied_and_set_aside_for_a_reason(cast, flood, enter):
    client, task = enter("director"), flood.tasks.first()
    url = reverse("incidents:task", args=[flood.pk, task.pk])
    htmx = {"HX-Request": "true", "HX-Target": "incident-live"}

    assert b'id="incident-live"' in client.post(url, {"to": "done"}, headers=htmx).content
    task.refresh_from_db()
    assert (task.done_by, task.is_applicable) == (cast.director, True)
    client.post(url, {"to": "open"})
    client.post(url, {"to": "not_applicable", "note": " "})
    task.refresh_from_db()
    assert (task.done_at, task.is_applicable) == (None, True)
    client.post(url, {"to": "not_applicable", "note": "No tunnel there"})
    task.refresh_from_db()
    assert (task.is_applicable, task.note) == (False, "No tunnel there")
    kinds = list(flood.log.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["opened", "done", "undone", "not_applicable"]
    assert client.post(url, {"to": "later"}).status_code == 404
    enter("centre").post(url, {"to": "done"})
    task.refresh_from_db()
    assert task.done_at is None, "who does not command reads only"


def test_gathering_by_page_tells_what_became_of_each(cast, flood, enter):
    client, url = enter("director"), reverse("incidents:gather", args=[flood.pk])
    good, taken = Story(cast).report().route(), Story(cast).report().route()
    gathered(cast, opened(cast), taken)
    found = client.get(url, {"item": "30202"})
    assert [row.pk for row in found.context["rows"]] == [good.id]
    assert client.get(url, {"box": "120,30,120.1,30.1"}).context["rows"] == []
    assert "box" in client.get(url, {"box": "here"}).context["form"].errors
    answer = client.post(url, {"chosen": [str(good.id), str(taken.id), "x"], "reason": "Same water"})
    assert {result.event_id: result.code for result in answer.context["results"]} == {
        good.id: "",
        taken.id: "in_an_incident",
    }
    assert enter("city").get(url).status_code == 404


def test_an_incident_is_opened_by_page_with_its_first_report(cast, enter):
    story, url = Story(cast).report().route(), reverse("incidents:new")
    client = enter("director")
    assert str(story.id) in client.get(url, {"event": str(story.id)}).content.decode()
    answer = client.post(url, {"name": "Flood", "plan": "", "response": "2", "event": str(story.id)})
    incident = Incident.objects.get()
    assert answer["Location"] == reverse("incidents:incident", args=[incident.pk])
    assert (incident.response, incident.members.get().event_id) == (2, story.id)
    assert client.post(url, {"name": ""}).status_code == 400
    assert enter("police").get(url).status_code == 403


def test_closing_by_page_ends_at_the_report(cast, flood, members, enter):
    client, url = enter("director"), reverse("incidents:close", args=[flood.pk])
    assert len(client.get(url).context["rows"]) == 3
    assert client.post(url, {"conclusion": ""}).status_code == 400
    answer = client.post(url, {"conclusion": "Gone", f"what-{members[1].id}": "hand_on"})
    assert answer["Location"] == reverse("incidents:report", args=[flood.pk])
    shown = client.get(answer["Location"]).content.decode()
    assert "closed with" in shown and "handed on" in shown
    assert client.get(url).status_code == 302
    assert page(client, flood).status_code == 200


def test_the_page_takes_the_same_statements_for_three_members_and_thirty(cast, flood, members, enter):
    client = enter("director")
    page(client, flood)
    with CaptureQueriesContext(connection) as few:
        page(client, flood)
    gathered(cast, flood, *(Story(cast).report().route() for _ in range(27)))
    with CaptureQueriesContext(connection) as many:
        answer = page(client, flood)
    assert len(answer.context["page"].members) == 20 and answer.context["page"].members_next
    assert len(many) <= len(few) + 1
    assert len(many) <= 20
    story = answer.context["page"].timeline
    older = page(client, flood, after=story.after).context["page"].timeline
    assert len(story.rows) == 40 and not {row.key for row in story.rows} & {row.key for row in older.rows}
