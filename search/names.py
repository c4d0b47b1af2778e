"""The district's own words: names and keywords of its items, names of its areas.

A name is one lexeme beside its pairs, so that PostgreSQL knows how common '凯旋街道' is. A question asks for the name or
its pairs: what was kept before the district had the name is found all the same.
"""

from events.catalogue import versions
from grids.memory import kept_under
from grids.models import District
from grids.places import places_of
from search.words import LONGEST_NAME, SHORTEST_WORD, normal


def names_of(district: District) -> frozenset[str]:
    """No query when warm."""
    return _items(district) | _areas(district)


def name_at(text: str, place: int, names: frozenset[str]) -> str:
    """The longest name that begins there, or ''."""
    for length in range(min(LONGEST_NAME, len(text) - place), SHORTEST_WORD - 1, -1):
        if text[place : place + length] in names:
            return text[place : place + length]
    return ""


@kept_under("catalogue_version")
def _items(district: District) -> frozenset[str]:
    items = [item for known in versions(district).values() for item in known]
    return frozenset(normal(name) for item in items for name in (item.name_zh, *item.keywords))


@kept_under("boundary_version")
def _areas(district: District) -> frozenset[str]:
    return frozenset(normal(place.name_zh) for place in places_of(district).values())
