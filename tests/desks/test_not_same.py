"""'Not the same matter': said by a desk, remembered for that desk, taken back; by nobody else, and told to nobody else."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from desks.likely import likely_events
from desks.models import NotSame
from desks.not_same import say_not_same
from events.models import Event
from tests.cast import GAMBLING, POLICE, ROOM, SHOP_IN_ROAD, Cast, Story, unit


def report(cast: Cast, item: str = SHOP_IN_ROAD) -> Story:
    return Story(cast, item, at=timezone.now()).report().route()


@pytest.fixture
def pair(cast: Cast) -> tuple[Story, Story]:
    return report(cast), report(cast)


def say(one: Story, other: Story) -> str:
    return reverse("desks:say_not_same", args=[one.id, other.id])


def back(one: Story, other: Story) -> str:
    return reverse("desks:take_back_not_same", args=[one.id, other.id])


def proposed(story: Story, cast: Cast, who: str = "acceptor") -> list[uuid.UUID]:
    return [row.event.pk for row in likely_events(story.event, cast.actor(who))]


@pytest.mark.parametrize("turned", [False, True])
def test_what_a_desk_found_not_to_be_the_same_is_proposed_no_more_from_either_side(cast, enter, pair, turned):
    one, other = reversed(pair) if turned else pair
    assert proposed(one, cast) == [other.id] and proposed(other, cast) == [one.id]

    for _twice in range(2):
        answer = enter("acceptor").post(say(one, other), follow=True)

    assert answer.redirect_chain == [(reverse("desks:event", args=[one.id]), 302)]
    assert f"not the same matter as {other.event.number}" in answer.content.decode()
    assert proposed(one, cast) == proposed(other, cast) == proposed(one, cast, "second_acceptor") == []
    assert enter("acceptor").get(reverse("api:likely", args=[one.id])).json() == []
    row = NotSame.objects.get()
    assert (row.organization, row.by, row.tenant) == (unit(ROOM), cast.acceptor, one.event.tenant)
    assert {row.first_id, row.second_id} == {one.id, other.id}


def test_it_is_taken_back_on_the_compare_page_by_anybody_of_the_desk(cast, enter, pair):
    one, other = pair
    enter("acceptor").post(say(one, other))
    browser = enter("second_acceptor")
    compare = reverse("desks:compare", args=[other.id, one.id])
    assert compare in browser.get(reverse("desks:event", args=[other.id])).content.decode()
    text = browser.get(compare).content.decode()
    assert cast.acceptor.display_name in text
    assert back(other, one) in text and say(other, one) not in text

    browser.post(back(other, one))

    assert not NotSame.objects.exists() and proposed(one, cast) == [other.id]
    assert say(other, one) in browser.get(compare).content.decode()
    assert browser.post(back(other, one)).status_code == 302, (
        "nothing is left to take back, and that is as well"
    )


def test_a_third_report_is_still_proposed(cast, enter, pair):
    one, other = pair
    third = report(cast)

    enter("acceptor").post(say(one, other))

    assert proposed(one, cast) == proposed(other, cast) == [third.id]


def test_the_desk_it_goes_to_judges_anew(cast, enter, pair):
    one, other = pair
    enter("acceptor").post(say(one, other))

    one.escalate(reason="Too big")

    assert proposed(one, cast, "centre") == [other.id]


def test_in_the_desks_pane_the_event_is_asked_for_anew(enter, pair):
    headers = {"HX-Request": "true", "X-In-Pane": "1"}

    answer = enter("acceptor").post(say(*pair), headers=headers)

    assert answer.status_code == 204 and str(pair[0].id) in answer["HX-Trigger"]
    answer = enter("acceptor").post(back(*pair), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == reverse("desks:event", args=[pair[0].id])


# Refusals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("neighbour", 404),
        ("next_worker", 404),
        ("fire", 404),
        ("police", 404),
        ("dispatcher", 403),
        ("worker", 403),
    ],
)
def test_who_sees_neither_finds_nothing_and_who_may_not_merge_is_refused(cast, enter, pair, who, status):
    one, other = pair
    assert enter(who).post(say(one, other)).status_code == status
    say_not_same(
        desk=one.event.desk_id, event=one.event, other=other.event, by=cast.acceptor, now=timezone.now()
    )

    assert enter(who).post(back(one, other)).status_code == status
    assert NotSame.objects.count() == 1


def test_a_hidden_event_cannot_be_named_and_a_pair_with_it_shows_nowhere(cast, enter):
    """The room decides about a gambling report; the community, which decides about the other, must not learn of it."""
    hidden, story = report(cast, GAMBLING), report(cast)
    desk = unit(f"COMMUNITY@{story.event.area_code[:12]}")
    Event.objects.filter(pk=story.id).update(desk=desk, holder=desk)
    nobody = Story(cast)
    browser = enter("community")

    for unseen in (hidden, nobody):
        assert browser.post(say(story, unseen)).status_code == 404
        assert browser.post(say(unseen, story)).status_code == 404
    assert not NotSame.objects.exists()
    say_not_same(desk=desk.pk, event=story.event, other=hidden.event, by=cast.acceptor, now=timezone.now())
    assert hidden.event.number not in browser.get(reverse("desks:event", args=[story.id])).content.decode()


def test_an_event_is_no_pair_with_itself_and_only_a_form_says_it(enter, pair):
    one, other = pair
    assert enter("acceptor").post(say(one, one)).status_code == 404
    assert enter("acceptor").get(say(one, other)).status_code == 405


def test_what_can_no_longer_be_merged_is_not_judged(enter, pair):
    one, other = pair
    one.accept().dispatch(lead=POLICE)
    other.accept().dispatch(lead=POLICE)

    assert enter("acceptor").post(say(one, other)).status_code == 403


def test_a_pair_stands_once_and_in_order(cast, pair):
    events = sorted((story.event for story in pair), key=lambda event: event.pk)
    given = {
        "tenant": events[0].tenant,
        "organization": events[0].desk,
        "by": cast.acceptor,
        "at": timezone.now(),
    }
    NotSame.objects.create(first=events[0], second=events[1], **given)
    for first, second in (events, reversed(events), (events[0], events[0])):
        with pytest.raises(IntegrityError), transaction.atomic():
            NotSame.objects.create(first=first, second=second, **given)


def test_the_pages_cost_no_more_statements(enter, pair, django_assert_max_num_queries):
    one, other = pair
    browser = enter("acceptor")
    browser.post(say(one, other))
    compare = reverse("desks:compare", args=[one.id, other.id])
    browser.get(compare)
    with django_assert_max_num_queries(10):
        assert browser.get(compare).status_code == 200
