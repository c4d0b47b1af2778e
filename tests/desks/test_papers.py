"""Printed papers and the centre's page: who gets which, what stands on them, and what the audit log keeps."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.audit import AuditEntry
from events.models import State
from tests.cast import POLICE, Story, story_at


def answers(enter, story: Story, name: str, people: str) -> dict[str, int]:
    url = reverse(f"desks:{name}", args=[story.id])
    return {person: enter(person).get(url).status_code for person in people.split()}


def test_the_order_is_for_the_desk_the_lead_and_the_assistants(cast, enter):
    story = story_at(cast, State.HANDLING, description="Call 13912345678")
    assert answers(enter, story, "order", "director police city") == {
        "director": 200,
        "police": 200,
        "city": 200,
    }
    assert set(answers(enter, story, "order", "worker supervisor fire neighbour").values()) == {404}
    shown = enter("police").get(reverse("desks:order", args=[story.id])).content.decode()
    assert story.event.number in shown and "<svg" in shown and "13912345678" not in shown
    assert answers(enter, story_at(cast, State.ACCEPTED), "order", "director") == {"director": 404}


def test_the_order_says_what_the_desk_wrote_to_the_lead(cast, enter):
    story = story_at(cast, State.ACCEPTED).dispatch(lead=POLICE, note="Open it today, call 13912345678")
    shown = enter("police").get(reverse("desks:order", args=[story.id])).content.decode()
    assert "Open it today" in shown and "13912345678" not in shown


def test_a_case_file_is_noted_and_who_lost_the_event_prints_its_own_steps(cast, enter):
    story = story_at(cast, State.DISPATCHED).return_(reason="not_our_duty", explanation="Not us")
    own = enter("police").get(reverse("desks:case_file", args=[story.id])).content.decode()
    assert "Not us" in own and "Boxes block the way" not in own
    assert (
        "Boxes block the way"
        in enter("director").get(reverse("desks:case_file", args=[story.id])).content.decode()
    )
    assert answers(enter, story, "case_file", "fire neighbour") == {"fire": 404, "neighbour": 404}
    kept = AuditEntry.objects.filter(kind="case_file_printed", subject=story.event.number)
    assert sorted(kept.values_list("actor__username", flat=True)) == sorted(
        [cast.police.username, cast.director.username]
    )


def test_a_letter_tells_the_demand_and_its_answer(cast, enter):
    story = story_at(cast, State.HANDLING)
    assert answers(enter, story, "letter", "director") == {"director": 404}
    story.supervise(text="Why so slow?").answer_supervision(text="The lorry broke")
    shown = enter("police").get(reverse("desks:letter", args=[story.id])).content.decode()
    assert "Why so slow?" in shown and "The lorry broke" in shown
    assert answers(enter, story, "letter", "fire neighbour") == {"fire": 404, "neighbour": 404}
    listed = reverse("desks:letters")
    assert '<td class="letter-state">answered' in enter("police").get(listed).content.decode()
    assert str(story.id) in enter("police").get(listed).content.decode()
    assert str(story.id) not in enter("fire").get(listed).content.decode()


def test_a_case_file_tells_its_steps_from_the_first_on(cast, enter):
    story = story_at(cast, State.HANDLING)
    shown = enter("director").get(reverse("desks:case_file", args=[story.id])).content.decode()
    steps = re.findall(r'id="step-(\d+)"', shown)
    assert len(steps) > 2 and steps == sorted(steps, key=int)


def test_the_centre_counts_its_letters_and_lists_those_due_together_by_number(cast, enter):
    for _ in range(2):
        story_at(cast, State.HANDLING).supervise(text="Why so slow?")
    shown = enter("centre").get(reverse("desks:centre")).content.decode()
    block = shown[shown.index('id="block-letters"') : shown.index('id="block-overdue"')]
    assert '<span class="num">2</span>' in block
    assert re.findall(r"number=2019-(\d+)", block) == ["0001", "0002"]


def test_the_centre_sees_what_waits_in_ten_statements(cast, enter):
    story_at(cast, State.HANDLING).supervise(text="Why so slow?")
    held = story_at(cast, State.HANDLING).request_hold()
    moved = story_at(cast, State.REPORTED).transfer(desk="ZHZX@330104006", reason="Over there")
    centre = enter("centre")
    centre.get(reverse("desks:centre"))
    with CaptureQueriesContext(connection) as queries:
        shown = centre.get(reverse("desks:centre")).content.decode()
    assert str(held.id) in shown and str(moved.id) in shown and "2019-0001" in shown
    assert len(queries) <= 10
    assert [enter(name).get(reverse("desks:centre")).status_code for name in ("director", "police")] == [
        403
    ] * 2


@pytest.mark.parametrize("name", ["handed_to_me"])
def test_what_was_handed_to_a_person_stands_in_that_persons_queue_alone(cast, enter, name):
    story = story_at(cast, State.HANDLING).hand_to("police_head", handler=cast.police.pk)
    rows = {
        person: f'id="e-{story.id}"' in enter(person).get("/", {"queue": name}).content.decode()
        for person in ("police", "police_head")
    }
    assert rows == {"police": True, "police_head": False}
    assert (
        "in the hands of" in enter("director").get(reverse("desks:event", args=[story.id])).content.decode()
    )
