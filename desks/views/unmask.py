"""Personal data shown whole: with a reason, for this one answer, kept by the audit log and by no cache."""

import uuid

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.requests import PersonRequest
from accounts.scope import Actor
from desks.event_page import EventPage, visible_event
from desks.unmasking import ReasonForm, unmasked


@require_POST
@never_cache
def unmask(request: PersonRequest, event_id: uuid.UUID) -> HttpResponse:
    """The event's page unmasked; htmx takes its facts and its timeline. Without a reason: the page as it was, 400."""
    found = visible_event(request.user, event_id)
    if found is None:
        raise Http404
    page = EventPage(found, Actor.of(request.user), timezone.now())
    if not page.privacy.may_unmask:
        raise PermissionDenied
    form = ReasonForm(request.POST)
    if form.is_valid():
        unmasked(request, found, form.cleaned_data["reason"])
        page = EventPage(found, page.actor, page.now, unmasked=True)
    shown = {"page": page, "unmask_form": form, "tiles": settings.MAP_TILES_URL}
    return render(request, "desks/event.html", shown, status=200 if form.is_valid() else 400)
