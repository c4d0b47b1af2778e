"""The address book from Excel and GeoJSON: every problem named, all or nothing, the grid by the point."""

import json
from io import BytesIO

import pytest
import shapely
from django.core.management import call_command
from django.core.management.base import CommandError

from grid_platform.sheets.opening import FileRefusedError
from grids.datum import wgs84_to_bd09
from grids.models import Area, Boundary, NamedPlace
from imports.actions import apply
from tests.cast import GRID, NEXT_GRID


@pytest.fixture
def point(cast):
    """A point inside the grid of the cast, WGS84."""
    shape = shapely.geometry.shape(Boundary.objects.get(area__code=GRID, valid_to=None).geometry)
    inside = shape.representative_point()
    return round(inside.x, 6), round(inside.y, 6)


@pytest.fixture
def row(point):
    def row_(**more):
        given = {"code": "A", "kind": "小区", "name": "嘉泰小区", "longitude": point[0], "latitude": point[1]}
        return {name: value for name, value in (given | more).items() if value is not None}

    return row_


def test_a_list_is_loaded_and_loading_it_again_changes_nothing(look, standing, row, point):
    rows = [row(), row(code="A-1", kind="building", name="1幢", parent="A", aliases="甲楼 一号楼")]
    found = look("places", *rows)
    assert found.counts["new"] == 2
    apply(found)
    place = NamedPlace.objects.get(code="A-1")
    assert (place.area_code, place.full_name, place.aliases) == (GRID, "嘉泰小区1幢", ["甲楼", "一号楼"])
    assert (place.longitude, place.latitude) == point
    assert look("places", *rows).changes_nothing
    assert look("places", file=standing("places")).changes_nothing


def test_a_column_the_file_lacks_stays(look, row):
    apply(look("places", row(address="凯旋路 88 号")))
    found = look("places", {"code": "A", "kind": "estate", "name": "嘉泰花苑"})
    assert [change.fields for change in found.changes] == [{"name": ("嘉泰小区", "嘉泰花苑")}]
    apply(found)
    place = NamedPlace.objects.get(code="A")
    assert place.address and place.longitude and place.initials == "jthy"


def test_what_the_whole_list_lacks_ends(look, row):
    apply(look("places", row(), row(code="B", name="红楼")))
    apply(look("places", row(), complete=True))
    assert NamedPlace.objects.get(code="A").valid_to is None
    assert NamedPlace.objects.get(code="B").valid_to is not None


PROBLEMS = [
    ({"name": None}, "name", "required"),
    ({"kind": "宫殿"}, "kind", "unknown_choice"),
    ({"code": "A B/C"}, "code", "wrong_form"),
    ({"longitude": "120,2"}, "longitude", "wrong_form"),
    ({"latitude": None}, "longitude", "half_a_point"),
    ({"longitude": "121.9"}, "longitude", "outside_district"),
    ({"longitude": "30.3", "latitude": "120.2"}, "longitude", "outside_district"),
    ({"area": NEXT_GRID}, "area", "other_area"),
    ({"area": "330104999"}, "area", "unknown_area"),
    ({"longitude": None, "latitude": None}, "area", "nowhere"),
    ({"longitude": None, "latitude": None, "area": "330104"}, "area", "nowhere"),
    ({"parent": "NOBODY"}, "parent", "unknown_place"),
    ({"parent": "A"}, "parent", "circle_of_places"),
    ({"name": "张三 13812345678"}, "name", "personal_data"),
    ({"aliases": "红楼 0571-87654321"}, "aliases", "personal_data"),
    ({"address": "凯旋路 330104199001011237"}, "address", "personal_data"),
    ({"valid_from": "2019-03-02", "valid_to": "2019-03-01"}, "valid_to", "ends_before"),
    ({"datum": "moon"}, "datum", "unknown_choice"),
]


@pytest.mark.parametrize(("more", "column", "code"), PROBLEMS)
def test_every_problem_is_named_and_nothing_loaded(look, row, codes, more, column, code):
    found = look("places", row(name="好地方", code="GOOD"), {**row(), **more})
    assert (3, column, code) in codes(found) and found.changes == []


def test_no_number_of_a_person_is_repeated_in_the_problem(look, row):
    problem = look("places", row(name="张三 13812345678")).problems[0]
    assert "13812345678" not in problem.value


def test_geojson_gives_the_same_places_in_any_datum(look, point):
    lon, lat = wgs84_to_bd09(*point)
    feature = {
        "type": "Feature",
        "properties": {"CODE": "A", "kind": "school", "Name": "嘉泰小学", "datum": "BD-09", "owner": "x"},
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
    }
    file = BytesIO(json.dumps({"type": "FeatureCollection", "features": [feature]}).encode("utf-8-sig"))
    found = look("places", file=file)
    assert found.problems == [] and found.unread == ("owner",)
    apply(found)
    place = NamedPlace.objects.get(code="A")
    assert (place.longitude, place.latitude) == pytest.approx(point, abs=1e-6)
    assert place.raw_point[2] == "bd09" and place.area_code == GRID


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"features": 3}', b'{"features": null}'])
def test_what_is_no_list_of_features_is_refused(look, content):
    with pytest.raises(FileRefusedError) as refused:
        look("places", file=BytesIO(content))
    assert refused.value.code == "not_geojson"


@pytest.mark.parametrize(
    "feature", [None, 3, {"geometry": 3}, {"geometry": {"type": "Polygon", "coordinates": []}}]
)
def test_a_strange_feature_is_a_problem(look, feature):
    file = BytesIO(json.dumps({"features": [feature]}).encode())
    assert look("places", file=file).problems


def test_the_command_takes_geojson_with_properties_of_other_names(cast, point, tmp_path):
    feature = {
        "properties": {"ID": "A", "TYPE": "estate", "TITLE": "嘉泰小区"},
        "geometry": {"type": "Point", "coordinates": point},
    }
    file = tmp_path / "places.geojson"
    file.write_text(json.dumps({"features": [feature]}))
    named = {"district": cast.district.pk, "file": file, "column": ["code=ID", "kind=TYPE", "name=TITLE"]}
    call_command("import_places", **named, dry_run=True)
    assert not NamedPlace.objects.exists()
    call_command("import_places", **named)
    assert NamedPlace.objects.get().name == "嘉泰小区"
    with pytest.raises(CommandError, match="Nothing was loaded"):
        call_command("import_places", district=cast.district.pk, file=file)


def test_a_place_without_a_point_takes_the_named_area(look):
    apply(look("places", {"code": "A", "kind": "shop", "name": "便利店", "area": GRID}))
    assert NamedPlace.objects.get().area_code == GRID
    assert Area.objects.filter(code=GRID).exists()
