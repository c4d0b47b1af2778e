"""What is printed of an event: the dispatch order, the case file, the supervision letter; and the list of letters.

Each is an A4 page for the browser's own printing. Personal data stays masked as on the event's page.
"""

import uuid

import segno
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.requests import PersonRequest
from accounts.scope import Actor
from desks.event_page import EventPage, OwnSteps, own_steps, visible_event
from desks.letters import LetterPaper, letters_of, visible_letters
from desks.privacy import note_reading
from desks.sketch import sketch
from dispatch.models import Assignment
from events.models import Event

ROWS = 50


@require_safe
def order(request: PersonRequest, event_id: uuid.UUID) -> HttpResponse:
    """The dispatch order (派单单), for the desk, the lead and the assistants while an order is at work."""
    page = _page(request, event_id)
    lead = next((row for row in page.orders_at_work if row.part == Assignment.Part.LEAD), None)
    if lead is None or not page.has_order_paper:
        raise Http404
    address = request.build_absolute_uri(reverse("desks:event", args=[event_id]))
    shown = {
        "page": page,
        "lead": lead,
        "assistants": [row for row in page.orders_at_work if row != lead],
        "sent": next(
            (entry for entry in page.timeline if entry.step.verb in ("dispatch", "auto_dispatch")), None
        ),
        "qr": segno.make(address, micro=False).svg_inline(scale=3, border=2),
        "sketch": sketch(page.event, page.actor.district),
    }
    return render(request, "desks/papers/order.html", shown)


@require_safe
def case_file(request: PersonRequest, event_id: uuid.UUID) -> HttpResponse:
    """The case file (案卷): all this person may read of it. The audit log keeps that it was printed."""
    actor, event = Actor.of(request.user), visible_event(request.user, event_id)
    page: EventPage | OwnSteps
    if event is None:
        page = own_steps(actor, event_id)
        template, number = "desks/papers/own_steps.html", page.number
    else:
        note_reading(request, [event])
        page = EventPage(event, actor, timezone.now())
        template, number = "desks/papers/case_file.html", event.number
    audit.record(kind="case_file_printed", actor=request.user, subject=number, detail={}, request=request)
    return render(request, template, {"page": page, "printed_at": timezone.now()})


@require_safe
def letter(request: PersonRequest, event_id: uuid.UUID) -> HttpResponse:
    """A supervision letter (督办单) with its answer: the event's last one, or the one of ``number``."""
    page = _page(request, event_id)
    found = letters_of(page.event)
    if asked := request.GET.get("number"):
        found = [row for row in found if row.number == asked]
    if not found:
        raise Http404
    paper = LetterPaper(found[0], page.event, page.actor)
    return render(request, "desks/papers/letter.html", {"page": page, "paper": paper})


@require_safe
def letters(request: PersonRequest) -> HttpResponse:
    """The letters about events this person sees, newest first. At most 6 queries."""
    rows = visible_letters(request.user).order_by("-letter__year", "-letter__serial")
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    return render(request, "desks/letters.html", {"page": page, "now": timezone.now()})


def _page(request: PersonRequest, event_id: uuid.UUID) -> EventPage:
    event: Event | None = visible_event(request.user, event_id)
    if event is None:
        raise Http404
    note_reading(request, [event])
    return EventPage(event, Actor.of(request.user), timezone.now())
