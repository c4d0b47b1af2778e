"""Things the demo's pictures show, each placed by its foot: x is its middle, y the ground it stands on."""

from math import cos, pi, sin

from demo.scenery import INK, SHADE, WHITE, Paper, Point


def car(paper: Paper, x: float, y: float, colour: str, scale: float = 1.0) -> None:
    """Seen from its side, 400 wide at scale 1; x is its middle."""
    with paper.at(x, y, scale):
        paper.disc(0, 2, 215, SHADE, 15)
        paper.shape([(-130, -92), (-78, -152), (62, -152), (132, -92)], colour)
        paper.shape([(-106, -94), (-68, -140), (-8, -140), (-8, -94)], "#bfdbe6")
        paper.shape([(6, -94), (6, -140), (56, -140), (106, -94)], "#bfdbe6")
        paper.shape([(-106, -94), (-84, -120), (-52, -94)], "#ffffff66")
        paper.box(-200, -100, 200, -24, colour, 26)
        paper.box(-200, -52, 200, -24, "#0000001f", 12)
        paper.stroke([(-1, -94), (-1, -30)], "#00000030", 2)
        paper.box(12, -80, 40, -74, "#00000040", 3)
        paper.box(182, -84, 202, -64, "#fff3c4", 8)
        paper.box(-202, -84, -186, -64, "#c9473b", 6)
        for wheel in (-118, 118):
            paper.disc(wheel, -32, 38, INK)
            paper.disc(wheel, -32, 19, "#c3cad1")
            paper.disc(wheel, -32, 7, INK)


def ebike(paper: Paper, x: float, y: float, colour: str, scale: float = 1.0) -> None:
    with paper.at(x, y, scale):
        paper.disc(0, 2, 130, SHADE, 9)
        for wheel in (-84, 88):
            paper.ring(wheel, -36, 36, INK, 10)
            paper.disc(wheel, -36, 8, "#9aa4ae")
        paper.stroke([(88, -36), (58, -150), (36, -156)], INK, 9)
        frame = ((-112, -66), (-92, -92), (-20, -92), (0, -50), (40, -50), (58, -120), (76, -76), (48, -30))
        paper.shape([*frame, (-40, -30), (-84, -42)], colour)
        paper.box(-104, -108, -12, -90, INK, 9)
        paper.box(-132, -134, -84, -96, "#3d4858", 6)
        paper.disc(76, -132, 11, "#fff3c4")


def cone(paper: Paper, x: float, y: float, scale: float = 1.0) -> None:
    with paper.at(x, y, scale):
        paper.disc(0, 0, 50, SHADE, 10)
        paper.box(-40, -12, 40, 0, "#d9632f", 5)
        paper.shape([(-28, -12), (-7, -116), (7, -116), (28, -12)], "#ee7a3d")
        paper.shape([(-21, -44), (-15, -74), (15, -74), (21, -44)], WHITE)


def person(paper: Paper, x: float, y: float, coat: str, scale: float = 1.0) -> None:
    with paper.at(x, y, scale):
        paper.disc(0, 2, 40, SHADE, 8)
        paper.box(-22, -90, -3, 0, INK, 8)
        paper.box(3, -90, 22, 0, INK, 8)
        paper.box(-32, -180, 32, -78, coat, 20)
        paper.box(-44, -172, -26, -92, coat, 9)
        paper.box(26, -172, 44, -92, coat, 9)
        paper.disc(0, -208, 28, "#eec5a3")
        paper.shape(blob(0, -219, 30, 20, (1, 0.4, 0.3, 0.4, 1, 1, 1, 1)), "#3b332f")


