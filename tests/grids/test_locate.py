"""Point to grid: the right grid, the edge rule, outside, and no query when warm."""

from datetime import date, timedelta
from threading import Thread

import pytest
import shapely

from grids.locate import Place, locate, locate_many
from grids.models import Area, District, Level
from tests.grids.conftest import AT, square


def test_each_grid_of_the_demo_holds_its_own_middle(load, demo_map):
    district, _ = load(demo_map)
    for feature in demo_map:
        if feature["properties"]["level"] == "grid":
            middle = shapely.geometry.shape(feature["geometry"]).representative_point()
            assert locate(district, middle.x, middle.y) == Place(feature["properties"]["code"], Level.GRID)


def test_on_the_border_the_lower_code_wins_and_the_place_says_so(load, tiny):
    district, _ = load(tiny)
    assert locate(district, 10.5, 10.5) == Place("990101001001001", Level.GRID, on_edge=True)
    assert locate(district, 10.5 + 1e-8, 10.5) == Place("990101001001002", Level.GRID)


def test_a_corner_of_the_outline_is_an_edge_too(load, tiny):
    district, _ = load(tiny)
    assert locate(district, 10, 10) == Place("990101001001001", Level.GRID, on_edge=True)


def test_a_place_without_a_grid_falls_to_its_community(load, tiny):
    district, _ = load(tiny)
    assert locate(district, 11.5, 10.5) == Place("990101001001", Level.COMMUNITY)


@pytest.mark.parametrize(("lon", "lat"), [(9.9, 10.5), (10.5, 10.5 + 90), (0, 0)])
def test_outside_the_district_the_place_is_the_district(load, tiny, lon, lat):
    district, _ = load(tiny)
    assert locate(district, lon, lat) == Place("990101", Level.DISTRICT, outside=True)


def test_a_district_without_a_map_has_everything_outside(load, tiny):
    district, _ = load([feature | {"geometry": None} for feature in tiny])
    assert locate(district, 10.5, 10.5) == Place("990101", Level.DISTRICT, outside=True)


def test_what_is_not_a_point_is_refused(load, tiny):
    district, _ = load(tiny)
    with pytest.raises(ValueError, match="not a point"):
        locate(district, float("nan"), 10.5)


def test_a_warm_call_asks_the_database_nothing(load, tiny, django_assert_num_queries):
    district, _ = load(tiny)
    with django_assert_num_queries(1):
        locate(district, 10.2, 10.5)
    with django_assert_num_queries(0):
        locate(district, 10.7, 10.5)


def test_a_new_boundary_is_seen_once_the_districts_row_shows_its_version(load, tiny):
    before, _ = load(tiny)
    assert locate(before, 10.6, 10.5).area_code == "990101001001002"
    tiny[3]["geometry"], tiny[4]["geometry"] = square(10, 10, 10.8, 11), square(10.8, 10, 11, 11)
    load(tiny, at=AT + timedelta(days=1))
    assert locate(before, 10.6, 10.5).area_code == "990101001001002"
    assert locate(District.objects.get(pk="990101"), 10.6, 10.5).area_code == "990101001001001"


def test_an_earlier_day_is_asked_of_its_own_map_and_the_database_once(load, tiny, django_assert_num_queries):
    load(tiny)
    tiny[3]["geometry"], tiny[4]["geometry"] = square(10, 10, 10.8, 11), square(10.8, 10, 11, 11)
    load(tiny, at=AT + timedelta(days=1))
    district, day = District.objects.get(pk="990101"), AT.date()
    assert locate(district, 10.6, 10.5).area_code == "990101001001001"
    assert locate(district, 10.6, 10.5, on=day).area_code == "990101001001002"
    assert locate(district, 10.6, 10.5, on=day + timedelta(days=1)).area_code == "990101001001001"
    with django_assert_num_queries(0):
        locate(district, 10.6, 10.5, on=day)


def test_where_a_day_knew_no_area_the_present_one_is_told(load, tiny):
    tiny[4]["properties"]["valid_from"] = "2019-01-01"
    district, _ = load(tiny)
    Area.objects.filter(district=district).update(valid_from="2019-01-01")
    assert locate(district, 10.7, 10.5, on=date(2018, 12, 31)).area_code == "990101001001002"


def test_an_area_that_has_ended_holds_no_points(load, tiny):
    tiny[4]["properties"]["valid_to"] = "2019-01-01"
    district, _ = load(tiny)
    assert locate(district, 10.7, 10.5) == Place("990101001001", Level.COMMUNITY)


def test_many_threads_agree(load, tiny):
    """The first one to come reads the map inside this test's transaction; the others find it."""
    district, _ = load(tiny)
    locate(district, 10.2, 10.5)
    places = []
    threads = [Thread(target=lambda: places.append(locate(district, 10.2, 10.5))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert places == [Place("990101001001001", Level.GRID)] * 8


def test_many_points_are_located_as_each_alone(load, tiny):
    district, _ = load(tiny)
    points = [(10.2, 10.5), (10.5, 10.5), (11.5, 10.5), (9.9, 10.5), (10, 10)]
    assert locate_many(district, points) == [locate(district, *point) for point in points]
    assert locate_many(district, []) == []
