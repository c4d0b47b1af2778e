"""What is open nearby before one reports: in which order, of what one may see, in few statements."""

import uuid
from datetime import timedelta

import pytest
import shapely
from django.utils import timezone

from accounts import training
from events.models import Event, Evidence
from grids.models import Boundary
from tests.caller import EVENTS, Caller
from tests.cast import BRAWL, FIRE_LANE, GAMBLING, GRID, SHOP_IN_ROAD, Story
from tests.desks.test_query_counts import statements

NEARBY = f"{EVENTS}nearby/"

VENDOR, DRUGS = "30201", "10105"  # of the category of SHOP_IN_ROAD, and of GAMBLING's


def middle(code: str) -> tuple[float, float]:
    return shapely.geometry.shape(
        Boundary.objects.get(area__code=code, valid_to=None).geometry
    ).centroid.coords[0]


def told(cast, item=SHOP_IN_ROAD, *, north=0.0, minutes=30, by="colleague", **report) -> Story:
    story = Story(cast, item, at=timezone.now() - timedelta(minutes=minutes)).report(by, **report).route()
    longitude, latitude = middle(GRID)
    Event.objects.filter(pk=story.id).update(longitude=longitude, latitude=latitude + north / 111_195)
    return story


@pytest.fixture
def near(cast):
    def near_(name="worker", item=SHOP_IN_ROAD, point=None):
        point = point or middle(GRID)
        caller = Caller(getattr(cast, name))
        caller.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        status, body = caller.get(NEARBY, item=item, longitude=point[0], latitude=point[1])
        assert status == 200, body
        return body

    return near_


def keys(rows) -> list[uuid.UUID]:
    return [uuid.UUID(row["id"]) for row in rows]


def test_the_same_matter_comes_first_then_the_item_then_its_category(cast, near):
    kin = told(cast, VENDOR, north=5)
    old = told(cast, north=10, minutes=25 * 60)
    far = told(cast, north=60)
    twin = told(cast, north=40)
    told(cast, FIRE_LANE, north=1)
    told(cast, north=301)
    told(cast, north=20).reject(reason="unclear", answer="Where?")
    Story(cast, at=timezone.now()).report("colleague").route()  # without a point
    rows = near()
    assert keys(rows) == [twin.id, old.id, far.id, kin.id]
    assert [(row["metres"], row["likely"]) for row in rows] == [
        (40, True),
        (10, False),
        (60, False),
        (5, False),
    ]


def test_a_row_tells_what_one_decides_by(cast, near):
    story = told(cast, north=12, description="Fruit, call 13800001111")
    row = Evidence.objects.get(event=story.id)
    rows = near()
    assert rows[0]["thumbnail"] is None, "it has not arrived"
    Evidence.objects.filter(pk=row.pk).update(received_at=timezone.now(), content_type="image/jpeg")
    (found,) = near()
    assert found == {
        "id": str(story.id), "number": story.event.number, "url": f"/events/{story.id}/", "item": SHOP_IN_ROAD,
        "item_name": story.event.item.name_en, "state": "reported", "state_name": "to accept", "metres": 12,
        "minutes": 30, "description": "Fruit, call 138****1111", "likely": True, "may_join": True, "mine": False,
        "thumbnail": f"/api/v1/evidence/{row.pk}/thumbnail/",
    }  # fmt: skip
    mine = near("colleague")[0]
    assert (mine["mine"], mine["description"]) == (True, "Fruit, call 13800001111")


def test_at_most_five(cast, near):
    for number in range(7):
        told(cast, north=number)
    assert [row["metres"] for row in near()] == [0, 1, 2, 3, 4]


def test_only_what_one_may_see_and_nothing_sensitive_of_others(cast, near):
    ordinary = told(cast)
    assert keys(near()) == [ordinary.id] and near("next_worker") == [] == near("neighbour")
    ordinary.reject(reason="unclear", answer="Where?")
    secret = told(cast, GAMBLING, description="SECRET")
    assert near() == []
    assert keys(near("colleague", GAMBLING)) == [secret.id] == keys(near("colleague", DRUGS))
    for name in ("worker", "acceptor", "auditor", "centre", "police"):
        assert near(name, GAMBLING) == [], name
    assert near("colleague", GAMBLING)[0]["may_join"] is False


def test_what_is_less_urgent_cannot_be_joined(cast, near):
    told(cast, "10102")
    assert [row["may_join"] for row in near(item="10102")] == [True]
    assert [row["may_join"] for row in near(item=BRAWL)] == [False]


def test_practice_is_near_to_practice_only(cast, near):
    told(cast)
    training.begin(user=cast.worker, now=timezone.now())
    assert near() == [] and len(near("leader")) == 1


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({}, "item", "unknown_item"),
        ({"item": "x"}, "item", "unknown_item"),
        ({"item": SHOP_IN_ROAD}, "longitude", "invalid_point"),
        ({"item": SHOP_IN_ROAD, "longitude": "x", "latitude": 1}, "longitude", "invalid_point"),
        ({"item": SHOP_IN_ROAD, "longitude": "nan", "latitude": 1}, "longitude", "invalid_point"),
        ({"item": SHOP_IN_ROAD, "longitude": 181, "latitude": 1}, "longitude", "invalid_point"),
        ({"item": SHOP_IN_ROAD, "longitude": 1, "latitude": 91}, "longitude", "invalid_point"),
    ],
)
def test_bad_input_names_its_field(cast, query, field, code):
    status, body = Caller(cast.worker).get(NEARBY, **query)
    assert (status, body["fields"][field][0]["code"]) == (400, code)


@pytest.mark.parametrize("point", [(0, 90), (180, -90), (120.177, 0)])
def test_nothing_is_near_to_a_point_elsewhere(cast, near, point):
    told(cast)
    assert near(point=point) == []


def test_it_takes_four_statements(cast):
    """1 session, 2 person, 3 the events, 4 their photos."""
    for number in range(8):
        told(cast, north=number)
    caller = Caller(cast.worker)
    query = dict(zip(("longitude", "latitude"), middle(GRID), strict=True)) | {"item": SHOP_IN_ROAD}
    caller.get(NEARBY, **query)
    assert len(statements(caller.get, NEARBY, **query)) <= 4
