"""For whom and in which mode a request of the API was made: what waits on a phone outlives a log-in.

``X-Person``, a person's key: in the session of anybody else nothing is done. ``X-Training``, 0 or 1: what writes is
refused when training has begun or ended since, so that nothing real becomes practice. Without the headers nothing
is asked. Said before anything else, the sign of life and a missing second step included: the session is another's.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _

from desks.errors import answer
from dispatch.errors import ModeChangedError, MoveError

READING = ("GET", "HEAD", "OPTIONS")


class SenderMiddleware:
    """No query: whoever asks the API is read anyway."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        if not request.path.startswith("/api/") or not request.user.is_authenticated:
            return None
        person, mode = request.headers.get("X-Person"), request.headers.get("X-Training")
        if person is not None and person != str(request.user.pk):
            return _refusal(OtherPersonError())
        writes = request.method not in READING
        if writes and mode in ("0", "1") and (mode == "1") != request.user.in_training:
            return _refusal(ModeChangedError())
        return None


def _refusal(error: MoveError) -> JsonResponse:
    return JsonResponse(answer(error), status=error.status)


class OtherPersonError(MoveError):
    code = "other_person"
    message = _("Somebody else is logged in here now. Log in as yourself; what waits to be sent is kept.")
