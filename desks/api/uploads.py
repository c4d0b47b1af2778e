"""A file in pieces, for networks that break: each piece is kept, and the answer says where to go on."""

import io
import re
import uuid
from typing import IO, Any, cast

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view, parser_classes, permission_classes
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.token_login import needs
from accounts.tokens import TokenScope
from desks.api import examples
from desks.api.event_shapes import ProgressSerializer
from desks.api.reading import actor_of, wrong
from dispatch.report_form import SHA256
from dispatch.uploads import progress, take
from events.models import Evidence

WHOLE = re.compile(r"[0-9]{1,12}")
NAMED = [
    OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=Evidence.Kind.values),
    OpenApiParameter(
        "sha256",
        {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        OpenApiParameter.PATH,
        description=gettext_lazy("Of the whole file, hexadecimal"),
    ),
]
SIZE = gettext_lazy("Bytes of the whole file")
COUNT = {"type": "integer", "minimum": 0}


class PieceParser(BaseParser):
    """The body as it comes in: nobody holds it as a whole."""

    media_type = "application/octet-stream"

    def parse(self, stream, media_type=None, parser_context=None):
        return stream


@extend_schema(
    methods=["GET"],
    operation_id="events_upload_read",
    summary=gettext_lazy("Ask how far a file is"),
    description=gettext_lazy("How many bytes of your upload are here, and whether the file is complete."),
    parameters=[*NAMED, OpenApiParameter("X-Size", COUNT, OpenApiParameter.HEADER, description=SIZE)],
    responses=ProgressSerializer,
    examples=[examples.PROGRESS],
)
@extend_schema(
    methods=["PUT"],
    operation_id="events_upload",
    summary=gettext_lazy("Send a file in pieces"),
    description=gettext_lazy(
        "The bytes from offset on, any number of them. Begin at 0; after a break go on from received_bytes of the "
        "answer, of a wrong_offset (409), or of GET. What has arrived of a broken piece is kept for a week. With the "
        "last byte the hash is checked and the file attached; sent again after that it is received for ever."
    ),
    parameters=[
        *NAMED,
        OpenApiParameter("offset", COUNT, required=True),
        OpenApiParameter("X-Size", COUNT, OpenApiParameter.HEADER, required=True, description=SIZE),
    ],
    request={"application/octet-stream": OpenApiTypes.BINARY},
    responses=ProgressSerializer,
    examples=[examples.PROGRESS],
)
@api_view(["GET", "PUT"])
@permission_classes(
    [needs(TokenScope.READ, TokenScope.REPORT, TokenScope.MOVE, PUT=(TokenScope.REPORT, TokenScope.MOVE))]
)
@parser_classes([PieceParser])
def upload(request: Request, event_id: uuid.UUID, kind: str, sha256: str) -> Response:
    if kind not in Evidence.Kind.values:
        words = _("This kind is unknown. Take one of: %(kinds)s.") % {
            "kinds": ", ".join(Evidence.Kind.values)
        }
        raise wrong("kind", "unknown_kind", words)
    if not SHA256.fullmatch(sha256):
        raise wrong("sha256", "invalid", _("This must be a SHA-256: 64 digits and letters a to f."))
    named: dict[str, Any] = {"actor": actor_of(request), "event_id": event_id, "kind": kind, "sha256": sha256}
    if request.method == "GET":
        told = request.headers.get("X-Size")
        shown = progress(**named, size=_whole("X-Size", told) if told else None)
    else:
        shown = take(
            **named,
            size=_whole("X-Size", request.headers.get("X-Size")),
            offset=_whole("offset", request.GET.get("offset")),
            length=_whole("Content-Length", _length(request)),
            body=cast(IO[bytes], request.data or io.BytesIO()),  # another type of body is refused here
            now=timezone.now(),
        )
    return Response(ProgressSerializer(shown).data)


def _length(request: Request) -> str | None:
    """Of the body; an empty one need not say so. One that ends when it ends could be cut without a trace."""
    told = request.META.get("CONTENT_LENGTH")
    return told or (None if "Transfer-Encoding" in request.headers else "0")


def _whole(name: str, told: str | None) -> int:
    """A number of bytes. Raises InputError."""
    if told is None or not WHOLE.fullmatch(told):
        raise wrong(name, "invalid", _("This must be a whole number of bytes."))
    return int(told)
