"""The demo's synthetic map: one district cut into 8 streets, 146 communities and 615 grids.

The real boundaries are not public. Names, codes and numbers are the district's own, the lines are
invented and marked as synthetic. How it is made, so that it is exact and the same everywhere:

1. On a lattice of points inside the outline, streets are the points nearest to a street's centre;
   communities inside a street, and grids inside a community, come from Lloyd's relaxation.
   All of it is integer arithmetic (micro-degrees), so no platform rounds it differently.
2. One Voronoi diagram of all 615 grid seeds is clipped to the outline and its corners rounded to a
   micro-degree. Neighbours share corners, so they stay neighbours.
3. Long edges get a bent middle that depends on their two ends only, so both sides bend alike.
4. Communities, streets and the district are unions of their grids. Nothing is ever cut again.

Units: integer micro-degrees inside, degrees (lon, lat), WGS84, in the GeoJSON that comes out.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import isqrt
from random import Random
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

SEED = 330104
DISTRICT = ("330104", "江干区", "Jianggan District")
SOURCE = "演示用虚构边界，并非真实区划"

STEP = 600
"""Spacing of the lattice in micro-degrees, about 60 m."""
STRETCH = np.array([863, 1000])
"""A degree of longitude is 0.863 of a degree of latitude here."""
LONG_EDGE = 1500
"""From this length on (micro-degrees) an edge gets a bent middle."""

OUTLINE = (
    (120.176, 30.242), (120.188, 30.240), (120.204, 30.243), (120.219, 30.251), (120.231, 30.262),
    (120.247, 30.271), (120.268, 30.276), (120.292, 30.281), (120.314, 30.291), (120.330, 30.306),
    (120.327, 30.322), (120.312, 30.336), (120.292, 30.343), (120.274, 30.346), (120.264, 30.357),
    (120.265, 30.374), (120.256, 30.390), (120.240, 30.400), (120.222, 30.397), (120.210, 30.385),
    (120.203, 30.368), (120.190, 30.353), (120.178, 30.340), (120.170, 30.322), (120.166, 30.304),
    (120.160, 30.289), (120.162, 30.274), (120.168, 30.261), (120.171, 30.250),
)  # fmt: skip
"""Counter-clockwise from the south-west; the first ten follow the river."""

STREETS: dict[str, tuple[tuple[float, float], int, tuple[tuple[str, str], ...]]] = {
    "330104005": ((120.177, 30.271), 12, (("凯西社区", "Kaixi Community"),)),
    "330104006": ((120.189, 30.252), 20, ()),
    "330104007": ((120.183, 30.294), 16, (("濮家联合社区", "Pujia United Community"),)),
    "330104008": ((120.213, 30.259), 15, (("运新社区", "Yunxin Community"),)),
    "330104011": ((120.231, 30.289), 17, ()),
    "330104012": (
        (120.204, 30.328), 26, (("浜河社区", "Banghe Community"), ("红星社区", "Hongxing Community")),
    ),
    "330104013": ((120.233, 30.371), 20, (("皋城村", "Gaocheng Village"),)),
    "330104014": ((120.285, 30.312), 20, ()),
}  # fmt: skip
"""Street code: centre, number of communities, the communities whose names the sources tell."""

GRIDS = 615


@dataclass(frozen=True)
class _Grid:
    code: str
    name_zh: str
    name_en: str
    seed: tuple[int, int]


def features() -> dict[str, Any]:
    """A GeoJSON FeatureCollection of the district, its streets, communities and grids, in code order.

    Properties: ``code``, ``level``, ``name_zh``, ``name_en``, ``source`` and ``synthetic`` (always true).
    """
    named = {code: names for code, *names in _names_above()} | {
        grid.code: [grid.name_zh, grid.name_en] for grid in _grids()
    }
    cells = _cells()
    levels = {6: "district", 9: "street", 12: "community", 15: "grid"}
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "code": code,
                    "level": levels[len(code)],
                    "name_zh": names[0],
                    "name_en": names[1],
                    "source": SOURCE,
                    "synthetic": True,
                },
                "geometry": _geometry([cell for grid, cell in cells.items() if grid.startswith(code)]),
            }
            for code, names in sorted(named.items())
        ],
    }


# The tree ---------------------------------------------------------------------------------------


def _names_above() -> Iterator[tuple[str, str, str]]:
    """Code and names of the district, its streets and their communities."""
    yield DISTRICT
    with (files("grids") / "data" / "streets.csv").open(encoding="utf-8") as rows:
        for street in csv.DictReader(rows):
            code, name_zh, name_en = street["code"], street["name_zh"], street["name_en"]
            yield code, name_zh, f"{name_en} Street"
            _, communities, known = STREETS[code]
            for number in range(1, communities + 1):
                yield (
                    f"{code}{number:03}",
                    *(
                        known[number - 1]
                        if number <= len(known)
                        else (
                            f"{name_zh.removesuffix('街道')}第{number}社区",
                            f"{name_en} No. {number} Community",
                        )
                    ),
                )


@cache
def _grids() -> list[_Grid]:
    """All grids with their seeds, in code order."""
    random = Random(SEED)
    names = {code: names for code, *names in _names_above()}
    lattice = _lattice()
    centres = _micro([centre for centre, _, _ in STREETS.values()])
    owner = _nearest(lattice, centres)
    numbers = iter(_grids_per_community(random))
    grids = []
    for index, (street, (_, communities, _)) in enumerate(STREETS.items()):
        inside = lattice[owner == index]
        seeds = _reading_order(_relax(inside, communities, random))
        mine = _nearest(inside, seeds)
        for number in range(communities):
            code = f"{street}{number + 1:03}"
            name_zh, name_en = names[code]
            places = _reading_order(_relax(inside[mine == number], next(numbers), random))
            grids += [
                _Grid(f"{code}{n:03}", f"{name_zh}第{n}网格", f"{name_en} Grid {n}", (int(x), int(y)))
                for n, (x, y) in enumerate(places, 1)
            ]
    return grids


def _grids_per_community(random: Random) -> list[int]:
    """2 to 8 for each community, 615 together."""
    counts = [2 + int(random.random() * 5) for _ in range(sum(count for _, count, _ in STREETS.values()))]
    while (missing := GRIDS - sum(counts)) != 0:
        chosen = int(random.random() * len(counts))
        counts[chosen] = min(8, max(2, counts[chosen] + (1 if missing > 0 else -1)))
    return counts


# Seeds ------------------------------------------------------------------------------------------


def _micro(degrees: Any) -> np.ndarray:
    return np.rint(np.array(degrees) * 1_000_000).astype(np.int64)


def _lattice() -> np.ndarray:
    """Points (n, 2) every STEP inside the outline."""
    outline = shapely.Polygon(_micro(OUTLINE))
    west, south, east, north = (int(side) for side in outline.bounds)
    x, y = np.meshgrid(np.arange(west, east, STEP), np.arange(south, north, STEP))
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    return points[shapely.contains_xy(outline, points)]


def _nearest(points: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """For each point the index of its nearest seed; the first of equals."""
    return (((points[:, None] - seeds[None]) * STRETCH) ** 2).sum(axis=2).argmin(axis=1)


def _relax(points: np.ndarray, count: int, random: Random) -> np.ndarray:
    """``count`` seeds spread over the points: random ones, each moved to the middle of its share.

    Three rounds only: more would make a honeycomb, and a district is not one.
    """
    chosen: dict[int, None] = {}
    while len(chosen) < count:
        chosen[int(random.random() * len(points))] = None
    seeds = points[list(chosen)]
    for _ in range(3):
        owner = _nearest(points, seeds)
        seeds = np.array([points[owner == i].sum(axis=0) // (owner == i).sum() for i in range(count)])
    return seeds


def _reading_order(seeds: np.ndarray) -> np.ndarray:
    """North to south in rows, each row west to east."""
    southward = sorted(seeds.tolist(), key=lambda seed: (-seed[1], seed[0]))
    width = -(-len(southward) // max(1, isqrt(len(southward))))
    rows = [southward[start : start + width] for start in range(0, len(southward), width)]
    return np.array([seed for row in rows for seed in sorted(row)])


# Polygons ---------------------------------------------------------------------------------------


@cache
def _cells() -> dict[str, shapely.Polygon]:
    """Grid code to polygon in micro-degrees."""
    seeds = shapely.MultiPoint(np.array([grid.seed for grid in _grids()]) * STRETCH)
    outline = shapely.Polygon(_micro(OUTLINE) * STRETCH)
    diagram = shapely.voronoi_polygons(seeds, extend_to=outline, ordered=True)
    return {
        grid.code: shapely.Polygon(_bend(shapely.intersection(cell, outline)))
        for grid, cell in zip(_grids(), diagram.geoms, strict=True)
    }


def _bend(cell: BaseGeometry) -> list[tuple[int, int]]:
    """The cell's corners in whole micro-degrees, with bent middles on long edges."""
    corners = np.rint(shapely.get_coordinates(cell) / STRETCH).astype(np.int64).tolist()
    ring = []
    for a, b in pairwise(corners):
        if a == b:
            continue
        ring.append(tuple(a))
        (x1, y1), (x2, y2) = sorted((a, b))
        if max(x2 - x1, abs(y2 - y1)) >= LONG_EDGE:
            tenth = Random(x1 * 1_000_003 + y1 * 1009 + x2 * 31 + y2).random() * 0.2 - 0.1
            ring.append(((x1 + x2) // 2 - int((y2 - y1) * tenth), (y1 + y2) // 2 + int((x2 - x1) * tenth)))
    return ring


def _geometry(cells: list[shapely.Polygon]) -> dict[str, Any]:
    """The cells' union as a GeoJSON polygon: counter-clockwise from its westernmost corner."""
    union = shapely.orient_polygons(shapely.coverage_union_all(cells))
    (ring,) = shapely.get_rings(union)
    corners = [[x / 1_000_000, y / 1_000_000] for x, y in ring.coords[:-1]]
    start = corners.index(min(corners))
    return {"type": "Polygon", "coordinates": [[*corners[start:], *corners[: start + 1]]]}
