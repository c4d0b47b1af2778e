"""The checklist's pages: found and filtered, as of a day, changed from a day on, with its history."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Item, ItemChange
from events.versions import content_of
from grids import memory
from tests.cast import BRAWL, GAMBLING, SHOP_IN_ROAD, Cast, Story

TODAY = timezone.localdate()
TOMORROW = TODAY + timedelta(days=1)
SHOP = f"/checklist/{SHOP_IN_ROAD}/"


@pytest.fixture
def cast(db):
    yield Cast()
    memory.forget()


@pytest.fixture
def client_of(cast):
    def client_of_(name, language="en"):
        client = Client(headers={"accept-language": language})
        client.force_login(getattr(cast, name), backend="accounts.backends.PostBackend")
        return client

    return client_of_


def codes(page) -> list[str]:
    return re.findall(r'checklist-code">(\d+)<', page.content.decode())


def typed(code: str, **changes) -> dict:
    """The form of an item as the page fills it in."""
    held = content_of(Item.objects.get(code=code, valid_to=None, district="330104"))
    said = {
        name: "yes" if value is True else "no" if value is False else value for name, value in held.items()
    }
    said |= {
        "keywords": " ".join(held["keywords"]),
        "assist_departments": ";".join(held["assist_departments"]),
    }
    return said | {"from_day": TOMORROW.isoformat()} | changes


@pytest.mark.parametrize("person", ["worker", "fire", "community", "centre", "auditor", "admin"])
def test_everybody_of_the_district_reads_it(client_of, person):
    client = client_of(person)
    assert len(codes(client.get("/checklist/"))) == 173
    assert client.get(SHOP).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=10101", [BRAWL]),
        ("q=斗殴", [BRAWL]),
        ("q=赌博", [GAMBLING]),
        ("q=Fighting+or", [BRAWL]),
        ("q=打架&urgency=normal", []),
        ("urgency=critical&self_handle=yes", []),
        ("q=有人醉酒了&level=street&platform=综治工作&sensitive=no", [BRAWL]),
    ],
)
def test_it_is_found_by_name_code_keyword_and_filters(client_of, query, found):
    assert codes(client_of("worker").get(f"/checklist/?{query}")) == found


def test_the_list_costs_no_query_of_its_own_when_warm(client_of, django_assert_max_num_queries):
    client = client_of("worker")
    client.get("/checklist/")
    with django_assert_max_num_queries(4):  # session, person with district, posts, savepoint
        client.get("/checklist/?urgency=urgent")


def test_an_item_is_told_in_words(client_of):
    words = client_of("worker").get(SHOP).content.decode()
    for told in (
        "4 working hours",
        "photo before",
        "photo after",
        "With the report",
        "yes, when the matter is simple",
    ):
        assert told in words
    assert "working_hours" not in words and "before_photo" not in words


def test_no_item_and_no_day_are_said_so(client_of):
    client = client_of("worker")
    assert client.get("/checklist/99999/").status_code == 404
    assert client.get("/checklist/?at=2018-13-45").status_code == 400
    assert codes(client.get("/checklist/?at=2017-01-01")) == []


def test_a_change_is_shown_confirmed_and_holds_from_its_day(client_of, cast):
    admin = client_of("admin")
    shown = admin.post(f"{SHOP}change/", typed(SHOP_IN_ROAD, handle_limit="8"))
    assert shown.status_code == 200 and Item.objects.filter(code=SHOP_IN_ROAD).count() == 1
    seen = re.search(r'name="seen" value="(\w+)"', shown.content.decode())[1]
    done = admin.post(f"{SHOP}change/", typed(SHOP_IN_ROAD, handle_limit="8", seen=seen))
    assert done.url == SHOP
    page = admin.get(SHOP).content.decode()
    assert "to come" in page and re.search(r"<del>4</del> → <ins>8</ins>", page)
    assert str(cast.admin) in page
    assert "8 working hours" in admin.get(f"{SHOP}?at={TOMORROW.isoformat()}").content.decode()
    assert "4 working hours" in admin.get(f"{SHOP}?at={TODAY.isoformat()}").content.decode()


def test_a_confirmation_of_something_else_changes_nothing(client_of):
    answer = client_of("admin").post(f"{SHOP}change/", typed(SHOP_IN_ROAD, handle_limit="9", seen="0" * 64))
    assert "The data changed" in answer.content.decode()
    assert Item.objects.filter(code=SHOP_IN_ROAD).count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"handle_limit": "many"}, "not a whole number"),
        ({"lead_department": "NOBODY"}, "No department of the district"),
        ({"urgency": "critical"}, "never closed on the spot"),
        ({"from_day": "x"}, "valid date"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(client_of, changes, words):
    answer = client_of("admin").post(f"{SHOP}change/", typed(SHOP_IN_ROAD, **changes))
    assert answer.status_code == 400 and words in answer.content.decode()
    assert Item.objects.filter(code=SHOP_IN_ROAD).count() == 1


def test_a_new_item_is_made_by_the_same_form(client_of):
    admin = client_of("admin")
    assert admin.get("/checklist/new/").status_code == 200
    new = typed(SHOP_IN_ROAD, name_zh="新事项", name_en="New") | {"code": "30299"}
    seen = re.search(r'name="seen" value="(\w+)"', admin.post("/checklist/new/", new).content.decode())[1]
    assert admin.post("/checklist/new/", new | {"seen": seen}).url == "/checklist/30299/"
    assert ItemChange.objects.get(code="30299").what == "add"


def test_an_item_is_retired_from_a_day_on_and_not_before_its_events(client_of, cast):
    Story(cast, at=timezone.now()).report()
    admin = client_of("admin")
    for day, box in ((TODAY, "on"), (TOMORROW, "")):
        admin.post(f"{SHOP}retire/", {"end_day": day.isoformat(), "sure": box})
        assert Item.objects.get(code=SHOP_IN_ROAD).valid_to is None
    admin.post(f"{SHOP}retire/", {"end_day": TOMORROW.isoformat(), "sure": "on"})
    assert Item.objects.get(code=SHOP_IN_ROAD).valid_to == TOMORROW
    assert SHOP_IN_ROAD not in codes(admin.get(f"/checklist/?at={TOMORROW.isoformat()}"))


def test_the_epidemic_set_is_switched_on_and_off(client_of):
    admin = client_of("admin")
    days = {"first": TODAY.isoformat(), "last": TOMORROW.isoformat()}
    admin.post("/checklist/sets/epidemic/", days | {"act": "on"})
    assert len(codes(admin.get("/checklist/?q=190"))) == 12
    admin.post("/checklist/sets/epidemic/", {"act": "off"})
    assert codes(admin.get(f"/checklist/?q=190&at={TOMORROW.isoformat()}")) == []
    assert admin.post("/checklist/sets/other/", {"act": "off"}).status_code == 404


@pytest.mark.parametrize("person", ["worker", "director", "centre", "auditor"])
def test_only_its_keeper_changes_it(client_of, person):
    client = client_of(person)
    for url in ("/checklist/new/", f"{SHOP}change/", f"{SHOP}retire/", "/checklist/sets/epidemic/"):
        assert client.post(url, typed(SHOP_IN_ROAD)).status_code == 403
    assert "/change/" not in client.get(SHOP).content.decode()
