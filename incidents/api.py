"""Major incidents for programs: the same actions, the same scope and the same refusals as the pages."""

import time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import api_view, parser_classes, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scope import Actor
from accounts.token_login import needs
from accounts.tokens import TokenScope
from desks.api.events import RELATED
from desks.api.pages import NewestPages, page_shape
from desks.api.reading import BoundedJSONParser, actor_of, body_of, checked, person_of, wrong
from desks.privacy import note_reading
from dispatch.errors import NotFoundError
from events.models import Event
from incidents import actions, api_examples, closing, queries, telling
from incidents.api_shapes import (
    CloseSerializer,
    ClosingSerializer,
    GatherSerializer,
    IncidentDetailSerializer,
    IncidentSerializer,
    JoinedSerializer,
    MemberSerializer,
    MessageSerializer,
    OpenSerializer,
    SendSerializer,
    TaskSerializer,
)
from incidents.errors import NotTheCommandError
from incidents.models import Choice, Incident, Plan

READ_OR_MOVE = needs(TokenScope.READ, POST=(TokenScope.MOVE,))


def visible(request: Request, incident_id: int) -> Incident:
    """Raises NotFoundError."""
    found = (
        queries.listed(person_of(request))
        .select_related(*queries.OF_AN_INCIDENT)
        .filter(pk=incident_id)
        .first()
    )
    if found is None:
        raise NotFoundError(_("There is no such incident, or none of its events is in your area."))
    return found


@extend_schema(
    methods=["GET"],
    operation_id="incidents_list",
    summary=gettext_lazy("List major incidents"),
    description=gettext_lazy("Those you may see, the newest first."),
    parameters=[OpenApiParameter("state", str, enum=Incident.State.values), *NewestPages.parameters],
    responses=page_shape(IncidentSerializer),
    examples=[api_examples.INCIDENT],
)
@extend_schema(
    methods=["POST"],
    operation_id="incidents_open",
    summary=gettext_lazy("Open a major incident"),
    description=gettext_lazy(
        "For a street's command room or the district centre. The request_id is a UUID you make: the same again gets "
        "the stored incident with 200, other content under it is refused with 409."
    ),
    request=OpenSerializer,
    responses={200: IncidentDetailSerializer, 201: IncidentDetailSerializer},
    examples=[api_examples.OPEN, api_examples.INCIDENT_DETAIL],
)
@api_view(["GET", "POST"])
@permission_classes([READ_OR_MOVE])
@parser_classes([BoundedJSONParser])
def incidents(request: Request) -> Response:
    if request.method == "POST":
        return _open(request)
    found = queries.listed(person_of(request))
    if state := request.GET.get("state"):
        if state not in Incident.State.values:
            raise wrong("state", "invalid_choice", _("A state is open, closing or closed."))
        found = found.filter(state=state)
    pages = NewestPages()
    rows = pages.paginate_queryset(found, request) or []
    return pages.get_paginated_response(IncidentSerializer(rows, many=True).data)


def _open(request: Request) -> Response:
    asked, now = checked(OpenSerializer(data=body_of(request))), timezone.now()
    code, plan = asked.pop("plan", None), None
    if code is not None:
        plans = Plan.objects.in_force(at=now).filter(district=person_of(request).district_id)
        plan = plans.filter(code=code).first()
        if plan is None:
            raise wrong("plan", "no_such_plan", _("No plan in force has this code."))
    first = asked.pop("event", None)
    opened = actions.open_incident(actor=actor_of(request), plan=plan, first=first, now=now, **asked)
    body = _whole(request, visible(request, opened.pk))
    return Response(body, status=status.HTTP_201_CREATED if opened.opened_at == now else status.HTTP_200_OK)


def _whole(request: Request, incident: Incident) -> dict[str, Any]:
    states = queries.in_their_order(queries.counts_of(person_of(request), incident))
    return IncidentDetailSerializer(incident, context={"actor": actor_of(request), "states": states}).data


