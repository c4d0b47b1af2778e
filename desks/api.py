"""The API of events: the same forms, actions and scope rule as the pages."""

import hashlib
import json
import uuid
from typing import Any, cast

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, status
from rest_framework.decorators import api_view, parser_classes
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.scope import Actor
from desks.filters import EventFilter
from desks.places import path_of
from desks.privacy import note_reading
from desks.serializers import (
    EventDetailSerializer,
    EventSerializer,
    EvidenceSerializer,
    ItemSerializer,
    MoveSerializer,
    ReportSerializer,
    StepSerializer,
)
from dispatch.advance import advance
from dispatch.clocks import calendar_of
from dispatch.conditions import Situation
from dispatch.errors import InputError, NotFoundError
from dispatch.evidence import attach
from dispatch.report import report
from dispatch.routing import candidates, propose
from dispatch.workflow import VERBS
from events.catalogue import items_now
from events.models import Event, Evidence, Step
from grids import locate as location
from grids.models import Area
from grids.queries import boundaries

RELATED = ("item__category", "desk", "holder", "lead")


def _actor(request: Request) -> Actor:
    """The person behind the request; the permission classes let nobody else through."""
    return Actor.of(cast(User, request.user))


class EventPages(CursorPagination):
    """The nearest deadline first; stopped clocks last."""

    ordering = ("due", "id")
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    offset_cutoff = 10**12
    """Any number of events may share a deadline: all closed ones do."""

    def decode_cursor(self, request):
        cursor = super().decode_cursor(request)
        if cursor and cursor.position and not _is_instant(str(cursor.position)):
            raise exceptions.NotFound(self.invalid_cursor_message)
        return cursor


def _is_instant(text: str) -> bool:
    try:
        return parse_datetime(text) is not None
    except ValueError:
        return False


def _event(actor: Actor, event_id: uuid.UUID) -> Event:
    try:
        return Event.objects.visible_to(actor.user).select_related(*RELATED).get(pk=event_id)
    except Event.DoesNotExist:
        raise NotFoundError() from None


def _detail(event: Event, actor: Actor) -> dict[str, Any]:
    situation = Situation(event, actor, timezone.now(), calendar_of(actor.district))
    return EventDetailSerializer(event, context={"actor": actor, "situation": situation}).data


