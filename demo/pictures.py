"""The demo's 20 prepared pictures: what a grid worker photographs, and the same place put right.

Drawn on demand, always alike, marked as demo in the picture itself. No photograph is copied.
"""

from collections.abc import Callable
from functools import cache

from demo.props import (
    bag,
    bin_of,
    blob,
    car,
    cart,
    carton,
    cone,
    crane,
    digger,
    ebike,
    extinguisher,
    hang,
    hydrant,
    lamp,
    person,
    sign,
)
from demo.scenery import (
    DUSK,
    HEIGHT,
    INK,
    LEAF,
    LEAF_DARK,
    RAIN,
    SHADE,
    TRUNK,
    WHITE,
    WIDTH,
    Paper,
    clouds,
    road,
    street,
    tree,
    window,
)

Draw = Callable[[bool], Paper]
"""Draws a place; True when the matter is settled."""


@cache
def picture(name: str) -> bytes:
    """The JPEG of one of ``PICTURES``, 1280 x 960 pixels; KeyError for any other name."""
    _items, moment = PICTURES[name]
    draw, *_rest = PLACES[name.removesuffix(f"_{moment}")]
    return draw(moment == "after").jpeg()


def fire_lane(clear: bool) -> Paper:
    paper = Paper()
    street(paper, trees=False)
    paper.shape([(330, 738), (950, 738), (1130, 936), (150, 936)], "#f0c53d")
    paper.shape([(352, 748), (928, 748), (1096, 924), (184, 924)], "#7d4a48")
    for step in range(9):
        top, bottom = 352 + step * 64, 184 + step * 101
        paper.shape([(top, 748), (top + 26, 748), (bottom + 145, 924), (bottom + 104, 924)], "#f0c53d")
    hydrant(paper, 180, 690)
    sign(paper, 1090, 690)
    if not clear:
        car(paper, 640, 884, "#3f78a8", 1.55)
    return paper


def bins(clear: bool) -> Paper:
    paper = Paper()
    street(paper, turn=1)
    colours = ("#3f8f5f", "#3c77b5", "#c14a40", "#6f7984")
    for index, colour in enumerate(colours):
        bin_of(paper, 400 + index * 160, 692, colour, full=not clear)
    if not clear:
        for x, y, colour, scale in (
            (300, 722, "#3b4451", 1.3), (368, 738, "#e9e6dc", 1.0), (548, 730, "#3b4451", 1.1),
            (700, 742, "#c9d7c4", 0.9), (860, 726, "#3b4451", 1.2), (985, 734, "#e9e6dc", 1.25),
        ):  # fmt: skip
            bag(paper, x, y, colour, scale)
        carton(paper, 1010, 716, 110, 84)
        carton(paper, 214, 712, 90, 60)
        for x, y, colour in (
            (440, 770, "#e07a4f"), (610, 784, "#f4f1e6"), (770, 774, "#7fb0c9"), (930, 792, "#f0c53d"),
            (260, 782, "#f4f1e6"), (1100, 770, "#e07a4f"), (520, 806, "#7fb0c9"),
        ):  # fmt: skip
            paper.shape([(x - 18, y), (x - 4, y - 12), (x + 20, y - 6), (x + 8, y + 9)], colour)
    return paper


