"""Likely duplicates: who is proposed in which order and why, who sees it, and the two side by side."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from desks.compare_page import marked
from desks.likely import likely_events
from desks.likeness import likeness
from dispatch import policy
from events.models import Event, State
from tests.cast import FIRE_LANE, GAMBLING, POLICE, SHOP_IN_ROAD, Cast, Story, story_at


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


POINT = (120.177, 30.271)
NOW = timezone.now()
LAMP = "路灯不亮，夜间行人看不清"


def report(
    cast: Cast, *, item: str = SHOP_IN_ROAD, north: float = 0, hours: float = 0, text: str = LAMP, by="worker"
) -> Story:
    at = NOW - timedelta(hours=1 + hours)
    story = Story(cast, item, at=at).report(by, description=text).route()
    Event.objects.filter(pk=story.id).update(longitude=POINT[0], latitude=POINT[1] + north / 111_195)
    return story


TABLE = [
    # item, metres north, hours earlier, words -> likely, reasons
    ((SHOP_IN_ROAD, 32, 0.7, "路灯不亮"), True, ["same item", "32 m away", "42 min earlier"]),
    ((SHOP_IN_ROAD, 50, 24, LAMP), True, ["same item", "50 m away", "1 d 0 h earlier"]),
    ((SHOP_IN_ROAD, 51, 1, LAMP), False, ["same item", "51 m away", "1 h 0 min earlier"]),
    ((SHOP_IN_ROAD, 10, 25, LAMP), False, ["same item", "10 m away", "1 d 1 h earlier"]),
    ((FIRE_LANE, 10, 1, LAMP), False, ["other item", "10 m away", "1 h 0 min earlier"]),
    ((FIRE_LANE, 10, 1, "楼道堆物"), None, []),  # another category, nothing in common
    ((SHOP_IN_ROAD, 301, 1, LAMP), None, []),  # too far
]


@pytest.mark.parametrize(("given", "is_likely", "reasons"), TABLE)
def test_what_is_proposed_and_why(cast, given, is_likely, reasons):
    item, north, hours, text = given
    report(cast, item=item, north=north, hours=hours, text=text)
    story = report(cast)

    found = likely_events(story.event, cast.actor("acceptor"))

    assert [row.is_likely for row in found] == ([] if is_likely is None else [is_likely])
    for row in found:
        assert row.reasons[:3] == reasons
        assert row.reasons[3].startswith("words in common: ") and "路灯不亮" in row.reasons[3]


def test_the_rest_is_ranked_by_place_time_and_words_together(cast):
    twin = report(cast, north=40, hours=3)
    near = report(cast, north=60, text="占道")
    wordy = report(cast, north=60)
    far = report(cast, north=290, hours=100, text="占道")
    story = report(cast)

    found = likely_events(story.event, cast.actor("acceptor"))

    assert [row.event.pk for row in found] == [twin.id, wordy.id, near.id, far.id]


def test_what_ended_lately_is_shown_but_cannot_lead(cast):
    closed = story_at(cast, State.CLOSED, at=timezone.now() - timedelta(hours=5))
    old = story_at(cast, State.CLOSED, at=timezone.now() - timedelta(days=40))
    story = Story(cast, at=timezone.now()).report().route()

    found = likely_events(story.event, cast.actor("acceptor"))

    assert [(row.event.pk, row.may_lead) for row in found] == [(closed.id, False)]
    assert old.event.state == State.CLOSED


def test_the_distances_are_the_districts(cast):
    report(cast, north=80, hours=2)
    now = timezone.now()
    given = {"likely_metres": 100, "likely_hours": 48}
    policy.change_settings(
        district=cast.district, values=given, by=None, valid_from=now - timedelta(days=1), now=now
    )
    del cast.__dict__["district"]
    story = report(cast)

    assert [row.is_likely for row in likely_events(story.event, cast.actor("second_acceptor"))] == [True]


def test_a_hidden_event_is_never_proposed(cast):
    report(cast, item=GAMBLING)
    story = report(cast)
    seen = {name: len(likely_events(story.event, cast.actor(name))) for name in ("acceptor", "community")}
    assert seen == {"acceptor": 1, "community": 0}


def test_words_in_common_are_found_without_numbers():
    assert likeness("3幢路灯不亮", "东门路灯不亮了").common == ("路灯不亮",)
    assert likeness("Lamp 12 broken", "the broken lamp 12").common == ("broken", "lamp")
    assert likeness("景昙路147号理发店", "景昙路12号理发店").common == ("景昙路", "理发店")
    assert likeness("13800001111", "13800001111").share == 0


def test_what_differs_is_marked():
    left, right = marked("路灯坏了", "路灯灭了")
    assert [(part.text, part.differs) for part in left] == [("路灯", False), ("坏", True), ("了", False)]
    assert [part.text for part in right if part.differs] == ["灭"]
    assert [part.text for part in marked("路159号", "路188号")[0] if part.differs] == ["159"]


# The pages ------------------------------------------------------------------------------------------


def test_the_acceptor_compares_and_the_earlier_one_leads(cast, enter):
    first, story = report(cast, north=20, hours=1), report(cast)
    page = enter("acceptor").get(reverse("desks:event", args=[story.id])).content.decode()
    address = reverse("desks:compare", args=[story.id, first.id])
    assert address in page and 'data-key="b"' in page

    text = enter("acceptor").get(address).content.decode()
    assert f'name="leading" value="{first.event.number}"' in text
    assert reverse("desks:move", args=[story.id, "merge"]) in text
    swapped = enter("acceptor").get(address, {"leads": str(story.id)}).content.decode()
    assert f'name="leading" value="{story.event.number}"' in swapped

    enter("acceptor").post(
        reverse("desks:move", args=[story.id, "merge"]), {"leading": first.event.number, "answer": ""}
    )
    assert story.event.leading_id == first.id


def test_one_already_in_hand_leads_though_it_is_later(cast, enter):
    later = report(cast, hours=-0.5)
    story = report(cast, north=10)
    later.accept().dispatch(lead=POLICE)

    page = enter("acceptor").get(reverse("desks:compare", args=[story.id, later.id])).context["page"]

    assert page.leading.pk == later.id and not page.can_swap


@pytest.mark.parametrize("who", ["worker", "dispatcher", "verifier", "supervisor"])
def test_who_may_not_merge_sees_neither(cast, enter, who):
    first, story = report(cast, hours=1), report(cast)

    page = enter(who).get(reverse("desks:event", args=[story.id])).content.decode()

    assert "p-likely" not in page
    for one, two in ((story, first), (first, story)):
        assert enter(who).get(reverse("desks:compare", args=[one.id, two.id])).status_code == 403
    assert enter(who).get(reverse("api:likely", args=[story.id])).status_code == 403
    assert enter("neighbour").get(reverse("api:likely", args=[story.id])).status_code == 404


def test_a_comparison_takes_few_statements(cast, enter, django_assert_max_num_queries):
    first, story = report(cast, hours=1), report(cast)
    browser, address = enter("acceptor"), reverse("desks:compare", args=[story.id, first.id])
    browser.get(address)
    with django_assert_max_num_queries(10):
        assert browser.get(address).status_code == 200
