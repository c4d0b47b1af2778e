"""Moves: the one way an event goes on, by a verb of the table."""

import uuid

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.decorators import api_view, parser_classes, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.token_login import needs
from accounts.tokens import TokenScope
from desks.api import examples
from desks.api.event_shapes import (
    BulkMovedSerializer,
    BulkMoveSerializer,
    EventSerializer,
    LeftSerializer,
    MoveSerializer,
)
from desks.api.reading import BoundedJSONParser, actor_of, body_of, check_move, checked, wanted_version, wrong
from dispatch.advance import advance, own_step
from dispatch.bulk import Outcome, Target, move_each
from dispatch.errors import NotFoundError, StaleVersionError
from dispatch.workflow import VERBS


@extend_schema(
    operation_id="events_move",
    summary=gettext_lazy("Move an event"),
    description=gettext_lazy(
        "By a verb of allowed_actions, with the inputs it needs. Send the version you looked at, as If-Match (then a "
        "stale one is refused with 412) or in the body (409); the refusal tells the present state. A request_id makes "
        "a repeat harmless: it gets the first one's answer."
    ),
    parameters=[
        OpenApiParameter(
            "If-Match", str, OpenApiParameter.HEADER, description=gettext_lazy("The event's ETag, or *")
        )
    ],
    request=MoveSerializer,
    responses=PolymorphicProxySerializer(
        "Moved", [EventSerializer, LeftSerializer], resource_type_field_name=None
    ),
    examples=[*examples.MOVES, examples.EVENT],
)
@api_view(["POST"])
@permission_classes([needs(TokenScope.MOVE)])
@parser_classes([BoundedJSONParser])
def moves(request: Request, event_id: uuid.UUID) -> Response:
    """Move the event by a verb of the table. A refusal tells the present state."""
    move = checked(MoveSerializer(data=body_of(request)))
    actor, tagged = actor_of(request), wanted_version(request)
    verb, request_id = VERBS[move["verb"]], move.get("request_id")
    if verb.creates:
        raise wrong("verb", "not_a_move", _("A report is no move: send it to the list of events."))
    check_move(verb, move["data"])
    try:
        moved = advance(
            verb.code,
            actor=actor,
            event_id=event_id,
            now=timezone.now(),
            data=move["data"],
            version=move.get("version") if tagged is None else tagged,
            request_id=request_id,
        )
    except StaleVersionError as error:
        error.status = status.HTTP_409_CONFLICT if tagged is None else status.HTTP_412_PRECONDITION_FAILED
        raise
    except NotFoundError:
        done = request_id and own_step(verb.code, actor=actor, event_id=event_id, request_id=request_id)
        if not done:
            raise
        return Response(LeftSerializer(done).data)
    return Response(EventSerializer(moved, context={"actor": actor}).data)


@extend_schema(
    operation_id="events_move_many",
    summary=gettext_lazy("Move many events"),
    description=gettext_lazy(
        "One verb for up to 100 events, each by itself as on the page: a refusal stops no other. The answer is 200 with "
        "a result for each; version is the one you looked at. Sent again under the same request_id, what was done is "
        "not done twice and is told as done; what was refused is tried again."
    ),
    request=BulkMoveSerializer,
    responses=BulkMovedSerializer,
    examples=[examples.BULK_MOVE, examples.BULK_MOVED],
)
@api_view(["POST"])
@permission_classes([needs(TokenScope.MOVE)])
@parser_classes([BoundedJSONParser])
def bulk(request: Request) -> Response:
    asked = checked(BulkMoveSerializer(data=body_of(request)))
    check_move(VERBS[asked["verb"]], asked["data"])
    results = move_each(
        asked["verb"],
        actor=actor_of(request),
        targets=[Target(row["event"], row.get("version")) for row in asked["events"]],
        now=timezone.now(),
        bulk_id=asked["request_id"],
        data=asked["data"],
    )
    done = sum(result.outcome == Outcome.DONE for result in results)
    return Response(BulkMovedSerializer({"done": done, "results": results}).data)
