"""The event page: who sees what of an event, in which words, and at what cost."""

import re
import uuid
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

import dispatch.report
from desks.event_page import EventPage
from desks.timeline import FLAGS, ICONS, PARAMS, Words, timeline
from dispatch.conditions import DESK_MAY_VERIFY
from dispatch.workflow import VERBS
from events.models import State, Step
from incidents import effects
from tests.cast import CITY, FIRE, POLICE, VIOLENCE, WAYS, Cast, Story

TABLES = re.compile(r'(?:FROM|UPDATE|INTO) "(\w+)"')


def told(cast: Cast, state: State, **report) -> Story:
    """An event reported half an hour ago and moved to a state."""
    story = Story(cast, at=timezone.now() - timedelta(minutes=30)).report(**report).route()
    for verb, needed in WAYS[state]:
        getattr(story.wait(minutes=1), verb)(**needed)
    return story


def page_of(story: Story) -> str:
    return reverse("desks:event", args=[story.id])


def statements(browser, address: str) -> list[str]:
    """The tables the page's statements begin with, once everything that is kept in memory is there."""
    assert browser.get(address).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        browser.get(address)
    return [TABLES.search(query["sql"]).group(1) for query in queries if TABLES.search(query["sql"])]


# Who sees it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["worker", "community", "director", "police", "city", "centre", "supervisor"])
def test_those_it_concerns_see_it_in_full(cast, enter, who):
    page = enter(who).get(page_of(told(cast, State.HANDLING)))

    assert page.status_code == 200
    assert "Boxes block the way" in page.content.decode()


@pytest.mark.parametrize("who", ["neighbour", "next_worker", "next_police", "fire", "housing"])
def test_for_others_it_does_not_exist(cast, enter, who):
    story = told(cast, State.HANDLING)

    assert enter(who).get(page_of(story)).status_code == 404
    assert enter(who).get(reverse("desks:event", args=[uuid.uuid4()])).status_code == 404


def test_an_agency_that_returned_it_keeps_its_own_steps_only(cast, enter):
    story = told(cast, State.DISPATCHED).return_(reason="not_our_duty", explanation="Ask the market bureau")

    page = enter("police").get(page_of(story))
    text = page.content.decode()

    assert page.status_code == 200
    assert page.templates[0].name == "desks/own_steps.html"
    assert [entry.step.verb for entry in page.context["page"].timeline] == ["return"]
    assert "Ask the market bureau" in text and "Not our duty" in text
    for hidden in ("Boxes block the way", cast.worker.display_name, cast.dispatcher.display_name):
        assert hidden not in text


def test_a_sensitive_event_leaves_no_step_behind(cast, enter):
    story = Story(cast, VIOLENCE, at=timezone.now()).report().route().accept("director")
    story.dispatch("director", lead=POLICE).return_(reason="wrong_place", explanation="Next street")

    assert enter("police").get(page_of(story)).status_code == 404


def test_a_reporter_who_asked_for_it_is_not_named_to_the_handler(cast, enter):
    story = told(cast, State.DISPATCHED, confidential=True)
    name, phone = cast.worker.display_name, cast.worker.phone[-4:]

    for who in ("police", "supervisor"):
        text = enter(who).get(page_of(story)).content.decode()
        assert name not in text and phone not in text
        assert "Name kept from the handler" in text
    for who in ("worker", "director"):
        assert name in enter(who).get(page_of(story)).content.decode()


def test_a_desk_that_may_not_check_yet_is_told_who_does(cast, enter):
    story = told(cast, State.FED_BACK)
    with translation.override("en"):
        words = str(DESK_MAY_VERIFY.message)
    assert words in enter("verifier").get(page_of(story)).content.decode()
    assert words not in enter("police").get(page_of(story)).content.decode()


def test_a_phone_is_masked(cast, enter):
    text = enter("director").get(page_of(told(cast, State.REPORTED))).content.decode()

    phone = cast.worker.phone
    assert phone not in text
    assert f"{phone[:3]}****{phone[-4:]}" in text


# What it costs --------------------------------------------------------------------------------------

ALWAYS = {
    "accounts_session": 1,
    "accounts_user": 1,  # with the district
    "events_event": 2,  # with item, category, desk, holder, lead, reporter; those linked with it
    "events_step": 1,  # with actor, organisation, post and text
    "events_evidence": 1,
    "dispatch_assignment": 1,
    "dispatch_clock": 1,
    "accounts_organization": 1,  # names for the codes in the steps
}
MORE = {
    # whether a check has been asked for before; what it may be the same as, less what the desk found not to be
    (State.REPORTED, "director"): {"dispatch_ask": 1, "desks_notsame": 1},
    (State.ACCEPTED, "director"): {"desks_notsame": 1},
}


@pytest.mark.parametrize("who", ["director", "worker", "verifier"])
@pytest.mark.parametrize(
    "state", [State.REPORTED, State.ACCEPTED, State.HANDLING, State.FED_BACK, State.CLOSED]
)
def test_a_page_takes_these_statements(cast, enter, state, who):
    story = told(cast, state)

    found = Counter(statements(enter(who), page_of(story)))

    assert found == Counter(ALWAYS) + Counter(MORE.get((state, who), {}))
    assert found.total() <= 15


def test_a_long_story_takes_two_statements_more_for_its_reasons_and_what_is_asked(cast, enter):
    story = told(cast, State.DISPATCHED)
    for _time in range(2):
        story.wait(seconds=1).recall(reason="Wrong agency").dispatch(lead=FIRE, assistants=[POLICE, CITY])
        story.comment(text="Hurry")
    story.return_(by="fire", reason="not_our_duty", explanation="No")

    found = Counter(statements(enter("director"), page_of(story)))

    assert found == Counter(ALWAYS) + Counter({"dispatch_reason": 1, "dispatch_ask": 1, "desks_notsame": 1})


