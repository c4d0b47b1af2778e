"""Events by a phone or identity number: where the person may unmask, for a reason, written down (ADR 12, ADR 21).

What is looked for and what is found are one act: the audit log has who, when, why, the number masked and the events,
also when there is none.
"""

from collections.abc import Sequence

from django.db import transaction
from django.http import HttpRequest

from accounts import audit
from accounts.models import User
from accounts.scope import Actor, scope_of
from desks.privacy import unmaskable_by
from events.masking import mask_numbers
from events.models import Event
from search.queries import with_numbers

MOST = 50


def may_look_up(user: User) -> bool:
    """Who decides at a desk or handles for an organisation: the others can unmask nothing."""
    scope = scope_of(user)
    return bool(scope.units("view_org_events") or scope.units("handle_events"))


@transaction.atomic
def looked_up(request: HttpRequest, numbers: Sequence[str], reason: str, *related: str) -> list[Event]:
    """The newest events the person could unmask that have every one of the numbers. Whether they may ask is the
    caller's to check."""
    user: User = request.user  # type: ignore[assignment]
    mine = Event.objects.visible_to(user).filter(unmaskable_by(Actor.of(user)))
    found = with_numbers(mine, numbers, user.district_id).select_related(*related)
    rows = list(found.order_by("-recorded_at", "-id")[:MOST])
    audit.record(
        kind="number_search",
        actor=user,
        subject="",
        detail={
            "reason": reason,
            "number": [mask_numbers(number) for number in numbers],
            "events": [row.number for row in rows],
        },
        request=request,
    )
    return rows
