"""The demo's address book: about 2,500 invented places, each marked as synthetic, spread over the invented grids.

In every community two estates with their buildings, and one of each of the other kinds in turn. No name is meant to
be a real one; nobody's name or number is in it. The same every time.
"""

from random import Random
from typing import Any

import shapely

from demo.partition import SEED
from demo.stories import ROADS
from grids.models import Boundary, District, Level, NamedPlace
from grids.place_book import save_places

FIRST = (
    "嘉泰", "景湖", "锦绣", "和睦", "华家", "金秋", "南肖", "钱塘", "兰溪", "翠苑", "云峰", "明月", "清波", "红枫", "东港",
    "望江", "听涛", "丽景", "瑞和", "安居", "新塘", "绿城湾", "碧波", "星河", "朝晖", "晓风", "春晖", "天城", "紫金", "文澜",
)  # fmt: skip
SECOND = ("小区", "花苑", "家园", "公寓", "新村", "雅居", "名邸", "东苑", "西苑", "人家", "里", "府")
BUILDINGS = (3, 6)
OTHERS = (
    ("school", ("{first}小学", "{first}中学", "{first}幼儿园")),
    ("shop", ("{first}便利店", "{first}水果店", "{first}早餐店", "{first}快递驿站", "{first}五金店")),
    ("shop", ("{first}理发店", "{first}小吃店", "{first}药店", "{first}面馆")),
    ("market", ("{first}农贸市场", "{first}小商品市场")),
    ("enterprise", ("{first}物流公司", "{first}装饰公司", "{first}科技园")),
    ("park", ("{first}公园", "{first}口袋公园")),
    ("crossing", ("{road}与{other}路口",)),
    ("bus_stop", ("{road}{first}公交站", "{first}小区公交站")),
    ("parking", ("{first}停车场",)),
    ("site", ("{first}工地",)),
)
NEAR = 0.0006
"""Degrees from an estate to its buildings at most, about 60 m."""
ALIASES = {"小区": "社区大院", "花苑": "花园", "家园": "嘉园"}


def load_places(*, district: District) -> int:
    """Enter them where the book is empty; returns how many there are."""
    known = NamedPlace.objects.filter(district=district).count()
    if known:
        return known
    rows = _rows(district)
    save_places(district=district, rows=rows, synthetic=True)
    return len(rows)


def _rows(district: District) -> list[dict[str, Any]]:
    dice = Random(SEED)
    grids: dict[str, list[tuple[str, shapely.Geometry]]] = {}
    boundaries = Boundary.objects.filter(area__district=district, area__level=Level.GRID, valid_to=None)
    for code, geometry in boundaries.order_by("area__code").values_list("area__code", "geometry"):
        grids.setdefault(code[:12], []).append((code, shapely.geometry.shape(geometry)))
    rows, taken = [], set()
    for community, shapes in grids.items():
        roads = ROADS.get(community[:9], ("中心路", "河滨路"))
        for number in range(1, 3):
            estate = _place(dice, shapes, roads, f"XQ{community[6:]}{number}", "estate", _estate(dice, taken))
            estate["aliases"] = [estate["name"].replace(end, other) for end, other in ALIASES.items()
                                 if estate["name"].endswith(end)]  # fmt: skip
            rows.append(estate)
            shape = dict(shapes)[estate["area"]]
            for block in range(1, dice.randint(*BUILDINGS) + 1):
                longitude, latitude = _beside(
                    dice, shape, float(estate["longitude"]), float(estate["latitude"])
                )
                rows.append(
                    estate
                    | {
                        "code": f"{estate['code']}-{block}",
                        "kind": "building",
                        "name": f"{block}幢",
                        "aliases": [],
                        "parent": estate["code"],
                        "longitude": longitude,
                        "latitude": latitude,
                    }
                )
        for number, (kind, names) in enumerate(dice.sample(OTHERS, 6), start=1):
            road, other = dice.sample(roads, 2)
            name = dice.choice(names).format(first=dice.choice(FIRST), road=road, other=other)
            rows.append(_place(dice, shapes, roads, f"DD{community[6:]}{number}", kind, name))
    return rows


def _estate(dice: Random, taken: set[str]) -> str:
    while (name := dice.choice(FIRST) + dice.choice(SECOND)) in taken:
        pass
    taken.add(name)
    return name


def _place(
    dice: Random, shapes: list[tuple[str, shapely.Geometry]], roads: tuple, code: str, kind: str, name: str
) -> dict[str, Any]:
    area, shape = dice.choice(shapes)
    west, south, east, north = shapely.bounds(shape)
    longitude, latitude = _inside(dice, shape, (west, south, east, north))
    address = "" if kind == "crossing" else f"{dice.choice(roads)}{dice.randint(1, 398)}号"
    return {
        "code": code,
        "kind": kind,
        "name": name,
        "aliases": [],
        "parent": None,
        "address": address,
        "longitude": longitude,
        "latitude": latitude,
        "datum": "wgs84",
        "area": area,
    }


def _beside(dice: Random, shape: shapely.Geometry, longitude: float, latitude: float) -> tuple[float, float]:
    box = longitude - NEAR, latitude - NEAR, longitude + NEAR, latitude + NEAR
    return _inside(dice, shape, box)


def _inside(
    dice: Random, shape: shapely.Geometry, box: tuple[float, float, float, float]
) -> tuple[float, float]:
    west, south, east, north = box
    while True:
        point = round(dice.uniform(west, east), 6), round(dice.uniform(south, north), 6)
        if shapely.contains_xy(shape, *point):
            return point