def ebikes(clear: bool) -> Paper:
    paper = Paper()
    paper.box(0, 0, WIDTH, 700, "#e8d2b8")
    for y in range(60, 700, 64):
        paper.stroke([(0, y), (WIDTH, y)], "#dcc3a6", 3)
    for x in (220, 640, 1060):
        with paper.at(x, 120, 2.2):
            window(paper, 0, 0, lit=x == 640)
        for bar in range(-44, 45, 22):
            paper.box(x + bar - 2, 124, x + bar + 2, 226, "#8f99a3")
    paper.box(0, 690, WIDTH, HEIGHT, "#cfc9bc")
    paper.box(0, 690, WIDTH, 704, "#b3a998")
    if clear:
        for x in (150, 640, 1130):
            paper.box(x - 9, 330, x + 9, 860, "#7f8a94")
        paper.shape([(70, 300), (1210, 300), (1250, 372), (30, 372)], "#3f8f5f")
        paper.box(30, 366, 1250, 384, "#35784f")
        for x in (290, 500, 780, 990):
            paper.box(x - 26, 430, x + 26, 510, "#f4f6f4", 8)
            paper.disc(x, 456, 11, "#4fb477")
            paper.stroke(hang((x, 508), (x - 42, 700), 18), "#4a5562", 5)
    else:
        paper.box(560, 640, 720, 672, "#f4f1e6", 8)
        for x in (580, 616, 652, 688):
            paper.box(x, 648, x + 20, 664, INK, 3)
        paper.stroke(hang((640, 230), (640, 642), 0), "#d9632f", 6)
        for start, end, sag, colour in (
            ((220, 230), (214, 742), 60, INK), ((590, 660), (490, 742), 70, "#d9632f"),
            ((660, 660), (768, 742), 60, INK), ((700, 660), (1020, 746), 90, "#d9632f"),
            ((1060, 230), (1000, 742), 70, INK), ((220, 226), (640, 250), 50, INK),
        ):  # fmt: skip
            paper.stroke(hang(start, end, sag), colour, 5)
    for x, colour in ((250, "#c14a40"), (520, "#4f93a8"), (790, "#e0a84a"), (1040, "#6f7984")):
        ebike(paper, x, 862, colour, 1.15)
    return paper


def stairwell(clear: bool) -> Paper:
    paper = Paper()
    paper.box(0, 0, WIDTH, HEIGHT, "#efe9da")
    paper.box(0, 420, WIDTH, 820, "#a9c6ae")
    paper.box(0, 414, WIDTH, 422, "#8fb096")
    paper.box(0, 812, WIDTH, HEIGHT, "#c9c0b0")
    paper.box(90, 300, 330, 812, "#8b6a52")
    paper.box(106, 316, 314, 812, "#a5805f", 4)
    paper.disc(292, 580, 11, "#e8c87a")
    paper.box(130, 222, 290, 278, "#2f9e62", 8)
    paper.shape([(160, 240), (200, 240), (200, 230), (226, 250), (200, 270), (200, 260), (160, 260)], WHITE)
    paper.box(236, 230, 262, 270, "#ffffffcc", 2)
    for step in range(9):
        x, y = 560 + step * 80, 812 - step * 60
        paper.box(x, y - 60, WIDTH, y, "#d8d0c1")
        paper.box(x, y - 60, WIDTH, y - 48, "#b9b0a0")
        paper.stroke([(x + 30, y - 60), (x + 30, y - 220)], "#7d8893", 6)
    paper.stroke([(560, 616), (1280, 76)], "#7a5238", 15)
    extinguisher(paper, 440, 812)
    if not clear:
        carton(paper, 150, 860, 190, 150)
        carton(paper, 180, 710, 130, 110)
        carton(paper, 346, 872, 150, 120)
        carton(paper, 640, 752, 120, 90)
        carton(paper, 812, 632, 110, 96)
        for x in (690, 880):
            paper.ring(x, 838, 68, INK, 10)
        paper.stroke([(690, 838), (750, 730), (850, 730), (880, 838)], "#c14a40", 11)
        paper.stroke([(750, 730), (790, 838), (850, 730), (838, 690), (870, 684)], "#c14a40", 11)
        paper.box(720, 712, 776, 726, INK, 7)
        bag(paper, 560, 884, "#3b4451", 1.3)
        bag(paper, 1040, 900, "#e9e6dc", 1.4)
    return paper


CRACKS = (
    ((470, 640), (400, 600), (350, 606)), ((820, 660), (900, 630), (960, 640)), ((560, 760), (520, 820), (530, 860)),
    ((760, 756), (820, 810), (816, 850)), ((640, 560), (660, 520), (640, 490)),
)  # fmt: skip


