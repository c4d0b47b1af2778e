"""The event page, the form of each move, and the event's files."""

import uuid

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts.requests import PersonRequest
from accounts.scope import Actor
from desks.dispatch_page import DispatchPage
from desks.event_page import EventPage, own_steps, situation_of, visible_event
from desks.evidence_file import file_answer
from desks.listing import wanted_fragment
from desks.move_page import MovePage
from desks.privacy import note_reading
from dispatch.advance import advance
from dispatch.errors import InputError, MoveError, NotFoundError
from dispatch.evidence import attach
from dispatch.phrases import count_uses
from dispatch.workflow import VERBS, Verb
from events.images import EvidenceError
from events.models import Evidence


@require_safe
def event(request: PersonRequest, event_id: uuid.UUID) -> HttpResponse:
    """In full for those who see the event; an organisation it left keeps its own steps. A page, or the desk's pane."""
    actor, found = Actor.of(request.user), visible_event(request.user, event_id)
    is_pane = wanted_fragment(request) == "event-pane"
    if found is None:
        template = "desks/_own_steps.html" if is_pane else "desks/own_steps.html"
        return _varied(render(request, template, {"page": own_steps(actor, event_id)}))
    note_reading(request, [found])
    page = EventPage(found, actor, timezone.now())
    shown = {"page": page, "tiles": settings.MAP_TILES_URL}
    return _varied(render(request, "desks/_event_pane.html" if is_pane else "desks/event.html", shown))


def _varied(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


class Envelope(forms.Form):
    """What travels with every move: the version looked at, and the client's key of the request."""

    version = forms.IntegerField(required=False, min_value=0)
    request_id = forms.UUIDField(required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: PersonRequest, event_id: uuid.UUID, verb: str) -> HttpResponse:
    """GET: the verb's form, as a fragment for htmx and as a page without it. POST: the move."""
    row = VERBS.get(verb)
    if row is None or row.creates or row.is_system:
        raise Http404
    if request.method != "POST":
        return _form(request, event_id, row)
    actor, now, data = Actor.of(request.user), timezone.now(), request.POST.copy()
    envelope = Envelope(data)
    try:
        if not envelope.is_valid():
            raise InputError(fields=envelope.errors.get_json_data())
        _attach_files(request, actor, event_id, data)
        advance(verb, actor=actor, event_id=event_id, now=now, data=data, **envelope.cleaned_data)
    except NotFoundError:
        raise Http404 from None
    except (MoveError, EvidenceError) as error:
        return _form(request, event_id, row, data, error)
    count_uses(keys=request.POST.getlist("phrase"), user=request.user, scope=actor.scope)
    words = _("Done: %(verb)s.") % {"verb": row.done}
    if request.htmx and "X-In-Pane" in request.headers:
        return trigger_client_event(
            HttpResponse(status=204), "event-moved", {"event": str(event_id), "verb": verb, "words": words}
        )
    messages.success(request, words)
    address = reverse("desks:event", args=[event_id])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _form(
    request: PersonRequest,
    event_id: uuid.UUID,
    verb: Verb,
    data: QueryDict | None = None,
    error: MoveError | EvidenceError | None = None,
) -> HttpResponse:
    """The form; after a refusal with everything typed, the reason, and the event's present version."""
    actor, found = Actor.of(request.user), visible_event(request.user, event_id)
    if found is None:
        raise Http404
    situation = situation_of(found, actor, timezone.now())
    dispatching = verb.code == "dispatch"
    kind = DispatchPage if dispatching else MovePage
    page = kind(verb, situation, data=data, error=error, preview=request.GET.dict())
    template = "desks/_move_form.html" if request.htmx else "desks/move.html"
    if request.htmx.target == "deadline" and dispatching and not page.error:
        template = "desks/_dispatch_deadlines.html"
    status = (page.error.status if isinstance(page.error, MoveError) else 400) if page.error else 200
    return render(request, template, {"page": page}, status=status)


def _attach_files(request: PersonRequest, actor: Actor, event_id: uuid.UUID, data: QueryDict) -> None:
    """Files sent with the form itself, field ``file_<kind>``: the way without JavaScript."""
    for kind in Evidence.Kind.values:
        for upload in request.FILES.getlist(f"file_{kind}"):
            _event, row = attach(
                actor=actor, event_id=event_id, kind=kind, upload=upload, sha256=None, now=timezone.now()
            )
            data.appendlist("evidence", str(row.pk))


@require_safe
def evidence(request: PersonRequest, evidence_id: uuid.UUID, size: str) -> HttpResponseBase:
    return file_answer(request, evidence_id, size)
