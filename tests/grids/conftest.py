"""A tiny district: one street, one community and two square grids side by side, a third without a map."""

from datetime import UTC, datetime
from json import dumps, loads

import pytest

from demo import partition
from grids import actions, locate

AT = datetime(2019, 3, 4, 1, 0, tzinfo=UTC)


def square(west, south, east, north):
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def feature(code, level, geometry=None, **properties):
    properties = {
        "code": code,
        "level": level,
        "name_zh": f"区域{code}",
        "name_en": f"Area {code}",
    } | properties
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@pytest.fixture
def tiny():
    """Features of the district 990101, two degrees wide; its east half has no grid yet."""
    return [
        feature("990101", "district", square(10, 10, 12, 11)),
        feature("990101001", "street", square(10, 10, 12, 11)),
        feature("990101001001", "community", square(10, 10, 12, 11)),
        feature("990101001001001", "grid", square(10, 10, 10.5, 11)),
        feature("990101001001002", "grid", square(10.5, 10, 11, 11)),
    ]


@pytest.fixture
def demo_map():
    """The demo's 770 features under codes of their own, 990104…: the template knows 330104 already."""
    return loads(dumps(partition.features()["features"]).replace('"330104', '"990104'))


@pytest.fixture
def load(db):
    """Load features; returns the district and the report."""

    def load_(features, at=AT):
        return actions.load_geojson(collection={"type": "FeatureCollection", "features": features}, at=at)

    yield load_
    locate.forget("990101")
    locate.forget("990104")
