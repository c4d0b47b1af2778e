"""Who plays in the demo's history and what they send: people by their posts, and files as evidence."""

import hashlib
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from io import BytesIO
from random import Random

import shapely
from PIL import Image, ImageDraw

from accounts.models import Organization, Post, User
from accounts.scope import Actor
from demo.pictures import PICTURES, picture
from events.models import Evidence, Item
from grids.models import Boundary, District, Level

Kind = Organization.Kind
Roles = Mapping[str, tuple[str, ...]]
ACCEPTORS: Roles = {
    Kind.COMMUNITY: ("community_acceptor",),
    Kind.ROOM: ("room_acceptor", "room_director"),
    Kind.CENTRE: ("centre_duty", "centre_dispatcher"),
}
DISPATCHERS: Roles = {
    Kind.COMMUNITY: ("community_acceptor",),
    Kind.ROOM: ("room_dispatcher", "room_director"),
    Kind.CENTRE: ("centre_duty", "centre_dispatcher"),
}
CHECKERS: Roles = {
    Kind.TEAM: ("grid_worker", "grid_leader"),
    Kind.COMMUNITY: ("community_acceptor",),
    Kind.ROOM: ("room_verifier", "room_director"),
    Kind.CENTRE: ("centre_duty",),
}
SAMPLERS: Roles = {**CHECKERS, Kind.TEAM: ("grid_leader",)}
HANDLERS: Roles = {
    Kind.TEAM: ("grid_worker", "grid_leader"),
    Kind.COMMUNITY: ("community_acceptor",),
    Kind.ROOM: ("room_dispatcher", "room_director"),
    Kind.CENTRE: ("centre_duty", "centre_dispatcher"),
    Kind.AGENCY: ("agency_handler", "agency_head"),
    Kind.DEPARTMENT: ("department_liaison",),
}
HEADS: Roles = {
    Kind.TEAM: ("grid_leader",),
    Kind.ROOM: ("room_director",),
    Kind.CENTRE: ("centre_duty",),
    Kind.AGENCY: ("agency_head",),
}
"""Kind of organisation: the roles of those who do it."""
SMALL = (400, 300)
"""Pixels of the pictures of thousands of events, so that they take some kilobytes each."""
LONG_AGO = time.gmtime(0)


class Cast:
    """The district's organisations, their people, its items and its grids; read once."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.system = Actor.system(district)
        self.units: dict[int | None, Organization] = {
            unit.pk: unit for unit in Organization.objects.active().filter(district=district).order_by("pk")
        }
        self.by_code = {unit.code: unit for unit in self.units.values()}
        self.items = {item.code: item for item in Item.objects.filter(district=district, valid_to=None)}
        self._users: dict[int | None, User] = {}
        self._people: dict[int | None, list[tuple[str, User]]] = defaultdict(list)
        for post in Post.objects.filter(organization__in=self.units).select_related("user").order_by("pk"):
            post.user.district = district
            self._users[post.user_id] = post.user
            self._people[post.organization_id].append((post.role_id, post.user))
        self.boundaries = dict(
            Boundary.objects.filter(area__district=district, area__level=Level.GRID, valid_to=None)
            .order_by("area__code")
            .values_list("area__code", "geometry")
        )

    def user(self, pk: int | None) -> User | None:
        return self._users.get(pk)

    def someone(
        self, unit_id: int | None, roles: Iterable[str], dice: Random, *, but_not: Collection[int | None] = ()
    ) -> Actor:
        """A person of the unit in one of the roles; the first of them does half of the work.

        ``but_not``: keys of those who must not, where there is anybody else.
        """
        people = [user for role, user in self._people[unit_id] if role in roles]
        known = [user for user in people if user.pk not in but_not] or people
        return Actor.of(known[0] if dice.random() < 0.5 else dice.choice(known))

    def of(
        self, unit_id: int | None, roles: Roles, dice: Random, *, but_not: Collection[int | None] = ()
    ) -> Actor:
        """Someone of the unit whose roles depend on the unit's kind."""
        return self.someone(unit_id, roles[self.units[unit_id].kind], dice, but_not=but_not)

    def point_in(self, grid: str, dice: Random) -> tuple[float, float]:
        """A point inside the grid: longitude, latitude (WGS84)."""
        shape = shapely.geometry.shape(self.boundaries[grid])
        west, south, east, north = shape.bounds
        while True:
            point = round(dice.uniform(west, east), 6), round(dice.uniform(south, north), 6)
            if shape.contains(shapely.Point(point)):
                return point


@cache
def file_of(kind: str, place: str, take: int, *, small: bool = False) -> tuple[bytes, str]:
    """A file of the kind and the SHA-256 of its bytes; ``take`` counts up when it is sent again.

    Photos are the prepared pictures of ``place``; each further take is the same from a little closer.
    """
    if small and kind in (Evidence.Kind.BEFORE, Evidence.Kind.AFTER):
        data = _smaller(file_of(kind, place, take)[0])
        return data, hashlib.sha256(data).hexdigest()
    match kind:
        case Evidence.Kind.BEFORE:
            data = _closer(picture(f"{place}_before"), take)
        case Evidence.Kind.AFTER:
            name = f"{place}_after"
            data = _closer(picture(name if name in PICTURES else "fire_lane_after"), take)
        case Evidence.Kind.DOCUMENT:
            data = _paper(take)
        case _:
            data = _signature(take)
    return data, hashlib.sha256(data).hexdigest()


def _closer(jpeg: bytes, take: int) -> bytes:
    if not take:
        return jpeg
    image, inset = Image.open(BytesIO(jpeg)), 30 * take
    file = BytesIO()
    image.crop((inset, inset, image.width - inset, image.height - inset)).save(file, "JPEG", quality=86)
    return file.getvalue()


def _smaller(jpeg: bytes) -> bytes:
    file = BytesIO()
    Image.open(BytesIO(jpeg)).resize(SMALL, Image.Resampling.LANCZOS).save(file, "JPEG", quality=70)
    return file.getvalue()


def _paper(take: int) -> bytes:
    """A page of a record, as PDF."""
    page = Image.new("L", (620, 877), 255)
    draw = ImageDraw.Draw(page)
    draw.text((220, 70), f"DEMO RECORD {take + 1}", 40)
    for line in range(20):
        draw.line([(70, 150 + line * 30), (550 - (line * 37) % 90, 150 + line * 30)], 170, 3)
    file = BytesIO()
    page.save(file, "PDF", creationDate=LONG_AGO, modDate=LONG_AGO)
    return file.getvalue()


def _signature(take: int) -> bytes:
    image = Image.new("L", (480, 180), 255)
    strokes = [(40 + x * 26, 90 + ((x * (53 + take)) % 7 - 3) * 18) for x in range(16)]
    ImageDraw.Draw(image).line(strokes, 30, 5, joint="curve")
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
