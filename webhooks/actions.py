"""What the system administrator does about endpoints and their messages. Each act is in the audit log."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import User
from grid_platform.hints import nudge
from webhooks import messages, signing
from webhooks.models import Delivery, Endpoint
from webhooks.queueing import GIVEN_UP_AFTER

KEPT = timedelta(days=30)
"""How long the log of deliveries is kept."""
BOTH_SECRETS_FOR = timedelta(hours=24)
"""After a rotation messages are signed with both secrets for so long: time to change the receiver."""
MOST_ENDPOINTS = 20
"""Of one district: every step is held against the scope of each."""

NOT_SENT = {
    "out_of_scope": _("The event left what this webhook may see before the message went out."),
    "switched_off": _("The webhook was switched off before this message was tried."),
    "removed": _("The webhook was removed."),
    "too_old": _("It waited for a day without a try: the webhook was paused or its receiver did not answer."),
}
"""Why a message never went out, beside the failures of sending."""


class WebhookError(Exception):
    """A refusal; ``code`` is stable, the message says what to do."""

    WORDS = {
        "too_many_endpoints": _("A district has 20 webhooks at most. Remove one that is not needed."),
        "not_active": _("Nothing is sent while the webhook is paused or switched off. Resume it first."),
        "still_waiting": _("This message is still waiting; it goes by itself."),
    }

    def __init__(self, code: str):
        self.code = code
        super().__init__(code)

    def __str__(self) -> str:
        return str(self.WORDS[self.code])


@transaction.atomic
def create(
    *, by: User, content: dict[str, Any], now: datetime, request: HttpRequest | None = None
) -> tuple[Endpoint, str]:
    """An endpoint and its secret, told once. ``content``: name, url, area or organization, verbs."""
    if Endpoint.objects.there().filter(district=by.district).count() >= MOST_ENDPOINTS:
        raise WebhookError("too_many_endpoints")
    secret = signing.new_secret()
    endpoint = Endpoint.objects.create(
        district=by.district,
        sealed_secret=signing.seal(secret),
        created_at=now,
        created_by=by,
        **content,
    )
    _tell("webhook_created", endpoint, by, request, **_told(endpoint))
    return endpoint, secret


@transaction.atomic
def change(
    *, endpoint: Endpoint, by: User, content: dict[str, Any], request: HttpRequest | None = None
) -> Endpoint:
    """Another name, address, scope or choice of verbs; what waits is held against the new ones."""
    endpoint = _locked(endpoint)
    was = _told(endpoint)
    for name, value in content.items():
        setattr(endpoint, name, value)
    endpoint.save()
    now_told = _told(endpoint)
    changed = {name: [was[name], now_told[name]] for name in was if was[name] != now_told[name]}
    if changed:
        _tell("webhook_changed", endpoint, by, request, **changed)
    return endpoint


@transaction.atomic
def pause(*, endpoint: Endpoint, by: User, request: HttpRequest | None = None) -> None:
    """Messages gather and wait, each for a day."""
    endpoint = _locked(endpoint)
    if endpoint.state == Endpoint.State.ACTIVE:
        endpoint.state = Endpoint.State.PAUSED
        endpoint.save()
        _tell("webhook_paused", endpoint, by, request)


@transaction.atomic
def resume(*, endpoint: Endpoint, by: User, request: HttpRequest | None = None) -> None:
    """After a pause or a switching-off; the failures of before count no more."""
    endpoint = _locked(endpoint)
    if endpoint.state in (Endpoint.State.PAUSED, Endpoint.State.DISABLED):
        endpoint.state, endpoint.disabled_why = Endpoint.State.ACTIVE, ""
        endpoint.failing_since, endpoint.failures, endpoint.held_until = None, 0, None
        endpoint.save()
        _tell("webhook_resumed", endpoint, by, request)
        _send_soon()


@transaction.atomic
def rotate(*, endpoint: Endpoint, by: User, now: datetime, request: HttpRequest | None = None) -> str:
    """A new secret, told once; the one of before signs beside it for BOTH_SECRETS_FOR."""
    endpoint, secret = _locked(endpoint), signing.new_secret()
    endpoint.sealed_previous, endpoint.previous_until = endpoint.sealed_secret, now + BOTH_SECRETS_FOR
    endpoint.sealed_secret = signing.seal(secret)
    endpoint.save()
    _tell("webhook_rotated", endpoint, by, request)
    return secret


@transaction.atomic
def remove(*, endpoint: Endpoint, by: User, request: HttpRequest | None = None) -> None:
    """Nothing is sent any more, its secrets are erased; the log stays as long as any."""
    endpoint = _locked(endpoint)
    endpoint.state, endpoint.disabled_why = Endpoint.State.REMOVED, ""
    endpoint.sealed_secret = endpoint.sealed_previous = ""
    endpoint.save()
    endpoint.deliveries.waiting().update(state=Delivery.State.DROPPED, why="removed")
    _tell("webhook_removed", endpoint, by, request)


@transaction.atomic
def send_test(*, endpoint: Endpoint, by: User, now: datetime, request: HttpRequest | None = None) -> Delivery:
    """A message that tells nothing but the endpoint's own scope; goes the way of all messages."""
    endpoint = _active(endpoint)
    delivery = Delivery.objects.create(
        tenant=endpoint.district_id,
        endpoint=endpoint,
        message_id=f"msg_test_{secrets.token_hex(12)}",
        body=messages.of_test(at=now, scope_code=endpoint.scope_code),
        created_at=now,
        next_try_at=now - GIVEN_UP_AFTER,  # ahead of all that waits
        expires_at=now + GIVEN_UP_AFTER,
    )
    endpoint.held_until = None
    endpoint.save(update_fields=["held_until"])
    _tell("webhook_tested", endpoint, by, request)
    _send_soon()
    return delivery


