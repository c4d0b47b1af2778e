"""Items, areas and named places that match what is being typed into the search box. From memory; the places that are
shown are read in one query, none where nothing fits. Places are found by pinyin and initials too."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from accounts.scope import scope_of
from desks.places import path_of
from events.catalogue import items_now
from grids.place_search import find_places
from grids.places import places_of
from search.words import normal

MOST = 4
"""Of each kind."""
LONGEST = 30


@require_safe
def suggestions(request: PersonRequest) -> JsonResponse:
    typed = normal(request.GET.get("q", "")[:LONGEST]).strip()
    return JsonResponse({"found": _found(request, typed) if typed else []})


def _found(request: PersonRequest, typed: str) -> list[dict[str, Any]]:
    district = request.user.district
    items = [(item.name, [item.name_zh, item.name_en, *item.keywords], item) for item in items_now(district)]
    posts = scope_of(request.user).posts
    roots = tuple(post.area_code for post in posts) or (district.pk,)
    areas = [
        (place.name, [place.name_zh, place.name_en], place)
        for place in places_of(district).values()
        if place.code.startswith(roots) and place.valid_to is None
    ]
    address = reverse("desks:events")
    return [
        *(
            {
                "icon": "list-details",
                "label": name,
                "more": item.category.name,
                "url": f"{address}?{urlencode({'item': item.code})}",
            }
            for name, item in _best(items, typed)
        ),
        *(
            {
                "icon": "map-pin",
                "label": name,
                "more": " · ".join(path_of(district, place.code)[:-1]),
                "url": f"{address}?{urlencode({'area': place.code})}",
            }
            for name, place in _best(areas, typed)
        ),
        *(
            {
                "icon": "building-community",
                "label": place.full_name,
                "more": " · ".join([str(place.kind.name), *path_of(district, place.area_code)]),
                "url": f"{address}?{urlencode({'near': place.code})}",
            }
            for place in find_places(district, typed, area=roots[0], most=MOST)
        ),
    ]


def _best(rows: Iterable[tuple[str, list[str], Any]], typed: str) -> list[tuple[str, Any]]:
    """Names that begin so before those that only hold it."""
    ranked = []
    for name, words, thing in rows:
        places = [place for word in words if word and (place := normal(word).find(typed)) >= 0]
        if places:
            ranked.append((min(places) > 0, len(name), name, thing))
    ranked.sort(key=lambda row: row[:3])
    return [(name, thing) for _late, _length, name, thing in ranked[:MOST]]
