"""The report on a map: gaps, overlaps and areas beyond their parent, by code and size."""

import pytest

from grids import survey
from tests.grids.conftest import feature, square

GRID_1, GRID_2 = "990101001001001", "990101001001002"


def told(district):
    return [(fault.kind, fault.code, fault.other) for fault in survey.faults(district)]


@pytest.fixture
def whole(tiny):
    """The tiny district with its second grid drawn out to the eastern border."""
    tiny[4]["geometry"] = square(10.5, 10, 12, 11)
    return tiny


def test_the_demos_map_has_no_fault(load, demo_map):
    district, _ = load(demo_map)
    assert survey.faults(district) == []


def test_a_whole_map_has_no_fault(load, whole, django_assert_num_queries):
    district, _ = load(whole)
    with django_assert_num_queries(1):
        assert survey.faults(district) == []


def test_what_no_grid_covers_is_a_gap_of_its_community(load, tiny):
    district, _ = load(tiny)
    assert told(district) == [("gap", "990101001001", "")]
    (gap,) = survey.faults(district)
    assert gap.square_metres == pytest.approx(12_170e6, rel=0.01), "one square degree at 10.5 north"


def test_two_grids_on_one_place_overlap(load, whole):
    whole[4]["geometry"] = square(10.4, 10, 12, 11)
    district, _ = load(whole)
    assert told(district) == [("overlap", GRID_1, GRID_2)]


def test_a_grid_inside_another_overlaps_it(load, whole):
    whole.append(feature("990101001001003", "grid", square(11, 10.2, 11.1, 10.3)))
    district, _ = load(whole)
    assert told(district) == [("overlap", GRID_2, "990101001001003")]


def test_a_grid_may_not_reach_out_of_its_community(load, whole):
    whole[4]["geometry"] = square(10.5, 10, 12.1, 11)
    district, _ = load(whole)
    assert told(district) == [("beyond", GRID_2, "990101001001")]


def test_a_hair_is_drawing_noise(load, whole):
    whole[4]["geometry"] = square(10.5, 10, 12, 11 - 1e-11)
    district, _ = load(whole)
    assert told(district) == []


def test_areas_that_are_not_drawn_yet_are_no_fault(load, whole):
    district, _ = load([*whole[:3], feature(GRID_1, "grid"), feature(GRID_2, "grid")])
    assert told(district) == []