def lamp(paper: Paper, x: float, y: float, *, broken: bool = False) -> None:
    pole = "#6d7885"
    paper.disc(x, y, 34, SHADE, 8)
    paper.box(x - 13, y - 60, x + 13, y, pole, 4)
    paper.box(x - 6, y - 470, x + 6, y, pole)
    if not broken:
        paper.stroke([(x, y - 470), (x + 30, y - 500), (x + 110, y - 504)], pole, 9)
        paper.shape([(x + 90, y - 496), (x + 170, y - 496), (x + 470, y), (x - 210, y)], "#ffe9a820")
        paper.shape([(x + 90, y - 496), (x + 170, y - 496), (x + 320, y), (x - 60, y)], "#ffe9a826")
        paper.box(x + 84, y - 512, x + 176, y - 494, "#fff0bd", 8)
        return
    paper.stroke([(x, y - 470), (x + 24, y - 500), (x + 84, y - 470), (x + 96, y - 436)], pole, 9)
    paper.stroke(hang((x + 96, y - 440), (x + 118, y - 366), 6), INK, 4)
    with paper.at(x + 118, y - 366):
        paper.shape([(-16, 0), (22, -14), (52, 74), (14, 88)], "#4a5562")
        paper.shape([(-6, 12), (18, 4), (38, 66), (14, 74)], "#2b3340")


def bin_of(paper: Paper, x: float, y: float, colour: str, *, full: bool) -> None:
    """A wheeled bin, 110 wide."""
    with paper.at(x, y):
        paper.disc(0, 0, 72, SHADE, 10)
        if full:
            bag(paper, -20, -158, "#3b4451", 0.8)
            bag(paper, 26, -160, "#f0efe9", 0.7)
            paper.box(-8, -212, 30, -170, "#cfa06a", 3)
        paper.shape([(-56, -168), (56, -168), (46, -8), (-46, -8)], colour)
        paper.shape([(20, -168), (56, -168), (46, -8), (20, -8)], "#0000001a")
        if full:
            paper.shape([(-60, -170), (-74, -262), (-62, -266), (-46, -172)], colour)
        else:
            paper.box(-64, -184, 64, -164, colour, 8)
            paper.box(-64, -170, 64, -164, "#00000022", 3)
        paper.box(-24, -120, 24, -76, "#ffffffd0", 6)
        paper.disc(0, -98, 13, colour)
        for wheel in (-34, 34):
            paper.disc(wheel, -6, 12, INK)


def bag(paper: Paper, x: float, y: float, colour: str, scale: float = 1.0) -> None:
    with paper.at(x, y, scale):
        paper.disc(0, -32, 46, colour, 34)
        paper.shape([(-40, -46), (0, -74), (40, -46)], colour)
        paper.shape([(-10, -58), (-20, -84), (0, -72), (18, -86), (10, -58)], colour)
        paper.stroke([(-20, -40), (-8, -16)], "#ffffff38", 5)


def carton(paper: Paper, x: float, y: float, width: float, height: float) -> None:
    paper.box(x, y - height, x + width, y, "#cf9f69", 2)
    paper.box(x, y - height, x + width, y - height + 12, "#b98a55", 2)
    paper.box(x + width / 2 - 9, y - height, x + width / 2 + 9, y - height * 0.45, "#e8cfa4")


def sign(paper: Paper, x: float, y: float) -> None:
    """No parking: red ring and bar on blue."""
    paper.disc(x, y, 24, SHADE, 6)
    paper.box(x - 5, y - 250, x + 5, y, "#8b95a0")
    paper.disc(x, y - 262, 50, "#c8372d")
    paper.disc(x, y - 262, 39, "#2f6db0")
    paper.stroke([(x - 27, y - 289), (x + 27, y - 235)], "#c8372d", 11)


def hydrant(paper: Paper, x: float, y: float) -> None:
    paper.disc(x, y, 44, SHADE, 8)
    paper.box(x - 30, y - 14, x + 30, y, "#a8322a", 4)
    paper.box(x - 20, y - 104, x + 20, y - 8, "#cf4136", 6)
    paper.disc(x, y - 104, 24, "#cf4136", 22)
    paper.box(x - 42, y - 84, x + 42, y - 60, "#b93a30", 8)
    paper.disc(x, y - 72, 12, "#f3d8a8")


