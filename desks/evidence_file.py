"""A file of an event, sent through the scope rule; by page and API alike."""

import logging
import os
import uuid
from typing import cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.request import Request

from accounts.models import User
from desks.byte_ranges import NoSuchBytesError, Slice, wanted_span
from desks.event_page import visible_evidence
from desks.privacy import note_reading
from events.evidence import open_file
from events.models import Evidence

log = logging.getLogger(__name__)


def file_answer(request: HttpRequest | Request, evidence_id: uuid.UUID, size: str) -> HttpResponseBase:
    """A file through the scope rule. Documents are downloads; pictures are shown, recordings played in the parts that
    the player asks for; none of it can run anything.

    Kept by the browser alone, and asked for again each time: a scope may have ended. The name of a stored
    file never gets other content, so it is the ETag.
    """
    row = visible_evidence(cast(User, request.user)).select_related("event").filter(pk=evidence_id).first()
    if row is None or not row.file:  # promised, and not here yet
        raise Http404
    note_reading(request, [row.event])
    path = open_file(row, thumbnail=size == "thumbnail")
    headers = {
        "ETag": f'"{path.name}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    unchanged = get_conditional_response(
        request, etag=headers["ETag"], response=HttpResponse(headers=headers)
    )
    if unchanged is not None and unchanged.status_code != 200:
        return unchanged
    try:
        file = path.open("rb")
    except FileNotFoundError:
        log.error("The file of evidence %s is missing: %s", row.pk, path)
        raise Http404 from None
    whole = os.fstat(file.fileno()).st_size
    asked = request.headers.get("Range") if request.method == "GET" else None
    if request.headers.get("If-Range", headers["ETag"]) != headers["ETag"]:
        asked = None
    try:
        span = wanted_span(asked, whole)
    except NoSuchBytesError:
        file.close()
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{whole}"})
    if span:
        headers |= {"Content-Range": str(span), "Content-Length": str(span.length)}
    is_thumbnail = path.name != open_file(row).name
    return FileResponse(
        Slice(file, span) if span else file,
        status=206 if span else 200,
        as_attachment=row.kind == Evidence.Kind.DOCUMENT or not (row.is_image or row.is_recorded),
        filename=f"{row.event.number}-{row.kind}{path.suffix}",
        content_type="image/jpeg" if is_thumbnail else row.content_type,
        headers=headers,
    )
