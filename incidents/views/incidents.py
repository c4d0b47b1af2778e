"""The list of incidents, opening one, its page, its map and its report."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import PersonRequest
from accounts.scope import Actor
from desks.event_page import visible_event
from desks.listing import wanted_fragment
from desks.privacy import note_reading
from dispatch.errors import MoveError
from events.models import Event
from incidents import actions, queries, timeline
from incidents.forms import OpeningForm
from incidents.models import Incident, Plan
from incidents.page import IncidentPage, points

LISTED = 30
OF_A_REPORT = 500


def visible_incident(request: PersonRequest, incident_id: int) -> Incident:
    """Raises Http404."""
    incident = queries.incident_of(request.user, incident_id)
    if incident is None:
        raise Http404
    return incident


def page_of(request: HttpRequest, incident: Incident) -> IncidentPage:
    asked = request.GET
    show, members_after = asked.get("show", ""), asked.get("members", "")
    return IncidentPage(
        incident,
        Actor.of(request.user),  # type: ignore[arg-type]
        timezone.now(),
        show=show if show in timeline.SHOWS else "",
        after=asked.get("after", ""),
        state=asked.get("state", ""),
        members_after=int(members_after) if members_after.isdecimal() and len(members_after) < 18 else 0,
    )


@require_safe
def incidents(request: PersonRequest) -> HttpResponse:
    """Those the person may see, the newest first, each with the number of members they may see. Two queries."""
    rows = queries.listed(request.user)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 18:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: LISTED + 1])
    shown = {
        "incidents": found[:LISTED],
        "before": found[LISTED - 1].pk if len(found) > LISTED else "",
        "is_first": not before,
        "may_open": actions.commanding_post(Actor.of(request.user)) is not None,
    }
    return render(request, "incidents/incidents.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PersonRequest) -> HttpResponse:
    """From scratch, or with an event as its first member."""
    actor = Actor.of(request.user)
    if actions.commanding_post(actor) is None:
        raise PermissionDenied
    first = _first(request)
    asked = {"event": first.pk, "name": _name_of(first), "plan": _plan_of(first)} if first else {}
    form = OpeningForm(actor.district, request.POST or None, initial=asked)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        given["first"] = given.pop("event")
        try:
            incident = actions.open_incident(actor=actor, now=timezone.now(), **given)
        except MoveError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The incident is open. Gather the reports that belong to it."))
            return redirect("incidents:incident", incident.pk)
    status = 400 if request.method == "POST" else 200
    return render(request, "incidents/new.html", {"form": form, "first": first}, status=status)


def _first(request: PersonRequest) -> Event | None:
    try:
        key = uuid.UUID(request.POST.get("event") or request.GET.get("event", ""))
    except ValueError:
        return None
    return visible_event(request.user, key)


def _plan_of(event: Event) -> int | None:
    """The plan that names the item of the first report."""
    here = Plan.objects.in_force(at=timezone.now()).filter(district=event.tenant)
    plans = here.filter(items__contains=[event.item.code])
    return plans.values_list("pk", flat=True).first()


def _name_of(event: Event) -> str:
    return "" if event.sensitive else event.item.name


@require_safe
def incident(request: PersonRequest, incident_id: int) -> HttpResponse:
    """The whole page, or the part that refreshes itself. At most 20 queries, however many members."""
    page = page_of(request, visible_incident(request, incident_id))
    note_reading(request, [row.event for row in page.members])
    response = live(request, page)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def live(request: HttpRequest, page: IncidentPage) -> HttpResponse:
    is_fragment = wanted_fragment(request) == "incident-live"  # type: ignore[arg-type]
    template = "incidents/_live.html" if is_fragment else "incidents/incident.html"
    address = reverse("incidents:incident", args=[page.incident.pk])
    shown = {"page": page, "tiles": settings.MAP_TILES_URL, "is_fragment": is_fragment}
    return render(request, template, shown | {"live_address": f"{address}?{request.GET.urlencode()}"})


@require_safe
def points_of(request: PersonRequest, incident_id: int) -> HttpResponse:
    return JsonResponse(points(request.user, visible_incident(request, incident_id)))


@require_safe
def report(request: PersonRequest, incident_id: int) -> HttpResponse:
    """All of it on one sheet, to print: what happened, when, what was done, every member, the whole story."""
    page = page_of(request, visible_incident(request, incident_id))
    rows = list(queries.members_of(request.user, page.incident)[:OF_A_REPORT])
    note_reading(request, [row.event for row in rows])
    story = timeline.page_of(page.actor, page.incident, full=page.full, size=OF_A_REPORT)
    return render(request, "incidents/report.html", {"page": page, "members": rows, "story": story})
