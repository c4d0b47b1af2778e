"""One handler for every refusal: pages and API answer ``{code, message, fields}`` with the same codes."""

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from accounts.token_login import MissingScopeError
from dispatch.errors import MoveError
from events.images import EvidenceError

DRF_CODES = {
    exceptions.NotAuthenticated: "not_logged_in",
    exceptions.PermissionDenied: "not_permitted",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.ParseError: "unreadable_body",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "too_many_requests",
}

WORDS: dict[type[Exception], str | Promise] = {
    exceptions.NotAuthenticated: gettext_lazy("Nobody is logged in. Log in, or send an API token."),
    exceptions.ParseError: gettext_lazy("The body cannot be read. Send what the API's description shows."),
}
"""What the library says in its own language, or without what to do."""
CODED = (exceptions.AuthenticationFailed, MissingScopeError)
"""Refusals of the log-in, which bring a code of their own."""
CSRF_EXPIRED = gettext_lazy(
    "Your log-in has changed since this page was opened. Log in again; what you typed is kept."
)


def answer(error: MoveError | EvidenceError) -> dict:
    """The body of a refusal: stable code, words in the reader's language, fields, the present state."""
    if isinstance(error, EvidenceError):
        words = str(error)
        return {
            "code": error.code,
            "message": words,
            "fields": {"file": [{"code": error.code, "message": words}]},
        }
    return {"code": error.code, "message": str(error.message), "fields": error.fields, **error.extra}


def api_exception_handler(error: Exception, context: dict) -> Response | None:
    if isinstance(error, MoveError):
        return Response(answer(error), status=error.status)
    if isinstance(error, EvidenceError):
        return Response(answer(error), status=status.HTTP_400_BAD_REQUEST)
    if isinstance(error, RequestDataTooBig):
        words = _("This is too large. Send less at a time.")
        return Response({"code": "too_big", "message": words, "fields": {}}, status=413)
    if isinstance(error, Http404):
        error = exceptions.NotFound(_("This does not exist, or it is not in your area."))
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(_("Your post may not open this page."))
    if isinstance(error, RecursionError):  # a body nested too deeply, met while its CSRF token is sought
        error = exceptions.ParseError()
    response = exception_handler(error, context)
    if response is not None:
        code = next((code for kind, code in DRF_CODES.items() if isinstance(error, kind)), "refused")
        detail = getattr(error, "detail", str(error))
        if type(error) in WORDS:
            detail = str(WORDS[type(error)])
        if isinstance(error, CODED):
            code = str(error.get_codes())
        if str(detail).startswith("CSRF Failed"):
            code, detail = "csrf_expired", str(CSRF_EXPIRED)
        message = detail if isinstance(detail, str) else _("The request cannot be used.")
        response.data = {
            "code": code,
            "message": message,
            "fields": detail if isinstance(detail, dict) else {},
        }
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, 403, "csrf_expired", str(CSRF_EXPIRED))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404, "not_found", _("This does not exist, or it is not in your area."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403, "not_permitted", _("Your post may not open this page."))


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(
        request, 500, "server_error", _("Something went wrong on our side. Nothing you sent was half done.")
    )


def _page(request: HttpRequest, code: int, name: str, message: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"code": name, "message": message, "fields": {}}, status=code)
    return render(request, "error.html", {"status": code, "message": message}, status=code)
