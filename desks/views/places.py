"""The address book: its list, a place, printable labels; the system administrator adds, changes and ends places.

A change by hand is a list of one row (``imports``): the same checks, written down as an import is.
"""

from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.demands import SYSTEM
from accounts.requests import PersonRequest
from accounts.scope import scope_of
from desks import place_page as page
from desks import places as areas
from desks.listing import wanted_fragment
from desks.near import place_of
from desks.place_form import PlaceForm, cells_of
from grid_platform.sheets.reading import Row
from grids.models import NamedPlace, PlaceKind
from imports.actions import DataChangedError, ListRefusedError, apply
from imports.difference import Asked, Preview, compare
from imports.kinds import KINDS
from imports.kinds.places import values_of


@require_safe
def places(request: PersonRequest) -> HttpResponse:
    """Search, kind, area; the filters are in the URL. At most 10 queries."""
    asked, district = _asked(request), request.user.district
    shown: dict[str, Any] = asked | {
        "page": page.list_of(district, **asked, after=_clean(request, "after")),
        "filtered": any(asked.values()),
        "paths": {},
    }
    shown["rows"] = [(row, " › ".join(areas.path_of(district, row.area_code))) for row in shown["page"].rows]
    if wanted_fragment(request) == "places":
        return render(request, "desks/areas/_places.html", shown)
    shown |= {
        "kinds": PlaceKind.objects.all(),
        "areas": areas.choices(district, district.pk, asked["area"]),
        "may_change": _may_change(request),
        "tiles": settings.MAP_TILES_URL,
    }
    return render(request, "desks/areas/places.html", shown)


@require_safe
def places_map(request: PersonRequest) -> HttpResponse:
    """GeoJSON of the places of an area, the district without one."""
    asked = _asked(request)
    area = asked["area"] or request.user.district_id
    return JsonResponse(page.map_of(request.user.district, area=area, kind=asked["kind"]))


@require_safe
def place(request: PersonRequest, code: str) -> HttpResponse:
    found = _found(request, code)
    district = request.user.district
    shown = {
        "place": found,
        "path": page.told(district, found)["path"],
        "address": page.address_of(found),
        "parts": found.parts.valid_on(timezone.localdate()).order_by("code")[:200],
        "events": page.events_at(request.user, found),
        "is_in_force": found.is_in_force(timezone.localdate()),
        "may_change": _may_change(request),
        "today": timezone.localdate(),
        "tiles": settings.MAP_TILES_URL,
        "boundaries": f"{reverse('api:boundaries')}?within={found.area_code}&level=grid",
    }
    return render(request, "desks/areas/place.html", shown)


@require_safe
def labels(request: PersonRequest) -> HttpResponse:
    """A sheet to print: for each place a QR code that opens the report page with the place filled in."""
    asked, district = _asked(request), request.user.district
    if code := request.GET.get("code"):
        found = [_found(request, code)]
    else:
        found = page.list_of(district, **asked, after=_clean(request, "after")).rows[: page.LABELS]
    shown = {"labels": [(row, _qr(request, row), areas.path_of(district, row.area_code)) for row in found]}
    return render(request, "desks/areas/place_labels.html", shown)


def _qr(request: PersonRequest, place: NamedPlace) -> str:
    """An image as data: the policy of the pages allows no inline drawing."""
    address = request.build_absolute_uri(f"{reverse('desks:report')}?place={place.code}")
    return segno.make(address, error="m", micro=False).svg_data_uri(border=2, light="#fff")


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: PersonRequest, code: str = "") -> HttpResponse:
    """A new place, or another version of one."""
    if not _may_change(request):
        raise PermissionDenied
    held = values_of(_found(request, code)) if code else None
    form = PlaceForm(
        request.POST if request.method == "POST" else None, held, cells_of(request.user.district)
    )
    shown: dict[str, Any] = {"form": form, "code": code}
    if request.method == "POST" and not form.problems:
        if not code and place_of(request.user.district, form.values["code"]):
            form.refuse("code", _("There is a place with this code already. Choose another code."))
        elif done := _apply(request, form.values, shown):
            messages.success(request, _("The place is saved."))
            return redirect("areas:place", done)
    status = 400 if request.method == "POST" else 200
    return render(request, "desks/areas/place_change.html", shown, status=status)


@require_POST
def retire(request: PersonRequest, code: str) -> HttpResponse:
    """The place is in force no more, from today on; events keep their addresses."""
    if not _may_change(request):
        raise PermissionDenied
    found = _found(request, code)
    refused: dict[str, Any] = {}
    values = values_of(found) | {"valid_to": timezone.localdate().isoformat()}
    if _apply(request, values, refused):
        messages.success(request, _("The place is in force no more."))
    else:
        messages.error(
            request, refused.get("refusal") or _("The place could not be ended. Look at its data first.")
        )
    return redirect("areas:place", code)


def _apply(request: PersonRequest, values: dict[str, Any], shown: dict[str, Any]) -> str:
    """The code of the place that is saved; '' where ``shown`` tells why it is not."""
    now = timezone.now()
    asked = Asked(request.user.district, request.user, now, timezone.localdate(now))
    found: Preview = compare(KINDS["places"], [Row(1, values)], asked)
    try:
        apply(found, request=request)
    except DataChangedError as error:
        shown["refusal"] = str(error)
        return ""
    except ListRefusedError as error:
        if form := shown.get("form"):
            form.add(error.preview.problems)
        return ""
    return str(values["code"])


def _asked(request: PersonRequest) -> dict[str, str]:
    area = _clean(request, "area")
    return {
        "q": _clean(request, "q"),
        "kind": _clean(request, "kind"),
        "area": area if area.isascii() and area.isdecimal() else "",
    }


def _clean(request: PersonRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()


def _found(request: PersonRequest, code: str) -> NamedPlace:
    found = place_of(request.user.district, code)
    if found is None:
        raise Http404
    return found


def _may_change(request: PersonRequest) -> bool:
    return scope_of(request.user).holds(SYSTEM)
