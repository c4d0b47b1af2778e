"""Events: the list, a report, one event, its steps, who can take it, and its personal data for a reason."""

import uuid
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import api_view, parser_classes, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scope import Actor
from accounts.token_login import needs
from accounts.tokens import TokenScope
from desks.api import examples
from desks.api.etags import cached, event_etag, is_known, not_modified
from desks.api.event_shapes import (
    EventDetailSerializer,
    EventSerializer,
    ReasonSerializer,
    ReportSerializer,
    StepSerializer,
    UnmaskedSerializer,
)
from desks.api.pages import InstantPages, page_shape
from desks.api.reading import BoundedJSONParser, actor_of, body_of, check_report, key_of
from desks.api.reference_shapes import CandidatesSerializer
from desks.event_page import situation_of
from desks.filters import EventFilter
from desks.privacy import Privacy, note_reading
from desks.unmasking import ReasonForm, unmasked
from dispatch.errors import InputError, NotFoundError, NotPermittedError
from dispatch.report import report
from dispatch.routing import candidates, propose
from events.models import Event, State, Step, Urgency

RELATED = ("item__category", "desk", "holder", "lead")
FILTERS = [
    OpenApiParameter(
        "q",
        str,
        description=_(
            "Words of item, place, description and steps: all of them, “in quotes” together, -word not; or the start of "
            "an event's number. Phones and identity numbers are not found."
        ),
    ),
    OpenApiParameter("state", str, enum=State.values, many=True),
    OpenApiParameter("urgency", str, enum=Urgency.values, many=True),
    OpenApiParameter("item", str, description=_("Code of an item")),
    OpenApiParameter("area", str, description=_("Code of an area: within it")),
    OpenApiParameter(
        "since", {"type": "string", "format": "date"}, description=_("Recorded that day or later")
    ),
    OpenApiParameter(
        "until", {"type": "string", "format": "date"}, description=_("Recorded that day or before")
    ),
    OpenApiParameter("mine", bool, description=_("My own reports")),
    OpenApiParameter("open", bool, description=_("true: open ones, false: finished ones")),
]


def visible(actor: Actor, event_id: uuid.UUID) -> Event:
    """Raises NotFoundError for one that is not there for this person."""
    try:
        return Event.objects.visible_to(actor.user).select_related(*RELATED).get(pk=event_id)
    except Event.DoesNotExist:
        raise NotFoundError() from None


@extend_schema(
    methods=["GET"],
    operation_id="events_list",
    summary=_("List events"),
    description=_("The events you may see, the nearest deadline first; the filters are those of the pages."),
    parameters=[*FILTERS, *InstantPages.parameters],
    responses=page_shape(EventSerializer),
    examples=[examples.EVENTS],
)
@extend_schema(
    methods=["POST"],
    operation_id="events_report",
    summary=_("Report"),
    description=_(
        "The id is a UUID you make: the same report sent again gets the stored answer with 200, other content "
        "under the same id is refused with 409. same_as names an event that reports the matter already: where it can "
        "lead, the new report is merged into it at once (state merged); else it goes its own way, with the flag "
        "same_as_missed."
    ),
    request=ReportSerializer,
    responses={200: EventSerializer, 201: EventSerializer},
    examples=[examples.REPORT, examples.CALL, examples.JOINING, examples.EVENT],
)
@api_view(["GET", "POST"])
@permission_classes([needs(TokenScope.READ, POST=(TokenScope.REPORT,))])
@parser_classes([BoundedJSONParser])
def events(request: Request) -> Response:
    """GET: the visible events, filtered as on the pages. POST: report; the same key again gets the same answer."""
    actor = actor_of(request)
    if request.method == "POST":
        data = body_of(request)
        check_report(data)
        done = report(actor=actor, event_id=key_of(data.get("id")), data=data, now=timezone.now())
        body = EventSerializer(done.event, context={"actor": actor}).data
        return Response(body, status=status.HTTP_201_CREATED if done.created else status.HTTP_200_OK)
    found = EventFilter(request.GET, Event.objects.visible_to(request.user), request=request)
    if not found.is_valid():
        raise InputError(fields=found.errors.get_json_data())
    pages = InstantPages()
    rows = pages.paginate_queryset(found.qs.select_related(*RELATED), request) or []
    note_reading(request, rows)
    return pages.get_paginated_response(EventSerializer(rows, many=True, context={"actor": actor}).data)


@extend_schema(
    operation_id="events_read",
    summary=_("Read an event"),
    description=_(
        "With your moves and what each needs (allowed_actions). The ETag carries the version: send it as If-Match "
        "with a move, and as If-None-Match to be told 304 while nothing changed."
    ),
    responses={200: EventDetailSerializer, 304: None},
    examples=[examples.EVENT_DETAIL],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def event(request: Request, event_id: uuid.UUID) -> Response:
    actor = actor_of(request)
    found = visible(actor, event_id)
    note_reading(request, [found])
    situation = situation_of(found, actor, timezone.now())
    body = EventDetailSerializer(found, context={"actor": actor, "situation": situation}).data
    etag = event_etag(found, body)
    return not_modified(etag) if is_known(request, etag) else Response(body, headers=cached(etag))


@extend_schema(
    operation_id="events_steps",
    summary=_("List an event's steps"),
    description=_("As far as you may see them: an organisation that an event left keeps its own."),
    responses=StepSerializer(many=True),
    examples=[examples.STEP],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def steps(request: Request, event_id: uuid.UUID) -> Response:
    shown = Step.objects.visible_to(request.user).filter(event=event_id)
    rows = list(shown.select_related("event", "organization", "text"))
    if not rows:
        raise NotFoundError()
    note_reading(request, [rows[0].event])
    return Response(StepSerializer(rows, many=True, context={"actor": actor_of(request)}).data)


@extend_schema(
    operation_id="events_candidates",
    summary=_("List who can take an event"),
    description=_("The organisations a desk may dispatch it to, and the one the district's rules propose."),
    responses=CandidatesSerializer,
    examples=[examples.CANDIDATES],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def organizations(request: Request, event_id: uuid.UUID) -> Response:
    actor = actor_of(request)
    found = visible(actor, event_id)
    proposed = propose(found, district=actor.district, at=timezone.now()).lead
    rows = candidates(found) if found.desk_id else []
    return Response(CandidatesSerializer({"proposed": proposed and proposed.pk, "organizations": rows}).data)


@extend_schema(
    operation_id="events_unmask",
    summary=_("Unmask an event's personal data"),
    description=_("For the desk and the lead at work, with a reason; the audit log keeps both."),
    request=ReasonSerializer,
    responses=UnmaskedSerializer,
    examples=[examples.REASON, examples.UNMASKED],
)
@api_view(["POST"])
@permission_classes([needs(TokenScope.UNMASK)])
@parser_classes([BoundedJSONParser])
def unmask(request: Request, event_id: uuid.UUID) -> Response:
    actor = actor_of(request)
    found = visible(actor, event_id)
    if not Privacy(found, actor).may_unmask:
        raise NotPermittedError()
    data = body_of(request)
    form = ReasonForm(data if isinstance(data.get("reason"), str) else {})
    if not form.is_valid():
        raise InputError(fields=form.errors.get_json_data())
    shown = unmasked(request, found, form.cleaned_data["reason"])
    rows = Step.objects.visible_to(request.user).filter(event=found).select_related("text")
    texts = {step.sequence: step.text.content for step in rows if hasattr(step, "text")}
    body: dict[str, Any] = UnmaskedSerializer({"privacy": shown, "texts": texts}).data
    return Response(body, headers={"Cache-Control": "no-store"})
