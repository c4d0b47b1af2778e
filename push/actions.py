"""What is done about subscriptions: made from a tap, moved with the device, ended with the log-in."""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest

from accounts.models import User
from accounts.sessions import number_of
from push.models import Hint, Service, Subscription
from push.sending import host_of

MOST_DEVICES = 10
"""Of one person; the one that was told least lately gives way."""
KEPT = timedelta(days=3)


def digest_of(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()


@transaction.atomic
def subscribe(
    *, user: User, log_in: str, endpoint: str, p256dh: str, auth: str, now: datetime
) -> Subscription:
    """This device is told of the person's notices from now on, and of nobody else's. Raises DestinationError."""
    host, digest = host_of(endpoint), digest_of(endpoint)
    service, _made = Service.objects.get_or_create(host=host)
    Subscription.objects.filter(digest=digest).exclude(user=user).delete()
    keys = {"service": service, "endpoint": endpoint, "p256dh": p256dh, "auth": auth, "log_in": log_in}
    found, is_new = Subscription.objects.update_or_create(
        tenant=user.district_id,
        digest=digest,
        defaults=keys | {"user": user},
        create_defaults=keys | {"user": user, "created_at": now},
    )
    if is_new:
        older = Subscription.objects.filter(user=user).exclude(pk=found.pk).order_by("-ok_at", "-pk")
        kept = list(older.values_list("pk", flat=True)[: MOST_DEVICES - 1])
        older.exclude(pk__in=kept).delete()
    return found


def unsubscribe(*, user: User, digest: str) -> None:
    """Safe to repeat."""
    Subscription.objects.filter(user=user, digest=digest).delete()


def forget_log_ins(user: User, number: str, keep: str) -> None:
    """The person's log-in of that number was ended on purpose, or all but ``keep``; without either all of them."""
    ending = Subscription.objects.filter(user=user)
    if number:
        ending = ending.filter(log_in=number)
    if keep:
        ending = ending.exclude(log_in=keep)
    ending.delete()


def forget_this_log_in(sender, request: HttpRequest, user: User | None, **kwargs) -> None:
    """Somebody logs out; whoever has the device next hears nothing of theirs."""
    number = number_of(request)
    if user and number:
        Subscription.objects.filter(user=user, log_in=number).delete()


def tidy(*, now: datetime, batch: int = 5000) -> int:
    """Give up what nobody wants to hear any more, clear away what is older than KEPT. Returns how many."""
    over = Hint.objects.waiting().filter(expires_at__lte=now)
    given_up = over.update(state=Hint.State.FAILED, leased_until=None)
    keys = list(Hint.objects.filter(created_at__lt=now - KEPT).values_list("pk", flat=True)[:batch])
    Hint.objects.filter(pk__in=keys).delete()
    return given_up + len(keys)
