"""Every area of a district by code, in memory.

Kept per district under its ``boundary_version``, which arrives with the person's row: warm, no query.
"""

from dataclasses import dataclass
from threading import Lock

from django.utils.translation import get_language

from grids.models import Area, District


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
