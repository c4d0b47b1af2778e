"""Datum conversion: the published values, and back again within half a metre."""

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis.strategies import floats

from grids import datum

IN_CHINA = {"lon": floats(73, 135), "lat": floats(18, 53.5)}


def metres(a, b):
    return hypot((a[0] - b[0]) * cos(radians(a[1])), a[1] - b[1]) * 111_320


def test_the_published_example_of_gcj02():
    assert datum.wgs84_to_gcj02(116.404, 39.915) == pytest.approx((116.41024449916938, 39.91640428150164))


def test_the_published_example_of_bd09():
    assert datum.gcj02_to_bd09(116.404, 39.915) == pytest.approx((116.41036949371029, 39.92133699351021))


@given(**IN_CHINA)
def test_gcj02_comes_back_to_within_a_centimetre(lon, lat):
    assert metres((lon, lat), datum.gcj02_to_wgs84(*datum.wgs84_to_gcj02(lon, lat))) < 0.01


@given(**IN_CHINA)
def test_bd09_comes_back_to_within_half_a_metre(lon, lat):
    assert metres((lon, lat), datum.bd09_to_wgs84(*datum.wgs84_to_bd09(lon, lat))) < 0.5


@given(**IN_CHINA)
def test_the_shift_is_never_a_kilometre(lon, lat):
    assert metres((lon, lat), datum.wgs84_to_gcj02(lon, lat)) < 1000


@pytest.mark.parametrize("point", [(2.35, 48.86), (-74.0, 40.7), (151.2, -33.9)])
def test_outside_mainland_china_nothing_is_shifted(point):
    assert datum.wgs84_to_gcj02(*point) == point
    assert datum.gcj02_to_wgs84(*point) == point


def test_the_caller_names_the_datum_and_it_is_never_guessed():
    gcj02 = datum.wgs84_to_gcj02(120.2, 30.3)
    assert metres(datum.to_wgs84("gcj02", *gcj02), (120.2, 30.3)) < 0.01
    assert datum.to_wgs84("wgs84", 120.2, 30.3) == (120.2, 30.3)
    with pytest.raises(datum.UnknownDatumError, match="mars"):
        datum.to_wgs84("mars", 120.2, 30.3)
