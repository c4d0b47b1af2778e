"""The desk: queues, list and map of one post; the wall's screen. At most 10 queries, however long the lists are."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from accounts.scope import Actor, Scope
from desks.desk_keys import keys_of
from desks.desk_map import DIGITS, by_area, one_by_one
from desks.desk_page import DeskPage
from desks.desk_state import address
from desks.filters import BoxField, in_box
from desks.found_words import note_where_found
from desks.listing import filter_choices, wanted_fragment
from desks.number_search import may_look_up
from desks.queue_rules import Seat
from desks.saved_views import starting_view, views_of
from desks.seats import seat_of
from events.models import Event

FRAGMENTS = {"queue-list": "desks/_live.html", "desk": "desks/_desk.html", "wall": "desks/_wall.html"}
"""What htmx asks for by the target it will replace."""


def desk(request: PersonRequest, scope: Scope, seat: Seat) -> HttpResponse:
    target = wanted_fragment(request)
    if not target and not request.GET and (start := starting_view(request.user, seat.unit)):
        return redirect(f"{reverse('desks:home')}?{start.query}")
    is_wall = request.GET.get("wall") == "1"
    page = DeskPage(request, scope, seat)
    shown = _shown(page, target)
    if is_wall:
        template = FRAGMENTS["wall"] if target == "wall" else "desks/home_wall.html"
    else:
        template = FRAGMENTS.get(target, "desks/home_desk.html")
        shown |= _tools(page, target)
    response = render(request, template, shown)
    if target == "desk":  # One state has one address, however its form was sent.
        response["HX-Push-Url"] = f"{reverse('desks:home')}?{_pushed(page)}"
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _pushed(page: DeskPage) -> str:
    more = {"post": page.request.GET.get("post", ""), "open": page.state.open}
    return address(page.state.query | {name: value for name, value in more.items() if value})


def _shown(page: DeskPage, target: str) -> dict[str, Any]:
    return {
        "desk": page,
        "seat": page.seat,
        "queue": page.queue,
        "queues": page.queues,
        "numbers": page.numbers,
        "count": page.count,
        "is_fragment": target in FRAGMENTS,
    }


def _tools(page: DeskPage, target: str) -> dict[str, Any]:
    """The list, and what stands around it unless the list alone is asked for."""
    request, state = page.request, page.state
    post = {"post": str(page.seat.post.id)} if len(page.scope.posts) > 1 else {}
    after = {"after": request.GET["after"]} if request.GET.get("after") else {}
    carried = address(state.carried | post)
    shown: dict[str, Any] = {
        "page": page.page,
        "asked": None
        if page.queue.left
        else note_where_found(page.page.rows, request.GET.get("q", ""), request.user),
        "may_look_up": may_look_up(request.user),
        "near_place": page.near_place,
        "state": state,
        "address": state.address,
        "refresh": address(state.query | post | after),
        "first_page": address(state.query | post),
        "carried": f"&{carried}" if carried else "",
        "cleared": address({"queue": page.queue.name} | state.carried | post),
        "filtered": bool(state.filters),
        "post_id": post.get("post", ""),
    }
    if target == "queue-list":
        return shown
    shown |= filter_choices(request.user, area=request.GET.get("area", ""))
    shown |= {"views": views_of(request.user, page.seat.unit), "tiles": settings.MAP_TILES_URL}
    return shown | {"keys": keys_of(page.queues), "area": page.seat.post.area_code}


@require_safe
def desk_map(request: PersonRequest) -> HttpResponse:
    """JSON of the queue with its filters: ``areas`` of a ``level``, or, with ``view`` (a box), its ``events``."""
    seat = seat_of(request.user, request.GET.get("post", ""))
    if seat is None:
        raise Http404
    actor = Actor.of(request.user)
    page = DeskPage(request, actor.scope, seat)
    if page.queue.left:  # Of what has left it an organisation reads its own steps, and no place.
        return JsonResponse({"level": "", "areas": []})
    level = request.GET.get("level", "")
    if level in DIGITS:
        return JsonResponse({"level": level, "areas": by_area(page.events, level, actor, now=seat.now)})
    if level != "event":
        raise Http404
    return JsonResponse({"level": level, **one_by_one(_in_view(request, page), actor, now=seat.now)})


def _in_view(request: PersonRequest, page: DeskPage) -> QuerySet[Event]:
    try:
        box = BoxField(required=False).clean(request.GET.get("view", ""))
    except ValidationError:
        raise Http404 from None
    return page.events.filter(in_box(box)) if box else page.events
