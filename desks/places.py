"""Names of places in memory: every process keeps the district's areas under its ``boundary_version``."""

from threading import Lock

from django.utils.translation import get_language

from grids.models import Area, District

_cache: dict[str, tuple[int, dict[str, tuple[str, str]], list[int]]] = {}
_loading = Lock()


def path_of(district: District, code: str) -> list[str]:
    """The names from below the district down to the area, in the active language. No query when warm."""
    names, lengths = _names(district)
    chinese = (get_language() or "").startswith("zh")
    path = []
    for length in lengths:
        if len(district.pk) < length <= len(code) and (found := names.get(code[:length])):
            path.append(found[0] if chinese or not found[1] else found[1])
    return path or [district.name]


def name_of(district: District, code: str) -> str:
    """The name of the area itself, as a list shows it."""
    return path_of(district, code)[-1]


def _names(district: District) -> tuple[dict[str, tuple[str, str]], list[int]]:
    found = _cache.get(district.pk)
    if found is None or found[0] != district.boundary_version:
        with _loading:
            rows = Area.objects.filter(district=district).values_list("code", "name_zh", "name_en")
            names = {code: (zh, en) for code, zh, en in rows}
            lengths = sorted({len(code) for code in names})
            found = _cache[district.pk] = (district.boundary_version, names, lengths)
    return found[1], found[2]
