"""Reads of the area tree: prefix ranges, validity, names, maps, predecessors."""

from datetime import date

import pytest
from django.db import IntegrityError, connection
from django.utils.translation import override

from grids import queries
from grids.actions import advance_version
from grids.models import Area, Level, after_prefix
from tests.grids.conftest import feature


def test_within_is_the_area_and_all_below_it_and_nothing_beside_it(load, tiny):
    load([*tiny, feature("990101002", "street"), feature("990101009", "street")])
    assert [area.code for area in Area.objects.within("990101001001")] == [
        "990101001001",
        "990101001001001",
        "990101001001002",
    ]
    assert [area.code for area in Area.objects.within("990101009")] == ["990101009"]
    assert Area.objects.within("990101").count() == 7


@pytest.mark.parametrize(("code", "behind"), [("330104008", "330104009"), ("330104009", "33010400:")])
def test_a_prefix_ends_where_its_last_character_is_one_higher(code, behind):
    assert after_prefix(code) == behind


def test_a_prefix_is_read_from_the_index(load, tiny):
    load(tiny)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "area_code_never_reused" in Area.objects.within("990101001").order_by().explain()


def test_of_level_and_valid_on_read_like_a_sentence(load, tiny):
    tiny[4]["properties"] |= {"valid_from": "2019-01-01", "valid_to": "2020-01-01"}
    load(tiny)
    grids = Area.objects.within("990101").of_level(Level.GRID)
    for day, count in [((2018, 12, 31), 1), ((2019, 1, 1), 2), ((2019, 12, 31), 2), ((2020, 1, 1), 1)]:
        assert grids.valid_on(date(*day)).count() == count


def test_the_name_follows_the_language_and_falls_back_to_chinese():
    area = Area(name_zh="凯旋街道", name_en="Kaixuan Street")
    with override("en"):
        assert str(area) == "Kaixuan Street"
        assert Area(name_zh="凯旋街道").name == "凯旋街道"
    with override("zh-hans"):
        assert str(area) == "凯旋街道"


def test_a_code_is_never_reused(load, tiny):
    district, _ = load(tiny)
    with pytest.raises(IntegrityError):
        Area.objects.create(code="990101", level="district", district=district, name_zh="又一个")


def test_only_the_district_has_no_parent(load, tiny):
    district, _ = load(tiny)
    with pytest.raises(IntegrityError):
        Area.objects.create(code="990101005", level="street", district=district, name_zh="孤儿")


def test_a_map_is_one_query_in_code_order_and_in_the_readers_language(load, tiny, django_assert_num_queries):
    district, _ = load(tiny)
    with override("en"), django_assert_num_queries(1):
        found = queries.boundaries(district, within="990101001", level="grid")
    assert [f["properties"]["name"] for f in found["features"]] == [
        "Area 990101001001001",
        "Area 990101001001002",
    ]
    assert found["features"][0]["geometry"] == tiny[3]["geometry"]


def test_a_map_rounds_its_coordinates(load, tiny):
    tiny[3]["geometry"]["coordinates"][0][1] = [10.123456789, 10]
    district, _ = load(tiny)
    found = queries.boundaries(district, within="990101001001001", level="grid", digits=5)
    assert found["features"][0]["geometry"]["coordinates"][0][1] == [10.12346, 10]


def test_a_scope_covers_the_areas_its_own_came_from(load, tiny, django_assert_num_queries):
    load(
        [
            *tiny,
            feature("990101002", "street"),
            feature("990101002001", "community"),
            feature("990101002001001", "grid", predecessors=["990101001001001"]),
            feature("990101002001002", "grid", predecessors=["990101002001001"]),
        ]
    )
    assert queries.with_predecessors(["990101002001002"]) == {
        "990101002001002",
        "990101002001001",
        "990101001001001",
    }
    assert queries.with_predecessors(["990101002"]) == {"990101002", "990101001001001"}
    with django_assert_num_queries(1):
        assert queries.with_predecessors(["990101001"]) == {"990101001"}


def test_the_chain_leads_from_the_district_down(load, tiny):
    load(tiny)
    assert [area.level for area in queries.chain("990101001001002")] == Level.values


def test_a_version_advances_by_one_and_is_seen_at_once(load, tiny):
    district, _ = load(tiny)
    advance_version(district=district, of="catalogue_version")
    assert district.catalogue_version == 2