def manhole(clear: bool) -> Paper:
    paper = Paper()
    road(paper)
    paper.disc(640, 680, 236, "#4c5561", 112)
    if clear:
        paper.disc(640, 676, 210, "#7d8791", 98)
        for size in (0.82, 0.6, 0.38):
            paper.disc(640, 676, 210 * size, "#69737d", 98 * size)
            paper.disc(640, 676, 210 * (size - 0.06), "#7d8791", 98 * (size - 0.06))
        for dx in (-120, 120):
            paper.disc(640 + dx, 676, 14, "#4c5561", 7)
        return paper
    paper.disc(640, 682, 206, "#161c24", 96)
    paper.shape(
        [(440, 676), (500, 612), (600, 590), (640, 640), (566, 700), (560, 760), (470, 730)], "#7d8791"
    )
    paper.stroke([(600, 590), (640, 640), (566, 700), (560, 760)], "#c3cad1", 6)
    paper.stroke([(480, 650), (590, 616)], "#69737d", 10)
    paper.stroke([(476, 690), (580, 664)], "#69737d", 10)
    for points in CRACKS[:4]:
        paper.stroke([(x * 1.3 - 192, y) for x, y in points], "#414a55", 6)
    paper.shape(blob(960, 790, 60, 26, (1, 0.8, 1.1, 0.9, 1, 0.7)), "#7d8791")
    cone(paper, 300, 800, 1.2)
    return paper


def pothole(clear: bool) -> Paper:
    paper = Paper()
    road(paper)
    if clear:
        paper.shape([(410, 560), (880, 560), (960, 800), (330, 800)], "#4a535f")
        paper.stroke([(410, 560), (880, 560), (960, 800), (330, 800), (410, 560)], "#3b434e", 7)
        for row in range(6):
            for column in range(9):
                paper.disc(400 + column * 62 + row % 2 * 30, 590 + row * 38, 5, "#58626f", 3)
        return paper
    for points in CRACKS:
        paper.stroke(points, "#434c57", 7)
    rough = (1, 0.86, 1.05, 0.9, 1.1, 0.95, 1.04, 0.84, 1.02, 0.9, 1.08, 0.92)
    paper.shape(blob(650, 660, 262, 122, rough), "#767f89")
    paper.shape(blob(650, 666, 234, 104, rough), "#3a424d")
    paper.shape(blob(656, 682, 180, 66, rough), "#86a5b5")
    paper.shape(blob(630, 672, 100, 22, rough), "#b6cfda")
    for x, y, size in (
        (380, 770, 22),
        (930, 740, 26),
        (450, 560, 15),
        (880, 560, 17),
        (700, 800, 20),
        (330, 690, 12),
    ):
        paper.shape(blob(x, y, size * 1.4, size, (1, 0.8, 1.1, 0.9, 1, 0.75)), "#7d8791")
    return paper


def vendor(clear: bool) -> Paper:
    paper = Paper()
    street(paper, turn=2)
    if clear:
        person(paper, 250, 690, "#6b9a6f", 0.85)
        person(paper, 1010, 694, "#4f93a8", 0.85)
        paper.box(560, 640, 740, 654, "#a5805f", 4)
        paper.box(560, 600, 740, 620, "#a5805f", 4)
        for x in (580, 712):
            paper.box(x, 604, x + 10, 690, "#6d7885")
        return paper
    person(paper, 470, 720, "#c98a4f")
    cart(paper, 560, 770, ("#e07a4f", "#e9b949", "#a9c64f"), "#d9694f")
    cart(paper, 890, 770, ("#c14a40", "#e0c24a", "#7fb069"), "#3f8f9e")
    person(paper, 1040, 730, "#7a6a9e")
    person(paper, 760, 790, "#d0d8df", 1.05)
    for x, y in ((330, 800), (690, 830), (1120, 812)):
        paper.shape([(x - 22, y), (x - 6, y - 12), (x + 22, y - 8), (x + 10, y + 8)], "#f4f1e6")
    return paper