def _object(request: Request) -> dict[str, Any]:
    """The body: a JSON object of what can be stored, no half characters and no infinite numbers in it."""
    try:
        json.dumps(request.data, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise exceptions.ParseError() from None
    if not isinstance(request.data, dict):
        raise exceptions.ParseError()
    return request.data


@extend_schema(methods=["GET"], responses=EventSerializer(many=True))
@extend_schema(
    methods=["POST"], request=ReportSerializer, responses={200: EventSerializer, 201: EventSerializer}
)
@api_view(["GET", "POST"])
@parser_classes([JSONParser])
def events(request: Request) -> Response:
    """GET: the visible events, filtered as on the pages. POST: report; the same key again gets the same answer."""
    actor = _actor(request)
    if request.method == "POST":
        data = _object(request)
        done = report(actor=actor, event_id=_key(data.get("id")), data=data, now=timezone.now())
        body = EventSerializer(done.event, context={"actor": actor}).data
        return Response(body, status=status.HTTP_201_CREATED if done.created else status.HTTP_200_OK)
    found = EventFilter(request.GET, Event.objects.visible_to(request.user), request=request)
    if not found.is_valid():
        raise InputError(fields=found.errors.get_json_data())
    pages = EventPages()
    rows = pages.paginate_queryset(found.qs.select_related(*RELATED), request) or []
    note_reading(request, rows)
    return pages.get_paginated_response(EventSerializer(rows, many=True, context={"actor": actor}).data)


def _key(value: Any) -> uuid.UUID:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        message = "id must be a UUID made by the client"
        raise InputError(fields={"id": [{"code": "invalid_key", "message": message}]}) from None


@extend_schema(responses=EventDetailSerializer)
@api_view(["GET"])
def event(request: Request, event_id: uuid.UUID) -> Response:
    actor = _actor(request)
    found = _event(actor, event_id)
    note_reading(request, [found])
    return Response(_detail(found, actor))


@extend_schema(responses=StepSerializer(many=True))
@api_view(["GET"])
def steps(request: Request, event_id: uuid.UUID) -> Response:
    """The event's steps as far as the reader may see them."""
    visible = Step.objects.visible_to(request.user).filter(event=event_id)
    rows = list(visible.select_related("event", "organization", "text"))
    if not rows:
        raise NotFoundError()
    note_reading(request, [rows[0].event])
    return Response(StepSerializer(rows, many=True, context={"actor": _actor(request)}).data)


@extend_schema(request=MoveSerializer, responses=EventSerializer)
@api_view(["POST"])
@parser_classes([JSONParser])
def moves(request: Request, event_id: uuid.UUID) -> Response:
    """Move the event by a verb of the table. A refusal tells the present state."""
    form = MoveSerializer(data=_object(request))
    if not form.is_valid():
        raise InputError(fields=_fields(form.errors))
    actor, move = _actor(request), form.validated_data
    if VERBS[move["verb"]].creates:
        raise InputError(fields={"verb": [{"code": "not_a_move", "message": "POST a report to /events/"}]})
    moved = advance(
        move["verb"],
        actor=actor,
        event_id=event_id,
        now=timezone.now(),
        data=move["data"],
        version=move.get("version"),
        request_id=move.get("request_id"),
    )
    return Response(EventSerializer(moved, context={"actor": actor}).data)


def _fields(errors: dict) -> dict[str, list[dict]]:
    return {
        name: [{"code": detail.code, "message": str(detail)} for detail in details]
        for name, details in errors.items()
    }


@extend_schema(request={"multipart/form-data": dict}, responses=EvidenceSerializer)
@api_view(["POST"])
@parser_classes([MultiPartParser])
def evidence(request: Request, event_id: uuid.UUID) -> Response:
    """One file: ``kind``, ``file`` and, to be safe, the ``sha256`` of its bytes. The same bytes again change nothing."""
    kind, upload = request.POST.get("kind", ""), request.FILES.get("file")
    problems = {}
    if kind not in Evidence.Kind.values:
        problems["kind"] = [{"code": "unknown_kind", "message": f"one of {', '.join(Evidence.Kind.values)}"}]
    if upload is None:
        problems["file"] = [{"code": "required", "message": "attach a file"}]
    if problems:
        raise InputError(fields=problems)
    _event_row, row = attach(
        actor=_actor(request),
        event_id=event_id,
        kind=kind,
        upload=upload,
        sha256=request.POST.get("sha256") or None,
        now=timezone.now(),
    )
    return Response(EvidenceSerializer(row).data, status=status.HTTP_201_CREATED)


@extend_schema(responses={200: dict})
@api_view(["GET"])
def organizations(request: Request, event_id: uuid.UUID) -> Response:
    """Who may take this event, the proposed lead first named."""
    found = _event(_actor(request), event_id)
    proposed = propose(found, district=_actor(request).district, at=timezone.now()).lead
    rows = candidates(found) if found.desk_id else []
    return Response(
        {
            "proposed": proposed.pk if proposed else None,
            "organizations": [
                {"id": unit.pk, "code": unit.code, "name": unit.name, "kind": unit.kind} for unit in rows
            ],
        }
    )


@extend_schema(responses=ItemSerializer(many=True))
@api_view(["GET"])
def items(request: Request) -> Response:
    """The checklist valid today; unchanged until the catalogue is (ETag)."""
    district = _actor(request).district
    etag = _etag("items", district.pk, district.catalogue_version, get_language(), timezone.localdate())
    if request.headers.get("If-None-Match") == etag:
        return Response(status=status.HTTP_304_NOT_MODIFIED)
    return Response(ItemSerializer(items_now(district), many=True).data, headers=_cached(etag))


@extend_schema(
    parameters=[OpenApiParameter("within", str), OpenApiParameter("level", str)], responses={200: dict}
)
@api_view(["GET"])
def area_boundaries(request: Request) -> Response:
    """GeoJSON of the areas of ``level`` within a code; unchanged until the boundaries are (ETag)."""
    district = _actor(request).district
    within = request.GET.get("within") or district.pk
    level = request.GET.get("level") or Area.Level.GRID
    if not (within.startswith(district.pk) and within.isdecimal()) or level not in Area.Level.values:
        raise NotFoundError()
    etag = _etag("boundaries", within, level, district.boundary_version, get_language(), timezone.localdate())
    if request.headers.get("If-None-Match") == etag:
        return Response(status=status.HTTP_304_NOT_MODIFIED)
    return Response(boundaries(district, within, level, digits=5), headers=_cached(etag))


@extend_schema(parameters=[OpenApiParameter("parent", str)], responses={200: dict})
@api_view(["GET"])
def areas(request: Request) -> Response:
    """The areas directly below ``parent`` (the district without one)."""
    district = _actor(request).district
    parent = request.GET.get("parent") or district.pk
    if not parent.isdecimal():
        raise NotFoundError()
    rows = Area.objects.filter(district=district, parent__code=parent).valid_on(timezone.localdate())
    return Response([{"code": area.code, "level": area.level, "name": area.name} for area in rows])


@extend_schema(
    parameters=[OpenApiParameter("longitude", float), OpenApiParameter("latitude", float)],
    responses={200: dict},
)
@api_view(["GET"])
def locate(request: Request) -> Response:
    """The grid of a WGS84 point."""
    try:
        point = float(request.GET["longitude"]), float(request.GET["latitude"])
        place = location.locate(_actor(request).district, *point)
    except (KeyError, ValueError):
        message = "longitude and latitude in degrees are needed"
        raise InputError(fields={"longitude": [{"code": "invalid_point", "message": message}]}) from None
    path = path_of(_actor(request).district, place.area_code)
    return Response(
        {
            "area_code": place.area_code,
            "level": place.level,
            "name": path[-1] if path else "",
            "path": path,
            "on_edge": place.on_edge,
            "outside": place.outside,
        }
    )


@extend_schema(responses={200: dict})
@api_view(["GET"])
def me(request: Request) -> Response:
    """Who is logged in, and the posts held."""
    actor = _actor(request)
    return Response(
        {
            "username": request.user.username,
            "name": request.user.display_name,
            "district": actor.district.pk,
            "posts": [
                {"role": post.role, "organization": post.organization_id, "area": post.area_code}
                for post in actor.scope.posts
            ],
        }
    )


def _etag(*parts: Any) -> str:
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _cached(etag: str) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": "private, no-cache"}
