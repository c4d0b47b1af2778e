"""Between the log-in and the pages: the second step, an old password, and the sign of life.

No query: the person, the session and the scope are there already.
"""

from collections.abc import Callable
from typing import cast
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from accounts import demands, factors, sessions
from accounts.requests import PersonRequest
from accounts.scope import scope_of

BEFORE_THE_SECOND_STEP = {"accounts:second_step", "accounts:passkey_challenge"}
ENROLLING = {"accounts:authenticator", "accounts:passkey_offer"}
BEFORE_A_NEW_PASSWORD = {"accounts:password_change"}


class AccessMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        if _is_open(request, view) or not request.user.is_authenticated:
            return None
        sessions.touch(request)
        here = request.resolver_match.view_name if request.resolver_match else ""
        person = cast(PersonRequest, request)
        return _second_step(person, here) or _password(person, here)


def _is_open(request: HttpRequest, view) -> bool:
    """A page for everybody. The API's views are marked like one, because the framework asks for the log-in itself."""
    return not getattr(view, "login_required", True) and not _is_api(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _second_step(request: PersonRequest, here: str) -> HttpResponse | None:
    if factors.is_passed(request.session):
        return None
    if factors.is_wanted(request.session):
        if here in BEFORE_THE_SECOND_STEP:
            return None
        words = _("Confirm first that it is you: the second step of your log-in is missing.")
        return _lead(request, "accounts:second_step", "second_step_missing", words)
    if demands.needs_second_step(scope_of(request.user)):
        if here in ENROLLING:
            return None
        words = _("Your post needs a second step at log-in: set it up first.")
        return _lead(request, "accounts:authenticator", "second_step_not_set_up", words)
    return None


def _password(request: PersonRequest, here: str) -> HttpResponse | None:
    exempt = BEFORE_A_NEW_PASSWORD | BEFORE_THE_SECOND_STEP | ENROLLING | {"accounts:recovery_codes"}
    if here in exempt or not demands.password_has_expired(request.user, now=timezone.now()):
        return None
    return _lead(
        request, "accounts:password_change", "password_expired", _("Your password must be changed first.")
    )


def _lead(request: HttpRequest, to: str, code: str, words: str) -> HttpResponse:
    """Pages lead there and back again; the API says why not; a fragment makes its page ask anew."""
    if _is_api(request):
        return JsonResponse({"code": code, "message": words, "fields": {}}, status=403)
    if request.headers.get("HX-Request"):
        return HttpResponseClientRefresh()
    response = redirect(to)
    if request.method == "GET":
        response["Location"] += "?next=" + quote(request.get_full_path())
    return response
