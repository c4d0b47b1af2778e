"""What the demo's pictures are drawn on: a sheet of paper, a street, a road.

Flat illustration in picture coordinates of 1280 x 960, drawn at twice the size and reduced, so edges
are smooth.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1280, 960
FINE = 2
"""Drawn larger by this factor."""

Point = tuple[float, float]

DAY = ("#a8d4ee", "#eef6f2")
DUSK = ("#2b3560", "#e59f7c")
RAIN = ("#8fa3b3", "#d3dcdf")

INK, SHADE, WHITE = "#2f3a4a", "#1c283726", "#fdfdfb"
ROAD, LINE, PAVEMENT, KERB = "#5d6774", "#e9e4d4", "#d9d4c8", "#b9b3a6"
LEAF, LEAF_DARK, TRUNK = "#5fa777", "#4a8f66", "#8a6248"
WALLS = ("#f1dcc0", "#e4c3a6", "#cfdcd6", "#efd3c6", "#d9dfe8")
AWNINGS = ("#d9694f", "#4f93a8", "#e0a84a", "#6b9a6f")


class Paper:
    """Draws in picture coordinates; ``at`` moves the origin and the scale for one thing."""

    def __init__(self, sky: tuple[str, str] = DAY):
        column = Image.linear_gradient("L").resize((1, HEIGHT * FINE))
        top, bottom = (Image.new("RGB", column.size, colour) for colour in sky)
        self.image = Image.composite(bottom, top, column).resize((WIDTH * FINE, HEIGHT * FINE))
        self.draw = ImageDraw.Draw(self.image, "RGBA")
        self.x, self.y, self.scale = 0.0, 0.0, 1.0

    @contextmanager
    def at(self, x: float, y: float, scale: float = 1.0) -> Iterator[None]:
        before = self.x, self.y, self.scale
        self.x, self.y, self.scale = self.x + x * self.scale, self.y + y * self.scale, self.scale * scale
        yield
        self.x, self.y, self.scale = before

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: str, radius: float = 0) -> None:
        corners = self._placed([(x0, y0), (x1, y1)])
        self.draw.rounded_rectangle(corners, radius * self.scale * FINE, fill)

    def shape(self, points: Iterable[Point], fill: str) -> None:
        self.draw.polygon(self._placed(points), fill)

    def disc(self, x: float, y: float, rx: float, fill: str, ry: float | None = None) -> None:
        ry = rx if ry is None else ry
        self.draw.ellipse(self._placed([(x - rx, y - ry), (x + rx, y + ry)]), fill)

    def ring(self, x: float, y: float, radius: float, fill: str, width: float) -> None:
        box = self._placed([(x - radius, y - radius), (x + radius, y + radius)])
        self.draw.ellipse(box, outline=fill, width=round(width * self.scale * FINE))

    def stroke(self, points: Iterable[Point], fill: str, width: float) -> None:
        self.draw.line(self._placed(points), fill, round(width * self.scale * FINE), joint="curve")

    def jpeg(self) -> bytes:
        picture = self.image.reduce(FINE)
        ribbon = _ribbon()
        picture.paste(ribbon, (WIDTH - ribbon.width, 0), ribbon)
        file = BytesIO()
        picture.save(file, "JPEG", quality=86)
        return file.getvalue()

    def _placed(self, points: Iterable[Point]) -> list[Point]:
        return [((self.x + x * self.scale) * FINE, (self.y + y * self.scale) * FINE) for x, y in points]


@cache
def _ribbon() -> Image.Image:
    """Marks every picture as invented, across its upper right corner."""
    band = Image.new("RGBA", (420, 58), "#c8453be6")
    ImageDraw.Draw(band).text(
        (210, 29), "D E M O", "white", ImageFont.load_default(34), anchor="mm", stroke_width=1
    )
    turned = band.rotate(-45, Image.Resampling.BICUBIC, expand=True)
    middle = turned.width // 2
    return turned.crop((middle - 105, middle - 95, middle + 95, middle + 105))


# The street -------------------------------------------------------------------------------------


def street(paper: Paper, *, turn: int = 0, trees: bool = True) -> None:
    """Sky, skyline, a row of houses, pavement from y = 600 and road from y = 720."""
    clouds(paper)
    for x, top in (
        (0, 330),
        (130, 250),
        (270, 300),
        (420, 210),
        (560, 280),
        (740, 240),
        (900, 310),
        (1060, 220),
    ):
        paper.box(x, top, x + 150, 600, "#bfd5df99")
    for index, (x, width, floors) in enumerate(((-30, 440, 5), (430, 400, 4), (850, 470, 5))):
        house(
            paper,
            x,
            width,
            floors,
            WALLS[(index + turn) % len(WALLS)],
            AWNINGS[(index + turn) % len(AWNINGS)],
        )
    ground(paper)
    if trees:
        for x in (425, 842):
            tree(paper, x, 628, 0.9)


def clouds(paper: Paper) -> None:
    for x, y, size in ((210, 90, 1.0), (690, 60, 0.8), (960, 140, 0.6)):
        with paper.at(x, y, size):
            for dx, dy, radius in ((-60, 10, 34), (-15, -8, 46), (40, 4, 38), (80, 16, 26)):
                paper.disc(dx, dy, radius, "#ffffff8c", radius * 0.7)


def house(paper: Paper, x: float, width: float, floors: int, wall: str, awning: str) -> None:
    top = 600 - 110 - floors * 84
    paper.box(x, top, x + width, 600, wall)
    paper.box(x - 8, top - 14, x + width + 8, top + 4, "#a8846c")
    columns = int(width // 92)
    gap = width / columns
    for floor in range(floors):
        for column in range(columns):
            window(paper, x + gap * (column + 0.5), top + 26 + floor * 84, lit=(floor * 3 + column) % 5 == 0)
    paper.box(x, 486, x + width, 600, "#00000014")
    for shop in range(2):
        left = x + 18 + shop * width / 2
        right = left + width / 2 - 36
        paper.box(left, 520, right, 600, "#7fa7b8")
        paper.shape([(left, 520), (left + 40, 520), (left, 580)], "#ffffff40")
        paper.box((left + right) / 2 - 3, 520, (left + right) / 2 + 3, 600, "#f4efe4")
        stripes = 8
        step = (right - left + 20) / stripes
        for stripe in range(stripes):
            start = left - 10 + stripe * step
            paper.box(start, 492, start + step, 528, awning if stripe % 2 else WHITE, 5)


def window(paper: Paper, x: float, y: float, *, lit: bool = False) -> None:
    paper.box(x - 25, y, x + 25, y + 50, "#fbf6ea")
    paper.box(x - 21, y + 4, x + 21, y + 46, "#f6dc9a" if lit else "#8fb4c6")
    paper.shape([(x - 21, y + 4), (x + 2, y + 4), (x - 21, y + 32)], "#ffffff55")
    paper.box(x - 30, y + 50, x + 30, y + 56, "#0000001f")


def ground(paper: Paper) -> None:
    paper.box(0, 600, WIDTH, 712, PAVEMENT)
    for y in (628, 666):
        paper.stroke([(0, y), (WIDTH, y)], "#c8c2b5", 2)
    for x in range(-200, WIDTH + 200, 96):
        paper.stroke([(x + (x - 640) * 0.02, 600), (x + (x - 640) * 0.14, 712)], "#c8c2b5", 2)
    paper.box(0, 704, WIDTH, 726, KERB)
    paper.box(0, 724, WIDTH, HEIGHT, ROAD)
    for x in range(40, WIDTH, 260):
        paper.shape([(x, 846), (x + 130, 846), (x + 138, 860), (x - 2, 860)], LINE)


def road(paper: Paper) -> None:
    """A road seen along its length, its ground from y = 330."""
    clouds(paper)
    for x, top in ((0, 190), (150, 130), (300, 210), (840, 170), (990, 110), (1130, 200)):
        paper.box(x, top, x + 140, 340, "#bfd5dfcc")
    paper.box(0, 328, WIDTH, HEIGHT, "#9fc29a")
    for x in (60, 190, 300, 980, 1090, 1220):
        tree(paper, x, 350, 0.62)
    paper.shape([(470, 328), (810, 328), (1700, HEIGHT), (-420, HEIGHT)], PAVEMENT)
    paper.shape([(500, 328), (780, 328), (1520, HEIGHT), (-240, HEIGHT)], KERB)
    paper.shape([(506, 328), (774, 328), (1490, HEIGHT), (-210, HEIGHT)], ROAD)
    for top, bottom in ((340, 372), (396, 446), (486, 566), (628, 752), (846, 980)):
        near, far = (bottom - 328) * 0.022 + 2, (top - 328) * 0.022 + 2
        paper.shape([(640 - far, top), (640 + far, top), (640 + near, bottom), (640 - near, bottom)], LINE)


def tree(paper: Paper, x: float, y: float, scale: float = 1.0) -> None:
    with paper.at(x, y, scale):
        paper.disc(0, 0, 74, SHADE, 12)
        paper.shape([(-12, 2), (-8, -170), (8, -170), (13, 2)], TRUNK)
        for dx, dy, radius in ((-46, -186, 62), (48, -182, 60), (0, -240, 76)):
            paper.disc(dx, dy, radius, LEAF_DARK)
        for dx, dy, radius in ((-50, -200, 50), (40, -200, 48), (-6, -256, 60)):
            paper.disc(dx, dy, radius, LEAF)
