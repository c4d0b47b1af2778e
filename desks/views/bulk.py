"""One verb for many events: first what it will do, then what became of each."""

import uuid

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import PersonRequest, next_of
from accounts.scope import Actor
from desks.bulk_page import BulkPage, BulkResult, targets_of
from desks.event_page import situation_of, visible_event
from desks.move_page import why_not
from dispatch.bulk import IN_BULK, MOST, REVERSE, NobodyProposedError, TooManyError, move_each
from dispatch.routing import propose
from dispatch.workflow import VERBS, Verb


class Envelope(forms.Form):
    """The key of the whole; without ``sure`` nothing is moved."""

    bulk_id = forms.UUIDField(required=False)
    sure = forms.BooleanField(required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: PersonRequest) -> HttpResponse:
    """POST ``verb`` and ``event`` (``<key>:<version>``, many): the page that asks; with ``sure`` the moves."""
    if request.method != "POST":
        return redirect("desks:home")
    verb = _verb(request.POST.get("verb", ""))
    actor, now = Actor.of(request.user), timezone.now()
    page = BulkPage(verb, actor, targets_of(request.POST.getlist("event")), now, request.POST)
    envelope = Envelope(request.POST)
    page.problem = _problem(page, envelope)
    if page.problem or not envelope.cleaned_data["sure"]:
        return _ask(request, page)
    try:
        results = move_each(
            verb.code,
            actor=actor,
            targets=page.targets,
            now=now,
            bulk_id=envelope.cleaned_data["bulk_id"] or uuid.uuid4(),
            data=_shared(page),
        )
    except TooManyError as error:
        page.problem = error.message
        return _ask(request, page)
    shown = BulkResult(verb, results, next_of(request))
    return render(request, "desks/bulk_result.html", {"page": shown})


@require_safe
def proposed(request: PersonRequest, event_id: uuid.UUID) -> HttpResponse:
    """To whom a dispatch without a lead would go. Asked event by event, for what is in sight: each costs statements."""
    found = visible_event(request.user, event_id)
    if found is None:
        raise Http404
    actor, now = Actor.of(request.user), timezone.now()
    refusal = why_not(VERBS["dispatch"], situation_of(found, actor, now))
    lead = None if refusal else propose(found, district=actor.district, at=now).lead
    shown = {"lead": lead, "why": refusal.message if refusal else NobodyProposedError.message}
    return render(request, "desks/_bulk_lead.html", shown)


def _verb(code: str) -> Verb:
    if code not in IN_BULK and code not in REVERSE.values():
        raise Http404
    return VERBS[code]


def _problem(page: BulkPage, envelope: Envelope) -> str:
    if not envelope.is_valid():
        return _("The page is too old. Choose the events again.")
    if not page.targets:
        return _("No event is chosen. Go back and tick those that are meant.")
    if len(page.targets) > MOST:
        return str(TooManyError.message)
    if envelope.cleaned_data["sure"] and page.text_name and not page.text.strip():
        return _("Write something first: it goes to every one of them.")
    return ""


def _shared(page: BulkPage) -> dict[str, str]:
    data = {page.text_name: page.text} if page.text_name else {}
    if page.verb.code == "dispatch":
        data |= {name: page.data.get(name, "") for name in ("lead", "note")}
    if page.verb.code == "accept":
        data["note"] = page.data.get("note", "")
    return data


def _ask(request: PersonRequest, page: BulkPage) -> HttpResponse:
    sent_too_early = page.problem and "sure" in request.POST
    shown = {"page": page, "back": next_of(request)}
    return render(
        request, "desks/bulk.html", shown, status=400 if sent_too_early or not page.targets else 200
    )
