"""Words and habits for proposals while somebody types, kept by the phone."""

from django.utils import timezone
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.token_login import needs
from accounts.tokens import TokenScope
from desks.api import examples
from desks.api.etags import cached, digest_of, is_known, not_modified
from desks.api.reading import actor_of
from desks.hints import usual_of, words_of


class HintsSerializer(serializers.Serializer):
    """``words``: by the item's code, [word, weight] with the weightiest first; ``usual``: by an area's code, the codes
    of its most frequent items."""

    words = serializers.DictField(child=serializers.ListField(child=serializers.ListField()))
    usual = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


@extend_schema(
    operation_id="items_hints",
    summary=gettext_lazy("Read words for proposals of items"),
    description=gettext_lazy(
        "For proposals while somebody types, without a network: what people say for each item, and what is usual in one's "
        "own area. Several people have used each word; unchanged, it costs a 304 (ETag)."
    ),
    responses={200: HintsSerializer, 304: None},
    examples=[examples.HINTS],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ, TokenScope.REPORT)])
def hints(request: Request) -> Response:
    actor = actor_of(request)
    body = {"words": words_of(actor.district), "usual": usual_of(actor, timezone.now())}
    etag = digest_of(body)
    return not_modified(etag) if is_known(request, etag) else Response(body, headers=cached(etag))