def fallen_tree(clear: bool) -> Paper:
    paper = Paper()
    street(paper, turn=3, trees=False)
    tree(paper, 130, 640, 1.0)
    tree(paper, 1150, 640, 1.0)
    paper.disc(400, 680, 66, "#9b7a5a", 18)
    if clear:
        for x in (374, 426):
            paper.box(x - 4, 560, x + 4, 682, "#c9a87a")
        paper.box(372, 590, 428, 598, "#c9a87a")
        paper.box(396, 500, 404, 680, TRUNK)
        for dx, dy, radius in ((-22, -500, 34), (24, -506, 32), (0, -536, 40)):
            paper.disc(400 + dx, 1000 + dy, radius, LEAF)
        return paper
    paper.disc(700, 862, 420, SHADE, 36)
    paper.shape([(360, 700), (404, 640), (424, 676), (820, 800), (810, 846), (396, 716)], TRUNK)
    for x, y in ((350, 610), (330, 660), (336, 716), (396, 596)):
        paper.stroke([(398, 668), (x, y)], "#6f4d38", 11)
    paper.stroke([(640, 760), (740, 690)], TRUNK, 18)
    for x, y, radius in ((790, 700, 84), (900, 800, 112), (1010, 850, 80), (860, 880, 76), (760, 850, 70)):
        paper.disc(x, y, radius, LEAF_DARK)
    for x, y, radius in ((780, 690, 64), (890, 780, 90), (1010, 836, 60), (850, 870, 56)):
        paper.disc(x, y, radius, LEAF)
    for x, y in ((560, 880), (620, 850), (1110, 800), (1090, 900), (700, 920), (500, 820)):
        paper.disc(x, y, 16, LEAF, 8)
    cone(paper, 240, 860, 0.9)
    return paper


def flood(clear: bool) -> Paper:
    paper = Paper(RAIN)
    street(paper, turn=4)
    paper.box(0, 676, WIDTH, HEIGHT, "#7f9fb2d0")
    car(paper, 430, 900, "#d9694f", 1.3)
    paper.box(0, 836, WIDTH, HEIGHT, "#6f90a5d8")
    for x, y, width in (
        (90, 720, 150), (330, 700, 90), (640, 716, 190), (980, 706, 130), (120, 820, 120), (700, 800, 220),
        (1010, 860, 180), (560, 912, 160), (240, 926, 190), (900, 760, 110), (1100, 930, 120),
    ):  # fmt: skip
        paper.box(x, y, x + width, y + 6, "#d6e4ea", 3)
    for radius in (110, 84, 58):
        paper.disc(930, 842, radius, "#d6e4ea70", radius / 3)
    cone(paper, 930, 846, 1.1)
    for index in range(90):
        x, y = index * 331 % 1340, index * 197 % 920
        paper.stroke([(x, y), (x - 10, y + 34)], "#ffffff66", 3)
    return paper


def dark_lamp(clear: bool) -> Paper:
    paper = Paper(DUSK)
    street(paper, trees=False)
    paper.box(0, 0, WIDTH, HEIGHT, "#1a2147a6")
    for x, y in ((136, 318), (410, 318), (640, 318), (1088, 234), (1172, 318), (226, 234)):
        paper.disc(x, y, 40, "#f6dc9a26")
    lamp(paper, 200, 700)
    lamp(paper, 640, 704, broken=True)
    lamp(paper, 1010, 700)
    person(paper, 600, 820, "#55607a", 0.95)
    return paper


