"""Names of places by code, from memory (``grids.places``): warm, no query."""

from grids.models import District
from grids.places import chain_of, children_of, places_of


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
    below = children_of(district)
    open_codes = {place.code for place in chain_of(district, chosen) if place.code.startswith(root)}

    def listed(code: str, depth: int) -> list[tuple[str, str]]:
        found = []
        for place in below.get(code, ()):
            found.append((place.code, "\u3000" * depth + place.name))
            found += listed(place.code, depth + 1) if place.code in open_codes else []
        return found

    return listed(root, 0)
