"""Search among all events a person may see; every state of the page is in the URL."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from accounts.scope import scope_of
from desks.filters import EventFilter
from desks.found_words import note_where_found
from desks.keyset import SIZE, Page, page_of
from desks.listing import RELATED, filter_choices, load_clocks, note_colleagues, wanted_fragment
from desks.number_search import may_look_up
from desks.privacy import note_reading
from desks.queues import NEWEST
from events.models import Event
from search.asking import asked
from search.queries import best


@require_safe
def events(request: PersonRequest) -> HttpResponse:
    """The newest first, or the best of a search. At most 10 queries whatever the length."""
    visible = Event.objects.visible_to(request.user).select_related(*RELATED)
    found = EventFilter(request.GET, visible, request=request)
    rows = found.qs if found.is_valid() else visible.none()
    words = request.GET.get("q", "")
    by_rank = request.GET.get("sort") == "best" and asked(words, request.user.district).query
    if by_rank:
        page = Page(
            list(best(rows, asked(words, request.user.district), size=SIZE).select_related(*RELATED)),
            "",
            True,
        )
    else:
        page = page_of(rows, order=NEWEST, after=request.GET.get("after", ""))
    load_clocks(page.rows)
    note_colleagues(page.rows, request.user, scope_of(request.user))
    note_reading(request, page.rows)
    shown = {
        "page": page,
        "asked": note_where_found(page.rows, words, request.user),
        "may_look_up": may_look_up(request.user),
        "by_rank": bool(by_rank),
        "errors": found.errors,
        "near_place": found.near_place,
        "filtered": any(
            value for name, value in request.GET.items() if name not in ("after", "sort", "mine")
        ),
        "mine": request.GET.get("mine") == "true",
    }
    is_fragment = wanted_fragment(request) == "found"
    if not is_fragment:
        shown |= filter_choices(request.user, area=request.GET.get("area", ""))
    response = render(request, "desks/_found.html" if is_fragment else "desks/events.html", shown)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
