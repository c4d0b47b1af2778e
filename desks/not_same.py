"""'Not the same matter': a desk says so of two events, and the pair is proposed to it no more until it takes that back.

Whether the person sees both and decides for the desk is the caller's to check (``desks.compare_page``). What another
desk said changes nothing here, so nobody learns from a list what is kept elsewhere.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, UUIDField, Value
from django.db.models.functions import Greatest, Least

from accounts.models import User
from desks.models import NotSame
from events.models import Event


def say_not_same(*, desk: int, event: Event, other: Event, by: User, now: datetime) -> None:
    """Who said so first stays named."""
    pairs_of(desk, event, other).get_or_create(defaults={"by": by, "at": now}, **_key(desk, event, other))


def take_back(*, desk: int, event: Event, other: Event) -> None:
    pairs_of(desk, event, other).delete()


def pairs_of(desk: int, event: Event, other: Event) -> QuerySet[NotSame]:
    """The one row, if the desk said so."""
    return NotSame.objects.filter(**_key(desk, event, other))


def said_of(event: Event) -> Exists:
    """Of each event of a query: whether the desk of ``event`` said so of the two. By one look into the unique index."""
    key = Value(event.pk, output_field=UUIDField())
    said = NotSame.objects.filter(
        tenant=event.tenant,
        organization=event.desk_id,
        first=Least(OuterRef("pk"), key),
        second=Greatest(OuterRef("pk"), key),
    )
    return Exists(said)


def _key(desk: int, event: Event, other: Event) -> dict[str, object]:
    first, second = sorted([event.pk, other.pk])
    return {"tenant": event.tenant, "organization_id": desk, "first_id": first, "second_id": second}
