"""The area browser: tree, search, facts and map for everybody of the district, counts by the reader's scope."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from grids.actions import import_file
from grids.area_files import AreaFile
from grids.area_plan import plan_file
from grids.area_rows import Reading
from grids.models import Area
from grids.places import places_of
from tests.cast import COMMUNITY, DISTRICT, GAMBLING, GRID, MONDAY, NEXT_STREET, STREET, Story, story_at
from tests.grids.conftest import feature


@pytest.fixture
def page(cast):
    def page_(person: str, code: str = "", query: str = "", **headers):
        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        client.force_login(getattr(cast, person), backend="accounts.backends.PostBackend")
        return client.get(
            reverse("areas:area", args=[code]) + query if code else f"/areas/{query}", headers=headers
        )

    return page_


def test_the_district_opens_with_its_streets(page):
    shown = page("worker").context
    assert shown["area"].code == DISTRICT
    assert [node.depth for node in shown["tree"]] == [0, *[1] * 8]
    assert [count for _label, count in shown["counts"]] == [8, 146, 615]


def test_the_tree_is_open_along_the_path_and_the_map_shows_what_lies_below(page):
    shown = page("police", COMMUNITY).context
    opened = [node.place.code for node in shown["tree"] if node.is_open]
    assert opened == [DISTRICT, STREET, COMMUNITY]
    assert [place.code for place in shown["path"]] == [DISTRICT, STREET]
    assert shown["map"] == {"within": COMMUNITY, "level": "grid", "own": ""}
    assert page("police", GRID).context["map"] == {"within": COMMUNITY, "level": "grid", "own": GRID}


@pytest.mark.parametrize(
    ("asked", "found"), [("凯西社区第1网格", [GRID]), (GRID, [GRID]), ("没有这样的", [])]
)
def test_an_area_is_found_by_name_and_by_code(page, asked, found):
    assert [place.code for place in page("fire", "", f"?q={asked}").context["found"]] == found


def test_the_search_replaces_the_tree_alone(page):
    answer = page("fire", GRID, "?q=凯西", **{"HX-Request": "true", "HX-Target": "area-tree"})
    assert "<html" not in answer.content.decode()
    assert GRID in answer.content.decode()


def test_units_are_named_with_their_roles_and_never_their_people(page, cast):
    answer = page("neighbour", GRID)
    ((unit, roles),) = answer.context["units"]
    assert unit.code == f"TEAM@{GRID}"
    assert sum(people for _role, people in roles) >= 3
    for person in (cast.worker, cast.leader):
        assert person.display_name not in answer.content.decode()


def test_the_desk_of_an_area_is_named_first(page, cast):
    units = [unit for unit, _roles in page("neighbour", STREET).context["units"]]
    assert units[0].code == f"ZHZX@{STREET}" and not any(unit.is_desk for unit in units[1:])


def test_open_events_are_counted_as_the_reader_may_see_them(page, cast):
    Story(cast).report().route()
    Story(cast, GAMBLING).report().route()
    story_at(cast, "closed")
    assert page("community", STREET).context["open_events"] == 1
    assert page("director", STREET).context["open_events"] == 2
    assert page("neighbour", STREET).context["open_events"] == 0
    assert page("neighbour", NEXT_STREET).context["open_events"] == 0


def test_an_area_of_another_district_is_not_found(page, db):
    file = AreaFile.uploaded("a.geojson", json.dumps({"features": [feature("990101", "district")]}).encode())
    import_file(district_code="990101", file=file, reading=Reading(), at=MONDAY)
    assert page("centre", "990101").status_code == 404
    assert page("centre", "33010400599").status_code == 404


def test_an_ended_area_tells_what_it_went_into(page):
    area = Area.objects.get(code=GRID)
    new = Area.objects.create(
        code=f"{COMMUNITY}901", level="grid", parent=area.parent, district=area.district, name_zh="新网格"
    )
    new.predecessors.add(area)
    Area.objects.filter(code=GRID).update(valid_to=MONDAY.date())
    area.district.boundary_version += 1
    area.district.save()
    answer = page("worker", GRID)
    assert not answer.context["is_in_force"]
    assert new.code in answer.content.decode()
    assert GRID not in [node.place.code for node in page("worker", COMMUNITY).context["tree"]]
    assert GRID in page("worker", new.code).content.decode()


def test_the_map_is_sent_once_and_is_the_readers_language(page, cast, client):
    client.force_login(cast.worker, backend="accounts.backends.PostBackend")
    url = reverse("areas:map", args=[COMMUNITY])
    answer = client.get(f"{url}?level=grid")
    assert answer.json()["features"][0]["properties"]["code"] == GRID
    again = client.get(f"{url}?level=grid", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    assert client.get(f"{url}?level=hamlet").status_code == 404


def test_an_area_without_a_boundary_is_a_point_on_the_map(cast, client):
    area = Area.objects.get(code=GRID)
    area.boundaries.all().delete()
    Area.objects.filter(code=GRID).update(longitude=120.18, latitude=30.26)
    client.force_login(cast.worker, backend="accounts.backends.PostBackend")
    shown = client.get(f"{reverse('areas:map', args=[COMMUNITY])}?level=grid").json()["features"]
    assert [each["geometry"] for each in shown if each["properties"]["code"] == GRID] == [
        {"type": "Point", "coordinates": [120.18, 30.26]}
    ]


def test_an_exported_district_comes_back_without_a_change(cast, client):
    client.force_login(cast.worker, backend="accounts.backends.PostBackend")
    answer = client.get(f"{reverse('areas:boundary', args=[STREET])}?below")
    assert "attachment" in answer["Content-Disposition"]
    file = AreaFile.uploaded("back.geojson", answer.content)
    plan = plan_file(district_code=DISTRICT, file=file, reading=Reading(), at=MONDAY)
    below = len([code for code in places_of(cast.district) if code.startswith(STREET)])
    assert (plan.changes, plan.errors, plan.unchanged) == ([], [], below)


def test_a_page_costs_the_same_however_many_areas_there_are(cast, client, django_assert_max_num_queries):
    """Session, person, unread; the area, its old and new codes, its boundary, units, roles, predecessors, count."""
    client.force_login(cast.worker, backend="accounts.backends.PostBackend")
    client.get(reverse("areas:area", args=[GRID]))
    for code in (GRID, STREET, DISTRICT):
        with django_assert_max_num_queries(12):
            client.get(reverse("areas:area", args=[code]))
