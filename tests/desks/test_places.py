"""The address book's pages, its part in the API, the report page and the filters: who, what, how many queries."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEntry
from events.models import Event
from grids import memory
from grids.models import District, NamedPlace
from grids.place_book import save_places
from tests.cast import FIRE_LANE, GAMBLING, GRID, NEXT_GRID, NEXT_STREET, SHOP_IN_ROAD, STREET, Cast, Story

LON, LAT = 120.18, 30.27
LIST, API = reverse("areas:places"), reverse("api:places")


def row(code, name, **more):
    given = {"code": code, "kind": "estate", "name": name, "longitude": LON, "latitude": LAT, "area": GRID}
    return given | more


@pytest.fixture
def cast(db):
    memory.forget()
    cast = Cast()
    rows = [
        row("A", "嘉泰小区", address="凯旋路 88 号"),
        row("A-1", "1幢", kind="building", parent="A"),
        row("N", "嘉泰新村", longitude=LON + 0.02, area=NEXT_GRID),
    ]
    save_places(district=cast.district, rows=rows)
    elsewhere = District.objects.create(code="990101", name_zh="外区")
    save_places(district=elsewhere, rows=[row("X", "嘉泰外区", area="990101")])
    yield cast
    memory.forget()


@pytest.fixture
def as_(cast):
    def as__(name):
        client = Client()
        client.force_login(getattr(cast, name), backend="accounts.backends.PostBackend")
        return client

    return as__


def test_everybody_of_the_district_finds_places_and_nobody_elses(as_):
    for name in ("worker", "police", "supervisor", "admin", "neighbour"):
        found = as_(name).get(API, {"q": "jt"}).json()
        assert {place["code"] for place in found} == {"A", "A-1", "N"}, name
    assert as_("worker").get(reverse("api:place", args=["X"])).status_code == 404
    assert as_("worker").get(reverse("areas:place", args=["X"])).status_code == 404
    assert Client().get(API, {"q": "jt"}).status_code == 401


def test_the_own_area_comes_first(as_):
    assert as_("worker").get(API, {"q": "嘉泰"}).json()[0]["code"] == "A"
    assert as_("neighbour").get(API, {"q": "嘉泰"}).json()[0]["code"] == "N"


def test_a_place_tells_what_a_report_takes(as_):
    found = as_("worker").get(reverse("api:place", args=["A-1"])).json()
    assert (found["name"], found["parent"], found["area_code"]) == ("嘉泰小区1幢", "A", GRID)
    assert as_("worker").get(reverse("api:place", args=["A"])).json()["address"] == "凯旋路 88 号 嘉泰小区"


def test_a_place_tells_what_is_usually_reported_there(cast, as_):
    for item, times in {SHOP_IN_ROAD: 3, FIRE_LANE: 2, GAMBLING: 4}.items():
        for _ in range(times):
            Story(cast, item, at=timezone.now()).report(longitude=LON + 0.0005, latitude=LAT, address="")
    told = as_("worker").get(reverse("api:place", args=["A"])).json()
    assert told["usual_items"] == [SHOP_IN_ROAD], "twice is not usual, and what is sensitive is not told"
    assert as_("neighbour").get(reverse("api:place", args=["A"])).json()["usual_items"] == []


@pytest.mark.parametrize(
    "query", [{"longitude": "x", "latitude": "1"}, {"longitude": "nan", "latitude": "1"}]
)
def test_what_is_no_point_is_refused(as_, query):
    assert as_("worker").get(API, {"q": "jt"} | query).status_code == 400


def test_the_report_page_is_filled_in_by_the_label(as_):
    page = as_("acceptor").get(reverse("desks:report"), {"place": "A"}).content.decode()
    assert '"address": "\\u51ef' in page or "凯旋路 88 号 嘉泰小区" in page
    for unknown in ("X", "NOBODY", "\x00"):
        answer = as_("acceptor").get(reverse("desks:report"), {"place": unknown})
        assert answer.status_code == 200 and answer.context["place"] is None


def test_a_place_is_named_nearby_or_where_no_grid_is_known(cast, as_):
    here, by_street = (Story(cast).report(area_code=GRID, address="嘉泰小区旁") for _ in range(2))
    Event.objects.filter(pk=by_street.id).update(area_code=STREET)
    Story(cast).report("next_worker", area_code=NEXT_GRID, address="嘉泰小区的住户在此")
    shown = as_("centre").get(reverse("desks:events"), {"near": "A"}).context["page"].rows
    assert {event.pk for event in shown} == {here.id, by_street.id}


def test_near_a_place_are_its_events_within_sight_alone(cast, as_):
    here = Story(cast).report(longitude=LON + 0.0005, latitude=LAT, address="")
    named = Story(cast).report(area_code=GRID, address="嘉泰小区1幢旁")
    Story(cast).report(longitude=LON + 0.003, latitude=LAT, address="")
    at = reverse("desks:events")
    shown = as_("worker").get(at, {"near": "A"}).context["page"].rows
    assert {event.pk for event in shown} == {here.id, named.id}
    assert as_("neighbour").get(at, {"near": "A"}).context["page"].rows == []
    for unknown in ("X", "NOBODY", "\x00"):
        assert not as_("worker").get(at, {"near": unknown}).context["page"].rows
    counts = as_("worker").get(reverse("areas:place", args=["A"])).context["events"]
    assert counts == {"open": 2, "all": 2}
    assert as_("neighbour").get(reverse("areas:place", args=["A"])).context["events"] == {"open": 0, "all": 0}
    assert Event.objects.count() == 3


def test_the_list_is_searched_filtered_and_paged(cast, as_, monkeypatch):
    client = as_("worker")
    codes = lambda **query: [each.code for each, _path in client.get(LIST, query).context["rows"]]  # noqa: E731
    assert codes() == ["A", "A-1", "N"]
    assert codes(kind="building") == ["A-1"]
    assert codes(area=NEXT_STREET) == ["N"]
    assert codes(q="jtxc") == ["N"] and codes(q="jt", kind="building") == ["A-1"]
    monkeypatch.setattr("desks.place_page.ROWS", 2)
    assert client.get(LIST).context["page"].after == "A-1"
    assert codes(after="A-1") == ["N"]
    points = client.get(reverse("areas:places_map"), {"area": GRID}).json()["features"]
    assert [point["properties"]["name"] for point in points] == ["嘉泰小区", "嘉泰小区1幢"]


def test_labels_lead_to_the_report_page(as_):
    page = as_("worker").get(reverse("areas:place_labels"), {"code": "A"})
    assert page.content.decode().count("data:image/svg") == 1
    assert as_("worker").get(reverse("areas:place_labels"), {"code": "X"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "args", "most"),
    [
        ("areas:places", [], 10),
        ("areas:place", ["A"], 10),
        ("areas:place_labels", [], 10),
        ("api:places", [], 10),
    ],
)
def test_a_page_takes_few_queries(as_, name, args, most):
    client, url = as_("worker"), reverse(name, args=args)
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(url, {"q": "jt"})
    assert len(queries) <= most, [query["sql"] for query in queries]


def test_the_administrator_adds_changes_and_ends_a_place(as_):
    admin = as_("admin")
    new = {"code": "B", "kind": "school", "name": "文澜小学", "longitude": str(LON), "latitude": str(LAT)}
    assert admin.post(reverse("areas:new_place"), new | {"code": "A"}).status_code == 400
    assert admin.post(reverse("areas:new_place"), new | {"name": "文澜 13812345678"}).status_code == 400
    assert admin.post(reverse("areas:new_place"), new).status_code == 302
    place = NamedPlace.objects.get(code="B")
    assert place.area_code.startswith(Cast().district.pk) and place.initials == "wlxx"
    change = reverse("areas:change_place", args=["B"])
    assert admin.get(change).status_code == 200
    assert admin.post(change, new | {"name": "文澜中学"}).status_code == 302
    assert admin.post(reverse("areas:retire_place", args=["B"])).status_code == 302
    place.refresh_from_db()
    assert place.name == "文澜中学" and place.valid_to is not None
    assert AuditEntry.objects.filter(kind="import", subject="places").count() == 3


@pytest.mark.parametrize("name", ["worker", "director", "centre", "supervisor", "police"])
def test_nobody_else_changes_the_book(as_, name):
    client = as_(name)
    for url in (
        reverse("areas:new_place"),
        reverse("areas:change_place", args=["A"]),
        reverse("areas:retire_place", args=["A"]),
    ):
        assert client.post(url, {"name": "x"}).status_code == 403
    assert NamedPlace.objects.filter(code="A", name="嘉泰小区", valid_to=None).exists()
