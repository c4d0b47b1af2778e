"""Who is logged in, and what an application needs to begin with."""

from collections.abc import Iterator

from django.conf import settings
from django.middleware.csrf import get_token
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.token_login import needs
from accounts.tokens import ApiToken
from desks.api import examples
from desks.api.offer_shapes import ChoiceSerializer
from desks.api.posts import PostSerializer
from desks.api.reading import actor_of, person_of
from desks.context import may_report
from desks.places import path_of
from dispatch import policy
from events.models import Evidence


class TokenSerializer(serializers.ModelSerializer):
    class Meta:
        model = ApiToken
        fields = ["name", "prefix", "scopes", "expires_at"]


class OwnAreaSerializer(serializers.Serializer):
    """``path``: the names from the street down."""

    code = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField())


class LimitsSerializer(serializers.Serializer):
    """Characters of a text and of an address; files of one kind with a report or a move; bytes of one file."""

    text = serializers.IntegerField()
    address = serializers.IntegerField()
    photos = serializers.IntegerField()
    evidence_bytes = serializers.IntegerField()


class MeSerializer(serializers.Serializer):
    """``token``: the one of this request; null in a log-in by session. ``area``: where the first post is.
    ``self_close_areas``: codes; within them one may close on the spot what one reports."""

    id = serializers.IntegerField(source="user.pk")
    username = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user.display_name")
    district = serializers.CharField(source="user.district_id")
    training = serializers.BooleanField()
    may_report = serializers.BooleanField()
    posts = PostSerializer(many=True)
    area = OwnAreaSerializer(allow_null=True)
    self_close_areas = serializers.ListField(child=serializers.CharField())
    limits = LimitsSerializer()
    evidence_kinds = ChoiceSerializer(many=True)
    token = TokenSerializer(allow_null=True)


@extend_schema(
    operation_id="me_read",
    summary=_("Read who is logged in"),
    description=_("The person, the posts held now, the limits of what is sent, and the token."),
    responses=MeSerializer,
    examples=[examples.ME],
)
@api_view(["GET"])
@permission_classes([needs()])
def me(request: Request) -> Response:
    user, actor = person_of(request), actor_of(request)
    posts = actor.scope.posts
    shown = {
        "user": user,
        "training": user.in_training,
        "may_report": may_report(actor.scope) or user.in_training,
        "posts": posts,
        "area": {"code": posts[0].area_code, "path": path_of(user.district, posts[0].area_code)}
        if posts
        else None,
        "self_close_areas": sorted(actor.scope.codes("self_close_in_area")),
        "limits": {
            "text": policy.TEXT_LIMIT,
            "address": policy.ADDRESS_LIMIT,
            "photos": settings.EVIDENCE_MAX_PHOTOS,
            "evidence_bytes": settings.EVIDENCE_MAX_BYTES,
        },
        "evidence_kinds": list(_kinds()),
        "token": request.auth if isinstance(request.auth, ApiToken) else None,
    }
    if shown["token"] is None:
        get_token(
            request._request
        )  # A phone may have lost the cookie, and its shell does not come from here.
    return Response(MeSerializer(shown).data)


def _kinds() -> Iterator[dict]:
    for value, label in Evidence.Kind.choices:
        yield {"value": value, "label": label}
