"""Two events side by side, for whoever may merge one of them into the other."""

import uuid

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from accounts.scope import Actor
from desks.compare_page import ComparePage
from desks.event_page import situation_of, visible_event
from desks.privacy import note_reading


@require_safe
def compare(request: PersonRequest, event_id: uuid.UUID, other_id: uuid.UUID) -> HttpResponse:
    """A fragment for htmx, a page without it; ``?leads=`` names the one that is to go on."""
    actor, now = Actor.of(request.user), timezone.now()
    event, other = visible_event(request.user, event_id), visible_event(request.user, other_id)
    if event is None or other is None or event == other:
        raise Http404
    page = ComparePage(
        situation_of(event, actor, now),
        situation_of(other, actor, now),
        _key(request.GET.get("leads")),
        request.GET.get("answer", ""),
    )
    if not page.possible:
        raise PermissionDenied
    note_reading(request, [event, other])
    template = "desks/_compare.html" if request.htmx else "desks/compare.html"
    return render(request, template, {"page": page})


def _key(value: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(value or "")
    except ValueError:
        return None
