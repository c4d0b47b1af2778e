"""Names of places by code, from memory (``grids.places``): warm, no query."""

from grids.models import District, Level
from grids.places import Place, places_of

LEVELS: list[str] = [Level.DISTRICT, Level.STREET, Level.COMMUNITY, Level.GRID]


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
