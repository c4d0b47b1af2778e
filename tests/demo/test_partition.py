"""The demo's map is whole: the right numbers, the same every time, no gap, no overlap."""

from collections import Counter
from hashlib import sha256
from itertools import pairwise
from json import dumps

import numpy as np
import pytest
import shapely

from demo import partition

HASH = "15c40c88bb4649d2d2d0c5b106e359774eb9ed663bcc167becd59aad69718f92"
"""Changes only when the partition is meant to change: the events of a running demo hang on it."""

LEVELS = ["district", "street", "community", "grid"]


@pytest.fixture(scope="module")
def collection():
    return partition.features()


@pytest.fixture(scope="module")
def rings(collection):
    """Level to code to ring of whole micro-degrees, so that every check below is exact."""
    found = {level: {} for level in LEVELS}
    for feature in collection["features"]:
        (ring,) = feature["geometry"]["coordinates"]
        found[feature["properties"]["level"]][feature["properties"]["code"]] = [
            (round(lon * 1_000_000), round(lat * 1_000_000)) for lon, lat in ring
        ]
    return found


def doubled_area(ring):
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))


def test_the_numbers_are_the_districts_own(collection):
    levels = Counter(feature["properties"]["level"] for feature in collection["features"])
    assert levels == {"district": 1, "street": 8, "community": 146, "grid": 615}


def test_each_community_has_two_to_eight_grids(rings):
    counts = Counter(code[:12] for code in rings["grid"])
    assert counts.keys() == rings["community"].keys()
    assert min(counts.values()) >= 2
    assert max(counts.values()) <= 8


def test_it_is_the_same_every_time_and_everywhere(collection):
    partition._grids.cache_clear()
    partition._cells.cache_clear()
    again = dumps(partition.features(), ensure_ascii=False)
    assert again == dumps(collection, ensure_ascii=False)
    assert sha256(again.encode()).hexdigest() == HASH


def test_every_polygon_is_simple_and_turns_left(rings):
    for level in LEVELS:
        for code, ring in rings[level].items():
            assert shapely.Polygon(ring).is_valid, code
            assert doubled_area(ring) > 0, code


@pytest.mark.parametrize("level", LEVELS)
def test_the_areas_of_a_level_add_up_to_the_district(rings, level):
    (district,) = rings["district"].values()
    assert sum(map(doubled_area, rings[level].values())) == doubled_area(district)


@pytest.mark.parametrize("level", LEVELS)
def test_every_edge_has_one_neighbour_or_is_the_outline(rings, level):
    (district,) = rings["district"].values()
    directed = Counter(edge for ring in rings[level].values() for edge in pairwise(ring))
    assert set(directed.values()) == {1}
    alone = {edge for edge in directed if edge[::-1] not in directed}
    assert alone == set(pairwise(district))


@pytest.mark.parametrize(("level", "below"), [("community", "grid"), ("street", "community")])
def test_an_area_is_the_union_of_those_below_it(rings, level, below):
    for code, ring in rings[level].items():
        parts = [part for child, part in rings[below].items() if child.startswith(code)]
        assert sum(map(doubled_area, parts)) == doubled_area(ring), code


def test_no_two_grids_overlap(rings):
    polygons = [shapely.Polygon(ring) for ring in rings["grid"].values()]
    tree = shapely.STRtree(polygons)
    for first, second in zip(*tree.query(polygons, predicate="intersects"), strict=True):
        if first < second:
            assert polygons[first].intersection(polygons[second]).area == 0


def test_it_lies_in_the_districts_box(rings):
    (district,) = rings["district"].values()
    west, south, east, north = shapely.Polygon(district).bounds
    assert 120_160_000 <= west < east <= 120_330_000
    assert 30_240_000 <= south < north <= 30_400_000


def test_numbers_run_in_rows_from_the_north_each_from_the_west():
    seeds = [[(0, 0), (9, 1), (5, 9), (0, 8)], [(3, 5), (1, 1)]]
    assert [partition._reading_order(np.array(some)).tolist() for some in seeds] == [
        [[0, 8], [5, 9], [0, 0], [9, 1]],
        [[1, 1], [3, 5]],
    ]


def test_the_known_communities_have_their_names_and_all_is_marked_synthetic(collection):
    names = {f["properties"]["code"]: f["properties"] for f in collection["features"]}
    assert names["330104005001"]["name_zh"] == "凯西社区"
    assert names["330104008001"]["name_zh"] == "运新社区"
    assert names["330104007001"]["name_zh"] == "濮家联合社区"
    assert [names[f"33010401200{n}"]["name_zh"] for n in (1, 2)] == ["浜河社区", "红星社区"]
    assert names["330104013001"]["name_zh"] == "皋城村"
    assert names["330104006003"]["name_en"] == "Caihe No. 3 Community"
    assert names["330104005001001"]["name_zh"] == "凯西社区第1网格"
    assert all(properties["synthetic"] for properties in names.values())
