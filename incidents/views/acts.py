"""What the command does on the page: tick, note, gather, tell everybody, close."""

import time
import uuid

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import PersonRequest
from accounts.scope import Actor
from desks import places
from desks.privacy import note_reading
from dispatch.bulk import Result
from dispatch.errors import MoveError
from events.catalogue import items_now
from events.models import Event
from incidents import actions, closing, queries, telling
from incidents.errors import IncidentError, NotTheCommandError
from incidents.forms import MOST_SHOWN, GatherForm, MessageForm
from incidents.models import Choice, Incident
from incidents.views.incidents import live, page_of, visible_incident


def _answer(request: PersonRequest, incident_id: int, error: MoveError | None = None) -> HttpResponse:
    """After an act: the live part for htmx, else back to the page; a refusal in words."""
    incident = visible_incident(request, incident_id)
    if error:
        messages.error(request, str(error.message))
    if request.htmx and not error:
        return live(request, page_of(request, incident))
    answer = redirect("incidents:incident", incident.pk)
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": answer["Location"]})
    return answer


@require_POST
def task(request: PersonRequest, incident_id: int, task_id: int) -> HttpResponse:
    """One key or tap: ticked, not ticked, or not applicable for a reason."""
    visible_incident(request, incident_id)
    to, error = request.POST.get("to", ""), None
    if to not in ("done", "open", "not_applicable"):
        raise Http404
    try:
        found = actions.set_task(
            actor=Actor.of(request.user),
            incident_id=incident_id,
            task_id=task_id,
            to=to,
            note=request.POST.get("note", "")[:300],
            now=timezone.now(),
        )
        if found is None:
            raise Http404
    except MoveError as refusal:
        error = refusal
    return _answer(request, incident_id, error)


@require_POST
def note(request: PersonRequest, incident_id: int) -> HttpResponse:
    visible_incident(request, incident_id)
    error = None
    try:
        text = request.POST.get("text", "")[:2000]
        actions.add_note(actor=Actor.of(request.user), incident_id=incident_id, text=text, now=timezone.now())
    except MoveError as refusal:
        error = refusal
    return _answer(request, incident_id, error)


@require_POST
def response(request: PersonRequest, incident_id: int) -> HttpResponse:
    visible_incident(request, incident_id)
    level, error = request.POST.get("response", ""), None
    if level not in {str(value) for value in Incident.Response.values}:
        raise Http404
    try:
        actions.change_response(
            actor=Actor.of(request.user), incident_id=incident_id, response=int(level), now=timezone.now()
        )
    except MoveError as refusal:
        error = refusal
    return _answer(request, incident_id, error)


def _commanded(request: PersonRequest, incident_id: int) -> Incident | MoveError:
    """The incident, or why this person cannot act on it. Raises Http404 out of sight."""
    visible_incident(request, incident_id)
    try:
        return actions.commanded(Actor.of(request.user), incident_id)
    except IncidentError as error:
        return error


# Gathering ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def gather(request: PersonRequest, incident_id: int) -> HttpResponse:
    """Look for reports, see how many they are, choose, and see what became of each."""
    incident = _commanded(request, incident_id)
    if isinstance(incident, MoveError):
        return _answer(request, incident_id, incident)
    actor, results, posted = Actor.of(request.user), [], request.method == "POST"
    if posted:
        try:
            results = _gather(request, actor, incident)
        except MoveError as error:
            return _answer(request, incident_id, error)
        if request.POST.get("back") and not any(result.code for result in results):
            return redirect("incidents:incident", incident.pk)
    data = request.GET if request.GET else None
    form = GatherForm(actor.district, incident, data or _asked_first(request, incident))
    found = form.narrow(queries.candidates(request.user, incident)).select_related("item", "holder")
    rows = list(found.order_by("-recorded_at", "-id")[: MOST_SHOWN + 1])
    note_reading(request, rows[:MOST_SHOWN])
    shown = {
        "incident": incident,
        "form": form,
        "rows": rows[:MOST_SHOWN],
        "count": found.count() if len(rows) > MOST_SHOWN else len(rows),
        "most": MOST_SHOWN,
        "results": results,
        "events": Event.objects.visible_to(request.user).select_related("item").in_bulk(
            [result.event_id for result in results]
        ),
        "items": sorted(items_now(actor.district), key=lambda item: item.code not in incident.items),
        "areas": places.choices(actor.district, incident.command.area.code, request.GET.get("area", "")),
        "tiles": settings.MAP_TILES_URL,
    }  # fmt: skip
    return render(request, "incidents/gather.html", shown)


