"""My log-ins and keys: where I am logged in, what my second step is, how old my password is."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import access, demands, factors, sessions
from accounts.models import Session
from accounts.requests import PersonRequest
from accounts.scope import scope_of


@require_safe
def own_log_ins(request: PersonRequest) -> HttpResponse:
    """At most 6 queries beside the session's and the person's."""
    scope = scope_of(request.user)
    shown = {
        "sessions": Session.objects.open(at=timezone.now()).filter(user=request.user).order_by("-seen_at"),
        "here": sessions.number_of(request),
        "idle_minutes": demands.idle_seconds(scope) // 60,
        "authenticator": TOTPDevice.objects.filter(user=request.user, confirmed=True).first(),
        "passkeys": list(request.user.passkeys.order_by("pk")),
        "codes_left": factors.recovery_codes_left(request.user),
        "is_demanded": demands.needs_second_step(scope),
        "tokens": request.user.api_tokens.valid(at=timezone.now()).count(),
    }
    return render(request, "accounts/own_log_ins.html", shown)


@require_POST
def end_log_in(request: PersonRequest) -> HttpResponse:
    """One of the person's own log-ins by its number, or all but this one."""
    here, number = sessions.number_of(request), request.POST.get("number", "")
    if number:
        try:
            uuid.UUID(number)
        except ValueError as error:
            raise Http404 from error
    ended = access.end_sessions(user=request.user, by=request.user, request=request, number=number, keep=here)
    words = ngettext("%(n)d log-in is ended.", "%(n)d log-ins are ended.", ended) % {"n": ended}
    messages.success(request, words if ended else _("There was nothing to end."))
    return redirect("accounts:own_log_ins")
