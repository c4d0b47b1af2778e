"""Every area of a district by code, in memory.

Kept per district under its ``boundary_version``, which arrives with the person's row: warm, no query.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language

from grids.memory import kept_under
from grids.models import Area, District


@dataclass(frozen=True)
class Place:
    """``parent``: the code of the area above; '' above the district."""

    code: str
    level: str
    name_zh: str
    name_en: str
    parent: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def name(self) -> str:
        """In the active language; Chinese where the other is missing."""
        return (self.name_en if (get_language() or "").startswith("en") else "") or self.name_zh

    def is_in_force(self, day: date) -> bool:
        return (self.valid_from or day) <= day and (self.valid_to is None or self.valid_to > day)


@kept_under("boundary_version")
def places_of(district: District) -> dict[str, Place]:
    """Every area of the district by code, in code order: old codes too, events keep theirs."""
    columns = ("code", "level", "name_zh", "name_en", "parent__code", "valid_from", "valid_to")
    rows = Area.objects.filter(district=district).order_by("code").values_list(*columns)
    return {
        code: Place(code, level, name_zh, name_en, parent or "", begin, end)
        for code, level, name_zh, name_en, parent, begin, end in rows
    }


@kept_under("boundary_version")
def children_of(district: District) -> dict[str, list[Place]]:
    """The areas directly below each code, in code order."""
    found: dict[str, list[Place]] = {}
    for place in places_of(district).values():
        found.setdefault(place.parent, []).append(place)
    return found


def chain_of(district: District, code: str) -> list[Place]:
    """From the district down to the area; empty for an unknown code."""
    return list(_upwards(places_of(district), code))[::-1]


def _upwards(places: dict[str, Place], code: str) -> Iterator[Place]:
    while place := places.get(code):
        yield place
        code = place.parent