def extinguisher(paper: Paper, x: float, y: float) -> None:
    paper.box(x - 28, y - 150, x + 28, y - 4, "#c8372d", 20)
    paper.box(x - 28, y - 96, x + 28, y - 60, "#f4f1e6")
    paper.box(x - 9, y - 176, x + 9, y - 146, INK, 4)
    paper.stroke([(x, y - 170), (x + 34, y - 160), (x + 40, y - 90)], INK, 7)


def cart(paper: Paper, x: float, y: float, fruit: tuple[str, ...], shade: str) -> None:
    """A tricycle cart with heaps of fruit under an umbrella."""
    with paper.at(x, y):
        paper.disc(0, 2, 170, SHADE, 14)
        paper.box(-6, -380, 6, -120, "#8b95a0")
        for index in range(6):
            left, right = -170 + index * 340 / 6, -170 + (index + 1) * 340 / 6
            paper.shape([(0, -430), (left, -330), (right, -330)], shade if index % 2 else WHITE)
        for heap, colour in enumerate(fruit):
            middle = -100 + heap * 100
            for row, count in enumerate((4, 3, 2)):
                for piece in range(count):
                    paper.disc(middle + (piece - (count - 1) / 2) * 24, -132 - row * 19, 13, colour)
        paper.box(-158, -126, 158, -50, "#8a6248", 6)
        paper.box(-158, -126, 158, -108, "#a5805f", 6)
        for wheel in (-96, 96):
            paper.ring(wheel, -38, 38, INK, 9)
            paper.disc(wheel, -38, 8, "#9aa4ae")


def crane(paper: Paper) -> None:
    yellow = "#dba83a"
    paper.box(900, 90, 924, 640, yellow)
    for y in range(110, 640, 40):
        paper.stroke([(900, y), (924, y + 30)], "#a87c22", 4)
    paper.shape([(560, 130), (1080, 130), (1080, 150), (560, 142)], yellow)
    paper.stroke([(570, 132), (912, 60), (1070, 132)], "#a87c22", 4)
    paper.shape([(896, 130), (912, 56), (928, 130)], yellow)
    paper.box(1030, 150, 1080, 196, "#7f8790")
    paper.stroke([(640, 142), (640, 250)], INK, 3)
    paper.box(616, 250, 664, 274, "#98938a")


def digger(paper: Paper, x: float, y: float) -> None:
    yellow = "#e6ac2f"
    with paper.at(x, y):
        paper.stroke([(-40, -150), (-190, -250), (-290, -130)], yellow, 30)
        paper.shape([(-312, -150), (-262, -140), (-262, -90), (-300, -66), (-340, -90)], "#6d7885")
        paper.box(-60, -170, 190, -76, yellow, 14)
        paper.box(-44, -260, 76, -150, yellow, 12)
        paper.box(-32, -248, 58, -172, "#bfdbe6", 6)
        paper.box(-110, -72, 200, -4, INK, 32)
        for wheel in (-70, -10, 50, 110, 160):
            paper.disc(wheel, -38, 20, "#6d7885")


def hang(start: Point, end: Point, sag: float) -> list[Point]:
    """A cable from one point to another."""
    steps = [step / 16 for step in range(17)]
    return [
        (
            start[0] + (end[0] - start[0]) * part,
            start[1] + (end[1] - start[1]) * part + 4 * sag * part * (1 - part),
        )
        for part in steps
    ]


def blob(x: float, y: float, rx: float, ry: float, bumps: tuple[float, ...]) -> list[Point]:
    """An irregular closed outline around a point."""
    count = len(bumps)
    return [
        (
            x + rx * bumps[index] * cos(2 * pi * index / count),
            y + ry * bumps[index] * sin(2 * pi * index / count),
        )
        for index in range(count)
    ]
