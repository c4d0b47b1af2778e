"""What every log line of a request or a task says about it: its id, the person's key, the event's key.

The id of a request comes from the proxy (``X-Request-ID``: 20 to 64 hexadecimal digits and dashes, so that it can
be a UUID but hardly anything of a person) or is made here; it goes back in the answer and along with every Celery
task the request asks for. A line for each request tells method, route, status and milliseconds: the route's
pattern, not the address, for an address may hold what somebody searched for.
"""

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from grid_platform.request_metrics import observe

HEADER = "X-Request-ID"
_ACCEPTED = re.compile(r"[0-9A-Fa-f-]{20,64}")
_facts: ContextVar[dict[str, Any] | None] = ContextVar("log_facts", default=None)

log = logging.getLogger(__name__)


def facts() -> dict[str, Any]:
    """What is known of the request or task at hand; empty outside of both."""
    return dict(_facts.get() or {})


def bind(**more: Any) -> Token:
    """Say more about what is at hand; the token takes it back."""
    return _facts.set(facts() | more)


def begin(**new: Any) -> Token:
    """A request or task begins: nothing of another one is left."""
    return _facts.set(new)


def end(token: Token) -> None:
    _facts.reset(token)


def request_id() -> str | None:
    return facts().get("request_id")


class RequestLogMiddleware:
    """The outermost middleware: whatever answers, the answer has the id and the log its line."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = request.headers.get(HEADER, "")
        number = told if _ACCEPTED.fullmatch(told) else uuid.uuid4().hex
        started = time.perf_counter()
        token = begin(request_id=number)
        try:
            response = self.get_response(request)
            response.headers[HEADER] = number
            seconds = time.perf_counter() - started
            match = request.resolver_match
            observe((match and match.view_name) or "none", response.status_code, seconds)
            if log.isEnabledFor(logging.INFO):
                self._tell(request, response, seconds)
            return response
        finally:
            end(token)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> None:
        if event := kwargs.get("event_id"):
            bind(event=event)

    @staticmethod
    def _tell(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        match = request.resolver_match
        route = match.route if match else "-"
        told = {
            "method": request.method,
            "route": route,
            "status": response.status_code,
            "milliseconds": round(seconds * 1000, 1),
            "user": _known_person(request),
        }
        log.info(
            "%s %s %s %s ms", request.method, route, response.status_code, told["milliseconds"], extra=told
        )


def _known_person(request: HttpRequest) -> int | None:
    """The key of the person if this request has asked for it: the log makes no query."""
    user = request.__dict__.get("_cached_user") or request.__dict__.get("user")
    return None if isinstance(user, SimpleLazyObject) else getattr(user, "pk", None)