@transaction.atomic
def resend(*, delivery: Delivery, by: User, now: datetime, request: HttpRequest | None = None) -> None:
    """Once more, under the same id and with the same body; also what the receiver has taken and lost."""
    endpoint = _active(delivery.endpoint)
    if not _send_again(endpoint.deliveries.filter(pk=delivery.pk), now):
        raise WebhookError("still_waiting")
    _tell("webhook_resent", endpoint, by, request, message=delivery.message_id)


@transaction.atomic
def resend_failed(
    *, endpoint: Endpoint, since: datetime, by: User, now: datetime, request: HttpRequest | None = None
) -> int:
    """Everything that failed and was made since then; returns how many."""
    endpoint = _active(endpoint)
    number = _send_again(endpoint.deliveries.failed().filter(created_at__gte=since), now)
    if number:
        _tell("webhook_resent", endpoint, by, request, since=since.isoformat(), number=number)
    return number


def forget_old(*, now: datetime, batch: int = 5000) -> int:
    """Clear away a batch of deliveries older than KEPT with their log. Returns how many."""
    old = Delivery.objects.filter(created_at__lt=now - KEPT)
    keys = list(old.values_list("pk", flat=True)[:batch])
    Delivery.objects.filter(pk__in=keys).delete()
    return len(keys)


def _send_again(deliveries: QuerySet[Delivery], now: datetime) -> int:
    settled = deliveries.exclude(state=Delivery.State.WAITING)
    number = settled.update(
        state=Delivery.State.WAITING,
        next_try_at=now,
        expires_at=now + GIVEN_UP_AFTER,
        leased_until=None,
        delivered_at=None,
    )
    if number:
        _send_soon()
    return number


def _locked(endpoint: Endpoint) -> Endpoint:
    """As it stands; raises Endpoint.DoesNotExist when somebody removed it meanwhile."""
    endpoints = Endpoint.objects.there().select_for_update(no_key=True, of=("self",))
    return endpoints.select_related("district", "area", "organization").get(pk=endpoint.pk)


def _active(endpoint: Endpoint) -> Endpoint:
    endpoint = _locked(endpoint)
    if endpoint.state != Endpoint.State.ACTIVE:
        raise WebhookError("not_active")
    return endpoint


def _send_soon() -> None:
    transaction.on_commit(lambda: nudge("webhooks.tasks.deliver"))


def _told(endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint as the audit log keeps it."""
    return {
        "name": endpoint.name,
        "url": endpoint.url,
        "scope": endpoint.scope_code,
        "verbs": sorted(endpoint.verbs),
    }


def _tell(kind: str, endpoint: Endpoint, by: User, request: HttpRequest | None, **detail: Any) -> None:
    audit.record(
        kind=kind,
        actor=by,
        subject=endpoint.name,
        detail=detail,
        request=request,
        district=endpoint.district,
    )
