"""The files of an event: which there are, a new one, and their content."""

import uuid
from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import api_view, parser_classes, permission_classes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.token_login import needs
from accounts.tokens import TokenScope
from desks.api import examples
from desks.api.event_shapes import EvidenceSerializer, UploadSerializer
from desks.api.events import visible
from desks.api.reading import actor_of
from desks.evidence_file import file_answer
from desks.privacy import note_reading
from dispatch.errors import InputError
from dispatch.evidence import attach
from events.models import Evidence

CONTENT: dict[Any, Any] = {
    **{
        (status, kind): OpenApiTypes.BINARY
        for status in (200, 206)
        for kind in ("image/jpeg", "application/pdf", "audio/*", "video/*")
    },
    304: None,
    416: None,
}
RANGE = OpenApiParameter(
    "Range", str, OpenApiParameter.HEADER, description=gettext_lazy("One span of bytes: bytes=0-1023")
)


@extend_schema(
    methods=["GET"],
    operation_id="events_files",
    summary=gettext_lazy("List an event's files"),
    description=gettext_lazy("Those that arrived, and those that were promised."),
    responses=EvidenceSerializer(many=True),
    examples=[examples.FILE],
)
@extend_schema(
    methods=["POST"],
    operation_id="events_attach",
    summary=gettext_lazy("Send a file"),
    description=gettext_lazy(
        "A photo, a document (PDF or picture), a signature or a recording, for your own report or before a move that "
        "takes evidence. The same bytes again change nothing."
    ),
    request={"multipart/form-data": UploadSerializer},
    responses={201: EvidenceSerializer},
    examples=[examples.FILE],
)
@api_view(["GET", "POST"])
@permission_classes([needs(TokenScope.READ, POST=(TokenScope.REPORT, TokenScope.MOVE))])
@parser_classes([MultiPartParser])
def evidence(request: Request, event_id: uuid.UUID) -> Response:
    """GET: the event's files. POST: one file, ``kind``, ``file`` and, to be safe, the ``sha256`` of its bytes."""
    if request.method == "GET":
        found = visible(actor_of(request), event_id)
        note_reading(request, [found])
        return Response(EvidenceSerializer(found.evidence.order_by("promised_at", "pk"), many=True).data)
    data = request.data  # reads the form, so that what cannot be read is refused here
    kind, upload = data.get("kind", ""), request.FILES.get("file")
    problems = {}
    if kind not in Evidence.Kind.values:
        words = _("This kind is unknown. Take one of: %(kinds)s.") % {
            "kinds": ", ".join(Evidence.Kind.values)
        }
        problems["kind"] = [{"code": "unknown_kind", "message": words}]
    if upload is None:
        problems["file"] = [{"code": "required", "message": _("Attach a file.")}]
    if problems:
        raise InputError(fields=problems)
    _event_row, row = attach(
        actor=actor_of(request),
        event_id=event_id,
        kind=kind,
        upload=upload,
        sha256=request.POST.get("sha256") or None,
        now=timezone.now(),
    )
    return Response(EvidenceSerializer(row).data, status=status.HTTP_201_CREATED)


@extend_schema(
    operation_id="files_read",
    summary=gettext_lazy("Fetch a file"),
    description=gettext_lazy(
        "Pictures as JPEG; a document as a download, a recording to be played, both as they were sent."
    ),
    parameters=[RANGE],
    responses=CONTENT,
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def file(request: Request, evidence_id: uuid.UUID) -> HttpResponseBase:
    return file_answer(request, evidence_id, "full")


@extend_schema(
    operation_id="files_thumbnail",
    summary=gettext_lazy("Fetch a file's thumbnail"),
    description=gettext_lazy("At most 480 pixels; the file itself where there is none yet."),
    parameters=[RANGE],
    responses=CONTENT,
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def thumbnail(request: Request, evidence_id: uuid.UUID) -> HttpResponseBase:
    return file_answer(request, evidence_id, "thumbnail")
