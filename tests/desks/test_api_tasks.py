"""The work of a team as a phone keeps it: who gets which queues, what a card tells, and what a refresh costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from desks.phone_tasks import MOST_CARDS
from dispatch.permission import allowed_actions
from events.models import Event, Evidence, State
from tests.caller import EVENTS, Caller
from tests.cast import FIRE_LANE, GAMBLING, GRID, POLICE, SHOP_IN_ROAD, TEAM, VIOLENCE, Story, story_at
from tests.desks.test_query_counts import TRANSACTION

TASKS = "/api/v1/tasks/"


@pytest.fixture
def call(cast):
    def call_(name, **query):
        caller = Caller(getattr(cast, name))
        caller.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return caller.get(TASKS, **query)

    return call_


def lately(cast, state, item=SHOP_IN_ROAD, **report):
    return story_at(cast, state, item, at=timezone.now() - timedelta(minutes=30), **report)


def order(cast, *moves, by="elsewhere") -> Story:
    """An order of the team, taken by the colleague."""
    story = Story(cast, FIRE_LANE, at=timezone.now() - timedelta(minutes=30)).report(by).route()
    story.accept("community").dispatch("community", lead=TEAM, note="Take the long ladder")
    for move in moves:
        story = move(story.wait(minutes=1))
    return story


def in_rework(cast) -> Story:
    return order(
        cast, lambda s: s.sign(), lambda s: s.feed_back(), lambda s: s.rework("worker", missing="All of it")
    )


def numbers_of(body) -> dict[str, list[str]]:
    return {queue["name"]: [card["number"] for card in queue["events"]] for queue in body["queues"]}


def card_of(body, story) -> dict:
    found = [card for queue in body["queues"] for card in queue["events"] if card["id"] == str(story.id)]
    assert found and all(card == found[0] for card in found)
    return found[0]


def verbs_of(card) -> list[str]:
    return [action["verb"] for action in card["actions"]]


def test_a_workers_queues(cast, call, monkeypatch):
    monkeypatch.setattr("dispatch.verbs.desk.is_drawn", lambda event, percent: True)
    check = lately(cast, State.REPORTED).ask_check(question="Is it still there?")
    fed_back = lately(cast, State.FED_BACK)
    again, fresh = in_rework(cast), order(cast)
    closed = lately(cast, State.CLOSED)
    sample = lately(cast, State.REPORTED, FIRE_LANE, by="colleague").self_close("colleague")
    status, body = call("worker")
    assert status == 200
    found = numbers_of(body)
    assert {name: found[name] for name in ("checks", "verify", "rework", "orders", "to_rate")} == {
        "checks": [check.event.number],
        "verify": [fed_back.event.number],
        "rework": [again.event.number],
        "orders": [fresh.event.number],
        "to_rate": [closed.event.number],
    }
    assert set(found["mine"]) == {story.event.number for story in (closed, fed_back, check)}
    assert "samples" not in found, "only a leader confirms samples"
    assert numbers_of(call("leader")[1])["samples"] == [sample.event.number]
    counts = {queue["name"]: queue["count"] for queue in body["queues"]}
    assert (counts["verify"], counts["checks"], counts["mine"]) == (1, 1, None)
    assert counts["open"] == 4


def test_a_card_tells_what_the_phone_shows(cast, call):
    story = lately(cast, State.FED_BACK, description="By 13800001111", address="12 Kaixuan Road")
    card = card_of(call("leader")[1], story)
    event = story.event
    assert (card["number"], card["version"], card["item"]) == (event.number, event.version, SHOP_IN_ROAD)
    assert (card["state"], card["state_name"], card["urgency"]) == ("fed_back", "to verify", "normal")
    assert (card["description"], card["address"]) == ("By 138****1111", "12 Kaixuan Road")
    assert (card["area_code"], card["overdue"], card["mine"], card["answer"]) == (GRID, False, False, "")
    assert card["due"] and card["occurred_at"] and card["place"]
    assert (card["note"]["verb"], card["note"]["words"], card["note"]["text"]) == (
        "feed_back",
        "fed back",
        "Done",
    )
    mine = card_of(call("worker")[1], story)
    assert (mine["description"], mine["mine"], mine["answer"]) == ("By 13800001111", True, "Done")


def test_the_note_is_what_is_to_be_done_next(cast, call):
    check = lately(cast, State.REPORTED).ask_check(question="Still there?")
    again, fresh = in_rework(cast), order(cast)
    body = call("colleague")[1]
    notes = {story.id: card_of(body, story)["note"]["text"] for story in (check, again, fresh)}
    assert list(notes.values()) == ["Still there?", "All of it", "Take the long ladder"]
    silent = lately(cast, State.DISPATCHED)
    assert card_of(call("colleague")[1], silent)["note"] is None


def test_the_photos_are_the_first_before_and_the_last_after(cast, call):
    story = lately(cast, State.FED_BACK)
    event, step = story.event, story.last
    rows = [
        Evidence(
            tenant=event.tenant, event=event, kind=kind, sha256=f"{number:064}", uploaded_by=cast.police,
            promised_at=story.now, received_at=story.now + timedelta(seconds=number), content_type="image/jpeg",
            step=step if attached else None,
        )
        for number, (kind, attached) in enumerate(
            [("before_photo", False), ("before_photo", False), ("after_photo", True), ("after_photo", False)]
        )
    ]  # fmt: skip
    Evidence.objects.filter(event=event).exclude(kind="before_photo").delete()
    Evidence.objects.bulk_create(rows)
    photos = card_of(call("worker")[1], story)["photos"]
    shown = [f"/api/v1/evidence/{row.pk}/" for row in rows[:3]]
    assert [photo["url"] for photo in photos] == shown, "what a form still holds is not shown"
    assert [photo["thumbnail"] for photo in photos] == [f"{url}thumbnail/" for url in shown]
    assert [photo["kind"] for photo in photos] == ["before_photo", "before_photo", "after_photo"]


def test_what_is_offered_is_what_is_allowed(cast, call):
    stories = [lately(cast, state) for state in (State.REPORTED, State.FED_BACK, State.CLOSED)]
    stories += [order(cast), order(cast, lambda s: s.sign()), in_rework(cast)]
    stories += [lately(cast, State.REPORTED).ask_check(question="")]
    for name in ("worker", "colleague", "leader"):
        body = call(name)[1]
        for story in stories:
            if story.event.is_open or name == "worker":
                story.now = timezone.now()
                allowed = [verb.code for verb in allowed_actions(story.situation(name))]
                assert verbs_of(card_of(body, story)) == allowed, (name, story.event.state)


def test_a_form_can_be_drawn_without_asking_again(cast, call):
    story = order(cast, lambda s: s.sign())
    needs = {
        action["verb"]: {need["name"]: need for need in action["needs"]}
        for action in card_of(call("colleague")[1], story)["actions"]
    }
    evidence = needs["feed_back"]["evidence"]
    assert (evidence["required"], evidence["needed"], evidence["most_files"]) == (True, ["after_photo"], 9)
    assert {choice["value"]: choice["label"] for choice in evidence["choices"]} == {
        "after_photo": "photo after",
        "document": "document",
    }
    assert needs["feed_back"]["result"] == {
        "name": "result", "label": "Result", "kind": "text", "required": True, "options": [], "max_length": 2000,
    }  # fmt: skip
    assert needs["return"]["reason"]["choices"][0].keys() == {"value", "label"}
    assert "not_our_duty" in {choice["value"] for choice in needs["return"]["reason"]["choices"]}
    people = {choice["label"] for choice in needs["hand_to"]["handler"]["choices"]}
    assert cast.worker.display_name in people and cast.director.display_name not in people
    amount = needs["request_extension"]["amount"]
    assert (amount["min"], amount["max"], amount["unit"]) == ("1", "4", "working hours")
    hold = needs["request_hold"]["review_on"]
    today = timezone.localdate()
    assert (hold["min"], hold["max"]) == (
        str(today + timedelta(days=1)),
        str(today + timedelta(days=30)),
    )


def test_the_choices_of_an_event_have_labels_and_the_codes_stay(cast):
    story = lately(cast, State.REPORTED).ask_check(question="")
    caller = Caller(cast.worker)
    caller.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    actions = caller.get(f"{EVENTS}{story.id}/")[1]["allowed_actions"]
    finding = next(action for action in actions if action["verb"] == "answer_check")["needs"][0]
    assert finding["options"] == ["true", "not_a_fact", "other_place_or_item"]
    assert finding["choices"][1] == {"value": "not_a_fact", "label": "not a fact"}


def test_the_reporter_of_a_merged_event_reads_the_leading_ones_answer(cast, call):
    leading = lately(cast, State.REPORTED)
    story = Story(cast, at=timezone.now()).report("colleague", same_as=str(leading.id))
    card = card_of(call("colleague")[1], story)
    assert (card["state"], card["leading"], card["answer"], card["due"]) == (
        "merged",
        leading.event.number,
        "",
        None,
    )
    leading.wait(minutes=1).accept().dispatch(lead=POLICE).sign().feed_back(result="Swept, call 13800001111")
    assert card_of(call("colleague")[1], story)["answer"] == "Swept, call 13800001111"
    assert card_of(call("colleague")[1], leading)["answer"] == "", "the other's event is not one's own"


def test_nobody_reads_on_the_phone_what_is_hidden_on_the_page(cast, call):
    secret = lately(cast, State.REPORTED, GAMBLING, description="SECRET")
    lately(cast, State.FED_BACK, VIOLENCE, by="instructor", description="SECRET")
    elsewhere = Story(cast, at=timezone.now()).report("next_worker", area_code="330104006001001")
    assert card_of(call("worker")[1], secret)["sensitive"] is True
    for name in ("colleague", "leader", "community"):
        answer = str(call(name)[1])
        assert "SECRET" not in answer and str(elsewhere.id) not in answer


@pytest.mark.parametrize(
    ("who", "queues"),
    [
        ("worker", ["checks", "verify", "rework", "orders", "mine", "to_rate", "open"]),
        ("leader", ["checks", "verify", "rework", "orders", "samples", "mine", "to_rate", "open"]),
        ("community", ["mine", "to_rate"]),
        ("instructor", ["mine", "to_rate"]),
        *((name, None) for name in ("director", "acceptor", "police", "housing", "centre", "supervisor")),
        *((name, None) for name in ("auditor", "admin")),
    ],
)
def test_who_has_work_on_a_phone(cast, call, who, queues):
    status, body = call(who)
    if queues is None:
        assert (status, body["code"]) == (403, "not_permitted")
    else:
        assert (status, [queue["name"] for queue in body["queues"]]) == (200, queues)
        assert {post["kind"] for post in body["posts"]} <= {"team", "community"}


def test_the_post_asked_for_is_ones_own_or_the_first(cast, call):
    other = call("next_worker")[1]["post"]
    mine = call("worker")[1]
    assert call("worker", post=other)[1]["post"] == mine["post"] == mine["posts"][0]["id"]
    assert call("worker", post="x")[0] == 200


def test_a_queue_tells_its_first_thirty_and_how_many_there_are(cast, call):
    for _ in range(MOST_CARDS + 2):
        Story(cast, at=timezone.now()).report().route()
    queues = {queue["name"]: queue for queue in call("worker")[1]["queues"]}
    assert (queues["open"]["count"], len(queues["open"]["events"])) == (MOST_CARDS + 2, MOST_CARDS)
    assert len(queues["mine"]["events"]) == MOST_CARDS
    newest = [card["recorded_at"] for card in queues["mine"]["events"]]
    nearest = [card["due"] for card in queues["open"]["events"]]
    assert newest == sorted(newest, reverse=True) and nearest == sorted(nearest)


def test_an_unchanged_refresh_costs_less_than_a_kilobyte(cast):
    story = lately(cast, State.FED_BACK)
    client = Caller(cast.worker).client
    first = client.get(TASKS)
    etag = first.headers["ETag"]
    again = client.get(TASKS, headers={"if-none-match": etag})
    size = sum(len(f"{name}: {value}\r\n") for name, value in again.headers.items()) + len(again.content)
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "private, no-cache")
    assert size < 1000
    assert client.get(TASKS, headers={"if-none-match": f'W/{etag}, "x"'}).status_code == 304
    story.rework("worker", missing="All")
    assert client.get(TASKS, headers={"if-none-match": etag}).status_code == 200
    other = Caller(cast.leader).client.get(TASKS, headers={"if-none-match": etag})
    assert other.status_code == 200, "nobody's answer is another's"


def test_overdue_is_a_change(cast):
    client = Caller(cast.worker).client
    story = lately(cast, State.REPORTED)
    first = client.get(TASKS)
    Event.objects.filter(pk=story.id).update(due=timezone.now() - timedelta(minutes=1))
    again = client.get(TASKS, headers={"if-none-match": first.headers["ETag"]})
    assert again.status_code == 200 and card_of(again.json(), story)["overdue"] is True


def test_all_of_it_takes_twelve_statements(cast, monkeypatch):
    """1 session, 2 person, 3 the queues, 4 the events with the answers, 5 orders, 6 clocks, 7 asks, 8 own work, 9 reasons,
    10 colleagues, 11 photos, 12 the words to act on; twice as many events cost no statement more."""
    monkeypatch.setattr("dispatch.verbs.desk.is_drawn", lambda event, percent: True)
    client = Caller(cast.leader).client
    client.get(TASKS)
    for _ in range(2):
        lately(cast, State.REPORTED).ask_check(question="Still there?")
        lately(cast, State.FED_BACK)
        lately(cast, State.FED_BACK).rework(missing="x").feed_back()
        lately(cast, State.CLOSED, by="leader")
        in_rework(cast)
        order(cast)
        order(cast, lambda s: s.sign())
        lately(cast, State.REPORTED, FIRE_LANE, by="colleague").self_close("colleague")
        with CaptureQueriesContext(connection) as captured:
            body = client.get(TASKS).json()
        assert all(queue["events"] for queue in body["queues"])
        found = [query["sql"] for query in captured if not query["sql"].startswith(TRANSACTION)]
        assert len(found) <= 12, "\n".join(sql[:200] for sql in found)
