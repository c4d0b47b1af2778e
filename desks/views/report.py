"""The desks' report page. The report itself goes through the API, so that a bad network can be met in the browser.

Grid teams report in the app for the phone, where the labels' address leads them too.
"""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from accounts.scope import Scope, scope_of
from desks.context import may_report
from desks.near import place_of
from desks.place_page import told
from dispatch import policy
from dispatch.report_form import TOLD_TO_A_DESK, WRITTEN_AT_A_DESK
from events.models import Evidence, Source
from grids.models import District, Level
from grids.places import places_of

WORDS = {
    "locating": _("Looking for your position …"),
    "position_refused": _("The browser may not use your position. Allow it, or tap the place on the map."),
    "position_unknown": _("Your position was not found. Tap the place on the map."),
    "accuracy": _("Position within about {metres} m."),
    "outside": _("Outside the district. You can still send it; the desk will look where it belongs."),
    "on_edge": _("On the border of two grids; the desk will check."),
    "not_located": _("The point is kept. Which grid it is in will be known when the report is sent."),
    "choose": _("Choose …"),
    "remove": _("Take away"),
    "processing": _("Getting the photo ready …"),
    "unreadable": _("This file cannot be read. Choose another."),
    "too_many": _("At most {most} photos."),
    "where": _("Say where it is: a point on the map, an area, or an address."),
    "what": _("Choose what it is about."),
    "sending": _("Sending …"),
    "offline": _("No connection. Everything is kept in this browser; send again when the network is back."),
    "server": _("The server does not answer rightly just now. Everything is kept; send again in a minute."),
    "log_in": _("Your log-in has ended. Log in again in a new tab, come back here and send again."),
    "correct": _("Something must be corrected. Nothing was lost."),
    "uploading": _("Sending photo {done} of {all} …"),
    "uploaded": _("All photos have arrived."),
    "photos_left": _("{left} of {all} photos have not arrived yet. Keep this page open and try again."),
    "nothing_found": _("Nothing found. Use other words, or look through the whole list."),
    "results": _("{count} items found"),
    "no_list": _("The list of items could not be loaded. Check the network and type again."),
}


@require_safe
def report(request: PersonRequest) -> HttpResponse:
    scope = scope_of(request.user)
    if not may_report(scope) and not request.user.in_training:
        raise PermissionDenied
    at_desk = bool(scope.units("report_for_org"))
    if not at_desk and may_report(scope):
        return redirect(f"{reverse('phone:shell')}?{request.GET.urlencode()}#/report")
    own, boundaries = _map_of(scope, request.user.district)
    context = {
        "words": {name: str(words) for name, words in WORDS.items()} | {"kinds": _kinds()},
        "told": TOLD_TO_A_DESK,
        "sources": [(Source(code), Source(code).label) for code in _SOURCES] if at_desk else [],
        "own_area": own,
        "boundaries": boundaries,
        "tiles": settings.MAP_TILES_URL,
        "place": _named(request),
        "most_photos": settings.EVIDENCE_MAX_PHOTOS,
        "text_limit": policy.TEXT_LIMIT,
        "address_limit": policy.ADDRESS_LIMIT,
    }
    return render(request, "desks/report.html", context)


_SOURCES = (Source.DESK, *WRITTEN_AT_A_DESK)


def _named(request: PersonRequest) -> dict | None:
    """The place of the address book in ``?place=``, as a label's QR code names it; None where there is none."""
    found = place_of(request.user.district, request.GET.get("place", ""))
    return told(request.user.district, found) if found else None


def _kinds() -> dict[str, str]:
    return {kind.value: str(kind.label) for kind in Evidence.Kind}


def _map_of(scope: Scope, district: District) -> tuple[str, str]:
    """The code to draw strongly, and where the map's boundaries come from: the own area with its neighbours."""
    code = scope.posts[0].area_code if scope.posts else district.pk
    if code == district.pk:
        return "", f"{reverse('api:boundaries')}?within={code}&level={Level.STREET}"
    place = places_of(district)[code]
    around = place.parent if place.level == Level.GRID else code
    own = code if around != code else ""
    return own, f"{reverse('api:boundaries')}?within={around}&level={Level.GRID}"