# In words -------------------------------------------------------------------------------------------


def lines_of(cast: Cast, story: Story, verb: str, language: str = "en") -> dict[str, str]:
    with translation.override(language):
        steps = list(Step.objects.filter(event=story.id, verb=verb).select_related("text", "organization"))
        (entry,) = timeline(steps, words=Words(cast.district, steps), with_persons=False)
        return {str(line.label): str(line.value) for line in entry.lines}


def test_a_dispatch_names_its_organisations_and_limit(cast):
    story = told(cast, State.ACCEPTED).dispatch(lead=POLICE, assistants=[CITY, FIRE], amount=2, note="Today")

    told_in_english = lines_of(cast, story, "dispatch")

    assert told_in_english["Lead"] == story.event.lead.name_en
    assert len(told_in_english["Assistants"].split("; ")) == 2
    assert told_in_english["Shorter limit"] == "2 working hours"
    assert told_in_english["Note"] == "Today"
    assert story.event.lead.name_zh in lines_of(cast, story, "dispatch", "zh-hans").values()


def test_a_corrected_item_tells_old_and_new(cast):
    story = told(cast, State.REPORTED).accept(item="20102")

    words = lines_of(cast, story, "accept")
    assert re.fullmatch(r"30202 .+ → 20102 .+", words["Item"])
    assert re.fullmatch(r".+:\d\d.* → .+:\d\d.*", words["Whole deadline"])


def test_a_return_tells_its_reason_in_words(cast):
    story = told(cast, State.DISPATCHED).return_(reason="wrong_place", explanation="Over the bridge")

    told_in_english = lines_of(cast, story, "return")

    assert told_in_english["Reason"] == "Place outside our area"
    assert told_in_english["Explanation"] == "Over the bridge"


def test_a_feedback_names_who_did_not_answer(cast):
    story = told(cast, State.FED_BACK)

    assert lines_of(cast, story, "feed_back")["Assistants without an answer"]


def test_a_route_tells_why(cast):
    assert "The desk of the place" in lines_of(cast, told(cast, State.REPORTED), "route")["Why"]


def test_an_erased_text_leaves_a_note(cast):
    story = told(cast, State.REPORTED).reject(reason="unclear", answer="Where?")
    step = Step.objects.select_related("text").get(event=story.id, verb="reject")
    step.text.content = {}

    with translation.override("en"):
        (entry,) = timeline([step], words=Words(cast.district, [step]), with_persons=False)
        shown = [(str(line.label), str(line.value)) for line in entry.lines]

    assert shown[-1] == ("Text", "erased")


def test_every_flag_and_every_ready_verb_has_its_words_and_its_icon():
    folder = Path(dispatch.report.__file__).parent
    files = [*folder.glob("report*.py"), folder / "same_as.py", folder / "verbs" / "notes.py"]
    files.append(Path(effects.__file__))
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    flags = r'"(on_edge|outside_\w+|no_point|place_unknown|clock_\w+|long_ago|bad_rating|in_incident|same_as_\w+)"'
    named = set(re.findall(flags, source))

    assert named == set(FLAGS)
    assert set(VERBS) == set(ICONS)
    assert {"lead", "assistants", "desk", "reason", "why", "amount"} <= set(PARAMS)


def test_the_page_tells_flags_clocks_and_people(cast, enter):
    story = told(cast, State.HANDLING)
    text = enter("director").get(page_of(story)).content.decode()

    assert str(FLAGS["no_point"]) in text
    assert "4 working hours" in text
    assert story.event.lead.name in text
    assert cast.acceptor.display_name in text


def test_photos_that_are_promised_are_announced(cast, enter):
    text = enter("director").get(page_of(told(cast, State.REPORTED))).content.decode()

    assert "one file is still coming" in text


def test_an_ended_clock_tells_whether_it_was_in_time(cast):
    story = told(cast, State.ACCEPTED)
    story.wait(days=9).dispatch(lead=POLICE)

    page = EventPage(story.event, cast.actor("director"), timezone.now())

    assert {row.clock.kind: row.tone for row in page.ended_clocks} == {"accept": "done", "dispatch": "late"}
    assert page.late_clocks == 1


# What it offers -------------------------------------------------------------------------------------

OFFERS = {
    ("acceptor", State.REPORTED): [
        "accept", "self_close", "merge", "split", "correct", "escalate", "join_incident", "ask_check", "transfer",
        "answer_reporter", "comment", "reject",
    ],
    ("dispatcher", State.ACCEPTED): ["dispatch", "hand_down", "join_incident", "comment"],
    ("police", State.DISPATCHED): ["sign", "hand_to", "comment", "return"],
    ("city", State.DISPATCHED): ["assist_sign", "assist_decline", "hand_to", "comment"],
    ("police", State.HANDLING): ["feed_back", "hand_to", "request_extension", "request_hold", "comment", "return"],
    ("worker", State.FED_BACK): ["verify", "rework"],
    ("supervisor", State.CLOSED): ["comment", "reopen"],
    ("worker", State.CLOSED): ["rate"],
}  # fmt: skip


@pytest.mark.parametrize(("who", "state"), OFFERS)
def test_the_buttons_are_the_tables(cast, enter, who, state):
    text = enter(who).get(page_of(told(cast, state))).content.decode()

    assert re.findall(r'data-move="(\w+)"', text) == OFFERS[who, state]
