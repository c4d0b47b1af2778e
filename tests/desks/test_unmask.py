"""Personal data is masked for all but the reporter; shown whole for a reason, on one page, and written down."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEntry
from dispatch.outbox import drain
from events.models import ReporterContact, State
from tests.caller import EVENTS, Caller
from tests.cast import CITY, POLICE, SHOP_IN_ROAD, Story, story_at

PHONE, MASKED = "13912345678", "139****5678"
IDENTITY, MASKED_IDENTITY = "33010419900101123X", "330104********123X"
CALLER, CALLER_MASKED = "欧阳标记", "欧*"
CALLER_PHONE, CALLER_PHONE_MASKED = "13598765432", "135****5432"


def page_of(story):
    return reverse("desks:event", args=[story.id])


def unmasking(story):
    return reverse("desks:unmask", args=[story.id])


def told(cast, *, by="worker", **report) -> Story:
    """In hand at the police; numbers in the description, the address and the words of two steps."""
    story = Story(cast, SHOP_IN_ROAD, at=timezone.now())
    story.report(by, description=f"Call {PHONE}", address=f"5 Road, {PHONE}", **report).route().accept()
    story.dispatch(lead=POLICE, assistants=[CITY], note=f"His number is {IDENTITY}").sign()
    return story.comment("police", text=f"I called {PHONE}")


def called(cast, **report) -> Story:
    """What a caller of the hotline told the community desk; the room decides."""
    return told(
        cast, by="community", source="hotline", reporter_name=CALLER, reporter_phone=CALLER_PHONE, **report
    )


# By default -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["director", "colleague", "city", "centre", "auditor"])
def test_numbers_are_masked_on_pages_and_in_the_api(cast, enter, who):
    story = told(cast)
    page = enter(who).get(page_of(story)).content.decode()
    caller = Caller(getattr(cast, who))
    listed = enter(who).get(reverse("desks:events")).content.decode()
    event, steps = (str(caller.get(f"{EVENTS}{story.id}/{part}")) for part in ("", "steps/"))

    for shown in (page, listed, event, steps, str(caller.get(EVENTS))):
        assert PHONE not in shown and IDENTITY not in shown
        assert MASKED in shown
    assert MASKED_IDENTITY in page and MASKED_IDENTITY in steps


def test_the_reporter_reads_everything(cast, enter):
    story = told(cast)
    page = enter("worker").get(page_of(story)).content.decode()
    steps = str(Caller(cast.worker).get(f"{EVENTS}{story.id}/steps/"))

    assert page.count(PHONE) >= 4 and IDENTITY in page
    assert PHONE in steps and IDENTITY in steps
    assert "Names and numbers are masked" not in page


def test_everybody_reads_their_own_words(cast, enter):
    page = enter("police").get(page_of(told(cast))).content.decode()

    assert f"I called {PHONE}" in page and f"Call {MASKED}" in page


def test_the_caller_is_masked_for_everybody_even_for_who_wrote_it_down(cast, enter):
    story = called(cast)
    for who in ("community", "director", "police", "colleague"):
        page = enter(who).get(page_of(story)).content.decode()
        assert CALLER_MASKED in page and CALLER_PHONE_MASKED in page
        assert CALLER not in page and CALLER_PHONE not in page


def test_a_confidential_caller_is_hidden_from_all_but_the_desk(cast, enter):
    story = called(cast, confidential=True)
    for who in ("police", "city", "colleague", "supervisor", "auditor"):
        page = enter(who).get(page_of(story)).content.decode()
        assert CALLER_MASKED not in page and CALLER_PHONE_MASKED not in page
    assert CALLER_MASKED in enter("director").get(page_of(story)).content.decode()


def test_an_event_split_off_has_the_first_ones_caller(cast, enter):
    first = Story(cast, SHOP_IN_ROAD, at=timezone.now())
    first.report("community", source="resident", reporter_name=CALLER, reporter_phone=CALLER_PHONE).route()
    first.split("acceptor", item="30203", description="Tables too")
    new = first.event.descendants.get()

    assert CALLER_MASKED in enter("director").get(reverse("desks:event", args=[new.pk])).content.decode()


# Shown ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["director", "police"])
def test_the_desk_and_the_handling_lead_see_it_whole_for_a_reason(cast, enter, who):
    story, browser = called(cast), enter(who)
    answer = browser.post(unmasking(story), {"reason": "To call back"})
    page = answer.content.decode()

    for whole in (PHONE, IDENTITY, CALLER, CALLER_PHONE):
        assert whole in page
    assert "no-store" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
    row = AuditEntry.objects.get(kind="unmask")
    assert (row.actor, row.subject, row.detail) == (
        getattr(cast, who),
        story.event.number,
        {"reason": "To call back"},
    )
    again = browser.get(page_of(story)).content.decode()
    assert CALLER_PHONE not in again and IDENTITY not in again, "the next page is masked again"


def test_what_is_shown_is_not_kept(cast, enter):
    story = called(cast)
    enter("director").post(unmasking(story), {"reason": "To call back"})

    kept = ReporterContact.objects.get(event=story.id)
    assert (kept.name, kept.phone) == (CALLER, CALLER_PHONE)
    assert story.event.description == f"Call {PHONE}"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_without_a_reason_nothing_is_shown(cast, enter, reason):
    story = called(cast)
    answer = enter("director").post(unmasking(story), {"reason": reason})

    assert answer.status_code == 400
    assert CALLER_PHONE not in answer.content.decode()
    assert not AuditEntry.objects.filter(kind="unmask").exists()


@pytest.mark.parametrize("who", ["colleague", "city", "supervisor", "centre", "auditor", "community"])
def test_others_are_neither_offered_it_nor_given_it(cast, enter, who):
    story = called(cast)
    browser = enter(who)

    assert unmasking(story) not in browser.get(page_of(story)).content.decode()
    answer = browser.post(unmasking(story), {"reason": "I want to know"})
    assert answer.status_code == 403
    assert CALLER_PHONE not in answer.content.decode()
    assert not AuditEntry.objects.filter(kind="unmask").exists()


@pytest.mark.parametrize("state", [State.DISPATCHED, State.FED_BACK, State.CLOSED])
def test_the_lead_sees_it_while_handling_only(cast, enter, state):
    story = story_at(cast, state)

    assert enter("police").post(unmasking(story), {"reason": "To call back"}).status_code == 403


def test_a_confidential_report_is_never_shown_whole_to_the_lead(cast, enter):
    story = called(cast, confidential=True)

    assert enter("police").post(unmasking(story), {"reason": "To call back"}).status_code == 403
    assert (
        CALLER_PHONE in enter("director").post(unmasking(story), {"reason": "To call back"}).content.decode()
    )


def test_where_nothing_is_masked_nothing_is_offered(cast, enter):
    story = story_at(cast, State.HANDLING)
    type(cast.worker).objects.filter(pk=cast.worker.pk).update(phone="")

    assert unmasking(story) not in enter("director").get(page_of(story)).content.decode()


# Searching ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        (PHONE, False),
        ("1391234567", False),
        ("139", False),
        ("45678", False),
        ("Call", True),
        ("5 Road", True),
    ],
)
def test_a_masked_number_is_not_guessed_by_searching(cast, enter, words, is_found):
    story = told(cast)
    drain()
    rows = enter("director").get(reverse("desks:events"), {"q": words}).context["page"].rows

    assert [row.pk for row in rows] == ([story.id] if is_found else [])


# The report -----------------------------------------------------------------------------------------


def test_the_caller_is_part_of_the_report(cast):
    caller = Caller(cast.community)
    story = Story(cast)
    report = {
        "id": str(story.id),
        "item": SHOP_IN_ROAD,
        "area_code": cast.actor("community").scope.posts[0].area_code,
    }
    report |= {"source": "hotline", "reporter_name": CALLER, "reporter_phone": CALLER_PHONE}

    assert caller.post(EVENTS, report)[0] == 201
    assert caller.post(EVENTS, report)[0] == 200
    status, body = caller.post(EVENTS, report | {"reporter_phone": "13598765433"})
    assert (status, body["code"]) == (409, "different_content")
    contact = ReporterContact.objects.get(event=story.id)
    assert (contact.name, contact.phone, contact.tenant) == (CALLER, CALLER_PHONE, story.event.tenant)
    assert CALLER not in str([step.text.content for step in story.steps if step.text_digest])


@pytest.mark.parametrize(
    ("by", "change", "field"),
    [
        ("worker", {}, "reporter_name"),
        ("community", {"source": "desk"}, "reporter_name"),
        ("community", {"source": "hotline", "reporter_phone": "ring me"}, "reporter_phone"),
    ],
)
def test_a_caller_is_named_only_by_a_desk_and_reachable(cast, by, change, field):
    story = Story(cast)
    report = {"id": str(story.id), "item": SHOP_IN_ROAD, "reporter_name": CALLER, "photos": []} | change
    status, body = Caller(getattr(cast, by)).post(EVENTS, report)

    assert status == 400 and field in body["fields"]
    assert not ReporterContact.objects.exists()
