"""Major incidents for programs: as the pages, and every post may be sent again."""

import uuid
from datetime import timedelta

import pytest

from events.models import State, Step
from incidents.models import Incident, Message
from tests.caller import Caller
from tests.cast import GAMBLING, MONDAY, Story, story_at
from tests.incidents.conftest import gathered, opened

INCIDENTS = "/api/v1/incidents/"


@pytest.fixture
def call(cast):
    return lambda name: Caller(getattr(cast, name))


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


def an_opening(**change):
    return {"request_id": str(uuid.uuid4()), "name": "Flood", "plan": "flooding", "response": 2} | change


def test_an_incident_opened_twice_under_one_key_is_one(cast, call):
    story, asked = Story(cast).report().route(), an_opening(summary="Deep")
    asked["event"] = str(story.id)
    status, body = call("director").post(INCIDENTS, asked)
    assert (status, body["plan"], body["number_of_members"], body["may_act"]) == (201, "flooding", 1, True)
    assert call("director").post(INCIDENTS, asked) == (200, body)
    status, refused = call("director").post(INCIDENTS, asked | {"name": "Other"})
    assert (status, refused["code"]) == (409, "different_content")
    assert Incident.objects.get().tasks.count() == 8


@pytest.mark.parametrize(
    ("who", "change", "status", "code"),
    [
        ("police", {}, 403, "no_command"),
        ("director", {"plan": "war"}, 400, "invalid_input"),
        ("director", {"name": ""}, 400, "invalid_input"),
        ("director", {"event": str(uuid.UUID(int=1))}, 404, "not_found"),
    ],
)
def test_a_refused_opening_opens_nothing(call, who, change, status, code):
    answered, body = call(who).post(INCIDENTS, an_opening(**change))
    assert (answered, body["code"]) == (status, code)
    assert not Incident.objects.exists()


@pytest.mark.parametrize(("who", "seen"), [("director", {0, 1, 2}), ("centre", {0, 1}), ("city", {0, 2})])
def test_each_reads_the_members_they_may_see(cast, flood, members, call, who, seen):
    here = f"{INCIDENTS}{flood.pk}/"
    status, body = call(who).get(f"{here}events/")
    assert status == 200
    assert {row["event"]["id"] for row in body["results"]} == {str(members[n].id) for n in seen}
    status, body = call(who).get(here)
    assert (body["number_of_members"], sum(row["number"] for row in body["states"])) == (len(seen), len(seen))
    assert body["may_act"] == (who == "director")
    status, rows = call(who).get(f"{here}tasks/")
    assert [row["position"] for row in rows] == list(range(1, 9))
    assert [row["id"] for row in call(who).get(INCIDENTS)[1]["results"]] == [flood.pk]


def test_long_lists_come_in_pages(cast, flood, members, call):
    newest = opened(cast)
    for path, most in ((INCIDENTS, 2), (f"{INCIDENTS}{flood.pk}/events/", 3)):
        found, url = [], f"{path}?page_size=1"
        while url:
            _status, body = call("director").get(url)
            assert len(body["results"]) == 1
            found += body["results"]
            url = body["next"]
        assert len(found) == most
    assert call("director").get(INCIDENTS)[1]["results"][0]["id"] == newest.pk
    assert call("director").get(f"{INCIDENTS}?state=lost")[0] == 400
    assert call("director").get(f"{INCIDENTS}?state=closed")[1]["results"] == []


def test_gathering_says_what_became_of_each_and_brings_nothing_back(cast, flood, call):
    here = f"{INCIDENTS}{flood.pk}/events/"
    good, taken, nowhere = Story(cast).report().route(), Story(cast).report().route(), uuid.UUID(int=1)
    gathered(cast, opened(cast), taken)
    asked = {"request_id": str(uuid.uuid4()), "events": [str(good.id), str(taken.id), str(nowhere)]}
    status, rows = call("director").post(here, asked)
    assert status == 200
    assert [row["code"] for row in rows] == ["", "in_an_incident", "not_found"] and rows[1]["message"]
    good.leave_incident("director", reason="Elsewhere")
    call("director").post(here, asked)
    assert not flood.members.filter(left_at=None).exists(), "a repeat is no second wish"
    assert Step.objects.filter(event=good.id, verb="join_incident").count() == 1
    assert (
        call("director").post(here, asked | {"events": ["x"]})[1]["fields"]["events"][0]["code"] == "invalid"
    )


def test_a_message_sent_twice_reaches_each_once(cast, flood, members, call):
    here = f"{INCIDENTS}{flood.pk}/messages/"
    asked = {"request_id": str(uuid.uuid4()), "text": "It is being pumped off."}
    status, body = call("director").post(here, asked)
    assert (status, body["reporters"]["told"]) == (201, 1)
    assert call("director").post(here, asked) == (200, body)
    assert call("director").post(here, asked | {"text": "Other"})[1]["code"] == "different_content"
    assert Message.objects.count() == 1
    assert call("centre").post(here, asked)[1]["code"] == "not_the_command"
    assert call("neighbour").post(here, asked)[0] == 404


def test_closing_tells_the_options_and_may_be_sent_again(cast, flood, members, call):
    here = f"{INCIDENTS}{flood.pk}/closing/"
    status, body = call("director").get(here)
    assert status == 200 and len(body["members"]) == 3
    assert all("hand_on" in row["options"] for row in body["members"])
    choices = [{"event": str(members[1].id), "what": "verify"}]
    assert (
        call("director").post(here, {"conclusion": "Gone", "choices": choices})[1]["code"] == "not_a_choice"
    )
    asked = {"conclusion": "Gone", "choices": [{"event": str(members[1].id), "what": "hand_on"}]}
    status, closed = call("director").post(here, asked)
    assert (status, closed["state"], closed["members"]) == (200, "closed", [])
    assert call("director").post(here, asked) == (200, closed)
    assert call("director").post(here, asked | {"conclusion": "Not"})[1]["code"] == "incident_closed"
    assert call("centre").get(here)[1]["code"] == "not_the_command"
    assert Incident.objects.get().closed_at > MONDAY + timedelta(days=1)
