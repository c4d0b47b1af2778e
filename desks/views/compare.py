"""Two events side by side, for whoever may merge one of them into the other; and that they are not the same matter."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts.requests import PersonRequest
from accounts.scope import Actor
from desks import not_same
from desks.compare_page import ComparePage
from desks.event_page import situation_of, visible_event
from desks.privacy import note_reading


@require_safe
def compare(request: PersonRequest, event_id: uuid.UUID, other_id: uuid.UUID) -> HttpResponse:
    """A fragment for htmx, a page without it; ``?leads=`` names the one that is to go on."""
    page = _page(request, event_id, other_id)
    note_reading(request, page.both)
    template = "desks/_compare.html" if request.htmx else "desks/compare.html"
    return render(request, template, {"page": page})


@require_POST
def say_not_same(request: PersonRequest, event_id: uuid.UUID, other_id: uuid.UUID) -> HttpResponse:
    page = _page(request, event_id, other_id)
    not_same.say_not_same(
        desk=page.desk, event=page.event, other=page.other.event, by=request.user, now=timezone.now()
    )
    return _back(request, page, _("Noted: not the same matter as %(number)s."))


@require_POST
def take_back(request: PersonRequest, event_id: uuid.UUID, other_id: uuid.UUID) -> HttpResponse:
    page = _page(request, event_id, other_id)
    not_same.take_back(desk=page.desk, event=page.event, other=page.other.event)
    return _back(request, page, _("Taken back: perhaps the same matter as %(number)s."))


def _page(request: PersonRequest, event_id: uuid.UUID, other_id: uuid.UUID) -> ComparePage:
    """Raises Http404 unless both are in sight, PermissionDenied unless one may be merged into the other."""
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
    return page


def _back(request: PersonRequest, page: ComparePage, words: str) -> HttpResponse:
    """To the event looked at; in the desk's pane it is only asked for anew."""
    words %= {"number": page.other.event.number}
    if request.htmx and "X-In-Pane" in request.headers:
        told = {"event": str(page.event.pk), "words": words}
        return trigger_client_event(HttpResponse(status=204), "event-judged", told)
    messages.success(request, words)
    address = reverse("desks:event", args=[page.event.pk])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _key(value: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(value or "")
    except ValueError:
        return None