@extend_schema(
    operation_id="incidents_read",
    summary=gettext_lazy("Read a major incident"),
    responses=IncidentDetailSerializer,
    examples=[api_examples.INCIDENT_DETAIL],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def incident(request: Request, incident_id: int) -> Response:
    return Response(_whole(request, visible(request, incident_id)))


@extend_schema(
    methods=["GET"],
    operation_id="incidents_events",
    summary=gettext_lazy("List an incident's events"),
    description=gettext_lazy("Those you may see, the last that joined first."),
    parameters=NewestPages.parameters,
    responses=page_shape(MemberSerializer),
    examples=[api_examples.MEMBER],
)
@extend_schema(
    methods=["POST"],
    operation_id="incidents_gather",
    summary=gettext_lazy("Gather events into an incident"),
    description=gettext_lazy(
        "For who commands it: each event by itself, with a result for each, in the order given. Sent again under the "
        "same request_id nothing joins twice."
    ),
    request=GatherSerializer,
    responses=JoinedSerializer(many=True),
    examples=[api_examples.GATHER, api_examples.JOINED],
)
@api_view(["GET", "POST"])
@permission_classes([READ_OR_MOVE])
@parser_classes([BoundedJSONParser])
def members(request: Request, incident_id: int) -> Response:
    found, actor = visible(request, incident_id), actor_of(request)
    if request.method == "POST":
        asked = checked(GatherSerializer(data=body_of(request)))
        results = actions.gather(
            actor=actor,
            incident_id=incident_id,
            event_ids=asked["events"],
            reason=asked["reason"].strip() or found.name,
            request_id=asked["request_id"],
            now=timezone.now(),
        )
        return Response(JoinedSerializer(results, many=True).data)
    related = [f"event__{name}" for name in RELATED]
    found_here = queries.members_of(person_of(request), found).select_related(*related)
    pages = NewestPages()
    rows = pages.paginate_queryset(found_here, request) or []
    note_reading(request, [row.event for row in rows])
    return pages.get_paginated_response(MemberSerializer(rows, many=True, context={"actor": actor}).data)


@extend_schema(
    operation_id="incidents_tasks",
    summary=gettext_lazy("List an incident's checklist"),
    description=gettext_lazy("The tasks of its plan, in order, with how each stands."),
    responses=TaskSerializer(many=True),
    examples=[api_examples.TASK],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def tasks(request: Request, incident_id: int) -> Response:
    rows = visible(request, incident_id).tasks.select_related("responsible")
    return Response(TaskSerializer(rows, many=True).data)


@extend_schema(
    operation_id="incidents_message",
    summary=gettext_lazy("Tell all reporters of an incident"),
    description=gettext_lazy(
        "For who commands it: each reporter reads it once. The request_id is the message's key: the same again tells "
        "nobody twice and says how far it is, with 200; other words under it are refused with 409."
    ),
    request=SendSerializer,
    responses={200: MessageSerializer, 201: MessageSerializer},
    examples=[api_examples.SEND, api_examples.MESSAGE],
)
@api_view(["POST"])
@permission_classes([needs(TokenScope.MOVE)])
@parser_classes([BoundedJSONParser])
def message(request: Request, incident_id: int) -> Response:
    visible(request, incident_id)
    asked = checked(SendSerializer(data=body_of(request)))
    sent = telling.send_message(
        actor=actor_of(request),
        incident_id=incident_id,
        key=asked["request_id"],
        text=asked["text"],
        now=timezone.now(),
    )
    code = status.HTTP_201_CREATED if sent.is_new else status.HTTP_200_OK
    return Response(MessageSerializer(sent.message).data, status=code)


@extend_schema(
    methods=["GET"],
    operation_id="incidents_closing",
    summary=gettext_lazy("Read what may become of an incident's events"),
    description=gettext_lazy(
        "For who commands it: each open event with its options, and how far a closing is."
    ),
    responses=ClosingSerializer,
    examples=[api_examples.CLOSING],
)
@extend_schema(
    methods=["POST"],
    operation_id="incidents_close",
    summary=gettext_lazy("Close a major incident"),
    description=gettext_lazy(
        "For who commands it. Events are closed by verbs of the loop; what cannot be done in some seconds is worked on "
        "afterwards (state closing). With a refusal the incident stays open, and the members tell why. The same "
        "conclusion sent again while it is closing or closed gets the present state."
    ),
    request=CloseSerializer,
    responses=ClosingSerializer,
    examples=[api_examples.CLOSE, api_examples.CLOSING],
)
@api_view(["GET", "POST"])
@permission_classes([READ_OR_MOVE])
@parser_classes([BoundedJSONParser])
def close(request: Request, incident_id: int) -> Response:
    found, actor = visible(request, incident_id), actor_of(request)
    if not found.is_commanded_by(actor.scope):
        raise NotTheCommandError()
    if request.method == "POST":
        asked = checked(CloseSerializer(data=body_of(request)))
        conclusion = asked["conclusion"].strip()
        is_repeat = not found.is_open and (found.closed_by, found.conclusion) == (actor.user, conclusion)
        if not is_repeat:
            choices = {row["event"]: row["what"] for row in asked["choices"]}
            closing.start(
                actor=actor,
                incident_id=incident_id,
                choices=choices,
                conclusion=conclusion,
                now=timezone.now(),
            )
            closing.go_on(incident_id, until=time.monotonic() + closing.PATIENCE)
        found = visible(request, incident_id)
    return Response(ClosingSerializer(_closing(request, actor, found)).data)


def _closing(request: Request, actor: Actor, incident: Incident) -> dict[str, Any]:
    events: list[Event] = []
    if incident.is_open:
        events = [row.event for row in queries.members_of(actor.user, incident).filter(left_at=None)]  # type: ignore[arg-type]
        note_reading(request, events)
    leading = closing.leading_of(events)
    options = closing.options(actor, events, leading=leading, now=timezone.now())
    refused = {row.event_id: row for row in incident.choices.filter(status=Choice.Status.REFUSED)}
    return {
        "state": incident.state,
        "conclusion": incident.conclusion,
        "leading": leading,
        "waiting": incident.choices.filter(status=Choice.Status.WAITING).count(),
        "members": [
            {
                "event": event,
                "options": options[event.pk],
                "code": refused[event.pk].code if event.pk in refused else "",
                "message": closing.why(refused[event.pk]) if event.pk in refused else "",
            }
            for event in events
            if event.is_open
        ],
    }
