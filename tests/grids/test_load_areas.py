"""Loading areas: all or nothing, repeatable, history kept, every problem named."""

from datetime import date, timedelta

import pytest

from grids.actions import Report
from grids.models import Area, Boundary, District
from grids.problems import AreasRefusedError
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
    ([feature("990101001001002", "grid")], "code_duplicate", 6, "5, 6"),
    ([feature("990101002001", "community")], "orphan", 6, "990101002001"),
    ([feature("990101001002", "grid")], "orphan", 6, "990101001002"),
    ([feature("880101001", "street")], "code_foreign", 6, "880101001"),
    ([feature("990101002", "hamlet")], "level_unknown", 6, "hamlet"),
    ([feature("9901010x2", "street")], "code_not_digits", 6, "9901010x2"),
    ([feature("", "street")], "code_missing", 6, ""),
    ([feature("990101002", "street", name_zh="")], "name_missing", 6, "990101002"),
    ([feature("990101002", "street", name_zh="长" * 101)], "name_too_long", 6, "990101002"),
    ([feature("990101002", "street", BOW)], "boundary_broken", 6, "边界自相交"),
    ([feature("990101002", "street", {"type": "LineString", "coordinates": []})], "boundary_kind", 6, "Line"),
    ([feature("990101002", "street", {"type": "Point", "coordinates": [999, 1]})], "point_wrong", 6, "999"),
    ([feature("990101002", "street", {"type": "Polygon", "coordinates": "no"})], "boundary_broken", 6, ""),
    ([feature("990101002", "street", square(500, 10, 501, 11))], "boundary_far_off", 6, "990101002"),
    ([feature("990101002", "street", predecessors=["990101009"])], "predecessor_unknown", 6, "990101009"),
    ([feature("990101002", "street", valid_from="2019-02-02", valid_to="2019-01-01")],
     "ends_before_it_begins", 6, "990101002"),
    ([feature("990101002", "street", valid_from="soon")], "date_wrong", 6, "soon"),
    ([feature("990101002", "street", valid_to="2019-01-01"), feature("990101002001", "community")],
     "parent_ended", 7, "990101002"),
]  # fmt: skip


@pytest.mark.parametrize(("extra", "code", "row", "named"), PROBLEMS, ids=[row[1] for row in PROBLEMS])
def test_a_problem_is_told_with_its_row_and_nothing_is_loaded(load, tiny, extra, code, row, named):
    known = Area.objects.count(), District.objects.count()
    with pytest.raises(AreasRefusedError) as refusal:
        load(tiny + extra)
    (problem,) = [problem for problem in refusal.value.problems if problem.is_error]
    assert (problem.code, problem.row) == (code, row)
    assert named in problem.reason and problem.advice
    assert (Area.objects.count(), District.objects.count()) == known


@pytest.mark.parametrize("features", [[feature("990102", "district")], []], ids=["two districts", "none"])
def test_a_file_is_of_one_district(load, tiny, features):
    with pytest.raises(AreasRefusedError):
        load([*tiny[1:], *features, *(tiny[:1] if features else [])])
    assert not District.objects.filter(pk__startswith="9901").exists()


def test_all_problems_are_told_at_once(load, tiny):
    with pytest.raises(AreasRefusedError) as refusal:
        load([*tiny, tiny[4], feature("990101002001", "community"), feature("990101003", "street", BOW)])
    assert {problem.code for problem in refusal.value.problems} == {
        "code_duplicate", "orphan", "boundary_broken",
    }  # fmt: skip


def test_a_code_that_has_ended_is_never_used_again(load, tiny):
    tiny[4]["properties"]["valid_to"] = "2019-03-04"
    load(tiny)
    tiny[4]["properties"]["valid_to"] = "2030-01-01"
    with pytest.raises(AreasRefusedError, match="code_ended"):
        load(tiny)
    tiny[4]["properties"]["valid_to"] = None
    assert load(tiny)[1] == Report(unchanged=5)


def test_an_area_never_changes_its_level(load, tiny):
    load(tiny)
    tiny[2]["properties"]["level"] = "street"
    with pytest.raises(AreasRefusedError, match="level_wrong"):
        load(tiny)


def test_a_district_may_lack_a_level_altogether_but_not_here_and_there(load, tiny):
    flat = [tiny[0], tiny[1], feature("990101001001", "grid"), feature("990101001002", "grid")]
    load(flat)
    parents = Area.objects.filter(level="grid", code__startswith="990101").values_list(
        "parent__code", flat=True
    )
    assert set(parents) == {"990101001"}
    with pytest.raises(AreasRefusedError, match="orphan"):
        load([*flat, feature("990101001003", "community")])
