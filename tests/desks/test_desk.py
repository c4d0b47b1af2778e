"""The desk's list: its order, groups, columns and filters stand in the address, and no page loses or repeats a row."""

import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from desks.desk_keys import QUEUE_KEYS
from desks.desk_page import DeskPage
from desks.desk_state import GROUPS, SORTS, DeskState
from desks.keyset import page_of
from desks.queues import QUEUES
from events.models import Event, Urgency
from tests.cast import FIRE_LANE, GRID, NEXT_STREET, SHOP_IN_ROAD, STREET, Cast, Story

HOME, MAP = reverse("desks:home"), reverse("desks:desk_map")
OPEN = next(queue for queue in QUEUES if queue.name == "open" and "room" in queue.kinds)
PAST = next(queue for queue in QUEUES if queue.name == "past")
DESK = {"HX-Request": "true", "HX-Target": "desk"}


def state_of(text: str, queue=OPEN) -> DeskState:
    return DeskState(queue, QueryDict(text))


@pytest.fixture
def seven(cast: Cast) -> list[Story]:
    """Events of two items and three urgencies, some recorded at the same instant."""
    at = timezone.now() - timedelta(hours=1)
    stories = []
    for number in range(7):
        item = (SHOP_IN_ROAD, FIRE_LANE)[number % 2]
        stories.append(Story(cast, item, at=at + timedelta(seconds=number // 3)).report().route())
    room = stories[0].event.desk
    for number, urgency in enumerate([*Urgency.values, *Urgency.values, Urgency.NORMAL]):
        event = Event.objects.filter(pk=stories[number].id)
        event.update(urgency=urgency, desk=room, holder=room, due=at + timedelta(days=number // 4))
    return stories


# Order and groups -----------------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["", *GROUPS])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_show_every_event_once_in_every_order_and_group(seven, sort, group):
    state = state_of(f"sort={sort}&group={group}")
    events = state.arranged(Event.objects.all())
    seen, after = [], ""
    for _page in range(4):
        page = page_of(events, order=state.order, after=after, size=2)
        seen += [row.pk for row in page.rows]
        after = page.after

    assert after == "" and len(seen) == 7
    assert seen == list(events.order_by(*state.order).values_list("pk", flat=True))


def test_a_cursor_of_another_order_is_the_first_page(seven):
    page = page_of(Event.objects.all(), order=("due", "id"), size=2)

    other = page_of(Event.objects.all(), order=("recorded_at", "id"), after=page.after, size=2)

    assert (
        other.is_first
        and not page_of(Event.objects.all(), order=("due", "id"), after=page.after, size=2).is_first
    )


def test_the_urgent_come_first_when_asked(seven, enter):
    rows = enter("director").get(HOME, {"queue": "open", "sort": "urgent"}).context["page"].rows

    assert [row.urgency for row in rows] == ["critical"] * 2 + ["urgent"] * 2 + ["normal"] * 3


def test_groups_carry_the_number_of_the_whole_queue_not_of_the_page(seven, enter):
    page = enter("director").get(HOME, {"queue": "open", "group": "item"})

    assert [(part.key, part.count) for part in page.context["desk"].sections] == [
        (FIRE_LANE, 3),
        (SHOP_IN_ROAD, 4),
    ]
    assert page.content.decode().count("data-group=") == 2


def test_a_list_that_grows_for_ever_is_sorted_by_time_alone():
    assert set(state_of("", PAST).sorts) == {"newest", "oldest"}
    assert state_of("sort=urgent&group=item", PAST).query == {"queue": "past"}


# The address ----------------------------------------------------------------------------------------


A_PAGE_OF_GRIDS = ",".join(["330104005001001"] * 50)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("sort=due", {}),
        ("sort=nonsense&group=nonsense&density=huge&fold=list", {}),
        ("group=unit&sort=oldest", {"sort": "oldest", "group": "unit"}),
        ("cols=state.number.nonsense", {"cols": "state.number"}),
        ("col=-&col=number&col=state", {"cols": "state.number"}),
        ("col=-", {"cols": "-"}),
        ("cols=place.state.deadline.holder.reported", {}),
        ("fold=map.queues&density=compact", {"density": "compact", "fold": "queues.map"}),
        ("q=a&post=7&after=x&open=y", {"q": "a"}),
        ("group=item&closed=item:10511,10102", {"group": "item", "closed": "item:10511,10102"}),
        ("group=unit&closed=item:10511", {"group": "unit"}),
        ("group=unit&closed=unit:CGJ@330104005", {"group": "unit", "closed": "unit:CGJ@330104005"}),
        (
            f"group=place&closed=place:{A_PAGE_OF_GRIDS}",
            {"group": "place", "closed": f"place:{A_PAGE_OF_GRIDS}"},
        ),
        ("at=30.31,120.2,13.75", {"at": "30.31,120.2,13.75"}),
        ("at=nan,1e9,<&closed=:", {}),
    ],
)
def test_one_state_has_one_address(asked, kept):
    assert state_of(asked).query == {"queue": "open"} | kept


def test_the_answer_to_a_form_says_the_address_that_then_holds(seven, enter):
    key = str(seven[0].id)
    answer = enter("director").get(
        HOME, {"queue": "open", "col": ["-", "state"], "sort": "due", "open": key}, headers=DESK
    )

    assert answer["HX-Push-Url"] == f"/?queue=open&cols=state&open={key}"


def test_the_next_page_has_the_address_of_its_state_however_the_form_was_sent(seven, enter, monkeypatch):
    monkeypatch.setattr("desks.views.desk.DeskPage", partial(DeskPage, size=2))
    asked = {"queue": "open", "col": ["-", "state"], "sort": "due", "open": str(seven[0].id)}
    text = enter("director").get(HOME, asked, headers=DESK).content.decode()

    assert '<a class="btn" href="?queue=open&amp;cols=state&amp;after=' in text


def test_columns_are_those_chosen(seven, enter):
    text = enter("director").get(HOME, {"queue": "open", "cols": "number.source"}).content.decode()

    assert "grid worker</td>" in text and seven[0].event.number in text
    assert 'class="in-state"' not in text


def test_rows_carry_what_other_parts_hold_on_to(seven, enter):
    text = enter("director").get(HOME, {"queue": "open"}).content.decode()

    for story in seven:
        assert f'id="e-{story.id}"' in text
        assert f'value="{story.id}:{story.event.version}" data-bulk-row' in text


# The box and the map --------------------------------------------------------------------------------


def test_a_box_filters_list_and_map_alike(seven, enter):
    Event.objects.update(longitude=None, latitude=None)
    inside = Event.objects.filter(pk__in=[seven[0].id, seven[1].id])
    inside.update(longitude=120.2, latitude=30.3)
    browser, box = enter("director"), {"queue": "open", "box": "120.1,30.2,120.3,30.4"}

    page = browser.get(HOME, box)
    dots = browser.get(MAP, box | {"level": "event"}).json()["events"]

    assert {row.pk for row in page.context["page"].rows} == {seven[0].id, seven[1].id}
    assert {dot["id"] for dot in dots} == {str(seven[0].id), str(seven[1].id)}
    assert browser.get(HOME, box | {"box": "121,31,122,32"}).context["page"].rows == []


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "3,2,1,4", "nan,nan,nan,nan", "0,0,999,1", "1,2,3,4,5"])
def test_a_box_that_is_none_is_said(enter, box):
    page = enter("director").get(HOME, {"queue": "open", "box": box})

    assert page.status_code == 200 and page.context["page"].rows == []
    assert "box" in page.context["desk"].errors and 'role="alert"' in page.content.decode()


@pytest.mark.parametrize("level", ["street", "community", "grid"])
def test_the_map_counts_the_whole_queue_by_area(seven, enter, level):
    browser = enter("director")

    areas = browser.get(MAP, {"queue": "open", "level": level}).json()["areas"]
    one = browser.get(MAP, {"queue": "open", "level": level, "item": FIRE_LANE}).json()["areas"]

    assert sum(area["number"] for area in areas) == 7 and sum(area["number"] for area in one) == 3
    assert all(GRID.startswith(area["code"]) and area["name"] for area in areas)
    assert {len(area["code"]) for area in areas} == {{"street": 9, "community": 12, "grid": 15}[level]}


def test_the_next_street_counts_nothing(seven, enter):
    browser = enter("neighbour")

    assert browser.get(MAP, {"queue": "open", "level": "street", "area": STREET}).json()["areas"] == []
    assert browser.get(MAP, {"queue": "open", "level": "event"}).json()["events"] == []
    assert browser.get(MAP, {"queue": "open", "level": "street", "area": NEXT_STREET}).json()["areas"] == []


def test_the_map_needs_a_level_and_a_post_with_events(enter):
    assert enter("director").get(MAP).status_code == 404
    assert enter("director").get(MAP, {"level": "event", "view": "x"}).status_code == 404
    assert enter("auditor").get(MAP, {"level": "street"}).status_code == 404


# The pane and the wall ------------------------------------------------------------------------------


def test_the_pane_is_the_event_page_without_its_frame(seven, enter):
    address = reverse("desks:event", args=[seven[0].id])
    answer = enter("director").get(address, headers={"HX-Request": "true", "HX-Target": "event-pane"})

    text = answer.content.decode()
    assert "<html" not in text and 'data-move="accept"' in text and "data-my-turn" in text
    assert enter("neighbour").get(address, headers={"HX-Target": "event-pane"}).status_code == 404


def test_a_move_from_the_pane_says_what_was_done_and_stays(seven, enter):
    address = reverse("desks:move", args=[seven[0].id, "accept"])
    answer = enter("director").post(
        address, {"request_id": str(uuid.uuid4())}, headers={"HX-Request": "true", "X-In-Pane": "1"}
    )

    assert answer.status_code == 204
    assert str(seven[0].id) in answer["HX-Trigger"] and "accepted" in answer["HX-Trigger"]


def test_the_wall_shows_numbers_and_no_sensitive_event(seven, enter):
    Event.objects.filter(pk=seven[0].id).update(sensitive=True)
    page = enter("director").get(HOME, {"wall": "1"})

    assert len(page.context["desk"].pressing) == 6
    text = page.content.decode()
    assert 'id="wall"' in text and "<form" not in text and "topbar" not in text


def test_no_two_queues_of_a_desk_share_a_key():
    for kind in {kind for queue in QUEUES for kind in queue.kinds}:
        names = [queue.name for queue in QUEUES if kind in queue.kinds]
        assert len({QUEUE_KEYS[name] for name in names}) == len(names), kind
