"""The area browser: tree, map and facts, for everybody of the district."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import condition, require_safe

from accounts.demands import SYSTEM
from accounts.requests import PersonRequest
from accounts.scope import scope_of
from desks.area_page import area_of, picture, search, tree_of
from desks.listing import wanted_fragment
from grids.models import Area, Level
from grids.queries import boundaries, features


@require_safe
def areas(request: PersonRequest, code: str = "") -> HttpResponse:
    """An area, the district without a code; ``q`` looks for others by name or code."""
    area = _found(request, code or request.user.district_id)
    asked = request.GET.get("q", "").strip()
    shown: dict[str, Any] = {"q": asked, "found": search(request.user.district, asked) if asked else None}
    shown |= {"today": timezone.localdate(), "tiles": settings.MAP_TILES_URL}
    if wanted_fragment(request) == "area-tree":
        shown["tree"] = tree_of(request.user.district, area.code, shown["today"])
        return render(request, "desks/areas/_tree.html", shown)
    shown |= area_of(request.user, area, now=timezone.now())
    shown["may_import"] = scope_of(request.user).holds(SYSTEM)
    return render(request, "desks/areas/area.html", shown)


def _map_etag(request: PersonRequest, code: str) -> str:
    version = request.user.district.boundary_version
    return f'"{code}-{request.GET.get("level", "")}-{version}-{get_language()}-{timezone.localdate()}"'


@require_safe
@condition(etag_func=_map_etag)
def area_map(request: PersonRequest, code: str) -> HttpResponse:
    """GeoJSON of the areas of ``level`` within the code; a point where there is no boundary."""
    level = request.GET.get("level", "")
    if level not in Level.values:
        raise Http404
    area, day = _found(request, code), timezone.localdate()
    found = boundaries(request.user.district, area.code, level, day, digits=5)
    found["features"] += picture(request.user.district, area.code, level, day)
    return JsonResponse(found)


@require_safe
def boundary(request: PersonRequest, code: str) -> HttpResponse:
    """The area as a GeoJSON file, with ``below`` all under it too, which an import reads again."""
    area = _found(request, code)
    below = "below" in request.GET
    found = features(request.user.district, area.code, timezone.localdate(), below=below)
    name = f"{area.code}{'-all' if below else ''}.geojson"
    return JsonResponse(
        found,
        content_type="application/geo+json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
        json_dumps_params={"ensure_ascii": False},
    )


def _found(request: PersonRequest, code: str) -> Area:
    return get_object_or_404(Area, district=request.user.district_id, code=code)
