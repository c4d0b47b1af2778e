"""Two at one event: who else is there, and what an open form is told when a colleague moved its event meanwhile."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import PersonRequest
from accounts.scope import Actor
from desks.event_page import situation_of, visible_event
from desks.move_page import MovePage, why_not
from desks.views.event import Envelope
from dispatch.advance import own_step, present_state
from dispatch.errors import StaleVersionError
from dispatch.workflow import VERBS
from live.presence import look, others


@require_safe
def since(request: PersonRequest, event_id: uuid.UUID, verb: str) -> HttpResponse:
    """204 while the event has the version the form knows; else who moved it, how, and whether the form's move is
    still possible. The headers tell the form the version it may go on with. 204 too when the form itself moved it
    and the reply was lost on the way: sent once more, it gets that answer."""
    row, known = VERBS.get(verb), Envelope(request.GET)
    found = visible_event(request.user, event_id)
    if found is None or row is None or row.creates or row.is_system or not known.is_valid():
        raise Http404
    if known.cleaned_data["version"] == found.version:
        return HttpResponse(status=204)
    actor, request_id = Actor.of(request.user), known.cleaned_data["request_id"]
    if request_id and own_step(verb, actor=actor, event_id=event_id, request_id=request_id):
        return HttpResponse(status=204)
    situation = situation_of(found, actor, timezone.now())
    error = StaleVersionError()
    error.extra |= present_state(found)
    reason = why_not(row, situation)
    page = MovePage(row, situation, error=error)
    response = render(request, "desks/_colleague.html", {"page": page, "reason": reason})
    response["X-Event-Version"] = str(found.version)
    response["X-Move-Possible"] = "yes" if page.possible else "no"
    return response


@require_POST
def presence(request: PersonRequest, event_id: uuid.UUID) -> HttpResponse:
    """The page says that it is looked at ('works' with a form open, 'leaves' at its end) and hears who else is there."""
    found = visible_event(request.user, event_id)
    if found is None:
        raise Http404
    scope, leaves = Actor.of(request.user).scope, "leaves" in request.POST
    look(found, request.user, scope, works="works" in request.POST, leaves=leaves)
    there = [] if leaves else others(found, request.user, scope)
    return render(request, "desks/_presence.html", {"others": there})
