"""Push for the phone's app: is it set up, subscribe this browser from a tap, unsubscribe it."""

import re

from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view, parser_classes, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.sessions import number_of
from accounts.token_login import needs
from accounts.tokens import TokenScope
from desks.api.reading import BoundedJSONParser, body_of, checked, person_of, wrong
from dispatch.errors import MoveError
from push import actions, api_examples
from push.api_shapes import PushSerializer, SubscribeSerializer
from push.keys import public_key
from push.models import Subscription
from webhooks.destination import DestinationError

DIGEST = OpenApiParameter(
    "digest", str, description=_("SHA-256 of this browser's endpoint, 64 hexadecimal digits")
)


class PushOffError(MoveError):
    code = "push_off"
    message = _("Hints to phones are not set up here. The inbox has everything.")


class NoBrowserError(MoveError):
    code, status = "no_browser", 403
    message = _("Hints go to the browser one is logged in with; a token has none.")


@extend_schema(
    methods=["GET"],
    operation_id="push_read",
    summary=gettext_lazy("Read whether hints are pushed to this browser"),
    description=gettext_lazy(
        "configured: the service pushes at all; public_key: what the browser subscribes under; known: this browser is "
        "subscribed for you."
    ),
    parameters=[DIGEST],
    responses=PushSerializer,
    examples=[api_examples.PUSH],
)
@extend_schema(
    methods=["POST"],
    operation_id="push_subscribe",
    summary=gettext_lazy("Subscribe this browser"),
    description=gettext_lazy(
        "The body is what the browser's PushSubscription says of itself. Whoever subscribes a browser last has it; "
        "logging out ends it. Not for tokens. A hint tells how many matters wait, never which."
    ),
    request=SubscribeSerializer,
    responses=PushSerializer,
    examples=[api_examples.SUBSCRIBE, api_examples.PUSH],
)
@extend_schema(
    methods=["DELETE"],
    operation_id="push_unsubscribe",
    summary=gettext_lazy("Unsubscribe this browser"),
    description=gettext_lazy("Safe to repeat."),
    parameters=[DIGEST],
    responses={200: PushSerializer},
    examples=[api_examples.PUSH],
)
@api_view(["GET", "POST", "DELETE"])
@permission_classes([needs(TokenScope.INBOX)])
@parser_classes([BoundedJSONParser])
def push(request: Request) -> Response:
    if request.method == "POST":
        digest = _subscribe(request)
    else:
        digest = _digest(request)
    if request.method == "DELETE":
        actions.unsubscribe(user=person_of(request), digest=digest)
    key = public_key()
    known = bool(key) and Subscription.objects.filter(user=person_of(request), digest=digest).exists()
    return Response(PushSerializer({"configured": bool(key), "public_key": key, "known": known}).data)


def _digest(request: Request) -> str:
    """Left out: which browser it is does not matter."""
    told = request.GET.get("digest", "")
    if told and not re.fullmatch(r"[0-9a-f]{64}", told):
        raise wrong("digest", "invalid", gettext("The digest is 64 hexadecimal digits."))
    return told


def _subscribe(request: Request) -> str:
    log_in = number_of(request)
    if not log_in:
        raise NoBrowserError()
    if not public_key():
        raise PushOffError()
    asked = checked(SubscribeSerializer(data=body_of(request)))
    try:
        made = actions.subscribe(
            user=person_of(request),
            log_in=log_in,
            endpoint=asked["endpoint"],
            **asked["keys"],
            now=timezone.now(),
        )
    except DestinationError as error:
        raise wrong("endpoint", error.code, str(error.message)) from None
    return made.digest
