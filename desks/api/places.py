"""The district's address book: places by name, pinyin or initials while somebody types. No event is in it."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scope import scope_of
from accounts.token_login import needs
from accounts.tokens import TokenScope
from desks.api import examples
from desks.api.reading import person_of, point_of
from desks.hints import usual_at
from desks.near import place_of
from desks.place_page import told
from dispatch.errors import NotFoundError
from grids.place_search import SHOWN, find_places


class NamedPlaceSerializer(serializers.Serializer):
    """``name`` with that of what it stands in; ``address`` as a report takes it; WGS84, null without a point."""

    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    kind_name = serializers.CharField()
    aliases = serializers.ListField(child=serializers.CharField())
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    address = serializers.CharField(allow_blank=True)
    longitude = serializers.FloatField(allow_null=True)
    latitude = serializers.FloatField(allow_null=True)
    area_code = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField())


class PlaceDetailSerializer(NamedPlaceSerializer):
    """``usual_items``: codes of what is reported there most often, as far as one may see it."""

    usual_items = serializers.ListField(child=serializers.CharField())


@extend_schema(
    operation_id="places_list",
    summary=gettext_lazy("Find places of the address book"),
    description=gettext_lazy(
        "By name, alias, pinyin or initials (jtxq), whole or in part; the best twelve. What is called exactly so "
        "comes first, then what lies in the own area, beginnings before fragments, the nearer to a point."
    ),
    parameters=[
        OpenApiParameter("q", str, description=gettext_lazy("What was typed; nothing without it")),
        OpenApiParameter("longitude", OpenApiTypes.DOUBLE, description=gettext_lazy("Near here, WGS84")),
        OpenApiParameter("latitude", OpenApiTypes.DOUBLE),
    ],
    responses=NamedPlaceSerializer(many=True),
    examples=[examples.NAMED_PLACE],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ, TokenScope.REPORT)])
def places(request: Request) -> Response:
    person = person_of(request)
    posts = scope_of(person).posts
    found = find_places(
        person.district,
        request.GET.get("q", ""),
        area=posts[0].area_code if posts else "",
        near=point_of(request),
        most=SHOWN,
    )
    return Response(NamedPlaceSerializer([told(person.district, row) for row in found], many=True).data)


@extend_schema(
    operation_id="places_read",
    summary=gettext_lazy("Read a place of the address book"),
    responses=PlaceDetailSerializer,
    examples=[examples.PLACE_DETAIL],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ, TokenScope.REPORT)])
def place(request: Request, code: str) -> Response:
    person = person_of(request)
    found = place_of(person.district, code)
    if found is None:
        raise NotFoundError(_("There is no such place in the address book."))
    shown = told(person.district, found) | {"usual_items": usual_at(person, found, timezone.now())}
    return Response(PlaceDetailSerializer(shown).data)