def banner(clear: bool) -> Paper:
    paper = Paper()
    street(paper, turn=1, trees=False)
    for x in (200, 1080):
        tree(paper, x, 700, 1.35)
    paper.stroke(hang((208, 470), (300, 470), 4), INK, 4)
    paper.stroke(hang((980, 470), (1072, 470), 4), INK, 4)
    edge = hang((300, 440), (980, 440), 26)
    paper.shape(edge + [(x, y + 104) for x, y in reversed(edge)], "#cf3a30")
    for index in range(9):
        left, top = edge[1 + index * 14 // 8]
        with paper.at(left + 26, top + 20):
            paper.box(-24, 6, 24, 14, "#f7dc6f")
            paper.box(-24, 30, 24, 38, "#f7dc6f")
            paper.box(-24, 54, 24, 62, "#f7dc6f")
            paper.box(-4, 6, 4, 62, "#f7dc6f")
    paper.box(560, 610, 720, 706, "#8b95a0", 4)
    for x, y, colour in (
        (574, 622, "#f7dc6f"), (618, 640, WHITE), (664, 620, "#9fd0e0"), (590, 660, "#f4b6a8"), (676, 660, WHITE),
        (184, 540, WHITE), (190, 600, "#f7dc6f"), (1064, 552, "#9fd0e0"),
    ):  # fmt: skip
        paper.box(x, y, x + 32, y + 40, colour, 2)
        for line in (8, 18, 28):
            paper.box(x + 5, y + line, x + 27, y + line + 4, "#00000055")
    return paper


def dust(clear: bool) -> Paper:
    paper = Paper(("#cfc6ae", "#efe6d0"))
    clouds(paper)
    for x, top in ((40, 260), (200, 200), (1010, 240)):
        paper.box(x, top, x + 140, 640, "#cbbf9f")
    paper.box(430, 210, 760, 640, "#b9b4aa")
    for floor in range(5):
        paper.box(420, 250 + floor * 82, 770, 264 + floor * 82, "#98938a")
        for column in range(4):
            paper.box(446 + column * 82, 268 + floor * 82, 496 + column * 82, 330 + floor * 82, "#7f8790")
    for x in range(410, 800, 60):
        paper.stroke([(x, 200), (x, 640)], "#c98a4f", 4)
    crane(paper)
    paper.box(0, 640, WIDTH, HEIGHT, "#b79a6e")
    paper.shape([(40, 800), (190, 610), (280, 580), (400, 660), (520, 800)], "#a5814f")
    paper.shape([(190, 610), (280, 580), (400, 660), (320, 650), (250, 690)], "#b9945f")
    digger(paper, 820, 830)
    for x in range(0, WIDTH, 160):
        paper.box(x, 850, x + 154, HEIGHT, "#4f86ad")
        paper.box(x, 850, x + 154, 866, "#6ba0c4")
        paper.shape([(x, 930), (x + 60, 866), (x + 100, 866), (x + 6, HEIGHT), (x, HEIGHT)], "#ffffff20")
    for x, y, rx, ry in (
        (330, 640, 230, 110), (520, 560, 260, 120), (760, 610, 240, 100), (980, 520, 220, 110), (210, 540, 180, 90),
        (640, 720, 330, 90), (1110, 660, 200, 100),
    ):  # fmt: skip
        for size in (1, 0.8, 0.6):
            paper.disc(x, y, rx * size, "#dcc7982e", ry * size)
    return paper


PLACES: dict[str, tuple[Draw, tuple[str, ...], tuple[str, ...]]] = {
    "fire_lane": (fire_lane, ("10501",), ("before", "after")),
    "bins": (bins, ("30101", "30103", "30104"), ("before", "after")),
    "ebikes": (ebikes, ("10503", "10504"), ("before", "after")),
    "stairwell": (stairwell, ("31006", "10511"), ("before", "after")),
    "manhole": (manhole, ("30603",), ("before", "after")),
    "pothole": (pothole, ("30601", "30602"), ("before", "after")),
    "vendor": (vendor, ("30201", "30202"), ("before", "after")),
    "fallen_tree": (fallen_tree, ("30702",), ("before", "after")),
    "flood": (flood, ("30605", "31202"), ("before",)),
    "dark_lamp": (dark_lamp, ("30604",), ("before",)),
    "banner": (banner, ("30301", "30106"), ("before",)),
    "dust": (dust, ("30502", "30504"), ("before",)),
}
"""A place: how it is drawn, the items it shows, the moments there are pictures of."""

PICTURES: dict[str, tuple[tuple[str, ...], str]] = {
    f"{place}_{moment}": (items, moment)
    for place, (_, items, moments) in PLACES.items()
    for moment in moments
}
"""Name: codes of the items it fits, and 'before' or 'after'."""
