"""Pages of the second step: passing it at log-in, setting it up, taking it away, recovery codes."""

import json

import segno
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import audit, demands, factors
from accounts.device import device_of
from accounts.requests import PersonRequest, next_of
from accounts.scope import scope_of


@never_cache
@require_http_methods(["GET", "POST"])
def second_step(request: PersonRequest) -> HttpResponse:
    """Ask for a code or a passkey; a wrong one is told to the audit log."""
    if not factors.is_wanted(request.session):
        return redirect(next_of(request))
    if not factors.has_any(request.user):  # taken away meanwhile by the security administrator
        factors.forget(request.session)
        return redirect(next_of(request))
    error = ""
    if request.method == "POST":
        if way := factors.verify_code(request.user, request.POST.get("code", "")):
            return redirect(_passed(request, way))
        _failed(request)
        error = _("This code is not right, or it was used already. Wait for the next one and try again.")
    shown = {
        "error": error,
        "next": next_of(request),
        "has_authenticator": TOTPDevice.objects.filter(user=request.user, confirmed=True).exists(),
        "has_passkey": request.user.passkeys.exists(),
    }
    return render(request, "accounts/second_step.html", shown)


@never_cache
@require_http_methods(["GET", "POST"])
def passkey_challenge(request: PersonRequest) -> HttpResponse:
    """GET: what to ask the device. POST: its answer, as JSON; told where to go on."""
    if not factors.is_wanted(request.session):
        return JsonResponse({"next": next_of(request)})
    if request.method == "GET":
        return JsonResponse(factors.ask_passkey(request))
    try:
        factors.verify_passkey(request, _json(request))
    except factors.PasskeyError as error:
        _failed(request)
        return _refused(error)
    return JsonResponse({"next": _passed(request, "passkey")})


@never_cache
@require_http_methods(["GET", "POST"])
def authenticator(request: PersonRequest) -> HttpResponse:
    """The QR code of a new authenticator; its first right code sets it up."""
    error = ""
    if request.method == "POST":
        if factors.confirm_authenticator(request.user, request.POST.get("code", "")):
            return _set_up(request, "totp")
        error = _("This code does not fit. Check that your phone's clock is right, and type the newest code.")
    device = factors.new_authenticator(request.user)
    shown = {
        "error": error,
        "next": next_of(request),
        "qr": segno.make(device.config_url, micro=False).svg_inline(scale=5, border=4, light="#fff"),
        "secret": factors.readable_secret(device),
        "is_demanded": demands.needs_second_step(scope_of(request.user))
        and not factors.has_any(request.user),
    }
    return render(request, "accounts/authenticator.html", shown)


@never_cache
@require_http_methods(["GET", "POST"])
def passkey_offer(request: PersonRequest) -> HttpResponse:
    """GET: what to ask the device. POST: its answer, as JSON; the new passkey counts as passed."""
    if request.method == "GET":
        return JsonResponse(factors.offer_passkey(request))
    try:
        factors.add_passkey(request, _json(request), device_of(request) or _("Passkey"))
    except factors.PasskeyError as error:
        return _refused(error)
    _tell("factor_added", request, way="passkey")
    factors.passed(request)
    return JsonResponse({"needs_codes": not factors.recovery_codes_left(request.user)})


@never_cache
@require_POST
def recovery_codes(request: PersonRequest) -> HttpResponse:
    """New codes, shown this once; the former ones end."""
    if not factors.has_any(request.user):
        return redirect("accounts:authenticator")
    return _show_codes(request)


@require_POST
def remove_factor(request: PersonRequest) -> HttpResponse:
    """Take away the authenticator, or the passkey whose number is posted."""
    number = request.POST.get("passkey", "")
    if number.isdigit():
        removed = request.user.passkeys.filter(pk=number).delete()[0]
    else:
        removed = TOTPDevice.objects.filter(user=request.user, confirmed=True).delete()[0]
    if removed:
        _tell("factor_removed", request, way="passkey" if number else "totp")
        if not factors.has_any(request.user):
            factors.remove_all(request.user)
            factors.forget(request.session)
        messages.success(request, _("It is removed."))
    return redirect("accounts:own_log_ins")


def _set_up(request: PersonRequest, way: str) -> HttpResponse:
    _tell("factor_added", request, way=way)
    factors.passed(request)
    if factors.recovery_codes_left(request.user):
        messages.success(request, _("Your authenticator is set up."))
        return redirect("accounts:own_log_ins")
    return _show_codes(request)


@transaction.atomic
def _show_codes(request: PersonRequest) -> HttpResponse:
    codes = factors.new_recovery_codes(request.user)
    _tell("recovery_codes", request)
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "next": next_of(request)})


def _passed(request: PersonRequest, way: str) -> str:
    """Where to go on."""
    factors.passed(request)
    _tell("factor_passed", request, way=way)
    left = factors.recovery_codes_left(request.user)
    if way == "recovery":
        messages.warning(request, _("%(left)d recovery codes are left.") % {"left": left})
    return next_of(request)


def _failed(request: PersonRequest) -> None:
    _tell("factor_failed", request)


def _tell(kind: str, request: PersonRequest, **detail) -> None:
    audit.record(kind=kind, actor=request.user, subject=request.user.username, detail=detail, request=request)


def _json(request: PersonRequest) -> dict:
    try:
        found = json.loads(request.body)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def _refused(error: factors.PasskeyError) -> JsonResponse:
    words = _("The passkey was not accepted. Try again, or use a code.")
    return JsonResponse({"code": error.code, "message": words, "fields": {}}, status=400)
