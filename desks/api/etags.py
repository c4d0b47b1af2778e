"""Answers that need not be sent again: an ETag of what they depend on, asked for anew each time."""

import hashlib
import json
from typing import Any

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from events.models import Event


def etag_of(*parts: Any) -> str:
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def event_etag(event: Event, body: dict[str, Any]) -> str:
    """The version, by which ``If-Match`` goes, and a digest of the answer: a reminder or an hour changes the
    answer, but is no reason to refuse a move."""
    return f'"{event.version}-{_digest(body)[:16]}"'


def digest_of(body: dict[str, Any]) -> str:
    """The ETag of an answer that is made in any case, only to be sent again when it says something else."""
    return f'"{_digest(body)[:32]}"'


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, default=str, sort_keys=True).encode()).hexdigest()


def is_known(request: Request, etag: str) -> bool:
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]
    return etag in known or known == ["*"]


def not_modified(etag: str) -> Response:
    return Response(status=status.HTTP_304_NOT_MODIFIED, headers=cached(etag))


def cached(etag: str) -> dict[str, str]:
    """For the client's own cache, and only after asking."""
    return {"ETag": etag, "Cache-Control": "private, no-cache"}
