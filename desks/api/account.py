"""Who is logged in."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.token_login import needs
from accounts.tokens import ApiToken
from desks.api import examples
from desks.api.posts import PostSerializer
from desks.api.reading import actor_of


class TokenSerializer(serializers.ModelSerializer):
    class Meta:
        model = ApiToken
        fields = ["name", "prefix", "scopes", "expires_at"]


class MeSerializer(serializers.Serializer):
    """``token``: the one of this request; null in a log-in by session."""

    username = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user.display_name")
    district = serializers.CharField(source="user.district_id")
    posts = PostSerializer(many=True)
    token = TokenSerializer(allow_null=True)


@extend_schema(
    operation_id="me_read",
    summary=_("Read who is logged in"),
    description=_("The person, the posts held now, and the token."),
    responses=MeSerializer,
    examples=[examples.ME],
)
@api_view(["GET"])
@permission_classes([needs()])
def me(request: Request) -> Response:
    token = request.auth if isinstance(request.auth, ApiToken) else None
    shown = {"user": request.user, "posts": actor_of(request).scope.posts, "token": token}
    return Response(MeSerializer(shown).data)
