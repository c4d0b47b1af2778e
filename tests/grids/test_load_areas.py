"""Loading areas: all or nothing, repeatable, history kept, every problem named."""

from datetime import date, timedelta
from json import dumps

import pytest
from django.core.management import CommandError, call_command

from grids.actions import AreasRefusedError, Report
from grids.models import Area, Boundary, District
from tests.grids.conftest import AT, feature, square


def test_the_demo_loads_and_loading_it_again_changes_nothing(load, demo_map):
    district, report = load(demo_map)
    assert report == Report(created=770)
    assert district.box == pytest.approx((120.16, 30.24, 120.33, 30.40), abs=0.001)
    version = district.boundary_version
    district, report = load(demo_map)
    assert report == Report(unchanged=770)
    assert district.boundary_version == version
    assert Boundary.objects.filter(area__district=district).count() == 770


def test_each_area_hangs_under_the_area_whose_code_begins_its_own(load, tiny):
    load(tiny)
    parents = dict(Area.objects.within("990101").values_list("code", "parent__code"))
    assert parents == {
        "990101": None,
        "990101001": "990101",
        "990101001001": "990101001",
        "990101001001001": "990101001001",
        "990101001001002": "990101001001",
    }


def test_a_new_name_changes_one_area_and_the_version(load, tiny):
    before, _ = load(tiny)
    tiny[4]["properties"]["name_zh"] = "新名"
    after, report = load(tiny)
    assert report == Report(changed=1, unchanged=4)
    assert after.boundary_version == before.boundary_version + 1


def test_an_old_boundary_ends_the_day_the_new_one_begins(load, tiny):
    load(tiny)
    old = tiny[4]["geometry"]
    tiny[4]["geometry"] = square(10.5, 10, 11.2, 11)
    _, report = load(tiny, at=AT + timedelta(days=7))
    assert report == Report(changed=1, unchanged=4)
    history = Boundary.objects.filter(area__code="990101001001002").order_by("pk")
    assert [(row.geometry, row.valid_from, row.valid_to) for row in history] == [
        (old, None, date(2019, 3, 11)),
        (tiny[4]["geometry"], date(2019, 3, 11), None),
    ]


def test_a_file_with_some_of_the_areas_leaves_the_others_alone(load, tiny):
    load(tiny)
    _, report = load([tiny[0], feature("990101001001003", "grid", square(11, 10, 12, 11))])
    assert report == Report(created=1, unchanged=1)
    assert Area.objects.within("990101").count() == 6


def test_a_split_makes_new_codes_that_know_their_predecessor(load, tiny):
    load(tiny)
    tiny[4]["properties"]["valid_to"] = "2019-03-04"
    for code in ("990101001001003", "990101001001004"):
        tiny.append(feature(code, "grid", predecessors=["990101001001002"], valid_from="2019-03-04"))
    _, report = load(tiny)
    assert report == Report(created=2, changed=1, unchanged=4)
    successors = Area.objects.get(code="990101001001002").successors.values_list("code", flat=True)
    assert list(successors) == ["990101001001003", "990101001001004"]
    assert load(tiny)[1] == Report(unchanged=7)


BOW = {"type": "Polygon", "coordinates": [[[10, 10], [11, 11], [11, 10], [10, 11], [10, 10]]]}

PROBLEMS = [
    ([feature("990101001001002", "grid")], "990101001001002"),
    ([feature("990101002001", "community")], "990101002001"),
    ([feature("990101001002", "grid")], "990101001002"),
    ([feature("880101001", "street")], "880101001"),
    ([feature("990101002", "village")], "village"),
    ([feature("9901010x2", "street")], "9901010x2"),
    ([feature("990101002", "street", name_zh="")], "990101002"),
    ([feature("990101002", "street", BOW)], "Self-intersection"),
    ([feature("990101002", "street", {"type": "Point", "coordinates": [10, 10]})], "990101002"),
    ([feature("990101002", "street", {"type": "Polygon", "coordinates": "no"})], "990101002"),
    ([feature("990101002", "street", square(500, 10, 501, 11))], "990101002"),
    ([feature("990101002", "street", predecessors=["990101009"])], "990101009"),
    ([feature("990101002", "street", valid_from="2019-02-02", valid_to="2019-01-01")], "990101002"),
    ([feature("990102", "district")], ""),
    ([feature("990101002", "street", valid_from="soon")], "soon"),
    ([{"type": "Feature", "properties": {}, "geometry": None}], "code"),
]


@pytest.mark.parametrize(("extra", "named"), PROBLEMS)
def test_a_problem_is_named_and_nothing_is_loaded(load, tiny, extra, named):
    known = Area.objects.count(), District.objects.count()
    with pytest.raises(AreasRefusedError) as refusal:
        load(tiny + extra)
    assert len(refusal.value.problems) >= 1
    assert any(named in problem for problem in refusal.value.problems)
    assert (Area.objects.count(), District.objects.count()) == known


def test_all_problems_are_told_at_once(load, tiny):
    with pytest.raises(AreasRefusedError) as refusal:
        load([*tiny, tiny[4], feature("990101002001", "community"), feature("990101003", "street", BOW)])
    assert len(refusal.value.problems) == 4


def test_the_command_loads_a_file_and_says_what_it_did(load, tiny, tmp_path, capsys):
    path = tmp_path / "areas.geojson"
    path.write_text(dumps({"type": "FeatureCollection", "features": tiny}), encoding="utf-8")
    call_command("load_areas", file=path)
    said = capsys.readouterr()
    assert "5 created, 0 changed, 0 unchanged" in said.out
    assert "990101001001" in said.err, "the gap is told"
    call_command("load_areas", file=path)
    assert "0 created, 0 changed, 5 unchanged" in capsys.readouterr().out


def test_the_command_refuses_what_is_no_geojson(db, tmp_path):
    path = tmp_path / "areas.geojson"
    path.write_text("code;name", encoding="utf-8")
    with pytest.raises(CommandError, match="not readable GeoJSON"):
        call_command("load_areas", file=path)
    with pytest.raises(CommandError, match="not readable GeoJSON"):
        call_command("load_areas", file=tmp_path / "missing.geojson")