def _gather(request: PersonRequest, actor: Actor, incident: Incident) -> list[Result]:
    keys = []
    for key in request.POST.getlist("chosen"):
        try:
            keys.append(uuid.UUID(key))
        except ValueError:
            continue
    reason = request.POST.get("reason", "").strip()[:200] or incident.name
    results = actions.gather(
        actor=actor, incident_id=incident.pk, event_ids=keys, reason=reason, now=timezone.now()
    )
    joined = sum(not result.code for result in results)
    if joined:
        words = ngettext("%(n)d report joined.", "%(n)d reports joined.", joined) % {"n": joined}
        messages.success(request, words)
    return results


def _asked_first(request: PersonRequest, incident: Incident):
    """Before anything is asked: the incident's items since shortly before its opening."""
    asked = request.GET.copy()
    asked.setlist("item", incident.items)
    since = timezone.localtime(incident.opened_at - queries.BEFORE_THE_OPENING)
    asked["since"] = since.strftime("%Y-%m-%dT%H:%M")
    return asked


# One message --------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def message(request: PersonRequest, incident_id: int) -> HttpResponse:
    """First how many reporters it reaches, then, sent, how many were told."""
    incident = _commanded(request, incident_id)
    if isinstance(incident, MoveError):
        return _answer(request, incident_id, incident)
    form = MessageForm(request.POST or None, initial={"key": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        try:
            sent = telling.send_message(
                actor=Actor.of(request.user), incident_id=incident.pk, now=timezone.now(), **form.cleaned_data
            )
        except MoveError as error:
            form.add_error(None, str(error.message))
        else:
            told = sent.message.recipients.filter(status="told").count()
            messages.success(
                request, ngettext("%(n)d reporter told.", "%(n)d reporters told.", told) % {"n": told}
            )
            return redirect("incidents:incident", incident.pk)
    reached = queries.reporters_of(request.user, incident)
    by_phone = sum(row.by_phone for row in reached)
    shown = {"incident": incident, "form": form, "number": len(reached) - by_phone, "by_phone": by_phone}
    status = 400 if request.method == "POST" else 200
    return render(request, "incidents/message.html", shown, status=status)


# Closing ------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: PersonRequest, incident_id: int) -> HttpResponse:
    """Each open member with what will become of it; then the progress, then what was refused."""
    incident = visible_incident(request, incident_id)
    if incident.state != Incident.State.OPEN:
        return redirect("incidents:incident", incident_id)
    if not incident.is_commanded_by(Actor.of(request.user).scope):
        return _answer(request, incident_id, NotTheCommandError())
    actor, now, error = Actor.of(request.user), timezone.now(), None
    if request.method == "POST":
        try:
            closing.start(
                actor=actor,
                incident_id=incident_id,
                choices=_choices(request),
                conclusion=request.POST.get("conclusion", "")[:1000],
                now=now,
            )
        except MoveError as refusal:
            error = refusal
        else:
            closing.go_on(incident_id, until=time.monotonic() + closing.PATIENCE)
            return _closed(request, incident_id)
    members = [row.event for row in queries.members_of(request.user, incident).filter(left_at=None)]
    note_reading(request, members)
    leading = closing.leading_of(members)
    options = closing.options(actor, members, leading=leading, now=now)
    refused = {
        row.event_id: closing.why(row) for row in incident.choices.filter(status=Choice.Status.REFUSED)
    }
    chosen = _choices(request)
    shown = {
        "incident": incident,
        "error": error,
        "conclusion": request.POST.get("conclusion", incident.conclusion),
        "leading": next((event for event in members if event.pk == leading), None),
        "rows": [
            {
                "event": event,
                "options": options[event.pk],
                "chosen": chosen.get(event.pk)
                or (Choice.What.HAND_ON if event.pk in refused and event.is_open else options[event.pk][0]),
                "refused": refused.get(event.pk, ""),
            }
            for event in members
            if event.is_open
        ],
        "ended": sum(not event.is_open for event in members),
    }
    return render(request, "incidents/close.html", shown, status=error.status if error else 200)


def _choices(request: PersonRequest) -> dict[uuid.UUID, str]:
    """By event: the fields ``what-<key>``; what cannot be read is left out."""
    found = {}
    for name, what in request.POST.items():
        if name.startswith("what-"):
            try:
                found[uuid.UUID(name.removeprefix("what-"))] = str(what)
            except ValueError:
                continue
    return found


def _closed(request: PersonRequest, incident_id: int) -> HttpResponse:
    incident = Incident.objects.get(pk=incident_id)
    if incident.state == Incident.State.CLOSED:
        messages.success(request, _("The incident is closed."))
        return redirect("incidents:report", incident_id)
    if incident.state == Incident.State.CLOSING:
        messages.info(request, _("The rest is worked on; this page shows how far it is."))
        return redirect("incidents:incident", incident_id)
    messages.error(request, _("Some members could not be closed; the incident stays open with them."))
    return redirect("incidents:close", incident_id)
