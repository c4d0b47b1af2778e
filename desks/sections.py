"""The first events of each of a person's queues with how many there are: two statements, however many queues.

One asks every queue for its first rows and its number, the other reads these events once, however many queues an
event stands in.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from uuid import UUID

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Value, When, Window
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from accounts.models import User
from desks.queue_rules import Seat
from desks.queues import Queue
from events.models import Event, StepText
from inbox.queries import ANSWERS


@dataclass(frozen=True)
class Section:
    """A queue with its first events; ``count`` is None where the number grows for ever."""

    queue: Queue
    count: int | None
    events: list[Event]


def sections_of(queues: Sequence[Queue], seat: Seat, *, most: int, related: Sequence[str]) -> list[Section]:
    """With ``answer`` on each event of the person's own: the last words to the reporter."""
    if not queues:
        return []
    first, *others = [_keys(queue, seat, most) for queue in queues]
    counts: dict[str, int] = {}
    keys: dict[str, set[UUID]] = defaultdict(set)
    for name, number, key in first.union(*others, all=True):
        counts[name] = number
        keys[name].add(key)
    wanted = set().union(*keys.values())
    # What the queues have just told to be visible, by its keys alone: with the scope rule beside them PostgreSQL may
    # walk through every event of the district.
    rows = Event.with_training.filter(pk__in=wanted).select_related(*related)
    events = list(_with_answers(rows, seat.user)) if wanted else []
    return [
        Section(
            queue,
            counts.get(queue.name, 0) if queue.counted else None,
            _in_order([event for event in events if event.pk in keys[queue.name]], queue.order),
        )
        for queue in queues
    ]


def _keys(queue: Queue, seat: Seat, most: int) -> QuerySet:
    number = Window(Count("*")) if queue.counted else Value(0)
    rows = queue.events(seat).annotate(queue=Value(queue.name), number_of=number)
    return rows.values_list("queue", "number_of", "pk")[:most]


def _in_order(events: list[Event], order: Sequence[str]) -> list[Event]:
    """As the queue sorts them; the database's answer to all queues together has no order."""
    for name in reversed(order):
        events = sorted(events, key=attrgetter(name.lstrip("-")), reverse=name.startswith("-"))
    return events


def _with_answers(events: QuerySet[Event], user: User) -> QuerySet[Event]:
    """Of what was merged the leading event's answers are the reporter's too."""
    own = Q(step__event=OuterRef("pk")) | Q(step__event=OuterRef("leading"))
    texts = StepText.objects.filter(own, step__verb__in=ANSWERS)
    words = texts.order_by("-step__at", "-step__sequence").values(
        words=Coalesce(KT("content__answer"), KT("content__result"))
    )
    # Asked only of the person's own: PostgreSQL reads the texts of no other event.
    return events.annotate(answer=Case(When(reporter=user.pk, then=Subquery(words[:1]))))
