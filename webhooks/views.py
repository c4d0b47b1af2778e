"""Pages of the system administrator: webhooks, their log, and what may be done about them.

Only endpoints of the administrator's own district are found. A secret is shown once, on the answer to the very
request that made it.
"""

import json
from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.demands import SYSTEM
from accounts.requests import PersonRequest
from accounts.scope import scope_of
from dispatch.workflow import VERBS
from webhooks import actions
from webhooks.forms import EndpointForm, LogForm, SinceForm, step_words
from webhooks.models import Delivery, Endpoint
from webhooks.queries import endpoints_of, log_of
from webhooks.sending import FAILURES

ROWS = 50


@require_safe
def webhooks(request: PersonRequest) -> HttpResponse:
    _authorise(request)
    shown = {"endpoints": endpoints_of(request.user.district), "most": actions.MOST_ENDPOINTS}
    return render(request, "webhooks/webhooks.html", shown)


@never_cache
@require_http_methods(["GET", "POST"])
def new_webhook(request: PersonRequest) -> HttpResponse:
    """Set one up; its secret is shown this once."""
    _authorise(request)
    now, form = timezone.now(), EndpointForm(request.POST or None, district=request.user.district)
    if form.is_valid():
        try:
            endpoint, secret = actions.create(by=request.user, content=form.content, now=now, request=request)
        except actions.WebhookError as refusal:
            form.add_error(None, str(refusal))
        else:
            return _show(request, endpoint, secret=secret)
    return render(request, "webhooks/form.html", {"form": form}, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def change_webhook(request: PersonRequest, endpoint_id: int) -> HttpResponse:
    endpoint = _endpoint(request, endpoint_id)
    form = EndpointForm(request.POST or None, district=request.user.district, endpoint=endpoint)
    if form.is_valid():
        actions.change(endpoint=endpoint, by=request.user, content=form.content, request=request)
        messages.success(request, _("The webhook is changed."))
        return redirect("webhooks:webhook", endpoint.pk)
    shown = {"form": form, "endpoint": endpoint}
    return render(request, "webhooks/form.html", shown, status=400 if form.is_bound else 200)


@require_safe
def webhook(request: PersonRequest, endpoint_id: int) -> HttpResponse:
    """What it is, how it goes, and its log by the filters of the URL."""
    return _show(request, _endpoint(request, endpoint_id))


@never_cache
@require_POST
def act(request: PersonRequest, endpoint_id: int, act: str) -> HttpResponse:
    """Do one of ``ACTS`` to a webhook."""
    if act not in ACTS:
        raise Http404
    endpoint = _endpoint(request, endpoint_id)
    try:
        told = ACTS[act](request, endpoint)
    except actions.WebhookError as refusal:
        return _show(request, endpoint, refusal=str(refusal))
    if act == "rotate":
        return _show(request, _endpoint(request, endpoint_id), secret=told)
    messages.success(request, told)
    return redirect("webhooks:webhooks") if act == "remove" else redirect("webhooks:webhook", endpoint.pk)


@require_safe
def delivery(request: PersonRequest, endpoint_id: int, delivery_id: int) -> HttpResponse:
    """One message with every try: what went out, and what came back."""
    endpoint = _endpoint(request, endpoint_id)
    return _show_delivery(request, endpoint, get_object_or_404(_deliveries(endpoint), pk=delivery_id))


@require_POST
def resend(request: PersonRequest, endpoint_id: int, delivery_id: int) -> HttpResponse:
    endpoint = _endpoint(request, endpoint_id)
    row = get_object_or_404(_deliveries(endpoint), pk=delivery_id)
    try:
        actions.resend(delivery=row, by=request.user, now=timezone.now(), request=request)
    except actions.WebhookError as refusal:
        return _show_delivery(request, endpoint, row, refusal=str(refusal))
    messages.success(request, _("The message is sent once more."))
    return redirect("webhooks:delivery", endpoint.pk, row.pk)


def _pause(request: PersonRequest, endpoint: Endpoint) -> str:
    actions.pause(endpoint=endpoint, by=request.user, request=request)
    return _("The webhook pauses. What happens meanwhile waits for a day.")


def _resume(request: PersonRequest, endpoint: Endpoint) -> str:
    actions.resume(endpoint=endpoint, by=request.user, request=request)
    return _("The webhook is active again.")


def _rotate(request: PersonRequest, endpoint: Endpoint) -> str:
    """The new secret."""
    return actions.rotate(endpoint=endpoint, by=request.user, now=timezone.now(), request=request)


def _test(request: PersonRequest, endpoint: Endpoint) -> str:
    actions.send_test(endpoint=endpoint, by=request.user, now=timezone.now(), request=request)
    return _("A test message is on its way; the log below tells how it went.")


def _remove(request: PersonRequest, endpoint: Endpoint) -> str:
    actions.remove(endpoint=endpoint, by=request.user, request=request)
    return _("The webhook is removed.")


def _resend_failed(request: PersonRequest, endpoint: Endpoint) -> str:
    form = SinceForm(request.POST)
    if not form.is_valid():
        raise Http404
    now = timezone.now()
    since = now - timedelta(hours=form.cleaned_data["hours"])
    number = actions.resend_failed(endpoint=endpoint, since=since, by=request.user, now=now, request=request)
    if not number:
        return _("Nothing failed in that time.")
    words = ngettext("%(n)s message is sent once more.", "%(n)s messages are sent once more.", number)
    return words % {"n": number}


ACTS: dict[str, Callable[[PersonRequest, Endpoint], str]] = {
    "pause": _pause,
    "resume": _resume,
    "rotate": _rotate,
    "test": _test,
    "remove": _remove,
    "resend_failed": _resend_failed,
}
"""What to say afterwards, by the act."""


def _show(request: PersonRequest, endpoint: Endpoint, *, secret: str = "", refusal: str = "") -> HttpResponse:
    form, before = LogForm(request.GET), request.GET.get("before", "")
    asked = form.cleaned_data if form.is_valid() else {}
    rows = list(log_of(endpoint, **asked, before=int(before) if before.isdecimal() else None)[: ROWS + 1])
    shown = {
        "endpoint": endpoint,
        "verbs": [step_words(code) for code in endpoint.verbs if code in VERBS],
        "every": set(endpoint.verbs) >= set(VERBS),
        "both_secrets": bool(endpoint.previous_until and timezone.now() < endpoint.previous_until),
        "secret": secret,
        "refusal": refusal,
        "form": form,
        "since": SinceForm(),
        "is_filtered": any(asked.values()) or bool(form.errors) or bool(before),
        "deliveries": [_worded(row) for row in rows[:ROWS]],
        "older": str(rows[ROWS - 1].pk) if len(rows) > ROWS else "",
    }
    return render(request, "webhooks/webhook.html", shown, status=409 if refusal else 200)


def _show_delivery(
    request: PersonRequest, endpoint: Endpoint, row: Delivery, *, refusal: str = ""
) -> HttpResponse:
    shown = {
        "endpoint": endpoint,
        "delivery": _worded(row),
        "body": json.dumps(json.loads(row.body), ensure_ascii=False, indent=2),
        "tries": [(each, FAILURES.get(each.why, each.why)) for each in row.attempts.order_by("-number")],
        "refusal": refusal,
    }
    return render(request, "webhooks/delivery.html", shown, status=409 if refusal else 200)


def _worded(row: Delivery) -> Delivery:
    """With ``what`` and ``reason`` in the reader's language."""
    row.what = step_words(row.verb) if row.verb in VERBS else row.verb or _("Test message")  # type: ignore[attr-defined]
    row.reason = FAILURES.get(row.why, actions.NOT_SENT.get(row.why, row.why))  # type: ignore[attr-defined]
    return row


def _authorise(request: PersonRequest) -> None:
    if not scope_of(request.user).holds(SYSTEM):
        raise PermissionDenied


def _endpoint(request: PersonRequest, endpoint_id: int) -> Endpoint:
    _authorise(request)
    return get_object_or_404(endpoints_of(request.user.district), pk=endpoint_id)


def _deliveries(endpoint: Endpoint) -> QuerySet[Delivery]:
    return endpoint.deliveries.select_related("event", "endpoint")
