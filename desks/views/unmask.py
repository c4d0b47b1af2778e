"""Personal data shown whole: with a reason, for this one answer, kept by the audit log and by no cache."""

import uuid

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.requests import PersonRequest
from accounts.scope import Actor
from desks.event_page import EventPage, visible_event

REASON_LIMIT = 200


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("What do you need it for?"), max_length=REASON_LIMIT)


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
        with transaction.atomic():
            audit.record(
                kind="unmask",
                actor=request.user,
                subject=found.number,
                detail={"reason": form.cleaned_data["reason"]},
                request=request,
            )
        page = EventPage(found, page.actor, page.now, unmasked=True)
    shown = {"page": page, "unmask_form": form, "tiles": settings.MAP_TILES_URL}
    return render(request, "desks/event.html", shown, status=200 if form.is_valid() else 400)
