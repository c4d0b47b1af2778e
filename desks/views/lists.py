"""Search among all events a person may see; every state of the page is in the URL."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from desks.filters import EventFilter
from desks.keyset import page_of
from desks.listing import RELATED, filter_choices, load_clocks, wanted_fragment
from desks.privacy import note_reading
from desks.queues import NEWEST
from events.models import Event


@require_safe
def events(request: PersonRequest) -> HttpResponse:
    """The newest first. At most 10 queries whatever the length."""
    visible = Event.objects.visible_to(request.user).select_related(*RELATED)
    found = EventFilter(request.GET, visible, request=request)
    rows = found.qs if found.is_valid() else visible.none()
    page = page_of(rows, order=NEWEST, after=request.GET.get("after", ""))
    load_clocks(page.rows)
    note_reading(request, page.rows)
    shown = {
        "page": page,
        "errors": found.errors,
        "filtered": any(value for name, value in request.GET.items() if name != "after"),
        "mine": request.GET.get("mine") == "true",
    }
    is_fragment = wanted_fragment(request) == "found"
    if not is_fragment:
        shown |= filter_choices(request.user, area=request.GET.get("area", ""))
    response = render(request, "desks/_found.html" if is_fragment else "desks/events.html", shown)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
