"""Texts leave compressed: pages, fragments, JSON, styles, scripts and drawings. On a phone's network that is the wait.

Pictures, recordings and files to save are compressed already, or are sent in parts, and stay as they are; so does what
collectstatic has compressed beforehand. Django's middleware adds random bytes to each answer, so that its length tells
nothing of a secret beside what somebody slipped into it (BREACH).
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = {
    "text/html",
    "text/css",
    "text/javascript",
    "application/javascript",
    "application/json",
    "application/manifest+json",
    "image/svg+xml",
}


class TextGZipMiddleware(GZipMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        """An answer that was compressed has a weak ETag; If-None-Match compares weakly (RFC 9110, 13.1.2), but those
        who serve static files compare the text."""
        if known := request.META.get("HTTP_IF_NONE_MATCH"):
            request.META["HTTP_IF_NONE_MATCH"] = known.replace('W/"', '"')

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
        if kind not in TEXTS or response.status_code == 206:
            return response
        return super().process_response(request, response)
