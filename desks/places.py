"""Names of places by code, from memory.

Kept per district under its ``boundary_version``, which arrives with the person's row: warm, no query.
"""

from dataclasses import dataclass
from threading import Lock

from django.utils.translation import get_language

from grids.models import Area, District, Level

LEVELS: list[str] = [Level.DISTRICT, Level.STREET, Level.COMMUNITY, Level.GRID]


@dataclass(frozen=True)
class Place:
    code: str
    level: str
    name_zh: str
    name_en: str

    @property
    def name(self) -> str:
        """In the active language; Chinese where the other is missing."""
        return (self.name_en if (get_language() or "").startswith("en") else "") or self.name_zh


_cache: dict[str, tuple[int, dict[str, Place]]] = {}
_loading = Lock()


def places_of(district: District) -> dict[str, Place]:
    """Every area of the district by code, in code order: old codes too, events keep theirs."""
    found = _cache.get(district.pk)
    if found is None or found[0] != district.boundary_version:
        with _loading:
            rows = Area.objects.filter(district=district).order_by("code")
            places = {row.code: Place(row.code, row.level, row.name_zh, row.name_en) for row in rows}
            found = _cache[district.pk] = (district.boundary_version, places)
    return found[1]


def path_of(district: District, code: str) -> list[str]:
    """The names from below the district down to the area, in the active language."""
    places = places_of(district)
    above = (code[:length] for length in range(len(district.pk) + 1, len(code) + 1))
    return [places[code].name for code in above if code in places] or [district.name]


def name_of(district: District, code: str) -> str:
    """The name of the area itself, as a list shows it."""
    return path_of(district, code)[-1]


def choices(district: District, root: str, chosen: str = "") -> list[tuple[str, str]]:
    """(code, indented name) of a place filter: what lies directly under ``root``, and under the chosen place."""
    places = places_of(district)
    open_codes = {root} | {code for code in places if code.startswith(root) and chosen.startswith(code)}
    found = {
        code: len(open_code) - len(root)
        for open_code in sorted(open_codes)
        for code, place in places.items()
        if code.startswith(open_code) and _is_child(places, open_code, place)
    }
    return [(code, "\u3000" * (found[code] // 3) + places[code].name) for code in sorted(found)]


def _is_child(places: dict[str, Place], code: str, place: Place) -> bool:
    above = places.get(code)
    return above is not None and LEVELS.index(place.level) == LEVELS.index(above.level) + 1
