"""Finding places by a few letters: words, initials, the order, what has ended, other districts, and queries."""

from datetime import timedelta

import pytest
from django.utils import timezone

from grids import memory
from grids.models import NamedPlace
from grids.place_book import end_places, save_places
from grids.place_search import find_places
from grids.place_words import initials_and_pinyin, words_of
from tests.grids.conftest import feature, square

WEST, EAST = "990101001001001", "990101001001002"


@pytest.fixture
def district(load, tiny):
    yield load(tiny)[0]
    memory.forget()


def row(code, name, **more):
    given = {
        "code": code,
        "kind": "estate",
        "name": name,
        "longitude": "10.2",
        "latitude": "10.5",
        "area": WEST,
    }
    return given | more


def names(district, asked, **how):
    return [place.code for place in find_places(district, asked, **how)]


@pytest.mark.parametrize(
    ("name", "initials", "pinyin"),
    [
        ("嘉泰小区", "jtxq", "jiataixiaoqu"),
        ("嘉泰小区3幢", "jtxq3z", "jiataixiaoqu3zhuang"),
        ("重庆路", "cql", "chongqinglu"),  # by the word, not the character's first reading
        ("ＡＢ 座", "abz", "abzuo"),
    ],
)
def test_initials_and_pinyin_of_a_name(name, initials, pinyin):
    assert initials_and_pinyin(name) == (initials, pinyin)


def test_every_name_of_a_place_is_a_word():
    assert words_of("嘉泰小区", ["红楼"], "凯旋路 88 号").split("\n") == [
        "嘉泰小区", "jtxq", "jiataixiaoqu", "红楼", "hl", "honglou", "凯旋路88号",
    ]  # fmt: skip


@pytest.mark.parametrize("asked", ["嘉泰", "泰小", "JTXQ", "jt", "jiatai", "jia tai", "红楼", "hl", "凯旋路"])
def test_a_place_is_found_by_any_part_of_any_name(district, asked):
    save_places(
        district=district,
        rows=[row("A", "嘉泰小区", aliases=["红楼"], address="凯旋路88号"), row("B", "文澜公园")],
    )
    assert names(district, asked) == ["A"]


def test_the_whole_word_then_the_own_area_then_beginnings_then_the_nearer(district):
    save_places(
        district=district,
        rows=[
            row("WHOLE", "学院", longitude="10.9", area=EAST),
            row("BEGINS", "学院里", longitude="10.9", area=EAST),
            row("OWN", "小学院子", longitude="10.1"),
            row("OWN_BEGINS", "学院苑", longitude="10.4"),
            row("OWN_NEARER", "学院路口", longitude="10.2"),
            row("PART", "1幢", parent="OWN_NEARER", longitude="10.1"),
        ],
    )
    found = names(district, "学院", area=WEST, near=(10.1, 10.5))
    assert found == ["WHOLE", "OWN_NEARER", "OWN_BEGINS", "PART", "OWN", "BEGINS"]


def test_a_part_is_found_by_the_name_of_the_whole_also_when_that_changes(district):
    save_places(district=district, rows=[row("A-1", "1幢", parent="A"), row("A", "嘉泰小区")])
    assert names(district, "jtxq1z") == ["A-1"]
    save_places(district=district, rows=[row("A", "景湖苑")])
    assert names(district, "jhy1") == ["A-1"] and names(district, "jtxq") == []


def test_what_has_ended_or_not_begun_is_not_found(district):
    today = timezone.localdate()
    later = (today + timedelta(days=3)).isoformat()
    save_places(district=district, rows=[row("A", "嘉泰小区"), row("B", "嘉泰花苑", valid_from=later)])
    assert names(district, "嘉泰") == ["A"]
    end_places(district=district, codes=["A"], on=today)
    assert names(district, "嘉泰") == []


def test_another_districts_places_are_never_found(district, load):
    other, _ = load([feature("990104", "district", square(20, 10, 22, 11))])
    save_places(district=other, rows=[row("A", "嘉泰小区", area="990104")])
    assert names(district, "嘉泰") == [] and names(other, "嘉泰") == ["A"]


def test_the_point_is_converted_and_the_pair_kept(district):
    save_places(
        district=district, rows=[row("A", "嘉泰小区", longitude="120.2", latitude="30.3", datum="gcj02")]
    )
    place = NamedPlace.objects.get(code="A")
    assert place.raw_point == [120.2, 30.3, "gcj02"]
    assert (place.longitude, place.latitude) == pytest.approx((120.1953, 30.3024), abs=5e-4)


def test_warm_only_the_shown_places_are_read(district, django_assert_num_queries):
    save_places(district=district, rows=[row("A", "嘉泰小区"), row("B", "1幢", parent="A")])
    with django_assert_num_queries(2):
        find_places(district, "jt")
    with django_assert_num_queries(1):
        assert [place.full_name for place in find_places(district, "jt")] == ["嘉泰小区", "嘉泰小区1幢"]
    with django_assert_num_queries(0):
        assert find_places(district, " ") == []
