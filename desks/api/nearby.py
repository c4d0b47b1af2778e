"""Open events near a point, before somebody reports the same once more."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scope import Actor
from accounts.token_login import needs
from accounts.tokens import TokenScope
from desks.api import examples
from desks.api.reading import actor_of, point_of, wrong
from desks.nearby import Nearby
from desks.nearby import nearby as found_near
from desks.privacy import Privacy, note_reading
from events.catalogue import RetiredItemError, UnknownItemError, item_at
from events.models import Item


class NearbySerializer(serializers.Serializer):
    """``likely``: the same item, close in place and time; ``may_join``: whether it can be the same_as of a report;
    ``minutes``: since it occurred."""

    id = serializers.UUIDField(source="event.pk")
    number = serializers.CharField(source="event.number")
    url = serializers.SerializerMethodField()
    item = serializers.CharField(source="event.item.code")
    item_name = serializers.CharField(source="event.item.name")
    state = serializers.CharField(source="event.state")
    state_name = serializers.CharField(source="event.get_state_display")
    metres = serializers.IntegerField()
    minutes = serializers.IntegerField()
    description = serializers.SerializerMethodField()
    thumbnail = serializers.SerializerMethodField()
    likely = serializers.BooleanField(source="is_likely")
    may_join = serializers.BooleanField()
    mine = serializers.BooleanField()

    def get_url(self, row: Nearby) -> str:
        return reverse("desks:event", args=[row.event.pk])

    def get_description(self, row: Nearby) -> str:
        return Privacy(row.event, self.context["actor"]).description

    def get_thumbnail(self, row: Nearby) -> str | None:
        return reverse("api:thumbnail", args=[row.photo.pk]) if row.photo else None


@extend_schema(
    operation_id="events_nearby",
    summary=gettext_lazy("List what is open nearby"),
    description=gettext_lazy(
        "At most five open events of the item or its category around a point, the same matter first: before somebody "
        "reports it once more. Of what you may see; nothing sensitive but your own."
    ),
    parameters=[
        OpenApiParameter("item", str, required=True, description=gettext_lazy("Code of an item")),
        OpenApiParameter("longitude", OpenApiTypes.DOUBLE, required=True, description=gettext_lazy("WGS84")),
        OpenApiParameter("latitude", OpenApiTypes.DOUBLE, required=True),
    ],
    responses=NearbySerializer(many=True),
    examples=[examples.NEARBY],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def nearby(request: Request) -> Response:
    actor, now = actor_of(request), timezone.now()
    item = _item(request.GET.get("item", ""), actor)
    point = point_of(request)
    if point is None:
        raise wrong("longitude", "invalid_point", _("Give longitude and latitude in degrees."))
    rows = found_near(actor, item, point, now=now)
    note_reading(request, [row.event for row in rows])
    return Response(NearbySerializer(rows, many=True, context={"actor": actor}).data)


def _item(code: str, actor: Actor) -> Item:
    try:
        return item_at(actor.district, code, timezone.now())
    except (UnknownItemError, RetiredItemError):
        words = _("There is no item with this code. Choose one from the list.")
        raise wrong("item", "unknown_item", words) from None
