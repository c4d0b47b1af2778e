"""The forms of the moves: what they show before, what they keep after a refusal, and what a move costs."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from dispatch.workflow import VERBS
from dispatch.working_time import Limit
from events.models import Evidence, State
from tests.cast import CITY, FIRE_LANE, POLICE, ROOM, WAYS, Cast, Story, unit

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def told(cast: Cast, state: State, item: str = "30202") -> Story:
    """An event reported half an hour ago and moved to a state."""
    story = Story(cast, item, at=timezone.now() - timedelta(minutes=30)).report().route()
    for verb, needed in WAYS[state]:
        getattr(story.wait(minutes=1), verb)(**needed)
    return story


def address(story: Story, verb: str) -> str:
    return reverse("desks:move", args=[story.id, verb])


def page_of(story: Story) -> str:
    return reverse("desks:event", args=[story.id])


def photo(colour: str = "red") -> SimpleUploadedFile:
    file = SimpleUploadedFile("photo.jpg", b"", "image/jpeg")
    Image.new("RGB", (80, 60), colour).save(file, "JPEG")
    file.seek(0)
    return file


# Before it is sent ----------------------------------------------------------------------------------


def test_a_form_is_a_page_and_for_htmx_a_fragment(cast, enter):
    story, browser = told(cast, State.REPORTED), enter("acceptor")

    page = browser.get(address(story, "accept")).content.decode()
    fragment = browser.get(address(story, "accept"), headers=HTMX).content.decode()

    assert "<html" in page and 'method="post"' in page
    assert "<html" not in fragment and "data-move-form" in fragment
    assert f'name="version" value="{story.event.version}"' in fragment
    assert re.search(r'name="request_id" value="[0-9a-f-]{36}"', fragment)


def test_the_lead_of_the_list_is_chosen_and_explained(cast, enter):
    story = told(cast, State.ACCEPTED)

    text = enter("dispatcher").get(address(story, "dispatch")).content.decode()

    proposed = re.search(r"Proposed by the list of responsibilities: <b>(.+?)</b>", text).group(1)
    chosen = rf'data-name="{re.escape(proposed)}" data-digit="1" checked data-focus'
    assert re.search(chosen, text) and "responsible by the list" in text
    assert '<p class="choices-kind">department</p>' in text
    assert f'name="assistants" value="{unit(POLICE).pk}"' in text


def test_the_deadline_is_told_before_sending(cast, enter):
    story, browser = told(cast, State.ACCEPTED), enter("dispatcher")

    whole = browser.get(address(story, "dispatch")).content.decode()
    shorter = browser.get(address(story, "dispatch"), {"amount": 1}, headers=HTMX)
    too_long = browser.get(address(story, "dispatch"), {"amount": 99}).content.decode()

    assert "Sent now with 4 working hours:" in whole and "Whole deadline" in whole
    assert "Sent now with 1 working hour:" in shorter.content.decode()
    assert "Sent now with 4 working hours:" in too_long
    move = shorter.context["page"]
    hour = Limit.from_item(1, "working_hours")
    assert move.deadline == move.situation.calendar.due(move.situation.now, hour)


def test_the_needed_evidence_is_told_before_sending(cast, enter):
    story = told(cast, State.HANDLING)

    page = enter("police").get(address(story, "feed_back"))

    slots = {slot.kind: slot.needed for slot in page.context["page"].slots}
    assert slots == {"after_photo": True, "document": False}
    assert 'capture="environment"' in page.content.decode()


def test_the_lead_sees_who_has_not_answered(cast, enter):
    story = told(cast, State.HANDLING)

    text = enter("police").get(address(story, "feed_back")).content.decode()
    story.assist_sign("city").assist_feed_back("city", result="Done")
    later = enter("police").get(address(story, "feed_back")).content.decode()

    assert "These assistants have not fed back yet" in text and unit(CITY).name_en in text
    assert "These assistants have not fed back yet" not in later


def test_a_file_sent_before_is_still_in_the_form(cast, enter):
    story = told(cast, State.HANDLING)
    (key,) = story.evidence("police", "after_photo")

    assert (
        f'name="evidence" value="{key}" checked'
        in enter("police").get(address(story, "feed_back")).content.decode()
    )


def test_who_checks_reads_what_the_lead_wrote_and_what_it_is_about(cast, enter):
    story = told(cast, State.HANDLING).feed_back(result="Lamp changed, call 13800001111")

    text = enter("worker").get(address(story, "verify")).content.decode()
    other = enter("worker").get(address(story, "comment")).content.decode()

    assert "Lamp changed" in text and "13800001111" not in text and story.event.number in text
    assert "Lamp changed" not in other


@pytest.mark.parametrize("verb", ["report", "route", "remind", "mark_overdue", "no_such_verb"])
def test_what_is_no_persons_move_has_no_form(cast, enter, verb):
    story = told(cast, State.REPORTED)

    assert enter("director").get(address(story, verb)).status_code == 404
    assert enter("director").post(address(story, verb)).status_code == 404


# Sending it -----------------------------------------------------------------------------------------


def test_a_move_leads_back_to_the_event_and_says_so(cast, enter):
    story, browser = told(cast, State.REPORTED), enter("acceptor")

    page = browser.post(address(story, "accept"), {"note": "Soon"}, follow=True)

    assert page.redirect_chain == [(page_of(story), 302)]
    assert "Done: accepted." in page.content.decode()
    assert story.event.state == State.ACCEPTED
    assert story.texts == {"note": "Soon"}


def test_htmx_is_led_back_by_its_own_header(cast, enter):
    story = told(cast, State.REPORTED)

    answer = enter("acceptor").post(address(story, "accept"), headers=HTMX)

    assert answer.headers["HX-Redirect"] == page_of(story)


def test_sending_twice_is_one_move(cast, enter):
    story, browser = told(cast, State.REPORTED), enter("acceptor")
    sent = {"version": story.event.version, "request_id": str(uuid.uuid4())}

    answers = [browser.post(address(story, "accept"), sent).status_code for _time in range(2)]

    assert answers == [302, 302]
    assert [verb for verb, _state in story.timeline] == ["report", "route", "accept"]


def test_a_comment_sent_twice_is_one_comment(cast, enter):
    story, browser = told(cast, State.REPORTED), enter("director")
    sent = {"text": "Hurry", "request_id": str(uuid.uuid4())}

    answers = [browser.post(address(story, "comment"), sent).status_code for _time in range(2)]

    assert answers == [302, 302]
    assert [verb for verb, _state in story.timeline].count("comment") == 1


def test_without_javascript_the_files_come_with_the_form(cast, enter):
    story = told(cast, State.HANDLING)

    answer = enter("police").post(
        address(story, "feed_back"), {"result": "Cleared", "file_after_photo": [photo("red"), photo("blue")]}
    )

    assert answer.status_code == 302
    assert story.event.state == State.FED_BACK
    assert Evidence.objects.filter(event=story.id, kind="after_photo", step__verb="feed_back").count() == 2


def test_after_returning_it_the_agency_reads_its_own_step(cast, enter):
    story = told(cast, State.DISPATCHED)

    page = enter("police").post(
        address(story, "return"), {"reason": "not_our_duty", "explanation": "Not ours"}, follow=True
    )

    assert page.status_code == 200
    assert page.templates[0].name == "desks/own_steps.html"


# Refused, and nothing lost --------------------------------------------------------------------------


def test_a_missing_photo_keeps_what_was_typed(cast, enter):
    story = told(cast, State.HANDLING)

    page = enter("police").post(address(story, "feed_back"), {"result": "Cleared the lane"}, headers=HTMX)
    text = page.content.decode()

    assert page.status_code == 400
    assert "Cleared the lane" in text
    assert list(page.context["page"].form.errors) == ["evidence"]
    assert 'data-error="invalid_input"' in text
    assert story.event.state == State.HANDLING


def test_a_wrong_file_keeps_what_was_typed(cast, enter):
    story = told(cast, State.HANDLING)
    fake = SimpleUploadedFile("photo.jpg", b"only text", "image/jpeg")

    page = enter("police").post(address(story, "feed_back"), {"result": "Cleared", "file_after_photo": fake})

    assert page.status_code == 400
    assert "Cleared" in page.content.decode()
    assert 'data-error="not_an_image"' in page.content.decode()


def test_a_wrong_lead_keeps_the_other_choices(cast, enter):
    story = told(cast, State.ACCEPTED)
    sent = {"lead": unit(POLICE).pk, "assistants": [unit(POLICE).pk], "amount": 2, "note": "Today"}

    page = enter("dispatcher").post(address(story, "dispatch"), sent)
    text = page.content.decode()

    assert page.status_code == 400
    assert "The lead cannot assist itself" in text
    assert re.search(rf'name="lead" value="{unit(POLICE).pk}" required [^>]*checked', text)
    assert f'name="assistants" value="{unit(POLICE).pk}" checked' in text
    assert 'value="2"' in text and "Today" in text


def test_the_second_of_two_reads_what_the_first_did_and_may_send_again(cast, enter):
    story, browser = told(cast, State.ACCEPTED), enter("dispatcher")
    seen = story.event.version
    story.escalate(reason="Too big for the street")
    story.now = timezone.now()

    page = enter("centre").post(
        address(story, "dispatch"), {"lead": unit(POLICE).pk, "note": "Go", "version": seen}
    )
    text = page.content.decode()

    assert page.status_code == 409
    assert 'data-error="stale_version"' in text
    assert f"{unit(ROOM).name_en} – escalated" in text
    assert "Go" in text
    assert f'name="version" value="{story.event.version}"' in text
    assert browser.get(page_of(story)).status_code == 200, "the street still sees its event"


def test_a_move_out_of_state_keeps_the_text_and_tells_why(cast, enter):
    story = told(cast, State.REPORTED)
    browser = enter("acceptor")
    story.accept("second_acceptor")

    page = browser.post(address(story, "accept"), {"note": "Please be quick"})
    text = page.content.decode()

    assert page.status_code == 409
    assert 'data-error="wrong_state"' in text and "accepted" in text
    assert "Please be quick" in text
    assert "Back to the event as it is now" in text


def test_a_wrong_role_is_told_so(cast, enter):
    story = told(cast, State.REPORTED)

    for answer in (
        enter("worker").get(address(story, "accept")),
        enter("worker").post(address(story, "accept")),
    ):
        assert answer.status_code == 403
        assert 'data-error="not_permitted"' in answer.content.decode()


def test_a_broken_version_is_an_error_of_input(cast, enter):
    story = told(cast, State.REPORTED)

    answer = enter("acceptor").post(address(story, "accept"), {"version": "x"})

    assert answer.status_code == 400
    assert story.event.state == State.REPORTED


@pytest.mark.parametrize("verb", sorted(code for code, verb in VERBS.items() if not verb.creates))
def test_out_of_scope_no_form_exists(cast, enter, verb):
    story = told(cast, State.REPORTED)

    assert enter("neighbour").get(address(story, verb)).status_code == 404


def test_out_of_scope_nothing_moves(cast, enter):
    story = told(cast, State.REPORTED)

    assert enter("neighbour").post(address(story, "accept"), {"note": "x"}).status_code == 404
    assert story.event.state == State.REPORTED


# What it costs --------------------------------------------------------------------------------------

MOVES = {
    "accept": ("acceptor", State.REPORTED, lambda story: {"note": "Soon"}),
    "reject": ("acceptor", State.REPORTED, lambda story: {"reason": "unclear", "answer": "Where?"}),
    "escalate": ("acceptor", State.REPORTED, lambda story: {"reason": "Too big"}),
    "dispatch": (
        "dispatcher",
        State.ACCEPTED,
        lambda story: {"lead": unit(POLICE).pk, "assistants": [unit(CITY).pk]},
    ),
    "recall": ("dispatcher", State.DISPATCHED, lambda story: {"reason": "Wrong agency"}),
    "sign": ("police", State.DISPATCHED, lambda story: {}),
    "return": ("police", State.DISPATCHED, lambda story: {"reason": "wrong_item", "explanation": "No"}),
    "assist_sign": ("city", State.DISPATCHED, lambda story: {}),
    "feed_back": (
        "police",
        State.HANDLING,
        lambda story: {"result": "Done", "evidence": story.evidence("police", "after_photo")},
    ),
    "verify": ("worker", State.FED_BACK, lambda story: {"note": "Seen"}),
    "rework": ("worker", State.FED_BACK, lambda story: {"missing": "The lock"}),
    "comment": ("director", State.CLOSED, lambda story: {"text": "Good"}),
}


@pytest.mark.parametrize("verb", MOVES)
def test_a_move_takes_at_most_thirteen_statements(cast, enter, verb):
    who, state, needed = MOVES[verb]
    story, browser = told(cast, state), enter(who)
    browser.get(page_of(story))
    sent = needed(story) | {"version": story.event.version, "request_id": str(uuid.uuid4())}

    with CaptureQueriesContext(connection) as queries:
        answer = browser.post(address(story, verb), sent)

    assert answer.status_code == 302
    counted = [
        query["sql"]
        for query in queries
        if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))
    ]
    assert len(counted) <= 13, "\n".join(counted)


def test_closing_on_the_spot_costs_no_more(cast, enter):
    story = Story(cast, FIRE_LANE, at=timezone.now()).report().route()
    browser = enter("worker")
    browser.get(page_of(story))
    sent = {"result": "Moved the car", "evidence": story.evidence("worker", "after_photo")}

    with CaptureQueriesContext(connection) as queries:
        answer = browser.post(address(story, "self_close"), sent)

    assert answer.status_code == 302
    counted = [query for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(counted) <= 13
