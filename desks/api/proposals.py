"""What a desk is told before it decides: likely duplicates before a merge, ranked leads before a dispatch."""

import uuid

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scope import Actor
from accounts.token_login import needs
from accounts.tokens import TokenScope
from desks.api import examples
from desks.api.events import visible
from desks.api.reading import actor_of
from desks.event_page import situation_of
from desks.likely import likely_events
from desks.privacy import note_reading
from dispatch.conditions import Situation
from dispatch.errors import NotPermittedError
from dispatch.leads import leads
from dispatch.permission import authority
from dispatch.routing import propose
from dispatch.workflow import VERBS


class ReasonOfLeadSerializer(serializers.Serializer):
    """``points`` add up to the score; 0 where a reason decides or only tells."""

    code = serializers.CharField()
    words = serializers.CharField()
    points = serializers.IntegerField()


class LeadSerializer(serializers.Serializer):
    """``id`` is what a dispatch takes as its lead. Not ``staffed``: nobody is in post there, a dispatch is refused."""

    id = serializers.IntegerField(source="unit.pk")
    code = serializers.CharField(source="unit.code")
    name = serializers.CharField(source="unit.name")
    kind = serializers.CharField(source="unit.kind")
    proposed = serializers.BooleanField(source="is_proposed")
    staffed = serializers.BooleanField(source="is_staffed")
    score = serializers.IntegerField()
    reasons = ReasonOfLeadSerializer(many=True)


class LikelySerializer(serializers.Serializer):
    """``metres`` is null where one of the two has no point; ``may_lead``: whether it is open."""

    id = serializers.UUIDField(source="event.pk")
    number = serializers.CharField(source="event.number")
    item = serializers.CharField(source="event.item.code")
    state = serializers.CharField(source="event.state")
    likely = serializers.BooleanField(source="is_likely")
    may_lead = serializers.BooleanField()
    metres = serializers.IntegerField(allow_null=True)
    same_item = serializers.BooleanField()
    score = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.CharField())


@extend_schema(
    operation_id="events_leads",
    summary=_("Rank who should handle an event"),
    description=_(
        "For those who may dispatch it, the best first: the rule or the list of responsibilities, then points for "
        "being named for the item, for past work in time, for little in hand. The figures count what you may see."
    ),
    responses=LeadSerializer(many=True),
    examples=[examples.LEAD],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def ranked_leads(request: Request, event_id: uuid.UUID) -> Response:
    situation = _for(request, event_id, "dispatch")
    proposal = propose(situation.event, district=situation.actor.district, at=situation.now)
    rows = leads(situation, proposal) if situation.event.desk_id else []
    return Response(LeadSerializer(rows, many=True).data)


@extend_schema(
    operation_id="events_likely",
    summary=_("List what an event may be the same as"),
    description=_(
        "For those who may merge it: the same item near in place and time first, then what is near in place, time and "
        "words; of what you may see."
    ),
    responses=LikelySerializer(many=True),
    examples=[examples.LIKELY],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def likely(request: Request, event_id: uuid.UUID) -> Response:
    situation = _for(request, event_id, "merge")
    rows = likely_events(situation.event, situation.actor)
    note_reading(request, [row.event for row in rows])
    return Response(LikelySerializer(rows, many=True).data)


def _for(request: Request, event_id: uuid.UUID, verb: str) -> Situation:
    """Raises NotFoundError out of sight, NotPermittedError for a post that may not move it so."""
    actor: Actor = actor_of(request)
    situation = situation_of(visible(actor, event_id), actor, timezone.now())
    if not authority(VERBS[verb], situation)[0]:
        raise NotPermittedError()
    return situation
