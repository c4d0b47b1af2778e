"""Endpoints for the tests, set up by the real action, and what waits for them."""

from typing import Any

from django.utils import timezone

from accounts.models import Organization
from dispatch import outbox
from dispatch.workflow import VERBS
from grids.models import Area
from tests.cast import DISTRICT, STREET, Cast
from tests.webhooks.receiver import Receiver
from webhooks import actions
from webhooks.models import Delivery, Endpoint


def endpoint_at(
    cast: Cast,
    receiver: Receiver,
    *,
    area: str = STREET,
    organization: str = "",
    verbs: Any = VERBS,
    **more: Any,
) -> Endpoint:
    """For an area or an organisation by its code; the receiver knows its secret."""
    content = {
        "name": "城管信息系统",
        "url": receiver.url,
        "verbs": sorted(verbs),
        "area": None if organization else Area.objects.get(code=area),
        "organization": Organization.objects.get(district=DISTRICT, code=organization)
        if organization
        else None,
    }
    endpoint, receiver.secret = actions.create(by=cast.admin, content=content | more, now=timezone.now())
    return endpoint


def queued(endpoint: Endpoint) -> list[str]:
    """The verbs of all its deliveries, after the outbox was worked off."""
    outbox.drain()
    return list(endpoint.deliveries.order_by("event", "sequence").values_list("verb", flat=True))


def states(endpoint: Endpoint) -> list[tuple[str, str, int]]:
    """(state, why, tries) of each delivery."""
    rows = Delivery.objects.filter(endpoint=endpoint).order_by("event", "sequence", "pk")
    return list(rows.values_list("state", "why", "tries"))


def make_due(endpoint: Endpoint) -> None:
    """The pauses are over."""
    past = timezone.now()
    endpoint.deliveries.waiting().update(next_try_at=past, leased_until=None)
    Endpoint.objects.filter(pk=endpoint.pk).update(held_until=None)
